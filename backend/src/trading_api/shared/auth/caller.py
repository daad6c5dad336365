"""Who makes a request."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Final, Protocol

MAX_TOKEN_CHARACTERS: Final = 8_192
"""Characters of a token: as many as servers accept in a header."""


class TokenError(Exception):
    """A token is missing or not accepted; the message has the reason, without the token."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request: the subject of the token, its scopes, and its end in Unix seconds.

    A caller without a set of scopes may do everything.
    """

    subject: str
    scopes: frozenset[str] | None = None
    expires_at: float = inf

    def may(self, scope: str) -> bool:
        """Return whether the caller has a scope."""
        return self.scopes is None or scope in self.scopes


class Verifier(Protocol):
    """Checks tokens; `trading_api.shared.auth.tokens.TokenVerifier` is one."""

    def verify(self, token: str) -> Caller:
        """Return the caller that a token identifies.

        Raises:
            TokenError: the token is not valid.
        """
        ...
