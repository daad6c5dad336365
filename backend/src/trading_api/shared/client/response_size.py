"""Limits the size of a response, before and after it is decompressed."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx

from trading_api.shared.client.errors import UnexpectedResponseError
from trading_api.shared.client.events import ItemTooLargeError
from trading_api.shared.client.request import Request


async def read_limited(request: Request, response: httpx.Response, max_bytes: int) -> bytes:
    """Return the body of a response, decompressed.

    Raises:
        UnexpectedResponseError: it has more than `max_bytes`.
    """
    if "content-encoding" in response.headers:
        # Compressed bytes may not become any others, such as those after their end.
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _LimitedBody(response.stream, max_bytes)
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in response.aiter_bytes():
            size += len(chunk)
            if size > max_bytes:
                raise ItemTooLargeError
            chunks.append(chunk)
    except ItemTooLargeError:
        reason = f"the body has more than {max_bytes:,} bytes, the max_response_bytes"
        raise UnexpectedResponseError(
            request.method, request.shown_url, response.status_code, [reason], b"".join(chunks[:1])
        ) from None
    return b"".join(chunks)


class _LimitedBody(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream, max_bytes: int) -> None:
        self._stream = stream
        self._max_bytes = max_bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._stream:
            size += len(chunk)
            if size > self._max_bytes:
                raise ItemTooLargeError
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
