"""Fuzz the application, print how many inputs were tried, and fail if one of them was harmful."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from fuzz.application import FuzzedApplication, run_application
from fuzz.findings import KINDS, Findings
from fuzz.generated import fuzz_operations, fuzz_streams
from fuzz.hostile import send_corpus

MAX_SHOWN = 20
"""Findings that are printed; each operation has one of each kind."""

BODIES = Path(".cache/fuzz-api")


def main() -> None:
    parser = argparse.ArgumentParser("python -m fuzz", description=__doc__)
    parser.add_argument(
        "--examples", type=int, default=300, help="random inputs of each operation, valid or not"
    )
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same inputs")
    parser.add_argument(
        "--every", type=int, default=1, help="every n-th input of the hostile ones; 1: all"
    )
    arguments = parser.parse_args()
    findings = Findings(BODIES)
    with (
        tempfile.TemporaryDirectory() as folder,
        run_application(Path(folder)) as application,
    ):
        fuzz(
            application,
            findings,
            examples=arguments.examples,
            seed=arguments.seed,
            every=arguments.every,
        )
    sys.exit(report(findings, arguments.seed))


def fuzz(
    application: FuzzedApplication,
    findings: Findings,
    *,
    examples: int,
    seed: int,
    every: int = 1,
) -> None:
    """Try the corpus, or every n-th input of it, and so many random inputs of each operation."""
    send_corpus(application, findings, every)
    fuzz_operations(application, findings, examples, seed)
    fuzz_streams(application, findings, examples, seed)


def report(findings: Findings, seed: int) -> int:
    """Print the results, and return the exit status."""
    shown = {(finding.kind, finding.operation): finding for finding in findings.found[::-1]}
    for finding in [*shown.values()][: -MAX_SHOWN - 1 : -1]:
        lines = [f"{finding.kind}: {finding.name} (seed {seed})", finding.detail, finding.command]
        print("\n  ".join(lines), file=sys.stderr)
    tried = ", ".join(f"{number:,} {source}" for source, number in findings.tried.items())
    print(f"fuzz-api: {findings.tried.total():,} inputs tried with seed {seed}: {tried}")
    print(f"{sum(findings.operations.values())} of {len(findings.operations)} operations succeeded")
    print(", ".join(f"{findings.count(kind):,} {kind}" for kind in KINDS))
    return 1 if findings.found else 0


if __name__ == "__main__":
    main()
