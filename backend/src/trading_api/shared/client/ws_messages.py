"""Reads and writes the messages of a module's WebSocket.

A message is `{"type", "ref"?, "topic"?, "sequence"?, "payload"?}`. Sent: `authenticate`,
`<stream>.subscribe` and `<stream>.unsubscribe`. Received: `<stream>.subscribed`,
`<stream>.unsubscribed`, `<stream>.update`, `error` and others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal, NamedTuple, NotRequired

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import from_json, to_json
from typing_extensions import TypedDict

from trading_api.shared.client.adapters import JsonAdapter
from trading_api.shared.client.errors import ApiError
from trading_api.shared.client.json import json_body
from trading_api.shared.client.operation import reasons_of
from trading_api.shared.client.ws_stream import Stream


class Update(TypedDict):
    """An update of a subscription; a numbered stream also has the number of each."""

    type: str
    topic: str
    payload: Any
    sequence: NotRequired[int]


@dataclass(frozen=True, slots=True)
class Malformed:
    """An update that does not match the spec; `reasons` has a line per validation error."""

    topic: str
    reasons: list[str]
    content: bytes


class Control(NamedTuple):
    """Any other message of a known form."""

    type: str
    ref: str | None
    topic: str | None
    sequence: int | None
    payload: Any


class MessageReader:
    """Reads messages; it knows the updates of the streams that were added."""

    def __init__(self) -> None:
        self._updates: dict[str, Any] = {}
        self._adapter: JsonAdapter[Update] = JsonAdapter(Update)

    def add(self, stream: Stream[Any, Any]) -> None:
        """Read the updates of a stream from now on."""
        name = update_type(stream)
        if name not in self._updates:
            self._updates[name] = _update_model(stream, name)
            self._adapter = _adapter(list(self._updates.values()))

    def read_update(self, frame: str | bytes) -> Update:
        """Return an update.

        Raises:
            pydantic.ValidationError: it is another message, or is malformed.
        """
        return self._adapter.read(frame)

    def read_other(self, frame: str | bytes, error: ValidationError) -> Control | Malformed | None:
        """Return a message for which `read_update` has raised `error`; None if it is not one."""
        try:
            message = from_json(frame)
        except ValueError:
            return None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            return None
        if message["type"] in self._updates:
            content = frame.encode() if isinstance(frame, str) else frame
            return Malformed(str(message.get("topic")), reasons_of(error), content)
        sequence = message.get("sequence")
        return Control(
            message["type"],
            _text(message.get("ref")),
            _text(message.get("topic")),
            sequence if isinstance(sequence, int) else None,
            message.get("payload"),
        )


def unknown_fields(stream: Stream[Any, Any], frame: str | bytes, update: Update) -> set[str]:
    """Return the fields of an update that its model does not have, such as `quotes.v.ask_size`."""
    adapter: TypeAdapter[Any] = JsonAdapter(stream.update).adapter
    try:
        # Unknown members of unions are not what the model has, either.
        known = adapter.dump_python(update["payload"], mode="json", by_alias=True, warnings=False)
    except ValueError:  # a serializer of the model has no JSON for what was received
        return set()
    return set(_more_fields(from_json(frame)["payload"], known, stream.name))


def _more_fields(received: Any, known: Any, path: str) -> Iterator[str]:
    if isinstance(received, dict) and isinstance(known, dict):
        for name, value in received.items():
            if name in known:
                yield from _more_fields(value, known[name], f"{path}.{name}")
            else:
                yield f"{path}.{name}"
    elif isinstance(received, list) and isinstance(known, list):
        for item, known_item in zip(received, known, strict=False):
            yield from _more_fields(item, known_item, path)


def update_type(stream: Stream[Any, Any]) -> str:
    """Return the type of the messages with the updates of a stream."""
    return f"{stream.name}.update"


def encode_request(stream: Stream[Any, Any], request: object) -> str:
    """Return the JSON of a subscription's request, which also names the subscription.

    Raises:
        ValueError: JSON does not have the value.
    """
    content = json_body(JsonAdapter(stream.request), request).content
    assert isinstance(content, bytes)
    return content.decode()


def subscribe_message(stream: Stream[Any, Any], request: str, ref: str, since: int | None) -> str:
    """Return the message that subscribes, or resumes after the update with the number `since`."""
    resume = "" if since is None else f'"since":{since},'
    return f'{{"type":"{stream.name}.subscribe","ref":"{ref}",{resume}"payload":{request}}}'


def unsubscribe_message(stream: Stream[Any, Any], request: str) -> str:
    """Return the message that ends a subscription."""
    return f'{{"type":"{stream.name}.unsubscribe","payload":{request}}}'


def authenticate_message(token: str) -> str:
    """Return the message that says who the client is."""
    return to_json({"type": "authenticate", "payload": {"token": token}}).decode()


def problem_error(method: str, url: str, payload: Any) -> ApiError:
    """Return the exception of an error message; its body is a `Problem` if it is one."""
    # Imported here because clients of other projects do not need this project's models.
    from trading_api.models.common import Problem

    content = to_json(payload)
    try:
        body: Problem | None = Problem.model_validate_json(content)
    except ValidationError:
        body = None
    return ApiError(method, url, status_of(payload) or 500, body, content)


def status_of(payload: Any) -> int:
    """Return the status of a problem; 0 if it has none."""
    status = payload.get("status") if isinstance(payload, dict) else None
    return status if isinstance(status, int) and 400 <= status < 600 else 0


def _update_model(stream: Stream[Any, Any], name: str) -> Any:
    fields: dict[str, Any] = {"type": Literal[name], "topic": str, "payload": stream.update}
    if stream.numbered:
        fields["sequence"] = int
    make: Any = TypedDict
    return make("Update", fields)


def _adapter(kinds: list[Any]) -> JsonAdapter[Any]:
    # A message of another type is another message, and not an update of a newer service.
    if len(kinds) == 1:
        return JsonAdapter(kinds[0], fixed=[("type",)])
    union: Any = reduce(or_, kinds)
    return JsonAdapter(Annotated[union, Field(discriminator="type")], fixed=[()])


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
