"""A service that fails as tests want, and a client of it."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from golden.responses_client import ResponsesClient
from trading_api.shared.client import ApiError, TransportError

PAIR = b'[1, "a"]'


class Service:
    """A service that responds with the given statuses, and the last of them from then on."""

    def __init__(self, *statuses: int, headers: dict[str, str] | None = None) -> None:
        self.requests: list[httpx.Request] = []
        self.statuses = list(statuses)
        self.headers = headers or {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if status == 0:
            raise httpx.ConnectError("refused")
        headers = {"content-type": "application/json", **self.headers}
        return httpx.Response(status, content=PAIR, headers=headers)


def client_of(respond: Callable[[httpx.Request], httpx.Response]) -> ResponsesClient:
    return ResponsesClient("http://127.0.0.1:1", transport=httpx.MockTransport(respond))


async def fail(client: ResponsesClient, times: int = 1) -> Exception:
    for _ in range(times):
        with pytest.raises((TransportError, ApiError)) as caught:
            await client.get_pair()
    return caught.value
