"""Finds out who makes a request, and rejects callers who may not make it."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from fastapi.params import Depends
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from trading_api.shared.auth.caller import Caller, TokenError, Verifier
from trading_api.shared.auth.scopes import scope_of
from trading_api.shared.client import IN_PROCESS_HOST
from trading_api.shared.problems import ProblemError, ProblemType, plain_problem, problem_response
from trading_api.shared.settings import AuthSettings, InvalidSettingError
from trading_api.shared.utils import API_PREFIX

ANYBODY: Final = Caller("anybody")
"""The caller when no tokens are needed."""

THIS_PROCESS: Final = Caller("in-process")
"""The caller of the calls between modules of one process."""

POLICY_VIOLATION: Final = 1008
CHALLENGE: Final = "WWW-Authenticate"


class Authentication:
    """How the callers of a process are identified.

    Args:
        verifier: checks tokens; none if callers need no token.
        anywhere: whether a process without a verifier may be reached at other addresses than
            loopback.
    """

    def __init__(self, verifier: Verifier | None = None, *, anywhere: bool = False) -> None:
        self.verifier = verifier
        self._anywhere = anywhere

    def known_caller(self, scope: Scope) -> Caller | None:
        """Return the caller of a request that needs no token, or none."""
        # A server puts its own address here, whatever the request says.
        if (scope.get("server") or ("",))[0] == IN_PROCESS_HOST:
            return THIS_PROCESS
        return ANYBODY if self.verifier is None else None

    def serves(self, scope: Scope) -> bool:
        """Return whether requests to the address of this connection are served at all."""
        if self.verifier is not None or self._anywhere:
            return True
        # What is not an IP address is the path of a UNIX socket, or the name that a test uses.
        return is_loopback(str((scope.get("server") or ("",))[0])) is not False

    def verify(self, token: str) -> Caller:
        """Return the caller that a token identifies.

        Raises:
            TokenError: the token is not valid.
        """
        assert self.verifier is not None
        return self.verifier.verify(token)


class AuthenticatedCallers:
    """Middleware that identifies the caller of each request to a module.

    It puts a `Caller` into `scope["state"]["caller"]`, or responds with a 401 problem. A WebSocket
    is authenticated by its first message instead, because browsers send no header of our choice.
    """

    def __init__(self, app: ASGIApp, authentication: Authentication) -> None:
        self._app = app
        self._authentication = authentication

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or not _is_of_module(scope["path"]):
            await self._app(scope, receive, send)
            return
        if not self._authentication.serves(scope):
            await _reject_address(scope, receive, send)
            return
        caller = self._authentication.known_caller(scope)
        if caller is None and scope["type"] == "http":
            values = _authorizations(scope)
            try:
                caller = self._authentication.verify(_bearer_token(values))
            except TokenError as error:
                rejected = unauthorized(str(error), has_token=bool(values))
                response = problem_response(rejected.problem, rejected.headers)
                await response(scope, receive, send)
                return
        scope.setdefault("state", {})["caller"] = caller
        await self._app(scope, receive, send)


def scope_dependencies(module_name: str, change_scope: str) -> list[Depends]:
    """Return the dependency of all operations that rejects callers without their scope: 403."""

    async def check_scope(connection: HTTPConnection) -> None:
        scope = connection.scope
        # For the log and the metrics of the request.
        scope["state"]["module"] = module_name
        if scope["type"] != "http":
            return
        extra = getattr(scope["route"], "openapi_extra", None)
        needed = scope_of(module_name, change_scope, scope["method"], extra)
        if not scope["state"]["caller"].may(needed):
            raise forbidden(needed)

    return [Depends(check_scope)]


def unauthorized(detail: str, *, has_token: bool = True) -> ProblemError:
    """Return the 401 of a caller whose token is missing or not valid (RFC 6750, section 3)."""
    challenge = 'Bearer error="invalid_token"' if has_token else "Bearer"
    return ProblemError(
        401, detail, type=ProblemType.UNAUTHENTICATED, headers={CHALLENGE: challenge}
    )


def forbidden(scope: str) -> ProblemError:
    """Return the 403 of a caller whose token lacks a scope."""
    return ProblemError(
        403,
        f"The token lacks the scope {scope}.",
        type=ProblemType.SCOPE_MISSING,
        headers={CHALLENGE: f'Bearer error="insufficient_scope", scope="{scope}"'},
    )


def check_listening_host(host: str, settings: AuthSettings) -> None:
    """Reject an address to listen on that others can reach, if callers need no token.

    Raises:
        InvalidSettingError: `host` is not on loopback, and `AUTH_KEYS` is not set.
    """
    if not settings.keys and host != "localhost" and not is_loopback(host):
        raise InvalidSettingError(
            f"other machines can reach {host}, and callers need no token; set AUTH_KEYS,"
            " AUTH_ISSUER and AUTH_AUDIENCE, or AUTH_KEYS=none behind a gateway that"
            " authenticates them"
        )


@lru_cache(1_000)
def is_loopback(address: str) -> bool | None:
    """Return whether only this machine can reach an IP address; none if it is not one."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return (getattr(ip, "ipv4_mapped", None) or ip).is_loopback


def _is_of_module(path: str) -> bool:
    return path.startswith(f"{API_PREFIX}/")


def _authorizations(scope: Scope) -> list[bytes]:
    return [value for name, value in scope["headers"] if name == b"authorization"]


def _bearer_token(values: Sequence[bytes]) -> str:
    """Return the token in the headers `Authorization` (RFC 6750, section 2.1)."""
    kind, _, token = values[0].partition(b" ") if len(values) == 1 else (b"", b"", b"")
    if kind.lower() != b"bearer" or not token.strip():
        raise TokenError("Send one token, as `Authorization: Bearer <token>`.")
    return token.strip().decode("latin-1")


async def _reject_address(scope: Scope, receive: Receive, send: Send) -> None:
    detail = "Without AUTH_KEYS, requests are only served on loopback."
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": detail})
        return
    response = problem_response(plain_problem(403, detail))
    await response(scope, receive, send)
