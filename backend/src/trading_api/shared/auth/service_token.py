"""The token with which a process calls other modules."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path


def read_service_token(path: Path) -> Callable[[], Awaitable[str]]:
    """Return an async function that returns the token in a file, also after it was replaced.

    Whoever renews the token replaces the file: the function reads it when its time changes.

    Raises:
        ValueError: the file cannot be read, or is empty.
    """
    token, read_at = _read(path), _changed_at(path)

    async def current_token() -> str:
        nonlocal token, read_at
        changed_at = _changed_at(path)
        if changed_at != read_at:
            token, read_at = _read(path), changed_at
        return token

    return current_token


def _changed_at(path: Path) -> int:
    return path.stat().st_mtime_ns


def _read(path: Path) -> str:
    try:
        token = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ValueError(f"{path}: {reason}") from None
    if not token:
        raise ValueError(f"{path} is empty; it should have a token")
    return token
