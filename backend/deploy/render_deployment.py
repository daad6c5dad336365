"""Write what runs every module in containers: Kubernetes, Compose, and the routes of the gateway.

Everything follows from the modules: their `info`, their specs, and whether they have a database
(`store/migrate.py`). Run by `make -C backend deploy-render`.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from trading_api.app_factory import ModuleLoadError, module_info
from trading_api.shared.module import ModuleInfo
from trading_api.shared.utils import MODULES_DIR, discover_modules, url_variable

HERE = Path(__file__).parent
PAGE = HERE.parent.parent / "frontend/dist"
PORT = 8000
"""Where each container listens, so that `http://<module>:8000` is its address everywhere."""


@dataclass(frozen=True)
class Deployed:
    """A module as the templates see it."""

    name: str
    info: ModuleInfo
    callers: Sequence[str]
    """The other modules that call it, beside the gateway."""
    has_database: bool
    routes: str
    """A regular expression that matches all paths of its operations and streams."""
    addresses: Sequence[str]
    """Where the gateway finds it; none for the containers with its name."""

    @property
    def url_variable(self) -> str:
        """The environment variable with the address of the module."""
        return url_variable(self.name)


class DeploymentError(Exception):
    """The deployment cannot be written; the message says what is missing."""


def read_modules(addresses: Mapping[str, Sequence[str]]) -> list[Deployed]:
    """Return all modules.

    Raises:
        DeploymentError: a module has no spec yet, or an address is that of no module.
        ModuleLoadError: a module cannot be imported.
    """
    names = discover_modules(MODULES_DIR)
    unknown = sorted({*addresses} - {*names})
    if unknown:
        raise DeploymentError(
            f"--address: unknown module {', '.join(unknown)} (known: {', '.join(names)})"
        )
    infos = {name: module_info(name) for name in names}
    return [
        Deployed(
            name=name,
            info=infos[name],
            callers=[other for other, info in infos.items() if name in info.requires],
            has_database=(MODULES_DIR / name / "store/migrate.py").is_file(),
            routes=pattern_of(paths_of(name)),
            addresses=addresses.get(name, ()),
        )
        for name in names
    ]


def paths_of(module_name: str) -> list[str]:
    """Return the paths of the operations and streams of a module, from its specs."""
    specs = MODULES_DIR / module_name / "specs"
    streams = _read_spec(specs / "asyncapi.json") if (specs.parent / "ws.py").is_file() else {}
    channels = streams.get("channels", {}).values()
    paths = [*_read_spec(specs / "openapi.json")["paths"], *(each["address"] for each in channels)]
    return sorted(paths)


def pattern_of(paths: Sequence[str]) -> str:
    """Return a regular expression for paths, in which a parameter is one segment."""
    return "|".join(_pattern(path) for path in paths)


def render(modules: Sequence[Deployed], options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield name and content of each file."""
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    headers = _page_headers(options.get("page", PAGE))
    everything = {**options, "modules": modules, "port": PORT, "headers": headers}
    for name in ("compose.yaml", "routes.caddy", "headers.caddy"):
        yield name, templates.get_template(f"{name}.j2").render(everything)
    for name in ("kustomization.yaml", "config.yaml", "gateway.yaml"):
        yield f"kubernetes/{name}", templates.get_template(f"{name}.j2").render(everything)
    for module in modules:
        text = templates.get_template("module.yaml.j2").render(everything, module=module)
        yield f"kubernetes/{module.name}.yaml", text


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write the files, and remove those of modules that no longer exist."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    for path in folder.glob("kubernetes/*.yaml"):
        if f"kubernetes/{path.name}" not in files:
            path.unlink()


def _read_spec(path: Path) -> dict[str, Any]:
    try:
        spec: dict[str, Any] = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise DeploymentError(
            f"{path} is missing; export it with: make -f project.mk export-specs-all"
        ) from None
    return spec


def _pattern(path: str) -> str:
    parts = re.split(r"(\{[^}]*\})", path)
    return "".join("[^/]+" if part.startswith("{") else re.escape(part) for part in parts)


def _page_headers(page: Path) -> dict[str, str]:
    path = page / "security-headers.json"
    if not path.is_file():
        raise DeploymentError(f"{path} is missing; build the page with: make -C frontend build")
    headers: dict[str, str] = json.loads(path.read_bytes())
    return headers


def _addresses(values: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for value in values:
        name, _, address = value.partition("=")
        if not re.fullmatch(r"[^:/\s]+:\d+|\[[0-9a-f:]+\]:\d+", address):
            raise DeploymentError(f"--address {value}: write it as <module>=<host>:<port>")
        found.setdefault(name, []).append(address)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="where the files are written")
    parser.add_argument("--image", default="localhost/trading-api:dev")
    parser.add_argument("--gateway-image", default="localhost/trading-gateway:dev")
    parser.add_argument("--host", default="localhost", help="the name under which users reach it")
    parser.add_argument("--page", type=Path, default=PAGE, help="the folder of the built page")
    parser.add_argument(
        "--address",
        action="append",
        default=[],
        metavar="MODULE=HOST:PORT",
        help="a process of a module, for a gateway without containers; can be repeated",
    )
    arguments = parser.parse_args()
    options = {
        "image": arguments.image,
        "gateway_image": arguments.gateway_image,
        "host": arguments.host,
        "page": arguments.page,
    }
    try:
        modules = read_modules(_addresses(arguments.address))
        write(arguments.folder, dict(render(modules, options)))
    except (DeploymentError, ModuleLoadError) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
