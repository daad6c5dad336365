"""A FastAPI application without configuration: default operation ids and 422, no server."""

from __future__ import annotations

from fastapi import FastAPI, HTTPException

from golden.apps.models import Item

app = FastAPI(title="Plain")


@app.get("/items/{item_id}")
async def read_item(item_id: int) -> Item:
    if item_id == 0:
        raise HTTPException(404)
    return Item(name=str(item_id), price="1")
