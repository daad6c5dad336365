"""Arguments and results of operations with several media types, streams, pages and styles."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from client_generator.client import Client, Method
from client_generator.errors import GeneratorError
from client_generator.models import ModelIndex
from client_generator.operations import build_operations
from client_generator.parse import parse
from golden.apps.variants import app

MODELS = ModelIndex("golden.apps.models")
JSON = "application/json"
TEXT = {"schema": {"type": "string"}}
LIST = {"type": "array", "items": {"type": "string"}}
OBJECT = {"type": "object", "additionalProperties": {"type": "string"}}


def client_of(**operation: Any) -> Client:
    spec = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"post": {"operationId": "call", **operation}}},
        "components": {"schemas": SCHEMAS},
    }
    return build_operations(parse("t", spec, MODELS), "T")


def method_of(**operation: Any) -> Method:
    return client_of(**operation).methods[0]


def responses(**contents: Any) -> dict[str, Any]:
    return {
        status.lstrip("_"): {"description": "", "content": content}
        for status, content in contents.items()
    }


def error_of(**operation: Any) -> str:
    with pytest.raises(GeneratorError) as caught:
        client_of(**operation)
    return str(caught.value)


@pytest.fixture(scope="module", autouse=True)
def schemas() -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Duplicate Operation ID")
        SCHEMAS.update(app.openapi()["components"]["schemas"])


SCHEMAS: dict[str, Any] = {}


def test_json_is_preferred_where_a_response_has_several_media_types() -> None:
    method = method_of(responses=responses(_200={"text/csv; charset=utf-8": {}, JSON: TEXT}))
    assert method.returns == "str"
    assert method.responses == ((200, ((JSON, "_STR_JSON.read"), ("text/csv", "read_text"))),)
    (accept,) = method.keyword_only
    assert (accept.annotation, accept.default) == (f"Literal['{JSON}', 'text/csv']", f"'{JSON}'")


def test_media_type_without_json_or_with_a_wildcard_is_not_chosen() -> None:
    method = method_of(responses=responses(_200={"image/*": {}, "text/csv": {}}))
    assert method.returns == "str | bytes"
    assert [str(each.annotation) for each in method.keyword_only] == ["Literal['text/csv'] | None"]
    method = method_of(responses=responses(_200={"image/png": {}, "image/gif": {}}))
    assert method.responses == ((200, "read_bytes"),)
    assert not method.accepts


def test_body_is_sent_in_json_if_it_is_declared() -> None:
    content = {"multipart/form-data": {"schema": OBJECT}, "text/csv": {}, JSON: {"schema": LIST}}
    method = method_of(requestBody={"content": content}, responses=responses(_200={JSON: TEXT}))
    assert method.body is not None
    assert (method.body.function, method.body.adapter) == ("json_body", "_LIST_STR_JSON")


def test_default_is_a_success_if_no_other_is_declared() -> None:
    method = method_of(responses=responses(default={JSON: TEXT}))
    assert method.responses == (("default", "_STR_JSON.read"),)
    assert method.errors == "_ERRORS_DEFAULT"
    assert method_of(responses={"default": {"description": ""}}).returns == "bytes"
    assert method_of(responses=responses(_2XX={JSON: TEXT})).returns == "str"


def test_redirect_and_success_are_both_results() -> None:
    given = {**responses(_200={JSON: TEXT}), "304": {"description": "Not modified"}}
    assert method_of(responses=given).returns == "str | None"


def test_error_model_is_read_as_json_whatever_its_declared_media_type() -> None:
    model = {"schema": {"$ref": "#/components/schemas/Item"}}
    method = client_of(responses=responses(_200={"text/html": TEXT}, _404={"text/html": model}))
    assert method.error_tables == (("_ERRORS_404", ((404, "_ITEM_JSON.read"),)),)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (
            responses(_200={"text/event-stream": {}, JSON: TEXT}),
            "a response that may be a stream or not is not supported; split it into two",
        ),
        (
            responses(_200={"text/event-stream": {}}, _201={JSON: TEXT}),
            "has a status with a stream and one without; split it into two operations",
        ),
        (responses(_404={JSON: TEXT}), "no response has a 2xx or 3xx status"),
    ],
)
def test_responses_that_are_no_result_are_rejected(given: dict[str, Any], reason: str) -> None:
    assert reason in error_of(responses=given)


def test_stream_of_untyped_lines_yields_json() -> None:
    method = method_of(responses=responses(_200={"application/x-ndjson": {"itemSchema": {}}}))
    assert (method.annotation, method.stream) == ("AsyncIterator[JsonValue]", "lines")
    method = method_of(responses=responses(_200={"application/x-ndjson": {}}))
    assert (method.annotation, method.stream) == ("bytes", None)


def parameter(schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "q", "in": "query", "schema": schema, **more}


@pytest.mark.parametrize(
    ("given", "separator"),
    [
        (parameter(LIST), None),
        (parameter(LIST, explode=False), ","),
        (parameter(LIST, style="spaceDelimited"), " "),
        (parameter(LIST, style="pipeDelimited", explode=False), "|"),
        (parameter(LIST, style="pipeDelimited", explode=True), None),
        (parameter({"type": "string"}, explode=False), None),
    ],
)
def test_style_of_a_list_decides_its_separator(given: dict[str, Any], separator: str) -> None:
    method = method_of(parameters=[given], responses=responses(_200={JSON: TEXT}))
    assert [each.separator for each in method.query] == [separator]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (parameter(LIST, style="deepObject"), "style='deepObject' needs an object"),
        (
            parameter({**OBJECT, "additionalProperties": OBJECT}, style="deepObject"),
            "an object cannot be sent in a query",
        ),
        (parameter(OBJECT), "an object cannot be sent in a query; declare style='deepObject'"),
    ],
)
def test_object_without_a_style_is_rejected(given: dict[str, Any], reason: str) -> None:
    assert reason in error_of(parameters=[given], responses=responses(_200={JSON: TEXT}))


PAGE = responses(_200={JSON: {"schema": {"$ref": "#/components/schemas/ItemPage"}}})
CURSOR = {"name": "after", "in": "query", "schema": {"type": "string"}}
PAGINATION = {"cursor": "after", "nextCursor": "nextCursor", "items": "items"}


def test_pagination_adds_an_iterator_that_keeps_the_other_arguments() -> None:
    limit = {"name": "limit", "in": "query", "required": True, "schema": {"type": "integer"}}
    method = method_of(parameters=[CURSOR, limit], responses=PAGE, **{"x-pagination": PAGINATION})
    assert method.pages is not None
    assert (method.pages.name, method.pages.item) == ("iter_call", "Item")
    assert (method.pages.items, method.pages.next_cursor) == ("entries", "next_cursor")
    assert [each.name for each in method.pages.positional] == ["limit"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"x-pagination": True}, "needs the members cursor, nextCursor and items"),
        (
            {"x-pagination": {**PAGINATION, "cursor": "page"}},
            "there is no optional query parameter 'page' that is a string",
        ),
        ({"parameters": [{**CURSOR, "required": True}]}, "no optional query parameter 'after'"),
        ({"x-pagination": {**PAGINATION, "items": "rows"}}, "ItemPage has no field 'rows'"),
        ({"x-pagination": {**PAGINATION, "nextCursor": "next"}}, "ItemPage has no field 'next'"),
        ({"x-pagination": {**PAGINATION, "items": "nextCursor"}}, "are not a list"),
        ({"responses": responses(_200={JSON: TEXT})}, "the response is not a model"),
    ],
)
def test_pagination_that_does_not_fit_is_rejected(changes: dict[str, Any], reason: str) -> None:
    given = {"parameters": [CURSOR], "responses": PAGE, "x-pagination": PAGINATION, **changes}
    message = error_of(**given)
    assert reason in message
    assert message.startswith("call: #/")


def test_method_of_query_is_rejected() -> None:
    spec = {"openapi": "3.2.0", "info": {}, "paths": {"/a": {"query": {}}}}
    with pytest.raises(GeneratorError, match=r"#/paths/~1a/query: is not supported"):
        parse("t", spec, MODELS)


def test_json_in_the_query_has_the_type_of_its_content() -> None:
    given = {"name": "q", "in": "query", "content": {JSON: {"schema": OBJECT}}}
    method = method_of(parameters=[given], responses=responses(_200={JSON: TEXT}))
    assert method.keyword_only[0].annotation == "dict[str, str] | None"
    assert [each.is_json for each in method.query] == [True]
    for changes in ({"in": "header"}, {"content": {"text/csv": {}}}, {"content": {}}):
        changed = {**given, **changes}
        reason = "a parameter without a schema is not supported"
        assert reason in error_of(parameters=[changed], responses=responses(_200={JSON: TEXT}))


@pytest.mark.parametrize(
    ("default", "annotation"), [({}, "str | None"), ({"default": "a"}, "str | Omit")]
)
def test_parameter_cannot_be_none_where_the_default_is_not_null(
    default: dict[str, str], annotation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema = {"anyOf": [{"type": "string"}, {"type": "null"}], **default}
    form = {"title": "Body_call", "type": "object", "properties": {"field": schema}}
    monkeypatch.setitem(SCHEMAS, "Body_call", form)
    reference = {"$ref": "#/components/schemas/Body_call"}
    method = method_of(
        parameters=[{"name": "q", "in": "query", "schema": schema}],
        requestBody={"content": {"application/x-www-form-urlencoded": {"schema": reference}}},
        responses=responses(_200={JSON: TEXT}),
    )
    assert {each.name: each.annotation for each in method.keyword_only} == {
        "q": annotation,
        "field": annotation,
    }
    paged = {"parameters": [{**CURSOR, "schema": schema}], "responses": PAGE}
    method = method_of(**paged, **{"x-pagination": PAGINATION})
    assert method.keyword_only[0].annotation == "str | None"
