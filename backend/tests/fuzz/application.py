"""The application that is fuzzed: how it is built and started, and nothing else."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI

from support.tokens import DevelopmentIssuer, all_scopes
from trading_api.app_factory import create_app, module_info, module_streams
from trading_api.shared.client.asgi import AsgiApp
from trading_api.shared.utils import MODULES_DIR, discover_modules_with_websockets
from trading_api.shared.ws.asyncapi import asyncapi_document


@dataclass(frozen=True, slots=True)
class FuzzedApplication:
    """A running application, what it says about itself, and a token that may do everything."""

    app: AsgiApp
    portal: BlockingPortal
    token: str
    openapi: dict[str, Any]
    asyncapi: dict[str, dict[str, Any]]
    """The documents of the modules that have streams."""


@contextmanager
def run_application(folder: Path) -> Iterator[FuzzedApplication]:
    """Run the application with all modules in a thread; `folder` is for its keys.

    It is configured as in production, so that the middleware is fuzzed too: callers need a token.
    Only the number of requests per second is not limited, and nothing is stored.
    """
    issuer = DevelopmentIssuer(folder)
    with _environment({**issuer.settings, "RATE_LIMIT": "0", "DATA_DIR": "memory:"}):
        app = create_app()
        # Before the application runs in another thread: FastAPI builds the parameters of all
        # operations now, and filters warnings meanwhile, which concerns all threads.
        openapi = app.openapi()
        with (
            start_blocking_portal() as portal,
            portal.wrap_async_context_manager(_started(app)),
        ):
            yield FuzzedApplication(
                app,
                portal,
                token=issuer.issue(all_scopes(), "fuzz", 3_600),
                openapi=openapi,
                asyncapi={
                    name: asyncapi_document(name, module_info(name), module_streams(name))
                    for name in discover_modules_with_websockets(MODULES_DIR)
                },
            )


@asynccontextmanager
async def _started(app: FastAPI) -> AsyncIterator[None]:
    async with app.router.lifespan_context(app):
        yield


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
