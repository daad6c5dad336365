"""An application that knows nothing of this project goes through both generators unchanged.

The commands are those of docs/CLIENT-GENERATION.md, run from the root of the repository.
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
EXPORT = "import json, library; print(json.dumps(library.app.openapi()))"
SEEN = [
    2,
    ["The Dispossessed", 9.5, "science fiction"],
    "cover.png 5 a",
    [0x89, 0x50, 0x4E, 0x47, 0xFF],
    [1, "The Dispossessed"],
    "1,Solaris\r\n2,The Dispossessed\r\n",
    "email queued",
    [0, 1, 2],
    ["ada", "2024-03-07", True],
    [404, {"message": "no such author"}],
]
"""What both programs print; the author with the number of the new book exists."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a folder with the application and its spec."""
    for path in STRANGER.iterdir():
        if path.is_file():
            shutil.copy(path, tmp_path)
    spec = tmp_path / "specs" / "library" / "specs" / "openapi.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(run(sys.executable, "-c", EXPORT, PYTHONPATH=str(tmp_path)))
    assert len(json.loads(spec.read_text())["paths"]) == 15
    return tmp_path


def test_python_client_of_a_stranger_is_typed_and_right(project: Path) -> None:
    path = f"{project}:{TESTS}"
    run(
        *(sys.executable, "backend/scripts/generate_python_clients.py", "--models=library"),
        *(f"--modules-dir={project / 'specs'}", f"--output-dir={project / 'clients'}"),
        PYTHONPATH=path,
    )
    source = (project / "clients/library_client.py").read_text()
    protocol = source.partition("class LibraryApi(")[2].partition("\nclass ")[0]
    assert protocol.count("def ") == 20
    checked = [project / "use_library.py", project / "clients"]
    assert type_errors(*checked, source_path=f"{project}:src") == ""
    with serve("library:app", PYTHONPATH=path) as address:
        printed = run(sys.executable, project / "use_library.py", address, PYTHONPATH=path)
    assert json.loads(printed) == SEEN


def test_typescript_client_of_a_stranger_is_typed_and_right(project: Path) -> None:
    run(
        "frontend/scripts/generate-openapi-client.sh",
        *("--specs-dir", project / "specs", "--output-dir", project / "clients"),
    )
    shutil.copy(project / "use-library.ts", project / "clients")
    assert compile_folder(project / "clients") == ""
    with serve("library:app", PYTHONPATH=f"{project}:{TESTS}") as address:
        printed = run("node", project / "clients/built/use-library.js", address)
    assert json.loads(printed) == SEEN
