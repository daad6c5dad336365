"""The report of an export: which specs could not be written and why, and from which sources.

make keeps it in `.cache/export-report.json`, as JSON:

    {"sources": "<SHA-256>", "specs": "<SHA-256>",
     "errors": [{"kind": "openapi", "module": "broker", "error": "..."}]}

`kind` is `openapi`, `asyncapi` or `module` (what keeps a module from having any spec); `module` is
the name of the module's folder. Only the standard library is needed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

BACKEND = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class ExportError:
    """Why a module has no spec of a kind, or not a new one.

    `error` holds one message per line, each with location and remedy.
    """

    kind: str
    module: str
    error: str


def write_report(path: Path, errors: Iterable[ExportError], sources: str | None = None) -> None:
    """Write the report of an export; `sources` is their digest, by default that of now."""
    rows = [{"kind": each.kind, "module": each.module, "error": each.error} for each in errors]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps(
            {"sources": sources or sources_digest(), "specs": specs_digest(), "errors": rows},
            indent=2,
        )
        + "\n"
    )


def read_errors(path: Path) -> list[ExportError]:
    """Return the errors of a report."""
    return [ExportError(**row) for row in json.loads(path.read_text())["errors"]]


def sources_digest() -> str:
    """Return the SHA-256 of what decides the content of specs: sources and locked packages."""
    sources = [
        BACKEND / "requirements.lock",
        *BACKEND.glob("src/trading_api/**/[!.]*.py"),  # without an editor's files, such as .#api.py
        *BACKEND.glob("scripts/**/[!.]*.py"),
    ]
    clients = BACKEND / "src/trading_api/clients"
    return _digest(path for path in sources if not path.is_relative_to(clients))


def specs_digest() -> str:
    """Return the SHA-256 of every spec."""
    return _digest(BACKEND.glob("src/trading_api/modules/*/specs/*.json"))


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(BACKEND)} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def print_errors(path: Path, kind: str | None) -> int:
    """Print the errors that keep specs of `kind` (None: of any kind) from being up to date.

    Returns:
        The exit code: 1 if there are errors, else 0.
    """
    errors = [
        each for each in read_errors(path) if kind in (None, each.kind) or each.kind == "module"
    ]
    if not errors:
        return 0
    for line in dict.fromkeys(line for each in errors for line in each.error.splitlines()):
        print(f"error: {line}", file=sys.stderr)
    kinds = {"module": ("openapi", "asyncapi")}
    stale = {f"{e.module} ({kind})" for e in errors for kind in kinds.get(e.kind, (e.kind,))}
    print(f"  not updated: {', '.join(sorted(stale))}", file=sys.stderr)
    return 1


def trust_downloaded_specs(path: Path) -> int:
    """Make the report newer than the sources, provided that it is the report of these sources.

    For a job of the workflow that downloads the specs and the report of another job: without it,
    make would export them again, because a checkout is newer than what was exported before it.

    Returns:
        The exit code: 0, or 1 if the report is missing, is of other sources, or has errors.
    """
    remedy = "run: make -C backend export-specs"
    if not path.is_file():
        print(f"error: {path}: there is no report of an export; {remedy}", file=sys.stderr)
        return 1
    report = json.loads(path.read_text())
    for name, digest in (("sources", sources_digest()), ("specs", specs_digest())):
        if report.get(name) != digest:
            print(f"error: {path}: this export had other {name}; {remedy}", file=sys.stderr)
            return 1
    os.utime(path)
    return print_errors(path, None)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("report", type=Path)
    parser.add_argument(
        "--kind", choices=["openapi", "asyncapi"], help="print only what concerns it"
    )
    parser.add_argument(
        "--trust", action="store_true", help="accept downloaded specs that were exported from here"
    )
    options = parser.parse_args(argv)
    if options.trust:
        return trust_downloaded_specs(options.report)
    return print_errors(options.report, options.kind)


if __name__ == "__main__":
    sys.exit(main())
