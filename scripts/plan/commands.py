"""Paths and commands that several checks need."""

from __future__ import annotations

from plan.check import Command

SRC = "backend/src/trading_api"
OPENAPI = f"{SRC}/modules/{{m}}/specs/openapi.json"
ASYNCAPI = f"{SRC}/modules/{{m}}/specs/asyncapi.json"
PYTHON = f"{SRC}/clients/{{m}}_client.py"
REST = "frontend/src/clients/trader-client-{m}"
WS = "frontend/src/clients/ws-types-{m}"
POETRY = Command("make -C scripts/plan install", shared=True)
POETRY_PATH = 'PATH="$PWD/../scripts/plan/.cache/bin:$PATH"'


def backend(text: str, venv: bool = False) -> Command:
    return Command(text, "backend", venv=venv)


def poetry(text: str) -> Command:
    """A command of the plan that starts with `poetry run`, with Poetry in the PATH."""
    return Command(f"{POETRY_PATH}; {text}", "backend")


EXPORT_ALL = Command("make -f project.mk export-specs-all")
GENERATE_ALL = Command("make -f project.mk generate-clients-all")
TYPE_CHECK = Command("cd frontend && npm run type-check", shared=True)
TEST_CI = Command("make -f project.mk test-ci", shared=True, limit=5400)
