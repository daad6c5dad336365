"""The checks of an AsyncAPI document before it is written."""

from __future__ import annotations

from typing import Any

import pytest

import export_asyncapi_spec
from exporter import SpecError
from trading_api.shared.utils import MODULES_DIR, discover_modules_with_websockets

MODULE = discover_modules_with_websockets(MODULES_DIR)[0]


@pytest.mark.parametrize(
    ("schema", "error"),
    [
        ({"$ref": "#/nowhere"}, "the reference '#/nowhere' leads nowhere"),
        ({"type": 5}, "#/components/schemas/Quote is not a valid schema: 5 is not valid under"),
        (
            {"type": "string", "minLength": "a"},
            '#/components/schemas/Quote is not a valid schema: "a" is not of type "integer"',
        ),
    ],
)
def test_invalid_schema_of_a_message_is_an_error(
    monkeypatch: pytest.MonkeyPatch, schema: dict[str, Any], error: str
) -> None:
    document = {"components": {"schemas": {"Quote": schema}}}
    monkeypatch.setattr(export_asyncapi_spec, "asyncapi_document", lambda *_: document)

    with pytest.raises(SpecError) as caught:
        export_asyncapi_spec.build_asyncapi_spec(MODULE)

    assert str(caught.value).startswith(f"module {MODULE}: {error}")
