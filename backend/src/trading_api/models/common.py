"""What the models of all modules share: base classes, enum bases, problem details, units."""

from __future__ import annotations

from enum import Enum, IntEnum, StrEnum
from typing import Annotated, Any, cast

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, PydanticCustomError

UnixSeconds = Annotated[int, Field(ge=-62_135_596_800, le=253_402_300_799)]
"""A moment in seconds since 1970-01-01 UTC, within the years 1 to 9999."""

UnixMilliseconds = Annotated[int, Field(ge=-62_135_596_800_000, le=253_402_300_799_999)]
"""A moment in milliseconds since 1970-01-01 UTC, within the years 1 to 9999."""

SymbolName = Annotated[str, Field(min_length=1, max_length=64)]
"""A symbol or ticker, such as `AAPL` or `NASDAQ:AAPL`."""

Price = Annotated[float, Field(gt=0, le=1e9)]
"""A price in the currency of the account, at most 10^9."""

MIN_QUANTITY = 1e-8
"""The step of quantities, which have 8 decimals."""

Quantity = Annotated[float, Field(ge=MIN_QUANTITY, le=1e9)]
"""A number of shares, from 10^-8 to 10^9."""


def check_number_of_fields(model: type[BaseModel], data: Any) -> None:
    """Check an object before it is validated: an error for each of 100,000 fields takes seconds.

    Raises:
        PydanticCustomError: it has many more fields than the model.
    """
    most = len(model.model_fields) + MAX_UNKNOWN_FIELDS
    if isinstance(data, dict) and len(cast(dict[str, Any], data)) > most:
        raise PydanticCustomError("too_many_fields", "The object has too many fields")


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


MAX_UNKNOWN_FIELDS = 20
"""Unknown fields that are reported one by one; an object with more of them has one error."""


class RequestModel(ApiModel):
    """A request. Unknown fields are an error, so that a misspelt field is never ignored."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _limit_unknown_fields(cls, data: Any) -> Any:
        check_number_of_fields(cls, data)
        return data


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


class _UnrecognizedMembers:
    """Is equal to the values of an enum that are not its members; see `unrecognized_members`."""

    # With `__get__`, an enum does not make a member of it.
    def __get__(self, instance: object, owner: type[Enum]) -> _UnrecognizedMembers:
        return self

    def __set_name__(self, owner: type[Enum], name: str) -> None:
        self._owner = owner

    def __eq__(self, other: object) -> bool:
        return isinstance(other, self._owner) and other.name not in self._owner.__members__

    def __hash__(self) -> int:
        return hash(self._owner)

    def __repr__(self) -> str:
        return f"{self._owner.__name__}.UNRECOGNIZED"


def unrecognized_members() -> Any:
    """Return what an enum calls `UNRECOGNIZED`: the values that a client does not know.

    A newer service may send them in a response; `value` has what was received, and `name` is
    `UNRECOGNIZED`. The name is not a member of the enum, and no request can contain it, but type
    checkers take it for one, so that a `match` of all members has a case for it, or a default.
    """
    return _UnrecognizedMembers()


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

    type: str = "about:blank"
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    detail: str | None = None
    instance: str | None = None
    errors: list[ProblemField] | None = None


class SuccessResponse(ApiModel):
    """The response of an operation that returns no data."""

    success: bool
    message: str | None = None
