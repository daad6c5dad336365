"""The golden clients of the shape applications, each in process and over loopback."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from typing import TypeVar

import pytest

from golden.bodies_client import BodiesClient
from golden.locations_client import LocationsClient
from golden.parameters_client import ParametersClient
from golden.responses_client import ResponsesClient
from support.servers import serve
from trading_api.shared.client import ServiceClient

ClientT = TypeVar("ClientT", bound=ServiceClient)
SERVED = ("bodies", "locations", "parameters", "responses")


@pytest.fixture(scope="session")
def addresses() -> Iterator[dict[str, str]]:
    """Serve each shape application in a process of its own; the value has their base URLs."""
    with ExitStack() as servers:
        yield {name: servers.enter_context(serve(f"shapes.{name}:app")) for name in SERVED}


@pytest.fixture(params=["in process", "over loopback"])
def transport(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def connect(kind: type[ClientT], transport: str, request: pytest.FixtureRequest) -> ClientT:
    if transport == "in process":
        return kind.in_process(importlib.import_module(f"shapes.{kind.module}").app)
    return kind(request.getfixturevalue("addresses")[kind.module])


@pytest.fixture
async def parameters(
    transport: str, request: pytest.FixtureRequest
) -> AsyncIterator[ParametersClient]:
    async with connect(ParametersClient, transport, request) as client:
        yield client


@pytest.fixture
async def locations(
    transport: str, request: pytest.FixtureRequest
) -> AsyncIterator[LocationsClient]:
    async with connect(LocationsClient, transport, request) as client:
        yield client


@pytest.fixture
async def bodies(transport: str, request: pytest.FixtureRequest) -> AsyncIterator[BodiesClient]:
    async with connect(BodiesClient, transport, request) as client:
        yield client


@pytest.fixture
async def responses(
    transport: str, request: pytest.FixtureRequest
) -> AsyncIterator[ResponsesClient]:
    async with connect(ResponsesClient, transport, request) as client:
        yield client
