"""Generate a typed async Python client for every module that has an OpenAPI spec.

Reads <modules-dir>/<module>/specs/openapi.json, and asyncapi.json if the module has streams, and
writes <output-dir>/<module>_client.py and __init__.py. Models are not generated: the class of each
schema is looked up, by its name, in the packages that --models names. Every client is generated and
checked before the first file is written. Files that do not change are not touched, and clients of
removed modules are removed.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from client_generator.check import check
from client_generator.check_models import check_models
from client_generator.check_streams import check_streams
from client_generator.client import Client
from client_generator.document import Document, StreamsDocument
from client_generator.errors import GeneratorError, raise_all
from client_generator.models import ModelIndex
from client_generator.operations import build_operations
from client_generator.parse import parse
from client_generator.parse_streams import KEY, SKIPPED, parse_streams
from client_generator.pointers import join_pointer
from client_generator.project import GENERATED, RUNTIME, class_prefix
from client_generator.render import check_requirements, client_file, render
from client_generator.runtime_copy import FOLDER, copy_runtime
from client_generator.upgrade import upgrade
from export_report import print_errors, read_errors
from generator_options import parse_options
from outputs import Outputs, display_path, fail

MAX_DEPTH = 100
"""Levels of objects and arrays up to which an invalid document is examined."""


@dataclass(frozen=True, slots=True)
class Source:
    """The specs of one module, as they were read; `streams` is None if it has no streams."""

    module: str
    path: Path
    spec: dict[str, Any]
    streams: dict[str, Any] | None = None

    @property
    def streams_path(self) -> Path:
        """The file of the AsyncAPI spec."""
        return self.path.with_name("asyncapi.json")


def main(argv: list[str] | None = None) -> int:
    """Run the generator and return its exit code: 0, 1 (differences or errors) or 2 (usage)."""
    try:
        options = parse_options(argv, __doc__ or "")
    except GeneratorError as error:
        fail(str(error))
        return 2
    outputs = Outputs("python clients", check=options.check)
    skipped: list[GeneratorError] | None = [] if options.skip_unsupported else None
    try:
        sources = _read(options.modules_dir)
        files = _files(sources, options, skipped)
        _check_ownership(options.output_dir, files)
    except GeneratorError as error:
        # Errors of the export come first: those of the generator may be their consequence.
        if not (options.export_report and print_errors(options.export_report, None)):
            for each in error.each:
                fail(str(each))
            print("  no client was changed", file=sys.stderr)
        return 1
    for name, text in files.items():
        outputs.write(options.output_dir / name, text)
    for path in _stale_files(options, {*files, *(client_file(each.module) for each in sources)}):
        outputs.remove(path)
    outputs.close()
    for each in skipped or ():
        print(f"  left out: {each}")
    if options.check and outputs.differences:
        fail("the clients are stale; run: make -f project.mk generate-python-clients")
        return 1
    return 0


def _files(
    sources: Sequence[Source], options: argparse.Namespace, skipped: list[GeneratorError] | None
) -> dict[str, str]:
    """Return the files that a run writes: name -> source."""
    _check_names(options.module, sources, options.modules_dir)
    _check_prefixes(sources)
    existing = [each.module for each in sources if _client_path(options, each.module).is_file()]
    selected = [each for each in sources if each.module in (options.module or [each.module])]
    keepable = _find_export_errors(options.export_report) & {*existing}
    runtime = f".{FOLDER}" if options.copy_runtime else RUNTIME
    files = generate(selected, options.models, existing, keepable, skipped, runtime)
    return files | (copy_runtime() if options.copy_runtime else {})


def _stale_files(options: argparse.Namespace, expected: Collection[str]) -> Iterable[Path]:
    """Yield the generated files that are no longer generated."""
    patterns = ["*_client.py", *([f"{FOLDER}/*.py"] if options.copy_runtime else [])]
    for path in sorted(each for every in patterns for each in options.output_dir.glob(every)):
        name = path.relative_to(options.output_dir).as_posix()
        if name not in expected and _is_generated(path):
            yield path


def generate(
    sources: Sequence[Source],
    packages: Sequence[str],
    existing: Collection[str] = (),
    keepable: Collection[str] = (),
    skipped: list[GeneratorError] | None = None,
    runtime: str = RUNTIME,
) -> dict[str, str]:
    """Return the files of the clients package: name -> source.

    Args:
        sources: The specs to generate clients of.
        packages: The import paths of the packages with their models.
        existing: Modules that have a client, which the package exports beside the new ones.
        keepable: Those of `existing` whose spec may be stale; an error in it is not raised.
        skipped: Collects the errors of operations, which are then left out.
        runtime: The import path of the runtime, for the clients.

    Raises:
        GeneratorError: a spec cannot become a client; the message names file and location.
    """
    check_requirements()
    models = ModelIndex(*packages)
    clients, errors = [], list[GeneratorError]()
    missing: dict[str, list[GeneratorError]] = {}
    for source in sources:
        missing[source.module] = []
        try:
            left_out = None if skipped is None else missing[source.module]
            clients.append(_client(source, models, left_out))
        except GeneratorError as error:
            if source.module not in keepable:
                errors += error.each
    raise_all(errors)
    modules = sorted({*existing, *(client.module for client in clients)})
    files = render(clients, modules, runtime)
    for source in sources:
        if client_file(source.module) in files:
            _check_source(files[client_file(source.module)], source, missing[source.module])
            if skipped is not None:
                skipped += (each.within(_file_of(source, each)) for each in missing[source.module])
    return files


def _check_source(text: str, source: Source, missing: Sequence[GeneratorError]) -> None:
    """Check that a client has everything that its specs declare, other than what is missing."""
    keys = {each.operation for each in missing if each.operation}
    check(text, source.spec, {(method.upper(), path) for path, method in keys})
    if source.streams is not None:
        names = {name for name, kind in keys if kind == SKIPPED}
        check_streams(text, source.streams, names)


def _check_names(names: Collection[str], sources: Sequence[Source], modules_dir: Path) -> None:
    """Raise GeneratorError if a module that was named has no spec."""
    unknown = sorted(set(names) - {source.module for source in sources})
    if unknown:
        raise GeneratorError(display_path(modules_dir), f"there is no spec of {', '.join(unknown)}")


def _client_path(options: argparse.Namespace, module: str) -> Path:
    path: Path = options.output_dir / client_file(module)
    return path


def _find_export_errors(report: Path | None) -> set[str]:
    """Return the modules that have an error in the report of the export."""
    return {each.module for each in read_errors(report)} if report else set()


def _check_prefixes(sources: Sequence[Source]) -> None:
    """Raise GeneratorError if the clients of two modules would have the same name."""
    seen: dict[str, Source] = {}
    for source in sources:
        other = seen.setdefault(class_prefix(source.module), source)
        if other is not source:
            name = f"{class_prefix(source.module)}Client"
            raise GeneratorError(
                display_path(source.path),
                f"the client of {other.module} is also named {name!r}; rename one of the modules",
            )


def _check_ownership(output_dir: Path, names: Iterable[str]) -> None:
    """Raise GeneratorError if a file to be overwritten is not a generated one."""
    if output_dir.exists() and not output_dir.is_dir():
        raise GeneratorError(display_path(output_dir), "is a file; --output-dir takes a folder")
    for path in (output_dir / name for name in names):
        if path.is_file() and not _is_generated(path):
            raise GeneratorError(
                display_path(path),
                "was not written by this script; move it, or choose another --output-dir",
            )


def _is_generated(path: Path) -> bool:
    text = path.read_text(encoding="utf-8", errors="replace")
    return not text.strip() or GENERATED in text


def _client(source: Source, models: ModelIndex, skipped: list[GeneratorError] | None) -> Client:
    streams = _streams(source, models, skipped)
    try:
        document = parse(source.module, source.spec, models, skipped)
        if skipped is None:
            sent = {each for operation in document.operations for each in operation.sent_components}
            check_models(source.spec, document.components, sent)
        else:
            document = _without_differences(document, source.spec, skipped)
        return build_operations(document, class_prefix(source.module), skipped, streams)
    except GeneratorError as error:
        raise error.within(_file_of(source, error)) from None
    except (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError) as error:
        # Some value has a type that OpenAPI does not allow; the validator finds out which.
        raise GeneratorError(display_path(source.path), _invalidity(source.spec, error)) from None


def _streams(
    source: Source, models: ModelIndex, skipped: list[GeneratorError] | None
) -> StreamsDocument | None:
    """Return the parsed spec of the streams of a module, if it has any."""
    if source.streams is None:
        return None
    try:
        document = parse_streams(source.module, source.streams, models, skipped)
        check_models(source.streams, document.components, document.sent_components)
    except GeneratorError as error:
        raise error.within(f"{display_path(source.streams_path)}:") from None
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        # Some value has a type that AsyncAPI does not allow.
        reason = f"is not a valid AsyncAPI document ({type(error).__name__}: {error!s:.80})"
        raise GeneratorError(display_path(source.streams_path), reason) from None
    return document


def _file_of(source: Source, error: GeneratorError) -> str:
    """Return the spec that an error is about, with a colon."""
    is_of_stream = error.pointer.startswith(f"#/{KEY}")
    return f"{display_path(source.streams_path if is_of_stream else source.path)}:"


def _without_differences(
    document: Document, spec: dict[str, Any], skipped: list[GeneratorError]
) -> Document:
    """Return the document without the operations whose models are not those of the spec."""
    kept = []
    for each in document.operations:
        models = {at: document.components[at] for at in each.components}
        try:
            check_models(spec, models, each.sent_components)
            kept.append(each)
        except GeneratorError as error:
            skipped.append(error.within(f"{each.id}:", (each.path, each.method.lower())))
    return replace(document, operations=tuple(kept))


def _invalidity(spec: dict[str, Any], failure: Exception) -> str:
    """Return the first reason why `spec` is not a valid OpenAPI document, in one line.

    If it is valid, the generator itself failed.
    """
    if _depth(spec) > MAX_DEPTH:
        return "is nested too deeply to be read"
    # Imported here because loading the validator takes longer than generating every client.
    try:
        from openapi_spec_validator import OpenAPIV31SpecValidator
    except ModuleNotFoundError:
        return "is not a valid OpenAPI document; install openapi-spec-validator to learn where"
    reason = f"it cannot be read ({type(failure).__name__}: {failure!s:.80})"
    # The validator cannot read half of a surrogate pair.
    readable = json.loads(json.dumps(spec, ensure_ascii=False).encode("utf-8", "replace"))
    with suppress(Exception):  # the validator itself fails on some invalid documents
        for error in OpenAPIV31SpecValidator(readable).iter_errors():
            reason = f"{join_pointer('#', *error.absolute_path)}: {error.message:.200}"
            break
    return f"is not a valid OpenAPI document: {' '.join(reason.split())}"


def _depth(spec: Any) -> int:
    """Return how many levels of objects and arrays a document has."""
    level, depth = [spec], 0
    while level:
        containers = [each for each in level if isinstance(each, dict | list)]
        level = [
            item
            for each in containers
            for item in (each.values() if isinstance(each, dict) else each)
        ]
        depth += 1
    return depth


def _read(modules_dir: Path) -> list[Source]:
    paths = sorted(modules_dir.glob("*/specs/openapi.json"))
    if not paths:
        raise GeneratorError(
            f"{display_path(modules_dir)}/*/specs/openapi.json",
            "there are no specs; export them (in this project: make -C backend export-specs)",
        )
    sources = []
    for path in paths:
        source = Source(path.parent.parent.name, path, upgrade(_read_object(path)))
        if source.streams_path.is_file():
            source = replace(source, streams=_read_object(source.streams_path))
        sources.append(source)
    return sources


def _read_object(path: Path) -> dict[str, Any]:
    try:
        spec = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise GeneratorError(display_path(path), f"is not JSON: {error}") from None
    if not isinstance(spec, dict):
        raise GeneratorError(display_path(path), "is not a JSON object")
    return spec


if __name__ == "__main__":
    # Looking for garbage would take up to a fifth of the CPU time of this short process.
    gc.disable()
    sys.exit(main())
