"""Any spec becomes a TypeScript client that compiles, or an error that names spec and pointer.

`tests/generator/test_properties.py` does the same with the Python clients.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

from shapes.generators import FRONTEND, SCRIPT
from support.hostile import TRAP, broken_documents, documents

FUZZ = int(os.environ.get("FUZZ", "0"))
"""The number of random examples; 0: the fixed ones."""

FIND_IDENTIFIERS = Path(__file__).parent / "support" / "find-identifiers.mjs"


def draw(strategy: SearchStrategy[Any], count: int) -> list[Any]:
    """Return different examples, the same in each run unless FUZZ is set."""
    drawn: list[Any] = []

    @settings(
        derandomize=not FUZZ,
        database=None,
        deadline=None,
        max_examples=FUZZ or count,
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
    )
    @given(strategy)
    def collect(document: Any) -> None:
        drawn.append(json.loads(json.dumps(document)))

    collect()
    return drawn


def generate(drawn: list[Any], folder: Path) -> tuple[list[str], list[str]]:
    """Run the script over all documents at once; return the modules with a client, and errors."""
    for number, document in enumerate(drawn):
        path = folder / "modules" / f"m{number}" / "specs" / "openapi.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(document))
    output = folder / "clients"
    done = subprocess.run(
        [SCRIPT, "--specs-dir", folder / "modules", "--output-dir", output],
        capture_output=True,
        text=True,
        timeout=60 + len(drawn),
    )
    errors = [line for line in done.stderr.splitlines() if "/specs/openapi.json" in line]
    generated = [path.name.removeprefix("trader-client-") for path in output.glob("trader-*")]
    rejected = {match[1] for line in errors if (match := re.search(r"/(m\d+)/specs/", line))}
    missing = {f"m{number}" for number in range(len(drawn))} - {*generated}
    assert missing == rejected, done.stderr
    assert done.returncode == bool(errors), done.stderr
    return generated, errors


def assert_harmless(folder: Path) -> None:
    """Assert that no text of a spec became code."""
    found = subprocess.run(
        [
            *("node", FIND_IDENTIFIERS, FRONTEND / "node_modules/typescript"),
            *(folder / "clients", TRAP.removesuffix("()")),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not found.stdout


def test_hostile_text_never_becomes_code(tmp_path: Path) -> None:
    generated, errors = generate(draw(documents(), 60), tmp_path)
    assert len(generated) > 10
    assert_harmless(tmp_path)
    assert not [line for line in errors if "does not compile" in line]
    assert all("#" in line or "is not valid JSON" in line for line in errors)


def test_broken_document_raises_error_or_makes_a_harmless_client(tmp_path: Path) -> None:
    generated, errors = generate(draw(broken_documents(), 60), tmp_path)
    assert generated
    assert errors
    assert_harmless(tmp_path)


def test_identifier_in_code_is_found(tmp_path: Path) -> None:
    (tmp_path / "clients").mkdir()
    (tmp_path / "clients" / "good.ts").write_text("// TRAP()\nexport const a = 'TRAP()';\n")
    assert_harmless(tmp_path)
    (tmp_path / "clients" / "bad.ts").write_text("export const a = `${TRAP()}`;\n")
    with pytest.raises(AssertionError, match=r"bad\.ts"):
        assert_harmless(tmp_path)
