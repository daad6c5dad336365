"""Enums of the models, whose unknown members callers have to handle."""

from __future__ import annotations

import inspect
import json
from enum import Enum
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from support.type_checks import BACKEND, type_errors
from trading_api import models
from trading_api.models import OrderStatus, Side
from trading_api.shared.client.wire import JsonAdapter

ENUMS = [
    kind
    for kind in (getattr(models, name) for name in models.__all__)
    if inspect.isclass(kind) and issubclass(kind, Enum) and list(kind)
]


def test_pattern_matches_unknown_members_only() -> None:
    unknown = JsonAdapter(Side).read("7")
    match unknown:
        case Side.BUY | Side.SELL:
            pytest.fail("7 is not a member")
        case Side.UNRECOGNIZED:
            pass
        case _:
            pytest.fail("7 is not recognized")
    assert (unknown == Side.UNRECOGNIZED, unknown == Side.UNRECOGNIZED) == (True, True)
    assert [side == Side.UNRECOGNIZED for side in Side] == [False, False]
    assert unknown != OrderStatus.UNRECOGNIZED
    assert hash(Side.UNRECOGNIZED) != hash(OrderStatus.UNRECOGNIZED)
    assert repr(Side.UNRECOGNIZED) == "Side.UNRECOGNIZED"


@pytest.mark.parametrize("kind", ENUMS)
def test_every_enum_names_its_unknown_members(kind: type[Enum]) -> None:
    assert "UNRECOGNIZED" in vars(kind), "add UNRECOGNIZED = unrecognized_members()"
    assert "UNRECOGNIZED" not in kind.__members__


def test_name_is_in_no_spec_and_in_no_request() -> None:
    adapter = TypeAdapter(Side)
    schema = adapter.json_schema()
    assert (schema["enum"], schema["x-enum-varnames"]) == ([1, -1], ["BUY", "SELL"])
    for value in (Side.UNRECOGNIZED, "UNRECOGNIZED", 7):
        with pytest.raises(ValidationError):
            adapter.validate_python(value)
    with pytest.raises(ValidationError):
        adapter.validate_json(json.dumps("UNRECOGNIZED"))


def test_type_checker_asks_for_a_case_or_a_default(tmp_path: Path) -> None:
    source = tmp_path / "exhaustive.py"
    source.write_text(
        "from typing import assert_never\n"
        "from trading_api.models import Side\n\n"
        "def incomplete(side: Side) -> None:\n"
        "    match side:\n"
        "        case Side.BUY | Side.SELL: pass\n"
        "        case _: assert_never(side)\n\n"
        "def complete(side: Side) -> None:\n"
        "    match side:\n"
        "        case Side.BUY | Side.SELL | Side.UNRECOGNIZED: pass\n"
        "        case _: assert_never(side)\n"
    )
    (error,) = type_errors(source, source_path=str(BACKEND / "src")).splitlines()
    # The folder may be that of an earlier run, whose check mypy has in its cache.
    assert f"{source.name}:7: error: Argument 1 to " in error
    assert "Side.UNRECOGNIZED" in error
