"""Shapes of two versions of a service: a client of one of them, and the other one running."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI

from shapes.shape import shape

Build = Callable[[FastAPI], None]


def change(
    name: str,
    title: str,
    older: Build,
    newer: Build,
    *,
    old_client: dict[str, Any],
    new_client: dict[str, Any],
) -> None:
    """Add two rows: a client of the older version with the newer service, and the reverse."""
    for age, build, serves, row in (
        ("older", older, newer, old_client),
        ("newer", newer, older, new_client),
    ):

        def add(app: FastAPI, build: Build = build) -> None:
            build(app)

        add.__name__, add.__module__ = f"skew_{name}_{age}", older.__module__
        shape(f"version skew: {title}; the client is {age}", serves=serves, **row)(add)
