"""The Python calls of the shapes: one source file, checked by mypy and pyright, then run."""

from __future__ import annotations

import ast
import asyncio
import builtins
import importlib
import json
import logging
import os
import re
import subprocess
import sys
import textwrap
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.request import Request, urlopen

from pydantic_core import to_jsonable_python

from shapes.results import CANARY, Result, attribute
from shapes.shape import Shape, take_seen
from trading_api.shared.utils import class_prefix

BACKEND = Path(__file__).resolve().parents[2]
PACKAGE = "shape_clients"
CALLS = "shape_calls"
SECONDS = 60
"""How long a call may take, even if the machine is busy."""

_STANDARD = {
    **dict.fromkeys(("date", "datetime", "time", "timedelta", "UTC"), "datetime"),
    **dict.fromkeys(("JsonValue", "SecretBytes", "SecretStr"), "pydantic"),
    "AsyncIterator": "collections.abc",
    "Decimal": "decimal",
    "UUID": "uuid",
    "BytesIO": "io",
    "FileUpload": "trading_api.shared.client.wire",
}
_MODULES = ("asyncio", "copy", "json", "math", "pickle")
"""What a call may name, beside the models of its shape and the names of the client runtime."""


def write_calls(shapes: Iterable[Shape], folder: Path) -> dict[int, str]:
    """Write the calls, one function for each shape; return which line is whose."""
    lines = [
        "from __future__ import annotations",
        "",
        "from typing import TYPE_CHECKING",
        "",
        "from fastapi import FastAPI",
    ]
    owners = {}
    for shape in shapes:
        for line in _function(shape):
            lines.append(line)
            owners[len(lines)] = shape.name
    lines += ["", "", f'{CANARY}: int = "text"']
    owners[len(lines)] = CANARY
    (folder / f"{CALLS}.py").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return owners


def check_types(folder: Path, owners: Mapping[int, str]) -> dict[str, str]:
    """Return the first error of mypy or pyright in the calls or the client of each shape."""
    config = {
        "include": [PACKAGE, f"{CALLS}.py"],
        "extraPaths": [str(folder), str(BACKEND / "src"), str(BACKEND / "tests")],
        "typeCheckingMode": "strict",
        "venvPath": str(BACKEND),
        "venv": ".venv",
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(config))
    mypy = subprocess.Popen(
        [
            *(sys.executable, "-m", "mypy", "--follow-imports=silent", "--no-error-summary"),
            *("--no-pretty", "--show-error-codes", "--cache-dir", BACKEND / ".cache/mypy-shapes"),
            *("--package", PACKAGE, "--module", CALLS),
        ],
        cwd=BACKEND,
        env={**os.environ, "MYPYPATH": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    pyright = subprocess.run(
        [BACKEND / ".venv/bin/pyright", "-p", folder], capture_output=True, text=True, timeout=300
    )
    output, _ = mypy.communicate(timeout=300)
    found = attribute(_errors(output, owners), "mypy")
    return attribute(_errors(pyright.stdout, owners), "pyright") | found


def run(shapes: Iterable[Shape], folder: Path, address: str) -> dict[str, list[Result]]:
    """Run the calls of each shape in process and over loopback."""
    sys.path.insert(0, str(folder))
    try:
        calls = importlib.import_module(CALLS)
        logging.disable()  # some shapes raise, and in process their tracebacks would be printed
        # A caller sees a warning, so it is wrong.
        with warnings.catch_warnings(action="error"):
            return {shape.name: asyncio.run(_run(shape, calls, address)) for shape in shapes}
    finally:
        logging.disable(logging.NOTSET)
        sys.path.remove(str(folder))
        for name in [each for each in sys.modules if each.startswith((PACKAGE, CALLS))]:
            del sys.modules[name]


async def _run(shape: Shape, calls: ModuleType, address: str) -> list[Result]:
    """Return the result of the call in process, and over loopback."""

    def connect(where: Any) -> Any:
        module = importlib.import_module(f"{PACKAGE}.{shape.name}_client")
        kind = getattr(module, _client_name(shape))
        return getattr(calls, f"connect_{shape.name}")(kind, where)

    call = getattr(calls, shape.name)
    return [
        await _result(shape, call, lambda: connect(shape.service()), take_seen),
        await _result(
            shape,
            call,
            lambda: connect(f"{address}/{shape.name}"),
            lambda: take_seen_by_server(address),
        ),
    ]


def _client_name(shape: Shape) -> str:
    return f"{'Sync' if shape.python.sync else ''}{class_prefix(shape.name)}Client"


def take_seen_by_server(address: str) -> Any:
    with urlopen(Request(f"{address}/seen", method="POST"), timeout=SECONDS) as response:
        return json.load(response)


async def _result(
    shape: Shape, call: Callable[[Any], Any], connect: Callable[[], Any], take: Callable[[], Any]
) -> Result:
    take()
    try:
        async with asyncio.timeout(SECONDS):
            if shape.python.sync:
                value = await asyncio.to_thread(_call_sync, call, connect)
            else:
                async with connect() as client:
                    value = await call(client)
        gets = to_jsonable_python(value, bytes_mode="base64", fallback=repr)
        return Result(take(), gets=gets)
    except Exception as error:
        return Result(take(), raised=f"{type(error).__name__}: {error}")


def _call_sync(call: Callable[[Any], Any], connect: Callable[[], Any]) -> Any:
    with connect() as client:
        return call(client)


def _function(shape: Shape) -> list[str]:
    """Return the source of a call, with the imports of what it names."""
    text = textwrap.dedent(shape.python.text).strip()
    with suppress(SyntaxError):
        ast.parse(text, mode="eval")
        text = f"return {text}"
    kind = _client_name(shape)
    options = shape.python.options
    return [
        "",
        "",
        # At run time, a client that cannot be imported must not keep the other calls from running.
        "if TYPE_CHECKING:",
        f"    from {PACKAGE}.{shape.name}_client import {kind}",
        "",
        "",
        f"def connect_{shape.name}(kind: type[{kind}], where: str | FastAPI) -> {kind}:",
        *_indent(_imports(shape, f"f({options})")),
        "    if isinstance(where, str):",
        f"        return kind(where, {options})",
        f"    return kind.in_process(where, {options})",
        "",
        "",
        f"{'' if shape.python.sync else 'async '}def {shape.name}(client: {kind}) -> object:",
        *_indent(_imports(shape, text)),
        *_indent(text.splitlines()),
    ]


def _indent(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _imports(shape: Shape, text: str) -> list[str]:
    """Return the import of each name that the call uses and does not define."""
    return [
        _import(name, shape.origin)
        for name in sorted(_free_names(ast.parse(text)))
        if name not in vars(builtins) and name not in ("client", "f")
    ]


def _free_names(tree: ast.AST) -> set[str]:
    used, bound = set(), set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                used.add(name)
            case ast.Name(id=name) | ast.arg(arg=name) | ast.AsyncFunctionDef(name=name):
                bound.add(name)
            case ast.ExceptHandler(name=str(name)) | ast.FunctionDef(name=name):
                bound.add(name)
            case ast.alias(name=name):
                bound.add(name)
    return used - bound


def _import(name: str, origin: str) -> str:
    """Return the import of a model of the shape, of a name in `_STANDARD`, or of the runtime."""
    if name in _MODULES:
        return f"import {name}"
    module = _STANDARD.get(name, "trading_api.shared.client")
    if name in vars(sys.modules[origin]) and name not in _STANDARD:
        module = getattr(vars(sys.modules[origin])[name], "__module__", origin)
    return f"from {module} import {name}"


_ERROR = re.compile(r"^\s*(\S+?)\.py:(\d+)(?::\d+)?(?: -|:) error: (.*)$", re.MULTILINE)


def _errors(output: str, owners: Mapping[int, str]) -> Iterator[tuple[str | None, str]]:
    """Yield the owner and the text of each error."""
    for path, line, message in _ERROR.findall(output):
        file = Path(path).name
        owner = owners.get(int(line)) if file == CALLS else file.removesuffix("_client")
        yield owner, message
