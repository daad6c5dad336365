"""The last look at a client: a fault of the generator itself is found before it is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import generate_python_clients
from client_generator.check import check
from client_generator.errors import GeneratorError
from generate_python_clients import Source
from shapes import bodies, parameters

GOLDEN = Path(__file__).parent.parent / "golden"


@pytest.mark.parametrize("shape", [bodies, parameters])
def test_golden_clients_hold_all_of_the_spec(shape: Any) -> None:
    name = shape.__name__.rpartition(".")[2]
    check((GOLDEN / f"{name}_client.py").read_text(), shape.app.openapi())


@pytest.mark.parametrize(
    ("shape", "old", "new", "missing"),
    [
        ("parameters", '("limit", limit),', "", "query:limit"),
        ("parameters", '("x-tags", x_tags),', "", "header:x-tags"),
        ("parameters", '("session", session),', "", "cookie:session"),
        ("parameters", '("sort-by", sort_by)', '("sort_by", sort_by)', "query:sort-by"),
        ("parameters", "/{path_value(rest)}", "/rest", "path:2"),
        ("parameters", "{path_value(rest)}", "{path_value(first)}", "path:2"),
        ("bodies", "body=json_body(_LIST_ITEM_JSON, body),", "", "body:"),
        ("bodies", '("note", _STR_NONE_JSON, note, False),', "", "body:note"),
        ("bodies", '    "DELETE",\n', '    "GET",\n', "DELETE"),
    ],
)
def test_what_is_missing_is_named(shape: str, old: str, new: str, missing: str) -> None:
    source = (GOLDEN / f"{shape}_client.py").read_text()
    assert old in source
    spec = {"bodies": bodies, "parameters": parameters}[shape].app.openapi()
    with pytest.raises(GeneratorError, match="a fault of the generator") as caught:
        check(source.replace(old, new, 1), spec)
    assert missing in str(caught.value)


def test_a_client_with_a_fault_is_not_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    render = generate_python_clients.render

    def forgetful(*arguments: Any) -> dict[str, str]:
        files = render(*arguments)
        return {name: text.replace('("limit", limit),', "") for name, text in files.items()}

    monkeypatch.setattr(generate_python_clients, "render", forgetful)
    source = Source("shop", Path("shop.json"), parameters.app.openapi())
    with pytest.raises(GeneratorError, match=r"missing .*query:limit"):
        generate_python_clients.generate([source], "shapes.models")


@pytest.mark.parametrize(("old", "new"), [("await self._call(", "await ("), ("Operation(", "(")])
def test_source_that_is_no_python(old: str, new: str) -> None:
    source = (GOLDEN / "parameters_client.py").read_text()
    with pytest.raises(GeneratorError, match="is not Python"):
        check(source.replace(old, new.replace("(", "(:")), parameters.app.openapi())
