"""Measure what generating a client costs: CPU of the whole process tree, formatting included.

Every generator works on the same spec of a made-up service, into a new folder each time.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median

from catalogue import MODELS_MODULE, write_catalogue
from generators import generators
from measuring import Row, option_parser, paired_ratio, save


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark and keep its figures."""
    options = _options(argv)
    rows = [row for size in options.operations for row in measure(size, options)]
    save(options.output, rows)
    return 0


def measure(operations: int, options: argparse.Namespace) -> list[Row]:
    """Return a row per generator, for a service of that many operations."""
    found = generators(options.peers)
    # The two libraries of openapi-generator are templates of the same size.
    found.pop("openapi-generator-asyncio", None)
    seconds: dict[str, list[float]] = {name: [] for name in found}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        service = Path(folder, "service")
        service.mkdir()
        write_catalogue(service, operations)
        for repeat in range(options.repeats):
            for name, generator in found.items():
                output = Path(folder, str(repeat), name)
                seconds[name].append(generator.generate(service, MODELS_MODULE, output))
    base = seconds.get("openapi-python-client")
    return [
        {
            "contender": name,
            "operations": operations,
            "seconds": median(spent),
            "ratio": paired_ratio(spent, base) if base else None,
        }
        for name, spent in seconds.items()
    ]


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = option_parser(__doc__)
    parser.add_argument("--operations", type=int, nargs="+", default=[32, 800])
    parser.add_argument("--repeats", type=int, default=3)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
