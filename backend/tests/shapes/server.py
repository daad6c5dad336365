"""Every shape application in one, each below the name of its shape: `shapes.server:app`."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from shapes import rows  # noqa: F401
from shapes.shape import SHAPES, take_seen


def build_app(shapes: dict[str, FastAPI]) -> Starlette:
    """Return an application with these shapes, and what they recorded at `/seen`."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        # Starlette does not start what is mounted.
        async with AsyncExitStack() as running:
            for app in shapes.values():
                await running.enter_async_context(app.router.lifespan_context(app))
            yield

    async def seen(_: Request) -> JSONResponse:
        return JSONResponse(take_seen())

    mounts = [Mount(f"/{name}", app) for name, app in shapes.items()]
    return Starlette(routes=[Route("/seen", seen, methods=["POST"]), *mounts], lifespan=lifespan)


def __getattr__(name: str) -> Starlette:
    if name == "app":
        # Some shapes raise, and uvicorn would print their tracebacks.
        logging.disable()
        return build_app({shape.name: shape.service() for shape in SHAPES.values()})
    raise AttributeError(name)
