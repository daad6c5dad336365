"""Makes sure that what a model's own serializers write arrives as the values that it has.

A serializer that is meant for responses, such as one that masks a token, also runs when a client
sends the model. What the service will read is tried out with the same type before it is sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from datetime import datetime, time, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Final

from pydantic import BaseModel, PlainSerializer, ValidationError, WrapSerializer

from trading_api.shared.client import type_graph
from trading_api.shared.client.adapters import JsonAdapter
from trading_api.shared.client.secret_values import SECRETS

_SECOND: Final = timedelta(seconds=1)


def has_serializers(kind: Any) -> bool:
    """Return whether a model in the type has a serializer of its own."""
    return any(map(_serializes, filter(type_graph.is_model, type_graph.reachable(kind))))


def check_arrives(adapter: JsonAdapter[Any], value: object, content: bytes) -> None:
    """Check that a service reads `value` in `content`.

    Raises:
        ValueError: a serializer has left out or changed a value.
    """
    try:
        arrived = adapter.adapter.validate_json(content)
    except ValidationError:
        return  # The service will say what is invalid.
    for location in _changes(value, arrived):
        raise ValueError(
            f"{location or 'body'} would arrive with another value, because a serializer of its"
            " model changes it; use one model for requests and another for responses"
        )


def _serializes(model: type[BaseModel]) -> bool:
    decorators = model.__pydantic_decorators__
    own = decorators.model_serializers or decorators.field_serializers
    return bool(own or model.model_config.get("json_encoders")) or any(
        isinstance(each, PlainSerializer | WrapSerializer)
        for field in model.model_fields.values()
        for each in field.metadata
    )


def _changes(sent: Any, arrived: Any, location: str = "") -> Iterator[str]:
    """Yield the locations at which two values differ."""
    if isinstance(sent, BaseModel) and isinstance(arrived, BaseModel):
        sent, arrived = sent.__dict__, arrived.__dict__
        # The service reads a subclass as the class that it declares.
        sent = {name: value for name, value in sent.items() if name in arrived}
    if isinstance(sent, Mapping) and isinstance(arrived, Mapping):
        if sent.keys() != arrived.keys():
            yield location
        for name in sent.keys() & arrived.keys():
            yield from _changes(sent[name], arrived[name], f"{location}.{name}".lstrip("."))
    elif isinstance(sent, list | tuple) and isinstance(arrived, list | tuple):
        if len(sent) != len(arrived):
            yield location
        for index, (one, other) in enumerate(zip(sent, arrived, strict=False)):
            yield from _changes(one, other, f"{location}.{index}".lstrip("."))
    elif isinstance(sent, SECRETS):
        return  # A serializer of a secret decides what is sent, such as a hash.
    elif isinstance(sent, Set) and isinstance(arrived, Set):
        if len(sent) != len(arrived):
            yield location
    elif sent != arrived and not _is_rounded(sent, arrived):
        yield location


def _is_rounded(sent: Any, arrived: Any) -> bool:
    """Return whether a value has arrived as itself, rounded to whole seconds or to fewer digits."""
    if isinstance(sent, datetime) and isinstance(arrived, datetime):
        same_kind = (sent.tzinfo is None) == (arrived.tzinfo is None)
        return same_kind and abs(sent - arrived) < _SECOND
    if isinstance(sent, timedelta) and isinstance(arrived, timedelta):
        return abs(sent - arrived) < _SECOND
    if isinstance(sent, time) and isinstance(arrived, time):
        return sent.replace(microsecond=0) == arrived.replace(microsecond=0)
    if isinstance(sent, float | Decimal) and isinstance(arrived, float | Decimal):
        return _is_rounded_number(Decimal(str(sent)), Decimal(str(arrived)))
    return False


def _is_rounded_number(sent: Decimal, arrived: Decimal) -> bool:
    if not (sent.is_finite() and arrived.is_finite()):
        return False
    exponent = arrived.normalize().as_tuple().exponent
    unit = Decimal(1).scaleb(min(int(exponent), 0))
    try:
        roundings = (ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_DOWN)
        return arrived in [sent.quantize(unit, rounding=each) for each in roundings]
    except InvalidOperation:  # more digits than the context has
        return False
