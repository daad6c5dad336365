"""Measure the CPU time of generating the clients of one module and of fifty.

CPU time is user plus system time of all processes of a run, which other load changes less than wall
time. Each figure is the lowest of several runs. The modules are copies of one spec: of the
generator's fixture, which is small, and of each module of this project.
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
    parser = argparse.ArgumentParser(description="Measure the CPU time of generating clients.")
    parser.add_argument("--modules", type=int, default=50)
    parser.add_argument("--jvms", type=int, default=10, help="JVMs to measure for the loop")
    parser.add_argument("--runs", type=int, default=3, help="runs, of which the lowest counts")
    arguments = parser.parse_args()
    specs = {"fixture": {name: FIXTURES / f"shapes.{name}" for name in SPEC_NAMES}}
    for folder in sorted(MODULES.glob("*/specs")):
        specs[folder.parent.name] = {name: folder / name for name in SPEC_NAMES}
    print(f"CPU seconds (user + system), the lowest of {arguments.runs} runs")
    print(f"{'spec':10}{'what':18}{'1 module':>10}{arguments.modules:>8} modules{'ratio':>8}")
    (FRONTEND / ".cache").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FRONTEND / ".cache", prefix="bench-") as temporary:
        for label, files in specs.items():
            bench = Bench(Path(temporary) / label, files, arguments.runs)
            bench.print_rows(label, arguments.modules, arguments.jvms)
    print(f"* one JVM per module: {arguments.jvms} measured, scaled to {arguments.modules}")


class Bench:
    """Runs the generators on copies of one module's specs."""

    def __init__(self, folder: Path, specs: dict[str, Path], runs: int) -> None:
        self.folder = folder
        self.specs = specs
        self.runs = runs

    def print_rows(self, label: str, modules: int, jvms: int) -> None:
        """Print the rows of the table for these specs."""
        one, many = self._copies(1), self._copies(modules)
        rest = (self._lowest(REST, one), self._lowest(REST, many))
        loop = sum(self._run(REST, one) for _ in range(jvms)) / jvms * modules
        print_row(label, "REST", *rest)
        print_row(label, "REST in a loop *", rest[0], loop)
        print_row(label, "REST, unchanged", self._unchanged(one), self._unchanged(many))
        print_row(label, "WebSocket types", self._lowest(WS, one), self._lowest(WS, many))

    def _copies(self, count: int) -> Path:
        """Return a folder with `count` modules that have these specs."""
        root = self.folder / str(count)
        for number in range(count):
            specs = root / f"module{number}" / "specs"
            specs.mkdir(parents=True)
            for name, spec in self.specs.items():
                if spec.exists():
                    (specs / name).write_bytes(spec.read_bytes())
        return root

    def _lowest(self, script: str, modules: Path) -> float:
        """Return the CPU seconds of generating everything."""
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
    """Return the CPU seconds of all child processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def print_row(label: str, what: str, one: float, many: float) -> None:
    """Print one row of the table."""
    print(f"{label:10}{what:18}{one:10.2f}{many:16.2f}{many / one:8.2f}", flush=True)


if __name__ == "__main__":
    main()
