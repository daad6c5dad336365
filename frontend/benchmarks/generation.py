"""Measure what generating the clients of one module and of fifty costs, in seconds of CPU.

CPU means user plus system time of all processes that a run started, which a busy machine changes
less than the time on the clock. Each figure is the lowest of the given number of runs. The modules
are copies of one spec under other names. `--limit` makes a higher ratio of fifty to one an error.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

FRONTEND = Path(__file__).resolve().parent.parent
MODULES = FRONTEND.parent / "backend/src/trading_api/modules"
FIXTURES = FRONTEND / "tests/fixtures"
REST = "generate-openapi-client.sh"
WS = "generate-asyncapi-types.sh"


def main() -> int:
    """Print a table per spec; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--modules", type=int, default=50)
    parser.add_argument("--jvms", type=int, default=10, help="fresh JVMs that are measured for the loop")
    parser.add_argument("--runs", type=int, default=3, help="runs of which the cheapest counts")
    parser.add_argument("--limit", type=float, default=2.5)
    arguments = parser.parse_args()
    specs = {"fixture": {name: FIXTURES / f"shapes.{name}" for name in ("openapi.json", "asyncapi.json")}}
    for module in ("datafeed", "broker"):
        specs[module] = {name: MODULES / module / "specs" / name for name in ("openapi.json", "asyncapi.json")}
    print(f"CPU seconds (user + system); the cheapest of {arguments.runs} runs")
    print(f"{'spec':10}{'what':18}{'1 module':>10}{arguments.modules:>8} modules{'ratio':>8}")
    ratios = {}
    (FRONTEND / ".cache").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FRONTEND / ".cache", prefix="bench-") as folder:
        for label, files in specs.items():
            bench = Bench(Path(folder) / label, files, arguments.runs)
            ratios[label] = bench.table(label, arguments.modules, arguments.jvms)
    return verdict(ratios, arguments.limit)


class Bench:
    """Runs of the generators over copies of the specs of one module."""

    def __init__(self, folder: Path, specs: dict[str, Path], runs: int) -> None:
        self.folder = folder
        self.specs = specs
        self.runs = runs

    def table(self, label: str, modules: int, jvms: int) -> float:
        """Print the costs of one and of many modules; return the ratio for REST."""
        one, many = self.modules(1), self.modules(modules)
        costs = {script: (self.cost(script, one), self.cost(script, many)) for script in (REST, WS)}
        row(label, "REST, one JVM", *costs[REST])
        loop = sum(self.cost(REST, one, runs=1) for _ in range(jvms)) / jvms * modules
        row(label, f"REST, {modules} JVMs *", costs[REST][0], loop)
        row(label, "WebSocket types", *costs[WS])
        print(f"  * {jvms} runs with a JVM each were measured, and scaled to {modules}.")
        print(f"  nothing changed: {self.repeated(many):.2f} s for {modules} modules")
        return costs[REST][1] / costs[REST][0]

    def modules(self, count: int) -> Path:
        """Return a folder of `count` modules with the specs."""
        root = self.folder / str(count)
        for number in range(count):
            specs = root / f"module{number}" / "specs"
            specs.mkdir(parents=True)
            for name, spec in self.specs.items():
                (specs / name).write_bytes(spec.read_bytes())
        return root

    def cost(self, script: str, modules: Path, runs: int | None = None) -> float:
        """Return the CPU seconds of a run that generates everything."""
        return min(self._run(script, modules, fresh=True) for _ in range(runs or self.runs))

    def repeated(self, modules: Path) -> float:
        """Return the CPU seconds of a run that finds nothing changed."""
        self._run(REST, modules, fresh=True)
        return self._run(REST, modules, fresh=False)

    def _run(self, script: str, modules: Path, *, fresh: bool) -> float:
        output = self.folder / "clients"
        if fresh:
            subprocess.run(["rm", "-rf", output], check=True)
        before = children_cpu()
        command = [FRONTEND / "scripts" / script, "--specs-dir", modules, "--output-dir", output]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return children_cpu() - before


def children_cpu() -> float:
    """Return the CPU seconds of all processes that were started here and have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def row(label: str, what: str, one: float, many: float) -> None:
    """Print one line of the table."""
    print(f"{label:10}{what:18}{one:10.2f}{many:16.2f}{many / one:8.2f}", flush=True)


def verdict(ratios: dict[str, float], limit: float) -> int:
    """Say whether the limit holds; return the exit code."""
    over = {label: ratio for label, ratio in ratios.items() if ratio > limit}
    for label, ratio in over.items():
        print(f"{label}: {ratio:.2f} times the CPU of one module, more than {limit}", file=sys.stderr)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
