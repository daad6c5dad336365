"""The envelope: every message a module's WebSocket takes and sends, as pydantic models.

Inbound: `<stream>.subscribe`, `<stream>.unsubscribe`, `ping`. Outbound: `<stream>.subscribed`,
`<stream>.unsubscribed`, `<stream>.update`, `error`, `pong`. `ref` is chosen by the client and comes
back in the direct answer; `topic` names the subscription that an update belongs to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, create_model

from trading_api.models.common import Problem
from trading_api.shared.utils import class_prefix
from trading_api.shared.ws.router import Stream

Ref = Annotated[str, Field(max_length=64)]
MISSING_REF = Field(default=None, description="Chosen by the client; comes back in the answer.")
TOPIC = Field(description="Names the subscription that the update belongs to.")


class Inbound(BaseModel):
    """A message that a client sends."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Outbound(BaseModel):
    """A message that the service sends."""

    model_config = ConfigDict(allow_inf_nan=False)


class Ping(Inbound):
    """Asks for a `pong`, to see whether the connection lives."""

    type: Literal["ping"]
    ref: Ref | None = MISSING_REF


class Pong(Outbound):
    """The answer to a `ping`."""

    type: Literal["pong"]
    ref: str | None = MISSING_REF


class ErrorMessage(Outbound):
    """A message was refused (`ref` is the refused one's), or a topic ended (`topic` says which)."""

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


def messages_of(stream: Stream) -> StreamMessages:
    """Return the message types of `stream`: `BarsSubscribe`, `BarsUpdate` and so on for `bars`."""
    prefix = class_prefix(stream.name)

    def message(suffix: str, base: type[BaseModel], doc: str, **fields: Any) -> type[BaseModel]:
        kind: Any = Literal[f"{stream.name}.{suffix}"]
        return create_model(
            f"{prefix}{suffix.capitalize()}",
            __base__=base,
            __doc__=doc,
            type=(kind, ...),
            **fields,
        )

    ref = (Ref | None, MISSING_REF)
    topic = (str, TOPIC)
    asked = (stream.request, ...)
    return StreamMessages(
        subscribe=message("subscribe", Inbound, "Starts a subscription.", ref=ref, payload=asked),
        unsubscribe=message("unsubscribe", Inbound, "Ends a subscription.", ref=ref, payload=asked),
        subscribed=message(
            "subscribed",
            Outbound,
            "The subscription has started.",
            ref=ref,
            topic=topic,
            payload=asked,
        ),
        unsubscribed=message(
            "unsubscribed",
            Outbound,
            "The subscription has ended.",
            ref=ref,
            topic=topic,
            payload=asked,
        ),
        update=message(
            "update",
            Outbound,
            stream.description or "New data of a subscription.",
            topic=topic,
            payload=(stream.update, ...),
        ),
    )


def inbound_adapter(messages: Iterable[StreamMessages]) -> TypeAdapter[Any]:
    """Return the validator of everything a client may send, told apart by `type`."""
    kinds: list[Any] = [Ping]
    for stream in messages:
        kinds += [stream.subscribe, stream.unsubscribe]
    if len(kinds) == 1:
        return TypeAdapter(Ping)
    union: Any = Annotated[reduce(or_, kinds), Field(discriminator="type")]
    return TypeAdapter(union)
