"""Details that the fixtures of the catalogue do not show: references, merging, order, places."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from api_changes.cases import Modules, compare, with_schema
from api_diff.catalogue import KINDS
from api_diff.changes import Change, Level, Side, User
from api_diff.operations import compare_operations
from api_diff.sources import Sources
from api_diff.specs import ModuleSpecs, Spec, SpecError
from api_diff.verdict import Finding, Verdict
from api_diff.versions import check_version

ITEM = {"$ref": "#/components/schemas/Item"}
NUMBER, TEXT = {"type": "number"}, {"type": "string"}


def item(**properties: Any) -> dict[str, Any]:
    return {"Item": {"type": "object", "properties": properties}}


def changes(old: Any, new: Any, side: Side = Side.RESPONSE, **components: Any) -> list[str]:
    pair = [
        with_schema(schema, side, components.get(name))
        for schema, name in ((old, "before"), (new, "after"))
    ]
    return [f"{each.kind} {each.subject}" for each in compare(*pair)]


def streams(document: dict[str, Any]) -> Modules:
    return {"alerts": ModuleSpecs("alerts", {"asyncapi": Spec(document)})}


def test_change_of_a_model_is_one_change_of_all_its_users() -> None:
    def document(kind: str) -> dict[str, Any]:
        content = {"content": {"application/json": {"schema": ITEM}}}
        get = {name: {"operationId": name, "responses": {"200": content}} for name in ("a", "b")}
        paths = {f"/{name}": {"get": node} for name, node in get.items()}
        return {"paths": paths, "components": {"schemas": item(x={"type": kind})}}

    modules = [
        {"alerts": ModuleSpecs("alerts", {"openapi": Spec(document(kind))})}
        for kind in ("string", "boolean")
    ]
    [change] = compare(*modules)
    assert (change.subject, change.fields) == ("Item.x", ("x",))
    assert change.users == {User("operation", "a"), User("operation", "b")}


def test_parameter_that_cannot_be_null_any_more_is_no_change() -> None:
    def modules(schema: dict[str, Any]) -> Modules:
        parameter = {"name": "ids", "in": "query", "schema": schema}
        operation = {"operationId": "a", "parameters": [parameter], "responses": {"200": {}}}
        return {
            "alerts": ModuleSpecs(
                "alerts", {"openapi": Spec({"paths": {"/a": {"get": operation}}})}
            )
        }

    numbers = {"type": "array", "items": NUMBER}
    nullable = modules({"anyOf": [numbers, {"type": "null"}]})
    assert compare(nullable, modules({**numbers, "minItems": 1})) == []


def test_model_that_contains_itself_is_compared_once() -> None:
    before = item(x=NUMBER, parts={"type": "array", "items": ITEM})
    after = item(x=TEXT, parts={"type": "array", "items": ITEM})
    found = changes(ITEM, ITEM, before=before, after=after)
    assert found == ["response-type-changed Item.x"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": ["string", "null"]}, {"anyOf": [TEXT, {"type": "null"}]}),
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"allOf": [ITEM]}, ITEM),
        ({"allOf": [{"properties": {"x": NUMBER}}, {"type": "object"}]}, ITEM),
        ({"const": "a"}, {"type": "string", "enum": ["a"]}),
        ({"enum": [1, 2]}, {"type": "integer", "enum": [2, 1]}),
        ({"type": "array", "items": {}}, {"type": "array"}),
        ({"type": "string", "title": "A", "description": "B"}, {**TEXT, "examples": ["x"]}),
        ({"anyOf": [NUMBER, TEXT]}, {"oneOf": [TEXT, NUMBER]}),
        ({"type": "integer"}, {"type": "number", "multipleOf": 1.0}),
        ({"type": "integer", "multipleOf": 5}, {"type": "number", "multipleOf": 5}),
        ({"type": "number", "enum": [1]}, {"type": "number", "enum": [1.0]}),
        (
            {"type": "object", "properties": {"a": {"type": "number", "default": [1]}}},
            {"type": "object", "properties": {"a": {"type": "number", "default": [1.0]}}},
        ),
        (True, {}),
    ],
)
def test_schemas_that_mean_the_same_are_equal(old: Any, new: Any) -> None:
    components = item(x=NUMBER)
    for pair in ((old, new), (new, old)):
        assert changes(*pair, before=components, after=components) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"type": "array", "items": NUMBER}, {"type": "array", "items": TEXT}, "type-changed @[]"),
        ({"additionalProperties": NUMBER}, {"additionalProperties": TEXT}, "type-changed @{}"),
        ({"prefixItems": [NUMBER]}, {"prefixItems": [TEXT]}, "type-changed @[0]"),
        ({"properties": {"a": NUMBER}}, {"properties": {"a": TEXT}}, "type-changed @.a"),
        ({}, TEXT, "type-narrowed @"),
        (TEXT, False, "type-widened @"),
    ],
)
def test_change_inside_says_where(old: Any, new: Any, expected: str) -> None:
    kind = {"prefixItems": "array"}
    pair = [
        {"type": kind.get(next(iter(each)), "object"), **each}
        if isinstance(each, dict) and each and "type" not in each
        else each
        for each in (old, new)
    ]
    expected = f"response-{expected.replace('@', 'put_item: response 200')}"
    assert expected in changes(*pair)


@pytest.mark.parametrize(("side", "hidden"), [("request", "readOnly"), ("response", "writeOnly")])
def test_property_that_does_not_travel_does_not_count(side: str, hidden: str) -> None:
    before = item(a=TEXT)
    after = item(a=TEXT, b={**NUMBER, hidden: True})
    assert changes(ITEM, ITEM, Side(side), before=before, after=after) == []


def test_member_of_a_union_is_compared_by_its_name() -> None:
    def union(*names: str) -> dict[str, Any]:
        return {"oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in names]}

    before = {**item(a=TEXT), "Other": {"type": "object", "properties": {"b": TEXT}}}
    after = {**item(a=NUMBER), "Other": before["Other"]}
    found = changes(union("Item", "Other"), union("Other", "Item"), before=before, after=after)
    assert found == ["response-type-changed Item.a"]


def test_schema_that_becomes_a_member_of_a_union_stays_one() -> None:
    components = {**item(a=TEXT), "Other": {"type": "object", "properties": {"b": TEXT}}}
    union = {"oneOf": [ITEM, {"$ref": "#/components/schemas/Other"}]}
    found = changes(ITEM, union, before=components, after=components)
    assert found == ["response-union-member-added Item"]


def test_union_that_contains_itself_is_compared_once() -> None:
    def components(kind: str) -> dict[str, Any]:
        tree = item(child={"anyOf": [ITEM, {"type": "null"}]}, x={"type": kind})
        values = {"type": "array", "items": {"$ref": "#/components/schemas/Value"}}
        return {**tree, "Value": {"anyOf": [{"type": "boolean"}, values, ITEM]}}

    value = {"$ref": "#/components/schemas/Value"}
    pair = {"before": components("string"), "after": components("number")}
    assert changes(value, value, **pair) == ["response-type-changed Item.x"]


def test_member_with_another_value_of_the_discriminator_is_noticed() -> None:
    def union(*tags: str) -> dict[str, Any]:
        names = ["Item", "Other"][: len(tags)]
        references = [f"#/components/schemas/{name}" for name in names]
        tagged = {"propertyName": "kind", "mapping": dict(zip(tags, references, strict=True))}
        return {"oneOf": [{"$ref": each} for each in references], "discriminator": tagged}

    components = {**item(a=TEXT), "Other": {"type": "object"}}
    pair = {"before": components, "after": components}
    assert changes(union("a", "b"), union("a", "c"), **pair) == [
        "response-discriminator-changed put_item: response 200"
    ]
    assert changes(union("a"), union("a", "b"), **pair) == [
        "response-union-member-added put_item: response 200"
    ]


def test_two_candidates_are_no_renaming() -> None:
    found = changes(ITEM, ITEM, before=item(a=TEXT), after=item(b=TEXT, c=TEXT))
    assert found == [
        "response-optional-property-removed Item.a",
        "response-property-added-optional Item.b",
        "response-property-added-optional Item.c",
    ]


def test_change_of_a_message_belongs_to_its_stream() -> None:
    def document(kind: str) -> dict[str, Any]:
        return {
            "x-streams": {"last_prices": {}},
            "channels": {"live": {"address": f"/{kind}"}},
            "operations": {
                "sendLastPricesUpdate": {
                    "action": "send",
                    "messages": [{"$ref": "#/components/messages/Update"}],
                },
                "subscribeLastPrices": {
                    "action": "receive",
                    "reply": {"messages": [{"$ref": "#/components/messages/Update"}]},
                    "security": [{"$ref": "#/components/securitySchemes/token"}],
                    "x-scopes": [f"read:{kind}"],
                },
            },
            "components": {
                "messages": {"Update": {"payload": {"$ref": "#/components/schemas/Update"}}},
                "schemas": {"Update": {"type": "object", "properties": {"price": {"type": kind}}}},
            },
        }

    found = compare(streams(document("number")), streams(document("string")))
    assert [(each.kind, each.subject) for each in found] == [
        ("response-type-changed", "Update.price"),
        ("channel-moved", "live"),
        ("scope-added", "subscribeLastPrices"),
        ("scope-removed", "subscribeLastPrices"),
    ]
    assert {each.users for each in found} == {frozenset({User("stream", "last_prices")})}


def test_removed_messages_of_a_removed_stream_are_one_change() -> None:
    operations = {"subscribePrices": {"action": "receive"}, "sendPricesUpdate": {"action": "send"}}
    before = streams({"x-streams": {"prices": {}}, "operations": operations})
    assert [each.kind for each in compare(before, streams({}))] == ["stream-removed"]


def test_model_of_a_stream_with_another_name_breaks_the_source() -> None:
    pair = [streams({"x-streams": {"prices": {"update": name}}}) for name in ("Quote", "Price")]
    [change] = compare(*pair)
    assert (change.kind, change.subject) == ("schema-renamed", "Quote")


@pytest.mark.parametrize(
    ("sunset", "kind"),
    [
        ("2026-11-27", "operation-removed-after-sunset"),
        ("2026-11-28", "operation-removed"),
        ("soon", "operation-removed"),
    ],
)
def test_sunset_decides_about_a_removal(sunset: str, kind: str) -> None:
    operation = {"operationId": "a", "deprecated": True, "x-sunset": sunset}
    pair = Spec({"paths": {"/a": {"get": operation}}}), Spec({})
    assert [each.kind for each in compare_operations(*pair, date(2026, 11, 27))] == [kind]


def test_parameter_of_the_path_and_of_the_operation_are_the_same() -> None:
    parameter = {"in": "query", "name": "limit", "content": {"text/plain": {"schema": NUMBER}}}
    pair = (
        Spec({"paths": {"/a": {"parameters": [parameter], "get": {}}}}),
        Spec({"paths": {"/a": {"get": {"parameters": [parameter]}}}}),
    )
    assert list(compare_operations(*pair, date(2026, 11, 27))) == []


def test_dangling_and_endless_references_are_errors() -> None:
    for target in ("#/components/schemas/Gone", "other.json#/Item"):
        with pytest.raises(SpecError, match=f"spec: the reference {target} leads nowhere"):
            changes({"$ref": target}, {})
    endless = {"Item": {"$ref": "#/components/schemas/Item"}}
    with pytest.raises(SpecError, match="leads back to itself"):
        changes(ITEM, {}, before=endless)


@pytest.mark.parametrize(
    ("before", "after", "levels", "message"),
    [
        ("1.2.3", "1.2.3", [], None),
        ("1.2.3", "1.2.2", [], 'version "1.2.2" is lower than "1.2.3" of the base; raise it'),
        ("1.2.3", "two", [], 'version "two" is not of the form 1.2.3; correct it'),
        ("one", "1.0.0", [Level.WIRE], None),
        ("1.2.3", "1.3.0", [Level.COMPATIBLE, Level.SERVICE_FIRST], None),
        ("1.2.3", "1.2.4", [Level.CLIENTS_FIRST], 'set it to "1.3.0"'),
        ("1.2.3", "1.3.0", [Level.SOURCE], 'does not announce a break; set it to "2.0.0"'),
        ("1.2.3", "2.0.0", [Level.WIRE], None),
        ("0.2.3", "0.3.0", [Level.WIRE], None),
        ("0.2.3", "0.2.4", [Level.SERVICE_FIRST], None),
        ("0.2.3", "0.2.4", [Level.WIRE], 'set it to "0.3.0"'),
        ("1.9.0", "1.10.0", [Level.SERVICE_FIRST], None),
    ],
)
def test_version_rises_with_the_level(
    before: str, after: str, levels: list[Level], message: str | None
) -> None:
    found = check_version(before, after, levels)
    assert found is None if message is None else message in (found or "")


@pytest.mark.parametrize(
    ("kinds", "order"),
    [
        (["operation-added"], "deploy the service first"),
        (["response-success-status-added"], "deploy the clients first"),
        (["operation-deprecated"], "in any order"),
        (["operation-renamed", "operation-added"], "deploy the service first"),
        (["operation-removed", "operation-added"], "no order works for deployed clients"),
        (
            ["operation-added", "response-success-status-added"],
            "no single order works: make the changes for each order in a release of its own",
        ),
    ],
)
def test_order_of_deployment_follows_from_all_changes(kinds: list[str], order: str) -> None:
    findings = tuple(
        Finding(Change(kind, "x", module="alerts"), KINDS[kind], "api.py", 1, (), None)
        for kind in kinds
    )
    assert Verdict(findings, (), ()).order("alerts").startswith(order)


def test_definitions_are_located(tmp_path: Path) -> None:
    files = {
        "models/alerts.py": "class Alert:\n    price_limit: float\n    text: str\n",
        "modules/alerts/__init__.py": 'info = ModuleInfo(\n    version="1.0.0",\n)\n',
        "modules/alerts/api.py": "\nasync def get_alert(): ...\n",
        "modules/alerts/ws.py": "\n\nasync def prices(): ...\n",
        "modules/alerts/service.py": "def get_alert(): ...\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    sources = Sources(tmp_path, tmp_path)

    def locate(subject: str, after: str = "", *users: User, module: str = "alerts") -> str:
        change = Change("kind", subject, after=after, users=frozenset(users), module=module)
        return ":".join(map(str, sources.locate(change)))

    assert locate("Alert.priceLimit") == "models/alerts.py:2"
    assert locate("Alert.limit", "text") == "models/alerts.py:3"
    assert locate("Alert.gone") == "models/alerts.py:1"
    assert locate("get_alert: query limit") == "modules/alerts/api.py:2"
    assert locate("subscribePrices", "", User("stream", "prices")) == "modules/alerts/ws.py:3"
    assert locate("servers") == "modules/alerts/__init__.py:2"
    assert locate("gone", module="gone") == "modules/gone/__init__.py:1"
