"""Values of every type, in every location of a parameter, as the service reads them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

import pytest
from pydantic import TypeAdapter

from golden.locations_client import LocationsClient
from shapes.models import Colour, Level

DAY = date(2024, 2, 29)
MOMENT = datetime(2024, 2, 29, 12, 30, 15, 250_001, tzinfo=UTC)
KEY = UUID("12345678-1234-5678-1234-567812345678")
# A float has 17 digits; this value would not survive it.
EXACT = Decimal("-12345678901234567890.0100")
MODE: Literal["slow & sure"] = "slow & sure"


@pytest.mark.parametrize("location", ["path", "query", "header", "cookie"])
async def test_value_of_every_type_arrives_unchanged(
    locations: LocationsClient, location: str
) -> None:
    calls = {
        "path": locations.get_in_path,
        "query": locations.get_in_query,
        "header": locations.get_in_header,
        "cookie": locations.get_in_cookie,
    }
    seen = await calls[location](DAY, MOMENT, KEY, EXACT, Colour.DARK_BLUE, Level.HIGH, MODE)
    assert seen.values == {
        "day": repr(DAY),
        "moment": repr(TypeAdapter(datetime).validate_json(f'"{MOMENT.isoformat()}"')),
        "key": repr(KEY),
        "exact": repr(EXACT),
        "colour": repr(Colour.DARK_BLUE),
        "level": repr(Level.HIGH),
        "mode": repr(MODE),
    }


async def test_list_of_every_type_arrives_unchanged(locations: LocationsClient) -> None:
    seen = await locations.get_lists(
        [DAY, date(2025, 1, 1)],
        ["slow", "fast"],
        [Level.HIGH, Level.LOW],
        exact=[EXACT, Decimal("0.10")],
        keys={KEY},
    )
    assert seen.values == {
        "days": repr([DAY, date(2025, 1, 1)]),
        "x_modes": "['slow', 'fast']",
        "x_levels": repr([Level.HIGH, Level.LOW]),
        "exact": repr([EXACT, Decimal("0.10")]),
        "keys": repr({KEY}),
    }


async def test_empty_list_is_not_sent(locations: LocationsClient) -> None:
    seen = await locations.get_lists([DAY], ["fast"], [Level.LOW], exact=[], keys=set())
    assert (seen.values["exact"], seen.values["keys"]) == ("None", "set()")
    assert seen.raw_query == "days=2024-02-29"


async def test_omitted_parameter_gets_the_services_default(
    locations: LocationsClient,
) -> None:
    seen = await locations.get_defaults()
    assert seen.raw_query == ""
    assert not {"x-mode", "cookie"} & {
        *TypeAdapter(list[str]).validate_json(seen.values["headers"].replace("'", '"'))
    }
    assert (seen.values["limit"], seen.values["x_mode"]) == ("50", "'fast'")
    seen = await locations.get_defaults(limit=0, x_mode="", raw="größer".encode())
    assert seen.raw_query == "limit=0&raw=gr%C3%B6%C3%9Fer"
    assert seen.values["raw"] == repr("größer".encode())
    assert (seen.values["limit"], seen.values["x_mode"]) == ("0", "''")


async def test_model_of_parameters_has_one_argument_per_field(locations: LocationsClient) -> None:
    seen = await locations.get_window(DAY, tags=["a", "b"])
    assert seen.values == {"since": repr(DAY), "tags": "['a', 'b']", "limit": "10"}
