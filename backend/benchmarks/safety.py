"""Measure what tokens, limits, logs and metrics add to a small request.

Run by `make -C backend bench-services`. Two processes serve the same operation with uvicorn: one as
a user starts it, with tokens and JSON logs, and one with FastAPI alone. The CPU time is theirs.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from statistics import median
from unittest.mock import patch

import httpx
import psutil
from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig

from measuring import Row, paired_ratio, print_table
from support.servers import serve_process
from support.tokens import DevelopmentIssuer, all_scopes
from trading_api import app_factory
from trading_api.shared.client.aiohttp_transport import AiohttpTransport
from trading_api.shared.utils import API_PREFIX

ROUNDS = 7
REQUESTS = 3_000
AT_ONCE = 8
PLAIN = "FastAPI alone"
UNWATCHED = "with deadlines, allowed hosts and origins, CORS"
COMPLETE = "and with tokens, scopes, rates, logs and metrics"
PATH = f"{API_PREFIX}/time"


def create_plain_app() -> FastAPI:
    """Return an application with the same operations, and nothing around them."""
    from trading_api.modules.datafeed.api import router
    from trading_api.modules.datafeed.service import DatafeedService, open_service

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_service() as service:
            app.state.services = {DatafeedService: service}
            yield

    telemetry = TelemetryConfig(tracing=False, metrics=False, logs=False)
    app = FastAPI(lifespan=lifespan, telemetry=telemetry)
    app.include_router(router, prefix=API_PREFIX)
    return app


def create_unwatched_app() -> FastAPI:
    """Return the application of the modules without tokens, rates, logs and metrics."""
    os.environ["RATE_LIMIT"] = "0"
    with (
        patch.object(app_factory, "AuthenticatedCallers", lambda app, **_: app),
        patch.object(app_factory, "ObservedRequests", lambda app, **_: app),
        patch.object(app_factory, "scope_dependencies", lambda *_: []),
    ):
        app = app_factory.create_app()
        app.middleware_stack = app.build_middleware_stack()
    return app


async def measure_safety(rounds: int = ROUNDS, requests: int = REQUESTS) -> list[Row]:
    """Return a row for each of the two processes."""
    spent: dict[str, list[float]] = {}
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        issuer = DevelopmentIssuer(Path(folder))
        token = issuer.issue(all_scopes(), "benchmark", 3600)
        environment = {
            **issuer.settings,
            "ENABLED_MODULES": "datafeed",
            "LOG_LEVEL": "info",
            "RATE_LIMIT": "1000000",
        }
        bare = {"PYTHONPATH": os.pathsep.join(sys.path), "ENABLED_MODULES": "datafeed"}
        apps = {
            PLAIN: ("safety:plain_app", bare),
            UNWATCHED: ("safety:unwatched_app", bare),
            COMPLETE: ("trading_api.main:app", environment),
        }
        servers = {
            name: stack.enter_context(
                serve_process(app, port=0, stderr=subprocess.DEVNULL, **variables)
            )
            for name, (app, variables) in apps.items()
        }
        for _ in range(rounds):
            for name, (address, process) in servers.items():
                watched = psutil.Process(process.pid)
                before = sum(watched.cpu_times()[:2])
                await send_requests(address, token, requests)
                seconds = sum(watched.cpu_times()[:2]) - before
                spent.setdefault(name, []).append(seconds / requests)
    baseline = spent[UNWATCHED]
    return [
        {
            "Request": name,
            "µs CPU": 1e6 * median(seconds),
            "ratio": paired_ratio(seconds, baseline),
        }
        for name, seconds in spent.items()
    ]


async def send_requests(address: str, token: str, count: int) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    async with AiohttpTransport() as transport:

        async def send_some() -> None:
            for _ in range(count // AT_ONCE):
                request = httpx.Request("GET", address + PATH, headers=headers)
                response = await transport.handle_async_request(request)
                await response.aread()
                assert response.status_code == 200

        await asyncio.gather(*(send_some() for _ in range(AT_ONCE)))


def __getattr__(name: str) -> FastAPI:
    """Return the application that a process serves."""
    if name == "plain_app":
        return create_plain_app()
    if name == "unwatched_app":
        return create_unwatched_app()
    raise AttributeError(name)


if __name__ == "__main__":
    print_table(asyncio.run(measure_safety()))
