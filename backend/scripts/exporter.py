"""What the two spec exporters have in common: the loop over modules, the files, the exit code."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from outputs import Outputs, displayed, fail
from trading_api.app_factory import ModuleLoadError
from trading_api.shared.utils import MODULES_DIR, discover_modules

BuildSpec = Callable[[str], dict[str, Any]]


class SpecError(ValueError):
    """A module's spec is not fit to be written; the message says where and what to do."""


def export(
    filename: str,
    build: BuildSpec,
    discover: Callable[[Path], list[str]],
    module_name: str | None = None,
) -> list[str]:
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
        fail(failure)
    for name in known if module_name is None else [module_name]:
        try:
            text = json.dumps(build(name), indent=2, ensure_ascii=False) + "\n"
        except (ModuleLoadError, SpecError) as error:
            failures.append(f"{error}\n  {name} keeps the {filename} that it had, if any")
            fail(failures[-1])
            continue
        outputs.write(MODULES_DIR / name / "specs" / filename, text)
    if module_name is None:
        _prune(outputs, filename, known)
    outputs.close()
    return failures


def run(
    description: str, exporter: Callable[[str | None], list[str]], argv: list[str] | None = None
) -> int:
    """Run an exporter from the command line and return its exit code: 0, 1 or 2 (usage)."""
    options = _options(description, argv)
    try:
        failures = exporter(options.module_name)
    except SpecError as error:
        fail(str(error))
        return 2
    if options.failures is not None:
        options.failures.write_text("".join(f"error: {each}\n" for each in failures), "utf-8")
        return 0
    return 1 if failures else 0


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
        help="write the failures to FILE and exit with 0, so that a build can go on with the"
        " modules that are sound and report the others at its end",
    )
    return parser.parse_args(argv)


def _unusable_names() -> Iterator[str]:
    for path in sorted(MODULES_DIR.glob("*/api.py")):
        name = path.parent.name
        if name not in discover_modules(MODULES_DIR) and not name.startswith("_"):
            yield f"{displayed(path)}: a module cannot be called {name!r}; use a Python identifier"


def _prune(outputs: Outputs, filename: str, known: list[str]) -> None:
    for path in sorted(MODULES_DIR.glob(f"*/specs/{filename}")):
        if path.parent.parent.name not in known:
            outputs.remove(path)
