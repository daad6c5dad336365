"""Tokens for tests, and processes that need them."""

from __future__ import annotations

from pathlib import Path

from issue_token import AUDIENCE, ISSUER, KEY_ID, DevelopmentIssuer
from trading_api.app_factory import create_app
from trading_api.shared.auth.scopes import scopes_of

__all__ = ["AUDIENCE", "ISSUER", "KEY_ID", "DevelopmentIssuer", "all_scopes", "write_service_token"]


def all_scopes() -> list[str]:
    """Return every scope of every module."""
    return sorted(scopes_of(create_app().openapi()))


def write_service_token(issuer: DevelopmentIssuer, path: Path, seconds: float = 600) -> Path:
    """Write the token of a service that may do everything, and return its file."""
    path.write_text(issuer.issue(all_scopes(), "a-service", seconds), encoding="ascii")
    return path
