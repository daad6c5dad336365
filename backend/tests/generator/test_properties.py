"""Whatever a spec holds: a sound client comes out, or one error of one line; never anything else.

The examples are the same in every run. `make -C backend fuzz` tries others, and more of them.
"""

from __future__ import annotations

import ast
import builtins
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings

import generate_python_clients
from client_generator.errors import GeneratorError
from generate_python_clients import Source, generate
from support.hostile import broken_documents, documents

TESTS = Path(__file__).parent.parent
FUZZ = int(os.environ.get("FUZZ", "0"))
"""How many examples to try of each kind, chosen at random; 0: the usual ones."""

CONFIGURATION = settings(
    derandomize=not FUZZ,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
BOUND = 20
"""Seconds after which an example counts as a hang."""


def examples(usual: int) -> settings:
    return settings(CONFIGURATION, max_examples=FUZZ or usual)


@contextmanager
def bounded() -> Iterator[None]:
    """Raise TimeoutError if the block hangs."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"not done within {BOUND} s")

    previous = signal.signal(signal.SIGALRM, stop)
    signal.alarm(BOUND)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)


# To format a source takes a process of ruff: the sources of one test are formatted together.
unformatted = patch("client_generator.render._formatted", dict)


def outcome(document: Any) -> str | None:
    """Return the source of the client, or None if the document is refused in one line."""
    source = Source("shop", Path("shop.json"), json.loads(json.dumps(document)))
    message = ""
    with bounded(), unformatted:
        try:
            return generate([source], "shapes.models")["shop_client.py"]
        except GeneratorError as error:
            message = str(error)
    assert message.startswith("shop.json: ")
    assert message.isprintable()
    assert "fault of the generator" not in message
    assert "cannot be read" not in message
    return None


def assert_sound(source: str) -> None:
    """The source can be imported, and nothing of the spec's is code in it."""
    tree = ast.parse(source)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert "TRAP" not in names
    sprung: list[None] = []
    with patch.object(builtins, "TRAP", lambda: sprung.append(None), create=True):
        exec(compile(source, "shop_client.py", "exec"), {"__name__": "shop_client"})
    assert not sprung


@examples(150)
@given(documents())
def test_hostile_texts_never_become_code(document: Any) -> None:
    source = outcome(document)
    assert source == outcome(document)
    if source is not None:
        assert_sound(source)


@examples(250)
@given(broken_documents())
def test_broken_documents_are_refused_or_sound(document: Any) -> None:
    source = outcome(document)
    if source is not None:
        assert_sound(source)


def test_hostile_clients_pass_the_strict_type_check(tmp_path: Path) -> None:
    sources: list[Source] = []

    @examples(80)
    @given(documents())
    def collect(document: Any) -> None:
        if outcome(document) is not None:
            name = f"m{len(sources)}"
            sources.append(Source(name, Path(f"{name}.json"), json.loads(json.dumps(document))))

    collect()
    assert len(sources) > 30
    for name, source in generate(sources, "shapes.models").items():
        (tmp_path / name).write_text(source)
    result = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=TESTS.parent,
        env={"MYPYPATH": "tests:src"},
    )
    assert result.returncode == 0, result.stdout


def test_an_error_leaves_the_output_as_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = 0
    modules, clients = tmp_path / "modules", tmp_path / "clients"

    @examples(60)
    @given(documents(), broken_documents())
    def write_both(good: Any, bad: Any) -> None:
        nonlocal refused
        for name, document in (("good", good), ("zoo", bad)):
            (modules / name / "specs").mkdir(parents=True, exist_ok=True)
            (modules / name / "specs" / "openapi.json").write_text(json.dumps(document))
        before = {path.name: path.read_bytes() for path in clients.glob("*")}
        arguments = [f"--modules-dir={modules}", "--models=shapes.models"]
        with bounded(), unformatted:
            code = generate_python_clients.main([*arguments, f"--output-dir={clients}"])
        after = {path.name: path.read_bytes() for path in clients.glob("*")}
        error = capsys.readouterr().err.splitlines()
        if code:
            refused += 1
            assert after == before
            assert [line.partition(" ")[0] for line in error] == ["error:", ""]
        else:
            assert not error
            assert after.keys() == {"__init__.py", "good_client.py", "zoo_client.py"}

    write_both()
    assert refused > 5
