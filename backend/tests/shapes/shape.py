"""What a shape is: one row of the table, with its application and its calls.

A shape is a small FastAPI application of one kind, a call of it in Python and one in TypeScript,
and what has to come of them. `harness` generates both clients from the spec and runs the
calls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from fastapi import FastAPI

from trading_api.shared import problems

NOT_COMPARED: Final = object()
"""Instead of an expected value: whatever it is, it is right."""


@dataclass(frozen=True)
class Call:
    """What a caller writes, and what is expected of that language alone.

    Attributes:
        text: An expression, or statements with a `return`. In Python it has `client`; in
            TypeScript `api`, the module `client` and the type `Operations`.
        gets: What the caller gets, if it is not what the other language gets.
        sees: What the service sees, if it is not what it sees of the other language.
        rejects: A part of the message with which the generator rejects the application.
        raises: A part of the message of the exception that the call raises.
        options: Further arguments of the client's constructor.
        sync: Whether `client` is the synchronous client; for Python.
    """

    text: str
    gets: Any = NOT_COMPARED
    sees: Any = NOT_COMPARED
    rejects: str | None = None
    raises: str | None = None
    options: str = ""
    sync: bool = False


@dataclass(frozen=True)
class Shape:
    """One row of the table."""

    name: str
    title: str
    build: Callable[[FastAPI], None]
    python: Call
    typescript: Call
    problems: bool
    origin: str
    serves: Callable[[FastAPI], None]

    def app(self) -> FastAPI:
        """Return the application that the clients are generated from."""
        return self._app(self.build)

    def service(self) -> FastAPI:
        """Return the application that the clients call: the same one, or another version of it."""
        return self._app(self.serves)

    def _app(self, build: Callable[[FastAPI], None]) -> FastAPI:
        """Return a new application: plain FastAPI, or with the problem details of this project."""
        declared = {"responses": problems.ANY_PROBLEM} if self.problems else {}
        app = FastAPI(
            title=self.name,
            version="1.0.0",
            generate_unique_id_function=lambda route: route.name,
            **declared,  # type: ignore[arg-type]
        )
        if self.problems:
            problems.install(app)
        build(app)
        return app


SHAPES: dict[str, Shape] = {}
"""Every shape by its name, in the order of the table; complete once `rows` has been imported."""

_seen: list[dict[str, str]] = []


def shape(
    title: str,
    *,
    python: str | Call,
    typescript: str | Call,
    sees: Any = NOT_COMPARED,
    gets: Any = NOT_COMPARED,
    problems: bool = False,
    serves: Callable[[FastAPI], None] | None = None,
) -> Callable[[Callable[[FastAPI], None]], Callable[[FastAPI], None]]:
    """Add a row to the table; the decorated function adds the operations to an application.

    Args:
        title: What the row shows.
        python: The call in Python.
        typescript: The call in TypeScript.
        sees: What the service saw, as `saw` recorded it.
        gets: What the caller got, as JSON.
        problems: Whether the application has the error responses of this project.
        serves: What adds the operations of the service that is called, if it is another version.
    """

    def add(build: Callable[[FastAPI], None]) -> Callable[[FastAPI], None]:
        name = build.__name__
        if name in SHAPES:
            raise ValueError(f"two shapes are named {name}")
        SHAPES[name] = Shape(
            name,
            title,
            build,
            _expected(python, sees, gets),
            _expected(typescript, sees, gets),
            problems,
            build.__module__,
            serves or build,
        )
        return build

    return add


def saw(**values: object) -> dict[str, str]:
    """Record the `repr` of what an operation received, and return it as a response."""
    found = {name: repr(value) for name, value in values.items()}
    _seen.append(found)
    return found


def take_seen() -> Mapping[str, str] | list[dict[str, str]] | None:
    """Return what has been recorded since the last time: a record, or a list if there are more."""
    records = [*_seen]
    _seen.clear()
    return records[0] if len(records) == 1 else records or None


def _expected(call: str | Call, sees: Any, gets: Any) -> Call:
    """Return the call with the expectations that both languages share."""
    if isinstance(call, str):
        return Call(call, gets, sees)
    return replace(
        call,
        gets=gets if call.gets is NOT_COMPARED else call.gets,
        sees=sees if call.sees is NOT_COMPARED else call.sees,
    )
