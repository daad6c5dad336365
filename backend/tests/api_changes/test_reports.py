"""The forms of the report: text, Markdown and workflow commands."""

from __future__ import annotations

from datetime import date

from api_diff.allowed import AllowedBreak
from api_diff.annotations import workflow_commands
from api_diff.catalogue import KINDS
from api_diff.changes import Change
from api_diff.consumers import Consumer
from api_diff.markdown import markdown_report
from api_diff.report import text_report
from api_diff.verdict import Finding, Verdict, VersionError

ALLOWED = AllowedBreak(
    "alerts", "operation-removed", "*", "Nobody | calls it.", date(2026, 11, 27), "f:1"
)


def verdict(
    kind: str, before: str = "", consumers: int = 0, allowed: AllowedBreak | None = None
) -> Verdict:
    change = Change(kind, "get_alert", before, module="alerts")
    lines = tuple(Consumer("page.ts", line + 1, "get_alert") for line in range(consumers))
    return Verdict((Finding(change, KINDS[kind], "api.py", 7, lines, allowed),), (), ())


def markdown(result: Verdict) -> str:
    return markdown_report(result, "0123456789ab", "allowed-breaks.toml")


def commands(result: Verdict) -> list[str]:
    return list(workflow_commands(result, "allowed-breaks.toml"))


def test_markdown_without_changes_says_so() -> None:
    assert markdown(Verdict((), (), ())) == "## API changes since `0123456789ab`\n\nNone.\n"


def test_markdown_has_a_table_for_each_level() -> None:
    text = markdown(verdict("operation-removed", before="GET /alert", consumers=2))
    assert "### breaks the wire\n\n| Change | Concerns | What to do |\n" in text
    assert "| ❌ alerts: get_alert: the operation is gone (GET /alert) |" in text
    assert "| `page.ts:1` get_alert<br>`page.ts:2` get_alert |" in text


def test_markdown_lists_twenty_consumers_at_most() -> None:
    assert "more" not in markdown(verdict("operation-removed", consumers=20))
    assert "`page.ts:20` get_alert<br>and 1 more |" in markdown(
        verdict("operation-removed", consumers=21)
    )


def test_markdown_of_an_allowed_break_has_its_reason() -> None:
    text = markdown(verdict("operation-removed", allowed=ALLOWED))
    assert "| alerts: get_alert: the operation is gone |" in text
    assert "allowed on 2026-11-27: Nobody \\| calls it." in text


def test_change_with_an_order_is_a_notice_and_a_compatible_one_nothing() -> None:
    assert commands(verdict("operation-added")) == [
        "::notice file=api.py,line=7,title=alerts%3A deploy the service first::get_alert: there is"
        " a new operation%0ADeploy the service before the clients that call it."
    ]
    assert commands(verdict("operation-deprecated")) == []
    assert commands(verdict("operation-removed", allowed=ALLOWED)) == [
        "::notice file=api.py,line=7,title=alerts%3A breaks the wire::get_alert: the operation is"
        " gone%0Aallowed: Nobody | calls it. (2026-11-27)"
    ]


def test_lower_version_is_an_error_without_changes() -> None:
    result = Verdict((), (VersionError("alerts", "it is lower; raise it", "__init__.py", 3),), ())
    assert result.is_error
    assert text_report(result, "0123456789ab", "allowed-breaks.toml").splitlines() == [
        "error: __init__.py:3: alerts: it is lower; raise it",
        "api-diff: 0 changes since 0123456789ab: 0 breaks, 0 allowed breaks",
    ]
    assert commands(result)[0].startswith("::error file=__init__.py,line=3,")


def test_compatible_change_is_one_line() -> None:
    text = text_report(verdict("operation-deprecated", consumers=1), "0123456789ab", "f.toml")
    assert text.splitlines() == [
        "compatible: 1",
        "  api.py:7: alerts: get_alert: the operation is deprecated",
        "order of deployment, alerts: in any order",
        "api-diff: 1 change since 0123456789ab: 0 breaks, 0 allowed breaks",
    ]
