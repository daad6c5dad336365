"""Measure what importing a client costs, in CPU of fresh interpreters with warm caches.

What ours adds is measured on top of its models, which a service has imported anyhow. The packages
of the others bring models of their own and import them themselves, so that only the sum compares.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from catalogue import MODELS_MODULE, write_catalogue
from generators import generate_all, generators, python_of
from measuring import BACKEND, Row, option_parser, run, save

CLIENTS_DIR = BACKEND / "src" / "trading_api" / "clients"
PROBE = """
import sys, time
from importlib import import_module
start = time.process_time()
if sys.argv[1]:
    import_module(sys.argv[1])
middle = time.process_time()
for name in sys.argv[2:]:
    import_module(name)
print([(middle - start) * 1e3, (time.process_time() - middle) * 1e3])
"""


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark and keep its figures."""
    options = _options(argv)
    # A package of clients imports each only when it is asked for.
    names = [path.stem for path in sorted(CLIENTS_DIR.glob("*_client.py"))]
    modules = ["trading_api.models", *(f"trading_api.clients.{name}" for name in names)]
    here = _row("ours", None, modules, options)
    floor = _row("httpx alone", None, ["trading_api.models", "httpx"], options)
    rows: list[Row] = [{**row, "operations": "all modules here"} for row in (floor, here)]
    for size in options.operations:
        rows += measure(size, options)
    save(options.output, rows)
    return 0


def measure(operations: int, options: argparse.Namespace) -> list[Row]:
    """Return a row per generator, for the client of a service of that many operations."""
    found = generators(options.peers)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        service = folder / "service"
        service.mkdir()
        write_catalogue(service, operations)
        path = generate_all(service, MODELS_MODULE, folder, found.values())
        rows = []
        for contender, generator in found.items():
            environment = None if contender == "ours" else options.peers
            modules = ["", generator.package]
            if contender == "ours":
                modules = [MODELS_MODULE, f"{generator.package}.catalogue_client"]
            elif contender == "openapi-python-client":
                modules += _modules(folder / generator.package / generator.package)
            row = _row(contender, environment, modules, options, path)
            rows.append({"operations": operations, **row})
    return rows


def _modules(package: Path) -> list[str]:
    """Return the modules of openapi-python-client's operations, one each, which nothing imports."""
    paths = sorted((package / "api").rglob("*.py"))
    return [".".join(path.relative_to(package.parent).with_suffix("").parts) for path in paths]


def _row(
    contender: str,
    environment: Path | None,
    modules: Sequence[str],
    options: argparse.Namespace,
    path: str = "",
) -> Row:
    command = [python_of(environment), "-c", PROBE, *modules]
    variables = {**os.environ, "PYTHONPATH": path}
    # The first import compiles.
    run(command, BACKEND, variables)
    repeats = options.peer_repeats if environment else options.repeats
    spent = [json.loads(run(command, BACKEND, variables)) for _ in range(repeats)]
    return {
        "contender": contender,
        "models": median(models for models, _ in spent) if modules[0] else None,
        "added": median(added for _, added in spent) if modules[0] else None,
        "sum": median(map(sum, spent)),
    }


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = option_parser(__doc__)
    parser.add_argument("--operations", type=int, nargs="+", default=[32, 800])
    parser.add_argument("--repeats", type=int, default=15)
    # An import of theirs takes seconds, and differs by more than it scatters.
    parser.add_argument("--peer-repeats", type=int, default=3)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
