"""Auto-discovery: the only place that knows what makes a folder a module.

`python -m trading_api.shared.utils` prints the modules, one a line, for scripts in other languages.
Only the standard library is needed, and nothing of a module is imported.
"""

from __future__ import annotations

import keyword
from pathlib import Path

MODULES_DIR = Path(__file__).resolve().parent.parent / "modules"
"""The folder whose sub-folders are the modules of this application."""

API_PREFIX = "/api/v1"


def discover_modules(base_dir: Path) -> list[str]:
    """Return the names of the modules below `base_dir`, sorted.

    A module is a folder whose name is a Python identifier without a leading underscore and which
    has an `api.py`. Left-overs, such as a folder that holds only generated specs, are no modules.

    Raises:
        NotADirectoryError: `base_dir` is no folder.
    """
    return _folders_with(base_dir, "api.py")


def discover_modules_with_websockets(base_dir: Path) -> list[str]:
    """Return the names of the modules below `base_dir` that have streams (a `ws.py`), sorted.

    Raises:
        NotADirectoryError: `base_dir` is no folder.
    """
    with_streams = set(_folders_with(base_dir, "ws.py"))
    return [name for name in discover_modules(base_dir) if name in with_streams]


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
        raise NotADirectoryError(f"{base_dir}: no such folder, so there are no modules to find")
    return sorted(
        path.parent.name
        for path in base_dir.glob(f"*/{filename}")
        if _is_module_name(path.parent.name)
    )


def _is_module_name(name: str) -> bool:
    return name.isidentifier() and not name.startswith("_") and not keyword.iskeyword(name)


if __name__ == "__main__":
    print(*discover_modules(MODULES_DIR), sep="\n")
