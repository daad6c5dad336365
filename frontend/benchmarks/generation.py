"""Measure the CPU time of generating clients: 1 and 50 modules, 1,000 operations beside hey-api.

CPU time is user plus system time of all processes of a run, which other load changes less than wall
time. Each figure is the lowest of several runs. The modules are copies of those of this project.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

FRONTEND = Path(__file__).resolve().parent.parent
CACHE = FRONTEND / ".cache"
MODULES = FRONTEND.parent / "backend/src/trading_api/modules"
OPENAPI = FRONTEND / "scripts/generate-openapi-client.sh"
SCRIPTS = {
    "REST": ("openapi.json", OPENAPI),
    "WebSocket types": ("asyncapi.json", FRONTEND / "scripts/generate-asyncapi-types.sh"),
}
# The version is fixed, so that figures of different days can be compared.
HEY_API = "@hey-api/openapi-ts@0.99.0"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Measure the CPU time of generating clients.")
    parser.add_argument("--modules", type=int, default=50)
    parser.add_argument("--operations", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3, help="runs, of which the lowest counts")
    arguments = parser.parse_args()
    CACHE.mkdir(exist_ok=True)
    print(f"CPU seconds (user + system), the lowest of {arguments.runs} runs")
    print(f"{'spec':10}{'what':26}{'1 module':>10}{arguments.modules:>8} modules{'ratio':>8}")
    for what, (name, script) in SCRIPTS.items():
        for spec in sorted(MODULES.glob(f"*/specs/{name}")):
            one = measure(script, spec, 1, arguments.runs)
            many = measure(script, spec, arguments.modules, arguments.runs)
            label = spec.parent.parent.name
            print(f"{label:10}{what:26}{one:10.2f}{many:16.2f}{many / one:8.2f}", flush=True)
    compare_with_hey_api(arguments.operations, arguments.runs)


def measure(script: Path, spec: Path, modules: int, runs: int) -> float:
    """Return the CPU seconds of generating the clients of `modules` copies of a spec."""
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="bench-") as temporary:
        root = Path(temporary)
        for number in range(modules):
            specs = root / f"modules/module{number}/specs"
            specs.mkdir(parents=True)
            shutil.copy(spec, specs / spec.name)
        options = ["--specs-dir", str(root / "modules"), "--output-dir", str(root / "clients")]
        return min(run(script, *options) for _ in range(runs))


def compare_with_hey_api(operations: int, runs: int) -> None:
    """Print the CPU seconds of one module of many operations, here and with hey-api."""
    folder = CACHE / "hey-api"
    if not (folder / "node_modules/.bin/openapi-ts").exists():
        folder.mkdir(exist_ok=True)
        (folder / "package.json").write_text('{ "private": true }', encoding="utf-8")
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
        # TypeScript, which hey-api loads, in the version of this project.
        subprocess.run([*command, HEY_API, "typescript@5.9.3"], cwd=folder, check=True)
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="bench-") as temporary:
        spec = Path(temporary) / "openapi.json"
        spec.write_text(json.dumps(shop(operations)), encoding="utf-8")
        ours = measure(OPENAPI, spec, 1, runs)
        program = folder / "node_modules/.bin/openapi-ts"
        plugins = ["--plugins", "@hey-api/typescript", "@hey-api/sdk", "@hey-api/client-axios"]
        options = ["--input", str(spec), "--output", f"{temporary}/out", *plugins, "--silent"]
        theirs = min(run(program, *options) for _ in range(runs))
    print(f"\n{operations} operations: {ours:.2f}; with {HEY_API}: {theirs:.2f}")
    print(f"this is {theirs / ours:.1f} times as much; here, the type check is included")


def shop(operations: int) -> dict[str, Any]:
    """Return a spec with four operations and three models for each of its resources."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {"Error": model(detail={"type": "string"})}
    for number in range(operations // 4):
        name = f"Thing{number}"
        schemas[f"{name}State"] = {"type": "string", "enum": ["new", "used", "sold"]}
        schemas[name] = model(
            id={"type": "integer"},
            state={"$ref": f"#/components/schemas/{name}State"},
            parts={"type": "array", "items": {"$ref": f"#/components/schemas/{name}Part"}},
            note={"anyOf": [{"type": "string"}, {"type": "null"}]},
        )
        schemas[f"{name}Part"] = model(size={"type": "number"}, color={"type": "string"})
        reference = {"$ref": f"#/components/schemas/{name}"}
        key = {"name": "thing_id", "in": "path", "required": True, "schema": {"type": "integer"}}
        limit = {"name": "limit", "in": "query", "schema": {"type": "integer"}}
        listed = {"type": "array", "items": reference}
        paths[f"/things{number}"] = {
            "get": operation(f"list_{name}", listed, [limit]),
            "post": {**operation(f"create_{name}", reference), "requestBody": content(reference)},
        }
        paths[f"/things{number}/{{thing_id}}"] = {
            "get": operation(f"get_{name}", reference, [key]),
            "delete": operation(f"delete_{name}", reference, [key]),
        }
    info = {"title": "Shop", "version": "1"}
    return {
        "openapi": "3.1.0",
        "info": info,
        "paths": paths,
        "components": {"schemas": schemas},
    }


def model(**properties: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a model, all of whose fields are required."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def content(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a body or response in JSON."""
    return {"description": "JSON", "content": {"application/json": {"schema": schema}}}


def operation(
    name: str, schema: dict[str, Any], parameters: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """Return an operation with one success and one error."""
    error = content({"$ref": "#/components/schemas/Error"})
    responses = {"200": content(schema), "422": error}
    return {"operationId": name, "parameters": parameters or [], "responses": responses}


def run(*command: Path | str) -> float:
    """Return the CPU seconds of a command and its processes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
