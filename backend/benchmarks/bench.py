"""Measure calls, generation and imports of the clients, print the figures, and draw them."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

import report
from calls import measure_calls
from clients import measure_generation, measure_imports

COUNTS = {
    "calls": (100, "calls in each round, for each size of the response"),
    "rounds": (6, "rounds of calls in each process"),
    "processes": (3, "processes that make calls"),
    "generations": (3, "runs of each generator"),
    "imports": (15, "imports of our clients"),
    "peer-imports": (3, "imports of the clients of each other generator"),
}


def main(argv: list[str] | None = None) -> int:
    """Run the benchmarks, print their tables and, with --picture, draw the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", type=Path, help="virtual environment with other generators")
    parser.add_argument("--picture", type=Path, help="SVG file to write")
    parser.add_argument("--operations", type=int, nargs="+", default=[32, 800])
    for name, (default, text) in COUNTS.items():
        parser.add_argument(f"--{name}", type=int, default=default, help=f"{text}: %(default)s")
    options = parser.parse_args(argv)
    if options.peers:
        options.peers = options.peers.absolute()
    figures = {
        "One call": measure_calls(options),
        "Generation": [*measure_generation(options)],
        "Import": [*measure_imports(options)],
    }
    print(report.tables(figures))
    if options.picture:
        options.picture.parent.mkdir(parents=True, exist_ok=True)
        options.picture.write_text(report.draw(figures), encoding="utf-8")
    return 0


if __name__ == "__main__":
    # SIGTERM ends the service as well.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    sys.exit(main())
