"""The index of models: a schema is resolved to a class by its title, which may be generic."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from client_generator.errors import GeneratorError
from client_generator.models import ModelIndex

SHAPES = ModelIndex("golden.apps.models")
FILES = {
    "__init__.py": "from shop_models.orders import Order\n__all__ = ['Order']\n",
    "orders.py": "from pydantic import BaseModel\nclass Order(BaseModel):\n    a: int\n"
    "class Line(BaseModel):\n    b: int\n",
    "stock.py": "from enum import Enum\nfrom shop_models.orders import Line as Imported\n"
    "from pydantic import BaseModel\nclass Line(BaseModel):\n    c: int\n"
    "class Shelf(Enum):\n    TOP = 1\n",
}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Create a package of models with two classes named Line, and return its folder."""
    folder = tmp_path / "shop_models"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    for name in [*sys.modules]:
        if name.partition(".")[0] == "shop_models":
            monkeypatch.delitem(sys.modules, name)
    return folder


def resolve(index: ModelIndex, **schema: Any) -> tuple[str, set[tuple[str, str]]]:
    model = index.resolve(schema, "Key", "#/x")
    return model.type.annotation, set(model.type.imports)


def test_exported_class_is_imported_from_the_package(package: Path) -> None:
    index = ModelIndex("shop_models")
    assert resolve(index, title="Order") == ("Order", {("shop_models", "Order")})
    assert resolve(index, title="Shelf") == ("Shelf", {("shop_models.stock", "Shelf")})


def test_two_classes_of_one_name_raise_error(package: Path) -> None:
    with pytest.raises(GeneratorError) as caught:
        resolve(ModelIndex("shop_models"), title="Line")
    assert str(caught.value) == (
        "#/x: 'Line' is ambiguous: shop_models.orders.Line, shop_models.stock.Line; rename all but"
        " one"
    )


def test_module_that_cannot_be_imported_is_named_if_a_model_is_not_found(package: Path) -> None:
    (package / "zoo.py").write_text("raise RuntimeError('one\\ntwo')\n")
    index = ModelIndex("shop_models")
    resolve(index, title="Shelf")
    with pytest.raises(GeneratorError) as caught:
        resolve(index, title="Lion")
    assert str(caught.value) == (
        "#/x: shop_models has no model 'Lion'; define it there, or import it there"
        " (`from library import Name` suffices), or name its module with --models;"
        rf" shop_models.zoo ({package / 'zoo.py'}): cannot be imported: RuntimeError: one\ntwo"
    )


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
def test_generic_title_resolves_to_annotation(title: str, annotation: str) -> None:
    assert resolve(SHAPES, title=title)[0] == annotation


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
def test_title_that_is_not_a_class_name_raises_error(title: str) -> None:
    with pytest.raises(GeneratorError, match="is not the name of a class"):
        resolve(SHAPES, title=title)


def test_module_that_would_run_or_exit_when_imported_is_skipped(package: Path) -> None:
    (package / "__main__.py").write_text("raise AssertionError('it ran')\n")
    (package / "cli.py").write_text("import sys\nsys.exit(3)\n")
    index = ModelIndex("shop_models")
    assert resolve(index, title="Shelf")[0] == "Shelf"
    with pytest.raises(GeneratorError) as caught:
        resolve(index, title="Lion")
    assert f"shop_models.cli ({package / 'cli.py'}): cannot be imported: it ends" in str(
        caught.value
    )
    (package / "__init__.py").write_text("raise SystemExit\n")
    del sys.modules["shop_models"]
    with pytest.raises(GeneratorError, match=r"shop_models \(.*__init__\.py\): cannot be imported"):
        ModelIndex("shop_models")


@pytest.mark.parametrize(
    ("key", "annotation"),
    [
        ("shop_models__orders__Line", "shop_models__orders__Line"),
        ("shop_models__stock__Line-Input", "shop_models__stock__Line"),
    ],
)
def test_key_with_a_module_names_one_of_two_classes(
    package: Path, key: str, annotation: str
) -> None:
    model = ModelIndex("shop_models").resolve({"title": "Line"}, key, "#/x")
    module = annotation.replace("__", ".").removesuffix(".Line")
    assert model.type.annotation == annotation
    assert model.type.imports == {(module, f"Line as {annotation}")}
    assert model.python.__module__ == module


def test_one_of_two_classes_has_the_fields_of_the_schema(package: Path) -> None:
    schema = {"title": "Line", "properties": {"c": {"type": "integer"}}}
    model = ModelIndex("shop_models").resolve(schema, "Line", "#/x")
    assert model.python.__module__ == "shop_models.stock"


def test_key_wins_over_a_title_that_names_another_class(package: Path) -> None:
    model = ModelIndex("shop_models").resolve({"title": "Order"}, "Shelf", "#/x")
    assert model.type.annotation == "Shelf"


def test_class_of_a_library_is_imported_from_there(package: Path) -> None:
    (package / "pages.py").write_text("from golden.apps.models import Page\n")
    assert resolve(ModelIndex("shop_models"), title="Page[Order]") == (
        "Page[Order]",
        {("golden.apps.models", "Page"), ("shop_models", "Order")},
    )


def test_several_packages_have_their_classes(package: Path) -> None:
    index = ModelIndex("shop_models", "golden.apps.models")
    assert resolve(index, title="Page[Order]")[0] == "Page[Order]"
    with pytest.raises(
        GeneratorError, match=r"shop_models, golden\.apps\.models has no model 'Lion'"
    ):
        resolve(index, title="Lion")


def test_class_with_a_name_other_than_its_variable_is_found(package: Path) -> None:
    (package / "made.py").write_text(
        "from pydantic import create_model\nVariable = create_model('Made', a=(int, 1))\n"
    )
    assert resolve(ModelIndex("shop_models"), title="Made") == (
        "Variable",
        {("shop_models.made", "Variable")},
    )
