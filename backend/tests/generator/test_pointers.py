"""JSON pointers: how they are written, and what they point to."""

from __future__ import annotations

from typing import Any

import pytest

from client_generator.pointers import join_pointer, resolve_pointer

DOCUMENT = {"paths": {"/a~b": {"get": [{"name": "x"}, 7]}}, "": {"": 1}}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("#", DOCUMENT),
        ("#/paths/~1a~0b/get/0/name", "x"),
        ("#/paths/~1a~0b/get/1", 7),
        ("#//", 1),
    ],
)
def test_pointer_resolves_to_value(pointer: str, value: Any) -> None:
    assert resolve_pointer(DOCUMENT, pointer) == value


@pytest.mark.parametrize(
    "pointer",
    [
        "",
        "/paths",
        "other.json#/paths",
        "#/Paths",
        "#/paths/~1a~0b/get/2",
        "#/paths/~1a~0b/get/1/x",
    ],
)
def test_pointer_to_nothing_raises_lookup_error(pointer: str) -> None:
    with pytest.raises(LookupError):
        resolve_pointer(DOCUMENT, pointer)


def test_joined_pointer_resolves_to_the_named_part() -> None:
    pointer = join_pointer("#/paths", "/a~b", "get", 1)
    assert pointer == "#/paths/~1a~0b/get/1"
    assert resolve_pointer(DOCUMENT, pointer) == 7
