"""What the documents of the repository show: code blocks, commands, links, paths.

A code block that a reader could run stands below a comment that says who runs it:

    <!-- example NAME -->               a test of scripts/tests, which asks for it by this name
    <!-- executed by A, B -->           the file A, or the job that `CI job A` names
    <!-- not executed: WHY -->          nothing here can
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from repository import REPOSITORY

FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)
COMMENT = re.compile(r"<!-- (?P<comment>[^\n]*) -->\n\Z")
GONE = re.compile(r"<!-- gone: (.*) -->")
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
SKIPPED = {".git", ".venv", "node_modules", ".cache", "dist", "__pycache__", ".mypy_cache"}


@dataclass(frozen=True)
class Document:
    path: Path

    @property
    def name(self) -> str:
        return str(self.path.relative_to(REPOSITORY))

    @property
    def text(self) -> str:
        return self.path.read_text()

    @property
    def prose(self) -> str:
        """The text without its code blocks."""
        return FENCE.sub("", self.text)

    def blocks(self) -> Iterator[Block]:
        for found in FENCE.finditer(self.text):
            before = self.text[: found.start()]
            comment = COMMENT.search(before)
            indent = len(found["indent"])
            text = "".join(line[indent:] for line in found["text"].splitlines(keepends=True))
            yield Block(
                f"{self.name}:{before.count(chr(10)) + 1}",
                found["language"],
                comment["comment"].strip() if comment else "",
                text,
            )

    def codes(self) -> list[str]:
        """Return what stands in backticks, outside of code blocks."""
        return CODE.findall(self.prose)

    def gone(self) -> set[str]:
        """Return the paths of former times, which `<!-- gone: PATH, PATH -->` names."""
        return {path for found in GONE.findall(self.text) for path in found.split(", ")}

    def links(self) -> list[str]:
        return [link or source for link, source in LINK.findall(self.prose)]

    def anchors(self) -> set[str]:
        """Return the addresses of the headings, as GitHub makes them."""
        headings = HEADING.findall(self.prose)
        return {re.sub(r"[^\w\- ]", "", text).lower().replace(" ", "-") for text in headings}


@dataclass(frozen=True)
class Block:
    """A code block with the comment that stands above it."""

    place: str
    language: str
    comment: str
    text: str


def documents() -> list[Document]:
    """Return the documents for readers, in the order of their names."""
    listed = ["git", "-C", str(REPOSITORY), "ls-files", "--cached", "--others"]
    patterns = ["--exclude-standard", "README.md", "docs/*.md", ".github/*.md"]
    found = subprocess.run([*listed, *patterns], capture_output=True, text=True, check=True)
    return [Document(REPOSITORY / name) for name in sorted(set(found.stdout.split()))]


def example(name: str) -> str:
    """Return the text of the one block that is called `name`."""
    (text,) = [
        block.text
        for document in documents()
        for block in document.blocks()
        if block.comment == f"example {name}"
    ]
    return text


@cache
def paths() -> frozenset[str]:
    """Return every file and folder of the repository, generated ones included; folders end in /."""
    found = []
    for name, folders, files in os.walk(REPOSITORY):
        folders[:] = [name for name in folders if name not in SKIPPED]
        at = Path(name).relative_to(REPOSITORY).as_posix()
        found += [f"/{at}/{name}".replace("/./", "/") for name in files]
        found += [f"/{at}/{name}/".replace("/./", "/") for name in folders]
    return frozenset(found)
