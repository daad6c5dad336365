"""JSON request bodies."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from fastapi import Body

from shapes.app import shape_app
from shapes.models import Cat, Dog, Item

app = shape_app("Bodies")


@app.post("/items", status_code=201)
async def create_item(item: Item) -> Item:
    return item


@app.patch("/items/{name}")
async def update_item(name: str, changes: Item) -> dict[str, str | None]:
    """Tells unset from null: answers with what was given."""
    return {key: str(value) for key, value in changes.model_dump(exclude_unset=True).items()}


@app.post("/lists")
async def sum_prices(items: list[Item]) -> Decimal:
    return sum((item.price for item in items), Decimal(0))


@app.post("/maps")
async def map_items(items: dict[str, Item]) -> dict[str, int]:
    return {key: item.unit_count for key, item in items.items()}


@app.post("/pets")
async def name_pet(pet: Annotated[Cat | Dog, Body(discriminator="kind")]) -> str:
    return type(pet).__name__


@app.put("/optional")
async def put_optional(item: Item | None = None) -> bool:
    return item is not None


@app.delete("/items")
async def delete_items(names: list[str]) -> int:
    return len(names)
