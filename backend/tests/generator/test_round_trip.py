"""The golden clients call their shape applications, in process and over loopback."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import cast
from uuid import UUID

import pytest
from pydantic import JsonValue

from golden.bodies_client import BodiesClient
from golden.parameters_client import ParametersClient
from golden.plain_client import PlainClient
from golden.responses_client import ResponsesClient
from shapes.models import Cat, Circle, Colour, Dog, Drawing, Item, Level, Login, Node, Square
from shapes.plain import app as plain_app
from trading_api.shared.client import ApiError
from trading_api.shared.client.models import HTTPValidationError
from trading_api.shared.client.wire import FileUpload


@pytest.mark.parametrize(
    "value",
    ["plain", "a/b", "?x=1", "#top", "100%", "%2F", "two words", "äöü€", "..", ".", "a+b", "'\"<>"],
)
async def test_path_value_arrives_unchanged(parameters: ParametersClient, value: str) -> None:
    seen = await parameters.get_path("first", value)
    assert seen.values == {"first": "'first'", "rest": repr(value)}


async def test_empty_path_value_raises_value_error(parameters: ParametersClient) -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        await parameters.get_path("", "x")


async def test_scalar_arrives_with_its_type_and_value(parameters: ParametersClient) -> None:
    moment = datetime(2024, 2, 29, 12, 30, 15, 250_000, tzinfo=UTC)
    key = UUID("12345678-1234-5678-1234-567812345678")
    exact = Decimal("0.1000000000000000055511151231257827")
    seen = await parameters.get_scalars(
        "a&b=c",
        -7,
        0.1,
        exact,
        date(2024, 2, 29),
        moment,
        key,
        Colour.DARK_BLUE,
        Level.HIGH,
        "slow",
    )
    assert seen.values == {
        "text": repr("a&b=c"),
        "count": "-7",
        "ratio": "0.1",
        "exact": repr(exact),
        "day": repr(date(2024, 2, 29)),
        "moment": repr(moment)
        .replace("datetime.UTC", "TzInfo(0)")
        .replace("datetime.timezone.utc", "TzInfo(0)"),
        "key": repr(key),
        "colour": repr(Colour.DARK_BLUE),
        "level": repr(Level.HIGH),
        "mode": "'slow'",
        "flag": "False",
    }


async def test_omitted_parameter_is_not_sent(parameters: ParametersClient) -> None:
    seen = await parameters.get_optional("x")
    assert seen.raw_query == "required=x"
    assert seen.values["limit"] == "50"


async def test_list_parameter_is_sent_as_repeated_values(parameters: ParametersClient) -> None:
    seen = await parameters.get_optional(
        "x", names=["a", "b,c"], levels=[Level.LOW, Level.HIGH], limit=3
    )
    assert seen.values == {
        "limit": "3",
        "names": "['a', 'b,c']",
        "levels": repr([Level.LOW, Level.HIGH]),
        "required": "'x'",
    }


async def test_renamed_argument_is_sent_under_its_wire_name(parameters: ParametersClient) -> None:
    seen = await parameters.get_names(
        class_="1",
        from_="2",
        sort_by="3",
        self_="4",
        body_="5",
        timeout_="6",
        headers_="7",
        order_type="8",
        _2nd="9",
        x_request_id="10",
    )
    assert list(seen.values.values()) == [repr(str(number)) for number in range(1, 11)]


async def test_headers_and_cookies_arrive_unchanged(parameters: ParametersClient) -> None:
    seen = await parameters.get_headers(
        ["a", "b, c"],
        'semi;colon "quoted", é',
        theme=Colour.DARK_BLUE,
        since=time(9, 30),
        wait=timedelta(days=1, seconds=30),
    )
    assert seen.values == {
        "x_tags": "['a', 'b, c']",
        "session": repr('semi;colon "quoted", é'),
        "theme": repr(Colour.DARK_BLUE),
        "since": repr(time(9, 30)),
        "wait": repr(timedelta(days=1, seconds=30)),
    }
    seen = await parameters.get_headers(["a"], "s")
    assert seen.values["theme"] == "None"


async def test_deprecated_operation_warns_and_succeeds(parameters: ParametersClient) -> None:
    with pytest.warns(DeprecationWarning, match="list_ is deprecated"):
        seen = await parameters.list_(exact="é")
    assert seen.values == {"exact": "'é'"}


async def test_model_is_sent_and_read_by_its_aliases(bodies: BodiesClient) -> None:
    item = Item(name="a", price=Decimal("0.30"), unit_count=2, colour=Colour.RED)
    assert await bodies.create_item(item) == item


async def test_unset_field_is_omitted_and_null_is_sent(bodies: BodiesClient) -> None:
    assert await bodies.update_item("a", Item(name="a", price=Decimal(1), note=None)) == {
        "name": "a",
        "price": "1",
        "note": "None",
    }


async def test_lists_and_dicts_of_models_arrive_unchanged(bodies: BodiesClient) -> None:
    items = [Item(name="a", price=Decimal("0.1")), Item(name="b", price=Decimal("0.2"))]
    assert await bodies.sum_prices(items) == Decimal("0.3")
    assert await bodies.map_items({"ä": Item(name="a", price=Decimal(1), unit_count=7)}) == {"ä": 7}


async def test_discriminated_union_arrives_as_its_member(bodies: BodiesClient) -> None:
    assert await bodies.name_pet(Dog(kind="dog", born=date(2020, 1, 1))) == "Dog"
    assert await bodies.name_pet(Cat(kind="cat", lives=9)) == "Cat"


async def test_body_can_be_omitted_and_sent_with_delete(bodies: BodiesClient) -> None:
    assert await bodies.put_optional() is False
    assert await bodies.put_optional(body=Item(name="a", price=Decimal(1))) is True
    assert await bodies.delete_items(["a", "b"]) == 2


async def test_composed_body_arrives_as_its_parameters(bodies: BodiesClient) -> None:
    item = Item(name="a", price=Decimal(1))
    assert await bodies.post_several(item, 3) == {
        "item": "a",
        "count": "3",
        "note": "None",
        "from": "here",
    }
    response = await bodies.post_several(item, 3, note="n", from_="there")
    assert (response["note"], response["from"]) == ("n", "there")


async def test_null_body_is_sent(bodies: BodiesClient) -> None:
    assert await bodies.put_nullable(None) is False
    assert await bodies.put_nullable(Item(name="a", price=Decimal(1))) is True


async def test_form_arrives_unchanged(bodies: BodiesClient) -> None:
    assert await bodies.post_form("a&b=c d", ["x", "ä"], colour=Colour.RED) == {
        "user": "a&b=c d",
        "tags": "x|ä",
        "colour": "Colour.RED",
    }
    login = Login(user_name="me", remember=True)
    assert await bodies.post_login(login) == login


async def test_files_arrive_with_name_type_and_content(bodies: BodiesClient) -> None:
    assert await bodies.post_files(b"one") == [
        "upload application/octet-stream b'one'",
        "None",
        "",
    ]
    files = [FileUpload(b"\r\n--x", 'n"ä.txt', "text/plain"), b"three"]
    assert await bodies.post_files(b"one", more=files, raw=b"raw", note="ü") == [
        "upload application/octet-stream b'one'",
        "n\"ä.txt text/plain b'\\r\\n--x'",
        "upload application/octet-stream b'three'",
        "b'raw'",
        "ü",
    ]


async def test_text_and_bytes_arrive_unchanged(
    bodies: BodiesClient, responses: ResponsesClient
) -> None:
    assert await bodies.put_text("größer\n") == "größer\n"
    assert await bodies.put_bytes(b"\x00\xff") == "image/png b'\\x00\\xff'"
    assert await responses.get_text() == "größer"
    assert await responses.get_bytes() == b"\x00\xff"


async def test_json_body_has_the_declared_media_type(bodies: BodiesClient) -> None:
    item = Item(name="a", price="1")
    assert await bodies.merge_document(item) == "application/merge-patch+json"
    own = {"Content-Type": "application/json; charset=utf-8"}
    assert await bodies.merge_document(item, headers=own) == own["Content-Type"]


async def test_discriminator_with_default_is_sent_although_unset(bodies: BodiesClient) -> None:
    shapes = [Circle(radius=1), Square(inner=Circle(radius=2))]
    assert await bodies.post_shapes(shapes) == ["Circle", "Square"]
    assert shapes[0].model_fields_set == {"radius"}
    drawing = Drawing(shape=Square(), thumbnail=b"png")
    assert await bodies.post_drawing(drawing, 1) == drawing


async def test_union_without_discriminator_arrives_as_its_member(
    bodies: BodiesClient, responses: ResponsesClient
) -> None:
    assert await bodies.name_thing(Item(name="a", price=Decimal(1))) == "Item"
    assert await bodies.name_thing(Node(value=1)) == "Node"
    assert type(await responses.get_thing()) is Item
    assert await responses.get_thing(node=True) == Node(value=1)


async def test_embedded_and_optional_parameters_of_a_body_arrive(bodies: BodiesClient) -> None:
    assert await bodies.post_embedded(Item(name="a", price=Decimal(1))) == "a"
    assert await bodies.change_settings() == {"limit": "None", "note": "None"}
    assert await bodies.change_settings(note="n") == {"limit": "None", "note": "n"}


async def test_several_files_arrive_with_a_list_of_numbers(bodies: BodiesClient) -> None:
    files = [FileUpload(b"a", "a.txt"), FileUpload(b"b", "b.txt")]
    assert await bodies.post_uploads(files, [1, 2]) == ["a.txt 1", "b.txt 2"]


@pytest.mark.parametrize("value", [None, True, 1.5, "ä", [1, {"a": [None]}], {"a": {}}])
async def test_json_value_arrives_unchanged(bodies: BodiesClient, value: JsonValue) -> None:
    assert await bodies.put_anything(value) == value


async def test_enum_is_sent_and_read_as_its_member(bodies: BodiesClient) -> None:
    assert await bodies.put_colour(Colour.DARK_BLUE, Level.HIGH) is Colour.DARK_BLUE
    assert await bodies.put_colour(Colour.DARK_BLUE, Level.LOW) is Colour.RED


async def test_generic_model_of_unions_and_dicts_is_read(responses: ResponsesClient) -> None:
    groups = await responses.get_groups()
    assert groups.items == [Cat(kind="cat", lives=9), None]
    assert (await responses.get_calendar()).items == [{date(2024, 2, 29): "open"}]


async def test_response_is_read_as_its_declared_type(responses: ResponsesClient) -> None:
    assert await responses.get_item("a") == Item(name="a", price=Decimal("0.10"))
    assert [item.unit_count for item in await responses.get_items()] == [1, 3]
    page = await responses.get_page()
    assert (type(page.items[0]), page.total) == (Item, 1)
    assert await responses.get_map() == {"root": Node(value=1, children=[Node(value=2)])}
    assert [type(pet) for pet in await responses.get_pets()] == [Cat, Dog]
    assert await responses.get_colour() is Colour.DARK_BLUE
    assert await responses.get_colour(known=False) is None
    assert await responses.get_pair() == (1, "one")


async def test_response_is_read_by_its_status(
    responses: ResponsesClient,
) -> None:
    assert await responses.put_job(later=False) == Item(name="job", price=Decimal("2.50"))
    assert await responses.put_job(later=True) == b""
    assert await responses.put_node(create=False) == Node(value=1)
    assert await responses.put_node(create=True) == Item(name="new", price=Decimal(1))
    await responses.post_mail()
    await responses.delete_item("a")
    await responses.head_item("a")


async def test_declared_error_raises_api_error_with_problem(responses: ResponsesClient) -> None:
    with pytest.raises(ApiError) as caught:
        await responses.get_item("none")
    assert caught.value.status == 404
    assert caught.value.problem is not None
    assert caught.value.problem.detail == "no item 'none'"
    assert str(caught.value).startswith("GET http://")
    assert str(caught.value).endswith("/items/none: 404 Not Found: no item 'none'")


async def test_plain_fastapi_application_raises_api_error_for_404() -> None:
    client = PlainClient.in_process(plain_app)
    assert (await client.read_item_items__item_id__get(7)).name == "7"
    with pytest.raises(ApiError) as missing:
        await client.read_item_items__item_id__get(0)
    assert missing.value.status == 404
    assert missing.value.content == b'{"detail":"Not Found"}'


async def test_plain_fastapi_application_raises_its_own_validation_error() -> None:
    client = PlainClient.in_process(plain_app)
    with pytest.raises(ApiError) as caught:
        await client.read_item_items__item_id__get(cast(int, "x"))
    assert isinstance(caught.value.body, HTTPValidationError)
    assert caught.value.body.detail[0].loc == ["path", "item_id"]
