"""Read the documents: their code blocks and links, and the paths and commands in backticks."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePath

from repository import REPOSITORY, environment
from trading_api.shared.utils import MODULES_DIR, discover_modules

FENCE = re.compile(
    r"(?:^ *<!-- (?P<comment>[^\n]*) -->\n)?"
    r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
GONE = re.compile(r"<!-- gone: (.*) -->")
MAKE = re.compile(r"(?:\w+=\S* )*make (?:-C (?P<folder>\S+) )?(?P<words>.*)")
TARGET = re.compile(r"^([\w-]+):(?!=)", re.MULTILINE)
SKIPPED = {".git", ".venv", "node_modules", ".cache", "dist", "__pycache__", ".mypy_cache"}


@dataclass(frozen=True)
class Block:
    """A code block, and the comment directly above it."""

    location: str
    comment: str
    language: str
    text: str


@dataclass(frozen=True)
class Document:
    path: Path
    text: str

    @property
    def name(self) -> str:
        return str(self.path.relative_to(REPOSITORY))

    @property
    def prose(self) -> str:
        """The text without its code blocks."""
        return FENCE.sub("", self.text)

    def blocks(self) -> Iterator[Block]:
        for found in FENCE.finditer(self.text):
            line = self.text.count("\n", 0, found.start("language")) + 1
            text = re.sub(f"^{found['indent']}", "", found["text"], flags=re.MULTILINE)
            yield Block(f"{self.name}:{line}", found["comment"] or "", found["language"], text)

    def codes(self) -> set[str]:
        """Return the inline code, except for the paths that `<!-- gone: PATH, PATH -->` names."""
        gone = {path for found in GONE.findall(self.text) for path in found.split(", ")}
        return set(CODE.findall(self.prose)) - gone

    def links(self) -> list[str]:
        return [link or source for link, source in LINK.findall(self.prose)]

    def anchors(self) -> set[str]:
        """Return the anchors that GitHub derives from the headings."""
        headings = HEADING.findall(self.prose)
        return {re.sub(r"[^\w\- ]", "", text).lower().replace(" ", "-") for text in headings}


def documents() -> list[Document]:
    patterns = ("README.md", "docs/*.md", ".github/*.md")
    found = [path for pattern in patterns for path in sorted(REPOSITORY.glob(pattern))]
    return [Document(path, path.read_text(encoding="utf-8")) for path in found]


@cache
def paths() -> frozenset[PurePath]:
    """Return every file and folder of the repository, including the generated ones."""
    found = set()
    for folder, folders, files in os.walk(REPOSITORY):
        folders[:] = [name for name in folders if name not in SKIPPED]
        found |= {PurePath(folder, name).relative_to(REPOSITORY) for name in [*folders, *files]}
    return frozenset(found)


def path_exists(pattern: str) -> bool:
    """Return whether a path of the repository matches, as a whole or with its last parts.

    `*` matches within one part of a path, `{a,b}` stands for two paths, `<module>` for any name.
    """
    braces = re.search(r"\{([^}]*)\}", pattern)
    if braces:
        variants = (pattern.replace(braces[0], part) for part in braces[1].split(","))
        return all(path_exists(variant) for variant in variants)
    glob = re.sub(r"<\w+>", "*", pattern)
    return any(path.match(glob) for path in paths())


def unknown_targets(command: str) -> list[str]:
    """Return the targets of a make command that do not exist.

    Without `-C` and `-f`, a target may be that of any Makefile, since the text names the folder.
    """
    module = discover_modules(MODULES_DIR)[0]
    found = MAKE.fullmatch(re.sub(r"<\w+>", module, command.replace("-f project.mk", "-C .")))
    if not found:
        return []
    folders = [found["folder"]] if found["folder"] else [".", "backend", "frontend"]
    known = {target for folder in folders for target in make_targets(folder)}
    words = shlex.split(found["words"], comments=True)
    return [word for word in words if not re.match(r"-|\w+=|\.\.\.", word) and word not in known]


@cache
def make_targets(folder: str) -> frozenset[str]:
    """Return the targets that make knows in a folder."""
    command = ["make", "-C", str(REPOSITORY / folder), "--print-data-base", "--question", "help"]
    variables = environment(REPOSITORY)
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=variables)
    return frozenset(TARGET.findall(result.stdout))
