"""Measure the CPU of generating the client of a made-up service, and of importing it.

Generation: the process tree, formatting included. Imports: fresh interpreters with warm caches. Our
clients are imported on top of their models, which a service has imported anyway. The packages of
the other generators import models of their own, so that only the sums can be compared.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from catalogue import MODELS_MODULE, write_catalogue
from generators import generate_all, generators
from measuring import BACKEND, Row, paired_ratio, python_of, run

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


def measure_generation(options: argparse.Namespace) -> Iterator[Row]:
    """Yield a row per size of the service, and generator."""
    found = generators(options.peers)
    # The two libraries of openapi-generator are templates of the same size.
    found.pop("openapi-generator-asyncio", None)
    for operations in options.operations:
        seconds: dict[str, list[float]] = {name: [] for name in found}
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            service = write_catalogue(Path(folder), operations)
            for repeat in range(options.generations):
                for name, generator in found.items():
                    output = Path(folder, str(repeat), name)
                    seconds[name].append(generator.generate(service, MODELS_MODULE, output))
        base = seconds.get("openapi-python-client")
        for name, spent in seconds.items():
            yield {
                "contender": name,
                "operations": operations,
                "CPU, s": median(spent),
                "ratio to openapi-python-client": paired_ratio(spent, base) if base else None,
            }


def measure_imports(options: argparse.Namespace) -> Iterator[Row]:
    """Yield two rows for this application, and a row per size of the service, and generator."""
    # The package of clients imports each of them on first use.
    clients = [f"trading_api.clients.{path.stem}" for path in CLIENTS_DIR.glob("*_client.py")]
    for contender, modules in {"httpx alone": ["httpx"], "ours": sorted(clients)}.items():
        row: Row = {"contender": contender, "operations": "all modules here"}
        yield row | _measure_import(["trading_api.models", *modules], options)
    found = generators(options.peers)
    for operations in options.operations:
        with tempfile.TemporaryDirectory(prefix="bench-") as name:
            folder = Path(name)
            path = generate_all(write_catalogue(folder, operations), MODELS_MODULE, folder, found)
            for contender, generator in found.items():
                modules = _modules(generator.package, folder)
                row = {"contender": contender, "operations": operations}
                yield row | _measure_import(modules, options, path)


def _modules(package: str, folder: Path) -> list[str]:
    """Return the module of the models, if it is separate, and the modules of the client."""
    if package == "our_clients":
        return [MODELS_MODULE, "our_clients.catalogue_client"]
    modules = ["", package]
    if package == "opc_client":
        # One module per operation, which the package does not import.
        root = folder / package
        paths = sorted((root / package / "api").rglob("*.py"))
        modules += [".".join(path.relative_to(root).with_suffix("").parts) for path in paths]
    return modules


def _measure_import(modules: list[str], options: argparse.Namespace, path: str = "") -> Row:
    is_peer = not modules[0]
    command = [python_of(options.peers if is_peer else None), "-c", PROBE, *modules]
    # The first import compiles.
    run(command, BACKEND, PYTHONPATH=path)
    # An import of a peer takes seconds, and differs by more than its samples scatter.
    repeats = options.peer_imports if is_peer else options.imports
    spent = [json.loads(run(command, BACKEND, PYTHONPATH=path)) for _ in range(repeats)]
    return {
        "models, CPU ms": None if is_peer else median(models for models, _ in spent),
        "client on top, CPU ms": None if is_peer else median(added for _, added in spent),
        "both": median(map(sum, spent)),
    }
