"""Python names of methods and arguments."""

from __future__ import annotations

import inspect

import pytest

from client_generator.names import argument_name, method_name
from golden import bodies_client, parameters_client, variants_client
from golden.plain_client import PlainClient, SyncPlainClient
from trading_api.shared.client import wire


@pytest.mark.parametrize(
    ("wire", "python"),
    [
        ("count_back", "count_back"),
        ("orderType", "order_type"),
        ("HTTPStatusCode", "http_status_code"),
        ("x-request-id", "x_request_id"),
        ("from", "from_"),
        ("self", "self_"),
        ("2nd", "_2nd"),
        ("???", "parameter"),
        ("größe €", "größe"),
        ("ﬁnd", "find"),
        ("x²", "x2"),
        ("٣", "_٣"),
    ],
)
def test_argument_name_is_derived_from_wire_name(wire: str, python: str) -> None:
    assert argument_name(wire) == python


@pytest.mark.parametrize(
    ("operation", "python"),
    [
        ("getA", "get_a"),
        ("list", "list_"),
        ("import", "import_"),
        ("aclose", "aclose_"),
        ("größe", "größe"),
        ("42", "call_42"),
        ("???", "call"),
    ],
)
def test_method_name_is_derived_from_operation_id(operation: str, python: str) -> None:
    assert method_name(operation) == python


def test_attribute_of_the_client_is_not_a_method_name() -> None:
    clients = (PlainClient("http://127.0.0.1:1"), SyncPlainClient)
    names = {name for client in clients for name in dir(client) if not name.startswith("_")}
    inherited = sorted(names - {"read_item_items__item_id__get"})
    assert {"from_env", "aclose", "close"} <= {*inherited}
    assert [method_name(name) for name in inherited] == [f"{name}_" for name in inherited]


def test_function_that_methods_call_is_not_an_argument_name() -> None:
    called = [
        name
        for client in (bodies_client, parameters_client, variants_client)
        for name, value in vars(client).items()
        if inspect.isfunction(value) and vars(wire).get(name) is value
        if not name.startswith("read_")
    ]
    assert {"deep_object", "join_values", "json_body", "multipart_model"} <= {*called}
    assert [argument_name(name) for name in called] == [f"{name}_" for name in called]
