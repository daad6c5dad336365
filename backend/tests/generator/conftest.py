"""The golden clients of the shape applications, each in process and over loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from support.servers import serve
from trading_api.shared.utils import class_prefix

if TYPE_CHECKING:  # --update-golden has to work when the golden clients cannot be imported
    from golden.bodies_client import BodiesClient
    from golden.locations_client import LocationsClient
    from golden.parameters_client import ParametersClient
    from golden.responses_client import ResponsesClient
    from golden.variants_client import VariantsClient

SERVED = ("bodies", "locations", "parameters", "responses", "variants")


@pytest.fixture(scope="session")
def addresses() -> Iterator[dict[str, str]]:
    """Serve each shape application in a process of its own; the value has their base URLs."""
    with ExitStack() as servers:
        yield {name: servers.enter_context(serve(f"shapes.{name}:app")) for name in SERVED}


@pytest.fixture(params=["in process", "over loopback"])
def transport(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def connect(shape: str, transport: str, request: pytest.FixtureRequest) -> Any:
    """Return the golden client of a shape application."""
    kind = getattr(import_module(f"golden.{shape}_client"), f"{class_prefix(shape)}Client")
    if transport == "in process":
        return kind.in_process(import_module(f"shapes.{shape}").app)
    # A busy machine takes its time to start the processes.
    return kind(request.getfixturevalue("addresses")[shape], timeout=60)


@pytest.fixture
async def bodies(transport: str, request: pytest.FixtureRequest) -> AsyncIterator[BodiesClient]:
    async with connect("bodies", transport, request) as client:
        yield client


@pytest.fixture
async def locations(
    transport: str, request: pytest.FixtureRequest
) -> AsyncIterator[LocationsClient]:
    async with connect("locations", transport, request) as client:
        yield client


@pytest.fixture
async def parameters(
    transport: str, request: pytest.FixtureRequest
) -> AsyncIterator[ParametersClient]:
    async with connect("parameters", transport, request) as client:
        yield client


@pytest.fixture
async def responses(
    transport: str, request: pytest.FixtureRequest
) -> AsyncIterator[ResponsesClient]:
    async with connect("responses", transport, request) as client:
        yield client


@pytest.fixture
async def variants(transport: str, request: pytest.FixtureRequest) -> AsyncIterator[VariantsClient]:
    async with connect("variants", transport, request) as client:
        yield client
