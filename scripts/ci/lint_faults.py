"""Plant one fault after the other in the workflow, and see that lint.py reports it."""

from __future__ import annotations

import sys

from ci.lint import faults
from ci.workflow import load, parse

CHECKOUT = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1"

# What is replaced, by what, and a part of the message.
PLANTED = [
    (CHECKOUT, "actions/checkout@v7 # v7.0.1", "pin it by the 40 digits of its commit"),
    (CHECKOUT, CHECKOUT.replace("v7.0.1", "v4.2.2"), "v4.2.2 is older than v7"),
    (CHECKOUT, CHECKOUT.removesuffix(" # v7.0.1"), "name the release that the commit is"),
    (CHECKOUT, CHECKOUT.replace("checkout", "cache"), "add it to OLDEST_MAJORS"),
    (CHECKOUT, CHECKOUT.replace("checkout", "cache"), "test-ci needs a stub of it"),
    (CHECKOUT, f'"{CHECKOUT}"', "is not written as"),
    ("permissions: {}", "permissions: {contents: write}", "the workflow needs `permissions: {}`"),
    ("    permissions:\n      contents: read # checkout\n", "", "`permissions` is missing"),
    ("concurrency:", "env:", "the workflow needs `concurrency`"),
    ("    timeout-minutes: 5\n", "", "`timeout-minutes` is missing"),
    ("      - lint\n", "", "add lint to `needs`"),
    ("    if: always()\n", "", "`if: always()` is missing"),
    ("run: make -C backend export-specs", "run: pytest", "`pytest`: a step only calls make"),
    ("backend export-specs", "backend export-specs || true", "a step only calls make"),
    ("backend export-specs", "backend export-spec", "backend/Makefile has no target export-spec"),
    ("make -C backend export-specs", "make -C back test", "there is no back/Makefile"),
    ('"test-module-$MODULE"', '"test-$MODULE-all"', "has no target test-$MODULE-all"),
    ('"test-module-$MODULE"', "test-module-$MODULE", "SC2086"),
    ("    needs: modules\n", "    continue-on-error: true\n", "hides a failure"),
]


def main() -> int:
    workflow = load()
    for before, after, message in PLANTED:
        changed = workflow.text.replace(before, after, 1)
        found = faults(parse(workflow.path, changed))
        if changed == workflow.text or not any(message in fault for fault in found):
            print(f"error: {before!r} as {after!r}: no '{message}' in {found}", file=sys.stderr)
            return 1
    print(f"lint of the workflow: {len(PLANTED)} planted faults found")
    return 0


if __name__ == "__main__":
    sys.exit(main())
