"""Every shape through both generators, the type checkers and live calls: what came of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

from shapes import generators, python_side, rows, typescript_side
from shapes.results import Outcome, judge, reject, wrong
from shapes.shape import SHAPES, Shape
from support.servers import serve

__all__ = ["rows", "run"]

# What the service sees belongs to the one call that runs.
_CALLING = Lock()

Table = dict[str, tuple[Outcome, Outcome]]
"""By the name of a shape, what came of it in Python and in TypeScript."""


def run(folder: Path, names: Iterable[str] = ()) -> Table:
    """Return the outcome of these shapes, or of all; generated files go into `folder`.

    Both languages at once: neither uses more than a core for long.
    """
    shapes = [SHAPES[name] for name in names or SHAPES]
    modules = folder / "modules"
    generators.export_specs(shapes, modules)
    with serve("shapes.server:app") as address, ThreadPoolExecutor() as pool:
        typescript = pool.submit(_typescript, shapes, modules, folder / "typescript", address)
        python = _python(shapes, modules, folder / "python", address)
        return {name: (python[name], typescript.result()[name]) for name in python}


def _python(
    shapes: list[Shape], modules: Path, folder: Path, address: str
) -> Mapping[str, Outcome]:
    clients = folder / python_side.PACKAGE
    rejections = generators.generate_python([each.name for each in shapes], modules, clients)
    generated = [each for each in shapes if each.name not in rejections]
    owners = python_side.write_calls(generated, folder)
    with ThreadPoolExecutor() as pool:
        checked = pool.submit(python_side.check_types, folder, owners)
        with _CALLING:
            results = python_side.run(generated, folder, address)
    outcomes = {}
    for shape in shapes:
        call = shape.python
        if shape.name in rejections:
            outcomes[shape.name] = reject(call, rejections[shape.name])
        elif shape.name in checked.result():
            outcomes[shape.name] = wrong(f"types: {checked.result()[shape.name]}")
        else:
            in_process, over_loopback = (judge(call, each) for each in results[shape.name])
            outcomes[shape.name] = over_loopback if in_process.expected else in_process
    return outcomes


def _typescript(
    shapes: list[Shape], modules: Path, folder: Path, address: str
) -> Mapping[str, Outcome]:
    rejections = generators.generate_typescript([each.name for each in shapes], modules, folder)
    generated = [each for each in shapes if each.name not in rejections]
    owners = typescript_side.write_calls(generated, folder)
    errors = typescript_side.compile_calls(folder, owners)
    with _CALLING:
        results = typescript_side.run(generated, folder, address)
    outcomes = {}
    for shape in shapes:
        call = shape.typescript
        if shape.name in rejections:
            outcomes[shape.name] = reject(call, rejections[shape.name])
        elif shape.name in errors:
            outcomes[shape.name] = wrong(f"types: {errors[shape.name]}")
        else:
            outcomes[shape.name] = judge(call, results[shape.name])
    return outcomes
