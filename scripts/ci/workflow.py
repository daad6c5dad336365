"""The workflow as its checks see it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from repository import REPOSITORY

WORKFLOW = Path(".github/workflows/ci.yml")
GATE = "all-green"
STUBS = Path(__file__).parent / "stubs"

USES = re.compile(
    r"^\s*(?:- )?uses: (?P<name>[\w./-]+)@(?P<ref>\S+)(?: # (?P<version>\S+))?$", re.MULTILINE
)


@dataclass(frozen=True)
class Action:
    """A use of an action: `actions/checkout@<ref> # <version>`."""

    name: str
    ref: str
    version: str
    line: int


@dataclass(frozen=True)
class Workflow:
    path: Path
    text: str
    content: dict[str, Any]

    @property
    def jobs(self) -> dict[str, dict[str, Any]]:
        jobs: dict[str, dict[str, Any]] = self.content["jobs"]
        return jobs

    def actions(self) -> list[Action]:
        """Every use of an action, read from the text, for the version is in a comment."""
        return [
            Action(
                found["name"],
                found["ref"],
                found["version"] or "",
                self.text.count("\n", 0, found.start("name")) + 1,
            )
            for found in USES.finditer(self.text)
        ]

    def runs(self) -> Iterator[tuple[str, str]]:
        """Yield the job and the text of each `run:`."""
        for name, job in self.jobs.items():
            for step in job["steps"]:
                if "run" in step:
                    yield name, step["run"]


def load(repository: Path = REPOSITORY) -> Workflow:
    path = repository / WORKFLOW
    return parse(path, path.read_text())


def parse(path: Path, text: str) -> Workflow:
    return Workflow(path, text, yaml.safe_load(text))
