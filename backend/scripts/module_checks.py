"""What keeps folders from being modules, and modules from living side by side in one process."""

from __future__ import annotations

import keyword
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from export_report import ExportError
from outputs import display_path
from trading_api.shared.module import ModuleInfo
from trading_api.shared.utils import (
    discover_foreign_modules,
    discover_modules,
    is_module_name,
    suggest_module_name,
)


def folder_errors(modules_dir: Path) -> Iterator[ExportError]:
    """Yield an error for every folder with Python files that is not a module."""
    known = discover_modules(modules_dir)
    for folder in sorted({path.parent for path in modules_dir.glob("*/*.py")}):
        if folder.name in known or folder.name.startswith("_"):
            continue
        if is_module_name(folder.name):
            reason = "a module needs an api.py with a `router`; add it, or remove the folder"
        elif keyword.iskeyword(folder.name):
            reason = f"{folder.name} is a keyword of Python; choose another name"
        else:
            reason = (
                f"{folder.name} is not a module name; call it {suggest_module_name(folder.name)}"
            )
        yield ExportError("module", folder.name, f"{display_path(folder)}: {reason}")
    for name in discover_foreign_modules(modules_dir):
        if not (modules_dir / name / "specs/openapi.json").is_file():
            reason = "needs its specs/openapi.json, which is not exported; add it"
            yield ExportError("module", name, f"{display_path(modules_dir / name)}: {reason}")


def info_errors(infos: Mapping[str, ModuleInfo], modules_dir: Path) -> Iterator[ExportError]:
    """Yield an error for every required module that does not exist and every port used twice."""
    known = sorted([*discover_modules(modules_dir), *discover_foreign_modules(modules_dir)])
    for name, info in infos.items():
        for required in info.requires:
            if required not in known:
                reason = f"requires {required!r}, which is not a module (known: {', '.join(known)})"
                yield _info_error(modules_dir, name, "requires", reason)
    by_port = defaultdict(list)
    for name, info in infos.items():
        by_port[info.port].append(name)
    for port, names in by_port.items():
        if len(names) < 2:
            continue
        for name in _newcomers(dict.fromkeys(names, f'"http://127.0.0.1:{port}"'), modules_dir):
            others = ", ".join(each for each in names if each != name)
            reason = f"port {port} is already used by {others}; choose another"
            yield _info_error(modules_dir, name, "port", reason)


def conflict_errors(
    documents: Mapping[str, Mapping[str, Any]],
    locations_of: Callable[[str], Mapping[tuple[str, str], str]],
    modules_dir: Path,
) -> Iterator[ExportError]:
    """Yield an error for every operation that two modules could not both have in one process.

    Args:
        documents: The OpenAPI document of each module.
        locations_of: Returns (path, method) -> `file:line: function` for a module; called only for
            modules in conflict.
        modules_dir: The folder of the modules.
    """
    users = defaultdict(list)
    for name, document in documents.items():
        for path, item in document["paths"].items():
            for method, operation in item.items():
                location = (name, path, method)
                route = f"{method.upper()} {path}"
                # The name of a parameter makes no difference to the router.
                matched = re.sub(r"\{[^{}]*\}", "{}", route)
                users[matched, "change a path"].append((location, route, f'"{path}": {{'))
                operation_id = operation["operationId"]
                named = f"the operation name {operation_id!r}"
                exported = f'"operationId": "{operation_id}"'
                users[named, "rename a function"].append((location, named, exported))
    for (_, remedy), operations in users.items():
        used = {name: what for (name, _, _), what, _ in operations}
        if len(used) < 2:
            continue
        at = {name: locations_of(name)[path, method] for (name, path, method), _, _ in operations}
        for name in _newcomers({name: text for (name, _, _), _, text in operations}, modules_dir):
            others = ", ".join(f"{other} ({at[other]})" for other in sorted({*used} - {name}))
            yield ExportError(
                "openapi", name, f"{at[name]}: {used[name]} is also used by {others}; {remedy}"
            )


def _newcomers(texts: Mapping[str, str], modules_dir: Path) -> list[str]:
    """Return the modules whose exported spec does not have their text yet; all if each has.

    A module that changes does not keep the one that was first from being exported.
    """
    new = []
    for name, text in sorted(texts.items()):
        path = modules_dir / name / "specs/openapi.json"
        if not path.is_file() or text not in path.read_text(encoding="utf-8"):
            new.append(name)
    return new or sorted(texts)


def _info_error(modules_dir: Path, name: str, field: str, reason: str) -> ExportError:
    path = modules_dir / name / "__init__.py"
    before, found, _ = path.read_text(encoding="utf-8").partition(f"{field}=")
    line = before.count("\n") + 1 if found else 1
    return ExportError("module", name, f"{display_path(path)}:{line}: {reason}")
