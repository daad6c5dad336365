"""Whole responses and synchronous clients have the types of the operations that they run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator
from typing import assert_type

from golden.apps.models import Item, Page
from golden.responses_client import ResponsesClient
from trading_api.shared.client import (
    Omit,
    Operation,
    Response,
    SyncServiceClient,
    omit,
    raw_response,
    sync_iterator,
    sync_method,
)
from trading_api.shared.client.wire import JsonAdapter, json_fields

_ITEM: JsonAdapter[Item] = JsonAdapter(Item)
_WATCH: Operation[Item] = Operation(
    "GET",
    "/watch",
    responses={200: {"text/event-stream": _ITEM.read}, "2XX": _ITEM.read},
    errors={404: _ITEM.read, "4XX": {"application/json": _ITEM.read}, "default": _ITEM.read},
    api_keys=(("query", "key"), ("header", "X-Key")),
    stream="events",
)


class StreamingClient(ResponsesClient):
    """A client with a stream and pages, as the generator writes them."""

    def watch(self, *, timeout: float | None = None) -> AsyncIterator[Item]:
        return self._stream(_WATCH, "/watch", timeout=timeout)

    def iter_pages(self) -> AsyncIterator[Item]:
        async def fetch(cursor: str | None) -> Page[Item]:
            return await self.get_page()

        return self._paginate(fetch)

    async def change(self, *, note: str | Omit | None = omit) -> None:
        json_fields((("note", _ITEM, note),))


class SyncStreamingClient(SyncServiceClient[StreamingClient]):
    get_item = sync_method(StreamingClient.get_item)
    delete_item = sync_method(StreamingClient.delete_item)
    watch = sync_iterator(StreamingClient.watch)


client = StreamingClient("http://127.0.0.1:1", token="t", event_hooks={"request": []})
sync_client = SyncStreamingClient.from_env(timeout=1, api_key="k")


async def whole_responses_have_their_types() -> None:
    response = await raw_response(client.get_item)("a", timeout=1)
    assert_type(response, Response[Item])
    assert_type(response.body, Item)
    assert_type(response.headers.get("etag"), str | None)
    assert_type((await raw_response(client.delete_item)("a")).body, None)
    async with raw_response(client.get_bytes)() as stream:
        async for chunk in stream.iter_bytes():
            assert_type(chunk, bytes)
    async for item in client.watch():
        assert_type(item, Item)
    async for item in client.iter_pages():
        assert_type(item, Item)
    await raw_response(client.get_item)(1)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


def synchronous_calls_have_their_types() -> None:
    with sync_client as entered:
        assert_type(entered, SyncStreamingClient)
        assert_type(entered.async_client, StreamingClient)
    assert_type(sync_client.get_item("a", timeout=1), Item)
    assert_type(sync_client.watch(), Generator[Item, None, None])
    assert_type(raw_response(sync_client.get_item)("a"), Response[Item])
    sync_client.delete_item("a")
    sync_client.get_item(1)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
