"""Stage 3, render: clients become formatted source files."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from client_generator.client import Client
from client_generator.docstrings import docstring
from client_generator.errors import GeneratorError
from client_generator.project import RUNTIME, class_prefix
from client_generator.requirements import missing_packages

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


def check_requirements() -> None:
    """Check that this Python has the packages that render clients.

    Raises:
        GeneratorError: one is missing; the message says how to install it.
    """
    reason = missing_packages()
    if reason:
        raise GeneratorError(sys.executable, reason)


def render(
    clients: Sequence[Client], modules: Sequence[str], runtime: str = RUNTIME
) -> dict[str, str]:
    """Return the files of the clients package: name -> source, formatted.

    Args:
        clients: the clients to render.
        modules: the modules whose clients the package exports: all that have a file in it.
        runtime: the import path of the runtime, for the clients.

    Raises:
        GeneratorError: the rendered source is not Python, which is a bug in the generator.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters.update(
        literal=ascii,
        docstring=docstring,
        import_path=lambda module: re.sub(rf"^{re.escape(RUNTIME)}\b", runtime, module),
    )
    template = environment.get_template("python_client.py.j2")
    files = {client_file(client.module): template.render(client=client) for client in clients}
    files["__init__.py"] = environment.get_template("python_clients_init.py.j2").render(
        modules=sorted((class_prefix(module), module) for module in modules)
    )
    return _format(files)


def client_file(module: str) -> str:
    """Return the name of the file of a module's client."""
    return f"{module}_client.py"


def _format(files: Mapping[str, str]) -> dict[str, str]:
    """Return the files as ruff formats them, with this repository's line length."""
    with tempfile.TemporaryDirectory(prefix="clients-") as folder:
        for name, source in files.items():
            Path(folder, name).write_text(source, encoding="utf-8")
        command = [_ruff(), "format", "--isolated", "--line-length=100", "--no-cache"]
        result = subprocess.run([*command, folder], capture_output=True, text=True, check=False)
        if result.returncode != 0:
            reason = result.stderr.strip().replace(f"{folder}/", "")
            raise GeneratorError("#", f"the generated source is not Python: {reason}")
        return {name: Path(folder, name).read_text(encoding="utf-8") for name in files}


def _ruff() -> str:
    from ruff import find_ruff_bin

    try:
        return str(find_ruff_bin())
    except FileNotFoundError:
        reason = f"ruff has no program; run: {sys.executable} -m pip install --force-reinstall ruff"
        raise GeneratorError(sys.executable, reason) from None
