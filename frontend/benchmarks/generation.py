"""Measure what generating the clients of one module and of fifty costs, in seconds of CPU.

CPU means user plus system time of all processes that a run started, which a busy machine changes
less than the time on the clock. Each figure is the lowest of the given number of runs. The modules
are copies of one spec under other names: of the generator's fixture, which is small, and of this
project's own modules.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import tempfile
from pathlib import Path

FRONTEND = Path(__file__).resolve().parent.parent
MODULES = FRONTEND.parent / "backend/src/trading_api/modules"
FIXTURES = FRONTEND / "tests/fixtures"
REST = "generate-openapi-client.sh"
WS = "generate-asyncapi-types.sh"


SPEC_NAMES = ("openapi.json", "asyncapi.json")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Measure what generating clients costs.")
    parser.add_argument("--modules", type=int, default=50)
    parser.add_argument("--jvms", type=int, default=10, help="fresh JVMs to measure for the loop")
    parser.add_argument("--runs", type=int, default=3, help="runs of which the cheapest counts")
    arguments = parser.parse_args()
    specs = {"fixture": {name: FIXTURES / f"shapes.{name}" for name in SPEC_NAMES}}
    for module in ("datafeed", "broker"):
        specs[module] = {name: MODULES / module / "specs" / name for name in SPEC_NAMES}
    print(f"CPU seconds (user + system), the cheapest of {arguments.runs} runs")
    print(f"{'spec':10}{'what':18}{'1 module':>10}{arguments.modules:>8} modules{'ratio':>8}")
    (FRONTEND / ".cache").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FRONTEND / ".cache", prefix="bench-") as folder:
        for label, files in specs.items():
            bench = Bench(Path(folder) / label, files, arguments.runs)
            bench.table(label, arguments.modules, arguments.jvms)
    print(
        f"* one JVM per module: {arguments.jvms} were measured, and scaled to {arguments.modules}"
    )


class Bench:
    """Runs of the generators over copies of the specs of one module."""

    def __init__(self, folder: Path, specs: dict[str, Path], runs: int) -> None:
        self.folder = folder
        self.specs = specs
        self.runs = runs

    def table(self, label: str, modules: int, jvms: int) -> None:
        """Print what one and many modules cost."""
        one, many = self.modules(1), self.modules(modules)
        rest, types = ((self.cost(script, one), self.cost(script, many)) for script in (REST, WS))
        loop = sum(self._run(REST, one) for _ in range(jvms)) / jvms * modules
        unchanged = (self._unchanged(one), self._unchanged(many))
        row(label, "REST", *rest)
        row(label, "REST in a loop *", rest[0], loop)
        row(label, "REST, unchanged", *unchanged)
        row(label, "WebSocket types", *types)

    def modules(self, count: int) -> Path:
        """Return a folder of `count` modules with the specs."""
        root = self.folder / str(count)
        for number in range(count):
            specs = root / f"module{number}" / "specs"
            specs.mkdir(parents=True)
            for name, spec in self.specs.items():
                (specs / name).write_bytes(spec.read_bytes())
        return root

    def cost(self, script: str, modules: Path) -> float:
        """Return the CPU seconds of a run that generates everything."""
        return min(self._run(script, modules) for _ in range(self.runs))

    def _unchanged(self, modules: Path) -> float:
        self._run(REST, modules)
        return self._run(REST, modules, keep=True)

    def _run(self, script: str, modules: Path, *, keep: bool = False) -> float:
        output = self.folder / "clients"
        if not keep:
            shutil.rmtree(output, ignore_errors=True)
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


if __name__ == "__main__":
    main()
