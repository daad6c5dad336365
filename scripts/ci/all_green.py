"""The gate of the workflow: print how each job ended, and fail unless each has succeeded.

`NEEDS` holds the `needs` context as JSON: {"lint": {"result": "success", ...}, ...}.
"""

from __future__ import annotations

import json
import os
import sys


def main() -> int:
    results = {name: job["result"] for name, job in json.loads(os.environ["NEEDS"]).items()}
    for name, result in results.items():
        print(f"{name:<36}{result}")
    failed = [name for name, result in results.items() if result != "success"]
    if failed or not results:
        print(f"error: not green: {', '.join(failed) or 'no job at all'}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
