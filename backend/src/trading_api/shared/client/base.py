"""The base class of the generated clients: makes a call and returns its value.

A client calls its service over HTTP or, with `in_process`, calls the application directly.
Requests, return values and errors are the same.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from math import isinf
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypedDict, TypeVar, Unpack
from urllib.parse import urlsplit

from trading_api.shared.client.addresses import service_url
from trading_api.shared.client.deadline import limit_timeout
from trading_api.shared.client.errors import TransportError
from trading_api.shared.client.notices import log_notices
from trading_api.shared.client.operation import Operation, Received, read_response
from trading_api.shared.client.options import (
    DEFAULT_MAX_RESPONSE_BYTES,
    DEFAULT_TIMEOUT,
    CallOptions,
    ClientOptions,
    Credential,
    EventHooks,
    check_event_hooks,
    read_credential,
)
from trading_api.shared.client.payload import Payload
from trading_api.shared.client.request import Request
from trading_api.shared.client.values import (
    Headers,
    Parameters,
    cookie_header,
    encode_headers,
    encode_pairs,
    merge_headers,
    query_string,
)
from trading_api.shared.utils import url_variable

if TYPE_CHECKING:
    import httpx

    from trading_api.shared.client.asgi import AsgiApp
    from trading_api.shared.client.http import ResponseStream
    from trading_api.shared.client.ws_client import ClientStreams
    from trading_api.shared.client.ws_stream import Stream, StreamCounts, Subscription

ResponseT = TypeVar("ResponseT")
PageT = TypeVar("PageT")
RequestT = TypeVar("RequestT")
UpdateT = TypeVar("UpdateT")

IN_PROCESS_HOST: Final = "in-process"
"""The host name of a service that is called in process."""


class CallArguments(TypedDict, total=False):
    """What a generated method passes beside its operation and the path."""

    query: Parameters
    headers: Parameters
    cookies: Parameters
    body: Payload | None
    accept: str | None
    timeout: float | None
    extra_headers: Mapping[str, str] | None


class ServiceClient:
    """The base of the generated clients.

    Args:
        base_url: the address of the service, such as `http://datafeed-service:8002`, with an
            optional path. Defaults to the server of the spec, if it names one.
        timeout: the seconds that a call may take in all; `math.inf` for no limit. A call that is
            made to serve a request ends with the deadline of that request.
        headers: sent with every call.
        transport: an `httpx.AsyncBaseTransport` to send with, such as one of a test. The caller
            closes it. `httpx.AsyncHTTPTransport(proxy="http://...")` sends through a proxy, and
            `httpx.AsyncHTTPTransport(verify=context)` uses an `ssl.SSLContext` with certificates of
            your own: a private CA, or a client certificate (mTLS). `AiohttpTransport`, in the
            module `aiohttp_transport` beside this one, takes less than half the CPU.
        http_client: an `httpx.AsyncClient` to send with. Its base URL, headers and timeouts are not
            used. The caller closes it.
        token: sent as `Authorization: Bearer ...` with every call whose headers do not have an
            `Authorization`; a string, or an async function that returns the current token.
        api_key: sent where an operation declares an API key: in the query, a header or a cookie.
        event_hooks: `{"request": [...], "response": [...]}`: async functions that are called with
            each `httpx.Request` before it is sent, and each `httpx.Response` before its body is
            read. A retried request is sent, and its hooks are called, twice.
        retries: whether to retry calls; False behind a proxy that does, such as a service mesh.
        max_response_bytes: the most bytes of a body, decompressed, or of one item of a stream.

    A client can be used in several event loops, one after another. Close it in each, or its
    connections stay open until they are garbage collected. Redirects are not followed and cookies
    are not stored. A call is retried once if its connection was closed, or if the response says
    when to (429 or 503 with `Retry-After`), and only if that is safe: a GET, HEAD or OPTIONS, or a
    call with an idempotency key that the spec declares. At most one call in five is retried.

    While the service is failing, calls fail at once with the cause `unavailable`. At most 100 are
    in progress; further ones wait. See `trading_api.shared.client.protection`.

    The environment variables `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` are ignored;
    with `http_client=httpx.AsyncClient()` they are used. `SSL_CERT_FILE` and `SSL_CERT_DIR` are
    always used.

    Raises:
        ValueError: `base_url` is not an absolute http or https URL, both `transport` and
            `http_client` are given, or both `token` and an `Authorization` header.
    """

    module: ClassVar[str]
    default_url: ClassVar[str]
    spec_version: ClassVar[str] = ""
    """The version of the spec that the client was generated from, such as `1.2.0+9f86d081884c`."""

    stream_path: ClassVar[str] = ""
    """The path of the WebSocket with the streams."""

    stream_version: ClassVar[str] = ""
    """The version of the spec of the streams, like `spec_version`."""

    def __init__(
        self,
        base_url: str | None = None,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        headers: Mapping[str, str] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        http_client: httpx.AsyncClient | None = None,
        token: Credential | None = None,
        api_key: Credential | None = None,
        event_hooks: EventHooks | None = None,
        retries: bool = True,
        max_response_bytes: int = DEFAULT_MAX_RESPONSE_BYTES,
    ) -> None:
        if transport is not None and http_client is not None:
            raise ValueError("pass transport or http_client, not both")
        # Imported here because httpx takes longer to import than a client.
        from trading_api.shared.client.http import Connections

        self.base_url = service_url(base_url, self.default_url, self.module)
        self.timeout = timeout
        self._token = token
        self._api_key = api_key
        self._streams: ClientStreams | None = None
        scheme, host, *_ = urlsplit(self.base_url)
        defaults = {b"accept": [b"*/*"], b"host": [host.encode()]}
        self._headers = merge_headers(defaults, encode_headers((headers or {}).items()))
        if token is not None and b"authorization" in self._headers:
            raise ValueError("pass token or an Authorization header, not both")
        check_event_hooks(event_hooks or {})
        secure = scheme == "https"
        self._connections = Connections(
            transport,
            http_client,
            secure=secure,
            event_hooks=event_hooks,
            retries=retries,
            max_response_bytes=max_response_bytes,
        )

    @classmethod
    def from_env(cls, **options: Unpack[ClientOptions]) -> Self:
        """Return a client of the address in `<MODULE>_URL`, or else of the server of the spec."""
        return cls(os.environ.get(url_variable(cls.module)), **options)

    @classmethod
    def in_process(
        cls, app: AsgiApp, *, run_lifespan: bool = True, **options: Unpack[CallOptions]
    ) -> Self:
        """Return a client that calls `app` in this process, without a socket.

        The first call, or `async with`, starts the application (its ASGI lifespan); `aclose` of the
        last client that uses it stops it. Applications of `create_app` that are already running are
        not started again; for any other application that is already running, pass
        `run_lifespan=False`. As over HTTP, background tasks go on after the response; `aclose`
        waits for them.
        """
        from trading_api.shared.client.in_process import InProcessConnections

        client = cls(f"http://{IN_PROCESS_HOST}", **options)
        client._connections = InProcessConnections(
            app,
            run_lifespan=run_lifespan,
            event_hooks=options.get("event_hooks"),
            retries=options.get("retries", True),
            max_response_bytes=options.get("max_response_bytes", DEFAULT_MAX_RESPONSE_BYTES),
        )
        return client

    @property
    def is_available(self) -> bool:
        """Whether calls are made; False while they fail at once because the last ones failed."""
        return self._connections.protection.is_available

    @property
    def call_counts(self) -> dict[str, int]:
        """The calls so far by their outcome: `success`, `failure`, `not_made`, `unknown`.

        `retried` has how many of them were retried.
        """
        protection = self._connections.protection
        return {**protection.outcomes, "retried": protection.retried}

    @property
    def stream_counts(self) -> StreamCounts:
        """What has happened to the streams of the client so far."""
        return self._open_streams().counts

    async def __aenter__(self) -> Self:
        await self._connections.open(self.base_url)
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections, or stop the application if no other client in process uses it.

        The client can be used again afterwards.
        """
        if self._streams is not None:
            await self._streams.aclose()
        await self._connections.aclose()

    async def _call(
        self, operation: Operation[ResponseT], path: str, **arguments: Unpack[CallArguments]
    ) -> ResponseT:
        """Return the value of a call."""
        request, received = await self._exchange(operation, path, **arguments)
        return read_response(operation, request.shown_url, received)

    def _stream(
        self, operation: Operation[ResponseT], path: str, **arguments: Unpack[CallArguments]
    ) -> AsyncIterator[ResponseT]:
        """Return the items of a response; `timeout` is the time until its head has arrived."""
        from trading_api.shared.client.streams import iterate

        if operation.stream == "events" and arguments.get("accept") is None:
            arguments["accept"] = "text/event-stream"

        async def connect(request: Request) -> ResponseStream:
            request = await self._authorize(operation, request)
            response = await self._connections.stream(request)
            log_notices(self, operation, response.headers)
            return response

        request = self._request(operation, path, **arguments)
        return iterate(operation, request, connect, self._connections.max_bytes)

    def _subscribe(
        self, stream: Stream[RequestT, UpdateT], request: RequestT
    ) -> Subscription[UpdateT]:
        """Return the updates of a stream; subscriptions share the connection of the client."""
        from trading_api.shared.client.ws_client import StreamReader

        return StreamReader(self._open_streams(), stream, request)

    def _open_streams(self) -> ClientStreams:
        if self._streams is None:
            # Imported here because a client that only makes calls does not need it.
            from trading_api.shared.client.ws_client import ClientStreams

            self._streams = ClientStreams.of(self, self._connections, self._headers, self._token)
        return self._streams

    async def _paginate(
        self,
        fetch: Callable[[str | None], Awaitable[PageT]],
        items: str = "items",
        next_cursor: str = "next_cursor",
    ) -> AsyncIterator[Any]:
        """Yield the items of all pages; `items` and `next_cursor` are attributes of a page.

        Raises:
            RuntimeError: a page names its own cursor as the next one, so there would be no end.
        """
        cursor: str | None = None
        while True:
            page = await fetch(cursor)
            for item in getattr(page, items):
                yield item
            previous, cursor = cursor, getattr(page, next_cursor)
            if cursor is None or cursor == "":
                return
            if cursor == previous:
                raise RuntimeError(f"the page of the cursor {cursor!r} names it as the next one")

    async def _exchange(
        self, operation: Operation[Any], path: str, **arguments: Unpack[CallArguments]
    ) -> tuple[Request, Received]:
        """Return a request and its complete response."""
        request = self._request(operation, path, **arguments)
        if self._token is not None or self._api_key is not None:
            request = await self._authorize(operation, request)
        received = await self._connections.exchange(request)
        log_notices(self, operation, received.headers)
        return request, received

    async def _open(
        self, operation: Operation[Any], path: str, **arguments: Unpack[CallArguments]
    ) -> tuple[Request, ResponseStream]:
        """Return a request and its response, whose body has not been received."""
        request = self._request(operation, path, **arguments)
        request = await self._authorize(operation, request)
        response = await self._connections.stream(request)
        log_notices(self, operation, response.headers)
        return request, response

    def _request(
        self,
        operation: Operation[Any],
        path: str,
        *,
        query: Parameters = (),
        headers: Parameters = (),
        cookies: Parameters = (),
        body: Payload | None = None,
        accept: str | None = None,
        timeout: float | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> Request:
        own: Headers = {} if body is None else {b"content-type": [body.content_type]}
        if accept is not None:
            own[b"accept"] = [accept.encode("latin-1")]
        parts = [encode_headers(headers), cookie_header(cookies)] if headers or cookies else []
        if extra_headers:
            parts.append(encode_headers(extra_headers.items()))
        merged = merge_headers(self._headers, own, *parts)
        content = None if body is None else body.content
        return Request(
            operation.method,
            f"{self.base_url}{path}{query_string(query)}",
            f"{self.base_url}{operation.path}",
            merged,
            content,
            timeout=limit_timeout(self.timeout if timeout is None else timeout),
            # Chunks can be sent once only.
            retryable=operation.is_retryable(merged)
            and (content is None or isinstance(content, bytes)),
        )

    async def _authorize(self, operation: Operation[Any], request: Request) -> Request:
        """Return a request with the token, and the API keys that the operation declares."""
        if self._token is None and self._api_key is None:
            return request
        # Imported here because it takes longer to import than a client.
        import asyncio

        loop = asyncio.get_running_loop()
        started = loop.time()
        request = replace(request, headers=dict(request.headers))
        timer = asyncio.timeout(None if isinf(request.timeout) else request.timeout)
        try:
            async with timer:
                if self._token is not None and b"authorization" not in request.headers:
                    value = f"Bearer {await read_credential(self._token)}"
                    request.headers |= encode_headers([("authorization", value)])
                if self._api_key is not None and operation.api_keys:
                    _add_api_keys(operation, request, await read_credential(self._api_key))
        except TimeoutError:
            if not timer.expired():
                raise  # of the function of the token or key
            reason = f"no token or API key within {request.timeout:g} s"
            raise TransportError(request.method, request.shown_url, "timeout", reason) from None
        request.spent = loop.time() - started
        return request


def _add_api_keys(operation: Operation[Any], request: Request, key: str) -> None:
    for location, name in operation.api_keys:
        if location == "query":
            separator = "&" if "?" in request.url else "?"
            request.url += separator + encode_pairs([(name, key)])
        elif location == "cookie":
            request.headers = merge_headers(request.headers, cookie_header([(name, key)]))
        elif name.lower().encode("latin-1") not in request.headers:
            request.headers |= encode_headers([(name, key)])
