"""What the two spec exporters share: the loop over modules, the checks between them, the files."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from export_report import ExportError
from module_checks import folder_errors, info_errors
from outputs import Outputs, fail
from trading_api.app_factory import ModuleLoadError, module_info
from trading_api.shared.module import ModuleInfo
from trading_api.shared.utils import (
    MODULES_DIR,
    discover_foreign_modules,
    discover_modules,
    is_module_name,
)

PACKAGE = MODULES_DIR.parent.name

Documents = dict[str, dict[str, Any]]
"""The specs that were built, by module."""


class SpecError(ValueError):
    """A module's spec cannot be written; the message names location and remedy."""


def export(
    kind: str,
    build: Callable[[str], dict[str, Any]],
    discover: Callable[[Path], list[str]],
    module_name: str | None = None,
    find_conflicts: Callable[[Documents], list[ExportError]] = lambda _: [],
) -> list[ExportError]:
    """Write `specs/<kind>.json` of one module, or of every module, and return the errors.

    A module with an error keeps the spec that it has; the others are exported. An export of every
    module also compares the modules with each other and removes the specs of deleted modules.

    Raises:
        SpecError: `module_name` is not a module that has such a spec.
    """
    known = discover(MODULES_DIR)
    if module_name is not None and module_name not in known:
        raise SpecError(
            f"{module_name!r} is not a module with a spec of this kind (known: {', '.join(known)})"
        )
    names = known if module_name is None else [module_name]
    errors = [*folder_errors(MODULES_DIR)] if module_name is None else []
    errors += info_errors(_infos(names), MODULES_DIR)
    outputs = Outputs(f"{kind}.json")
    documents: Documents = {}
    for name in names:
        if any(each.module == name for each in errors):
            continue
        try:
            documents[name] = build(name)
        except (ModuleLoadError, SpecError) as error:
            errors.append(ExportError(kind, name, str(error)))
    errors += find_conflicts(documents)
    failed = {each.module for each in errors}
    for name, document in documents.items():
        if name not in failed:
            text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
            outputs.write(spec_path(name, kind), text)
    if module_name is None:
        foreign = discover_foreign_modules(MODULES_DIR)
        _prune(outputs, kind, {*known, *foreign, *filter(is_module_name, failed)})
    outputs.close()
    return errors


def spec_path(module_name: str, kind: str) -> Path:
    """Return where the spec of a module is."""
    return MODULES_DIR / module_name / "specs" / f"{kind}.json"


def run(
    description: str,
    exporter: Callable[[str | None], list[ExportError]],
    argv: list[str] | None = None,
) -> int:
    """Run an exporter from the command line and return its exit code: 0, 1 or 2 (usage)."""
    parser = argparse.ArgumentParser(description=description)
    known = ", ".join(discover_modules(MODULES_DIR))
    parser.add_argument("module_name", nargs="?", help=f"export only this module (known: {known})")
    try:
        errors = exporter(parser.parse_args(argv).module_name)
    except SpecError as error:
        fail(str(error))
        return 2
    for line in dict.fromkeys(line for each in errors for line in each.error.splitlines()):
        fail(line)
    return 1 if errors else 0


def _infos(names: list[str]) -> Mapping[str, ModuleInfo]:
    """Return the infos of the modules; one that cannot be imported fails later, with its reason."""
    infos = {}
    for name in names:
        try:
            infos[name] = module_info(name)
        except ModuleLoadError:
            continue
    return infos


def _prune(outputs: Outputs, kind: str, kept: set[str]) -> None:
    for path in sorted(MODULES_DIR.glob(f"*/specs/{kind}.json")):
        if path.parent.parent.name not in kept:
            outputs.remove(path)
