"""Request bodies: JSON, forms, files, text and bytes."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from fastapi import Body, File, Form, Header, Request, UploadFile

from golden.apps.app import shape_app
from golden.apps.models import Cat, Circle, Colour, Dog, Drawing, Item, Level, Login, Node, Square

app = shape_app("Bodies")


@app.post("/items", status_code=201)
async def create_item(item: Item) -> Item:
    return item


@app.post("/orders", status_code=204)
async def place_order(item: Item, idempotency_key: Annotated[str | None, Header()] = None) -> None:
    """Place an order, once for each key."""


@app.patch("/items/{name}")
async def update_item(name: str, changes: Item) -> dict[str, str | None]:
    """Return the fields that were sent: unset and null are different."""
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


@app.post("/several")
async def post_several(
    item: Item,
    count: Annotated[int, Body(ge=1)],
    note: Annotated[str | None, Body()] = None,
    from_: Annotated[str, Body(alias="from")] = "here",
) -> dict[str, str]:
    """Take a body that FastAPI composes of several parameters."""
    return {"item": item.name, "count": str(count), "note": str(note), "from": from_}


@app.put("/nullable")
async def put_nullable(item: Annotated[Item | None, Body()]) -> bool:
    return item is not None


@app.post("/forms")
async def post_form(
    user: Annotated[str, Form()],
    tags: Annotated[list[str], Form()],
    colour: Annotated[Colour | None, Form()] = None,
) -> dict[str, str]:
    return {"user": user, "tags": "|".join(tags), "colour": str(colour)}


@app.post("/logins")
async def post_login(login: Annotated[Login, Form()]) -> Login:
    return login


@app.post("/files")
async def post_files(
    file: UploadFile,
    more: Annotated[list[UploadFile], File()] = [],  # noqa: B006
    raw: Annotated[bytes | None, File()] = None,
    note: Annotated[str, Form()] = "",
) -> list[str]:
    """Return the name, the type and the content of each file."""
    seen = [f"{each.filename} {each.content_type} {await each.read()!r}" for each in (file, *more)]
    return [*seen, repr(raw), note]


@app.put("/texts")
async def put_text(text: Annotated[str, Body(media_type="text/plain")]) -> str:
    return text


@app.put(
    "/bytes",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def put_bytes(request: Request) -> str:
    return f"{request.headers['content-type']} {(await request.body())!r}"


@app.post("/drawings")
async def post_drawing(drawing: Drawing, count: Annotated[int, Body()]) -> Drawing:
    return drawing


@app.post("/things")
async def name_thing(thing: Item | Node) -> str:
    """Take a union without a discriminator: the first model that fits."""
    return type(thing).__name__


@app.post("/embedded")
async def post_embedded(item: Annotated[Item, Body(embed=True)]) -> str:
    return item.name


@app.patch("/settings")
async def change_settings(
    limit: Annotated[int | None, Body()] = None, note: Annotated[str | None, Body()] = None
) -> dict[str, str]:
    """Take a body of several parameters, all of them optional."""
    return {"limit": str(limit), "note": str(note)}


@app.post("/uploads")
async def post_uploads(files: list[UploadFile], sizes: Annotated[list[int], Form()]) -> list[str]:
    return [f"{each.filename} {size}" for each, size in zip(files, sizes, strict=True)]


@app.put("/anything")
async def put_anything(value: Annotated[Any, Body()]) -> Any:
    return value


@app.put("/colour")
async def put_colour(colour: Annotated[Colour, Body()], level: Level) -> Colour:
    return Colour.RED if level is Level.LOW else colour


@app.post("/shapes")
async def post_shapes(
    shapes: list[Annotated[Circle | Square, Body(discriminator="shape")]],
) -> list[str]:
    """Take a union whose discriminator has a default; it must be sent even if it was not set."""
    return [type(shape).__name__ for shape in shapes]


@app.patch("/documents")
async def merge_document(
    changes: Annotated[Item, Body(media_type="application/merge-patch+json")], request: Request
) -> str:
    """Return the media type of the request (JSON Merge Patch, RFC 7396)."""
    return request.headers["content-type"]
