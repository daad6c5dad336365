"""Which class a schema stands for: by its title, which may be generic, or by its extension."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from client_generator.errors import GeneratorError
from client_generator.models import ModelIndex

SHAPES = ModelIndex("shapes.models")
FILES = {
    "__init__.py": "from shop_models.orders import Order\n",
    "orders.py": "from pydantic import BaseModel\nclass Order(BaseModel):\n    a: int\n"
    "class Line(BaseModel):\n    b: int\n",
    "stock.py": "from enum import Enum\nfrom shop_models.orders import Line as Imported\n"
    "from pydantic import BaseModel\nclass Line(BaseModel):\n    c: int\n"
    "class Shelf(Enum):\n    TOP = 1\n",
}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a package of models with two classes called Line."""
    folder = tmp_path / "shop_models"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    for name in [*sys.modules]:
        if name.partition(".")[0] == "shop_models":
            monkeypatch.delitem(sys.modules, name)
    return folder


def resolved(index: ModelIndex, **schema: Any) -> tuple[str, set[tuple[str, str]]]:
    model = index.resolve(schema, "Key", "#/x")
    return model.type.annotation, set(model.type.imports)


def test_class_is_imported_from_where_the_package_offers_it(package: Path) -> None:
    index = ModelIndex("shop_models")
    assert resolved(index, title="Order") == ("Order", {("shop_models", "Order")})
    assert resolved(index, title="Shelf") == ("Shelf", {("shop_models.stock", "Shelf")})


def test_two_classes_of_one_name_are_told_apart_by_the_extension(package: Path) -> None:
    index = ModelIndex("shop_models")
    with pytest.raises(GeneratorError) as caught:
        resolved(index, title="Line")
    assert str(caught.value) == (
        "#/x: 'Line' is ambiguous: shop_models.orders.Line, shop_models.stock.Line; rename all but"
        " one"
    )
    assert resolved(index, title="Line", **{"x-python-class": "shop_models.stock.Line"}) == (
        "Line",
        {("shop_models.stock", "Line")},
    )


@pytest.mark.parametrize("name", ["os.system", "shop_models.stock.Order", "Line", "", 7])
def test_extension_that_names_no_model(package: Path, name: object) -> None:
    with pytest.raises(GeneratorError, match="is no model of shop_models"):
        resolved(ModelIndex("shop_models"), title="Line", **{"x-python-class": name})


def test_module_of_the_package_that_fails(package: Path) -> None:
    (package / "zoo.py").write_text("raise RuntimeError('one\\ntwo')\n")
    with pytest.raises(GeneratorError) as caught:
        ModelIndex("shop_models")
    message = r"shop_models.zoo: cannot be imported: RuntimeError: one\ntwo"
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("title", "annotation"),
    [
        ("Page[Item]", "Page[Item]"),
        ("Page[Union[Cat, Dog, NoneType]]", "Page[Cat | Dog | None]"),
        ("Page[Cat | None]", "Page[Cat | None]"),
        ("Page[Literal['a', 1, None]]", "Page[Literal['a', 1] | None]"),
        ("Page[dict[str, list[datetime]]]", "Page[dict[str, list[datetime]]]"),
        ("Page[tuple[Decimal, UUID]]", "Page[tuple[Decimal, UUID]]"),
        ("Page[Any]", "Page[JsonValue]"),
        ("int", "int"),
    ],
)
def test_title_of_a_generic_model(title: str, annotation: str) -> None:
    assert resolved(SHAPES, title=title)[0] == annotation


@pytest.mark.parametrize(
    "title",
    [
        "",
        "Item Input",
        "Item()",
        "Item; import os",
        "Item.__class__",
        "Page[Item",
        "Page['Item']",
        "Item[int]",
        "Page[(lambda: 0)()]",
        "Page[Literal[Item]]",
        "\x00",
        "(" * 1000,
        "|".join(["Item"] * 5000),
    ],
)
def test_title_that_is_no_class_name(title: str) -> None:
    with pytest.raises(GeneratorError, match="is no class name"):
        resolved(SHAPES, title=title)
