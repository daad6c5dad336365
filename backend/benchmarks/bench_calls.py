"""Measure the CPU that a call costs its caller, for an answer of one model and of a hundred.

The service runs in a process of its own on a free port of 127.0.0.1. The contenders take turns in
fresh processes, and each round is compared with the floor in the same round: httpx with a base_url,
and pydantic's validate_json. The peers run in their own environment, with a floor of their own.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from contenders import Samples
from generators import generate_all, generators, python_of
from measuring import Row, option_parser, paired_ratio, run, save

HERE = Path(__file__).resolve().parent
OURS = ("floor", "floor-absolute", "ours")
PEERS = ("openapi-python-client", "openapi-generator-httpx", "openapi-generator-asyncio")
EXPORT = "import json; from quote_service import app; print(json.dumps(app.openapi()))"


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark and keep its figures."""
    options = _options(argv)
    with tempfile.TemporaryDirectory(prefix="bench-") as name, serve_quotes() as url:
        folder = Path(name)
        service = _write_service(folder)
        chosen = generators(options.peers).values()
        path = generate_all(service, "quote_models", folder, chosen)
        rows = _rows(_runs(options, None, OURS, url, path), OURS)
        if options.peers:
            # Their floor only serves to compare them with: ours has been reported already.
            rows += _rows(_runs(options, options.peers, ("floor", *PEERS), url, path), PEERS)
    save(options.output, rows)
    return 0


def _runs(
    options: argparse.Namespace, environment: Path | None, names: Sequence[str], url: str, path: str
) -> list[Samples]:
    counts = [str(options.calls), str(options.rounds)]
    command = [python_of(environment), str(HERE / "contenders.py"), url, *counts, *names]
    variables = {**os.environ, "PYTHONPATH": path}
    return [json.loads(run(command, HERE, variables)) for _ in range(options.processes)]


def _write_service(folder: Path) -> Path:
    """Write the spec of the quotes, and their models beside it, into a folder of modules."""
    service = folder / "service"
    spec = service / "quotes" / "specs" / "openapi.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(run([sys.executable, "-c", EXPORT], HERE, os.environ), encoding="utf-8")
    shutil.copy(HERE / "quote_models.py", service)
    return service


def _rows(runs: Sequence[Samples], names: Sequence[str]) -> list[Row]:
    rows: list[Row] = []
    for size in ("one", "many"):
        pooled = {name: [each for found in runs for each in found[name][size]] for name in runs[0]}
        floor = list(zip(*pooled["floor"], strict=True))
        for name in names:
            user, both = zip(*pooled[name], strict=True)
            rows.append(
                {
                    "contender": name,
                    "size": size,
                    "user": median(user),
                    "ratio": paired_ratio(user, floor[0]),
                    "ratio_with_system": paired_ratio(both, floor[1]),
                }
            )
    return rows


@contextmanager
def serve_quotes() -> Iterator[str]:
    """Serve the quotes in a process of its own; yield the address.

    The socket listens before the process starts, so the first request waits for the server.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        command = [sys.executable, str(HERE / "quote_service.py"), str(listener.fileno())]
        process = subprocess.Popen(command, pass_fds=[listener.fileno()])
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = option_parser(__doc__)
    parser.add_argument("--calls", type=int, default=100, help="calls per round and size")
    parser.add_argument("--rounds", type=int, default=6, help="rounds per process")
    parser.add_argument("--processes", type=int, default=3, help="fresh processes")
    return parser.parse_args(argv)


if __name__ == "__main__":
    # So that the service is ended, too.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    sys.exit(main())
