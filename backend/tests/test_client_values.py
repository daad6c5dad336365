"""How parameters are encoded, and what is shown of secret ones."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from pydantic import BaseModel, Field, SecretBytes, SecretStr

from support.echo import EchoClient, app
from trading_api.shared.client import ApiError, Omit, Operation, TransportError, omit
from trading_api.shared.client.values import query_string
from trading_api.shared.client.wire import JsonAdapter, deep_object, join_values, path_value


def test_omit_is_one_object_and_false() -> None:
    assert pickle.loads(pickle.dumps(omit)) is omit
    assert copy.deepcopy(omit) is omit
    assert (repr(omit), bool(omit), isinstance(omit, Omit)) == ("omit", False, True)
    assert query_string([("a", omit), ("b", [omit, 1])]) == "?b=1"


@pytest.mark.parametrize(
    ("delimiter", "encoded"), [(",", "a%20b,1"), (" ", "a%20b%201"), ("|", "a%20b%7C1")]
)
def test_list_is_joined_in_one_parameter(delimiter: str, encoded: str) -> None:
    items: list[object] = ["a b", 1, None] if delimiter != " " else ["a", "b", 1]
    assert query_string([("x", join_values(items, delimiter))]) == f"?x={encoded}"


def test_nothing_is_sent_for_an_empty_joined_list() -> None:
    assert query_string([("x", join_values([], ",")), ("y", join_values(None, ","))]) == ""
    assert query_string([("x", join_values("one", ","))]) == "?x=one"


def test_item_with_the_delimiter_raises() -> None:
    with pytest.raises(ValueError, match="an item contains ',', which separates the items"):
        join_values(["a,b"], ",")


def test_object_is_sent_as_deep_object() -> None:
    class Metadata(BaseModel):
        size: int = 0
        tags: list[str] = []
        file_name: str | None = Field(default=None, alias="fileName")
        secret: SecretStr = SecretStr("")

    metadata = Metadata(size=1, tags=["a", "b&"], secret="s")
    pairs = deep_object("m", JsonAdapter(Metadata), metadata)
    assert query_string(pairs) == ("?m%5Bsize%5D=1&m%5Btags%5D=a&m%5Btags%5D=b%26&m%5Bsecret%5D=s")
    labels: JsonAdapter[dict[str, str]] = JsonAdapter(dict[str, str])
    assert query_string(deep_object("m", labels, {"ä": "1"})) == "?m%5B%C3%A4%5D=1"
    assert deep_object("m", labels, None) == deep_object("m", labels, omit) == []


def test_object_inside_an_object_raises() -> None:
    adapter: JsonAdapter[Any] = JsonAdapter(dict[str, dict[str, int]])
    with pytest.raises(ValueError, match=r"^m\[a\]: an object inside an object cannot be sent"):
        deep_object("m", adapter, {"a": {"b": 1}})


def test_list_in_a_path_is_joined_by_commas() -> None:
    assert path_value(["a/b", 1]) == "a%2Fb,1"
    assert path_value([".."]) == "%2E%2E"
    with pytest.raises(ValueError, match="must not be empty"):
        path_value([])


async def test_values_of_paths_and_queries_are_not_in_errors_and_logs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    keys = [SecretBytes(b"5678"), SecretBytes(b"x")]
    query = (("pin", SecretStr("1234")), ("key", tuple(keys)), ("a", "b"))
    client = EchoClient.in_process(app)
    assert (await client.get_request(query))["query"] == "pin=1234&key=5678&key=x&a=b"
    operation: Operation[Any] = Operation("GET", "/resets/{token}", responses={})
    with caplog.at_level("DEBUG"), pytest.raises(ApiError) as caught:
        await client._call(operation, f"/resets/{path_value('s3cret')}", query=query)
    assert caught.value.url == "http://in-process/resets/{token}"
    assert "GET http://in-process/resets/{token}: 404" in str(caught.value)
    assert "s3cret" not in f"{caught.value!r}{caplog.text}"
    nobody = EchoClient("http://127.0.0.1:9")
    with caplog.at_level("DEBUG"), pytest.raises(TransportError) as unreachable:
        await nobody._call(operation, "/resets/s3cret")
    assert "s3cret" not in f"{unreachable.value!r}{caplog.text}"


class Login(BaseModel):
    user: str
    pins: list[SecretStr]


async def test_secrets_in_joined_lists_and_objects_arrive_and_are_masked_in_errors() -> None:
    login = Login(user="a", pins=[SecretStr("1234")])
    query = (
        ("keys", join_values([SecretStr("5678"), "x"], ",")),
        *deep_object("login", JsonAdapter(Login), login),
    )
    client = EchoClient.in_process(app)
    sent = (await client.get_request(query))["query"]
    assert sent == "keys=5678,x&login%5Buser%5D=a&login%5Bpins%5D=1234"
    operation: Operation[Any] = Operation("GET", "/no", responses={})
    with pytest.raises(ApiError) as caught:
        await client._call(operation, "/no", query=query)
    for secret in ("1234", "5678"):
        assert secret not in str(caught.value)
    with pytest.raises(ValueError, match=r"^an item contains ','"):
        join_values([SecretStr("a,b")], ",")
