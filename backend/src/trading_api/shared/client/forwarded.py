"""Headers of the request that is being served, which the calls that it makes carry on."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar

forwarded_headers: ContextVar[Sequence[tuple[bytes, bytes]]] = ContextVar(
    "forwarded_headers", default=()
)
"""For example the id of the request, and its trace."""
