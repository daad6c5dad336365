"""Serves the built page beside the modules."""

from __future__ import annotations

import json
from pathlib import Path

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def frontend_routes(directory: Path) -> APIRouter:
    """Return routes for the files in `directory`, with `index.html` for the page's own paths.

    They apply after all other routes. An unknown path of the API remains a 404, even for a browser
    that asks for a page.
    """
    router = APIRouter(dependencies=[Depends(_reject_api_paths)])
    router.frontend("/", directory=directory, fallback="index.html")
    return router


class PageHeaders:
    """Middleware that sends the security headers of the page, and makes browsers revalidate it.

    A cached page of an earlier build would load scripts that no longer exist. The headers are those
    in the file `security-headers.json` of the build.
    """

    def __init__(self, app: ASGIApp, directory: Path) -> None:
        self._app = app
        file = directory / "security-headers.json"
        self._headers: dict[str, str] = json.loads(file.read_bytes()) if file.is_file() else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_header(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.setdefault("Cache-Control", "no-cache")
                    headers.update(self._headers)
            await send(message)

        await self._app(scope, receive, send_with_header)


def _reject_api_paths(request: Request) -> None:
    if f"{request.url.path}/".startswith(("/api/", "/health/")):
        raise HTTPException(404)
