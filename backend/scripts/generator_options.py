"""The options of generate_python_clients.py, from the command line and from pyproject.toml."""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from client_generator.errors import GeneratorError
from client_generator.project import PACKAGE_DIR
from outputs import display_path

TABLE = "trading-api-clients"
MODULES_DIR = PACKAGE_DIR / "modules"
CLIENTS_DIR = PACKAGE_DIR / "clients"
_NAMES = ("models", "modules-dir", "output-dir", "copy-runtime", "skip-unsupported")
EXAMPLE = f"""\
for a project elsewhere, in its folder and with its Python:
  PYTHONPATH=src python ../trading/backend/scripts/generate_python_clients.py \\
      --models shop.models --modules-dir src/shop/modules --output-dir src/shop/clients

Options can also stand in the table [tool.{TABLE}] of the pyproject.toml in the current folder:
  models = ["shop.models", "shop.routes"]
  modules-dir = "src/shop/modules"
  output-dir = "src/shop/clients"
  skip-unsupported = true
"""


def parse_options(argv: Sequence[str] | None, description: str) -> argparse.Namespace:
    """Return the options; those of the command line win over those of pyproject.toml.

    Raises:
        GeneratorError: the table in pyproject.toml is not valid.
    """
    parser = _parser(description)
    table = read_table(Path("pyproject.toml"))
    parser.set_defaults(**{name.replace("-", "_"): value for name, value in table.items()})
    options = parser.parse_args(argv)
    if not options.models:
        options.models = ["trading_api.models"]
    return options


def read_table(path: Path) -> Mapping[str, Any]:
    """Return the options in a pyproject.toml, which is empty if it has none or does not exist.

    Raises:
        GeneratorError: an option does not exist or has a value of the wrong type.
    """
    if not path.is_file():
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {}).get(TABLE, {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise GeneratorError(display_path(path), f"is not TOML: {error}") from None
    return {name: _value(name, value, path) for name, value in table.items()}


def _value(name: str, value: Any, path: Path) -> Any:
    at = f"{display_path(path)}: [tool.{TABLE}] {name}"
    match name, value:
        case "models", str():
            return [value]
        case "models", [*names] if all(isinstance(each, str) for each in names):
            return value
        case (("modules-dir" | "output-dir"), str()):
            return Path(value)
        case (("copy-runtime" | "skip-unsupported"), bool()):
            return value
    if name in _NAMES:
        raise GeneratorError(at, f"{value!r:.80} is not a valid value; see --help")
    raise GeneratorError(at, f"is not an option; there are {', '.join(_NAMES)}")


def _parser(description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=description,
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_places(parser)
    _add_modes(parser)
    return parser


def _add_places(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("module", nargs="*", help="generate only the clients of these modules")
    parser.add_argument(
        "--modules-dir",
        type=Path,
        default=MODULES_DIR,
        help=f"default: {display_path(MODULES_DIR)}",
    )
    parser.add_argument(
        "--models",
        action=_Models,
        metavar="PACKAGE",
        help="import path of a package or module with models; can be repeated;"
        " default: trading_api.models",
    )
    parser.add_argument(
        "--output-dir", type=Path, default=CLIENTS_DIR, help=f"default: {display_path(CLIENTS_DIR)}"
    )


def _add_modes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--copy-runtime",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="copy the runtime into the output folder, so that the clients import nothing of"
        " this project",
    )
    parser.add_argument(
        "--skip-unsupported",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="leave out operations that are not supported, and list them",
    )
    parser.add_argument(
        "--export-report",
        type=Path,
        metavar="FILE",
        help="the report of the export; a module with an error in it may keep a stale client",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; exit with 1 if a file would change, and say which",
    )


class _Models(argparse.Action):
    """Collects the packages that are named; the first replaces those of pyproject.toml."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        given = getattr(namespace, "given_models", [])
        namespace.given_models = namespace.models = [*given, values]
