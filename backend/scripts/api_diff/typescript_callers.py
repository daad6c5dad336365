"""Find the page's code that calls a module's client; a script of the page reads its sources."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path

from api_diff.callers import Call, Found, Read, Target
from api_diff.changes import User
from trading_api.shared.utils import class_prefix

SCRIPT = "scripts/find-callers.mjs"


class CallersError(RuntimeError):
    """The page's sources cannot be searched; the message says what to do."""


def find_typescript_callers(
    frontend: Path, root: Path, targets: Iterable[Target], fields: frozenset[str]
) -> Found:
    """Return the callers in the page's sources; files are named from `root`.

    Raises:
        CallersError: node or its packages are missing.
    """
    query = {
        "sources": str(frontend / "src"),
        "fields": sorted(fields),
        "modules": [
            {
                "name": target.module,
                "prefix": class_prefix(target.module),
                "operations": _names(target, "operation"),
                "streams": _names(target, "stream"),
            }
            for target in targets
        ],
    }
    try:
        run = subprocess.run(
            ["node", frontend / SCRIPT],
            input=json.dumps(query),
            capture_output=True,
            text=True,
            check=True,
        )
    except FileNotFoundError:
        raise CallersError("node is not installed; install Node.js 20.19 or newer") from None
    except subprocess.CalledProcessError as error:
        line = next((each for each in error.stderr.splitlines() if "Error" in each), error.stderr)
        raise CallersError(
            f"{frontend / SCRIPT}: {line.strip()}; run: make -C frontend install"
        ) from None
    found = json.loads(run.stdout)
    prefix = frontend.relative_to(root) / "src"
    return Found(
        tuple(
            Call(
                str(prefix / row["file"]),
                row["line"],
                row["module"],
                User(row["category"], row["name"]),
            )
            for row in found["calls"]
        ),
        tuple(Read(str(prefix / row["file"]), row["line"], row["field"]) for row in found["reads"]),
        tuple((str(prefix / file), frozenset(names)) for file, names in found["names"].items()),
    )


def _names(target: Target, category: str) -> list[str]:
    return sorted(each.name for each in target.users if each.category == category)
