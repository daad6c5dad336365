"""The modules that other programs serve, as `make run` and `make run-multi` announce them."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path

from trading_api.shared.utils import FOREIGN_FILE, discover_foreign_modules, url_variable


def foreign_notices(modules_dir: Path) -> Iterator[str]:
    """Yield a line for each module that is not served here: where it is expected.

    Raises:
        SystemExit: its file is not as it should be.
    """
    for name in discover_foreign_modules(modules_dir):
        start = _start_command(modules_dir / name / FOREIGN_FILE)
        variable = url_variable(name)
        address = os.environ.get(variable) or _server(modules_dir / name / "specs/openapi.json")
        where = f", at {address} ({variable})" if address else f"; set {variable} to its address"
        how = f"; `{start}` starts it" if start else ""
        yield f"{name}: another program serves it{where}{how}"


def _start_command(path: Path) -> str:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SystemExit(f"error: {path}: is not TOML: {error}") from None
    unknown = sorted({*content} - {"start"})
    if unknown:
        raise SystemExit(f"error: {path}: {unknown[0]} is not a key; there is `start`, a command")
    return str(content.get("start", ""))


def _server(path: Path) -> str:
    try:
        servers = json.loads(path.read_bytes()).get("servers")
    except (OSError, ValueError):
        return ""
    return str(servers[0]["url"]) if servers else ""
