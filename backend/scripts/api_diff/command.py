"""The command line of api-diff."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from api_diff.allowed import AllowFileError, read_allowed_breaks
from api_diff.annotations import workflow_commands
from api_diff.base import MODULES, BaseError, base_commit, export_base
from api_diff.compare import compare_modules
from api_diff.consumers import Project, consumers_of, find_callers
from api_diff.markdown import markdown_report
from api_diff.report import json_report, text_report
from api_diff.sources import Sources
from api_diff.specs import SpecError, read_modules
from api_diff.typescript_callers import CallersError
from api_diff.verdict import Verdict, check_versions, judge
from outputs import fail

ALLOW_FILE = Path("backend/allowed-breaks.toml")
CACHE = Path("backend/.cache/api-diff")
SUMMARY = "GITHUB_STEP_SUMMARY"
ERRORS = (AllowFileError, BaseError, CallersError, SpecError)


@dataclass(frozen=True)
class Options:
    """What to compare with what, and how to show it."""

    root: Path
    base: str
    specs: Path | None = None
    """A folder with the specs of the base, instead of a commit."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0, 1 (a break) or 2 (it cannot compare)."""
    parser = argparse.ArgumentParser(
        prog="api-diff", description="Compare the specs of this tree with those of a commit."
    )
    parser.add_argument(
        "base", help="a commit, branch or tag; the comparison is with the merge base"
    )
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the root of the repository")
    parser.add_argument("--base-specs", type=Path, help="a folder with exported specs of the base")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result as JSON, too")
    arguments = parser.parse_args(argv)
    options = Options(arguments.root.resolve(), arguments.base, arguments.base_specs)
    try:
        verdict, base = compare(options)
    except ERRORS as error:
        fail(str(error))
        return 2
    show(verdict, base)
    if arguments.json is not None:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json_report(verdict, base), encoding="utf-8")
    return 1 if verdict.is_error else 0


def compare(options: Options) -> tuple[Verdict, str]:
    """Return what the changes since the base mean, and the base as reports call it."""
    root = options.root
    allowed = read_allowed_breaks(root / ALLOW_FILE, str(ALLOW_FILE))
    if options.specs is None:
        commit = base_commit(root, options.base)
        folder, base = export_base(root, commit, root / CACHE), commit[:12]
    else:
        folder, base = options.specs, options.base
    old, new = read_modules(folder), read_modules(root / MODULES)
    if not new:
        raise SpecError(f"{MODULES}: there are no specs; run: make export-specs-all")
    changes = compare_modules(old, new, datetime.now(UTC).date())
    package = (root / MODULES).parent
    sources = Sources(root, package)
    found = find_callers(Project(root, package, root / "frontend"), changes)
    findings, unused = judge(
        changes, allowed, sources.locate, lambda change: consumers_of(change, found)
    )
    versions = check_versions(old, new, findings, sources.locate_version)
    return Verdict(findings, versions, unused), base


def show(verdict: Verdict, base: str) -> None:
    """Print the report; in a workflow also its annotations, and the summary of the run."""
    allow_file = str(ALLOW_FILE)
    print(text_report(verdict, base, allow_file))
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for line in workflow_commands(verdict, allow_file):
            print(line)
    if summary := os.environ.get(SUMMARY):
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(markdown_report(verdict, base, allow_file))
