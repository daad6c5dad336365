"""Callers depend on the protocols, which the clients and test doubles satisfy."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal, assert_type

from golden.apps.live import Price, Trade, Wanted, Weather
from golden.apps.models import Cat, Circle, Colour, Dog, Item, Node, Page, Square
from golden.bodies_client import BodiesApi, BodiesClient
from golden.live_client import LiveApi, LiveClient, SyncLiveClient
from golden.parameters_client import ParametersApi, ParametersClient
from golden.plain_client import PlainApi, PlainClient
from golden.responses_client import ResponsesApi, ResponsesClient
from trading_api.shared.client import FakeSubscription
from trading_api.shared.client.wire import FileUpload

responses: ResponsesApi = ResponsesClient("http://127.0.0.1:1")
bodies: BodiesApi = BodiesClient.from_env()
parameters: ParametersApi = ParametersClient(timeout=1)
plain: PlainApi = PlainClient("http://127.0.0.1:1")


class PlainDouble:
    """A test double needs the operation's own arguments alone."""

    async def read_item_items__item_id__get(self, item_id: int) -> Item:
        return Item(name=str(item_id), price=Decimal(1))


double: PlainApi = PlainDouble()


async def responses_have_their_types() -> None:
    assert_type(await responses.get_item("a"), Item)
    assert_type(await responses.get_items(), list[Item])
    assert_type(await responses.get_page(), Page[Item])
    assert_type(await responses.get_groups(), Page[Cat | Dog | None])
    assert_type(await responses.get_calendar(), Page[dict[date, Literal["open", "shut"]]])
    assert_type(await responses.get_map(), dict[str, Node])
    assert_type(await responses.get_pets(), list[Cat | Dog])
    assert_type(await responses.get_colour(), Colour | None)
    assert_type(await responses.get_pair(), tuple[int, str])
    assert_type(await responses.put_job(later=True), Item | bytes | None)
    assert_type(await responses.put_node(create=True), Node | Item)
    assert_type(await responses.get_text(), str)
    assert_type(await responses.get_bytes(), bytes)
    await responses.delete_item("a")


async def arguments_have_their_types() -> None:
    await bodies.name_pet(Dog(kind="dog", born=date(2020, 1, 1)))
    await bodies.post_shapes([Circle(radius=1), Square()])
    await bodies.post_files(b"", more=[FileUpload(b""), b""])
    await bodies.put_nullable(None)
    await bodies.put_anything({"a": [1, None]})
    await parameters.get_optional("x", names=["a"], limit=1)


live: LiveApi = LiveClient("http://127.0.0.1:1")


class LiveDouble:
    """A double of a client with streams."""

    async def get_name(self) -> str:
        return "double"

    def weather_stream(self, request: Wanted) -> FakeSubscription[Weather]:
        return FakeSubscription([Weather(text="sun"), ValueError("end")])

    def prices_stream(self, request: Wanted) -> FakeSubscription[Price]:
        return FakeSubscription([])

    def trades_stream(self, request: Wanted) -> FakeSubscription[Trade]:
        return FakeSubscription([])

    def ticks_stream(self, request: Wanted) -> FakeSubscription[Weather]:
        return FakeSubscription([])


live_double: LiveApi = LiveDouble()


async def streams_have_their_types() -> None:
    async for weather in live.weather_stream(Wanted(account="a")):
        assert_type(weather, Weather)
    async with live.prices_stream(Wanted(account="a")) as prices:
        assert_type(await anext(prices), Price)
        assert_type(prices.is_live, bool)
    for trade in SyncLiveClient("http://127.0.0.1:1").trades_stream(Wanted(account="a")):
        assert_type(trade, Trade)
