"""Show a verdict as workflow commands, which GitHub shows beside the lines of a pull request."""

from __future__ import annotations

from collections.abc import Iterator

from api_diff.changes import Level
from api_diff.report import describe, ways_out
from api_diff.verdict import Verdict


def workflow_commands(verdict: Verdict, allow_file: str) -> Iterator[str]:
    """Yield a command for each error and each change that needs an order of deployment."""
    for error in verdict.versions:
        yield _command("error", error.file, error.line, f"{error.module}: version", error.message)
    for finding in verdict.findings:
        title = f"{finding.change.module}: {finding.kind.level}"
        if finding.is_error:
            message = "\n".join([describe(finding), *ways_out(finding, allow_file)])
            yield _command("error", finding.file, finding.line, title, message)
            for each in finding.consumers:
                yield _command(
                    "warning", each.file, each.line, title, f"concerned: {describe(finding)}"
                )
        elif finding.kind.level is not Level.COMPATIBLE:
            advice = finding.kind.remedy
            if finding.allowed is not None:
                advice = f"allowed: {finding.allowed.reason} ({finding.allowed.date})"
            message = f"{describe(finding)}\n{advice}"
            yield _command("notice", finding.file, finding.line, title, message)


def _command(kind: str, file: str, line: int, title: str, message: str) -> str:
    properties = {"file": file, "line": str(line), "title": title}
    listed = ",".join(f"{key}={_escape(value, ':,')}" for key, value in properties.items())
    return f"::{kind} {listed}::{_escape(message)}"


def _escape(text: str, more: str = "") -> str:
    for character in f"%\r\n{more}":
        text = text.replace(character, f"%{ord(character):02X}")
    return text
