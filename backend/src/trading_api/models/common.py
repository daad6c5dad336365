"""What the models of all modules share: base classes, enum bases, problem details, units."""

from __future__ import annotations

from enum import Enum, IntEnum, StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema

UnixSeconds = Annotated[int, Field(ge=-62_135_596_800, le=253_402_300_799)]
"""A moment in seconds since 1970-01-01 UTC, within the years 1 to 9999."""

UnixMilliseconds = Annotated[int, Field(ge=-62_135_596_800_000, le=253_402_300_799_999)]
"""A moment in milliseconds since 1970-01-01 UTC, within the years 1 to 9999."""

SymbolName = Annotated[str, Field(min_length=1, max_length=64)]
"""A symbol or ticker, such as `AAPL` or `NASDAQ:AAPL`."""

Price = Annotated[float, Field(gt=0, le=1e9)]
"""A price in the currency of the account, at most 10^9."""

Quantity = Annotated[float, Field(gt=0, le=1e9)]
"""A number of shares, more than 0 and at most 10^9."""


class ApiModel(BaseModel):
    """A response or an event.

    Unknown fields are ignored, so that a service can add a field before its clients know it.
    """

    model_config = ConfigDict(
        allow_inf_nan=False,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )


class RequestModel(ApiModel):
    """A request. Unknown fields are an error, so that a misspelt field is never ignored."""

    model_config = ConfigDict(extra="forbid")


class CamelModel(ApiModel):
    """A response whose fields are camelCase on the wire and snake_case in Python."""

    model_config = ConfigDict(alias_generator=to_camel)


class CamelRequest(RequestModel):
    """A request whose fields are camelCase on the wire and snake_case in Python."""

    model_config = ConfigDict(alias_generator=to_camel)


class _NamedMembers(Enum):
    """Adds the members' names to the JSON schema of an enum, as `x-enum-varnames`.

    A JSON schema holds only the values; client generators need the names to build an enum that
    reads like the Python one.
    """

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        schema = handler(core_schema)
        handler.resolve_ref_schema(schema)["x-enum-varnames"] = [member.name for member in cls]
        return schema


class NamedIntEnum(_NamedMembers, IntEnum):
    """An enum that is an integer on the wire."""


class NamedStrEnum(_NamedMembers, StrEnum):
    """An enum that is a string on the wire."""


class ProblemType(StrEnum):
    """The values of `Problem.type` that the modules send, each with its `meaning`.

    The OpenAPI description of `Problem.type` lists them. A client must accept types that it does
    not know, so the field itself is a string.
    """

    meaning: str

    def __new__(cls, value: str, meaning: str) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    @property
    def code(self) -> str:
        """The name of the type as a `ProblemField.code`, such as `order_not_working`."""
        return self.rpartition(":")[2].replace("-", "_")

    BLANK = "about:blank", "The status code says everything."
    VALIDATION_ERROR = (
        "urn:problem-type:validation-error",
        "The request does not match its schema; `errors` lists the invalid values.",
    )
    TRADING_RULE_VIOLATION = (
        "urn:problem-type:trading-rule-violation",
        "A value breaks a trading rule, such as a stop on the wrong side of the price.",
    )
    UNKNOWN_SYMBOL = "urn:problem-type:unknown-symbol", "The datafeed does not know the symbol."
    UNKNOWN_ACCOUNT = "urn:problem-type:unknown-account", "There is no account with this id."
    UNKNOWN_ORDER = "urn:problem-type:unknown-order", "There is no order with this id."
    UNKNOWN_CURSOR = "urn:problem-type:unknown-cursor", "The cursor is not the id of an order."
    ORDER_NOT_WORKING = (
        "urn:problem-type:order-not-working",
        "The order is filled, cancelled or rejected, so it cannot be changed or cancelled.",
    )
    POSITION_NOT_OPEN = (
        "urn:problem-type:position-not-open",
        "There is no open position with this id.",
    )
    AMOUNT_EXCEEDS_POSITION = (
        "urn:problem-type:amount-exceeds-position",
        "The position has fewer shares than the request closes.",
    )
    NOT_ENOUGH_MARGIN = (
        "urn:problem-type:not-enough-margin",
        "The equity does not cover the margin that the change needs.",
    )
    IDEMPOTENCY_KEY_REUSED = (
        "urn:problem-type:idempotency-key-reused",
        "The idempotency key belongs to a different request.",
    )
    DATAFEED_UNAVAILABLE = (
        "urn:problem-type:datafeed-unavailable",
        "The datafeed does not respond or has no price; retry later.",
    )


class ProblemField(ApiModel):
    """One invalid value of a request, located by either `pointer` or `parameter`.

    `pointer` is a JSON pointer into the request body or the stream message, written as a URI
    fragment (`#/qty`; `#` is the whole body). `parameter` is the name of a query, path, header or
    cookie parameter. Programs read `code`, people read `detail`. The value itself is not repeated.
    """

    pointer: str | None = None
    parameter: str | None = None
    code: str
    detail: str


class Problem(ApiModel):
    """Problem details (RFC 9457), the body of every error response of every module.

    `title` is a short name of the kind of problem, `detail` explains this occurrence to a person,
    and `errors` lists the invalid values of the request. Programs read `type` and `errors`.
    """

    type: str = Field(
        default=ProblemType.BLANK.value,
        description="\n".join(
            [
                "A URI that identifies the kind of problem. New types may be added. Known types:",
                "",
                *(f"- `{known.value}`: {known.meaning}" for known in ProblemType),
            ]
        ),
    )
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    detail: str | None = None
    instance: str | None = None
    errors: list[ProblemField] | None = None


class SuccessResponse(ApiModel):
    """The response of an operation that returns no data."""

    success: bool
    message: str | None = None
