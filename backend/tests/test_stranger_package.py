"""A package of routers with a mounted application goes through both generators unchanged.

The commands are those of docs/CLIENT-GENERATION.md for another project: the clients are in the
package itself, with a copy of the runtime.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from shapes.typescript_side import compile_folder
from support.commands import run
from support.servers import TESTS, serve
from support.type_checks import type_errors

STRANGER = TESTS / "stranger"
EXPORT = "import json, clinic.main; print(json.dumps(clinic.main.{}.openapi()))"
SEEN = [
    {"access_token": "ada:read,write", "token_type": "bearer", "expires_in": "PT1H"},
    "t 1 ü? näw pw+& False",
    401,
    "ada",
    "Ada Lovelace",
    ["email", "phone"],
    "12345",
    [1, False, True],
    "Ada Lovelace;1815-12-10\n",
    "no id",
    {"accepted": 3, "rejected": [[1, "c;True['x', 'y,z']"], [2, "d;True['x', 'y,z']"]]},
    *(201, "p.png", [0x89, 0xFF]),
    ["A. Lovelace", None, "A+", 2],
    ["phone", "email", "phone"],
    [404, "missing"],
    [1, "12.50", 10, {"clinic": 7, "free": [None, 1.5]}],
    True,
    [409, {"clinic": 7, "key": "k2"}],
    [1],
    ["Appointment", "Message"],
    [1],
    [100],
    ["17:30:00", None],
    {"status": "ok", "patients": 1},
    [422, ["query", "limit"]],
    ["started", "ada ('t 1', 'de') s3"],
]
"""What both programs print."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a folder with the package and the specs of its two applications."""
    shutil.copytree(STRANGER / "clinic", tmp_path / "src/clinic")
    for name, application in (("clinic", "app"), ("admin", "admin")):
        spec = tmp_path / "specs" / name / "specs/openapi.json"
        spec.parent.mkdir(parents=True)
        export = EXPORT.format(application)
        spec.write_text(run(sys.executable, "-c", export, PYTHONPATH=str(tmp_path / "src")))
    return tmp_path


def test_python_clients_of_a_package_are_typed_and_right(project: Path) -> None:
    source = project / "src"
    clients = source / "clinic/clients"
    run(
        *(sys.executable, "backend/scripts/generate_python_clients.py", "--models=clinic"),
        *(f"--modules-dir={project / 'specs'}", f"--output-dir={clients}", "--copy-runtime"),
        PYTHONPATH=str(source),
    )
    calls = Path(shutil.copy(STRANGER / "clinic_calls.py", project))
    checked = [calls, *clients.glob("*_client.py")]
    assert type_errors(*checked, source_path=str(source)) == ""
    with serve("clinic.main:app", PYTHONPATH=f"{source}:{TESTS}") as address:
        printed = run(sys.executable, calls, address, PYTHONPATH=str(source))
    assert json.loads(printed) == SEEN


def test_typescript_clients_of_a_package_are_typed_and_right(project: Path) -> None:
    run(
        "frontend/scripts/generate-openapi-client.sh",
        *("--specs-dir", project / "specs", "--output-dir", project / "clients"),
    )
    shutil.copy(STRANGER / "clinic-calls.ts", project / "clients")
    assert compile_folder(project / "clients") == ""
    with serve("clinic.main:app", PYTHONPATH=f"{project / 'src'}:{TESTS}") as address:
        printed = run("node", project / "clients/built/clinic-calls.js", address)
    assert json.loads(printed) == SEEN
