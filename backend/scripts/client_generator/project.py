"""What the generator shares with the application whose repository it is in.

It is loaded from its files: where the generator runs for another project, `trading_api` is not
installed, or is a package of that project.
"""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

PACKAGE_DIR = Path(__file__).resolve().parents[2] / "src" / "trading_api"
RUNTIME_DIR = PACKAGE_DIR / "shared" / "client"
RUNTIME = "trading_api.shared.client"
"""The import path of the runtime, in generated clients."""


def _load(path: Path) -> ModuleType:
    name = f"{__name__}.{path.stem}"
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is missing")
    module = sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if TYPE_CHECKING:
    from trading_api.shared.client.models import HTTPValidationError, ValidationError
    from trading_api.shared.utils import class_prefix, suggest_module_name
else:
    _utils = _load(PACKAGE_DIR / "shared" / "utils.py")
    class_prefix, suggest_module_name = _utils.class_prefix, _utils.suggest_module_name
    _models = _load(RUNTIME_DIR / "models.py")
    HTTPValidationError, ValidationError = _models.HTTPValidationError, _models.ValidationError

FASTAPI_MODELS = (HTTPValidationError, ValidationError)
"""The classes of FastAPI's own schemas, for packages of models that have none of that name."""

__all__ = ["FASTAPI_MODELS", "PACKAGE_DIR", "RUNTIME", "RUNTIME_DIR"]
__all__ += ["class_prefix", "suggest_module_name"]
