"""Sends one request to the application, byte by byte as given."""

from __future__ import annotations

import asyncio
import hashlib
import shlex
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from fuzz.application import FuzzedApplication
from trading_api.shared.client.asgi import AppRequest

SECONDS = 30
"""Seconds within which the response has to be complete."""

MAX_SENT_BYTES = 64 * 1_048_576
"""How much of an endless body is sent."""

MAX_SHOWN_BODY = 2_000
"""Bytes of a body that a command shows; a longer one is in a file."""


@dataclass(frozen=True, slots=True)
class HttpInput:
    """A request; `secrets` are texts in it that no error may repeat.

    `path` is that of the operation in the spec, and `name` says what is hostile about the request.
    An `endless` body is repeated until the application responds. `is_valid` is true if the spec
    allows the request.
    """

    name: str
    method: str
    path: str
    target: str
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""
    secrets: tuple[str, ...] = ()
    endless: bool = False
    is_valid: bool = False

    def reproduce(self, folder: Path) -> str:
        """Return the request as a command; a long body is written to a file in `folder`."""
        words = ["curl", "--path-as-is", "-X", self.method]
        for name, value in self.headers:
            if name != b"authorization":
                words += ["-H", _quote(name + b": " + value)]
        words += ["-H", '"Authorization: Bearer $TOKEN"']
        if self.body:
            words += ["--data-binary", self._body_argument(folder)]
        return " ".join([*words, shlex.quote(f"http://localhost:8000{self.target}")])

    def _body_argument(self, folder: Path) -> str:
        if self.endless:
            return f"@<(yes {_quote(self.body)})"
        # No argument of a command can have a null byte.
        if len(self.body) <= MAX_SHOWN_BODY and b"\0" not in self.body:
            return _quote(self.body)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{hashlib.sha256(self.body).hexdigest()[:12]}.body"
        path.write_bytes(self.body)
        return f"@{path}"


@dataclass(frozen=True, slots=True)
class HttpOutput:
    """The response; `status` is 0 if there is none in time."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""
    sent: int = 0

    @property
    def content_type(self) -> str:
        """The media type of the body."""
        return dict(self.headers).get(b"content-type", b"").decode("latin-1")


def send(application: FuzzedApplication, request: HttpInput) -> HttpOutput:
    """Return the response to a request."""
    return application.portal.call(_send, application, request)


async def _send(application: FuzzedApplication, request: HttpInput) -> HttpOutput:
    path, _, query = request.target.partition("?")
    names = [name for name, _ in request.headers]
    headers = [*request.headers]
    if b"host" not in names:
        headers.append((b"host", b"localhost"))
    if b"authorization" not in names:
        headers.append((b"authorization", f"Bearer {application.token}".encode()))
    if not request.endless:
        headers.append((b"content-length", str(len(request.body)).encode()))
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "headers": headers,
        "scheme": "http",
        # As uvicorn does.
        "path": unquote(path),
        "raw_path": path.encode("ascii"),
        "query_string": query.encode("ascii"),
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 50_000),
        "root_path": "",
    }
    sent = _Sent(request)
    served = AppRequest(application.app, scope, sent.chunks() if request.endless else request.body)
    try:
        async with asyncio.timeout(SECONDS):
            await served.start()
            body = b"".join([chunk async for chunk in served.chunks()])
    except TimeoutError:
        return HttpOutput(0)
    finally:
        served.disconnect()
    return HttpOutput(served.status, tuple(served.headers), body, sent.size)


class _Sent:
    """An endless body, and how much of it was sent."""

    def __init__(self, request: HttpInput) -> None:
        self._chunk = request.body
        self.size = 0

    async def chunks(self) -> AsyncIterator[bytes]:
        while self.size < MAX_SENT_BYTES:
            self.size += len(self._chunk)
            yield self._chunk


def _quote(text: bytes) -> str:
    r"""Return a word for bash; bytes that are not printable become `$'\x00'`."""
    if text.isascii() and text.decode().isprintable():
        return shlex.quote(text.decode())
    escaped = "".join(
        chr(byte) if 32 <= byte < 127 and byte not in b"'\\" else f"\\x{byte:02x}" for byte in text
    )
    return f"$'{escaped}'"
