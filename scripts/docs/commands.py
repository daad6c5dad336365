"""The make commands that documents show: are there such targets?"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from docs.tables import TARGET, makefiles
from repository import REPOSITORY

ASSIGNMENT = re.compile(r"\w+=.*")


def unknown_targets(command: str) -> Iterator[str]:
    """Yield the targets of a make command that no Makefile describes.

    Without `-C` and `-f` it may be that of any Makefile: the text around tells the folder.
    """
    words = [word for word in shlex.split(command, comments=True) if not ASSIGNMENT.fullmatch(word)]
    if not words or words[0] != "make" or words[1:2] == ["..."]:
        return
    makefile, targets = None, []
    rest = iter(words[1:])
    for word in rest:
        if word == "-C":
            makefile = f"{next(rest)}/Makefile"
        elif word == "-f":
            makefile = next(rest)
        elif not word.startswith("-"):
            targets.append(word)
    known = set().union(*map(_described, makefiles() if makefile is None else [makefile]))
    for target in targets:
        if not any(re.fullmatch(pattern, target) for pattern in known):
            yield f"{makefile or 'no Makefile'}: {target}"


def _described(makefile: str) -> Iterator[str]:
    """Yield a pattern for each target with a description; `<module>` stands for any word."""
    for line in (REPOSITORY / "scripts/common.mk").read_text().splitlines():
        yield from _pattern(line)
    for line in (REPOSITORY / makefile).read_text().splitlines():
        yield from _pattern(line)


def _pattern(line: str) -> Iterator[str]:
    found = TARGET.match(line)
    if found:
        name = re.escape(found["shown"] or found["name"])
        yield re.sub(r"<\w+>", r"[\\w<>]+", name)
