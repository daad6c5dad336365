"""Measure the CPU that a call costs its caller, for a response of one model and of a hundred.

The service runs in its own process. The contenders take turns in fresh processes, and each
round is compared with the floor in the same round: httpx with a base_url, and pydantic's
validate_json. The peers run in their own environment, with a floor of their own.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import shutil
import socket
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

import quote_service
from contenders import Samples
from generators import export_spec, generate_all, generators
from measuring import Row, paired_ratio, python_of, run

HERE = Path(__file__).resolve().parent
OURS = ("floor", "floor-absolute", "ours", "ours-aiohttp")
PEERS = ("openapi-python-client", "openapi-generator-httpx", "openapi-generator-asyncio")


def measure_calls(options: argparse.Namespace) -> list[Row]:
    """Return a row per contender and size."""
    # The socket listens before the service starts, so the first request waits for it.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        spawn = multiprocessing.get_context("spawn")
        server = spawn.Process(target=quote_service.serve, args=(listener,), daemon=True)
        server.start()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        service = Path(folder, "service")
        service.mkdir()
        for file in ("quote_models.py", "quote_service.py"):
            shutil.copy(HERE / file, service)
        export_spec(service, "quotes", "quote_service")
        path = generate_all(service, "quote_models", Path(folder), generators(options.peers))

        def sample(environment: Path | None, *names: str) -> list[Samples]:
            counts = [str(options.calls), str(options.rounds)]
            command = [python_of(environment), str(HERE / "contenders.py"), url, *counts, *names]
            outputs = [run(command, HERE, PYTHONPATH=path) for _ in range(options.processes)]
            return [json.loads(output) for output in outputs]

        rows = [*_rows(sample(None, *OURS), OURS)]
        if options.peers:
            # The peers' floor is only their base; the floor itself is in the rows already.
            rows += _rows(sample(options.peers, "floor", *PEERS), PEERS)
    server.kill()
    return rows


def _rows(samples: Sequence[Samples], names: Sequence[str]) -> Iterator[Row]:
    for size in ("one", "many"):
        pooled = {
            name: [pair for found in samples for pair in found[name][size]] for name in samples[0]
        }
        floor_user, floor_both = zip(*pooled["floor"], strict=True)
        for name in names:
            user, both = zip(*pooled[name], strict=True)
            yield {
                "contender": name,
                "response": {"one": "1 model", "many": "100 models"}[size],
                "user CPU, µs": median(user),
                "ratio to the floor": paired_ratio(user, floor_user),
                "the same with system CPU": paired_ratio(both, floor_both),
            }
