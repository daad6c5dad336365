"""Keeps other sites out: the hosts and the origins that requests may have.

A page of any site can open a WebSocket to a service on the user's machine, and a host name that its
owner points to 127.0.0.1 (DNS rebinding) makes the service part of that site. Browsers send the
headers `Origin` and `Host`, which pages cannot change.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from trading_api.shared.problems import plain_problem, problem_response

HEALTH_PREFIX: Final = "/health/"
"""Paths that supervisors ask for by any address of the process."""

SAFE_METHODS: Final = ("GET", "HEAD", "OPTIONS")

POLICY_VIOLATION: Final = 1008


class AllowedHosts:
    """Middleware that rejects requests that are addressed to another host: 400.

    Args:
        app: the application.
        hosts: names such as `api.example.com`; `*.example.com` for all below it, `*` for any.
        internal: a name that is only allowed for calls in this process.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str], internal: str) -> None:
        self._app = app
        self._hosts = {host.lower() for host in hosts}
        self._suffixes = tuple(host[1:] for host in self._hosts if host.startswith("*."))
        self._internal = internal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and not self._allows(scope):
            detail = "Requests to this host are not served; ALLOWED_HOSTS has those that are."
            await _reject(400, detail, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _allows(self, scope: Scope) -> bool:
        # A server puts its own address here, whatever the request says.
        is_internal = (scope.get("server") or ("",))[0] == self._internal
        if is_internal or "*" in self._hosts or scope["path"].startswith(HEALTH_PREFIX):
            return True
        host = _host_name(Headers(scope=scope).get("host", ""))
        return host in self._hosts or host.endswith(self._suffixes)


class AllowedOrigins:
    """Middleware that rejects WebSockets, and requests that can change something, of other sites.

    Requests without `Origin` are not those of a page. The own origin is always allowed, whatever
    `origins` has: it is the one whose host the request is addressed to.
    """

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        self._app = app
        self._origins = {origin.lower() for origin in origins}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        changes = scope["type"] == "http" and scope["method"] not in SAFE_METHODS
        if (changes or scope["type"] == "websocket") and not self._allows(Headers(scope=scope)):
            detail = (
                "Pages of this origin may not use the service; CORS_ORIGINS has those that may."
            )
            await _reject(403, detail, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _allows(self, headers: Headers) -> bool:
        origin = headers.get("origin", "").lower()
        if not origin or origin in self._origins or "*" in self._origins:
            return True
        try:
            own = urlsplit(origin)
        except ValueError:
            return False
        return own.scheme in ("http", "https") and own.netloc == headers.get("host", "").lower()


class CorsWithProblems(CORSMiddleware):
    """CORS (https://fetch.spec.whatwg.org/#http-cors-protocol) whose errors are problem details."""

    def preflight_response(self, request_headers: Headers) -> Response:
        """Return the response to a preflight request."""
        response = super().preflight_response(request_headers)
        if response.status_code < 400:
            return response
        detail = bytes(response.body).decode()
        problem = plain_problem(response.status_code, detail)
        headers = {
            name: value
            for name, value in response.headers.items()
            if name not in ("content-length", "content-type")
        }
        return problem_response(problem, headers)


def _host_name(host: str) -> str:
    """Return a `Host` header without its port, in lower case."""
    name, _, port = host.rpartition(":")
    return (name if port.isdigit() and name else host).lower()


async def _reject(status: int, detail: str, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        # Before it is accepted, the server responds with 403.
        await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": detail})
        return
    response = problem_response(plain_problem(status, detail))
    await response(scope, receive, send)
