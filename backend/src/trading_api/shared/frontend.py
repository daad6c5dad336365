"""The built page, served by the process that serves the modules."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Depends, HTTPException, Request


def frontend_routes(directory: Path) -> APIRouter:
    """Return the routes of the page in `directory`: its files, and `index.html` for its own paths.

    They come after every other route. An unknown address of the API stays an error, also for a
    browser that asks for a page.
    """
    router = APIRouter(dependencies=[Depends(_leave_the_api_alone)])
    router.frontend("/", directory=directory, fallback="index.html")
    return router


def check_frontend_dir(directory: Path) -> Path:
    """Return `directory` if it holds a built page.

    Raises:
        ValueError: it has no `index.html`; the message says how to build the page.
    """
    if not (directory / "index.html").is_file():
        raise ValueError(
            f"FRONTEND_DIR={directory}: there is no index.html;"
            " build the page with: make -C frontend build, or unset FRONTEND_DIR"
        )
    return directory


def _leave_the_api_alone(request: Request) -> None:
    if f"{request.url.path}/".startswith(("/api/", "/health/")):
        raise HTTPException(404)
