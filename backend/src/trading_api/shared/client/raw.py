"""Calls that return the whole response: status, headers and content beside the body."""

from __future__ import annotations

import copy
import inspect
from collections.abc import (
    AsyncIterator,
    Callable,
    Coroutine,
    Generator,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar, cast, overload

from trading_api.shared.client.operation import Operation, read_response

if TYPE_CHECKING:
    from trading_api.shared.client.base import ServiceClient
    from trading_api.shared.client.http import ResponseStream
    from trading_api.shared.client.sync import SyncCall

P = ParamSpec("P")
ResponseT = TypeVar("ResponseT")
FoundT = TypeVar("FoundT")


class ResponseHeaders(Mapping[str, str]):
    """The headers of a response, by name in any case; repeated ones are joined by commas."""

    def __init__(self, raw: Sequence[tuple[bytes, bytes]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in raw:
            key = name.decode("latin-1").lower()
            self._values.setdefault(key, []).append(value.decode("latin-1"))

    def __getitem__(self, name: str) -> str:
        return ", ".join(self._values[name.lower()])

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"ResponseHeaders({self._values})"

    def get_list(self, name: str) -> list[str]:
        """Return every value of a header that can be repeated, such as `Set-Cookie`."""
        return list(self._values.get(name.lower(), ()))


@dataclass(frozen=True, slots=True)
class Response(Generic[ResponseT]):
    """A response: `body` is what the call returns, `content` the bytes that it was read from."""

    status: int
    headers: ResponseHeaders
    content: bytes
    body: ResponseT


class StreamedResponse:
    """A response whose body is received while it is iterated over."""

    def __init__(self, stream: ResponseStream) -> None:
        self.status = stream.status
        self.headers = ResponseHeaders(stream.headers)
        self._stream = stream

    def iter_bytes(self) -> AsyncIterator[bytes]:
        """Return the body in chunks as they arrive, decompressed.

        Raises:
            TransportError: the response is incomplete.
        """
        return self._stream.iter_bytes()


class RawCall(Generic[ResponseT]):
    """A call that was not sent yet: await it for the response, or stream it with `async with`."""

    def __init__(
        self, client: ServiceClient, function: Callable[..., Any], args: Any, kwargs: Any
    ) -> None:
        self._client = client
        self._function = function
        self._args = args
        self._kwargs = kwargs
        self._stream: ResponseStream | None = None

    def __await__(self) -> Generator[Any, None, Response[ResponseT]]:
        return self.receive().__await__()

    async def receive(self) -> Response[ResponseT]:
        """Return the complete response."""
        responses: list[Response[Any]] = []

        async def call(operation: Operation[Any], path: str, **arguments: Any) -> Any:
            request, received = await self._client._exchange(operation, path, **arguments)
            body = read_response(operation, request.shown_url, received)
            headers = ResponseHeaders(received.headers)
            responses.append(Response(received.status, headers, received.content, body))
            return body

        return await self._run(call, responses)

    async def __aenter__(self) -> StreamedResponse:
        streams: list[ResponseStream] = []

        async def call(operation: Operation[Any], path: str, **arguments: Any) -> Any:
            request, stream = await self._client._open(operation, path, **arguments)
            streams.append(stream)
            if not 200 <= stream.status < 300:
                received = await stream.read()
                read_response(operation, request.shown_url, received)

        try:
            self._stream = await self._run(call, streams)
        except BaseException:
            for stream in streams:
                await stream.aclose()
            raise
        return StreamedResponse(self._stream)

    async def __aexit__(self, *exc_info: object) -> None:
        if self._stream is not None:
            await self._stream.aclose()

    async def _run(
        self, call: Callable[..., Coroutine[Any, Any, Any]], found: list[FoundT]
    ) -> FoundT:
        """Call the method on a copy of the client that sends with `call`, and return what it found.

        Raises:
            TypeError: the method has called no operation.
        """
        client = copy.copy(self._client)
        client.__dict__["_call"] = call
        await self._function(client, *self._args, **self._kwargs)
        if not found:
            raise TypeError(f"{self._function.__qualname__} has called no operation")
        return found[-1]


@overload
def raw_response(  # type: ignore[overload-overlap]  # no operation returns a coroutine
    method: SyncCall[P, ResponseT],
) -> Callable[P, Response[ResponseT]]: ...
@overload
def raw_response(
    method: Callable[P, Coroutine[Any, Any, ResponseT]],
) -> Callable[P, RawCall[ResponseT]]: ...
def raw_response(method: Any) -> Callable[..., Any]:
    """Return a variant of a client's method that returns the whole response.

        response = await raw_response(client.get_order)("o-1")
        response.status, response.headers["etag"], response.body

    With `async with`, the body is not read but received in chunks:

        async with raw_response(client.get_report)() as response:
            async for chunk in response.iter_bytes():
                file.write(chunk)

    `timeout` is then the time until status and headers have arrived. The method of a synchronous
    client returns the response directly. Errors are raised as usual.

    Raises:
        TypeError: `method` is not the bound method of a client's operation.
    """
    from trading_api.shared.client.base import ServiceClient
    from trading_api.shared.client.sync import SyncCall

    if isinstance(method, SyncCall):
        sync_client, operation = method.client, method.function

        def call_sync(*args: Any, **kwargs: Any) -> Response[Any]:
            call = RawCall[Any](sync_client.async_client, operation, args, kwargs)
            return sync_client._run(call.receive)

        return call_sync
    client, function = getattr(method, "__self__", None), getattr(method, "__func__", None)
    is_coroutine = inspect.iscoroutinefunction(inspect.unwrap(function)) if function else False
    # `aclose` would close the client.
    is_inherited = hasattr(ServiceClient, getattr(function, "__name__", ""))
    if not isinstance(client, ServiceClient) or not is_coroutine or is_inherited:
        raise TypeError(f"{method!r} is not an operation of a client, such as client.get_order")

    def call(*args: Any, **kwargs: Any) -> RawCall[Any]:
        return RawCall(client, cast(Any, function), args, kwargs)

    return call
