"""What the two spec exporters have in common: the loop over modules, the files, the exit code."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from outputs import Outputs, displayed, fail
from trading_api.app_factory import ModuleLoadError
from trading_api.shared.utils import MODULES_DIR, discover_modules

PACKAGE = MODULES_DIR.parent.name

BuildSpec = Callable[[str], dict[str, Any]]


class SpecError(ValueError):
    """A module's spec is not fit to be written; the message says where and what to do."""


class Failure(NamedTuple):
    """Why something has no spec, or not a new one: a module, or a folder that cannot be one."""

    message: str
    module: str | None


def export(
    filename: str,
    build: BuildSpec,
    discover: Callable[[Path], list[str]],
    module_name: str | None = None,
) -> list[Failure]:
    """Write `specs/<filename>` of one module, or of all of them; return the failures.

    A module that fails is reported and keeps the spec that it has; the others are exported all the
    same. With all modules, specs whose module has gone are removed.

    Raises:
        SpecError: `module_name` is not a module that has such a spec.
    """
    known = discover(MODULES_DIR)
    if module_name is not None and module_name not in known:
        raise SpecError(f"no module {module_name!r} with {filename} (known: {', '.join(known)})")
    outputs = Outputs(filename)
    failures = [] if module_name is not None else [*_unusable_names()]
    for failure in failures:
        fail(failure.message)
    for name in known if module_name is None else [module_name]:
        try:
            text = json.dumps(build(name), indent=2, ensure_ascii=False) + "\n"
        except (ModuleLoadError, SpecError) as error:
            message = f"{error}\n  {name} keeps the {filename} that it had, if any"
            failures.append(Failure(message, name))
            fail(message)
            continue
        outputs.write(MODULES_DIR / name / "specs" / filename, text)
    if module_name is None:
        _prune(outputs, filename, known)
    outputs.close()
    return failures


def run(
    description: str, exporter: Callable[[str | None], list[Failure]], argv: list[str] | None = None
) -> int:
    """Run an exporter from the command line and return its exit code: 0, 1 or 2 (usage)."""
    options = _options(description, argv)
    try:
        failures = exporter(options.module_name)
    except SpecError as error:
        fail(str(error))
        return 2
    if options.failures is not None:
        options.failures.write_text("".join(f"error: {each.message}\n" for each in failures))
        names = sorted(each.module for each in failures if each.module)
        failed_modules_file(options.failures).write_text("".join(f"{name}\n" for name in names))
        return 0
    return 1 if failures else 0


def failed_modules_file(failures: Path) -> Path:
    """Return the file that holds the names of the modules of `failures`, one per line."""
    return failures.with_name(f"{failures.name}.modules")


def _options(description: str, argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument(
        "module_name",
        nargs="?",
        help=f"export this module alone (known: {', '.join(discover_modules(MODULES_DIR))})",
    )
    parser.add_argument(
        "--failures",
        type=Path,
        metavar="FILE",
        help="write the failures to FILE, and the names of the modules to FILE.modules, and exit"
        " with 0, so that a build can go on with what is sound and report the rest at its end",
    )
    return parser.parse_args(argv)


def _unusable_names() -> Iterator[Failure]:
    for path in sorted(MODULES_DIR.glob("*/api.py")):
        name = path.parent.name
        if name not in discover_modules(MODULES_DIR) and not name.startswith("_"):
            yield Failure(
                f"{displayed(path)}: a module cannot be called {name!r}; use a Python identifier",
                None,
            )


def _prune(outputs: Outputs, filename: str, known: list[str]) -> None:
    for path in sorted(MODULES_DIR.glob(f"*/specs/{filename}")):
        if path.parent.parent.name not in known:
            outputs.remove(path)
