"""Any spec becomes a client that can be imported, or raises one error of one line.

The examples are the same in each run; `make -C backend fuzz` tries random ones.
"""

from __future__ import annotations

import ast
import builtins
import json
import os
import signal
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
from support.type_checks import type_errors

FUZZ = int(os.environ.get("FUZZ", "0"))
"""The number of random examples for each test; 0: the fixed ones."""

CONFIGURATION = settings(
    derandomize=not FUZZ,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TIME_LIMIT = 20
"""Seconds after which an example has failed."""


def examples(fixed: int) -> settings:
    return settings(CONFIGURATION, max_examples=FUZZ or fixed)


@contextmanager
def time_limit() -> Iterator[None]:
    """Raise TimeoutError if the block takes too long."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"not finished within {TIME_LIMIT} s")

    previous = signal.signal(signal.SIGALRM, stop)
    signal.alarm(TIME_LIMIT)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)


# Formatting starts a process; here the sources of one test are formatted together, or not at all.
unformatted = patch("client_generator.render._format", dict)


def generate_source(document: Any) -> str | None:
    """Return the source of the client, or None if the document raises an error of one line."""
    source = Source("shop", Path("shop.json"), json.loads(json.dumps(document)))
    message = ""
    with time_limit(), unformatted:
        try:
            return generate([source], ["golden.apps.models"])["shop_client.py"]
        except GeneratorError as error:
            message = str(error)
    assert message.startswith("shop.json: ")
    assert message.isprintable()
    assert "bug in the generator" not in message
    assert "cannot be read" not in message
    return None


def assert_harmless(source: str) -> None:
    """Assert that the source can be imported, and contains no code from the spec."""
    tree = ast.parse(source)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert "TRAP" not in names
    executed: list[None] = []
    with patch.object(builtins, "TRAP", lambda: executed.append(None), create=True):
        exec(compile(source, "shop_client.py", "exec"), {"__name__": "shop_client"})
    assert not executed


@examples(40)
@given(documents())
def test_hostile_text_never_becomes_code(document: Any) -> None:
    source = generate_source(document)
    assert source == generate_source(document)
    if source is not None:
        assert_harmless(source)


@examples(60)
@given(broken_documents())
def test_broken_document_raises_error_or_makes_a_harmless_client(document: Any) -> None:
    source = generate_source(document)
    if source is not None:
        assert_harmless(source)


def test_clients_of_hostile_documents_pass_strict_type_check(tmp_path: Path) -> None:
    sources: list[Source] = []

    @examples(40)
    @given(documents())
    def collect(document: Any) -> None:
        if generate_source(document) is not None:
            name = f"m{len(sources)}"
            sources.append(Source(name, Path(f"{name}.json"), json.loads(json.dumps(document))))

    collect()
    assert len(sources) > 10
    for name, source in generate(sources, ["golden.apps.models"]).items():
        (tmp_path / name).write_text(source)
    assert type_errors(tmp_path, source_path="tests:src") == ""


def test_error_keeps_the_clients_unchanged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    errors = 0
    modules, clients = tmp_path / "modules", tmp_path / "clients"

    @examples(30)
    @given(documents(), broken_documents())
    def write_both(good: Any, bad: Any) -> None:
        nonlocal errors
        for name, document in (("good", good), ("zoo", bad)):
            (modules / name / "specs").mkdir(parents=True, exist_ok=True)
            (modules / name / "specs" / "openapi.json").write_text(json.dumps(document))
        before = {path.name: path.read_bytes() for path in clients.glob("*")}
        arguments = [f"--modules-dir={modules}", "--models=golden.apps.models"]
        with time_limit(), unformatted:
            code = generate_python_clients.main([*arguments, f"--output-dir={clients}"])
        after = {path.name: path.read_bytes() for path in clients.glob("*")}
        lines = capsys.readouterr().err.splitlines()
        if code:
            errors += 1
            assert after == before
            *messages, note = lines
            assert {line.partition(" ")[0] for line in messages} == {"error:"}
            assert note == "  no client was changed"
        else:
            assert not lines
            assert after.keys() == {"__init__.py", "good_client.py", "zoo_client.py"}

    write_both()
    assert errors > 5
