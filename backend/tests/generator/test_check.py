"""The check stage: a bug in the generator is found before a client is written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import generate_python_clients
from client_generator.check import check
from client_generator.errors import GeneratorError
from client_generator.models import ModelIndex
from client_generator.operations import build_operations
from client_generator.parse import parse
from client_generator.render import render
from generate_python_clients import Source
from golden.apps import bodies, parameters, variants

SHAPES: dict[str, Any] = {"bodies": bodies, "parameters": parameters, "variants": variants}
GOLDEN = Path(__file__).parent.parent / "golden"


@pytest.mark.filterwarnings("ignore:Duplicate Operation ID")
@pytest.mark.parametrize("shape", [bodies, parameters, variants])
def test_golden_client_passes(shape: Any) -> None:
    name = shape.__name__.rpartition(".")[2]
    check((GOLDEN / f"{name}_client.py").read_text(), shape.app.openapi())


@pytest.mark.filterwarnings("ignore:Duplicate Operation ID")
@pytest.mark.parametrize(
    ("shape", "old", "new", "missing"),
    [
        ("parameters", '("limit", limit),', "", "query:limit"),
        ("parameters", '("x-tags", x_tags),', "", "headers:x-tags"),
        ("parameters", '("session", session),', "", "cookies:session"),
        ("parameters", '("sort-by", sort_by)', '("sort_by", sort_by)', "query:sort-by"),
        ("parameters", "/{path_value(rest)}", "/rest", "path:/paths/{}/fixed part/{}"),
        ("parameters", 'f"/paths/', 'f"/path/', "path:/paths/{}/fixed part/{}"),
        ("bodies", "body=json_body(_LIST_ITEM_JSON, body),", "", "'body'"),
        ("bodies", '("note", _STR_NONE_JSON, note),', "", "body:note"),
        ("bodies", '    "DELETE",\n', '    "GET",\n', "DELETE"),
        ("variants", '("ids", join_values(require_items("ids", ids), ",")),', "", "query:ids"),
        ("variants", '*deep_object("filter", ', '*deep_object("other", ', "query:filter"),
        ("variants", "    get_both = sync_method(VariantsClient.get_both)\n", "", "synchronous"),
        ("variants", "return self._stream(", "return self.stream(", "'/events'"),
    ],
)
def test_missing_part_raises_error_that_names_it(
    shape: str, old: str, new: str, missing: str
) -> None:
    source = (GOLDEN / f"{shape}_client.py").read_text()
    assert old in source
    spec = SHAPES[shape].app.openapi()
    with pytest.raises(GeneratorError, match="a bug in the generator") as caught:
        check(source.replace(old, new, 1), spec)
    assert missing in str(caught.value)


@pytest.mark.parametrize(
    ("shape", "old", "new", "error"),
    [
        ("parameters", "{path_value(rest)}", "{path_value(first)}", "does not send 'rest'"),
        ("parameters", '("limit", limit)', '("limit", offset)', "does not send 'limit'"),
        ("bodies", "json_body(_LIST_ITEM_JSON, body)", "text_body('', 'x')", "not send 'body'"),
    ],
)
def test_argument_that_is_not_sent_raises_error(shape: str, old: str, new: str, error: str) -> None:
    source = (GOLDEN / f"{shape}_client.py").read_text()
    assert old in source
    spec = SHAPES[shape].app.openapi()
    with pytest.raises(GeneratorError, match=error):
        check(source.replace(old, new, 1), spec)


def test_client_that_is_not_python_raises_error() -> None:
    document = parse("shop", parameters.app.openapi(), ModelIndex("golden.apps.models"))
    client = replace(build_operations(document, "Shop"), class_name="not a name")
    with pytest.raises(GeneratorError, match="the generated source is not Python"):
        render([client], ["shop"])


def test_generate_with_incomplete_client_raises_error(monkeypatch: pytest.MonkeyPatch) -> None:
    render = generate_python_clients.render

    def render_without_limit(*arguments: Any) -> dict[str, str]:
        files = render(*arguments)
        return {name: text.replace('("limit", limit),', "") for name, text in files.items()}

    monkeypatch.setattr(generate_python_clients, "render", render_without_limit)
    source = Source("shop", Path("shop.json"), parameters.app.openapi())
    with pytest.raises(GeneratorError, match="query:limit"):
        generate_python_clients.generate([source], ["golden.apps.models"])


@pytest.mark.parametrize(("old", "new"), [("await self._call(", "await ("), ("Operation(", "(")])
def test_source_that_is_not_python_raises_error(old: str, new: str) -> None:
    source = (GOLDEN / "parameters_client.py").read_text()
    with pytest.raises(GeneratorError, match="is not Python"):
        check(source.replace(old, new.replace("(", "(:")), parameters.app.openapi())
