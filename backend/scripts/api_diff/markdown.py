"""Show a verdict as Markdown, for the summary of a run of the workflow."""

from __future__ import annotations

from collections.abc import Iterator

from api_diff.report import ORDER, describe, ways_out
from api_diff.verdict import Finding, Verdict

LIMIT = 20
"""How many consumers of one change are listed; a summary may have 1 MiB."""


def markdown_report(verdict: Verdict, base: str, allow_file: str) -> str:
    """Return the report as Markdown."""
    return "\n".join([f"## API changes since `{base}`", "", *_lines(verdict, allow_file)]) + "\n"


def _lines(verdict: Verdict, allow_file: str) -> Iterator[str]:
    if not verdict.findings and not verdict.versions:
        yield "None."
        return
    for error in verdict.versions:
        yield f"- ❌ `{error.file}:{error.line}` {error.module}: {_escape(error.message)}"
    for module in verdict.modules:
        yield f"- Order of deployment of {module}: {verdict.order(module)}"
    yield ""
    for level in ORDER:
        findings = verdict.at(level)
        if findings:
            yield from [f"### {level}", "", "| Change | Concerns | What to do |", "|---|---|---|"]
            yield from (_row(each, allow_file) for each in findings)
            yield ""


def _row(finding: Finding, allow_file: str) -> str:
    mark = "❌ " if finding.is_error else ""
    change = f"{mark}{finding.change.module}: {_escape(describe(finding))}"
    concerns = [f"`{each.file}:{each.line}` {_escape(each.use)}" for each in finding.consumers]
    if len(concerns) > LIMIT:
        concerns = [*concerns[:LIMIT], f"and {len(concerns) - LIMIT} more"]
    if finding.allowed is not None:
        action = f"allowed on {finding.allowed.date}: {_escape(finding.allowed.reason)}"
    elif finding.is_error:
        action = "<br>".join(_escape(way) for way in ways_out(finding, allow_file))
    else:
        action = _escape(finding.kind.remedy)
    return f"| {change} | {'<br>'.join(concerns)} | {action} |"


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
