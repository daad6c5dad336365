"""Which classes the packages of models have, and which modules to import them from."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
import typing
from collections.abc import Iterator, Sequence
from dataclasses import is_dataclass
from enum import Enum
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from pydantic import BaseModel
from typing_extensions import TypeAliasType, is_typeddict

from client_generator.errors import GeneratorError
from client_generator.project import GENERATED
from client_generator.runtime_copy import FOLDER

_ALIASES = (TypeAliasType, getattr(typing, "TypeAliasType", TypeAliasType))
_LIBRARIES = ("pydantic", "enum", "typing", "typing_extensions")


class Found(NamedTuple):
    """A class, with the module that it is imported from.

    `path` is its name in that module, such as `Outer.Inner`, and `name` the last part of it.
    `is_own` is whether the class was defined in one of the packages.
    """

    python: Any
    module: str
    path: str
    name: str
    is_own: bool

    @property
    def origin(self) -> str:
        """The module that defines the class, and the name of the class there."""
        name = getattr(self.python, "__qualname__", self.python.__name__)
        return f"{self.python.__module__}.{name}"


def find_classes(packages: Sequence[str]) -> tuple[list[Found], list[str]]:
    """Return the classes of packages, each once, and why modules of them cannot be imported.

    A class is imported from the package itself if that exports it in `__all__`, else from its own
    module: type checkers do not accept an import that is not an export. Generated clients in a
    package are left out: a copied runtime has models.

    Raises:
        GeneratorError: one of the packages itself cannot be imported.
    """
    roots = [_import_module(package) for package in packages]
    errors: list[str] = []
    modules = {each.__name__: each for each in roots}
    for root in roots:
        modules |= {each.__name__: each for each in _submodules(root, errors)}
    found: dict[tuple[int, str], Found] = {}
    foreign: dict[tuple[int, str], Found] = {}
    for module in modules.values():
        exported = vars(module).get("__all__", ()) if module in roots else ()
        for path, name, value in _classes(module):
            is_own = value.__module__ in modules
            if value.__module__ == module.__name__ or (is_own and name in exported):
                for each in {name: None, value.__name__: None}:
                    own = Found(value, module.__name__, path, each, is_own)
                    found.setdefault((id(value), each), own)
            elif not is_own and value.__name__ == name:
                foreign.setdefault((id(value), name), _find_origin(value, module))
    return [*found.values(), *foreign.values()], errors


def _find_origin(value: Any, module: ModuleType) -> Found:
    """Return a class of a library, which type checkers want to be imported from there."""
    origin, name = sys.modules.get(value.__module__), value.__name__
    owner = origin if origin is not None and getattr(origin, name, None) is value else module
    return Found(value, owner.__name__, name, name, False)


def _submodules(package: ModuleType, errors: list[str]) -> Iterator[ModuleType]:
    paths = getattr(package, "__path__", [])
    has_clients = any(_has_clients(Path(path)) for path in paths)
    for found in pkgutil.iter_modules(paths):
        if found.name == "__main__":  # importing it would run it
            continue
        if has_clients and (found.name == FOLDER or found.name.endswith("_client")):
            continue
        try:
            module = _import_module(f"{package.__name__}.{found.name}")
        except GeneratorError as error:
            errors.append(str(error))
            continue
        yield module
        yield from _submodules(module, errors)


def _has_clients(folder: Path) -> bool:
    try:
        return GENERATED in (folder / "__init__.py").read_text(encoding="utf-8", errors="replace")
    except OSError:  # a folder without __init__.py, or inside of an archive
        return False


def _import_module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:  # importing a package of models can fail in any way
        reason = f"cannot be imported: {type(error).__name__}: {error}"
        if isinstance(error, SystemExit):
            reason = "cannot be imported: it ends the process; put that under `if __name__ == ...`"
        raise GeneratorError(_file_of(name), reason) from None


def _file_of(name: str) -> str:
    """Return the name of a module with its file, if it has one."""
    try:
        spec = find_spec(name)
    except (ImportError, ValueError, SystemExit):
        spec = None
    return f"{name} ({spec.origin})" if spec and spec.origin else name


def _classes(owner: ModuleType | type, outside: str = "") -> Iterator[tuple[str, str, Any]]:
    """Yield the path, the name and the class of each class in a module, nested ones included."""
    for name, value in [*vars(owner).items()]:
        path = f"{outside}{name}"
        if _is_model(value):
            yield path, name, value
        is_nested = isinstance(value, type) and value.__qualname__ == path
        if is_nested and value.__module__ == getattr(owner, "__module__", owner.__name__):
            yield from _classes(value, f"{path}.")


def _is_model(value: Any) -> bool:
    is_alias = isinstance(value, _ALIASES)
    if not (is_alias or inspect.isclass(value)):
        return False
    if value.__module__.partition(".")[0] in _LIBRARIES:
        return False
    if is_alias:
        return True
    is_named_tuple = issubclass(value, tuple) and hasattr(value, "_fields")
    is_structure = is_named_tuple or is_dataclass(value) or is_typeddict(value)
    return is_structure or issubclass(value, BaseModel | Enum)
