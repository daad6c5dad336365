"""The TypeScript calls of the shapes: one source file, checked and compiled by tsc, run by node."""

from __future__ import annotations

import json
import re
import subprocess
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from shapes.generators import FRONTEND
from shapes.results import CANARY, HarnessError, Result, attribute
from shapes.shape import Shape
from trading_api.shared.utils import class_prefix

RUNNER = Path(__file__).with_name("run-calls.mjs")
COMPILER = FRONTEND / "node_modules/typescript-native/bin/tsc"
OPTIONS = {
    "target": "es2022",
    "module": "nodenext",
    "lib": ["es2023", "dom", "dom.iterable", "dom.asynciterable"],
    "types": ["node"],
    "strict": True,
    "erasableSyntaxOnly": True,
    "exactOptionalPropertyTypes": True,
    "verbatimModuleSyntax": True,
    "noUncheckedIndexedAccess": True,
    "isolatedDeclarations": True,
    "noImplicitOverride": True,
    "declaration": True,
    "skipLibCheck": True,
    "rewriteRelativeImportExtensions": True,
    "outDir": "built",
    "rootDir": ".",
}
_STATEMENTS = re.compile(r"\breturn\b|;\s*$")


def write_calls(shapes: Iterable[Shape], folder: Path) -> dict[int, str]:
    """Write the calls, one function for each shape; return which line is whose."""
    lines = ["export const calls: Record<string, (basePath: string) => Promise<unknown>> = {"]
    owners = {}
    for shape in shapes:
        for line in _function(shape):
            lines.append(line)
            owners[len(lines)] = shape.name
    lines += ["};", f'export const {CANARY}: number = "text";']
    owners[len(lines)] = CANARY
    (folder / "calls.ts").write_text("\n".join([*lines, ""]), encoding="utf-8")
    return owners


def compile_calls(folder: Path, owners: Mapping[int, str]) -> dict[str, str]:
    """Compile the clients and the calls; return the first error of tsc of each shape."""
    return attribute(_errors(compile_folder(folder), owners), "tsc")


def compile_folder(folder: Path) -> str:
    """Compile every TypeScript file below `folder` into `folder`/built; return tsc's output."""
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "tsconfig.json").write_text(
        json.dumps({"compilerOptions": OPTIONS, "include": ["**/*.ts"], "exclude": ["built"]})
    )
    (folder / "node_modules").symlink_to(FRONTEND / "node_modules")
    done = subprocess.run(
        ["node", COMPILER, "--pretty", "false", "-p", folder],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
    )
    return done.stdout


def run(shapes: Iterable[Shape], folder: Path, address: str) -> dict[str, Result]:
    """Run the calls of these shapes in one node process, over loopback."""
    names = [shape.name for shape in shapes]
    done = subprocess.run(
        ["node", RUNNER, folder / "built/calls.js", address],
        input=json.dumps(names),
        capture_output=True,
        text=True,
        timeout=300,
    )
    if done.returncode:
        raise HarnessError(done.stderr)
    return {name: Result(**found) for name, found in json.loads(done.stdout).items()}


def _function(shape: Shape) -> list[str]:
    """Return the source of a call. A client that cannot be imported concerns this call alone."""
    text = textwrap.dedent(shape.typescript.text).strip()
    if not _STATEMENTS.search(text):
        text = f"return {text};"
    name = f"{class_prefix(shape.name)}"
    module = f'"./trader-client-{shape.name}/index.ts"'
    operations = f"    type Operations = import({module}).{name}Operations;"
    return [
        f"  {shape.name}: async (basePath) => {{",
        f"    const client = await import({module});",
        *([operations] if re.search(r"\bOperations\b", text) else []),
        f"    const api = new client.{name}Api({{ basePath, {shape.typescript.options} }});",
        *(f"    {line}" for line in text.splitlines()),
        "  },",
    ]


_ERROR = re.compile(r"^(\S+?)\((\d+),\d+\): error (.*)$", re.MULTILINE)


def _errors(output: str, owners: Mapping[int, str]) -> Iterator[tuple[str | None, str]]:
    """Yield the owner and the text of each error."""
    for path, line, message in _ERROR.findall(output):
        folder = Path(path).parts[0].removeprefix("trader-client-")
        yield owners.get(int(line)) if path == "calls.ts" else folder, message
