"""What arrives of the bodies that callers pass: secrets, changed defaults, members of unions."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterator
from datetime import date, datetime
from typing import Any

import pytest
from fastapi import UploadFile
from pydantic import (
    Secret,
    SecretStr,
)
from starlette.datastructures import Headers

from support.echo import (
    Account,
    Accounts,
    CallablePet,
    Canine,
    Cat,
    Dog,
    EchoClient,
    Feline,
    Kennel,
    Login,
    Order,
    Puppy,
    Upload,
    app,
)
from support.servers import serve
from trading_api.shared.client import Operation
from trading_api.shared.client.wire import (
    JsonAdapter,
    bytes_body,
    form_model,
    json_body,
    multipart_model,
    text_body,
)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serve("support.echo:app") as found:
        yield found


@pytest.fixture(params=["over HTTP", "in process"])
async def client(request: pytest.FixtureRequest, address: str) -> AsyncIterator[EchoClient]:
    in_process = request.param == "in process"
    async with EchoClient.in_process(app) if in_process else EchoClient(address) as found:
        yield found


async def test_secrets_in_json_arrive(client: EchoClient) -> None:
    accounts = Accounts(
        accounts=[
            Account(name="a", password="p*w", key=b"k", born=Secret(date(2020, 2, 29))),
            Account(name="b", password=""),
        ],
        by_name={"c": SecretStr("d")},
    )
    assert await client.send("/accounts", json_body(JsonAdapter(Accounts), accounts)) == [
        "a p*w b'k' 2020-02-29",
        "b  b'' None",
        "c=d",
    ]
    assert "p*w" not in repr(accounts)


async def test_secrets_are_not_in_reprs() -> None:
    body = form_model(JsonAdapter(Login), Login(user="me", password="secret"))
    client = EchoClient("http://127.0.0.1:1", headers={"x-key": "secret"})
    operation: Operation[Any] = Operation("POST", "/a", responses={})
    request = client._request(operation, "/a", query=[("pin", SecretStr("secret"))], body=body)
    assert "secret" not in repr(request) + repr(body)


async def test_secrets_in_forms_arrive(client: EchoClient) -> None:
    body = form_model(JsonAdapter(Login), Login(user="me", password="s3&cret"))
    assert await client.send("/logins", body) == "me s3&cret"


async def test_untouched_defaults_are_not_sent(client: EchoClient) -> None:
    order = Order.model_construct(_fields_set={"note"})
    del order.__dict__["id"], order.__dict__["created"]
    body = json_body(JsonAdapter(Order), order)
    assert await client.send("/orders", body, "PATCH") == {"note": None}


async def test_ids_and_times_of_factories_arrive(client: EchoClient) -> None:
    order = Order()
    seen = await client.send("/orders", json_body(JsonAdapter(Order), order), "PATCH")
    created = seen.pop("created")
    assert seen == {"id": str(order.id)}
    assert datetime.fromisoformat(created) == order.created


async def test_defaults_that_were_changed_in_place_arrive(client: EchoClient) -> None:
    order = Order()
    order.tags.append("new")
    order.labels["a"] = "b"
    order.limits.high = 20
    order.more_limits[0].low = 5
    seen = await client.send("/orders", json_body(JsonAdapter(Order), order), "PATCH")
    assert seen["tags"] == ["new"]
    assert seen["labels"] == {"a": "b"}
    assert seen["limits"] == {"low": 1, "high": 20}
    assert seen["more_limits"] == [{"low": 5}]
    assert "tags" not in order.model_fields_set


async def test_member_whose_fields_all_have_defaults_arrives(client: EchoClient) -> None:
    adapter: JsonAdapter[Cat | Dog] = JsonAdapter(Cat | Dog)
    assert await client.send("/pets", json_body(adapter, Cat())) == "Cat(lives=9)"
    assert await client.send("/pets", json_body(adapter, Dog())) == "Dog(tricks=3)"
    assert await client.send("/pets", json_body(adapter, Puppy())) == "Dog(tricks=3)"


async def test_member_of_a_union_of_lists_arrives(client: EchoClient) -> None:
    adapter: JsonAdapter[Any] = JsonAdapter(list[Cat] | list[Dog])
    assert await client.send("/lists", json_body(adapter, [Dog(), Dog()])) == (
        "[Dog(tricks=3), Dog(tricks=3)]"
    )


async def test_member_of_a_callable_discriminator_arrives(client: EchoClient) -> None:
    adapter: JsonAdapter[Any] = JsonAdapter(CallablePet)
    assert await client.send("/callable", json_body(adapter, Cat())) == "Cat(lives=9)"
    assert await client.send("/callable", json_body(adapter, Dog())) == "Dog(tricks=3)"


async def test_discriminator_with_several_values_and_a_default_arrives(client: EchoClient) -> None:
    # The client knows the union without its discriminator.
    adapter: JsonAdapter[Canine | Feline] = JsonAdapter(Canine | Feline)
    for animal in (Canine(), Canine(kind="wolf"), Feline()):
        assert await client.send("/animals", json_body(adapter, animal)) == repr(animal)
    assert json_body(JsonAdapter(Canine | Feline), Canine()).content == b'{"kind":"dog"}'


async def test_unions_inside_a_model_arrive(client: EchoClient) -> None:
    kennel = Kennel(pet=Dog(), animal=Canine(), more={"a": [Cat(), Dog()]})
    assert await client.send("/kennels", json_body(JsonAdapter(Kennel), kennel)) == repr(kennel)


async def test_model_with_files_arrives(client: EchoClient) -> None:
    headers = Headers({"content-type": "text/plain"})
    upload = Upload(
        file=UploadFile(io.BytesIO(b"\x00\xff"), filename="a.bin"),
        more=[UploadFile(io.BytesIO(b"b"), filename="b.txt", headers=headers)],
        docTitle="Ti*tle",
        sizes=[1, 2],
        password="secret",
    )
    assert await client.send("/uploads", multipart_model(JsonAdapter(Upload), upload)) == [
        r"a.bin application/octet-stream b'\x00\xff'",
        "b.txt text/plain b'b'",
        "Ti*tle",
        "[1, 2]",
        "secret",
    ]


async def test_chunks_are_sent_as_they_are_made(client: EchoClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"a" * 10
        yield b""
        yield b"b" * 20

    body = bytes_body(chunks(), "application/octet-stream")
    assert sum(await client.send("/sizes", body)) == 30


async def test_error_of_the_chunks_is_raised(client: EchoClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"a"
        raise LookupError("the file has gone")

    with pytest.raises(LookupError, match="the file has gone"):
        await client.send("/sizes", bytes_body(chunks(), "application/octet-stream"))


async def test_text_is_sent_in_the_charset_of_its_media_type(client: EchoClient) -> None:
    assert await client.send("/raw", text_body("ä", "text/plain; charset=ISO-8859-1")) == "ä"
    with pytest.raises(ValueError, match="charset=x: the charset is not known"):
        text_body("ä", "text/plain; charset=x")
    with pytest.raises(ValueError, match="can't encode"):
        text_body("€", "text/plain; charset=latin-1")
