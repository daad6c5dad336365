"""The specs of the shapes, and both generators run over them: what is written, what is rejected."""

from __future__ import annotations

import contextlib
import io
import json
import re
import subprocess
import warnings
from collections.abc import Iterable
from pathlib import Path

import generate_python_clients
from shapes.results import HarnessError
from shapes.shape import Shape

FRONTEND = Path(__file__).resolve().parents[3] / "frontend"
SCRIPT = FRONTEND / "scripts" / "generate-openapi-client.sh"

Rejections = dict[str, str]
"""By the name of a shape, the message with which a generator rejects it."""


def export_specs(shapes: Iterable[Shape], modules: Path) -> None:
    """Write <modules>/<shape>/specs/openapi.json of each shape, as FastAPI makes it."""
    with warnings.catch_warnings():
        # FastAPI warns of two operations with one id.
        warnings.simplefilter("ignore", UserWarning)
        documents = {shape.name: shape.app().openapi() for shape in shapes}
    for name, document in documents.items():
        path = modules / name / "specs" / "openapi.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(document, indent=1), encoding="utf-8")


def generate_python(names: Iterable[str], modules: Path, output: Path) -> Rejections:
    """Generate the Python clients; one that is rejected does not keep the others from theirs."""
    rejected: Rejections = {}
    left = [*names]
    while left:
        errors = io.StringIO()
        with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()):
            code = generate_python_clients.main(
                [
                    f"--modules-dir={modules}",
                    "--models=shapes.rows",
                    f"--output-dir={output}",
                    *(left if rejected else ()),
                ]
            )
        found = _messages(errors.getvalue())
        rejected |= found
        if code == 0 or not found:
            break
        left = [name for name in left if name not in rejected]
    if code and not found:
        raise HarnessError(errors.getvalue())
    return rejected


def generate_typescript(names: Iterable[str], modules: Path, output: Path) -> Rejections:
    """Generate the TypeScript clients; those that are rejected are left out."""
    output.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [SCRIPT, "--specs-dir", modules, "--output-dir", output],
        capture_output=True,
        text=True,
        timeout=300,
    )
    rejected = _messages(done.stderr)
    if done.returncode and not rejected:
        raise HarnessError(done.stdout + done.stderr)
    missing = {name for name in names if not (output / f"trader-client-{name}").is_dir()}
    return dict.fromkeys(missing, "no client, and no message") | rejected


_LOCATION = re.compile(r"\S*?/(\w+)/specs/openapi\.json:? ?(#\S*)?:? ?")


def _messages(errors: str) -> Rejections:
    """Return the first message about each shape: without its file, which is temporary."""
    messages: Rejections = {}
    for line in errors.splitlines():
        if found := _LOCATION.search(line):
            message = _LOCATION.sub("", line.removeprefix("error: "), count=1)
            messages.setdefault(found[1], message)
    return messages
