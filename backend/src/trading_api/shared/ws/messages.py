"""The messages of a module's WebSocket, as pydantic models.

Received: `<stream>.subscribe`, `<stream>.unsubscribe`, `authenticate`, `ping`. Sent:
`<stream>.subscribed`, `<stream>.unsubscribed`, `<stream>.update`, `authenticated`, `error`, `pong`.
The client may choose a `ref`, which the direct response repeats; `topic` identifies the
subscription of an update.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, reduce
from operator import or_
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, create_model, model_validator

from trading_api.models.common import Problem, check_number_of_fields
from trading_api.shared.auth.caller import MAX_TOKEN_CHARACTERS
from trading_api.shared.utils import class_prefix
from trading_api.shared.ws.router import Stream

MAX_REF_CHARACTERS = 64

Ref = Annotated[str, Field(max_length=MAX_REF_CHARACTERS)]
MISSING_REF = Field(default=None, description="Chosen by the client; repeated in the response.")
TOPIC = Field(description="Identifies the subscription of an update.")
SINCE = Field(
    default=None,
    ge=0,
    description="The number of the last update that the client has; those after it are sent first.",
)
SEQUENCE = Field(description="The number of the update; it rises from update to update.")
CONTINUES = Field(description="All updates with a higher number are sent.")


class Inbound(BaseModel):
    """A message from a client."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _limit_unknown_fields(cls, data: Any) -> Any:
        check_number_of_fields(cls, data)
        return data


class Outbound(BaseModel):
    """A message from the service."""

    model_config = ConfigDict(allow_inf_nan=False)


class Ping(Inbound):
    """Asks for a `pong`, to check that the connection is alive."""

    type: Literal["ping"]
    ref: Ref | None = MISSING_REF


class Pong(Outbound):
    """The response to a `ping`."""

    type: Literal["pong"]
    ref: str | None = MISSING_REF


class Credentials(BaseModel):
    """The token of a caller."""

    model_config = ConfigDict(extra="forbid")

    token: Annotated[str, Field(min_length=1, max_length=MAX_TOKEN_CHARACTERS, repr=False)]


class Authenticate(Inbound):
    """Says who the client is: the first message, and again before the token expires.

    The service closes the connection with 1008 if there is no valid token.
    """

    type: Literal["authenticate"]
    ref: Ref | None = MISSING_REF
    payload: Credentials


class Authenticated(Outbound):
    """The token was accepted."""

    type: Literal["authenticated"]
    ref: str | None = MISSING_REF


class ErrorMessage(Outbound):
    """The message with this `ref` was rejected, or the subscription with this `topic` ended."""

    type: Literal["error"]
    ref: str | None = MISSING_REF
    topic: str | None = None
    payload: Problem


@dataclass(frozen=True, slots=True)
class StreamMessages:
    """The five message types of one stream."""

    subscribe: type[BaseModel]
    unsubscribe: type[BaseModel]
    subscribed: type[BaseModel]
    unsubscribed: type[BaseModel]
    update: type[BaseModel]


@cache
def messages_of(stream: Stream) -> StreamMessages:
    """Return the message types of `stream`: `BarsSubscribe`, `BarsUpdate` and so on for `bars`."""

    def message(suffix: str, base: type[BaseModel], doc: str, **fields: Any) -> type[BaseModel]:
        kind: Any = Literal[f"{stream.name}.{suffix}"]
        name = f"{class_prefix(stream.name)}{suffix.capitalize()}"
        return create_model(name, __base__=base, __doc__=doc, type=(kind, ...), **fields)

    request: dict[str, Any] = {"ref": (Ref | None, MISSING_REF), "payload": (stream.request, ...)}
    response = {"ref": request["ref"], "topic": (str, TOPIC), "payload": request["payload"]}
    update: dict[str, Any] = {"topic": (str, TOPIC), "payload": (stream.update, ...)}
    subscribe, subscribed = request, response
    if stream.numbered:
        subscribe = {**request, "since": (int | None, SINCE)}
        subscribed = {**response, "sequence": (int, CONTINUES)}
        update["sequence"] = (int, SEQUENCE)
    description = stream.description or "New data of a subscription."
    return StreamMessages(
        message("subscribe", Inbound, "Starts a subscription.", **subscribe),
        message("unsubscribe", Inbound, "Ends a subscription.", **request),
        message("subscribed", Outbound, "The subscription has started.", **subscribed),
        message("unsubscribed", Outbound, "The subscription has ended.", **response),
        message("update", Outbound, description, **update),
    )


def inbound_adapter(streams: Iterable[Stream]) -> TypeAdapter[Any]:
    """Return the validator of every message from a client; `type` is the discriminator."""
    kinds: list[Any] = [Ping, Authenticate]
    for messages in map(messages_of, streams):
        kinds += [messages.subscribe, messages.unsubscribe]
    union: Any = Annotated[reduce(or_, kinds), Field(discriminator="type")]
    return TypeAdapter(union)
