"""Run the code blocks of a document, from top to bottom, in a copy of the repository.

`bash`, `python` and `ts` blocks are run, and must succeed. TypeScript is also linted and
type-checked as a part of the page. If the first line of a block is a comment with a path, such as
`# backend/src/x.py`, the rest is appended to that file, which need not exist. Ports from 8000 to
8099 are replaced by free ports. A comment directly above a block changes what is done with it:

    <!-- serve -->              keep the command running until the end of the document
    <!-- output -->             compare with the output of the last block; `...` matches any text
    <!-- run by FILE, ... -->   do not run the block; each of its lines is run by one of the files
    <!-- not run: REASON -->    do not run the block
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from docs.documents import SKIPPED, Block, Document
from repository import REPOSITORY, environment
from support.scripts import Script, free_ports
from trading_api.shared.utils import MODULES_DIR, discover_modules, url_variable

LANGUAGES = ("bash", "python", "ts")
PORT = re.compile(r"(?<=[:= ])80\d\d\b")
DIGITS = re.compile(r"\d+")  # ports differ
FILE = re.compile(r"(?:#|//) ((?:backend|frontend|shop)/\S+)\n")
INSTALLED = ("backend/.venv", "frontend/.venv", "frontend/node_modules")
FROZEN = {"DATAFEED_REPLAY_EPOCH": "2100-01-01T00:00Z", "DATAFEED_REPLAY_START": "2012-06-01"}
"""Settings that stop the replay, so that every run prints the same prices."""


class ExampleError(Exception):
    """An example failed; the message has its location and the output."""


def is_run(block: Block) -> bool:
    return block.language in LANGUAGES and not re.match("run by |not run: ", block.comment)


def run_document(document: Document, folder: Path) -> None:
    """Run the blocks of a document in a copy of the repository below `folder`.

    Raises:
        ExampleError: a block failed, or printed something else than the document shows.
    """
    names = sorted(set(PORT.findall(document.text)))
    ports = dict(zip(names, map(str, free_ports(len(names))), strict=True))
    blocks = replace(document, text=PORT.sub(lambda port: ports[port[0]], document.text)).blocks()
    with ExitStack() as services:
        examples = Examples(copy_repository(folder / "copy"), services)
        for block in blocks:
            examples.run(block)
        examples.check_python()


def copy_repository(target: Path) -> Path:
    """Copy the sources and generated files, and link the environments."""
    # Other tests may be writing the cache of mypy.
    skipped = shutil.ignore_patterns(*SKIPPED - {".cache"}, "peers", "mypy-tests")
    shutil.copytree(REPOSITORY, target, ignore=skipped, symlinks=True)
    for name in INSTALLED:
        (target / name).symlink_to(REPOSITORY / name)
    return target


@dataclass
class Examples:
    """The state of a document's run: its copy of the repository, services and last output."""

    root: Path
    services: ExitStack
    address: str = ""
    output: str = ""
    written: list[str] = field(default_factory=list)

    def run(self, block: Block) -> None:
        file = FILE.match(block.text)
        if block.comment == "output":
            expected = re.escape(block.text.strip()).replace(r"\.\.\.", ".*")
            if not re.fullmatch(expected, self.output.strip(), re.DOTALL):
                raise ExampleError(f"{block.location}: the output was:\n{self.output}")
        elif not is_run(block):
            return
        elif file:
            self._write(block, file[1], block.text[file.end() :])
        elif block.comment == "serve":
            self.address = self.services.enter_context(self._serve(block))
        elif block.language == "bash":
            self.output = self._execute(block.location, "bash", "-ec", block.text)
        elif block.language == "python":
            self.output = self._execute(block.location, "python", "-c", block.text)
        else:
            self._run_typescript(block)

    def check_python(self) -> None:
        """Lint and type-check the Python files that the document added."""
        sources = {name for name in self.written if name.startswith("backend/src/")}
        files = sorted(name.removeprefix("backend/") for name in sources)
        if files:
            for tool in (["ruff", "check"], ["ruff", "format", "--check"], ["mypy"]):
                self._execute("the added files", *tool, *files, folder="backend")

    def _write(self, block: Block, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        # A clone in which somebody has followed the document contains the text already.
        if not path.exists() or DIGITS.sub("", text) not in DIGITS.sub("", path.read_text()):
            with path.open("a") as file:
                file.write(text)
        self.written.append(name)
        if path.suffix == ".ts":
            self._check_typescript(block, path)

    def _run_typescript(self, block: Block) -> None:
        path = self.root / "frontend/src/example.ts"
        path.write_text(block.text)
        self._check_typescript(block, path)
        vite = ["node", "node_modules/vite/bin/vite.js", "build", "--logLevel", "error"]
        self._execute(
            block.location, *vite, "--ssr", str(path), "--outDir", "built", folder="frontend"
        )
        self.output = self._execute(block.location, "node", "built/example.js", folder="frontend")

    def _check_typescript(self, block: Block, path: Path) -> None:
        settings = {
            "extends": "./tsconfig.app.json",
            "include": [str(path), "src/vite-env.d.ts"],
            "compilerOptions": {"noEmit": True, "incremental": False, "composite": False},
        }
        (self.root / "frontend/tsconfig.example.json").write_text(json.dumps(settings))
        eslint = ["node", "node_modules/eslint/bin/eslint.js", "--max-warnings", "0", str(path)]
        self._execute(block.location, *eslint, folder="frontend")
        compiler = "node_modules/typescript-native/bin/tsc"
        tsc = ["node", compiler, "--project", "tsconfig.example.json"]
        self._execute(block.location, *tsc, folder="frontend")

    def _execute(self, location: str, *command: str, folder: str = ".") -> str:
        result = subprocess.run(
            command,
            cwd=self.root / folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        if result.returncode:
            raise ExampleError(f"{location}: {command[0]}:\n{result.stdout}{result.stderr}")
        return result.stdout

    @contextmanager
    def _serve(self, block: Block) -> Iterator[str]:
        process = subprocess.Popen(
            ["bash", "-ec", block.text],
            cwd=self.root,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            line = Script(process).wait_for("http://127.0.0.1:")
            yield re.findall(r"http://[\d.:]+", line)[0]
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.communicate()

    def _environment(self) -> dict[str, str]:
        """Return the variables of an example; the page finds each module at the served address."""
        source = str(self.root / "backend/src")
        modules = discover_modules(self.root / MODULES_DIR.relative_to(REPOSITORY))
        urls = {f"VITE_{url_variable(name)}": self.address for name in modules}
        return {**environment(self.root), **FROZEN, **urls, "PYTHONPATH": source}
