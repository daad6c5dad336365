"""A made-up service of any size: eight operations per model, with the usual mix of parameters."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from string import Template

PER_MODEL = 8
"""How many operations each model has."""

MODELS_MODULE = "catalogue_models"
"""The models, importable from the folder of the service."""

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
FAULTS = {404: {"model": Problem}, 409: {"model": Problem}}
"""

_OPERATIONS = '''

@app.get("/kinds/$n/items", tags=["kind$n"])
async def list_items_$n(
    stage: Annotated[list[Stage] | None, Query()] = None,
    limit: int = 100,
    cursor: str | None = None,
) -> list[Item$n]:
    """Return the items of kind $n, a page at a time."""


@app.post("/kinds/$n/items", tags=["kind$n"], status_code=201, responses=FAULTS)
async def create_item_$n(
    item: Item$n, idempotency_key: Annotated[str | None, Header()] = None
) -> Item$n:
    """Store a new item of kind $n."""


@app.get("/kinds/$n/items/{item_id}", tags=["kind$n"], responses=FAULTS)
async def get_item_$n(item_id: UUID) -> Item$n:
    """Return one item of kind $n."""


@app.put("/kinds/$n/items/{item_id}", tags=["kind$n"], responses=FAULTS)
async def replace_item_$n(item_id: UUID, item: Item$n) -> Item$n:
    """Put another item in the place of one of kind $n."""


@app.delete("/kinds/$n/items/{item_id}", tags=["kind$n"], status_code=204, responses=FAULTS)
async def delete_item_$n(item_id: UUID) -> None:
    """Remove an item of kind $n."""


@app.get("/kinds/$n/items/{item_id}/history", tags=["kind$n"], responses=FAULTS)
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

_EXPORT = "import json; from catalogue_service import app; print(json.dumps(app.openapi()))"


def write_catalogue(folder: Path, operations: int) -> Path:
    """Write models, service and spec into `folder`, and return the path of the spec.

    The folder is afterwards both a folder of modules, for the generator, and one to import from.
    """
    kinds = range(operations // PER_MODEL)
    _write(folder / f"{MODELS_MODULE}.py", _MODELS, _MODEL, kinds)
    _write(folder / "catalogue_service.py", _SERVICE, _OPERATIONS, kinds)
    command = [sys.executable, "-c", _EXPORT]
    exported = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    spec = folder / "catalogue" / "specs" / "openapi.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(exported.stdout, encoding="utf-8")
    if (found := _count(spec)) != operations:
        raise SystemExit(f"error: {spec} has {found} operations instead of {operations}")
    return spec


def _write(path: Path, head: str, each: str, numbers: range) -> None:
    parts = [Template(each).substitute(n=number) for number in numbers]
    path.write_text("".join([head, *parts]), encoding="utf-8")


def _count(spec: Path) -> int:
    paths = json.loads(spec.read_text(encoding="utf-8"))["paths"]
    return sum(len(item) for item in paths.values())
