"""Which packages the Python that runs the generator needs."""

from __future__ import annotations

import sys
from importlib.util import find_spec

PACKAGES = ("jinja2", "pydantic", "ruff")


def check_python() -> None:
    """End the process with one line if nothing of the generator can be imported."""
    if find_spec("tomllib") is None:
        sys.exit(f"error: {sys.executable} is Python {sys.version.split()[0]}; use 3.11 or later")
    if find_spec("pydantic") is None:
        sys.exit(f"error: {missing_packages()}")


def missing_packages() -> str:
    """Return what to install, in one line, or an empty string if nothing is missing."""
    missing = " ".join(name for name in PACKAGES if find_spec(name) is None)
    if not missing:
        return ""
    return f"the generator needs {missing}; run: {sys.executable} -m pip install {missing}"
