"""The built page, served by the process that serves the modules."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def frontend_routes(directory: Path) -> APIRouter:
    """Return the routes of the page in `directory`: its files, and `index.html` for its own paths.

    They come after every other route. An unknown address of the API stays an error, also for a
    browser that asks for a page.
    """
    router = APIRouter(dependencies=[Depends(_leave_the_api_alone)])
    router.frontend("/", directory=directory, fallback="index.html")
    return router


class RevalidatedPages:
    """Middleware: a browser asks again for a page that it has kept.

    A kept page of an earlier build would ask for scripts that the next build has removed.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.setdefault("Cache-Control", "no-cache")
            await send(message)

        await self._app(scope, receive, send_marked)


def check_frontend_dir(directory: Path) -> Path:
    """Return `directory` if it holds a built page.

    Raises:
        ValueError: it has no `index.html`; the message says how to build the page.
    """
    if not (directory / "index.html").is_file():
        raise ValueError(
            "there is no index.html;"
            " build the page with: make -C frontend build, or unset FRONTEND_DIR"
        )
    return directory


def _leave_the_api_alone(request: Request) -> None:
    if f"{request.url.path}/".startswith(("/api/", "/health/")):
        raise HTTPException(404)
