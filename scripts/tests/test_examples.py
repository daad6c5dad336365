"""The examples of the documents, run as they stand, but for the ports."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.documents import example
from docs.typescript import compile_example, run_example
from repository import REPOSITORY, environment
from serving import serving
from support.scripts import free_ports

FROZEN = {"DATAFEED_SPEED": "0.000001", "DATAFEED_REPLAY_START": "2012-06-01"}
"""A replay that stands still, so that two calls have the same answer."""

FEES = (
    example("fees-model"),
    example("fees-info"),
    example("fees-service"),
    example("fees-api"),
)
"""The files of a module that does not exist; the first line of each names it."""


def variables(root: Path) -> dict[str, str]:
    """The environment in which the example's repository is the one at `root`."""
    source = str(root / "backend/src")
    return {**environment(root), **FROZEN, "PYTHONPATH": source}


def python(root: Path, text: str) -> str:
    command = [str(root / "backend/.venv/bin/python"), "-c", text]
    return bash(root, *command)


def bash(root: Path, *command: str) -> str:
    result = subprocess.run(
        command, cwd=root, env=variables(root), capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def datafeed_port() -> Iterator[str]:
    """The port at which the README's command serves the datafeed."""
    port = str(free_ports(1)[0])
    command = example("readme-serve").replace("8002", port)
    with serving(command, REPOSITORY / "backend", variables(REPOSITORY)):
        yield port


def test_the_readme_calls_a_service_from_python_and_typescript(datafeed_port: str) -> None:
    in_python = python(REPOSITORY, example("readme-python").replace("8002", datafeed_port))
    text = example("readme-typescript").replace("8002", datafeed_port)
    in_typescript = run_example(REPOSITORY / "frontend", text)
    closes = [float(number) for number in in_python.strip(" []\n").split(",")]
    assert len(closes) == 2
    symbols, numbers = in_typescript.replace("[", "").split("]")[:2]
    assert symbols.strip(" '") == "AAPL"
    assert [float(number) for number in numbers.split(",")] == closes


def test_the_three_ways_to_reach_a_service() -> None:
    assert python(REPOSITORY, example("three-ways")).strip() == "True True True"


def test_the_page_uses_adapters() -> None:
    compile_example(REPOSITORY / "frontend", example("adapters"))


def test_a_new_module_is_called_from_python_and_typescript(clone: Path) -> None:
    for text in FEES:
        file = clone / text.partition("\n")[0].removeprefix("# ")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.partition("\n")[2])
    bash(clone, "bash", "-ec", example("fees-make"))
    port = str(free_ports(1)[0])
    with serving(example("fees-serve").replace("8003", port), clone, variables(clone)):
        fee = python(clone, example("fees-python").replace("8003", port))
        text = example("fees-typescript").replace("8003", port)
        assert run_example(clone / "frontend", text) == fee
    symbol, amount = fee.split()
    assert symbol == "AAPL"
    assert float(amount) > 0
    for tool in ("ruff check", "ruff format --check", "mypy"):
        bash(clone / "backend", "bash", "-c", f".venv/bin/{tool} src/trading_api/modules/fees")
