"""Generate a typed async Python client for every module that has an OpenAPI spec.

Reads <modules-dir>/<module>/specs/openapi.json and writes <output-dir>/<module>_client.py and
__init__.py. The schemas of a spec are not generated again: each is looked up, by its title, in the
package of pydantic models that --models names. All clients are made and checked before any file
is written; files that do not change are not touched, and clients of removed modules are removed.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from client_generator.check import check
from client_generator.check_models import check_models
from client_generator.client import Client
from client_generator.errors import GeneratorError
from client_generator.models import ModelIndex
from client_generator.operations import build_operations
from client_generator.parse import parse
from client_generator.render import client_file, render
from outputs import Outputs, displayed, fail
from trading_api.shared.utils import MODULES_DIR, class_prefix

CLIENTS_DIR = MODULES_DIR.parent / "clients"
EXAMPLE = """\
for a project elsewhere:
  PYTHONPATH=../shop/src python scripts/generate_python_clients.py --models shop.models \\
      --modules-dir ../shop/src/shop/modules --output-dir ../shop/src/shop/clients
"""


@dataclass(frozen=True, slots=True)
class Source:
    """The spec of one module, as it was read."""

    module: str
    path: Path
    spec: dict[str, Any]


def main(argv: list[str] | None = None) -> int:
    """Run the generator and return its exit code: 0, 1 (differences or errors) or 2 (usage)."""
    options = _options(argv)
    outputs = Outputs("python clients", check=options.check)
    try:
        sources = _read(options.modules_dir)
        unknown = set(options.module) - {source.module for source in sources}
        if unknown:
            raise GeneratorError(
                str(options.modules_dir), f"no spec of {', '.join(sorted(unknown))}"
            )
        files = generate(sources, options.models, _keepable(options))
        _check_ownership(options.output_dir, files)
    except GeneratorError as error:
        fail(f"{error}\n  no client was changed")
        return 1
    wanted = {client_file(name) for name in options.module}
    for name, text in files.items():
        if not wanted or name in wanted or name == "__init__.py":
            outputs.write(options.output_dir / name, text)
    modules = {client_file(source.module) for source in sources}
    for path in sorted(options.output_dir.glob("*_client.py")):
        if path.name not in modules and _is_generated(path):
            outputs.remove(path)
    outputs.close()
    if options.check and outputs.differences:
        fail("the clients do not fit the specs; run: make -f project.mk generate-python-clients")
        return 1
    return 0


def generate(
    sources: Sequence[Source], models_package: str, kept: Collection[str] = ()
) -> dict[str, str]:
    """Return the files of the clients package: name -> source.

    The clients of the modules in `kept` are there already, and are not among the files if their
    specs do not fit.

    Raises:
        GeneratorError: another spec cannot become a client; the message names spec and place.
    """
    models = ModelIndex(models_package)
    _check_prefixes(sources)
    clients = []
    for source in sources:
        try:
            clients.append(_client(source, models))
        except GeneratorError:
            if source.module not in kept:
                raise
    files = render(clients, [source.module for source in sources])
    for source in sources:
        if client_file(source.module) in files:
            check(files[client_file(source.module)], source.spec)
    return files


def _keepable(options: argparse.Namespace) -> set[str]:
    """Return the modules that could not be exported, and have a client to keep."""
    if options.failed is None:
        return set()
    names = options.failed.read_text().split()
    return {name for name in names if (options.output_dir / client_file(name)).is_file()}


def _check_prefixes(sources: Sequence[Source]) -> None:
    """Raise GeneratorError if the clients of two modules would have one name."""
    seen: dict[str, Source] = {}
    for source in sources:
        other = seen.setdefault(class_prefix(source.module), source)
        if other is not source:
            name = f"{class_prefix(source.module)}Client"
            raise GeneratorError(
                displayed(source.path),
                f"{other.module} would be the class {name!r} too; rename one",
            )


def _check_ownership(output_dir: Path, names: Iterable[str]) -> None:
    """Raise GeneratorError if a file that would be overwritten was written by somebody else."""
    if output_dir.exists() and not output_dir.is_dir():
        raise GeneratorError(displayed(output_dir), "is a file; --output-dir is a folder")
    for path in (output_dir / name for name in names):
        if path.is_file() and not _is_generated(path):
            raise GeneratorError(
                displayed(path), "was not written by this script; move it, or give --output-dir"
            )


def _is_generated(path: Path) -> bool:
    text = path.read_text(encoding="utf-8", errors="replace")
    return not text.strip() or f"Generated by scripts/{Path(__file__).name}" in text


def _client(source: Source, models: ModelIndex) -> Client:
    try:
        document = parse(source.module, source.spec, models)
        check_models(source.spec, document.components)
        return build_operations(document, class_prefix(source.module))
    except GeneratorError as error:
        raise error.within(f"{displayed(source.path)}:") from None
    except (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError):
        # Something is not of the kind that OpenAPI wants there; the validator says what and where.
        raise GeneratorError(displayed(source.path), _invalidity(source.spec)) from None


def _invalidity(spec: dict[str, Any]) -> str:
    """Return the first reason why `spec` is no valid OpenAPI document, in one line."""
    # Loading the validator takes longer than generating all clients: only when it has to say why.
    from openapi_spec_validator import OpenAPIV31SpecValidator

    reason = "it cannot be read"
    with suppress(Exception):  # the validator itself trips over some invalid documents
        for error in OpenAPIV31SpecValidator(spec).iter_errors():
            place = "/".join(str(part) for part in error.absolute_path)
            reason = f"#/{place}: {error.message:.200}"
            break
    return f"is not a valid OpenAPI document: {' '.join(reason.split())}"


def _read(modules_dir: Path) -> list[Source]:
    paths = sorted(modules_dir.glob("*/specs/openapi.json"))
    if not paths:
        raise GeneratorError(
            f"{displayed(modules_dir)}/*/specs/openapi.json",
            "no specs there; export them (here: make -C backend export-specs)",
        )
    sources = []
    for path in paths:
        try:
            spec = json.loads(path.read_text(encoding="utf-8"))
        except (ValueError, RecursionError) as error:
            raise GeneratorError(displayed(path), f"is not JSON: {error}") from None
        if not isinstance(spec, dict):
            raise GeneratorError(displayed(path), "is not a JSON object")
        sources.append(Source(path.parent.parent.name, path, spec))
    return sources


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("module", nargs="*", help="write the clients of these modules alone")
    parser.add_argument(
        "--modules-dir", type=Path, default=MODULES_DIR, help=f"default: {displayed(MODULES_DIR)}"
    )
    parser.add_argument(
        "--models", default="trading_api.models", help="import path; default: %(default)s"
    )
    parser.add_argument(
        "--output-dir", type=Path, default=CLIENTS_DIR, help=f"default: {displayed(CLIENTS_DIR)}"
    )
    parser.add_argument(
        "--failed",
        type=Path,
        metavar="FILE",
        help="FILE names modules whose export has failed; their clients may stay as they are",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; exit with 1 if a file would change, and say which",
    )
    return parser.parse_args(argv)


def _run_and_exit() -> None:
    """Run without the garbage collector, and exit without freeing what the run has made.

    Both would take a quarter of the time of a run, which is short and keeps everything to its end.
    """
    gc.disable()
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    _run_and_exit()
