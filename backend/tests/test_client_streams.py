"""Server-sent events, lines of JSON and pages as asynchronous iterators."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from math import inf
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from starlette.types import Send

from support.servers import raw_server, serve
from support.streams import Endless, Page, StreamsClient, Tick, app, events, lines
from trading_api.shared.client import (
    ApiError,
    Operation,
    ServerSentEvent,
    TransportError,
    UnexpectedResponseError,
    streams,
)
from trading_api.shared.client.events import EventParser

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serve("support.streams:app") as found:
        yield found


@pytest.fixture(params=["over HTTP", "in process"])
async def client(request: pytest.FixtureRequest, address: str) -> AsyncIterator[StreamsClient]:
    in_process = request.param == "in process"
    async with StreamsClient.in_process(app) if in_process else StreamsClient(address) as found:
        yield found


def chunk(content: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(content), content)


def numbers(ticks: list[Tick]) -> list[int]:
    return [tick.number for tick in ticks]


async def test_events_are_items(client: StreamsClient) -> None:
    assert numbers([tick async for tick in client.watch(events(), 3)]) == [0, 1, 2]


async def test_lines_are_items(client: StreamsClient) -> None:
    assert numbers([tick async for tick in client.watch(lines(), 2)]) == [0, 1, -1]


async def test_lost_connection_is_resumed_after_the_last_event(client: StreamsClient) -> None:
    assert [event async for event in client.watch_named()] == [
        ServerSentEvent(f"größer\n{number}", "tick", str(number)) for number in (1, 2, 3)
    ]


async def test_no_content_ends_a_stream(client: StreamsClient) -> None:
    assert [tick async for tick in client.watch(events("/nothing"))] == []
    assert [tick async for tick in client.watch(lines("/nothing"))] == []


async def test_error_response_of_a_stream_is_an_api_error(client: StreamsClient) -> None:
    for operation in (events("/failing"), lines("/failing")):
        with pytest.raises(ApiError) as caught:
            await anext(client.watch(operation))
        assert (caught.value.status, caught.value.content) == (403, b'{"detail":"not you"}')


async def test_slow_caller_slows_the_service_down() -> None:
    service = Endless()
    client = StreamsClient.in_process(service, run_lifespan=False)
    stream = client.watch(events())
    assert (await anext(stream)).number == 0
    for _ in range(1000):
        await asyncio.sleep(0)
    assert service.made == 8
    assert (await anext(stream)).number == 1
    await client.aclose()


@pytest.mark.parametrize("ending", ["closed", "abandoned", "cancelled", "client closed"])
async def test_end_of_the_iterator_ends_the_stream(ending: str) -> None:
    service = Endless(limit=1 if ending == "cancelled" else 1_000_000)
    client = StreamsClient.in_process(service, run_lifespan=False)
    stream = client.watch(events())
    await anext(stream)
    match ending:
        case "closed":
            await cast(Any, stream).aclose()
        case "abandoned":
            del stream
            gc.collect()
        case "cancelled":
            waiting = asyncio.create_task(cast(Any, anext(stream)))
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.wait([waiting])
        case _:
            await client.aclose()
    async with asyncio.timeout(60):  # fail rather than hang
        await service.closed.wait()


async def test_connection_is_closed_with_the_iterator() -> None:
    closed = asyncio.Event()

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD + chunk(b'data: {"number": 1}\n\n'))
        await reader.read()
        closed.set()
        writer.close()

    server = await asyncio.start_server(respond, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, StreamsClient(address) as client:
        async with aclosing(cast(Any, client.watch(events()))) as stream:
            assert (await anext(stream)).number == 1
        await closed.wait()


async def test_stream_resumes_with_the_last_id_and_the_delay_of_the_service() -> None:
    first = HEAD + chunk(b'retry: 0\nid: 7\ndata: {"number": 1}\n\ndata: {"num')
    unavailable = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n"
    last = HEAD + chunk(b'data: {"number": 2}\n\n') + END
    async with raw_server(first, unavailable, last) as (address, requests):
        client = StreamsClient(address, headers={"x-trace": "1"})
        assert numbers([tick async for tick in client.watch(events())]) == [1, 2]
    assert len(requests) == 3
    assert b"last-event-id" not in requests[0]
    assert all(b"last-event-id: 7\r\n" in request for request in requests[1:])
    assert all(b"accept: text/event-stream\r\n" in request for request in requests)
    assert all(b"x-trace: 1\r\n" in request for request in requests)


async def test_stream_fails_after_some_reconnections_without_events() -> None:
    first = HEAD + chunk(b'retry: 0\nid: 7\ndata: {"number": 1}\n\n')
    async with raw_server(first, HEAD) as (address, requests), StreamsClient(address) as client:
        stream = client.watch(events())
        assert (await anext(stream)).number == 1
        with pytest.raises(TransportError) as caught:
            await anext(stream)
    assert caught.value.cause == "closed"
    assert len(requests) == 6


async def test_reconnections_wait_3_seconds_and_then_twice_as_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    delays: list[float] = []

    async def sleep(seconds: float) -> None:
        delays.append(seconds)

    monkeypatch.setattr(streams, "asyncio", SimpleNamespace(sleep=sleep))
    first = HEAD + chunk(b'id: 7\ndata: {"number": 1}\n\n')
    async with raw_server(first, HEAD) as (address, _), StreamsClient(address) as client:
        with pytest.raises(TransportError):
            assert numbers([tick async for tick in client.watch(events())]) == [1]
    assert delays == [3, 6, 12, 24, 48]


@pytest.mark.parametrize(
    ("method", "content"),
    [
        ("GET", b'data: {"number": 1}\n\n'),
        ("POST", b'retry: 0\nid: 7\ndata: {"number": 1}\n\n'),
    ],
)
async def test_stream_that_cannot_be_resumed_fails(method: str, content: bytes) -> None:
    async with raw_server(HEAD + chunk(content)) as (address, requests):
        stream = StreamsClient(address).watch(events(method=method))
        assert (await anext(stream)).number == 1
        with pytest.raises(TransportError):
            await anext(stream)
    assert len(requests) == 1


async def test_rejected_reconnection_raises() -> None:
    first = HEAD + chunk(b'retry: 0\nid: 7\ndata: {"number": 1}\n\n')
    gone = b"HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n"
    async with raw_server(first, gone) as (address, requests):
        stream = StreamsClient(address).watch(events())
        await anext(stream)
        with pytest.raises(ApiError, match="410"):
            await anext(stream)
    assert len(requests) == 2


async def test_lines_that_are_cut_off_raise() -> None:
    head = HEAD.replace(b"text/event-stream", b"application/jsonl")
    async with raw_server(head + chunk(b'{"number": 1}\n{"num')) as (address, _):
        stream = StreamsClient(address).watch(lines())
        assert (await anext(stream)).number == 1
        with pytest.raises(TransportError):
            await anext(stream)


async def respond_with(response: httpx.Response, operation: Operation[Any]) -> Any:
    transport = httpx.MockTransport(lambda request: response)
    client = StreamsClient("http://127.0.0.1:1", transport=transport)
    return [item async for item in client._stream(operation, "/")]


@pytest.mark.parametrize(
    ("response", "operation", "reason"),
    [
        (httpx.Response(200, html="<p>"), events(), "text/html is not text/event-stream"),
        (httpx.Response(200), events(), r"media type \(none\) is not text/event-stream"),
        (httpx.Response(302), lines(), "the status is not declared"),
        (httpx.Response(200, content=b'{"number": "x"}\n'), lines(), "number: Input should be"),
    ],
)
async def test_stream_that_is_not_declared_raises(
    response: httpx.Response, operation: Operation[Any], reason: str
) -> None:
    with pytest.raises(UnexpectedResponseError, match=reason):
        await respond_with(response, operation)


async def test_reader_of_a_stream_is_chosen_by_status_and_media_type() -> None:
    def read(content: bytes) -> str:
        return content.decode()

    operation = Operation("GET", "/", responses={200: {"application/x-ndjson": read}})
    headers = {"content-type": "application/x-ndjson"}
    response = httpx.Response(200, headers=headers, content=b"a\nb")
    assert await respond_with(response, operation) == ["a", "b"]
    with pytest.raises(UnexpectedResponseError, match="the media type text/csv is not declared"):
        await respond_with(httpx.Response(200, headers={"content-type": "text/csv"}), operation)
    operation = Operation("GET", "/", responses={200: read}, stream="lines")
    assert await respond_with(httpx.Response(201, content=b"a"), operation) == ["a"]


async def test_timeout_bounds_the_time_to_the_response() -> None:
    started = asyncio.Event()

    async def never(scope: object, receive: object, send: object) -> None:
        started.set()
        await asyncio.Event().wait()

    client = StreamsClient.in_process(never, run_lifespan=False)
    with pytest.raises(TransportError, match=r"no complete response within 0\.01 s"):
        await anext(client.watch(events(), timeout=0.01))
    assert started.is_set()
    await client.aclose()


async def test_error_response_that_is_incomplete_raises() -> None:
    async def app(scope: object, receive: object, send: Send) -> None:
        await send({"type": "http.response.start", "status": 500})
        await asyncio.Event().wait()

    client = StreamsClient.in_process(app, run_lifespan=False)
    with pytest.raises(TransportError, match=r"no complete response within 0\.01 s"):
        await anext(client.watch(lines(), timeout=0.01))
    partial = b"HTTP/1.1 500 Error\r\ncontent-length: 100\r\n\r\n{"
    async with raw_server(partial) as (address, _):
        with pytest.raises(TransportError) as caught:
            await anext(StreamsClient(address).watch(lines()))
    assert caught.value.cause == "closed"


async def test_pages_are_one_iterator(client: StreamsClient) -> None:
    assert numbers([tick async for tick in client.iter_get_page()]) == [0, 1, 2, 3, 4, 5]


async def test_page_that_names_itself_as_the_next_one_raises() -> None:
    async def fetch(cursor: str | None) -> Page:
        return Page(items=[Tick(number=1)], next_cursor="a")

    pages = StreamsClient("http://127.0.0.1:1")._paginate(fetch)
    with pytest.raises(RuntimeError, match="the page of the cursor 'a' names it as the next one"):
        _ = [tick async for tick in pages]


CASES = {
    "a": (b"data: a\n\n", [("a", "message", "")]),
    "lines": (b"data: a\ndata:  b\ndata\n\n", [("a\n b\n", "message", "")]),
    "comment and unknown field": (b": x\nx: y\ndata:a\n\n", [("a", "message", "")]),
    "no data": (b"event: x\nid: 1\n\ndata: a\n\n", [("a", "message", "1")]),
    "empty data": (b"data:\n\n", [("", "message", "")]),
    "event type": (b"event: x\ndata: a\n\ndata: b\n\n", [("a", "x", ""), ("b", "message", "")]),
    "id stays": (b"id: 1\ndata: a\n\ndata: b\n\n", [("a", "message", "1"), ("b", "message", "1")]),
    "id with NUL": (b"id: 1\0\ndata: a\n\n", [("a", "message", "")]),
    "id is cleared": (
        b"id: 1\ndata: a\n\nid\ndata: b\n\n",
        [("a", "message", "1"), ("b", "message", "")],
    ),
    "incomplete": (b"data: a\n\ndata: b\n", [("a", "message", "")]),
    "byte order mark": (b"\xef\xbb\xbfdata: a\n\n", [("a", "message", "")]),
    "not UTF-8": (b"data: \xff\n\n", [("\ufffd", "message", "")]),
    "multibyte": ("data: größer\n\n".encode(), [("größer", "message", "")]),
}


@pytest.mark.parametrize("line_break", [b"\n", b"\r", b"\r\n"])
@pytest.mark.parametrize("case", CASES)
def test_events_are_parsed_whatever_the_chunks(case: str, line_break: bytes) -> None:
    content, expected = CASES[case]
    content = content.replace(b"\n", line_break)
    for size in (1, 2, 3, len(content)):
        parser = EventParser()
        chunks = [content[start : start + size] for start in range(0, len(content), size)]
        found = [event for each in chunks for event in parser.feed(each)]
        assert [tuple(event) for event in found] == expected


@pytest.mark.parametrize(
    ("value", "seconds"), [(b"1500", 1.5), (b"1.5", None), (b"", None), (b"9" * 5000, inf)]
)
def test_only_digits_are_a_delay(value: bytes, seconds: float | None) -> None:
    parser = EventParser()
    assert parser.feed(b"retry: %s\n\n" % value) == []
    assert parser.retry == seconds
