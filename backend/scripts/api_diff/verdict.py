"""What the changes mean together: which are errors, whom they concern, in which order to deploy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from api_diff.allowed import AllowedBreak
from api_diff.catalogue import KINDS, Kind
from api_diff.changes import Change, Level
from api_diff.consumers import Consumer
from api_diff.specs import ModuleSpecs
from api_diff.versions import check_version

Locate = Callable[[Change], tuple[str, int]]


@dataclass(frozen=True)
class Finding:
    """A change with all that is known about it."""

    change: Change
    kind: Kind
    file: str
    line: int
    consumers: tuple[Consumer, ...]
    allowed: AllowedBreak | None

    @property
    def is_error(self) -> bool:
        return self.kind.level.is_break and self.allowed is None


@dataclass(frozen=True)
class VersionError:
    """A version that does not announce the changes of its module."""

    module: str
    message: str
    file: str
    line: int


@dataclass(frozen=True)
class Verdict:
    """The result of a comparison."""

    findings: tuple[Finding, ...]
    versions: tuple[VersionError, ...]
    unused: tuple[AllowedBreak, ...]

    @property
    def is_error(self) -> bool:
        return bool(self.versions) or any(each.is_error for each in self.findings)

    def at(self, level: Level) -> list[Finding]:
        """Return the findings of a level."""
        return [each for each in self.findings if each.kind.level is level]

    def order(self, module: str) -> str:
        """Return in which order to deploy a module and its clients."""
        levels = {each.kind.level for each in self.findings if each.change.module == module}
        if Level.WIRE in levels:
            return "no order works for deployed clients: see the breaks"
        if {Level.SERVICE_FIRST, Level.CLIENTS_FIRST} <= levels:
            return "no single order works: make the changes for each order in a release of its own"
        for level in (Level.SERVICE_FIRST, Level.CLIENTS_FIRST):
            if level in levels:
                return str(level)
        return "in any order"

    @property
    def modules(self) -> list[str]:
        return sorted({each.change.module for each in self.findings})


def judge(
    changes: Iterable[Change],
    allowed: Iterable[AllowedBreak],
    locate: Locate,
    consumers_of: Callable[[Change], list[Consumer]],
) -> tuple[tuple[Finding, ...], tuple[AllowedBreak, ...]]:
    """Return a finding for each change, and the allowed breaks that cover none of them."""
    entries = list(allowed)
    findings = tuple(
        Finding(
            change,
            KINDS[change.kind],
            *locate(change),
            tuple(consumers_of(change)),
            next((each for each in entries if each.covers(change)), None),
        )
        for change in changes
    )
    used = {each.allowed for each in findings}
    return findings, tuple(each for each in entries if each not in used)


def check_versions(
    old: Mapping[str, ModuleSpecs],
    new: Mapping[str, ModuleSpecs],
    findings: Iterable[Finding],
    locate_version: Callable[[str], tuple[str, int]],
) -> tuple[VersionError, ...]:
    """Return the versions that do not announce the changes of their module."""
    findings = list(findings)
    errors = []
    for name in sorted(old.keys() & new.keys()):
        levels = {each.kind.level for each in findings if each.change.module == name}
        message = check_version(old[name].version, new[name].version, levels)
        if message:
            errors.append(VersionError(name, message, *locate_version(name)))
    return tuple(errors)
