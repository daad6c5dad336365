"""Iterates over the items of a response that never has to end.

The next part of a response is received when its items are used, so a slow caller slows the service
down. Closing or abandoning the iterator closes the connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from pydantic import ValidationError

from trading_api.shared.client.errors import ApiError, TransportError, UnexpectedResponseError
from trading_api.shared.client.events import (
    EventParser,
    ItemTooLargeError,
    ServerSentEvent,
    lines_of,
)
from trading_api.shared.client.operation import (
    Operation,
    Reader,
    Received,
    item_reader,
    raise_error,
    reasons_of,
)
from trading_api.shared.client.readers import read_event

if TYPE_CHECKING:
    from trading_api.shared.client.http import ResponseStream
    from trading_api.shared.client.request import Request

ItemT = TypeVar("ItemT")

Connect = Callable[["Request"], Awaitable["ResponseStream"]]

MAX_RECONNECTIONS: Final = 5
"""How many times in a row a stream reconnects without receiving an event before it fails."""

DEFAULT_RETRY: Final = 3.0
"""Seconds before the first reconnection, unless the service sends `retry`; then twice as long."""

_UNAVAILABLE = (429, 502, 503, 504)


def iterate(
    operation: Operation[ItemT], request: Request, connect: Connect, max_bytes: int
) -> AsyncIterator[ItemT]:
    """Return the items of a stream. `connect` sends the request and returns the response.

    An item of more than `max_bytes` raises an `UnexpectedResponseError`.
    """
    if operation.stream == "events":
        return _iterate_events(operation, request, connect, max_bytes)
    return _iterate_lines(operation, request, connect, max_bytes)


async def _iterate_lines(
    operation: Operation[ItemT], request: Request, connect: Connect, max_bytes: int
) -> AsyncIterator[ItemT]:
    response = await connect(request)
    try:
        reader = await _reader_of(operation, request, response)
        if reader is None:
            return
        async with (
            aclosing(response.iter_bytes()) as chunks,
            aclosing(lines_of(chunks, max_bytes)) as lines,
        ):
            async for line in lines:
                yield _read_item(operation, request, response, reader, line)
    except ItemTooLargeError:
        raise _item_too_large(request, response, max_bytes) from None
    finally:
        await response.aclose()


async def _iterate_events(
    operation: Operation[ItemT], request: Request, connect: Connect, max_bytes: int
) -> AsyncIterator[ItemT]:
    """Yield the events of a stream, and resume it after the last one if its connection is lost.

    A stream that the service ends is not resumed.
    """
    parser = EventParser(max_bytes)
    failures = 0
    while True:
        response: ResponseStream | None = None
        try:
            response = await connect(request)
            reader = await _reader_of(operation, request, response)
            if reader is None:
                return
            async with aclosing(response.iter_bytes()) as chunks:
                async for chunk in chunks:
                    for event in parser.feed(chunk):
                        failures = 0
                        yield _read_event(operation, request, response, reader, event)
            return
        except ItemTooLargeError:
            assert response is not None
            raise _item_too_large(request, response, max_bytes) from None
        except (TransportError, ApiError) as error:
            failures += 1
            if not _can_resume(parser, request, error) or failures > MAX_RECONNECTIONS:
                raise
        finally:
            if response is not None:
                await response.aclose()
        delay = DEFAULT_RETRY if parser.retry is None else parser.retry
        await asyncio.sleep(delay * 2 ** (failures - 1))
        parser.reconnect()
        if parser.last_id:
            request.headers[b"last-event-id"] = [parser.last_id.encode()]


def _item_too_large(
    request: Request, response: ResponseStream, max_bytes: int
) -> UnexpectedResponseError:
    reason = f"an item has more than {max_bytes:,} bytes, the max_response_bytes"
    return UnexpectedResponseError(
        request.method, request.shown_url, response.status, [reason], b""
    )


def _can_resume(parser: EventParser, request: Request, error: TransportError | ApiError) -> bool:
    """Return whether a lost connection can be resumed without missing or repeating events.

    The service has to send ids, or to ask for reconnections with `retry`.
    """
    if isinstance(error, ApiError) and error.status not in _UNAVAILABLE:
        return False
    return request.retryable and (bool(parser.last_id) or parser.retry is not None)


async def _reader_of(
    operation: Operation[ItemT], request: Request, response: ResponseStream
) -> Reader[ItemT] | None:
    """Return the reader of items, or None if the response says that there are none (204)."""
    if response.status == 204:
        return None
    if response.status >= 400:
        raise_error(operation, request.shown_url, await response.read())
    head = Received(response.status, response.headers, b"")
    return item_reader(operation, request.shown_url, head)


def _read_event(
    operation: Operation[ItemT],
    request: Request,
    response: ResponseStream,
    reader: Reader[ItemT],
    event: ServerSentEvent,
) -> ItemT:
    if cast(Any, reader) is read_event:
        return cast(ItemT, event)
    return _read_item(operation, request, response, reader, event.data.encode())


def _read_item(
    operation: Operation[ItemT],
    request: Request,
    response: ResponseStream,
    reader: Reader[ItemT],
    content: bytes,
) -> ItemT:
    try:
        return reader(content)
    except ValidationError as error:
        raise UnexpectedResponseError(
            request.method, request.shown_url, response.status, reasons_of(error), content
        ) from None
