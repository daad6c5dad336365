"""Auto-discovery: which folders are modules. Nothing of a module is imported."""

from __future__ import annotations

import keyword
import re
from pathlib import Path

MODULES_DIR = Path(__file__).resolve().parent.parent / "modules"
"""The folder whose sub-folders are the modules of this application."""

API_PREFIX = "/api/v1"

FOREIGN_FILE = "foreign.toml"
"""Marks the folder of a module whose specs are committed, and which another program serves."""


def discover_modules(base_dir: Path) -> list[str]:
    """Return the names of the modules below `base_dir`, sorted.

    A module is a folder that has an `api.py` and whose name is a module name, as `is_module_name`
    defines it. A folder that holds only generated specs is not a module.

    Raises:
        NotADirectoryError: `base_dir` is not a folder.
    """
    return _folders_with(base_dir, "api.py")


def discover_modules_with_websockets(base_dir: Path) -> list[str]:
    """Return the names of the modules below `base_dir` that have streams (a `ws.py`), sorted.

    Raises:
        NotADirectoryError: `base_dir` is not a folder.
    """
    with_streams = set(_folders_with(base_dir, "ws.py"))
    return [name for name in discover_modules(base_dir) if name in with_streams]


def discover_foreign_modules(base_dir: Path) -> list[str]:
    """Return the names of the modules below `base_dir` that other programs serve, sorted.

    Such a module is a folder with an `openapi.json` in `specs/` and the file `FOREIGN_FILE`.

    Raises:
        NotADirectoryError: `base_dir` is not a folder.
    """
    own = set(discover_modules(base_dir))
    return [name for name in _folders_with(base_dir, FOREIGN_FILE) if name not in own]


def is_module_name(name: str) -> bool:
    """Return whether a module can have this name: a lower-case Python name, such as `alerts`."""
    return re.fullmatch(r"[a-z][a-z0-9_]*", name) is not None and not keyword.iskeyword(name)


def suggest_module_name(name: str) -> str:
    """Return the nearest module name: `price-alerts` and `PriceAlerts` -> `price_alerts`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    suggestion = re.sub(r"\W+|_+", "_", words).strip("_").lower()
    return suggestion if is_module_name(suggestion) else "a name such as price_alerts"


def class_prefix(module_name: str) -> str:
    """Return the prefix of a module's class names: `market_data` -> `MarketData`."""
    return "".join(word.capitalize() for word in module_name.split("_"))


def url_variable(module_name: str) -> str:
    """Return the environment variable with the URL of a module: `broker` -> `BROKER_URL`."""
    return f"{module_name.upper()}_URL"


def stream_path(module_name: str) -> str:
    """Return the path of a module's WebSocket."""
    return f"{API_PREFIX}/{module_name}/ws"


def _folders_with(base_dir: Path, filename: str) -> list[str]:
    if not base_dir.is_dir():
        raise NotADirectoryError(f"{base_dir}: there is no such folder of modules")
    return sorted(
        path.parent.name
        for path in base_dir.glob(f"*/{filename}")
        if is_module_name(path.parent.name)
    )
