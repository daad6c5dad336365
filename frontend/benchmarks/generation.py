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
FIXTURES = FRONTEND / "tests/fixtures"
MODULES = FRONTEND.parent / "backend/src/trading_api/modules"
SCRIPTS = {
    "REST": ("openapi.json", FRONTEND / "scripts/generate-openapi-client.sh"),
    "WebSocket types": ("asyncapi.json", FRONTEND / "scripts/generate-asyncapi-types.sh"),
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Measure the CPU time of generating clients.")
    parser.add_argument("--modules", type=int, default=50)
    parser.add_argument("--runs", type=int, default=3, help="runs, of which the lowest counts")
    arguments = parser.parse_args()
    print(f"CPU seconds (user + system), the lowest of {arguments.runs} runs")
    print(f"{'spec':10}{'what':26}{'1 module':>10}{arguments.modules:>8} modules{'ratio':>8}")
    for what, (name, script) in SCRIPTS.items():
        specs = {spec.parent.parent.name: spec for spec in sorted(MODULES.glob(f"*/specs/{name}"))}
        for label, spec in {"fixture": FIXTURES / f"shapes.{name}", **specs}.items():
            one = measure(script, spec, 1, arguments.runs)
            many = measure(script, spec, arguments.modules, arguments.runs)
            print_row(label, what, one[0], many[0])
            print_row(label, f"{what}, unchanged", one[1], many[1])


def measure(script: Path, spec: Path, modules: int, runs: int) -> tuple[float, float]:
    """Return the CPU seconds of generating everything, and of a second run with nothing to do."""
    (FRONTEND / ".cache").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FRONTEND / ".cache", prefix="bench-") as temporary:
        root = Path(temporary)
        for number in range(modules):
            specs = root / f"modules/module{number}/specs"
            specs.mkdir(parents=True)
            shutil.copy(spec, specs / spec.name.removeprefix("shapes."))
        options = ["--specs-dir", str(root / "modules"), "--output-dir", str(root / "clients")]
        seconds = []
        for _ in range(runs):
            shutil.rmtree(root / "clients", ignore_errors=True)
            seconds.append((run(script, *options), run(script, *options)))
    generate, skip = zip(*seconds, strict=True)
    return min(generate), min(skip)


def run(*command: Path | str) -> float:
    """Return the CPU seconds of a command and its processes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def print_row(label: str, what: str, one: float, many: float) -> None:
    """Print one row of the table."""
    print(f"{label:10}{what:26}{one:10.2f}{many:16.2f}{many / one:8.2f}", flush=True)


if __name__ == "__main__":
    main()
