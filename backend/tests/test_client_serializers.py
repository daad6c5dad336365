"""Values that a serializer changes: rounded ones are sent, others are an error of the call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, SecretStr, create_model, field_serializer
from pydantic_core import from_json

from trading_api.shared.client.wire import JsonAdapter, json_body, json_fields

MOMENT = datetime(2026, 2, 3, 4, 5, 6, 700_000, tzinfo=timezone(timedelta(hours=5)))


def model_of(kind: type, serialize: Any) -> type[BaseModel]:
    def write(value: Any) -> Any:
        return serialize(value)

    validators: Any = {"write": field_serializer("value")(write)}
    return create_model("Sent", value=(kind, ...), __validators__=validators)


def sent(model: type[BaseModel], value: Any) -> Any:
    return from_json(json_body(JsonAdapter(model), model(value=value)).content)["value"]


@pytest.mark.parametrize(
    ("value", "serialize", "arrived"),
    [
        (Decimal("1.55"), lambda value: round(value, 1), "1.6"),
        (0.25, lambda value: round(value, 1), 0.2),
        (2.9, int, 2),
        (MOMENT, lambda value: value.isoformat(timespec="seconds"), "2026-02-03T04:05:06+05:00"),
        (MOMENT, lambda value: value.astimezone(UTC).timestamp(), 1770073506.7),
        (timedelta(seconds=1.5), lambda value: value.total_seconds() // 1, 1),
        (MOMENT.timetz(), lambda value: value.isoformat("seconds"), "04:05:06+05:00"),
    ],
)
def test_rounded_value_is_sent(value: Any, serialize: Any, arrived: Any) -> None:
    assert sent(model_of(type(value), serialize), value) == arrived


@pytest.mark.parametrize(
    ("value", "serialize"),
    [
        (Decimal("1.50"), lambda value: int(value * 100)),
        (Decimal("0.01"), lambda value: int(value * 100)),
        (0.2, lambda value: round(value * 100, 1)),
        (MOMENT, lambda value: value.strftime("%Y-%m-%d %H:%M:%S")),
        (MOMENT, lambda value: value.strftime("%Y-%m-%d")),
        (MOMENT, lambda value: value.replace(tzinfo=UTC).isoformat()),
        (timedelta(minutes=2), lambda value: value.total_seconds() / 60),
    ],
)
def test_changed_value_is_an_error(value: Any, serialize: Any) -> None:
    with pytest.raises(ValueError, match="value would arrive with another value"):
        sent(model_of(type(value), serialize), value)


@pytest.mark.filterwarnings("ignore:`json_encoders` is deprecated")
def test_encoders_of_a_model_are_serializers() -> None:
    class Tagged(BaseModel):
        model_config = ConfigDict(json_encoders={str: str.upper})

        value: str

    with pytest.raises(ValueError, match="value would arrive with another value"):
        sent(Tagged, "abc")
    assert sent(Tagged, "ABC") == "ABC"


def test_secret_can_be_passed_for_a_string_of_a_composed_body() -> None:
    body = json_fields((("password", JsonAdapter[str](str), SecretStr('x"y')),))
    assert body.content == b'{"password":"x\\"y"}'
