"""A made-up service of any size, with eight operations per model."""

from __future__ import annotations

from pathlib import Path
from string import Template

from generators import export_spec

PER_MODEL = 8
"""The number of operations of each model."""

MODELS_MODULE = "catalogue_models"
"""The module of the models, importable from the folder of the service."""

_MODELS = '''\
from __future__ import annotations
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID
from pydantic import BaseModel, Field

class Stage(StrEnum):
    """How far an item has come."""
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"

class Problem(BaseModel):
    """Why a request failed."""
    title: str
    status: int
    detail: str | None = None

class Tag(BaseModel):
    """A word that items are found by."""
    name: str
    weight: float = 1.0
'''

_MODEL = '''
class Item$n(BaseModel):
    """An item of kind $n."""
    id: UUID
    name: str = Field(description="Shown to people.", max_length=80)
    stage: Stage
    price: Decimal
    weight: float | None = None
    count: int = Field(default=0, ge=0)
    active: bool = True
    created: datetime
    tags: list[Tag] = []
    labels: dict[str, str] = {}
    parent: UUID | None = None
    note: str | None = None
'''

_SERVICE = """\
from datetime import datetime
from typing import Annotated
from uuid import UUID
from fastapi import FastAPI, Header, Query
from catalogue_models import *

app = FastAPI(
    title="Catalogue",
    generate_unique_id_function=lambda route: route.name,
    separate_input_output_schemas=False,
)
ERRORS = {404: {"model": Problem}, 409: {"model": Problem}}
"""

_OPERATIONS = '''
@app.get("/kinds/$n/items", tags=["kind$n"])
async def list_items_$n(
    stage: Annotated[list[Stage] | None, Query()] = None,
    limit: int = 100,
    cursor: str | None = None,
) -> list[Item$n]:
    """Return the items of kind $n, a page at a time."""

@app.post("/kinds/$n/items", tags=["kind$n"], status_code=201, responses=ERRORS)
async def create_item_$n(
    item: Item$n, idempotency_key: Annotated[str | None, Header()] = None
) -> Item$n:
    """Store a new item of kind $n."""

@app.get("/kinds/$n/items/{item_id}", tags=["kind$n"], responses=ERRORS)
async def get_item_$n(item_id: UUID) -> Item$n:
    """Return one item of kind $n."""

@app.put("/kinds/$n/items/{item_id}", tags=["kind$n"], responses=ERRORS)
async def replace_item_$n(item_id: UUID, item: Item$n) -> Item$n:
    """Replace an item of kind $n."""

@app.delete("/kinds/$n/items/{item_id}", tags=["kind$n"], status_code=204, responses=ERRORS)
async def delete_item_$n(item_id: UUID) -> None:
    """Remove an item of kind $n."""

@app.get("/kinds/$n/items/{item_id}/history", tags=["kind$n"], responses=ERRORS)
async def get_history_$n(
    item_id: UUID, since: datetime, x_request_id: Annotated[str | None, Header()] = None
) -> list[Item$n]:
    """Return what an item of kind $n was before."""

@app.post("/kinds/$n/search", tags=["kind$n"])
async def search_items_$n(tags: list[Tag], exact: bool = False) -> list[Item$n]:
    """Return the items of kind $n that have one of the tags."""

@app.get("/kinds/$n/count", tags=["kind$n"])
async def count_items_$n(stage: Stage, active: bool | None = None) -> int:
    """Return how many items of kind $n there are."""
'''


def write_catalogue(folder: Path, operations: int) -> Path:
    """Write the models, the service and its spec, and return the folder that they are in.

    It is both a folder of modules, for the generator, and a folder to import from.
    """
    if operations % PER_MODEL:
        raise SystemExit(f"error: {operations} operations are not a multiple of {PER_MODEL}")
    service = folder / "service"
    service.mkdir()
    parts = {MODELS_MODULE: (_MODELS, _MODEL), "catalogue_service": (_SERVICE, _OPERATIONS)}
    for module, (head, each) in parts.items():
        bodies = [Template(each).substitute(n=n) for n in range(operations // PER_MODEL)]
        (service / f"{module}.py").write_text("".join([head, *bodies]), encoding="utf-8")
    export_spec(service, "catalogue", "catalogue_service")
    return service
