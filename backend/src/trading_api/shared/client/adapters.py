"""Pydantic's adapters of the types that a client sends and receives, built when first used."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cached_property
from typing import Any, Generic, TypeVar

from pydantic import JsonValue, TypeAdapter, ValidationError

from trading_api.shared.client.unrecognized import Location, NewerReader

ValueT = TypeVar("ValueT")


class JsonAdapter(Generic[ValueT]):
    """Reads and writes the JSON of a type that pydantic supports.

    Pydantic's own adapter is built at the first use: a client of 800 operations would take a
    seventh of a second to build them all, and a process calls few.
    """

    def __init__(self, kind: Any, fixed: Collection[Location] = ()) -> None:
        self._kind = kind
        # Where values are that are the same in every version of a service.
        self._fixed = fixed

    @cached_property
    def adapter(self) -> TypeAdapter[ValueT]:
        """Pydantic's adapter of the type."""
        return TypeAdapter(self._kind)

    @cached_property
    def mark(self) -> Callable[[Any], Any] | None:
        """What marks the fields to send, beyond those that were set; None if nothing has to be."""
        # Imported here because a client that sends no body does not need it.
        from trading_api.shared.client.sending import marker

        return marker(self._kind)

    @cached_property
    def secrets(self) -> bool | None:
        """Whether values have secrets, which pydantic masks; None if it depends on the value."""
        from trading_api.shared.client.secret_values import holds_secrets

        return holds_secrets(self._kind)

    @cached_property
    def has_serializers(self) -> bool:
        """Whether a model in the type has a serializer of its own, which may change values."""
        from trading_api.shared.client.serializers import has_serializers

        return has_serializers(self._kind)

    @cached_property
    def _by_name(self) -> bool | None:
        from trading_api.shared.client.left_out import can_be_read_by_name

        # By default, the configuration of the model decides.
        return True if can_be_read_by_name(self._kind) else None

    @cached_property
    def _check(self) -> Callable[[object], None] | None:
        from trading_api.shared.client.left_out import check_complete, may_leave_out

        return check_complete if may_leave_out(self._kind) else None

    @cached_property
    def _newer(self) -> NewerReader:
        return NewerReader(self.adapter, self._fixed)

    def read(self, content: bytes | str) -> ValueT:
        """Return the value in `content`.

        Free JSON may be nothing: a function without a declared model may return an empty response.

        Fields may have their names in place of their aliases. Members of enums and unions may be
        unknown; `unrecognized` says what they become.

        Raises:
            pydantic.ValidationError: `content` is not valid JSON of the type, or leaves out a field
                whose default is made anew each time.
        """
        if not content and self._kind is JsonValue:
            return self.adapter.validate_python(None)
        try:
            value = self.adapter.validate_json(content, by_name=self._by_name)
        except ValidationError as error:
            value = self._newer.read(content, error, self._by_name)
        if self._check is not None:
            self._check(value)
        return value
