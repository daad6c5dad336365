"""TypeScript examples of the documentation, compiled and run as a part of the page would be."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class ExampleError(Exception):
    """An example does not compile or does not run; the message is that of the tool."""


def compile_example(frontend: Path, source: str) -> None:
    """Check the types of an example with the page's own settings, in which `@` is `src`.

    Raises:
        ExampleError: a type is wrong.
    """
    with _written(frontend, source) as folder:
        _check_types(frontend, folder)


def run_example(frontend: Path, source: str) -> str:
    """Check the types of an example, bundle it for Node, run it, and return what it prints.

    Raises:
        ExampleError: a type is wrong, or it ended with an error.
    """
    with _written(frontend, source) as folder:
        _check_types(frontend, folder)
        example = str(folder / "example.ts")
        built = folder / "dist"
        options = ["--outDir", str(built), "--logLevel", "error"]
        _run(frontend, "node", "node_modules/vite/bin/vite.js", "build", "--ssr", example, *options)
        return _run(frontend, "node", str(built / "example.js"))


@contextmanager
def _written(frontend: Path, source: str) -> Iterator[Path]:
    # Below the frontend, so that node_modules and the aliases of its settings hold.
    cache = frontend / ".cache"
    cache.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="example-", dir=cache) as name:
        folder = Path(name)
        (folder / "example.ts").write_text(source)
        yield folder


def _check_types(frontend: Path, folder: Path) -> None:
    settings = {
        "extends": "../../tsconfig.app.json",
        "include": ["example.ts", "../../src/vite-env.d.ts"],
        "compilerOptions": {"noEmit": True, "tsBuildInfoFile": "tsbuildinfo"},
    }
    (folder / "tsconfig.json").write_text(json.dumps(settings))
    _run(frontend, "node", "node_modules/typescript/bin/tsc", "--project", str(folder))


def _run(frontend: Path, *command: str) -> str:
    result = subprocess.run(
        command,
        cwd=frontend,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        stdin=subprocess.DEVNULL,
    )
    if result.returncode:
        raise ExampleError(f"{' '.join(command)}:\n{result.stdout}{result.stderr}")
    return result.stdout
