"""The clients of the shape applications, each in process and over loopback."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from typing import TypeVar

import pytest

from golden.answers_client import AnswersClient
from golden.bodies_client import BodiesClient
from golden.parameters_client import ParametersClient
from golden.places_client import PlacesClient
from support.servers import serve
from trading_api.shared.client import ServiceClient

ClientT = TypeVar("ClientT", bound=ServiceClient)
SERVED = ("answers", "bodies", "parameters", "places")


@pytest.fixture(scope="session")
def addresses() -> Iterator[dict[str, str]]:
    """Where each shape application is served by a process of its own."""
    with ExitStack() as servers:
        yield {name: servers.enter_context(serve(f"shapes.{name}:app")) for name in SERVED}


@pytest.fixture(params=["in process", "over loopback"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def connect(kind: type[ClientT], way: str, request: pytest.FixtureRequest) -> ClientT:
    if way == "in process":
        return kind.in_process(importlib.import_module(f"shapes.{kind.module}").app)
    return kind(request.getfixturevalue("addresses")[kind.module])


@pytest.fixture
async def parameters(way: str, request: pytest.FixtureRequest) -> AsyncIterator[ParametersClient]:
    async with connect(ParametersClient, way, request) as client:
        yield client


@pytest.fixture
async def places(way: str, request: pytest.FixtureRequest) -> AsyncIterator[PlacesClient]:
    async with connect(PlacesClient, way, request) as client:
        yield client


@pytest.fixture
async def bodies(way: str, request: pytest.FixtureRequest) -> AsyncIterator[BodiesClient]:
    async with connect(BodiesClient, way, request) as client:
        yield client


@pytest.fixture
async def answers(way: str, request: pytest.FixtureRequest) -> AsyncIterator[AnswersClient]:
    async with connect(AnswersClient, way, request) as client:
        yield client
