"""Show a verdict as text, or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from api_diff.changes import Level
from api_diff.verdict import Finding, Verdict

ORDER = (Level.WIRE, Level.SOURCE, Level.CLIENTS_FIRST, Level.SERVICE_FIRST, Level.COMPATIBLE)


def describe(finding: Finding) -> str:
    """Return what has changed: `Bar.volume: a field has another name (volume -> total)`."""
    change = finding.change
    values = ""
    if change.before and change.after:
        values = f" ({change.before} -> {change.after})"
    elif change.before or change.after:
        values = f" ({change.before or change.after})"
    return f"{change.subject}: {finding.kind.meaning}{values}"


def ways_out(finding: Finding, allow_file: str) -> list[str]:
    """Return the two ways to make a break an accepted change."""
    change = finding.change
    entry = f'module = "{change.module}", kind = "{change.kind}", subject = "{change.subject}"'
    return [
        finding.kind.remedy,
        f"Or break it: add [[break]] to {allow_file} with {entry}, reason and date,"
        " and raise the major version.",
    ]


def text_report(verdict: Verdict, base: str, allow_file: str) -> str:
    """Return the report for a terminal."""
    if not verdict.findings and not verdict.is_error:
        return f"api-diff: no change of the API since {base}"
    return "\n".join(_lines(verdict, base, allow_file))


def _lines(verdict: Verdict, base: str, allow_file: str) -> Iterator[str]:
    for level in ORDER:
        findings = verdict.at(level)
        if findings:
            yield f"{level}: {len(findings)}"
        for each in findings:
            yield from _finding_lines(each, allow_file)
    for module in verdict.modules:
        yield f"order of deployment, {module}: {verdict.order(module)}"
    for error in verdict.versions:
        yield f"error: {error.file}:{error.line}: {error.module}: {error.message}"
    for entry in verdict.unused:
        yield f"note: {entry.location}: no change since {base} needs this entry; remove it"
    breaks = sum(each.is_error for each in verdict.findings)
    allowed = sum(each.allowed is not None for each in verdict.findings)
    counts = ((len(verdict.findings), "change"), (breaks, "break"), (allowed, "allowed break"))
    changes, *rest = (f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts)
    yield f"api-diff: {changes} since {base}: {', '.join(rest)}"


def _finding_lines(finding: Finding, allow_file: str) -> Iterator[str]:
    word = "error:" if finding.is_error else " "
    yield f"{word} {finding.file}:{finding.line}: {finding.change.module}: {describe(finding)}"
    if finding.allowed is not None:
        yield f"      allowed: {finding.allowed.reason} ({finding.allowed.date})"
        return
    if finding.kind.level is Level.COMPATIBLE:
        return
    for each in finding.consumers:
        yield f"      {each.file}:{each.line}: {each.use}"
    ways = ways_out(finding, allow_file) if finding.is_error else [finding.kind.remedy]
    yield from (f"      {line}" for line in ways)


def json_report(verdict: Verdict, base: str) -> str:
    """Return the report for other programs."""
    document: dict[str, Any] = {
        "base": base,
        "ok": not verdict.is_error,
        "changes": [_row(each) for each in verdict.findings],
        "deployment": {module: verdict.order(module) for module in verdict.modules},
        "versions": [
            {"module": each.module, "message": each.message, "file": each.file, "line": each.line}
            for each in verdict.versions
        ],
        "unused": [each.location for each in verdict.unused],
    }
    return json.dumps(document, indent=2) + "\n"


def _row(finding: Finding) -> dict[str, Any]:
    change, kind, allowed = finding.change, finding.kind, finding.allowed
    return {
        "module": change.module,
        "kind": change.kind,
        "level": kind.level.name.lower().replace("_", "-"),
        "subject": change.subject,
        "before": change.before,
        "after": change.after,
        "users": [f"{user.category} {user.name}" for user in sorted(change.users)],
        "file": finding.file,
        "line": finding.line,
        "consumers": [
            {"file": each.file, "line": each.line, "use": each.use} for each in finding.consumers
        ],
        "remedy": kind.remedy,
        "allowed": None
        if allowed is None
        else {"reason": allowed.reason, "date": str(allowed.date)},
    }
