"""Responses of errors: validation errors, plain text, nothing."""

from typing import Annotated

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from pydantic import Field

from shapes.rows.shared_models import MaybeItem
from shapes.shape import shape


@shape(
    "error: plain text, and nothing",
    python="""
found: list[object] = []
for number in (400, 404):
    try:
        await client.fail(number)
    except ApiError as error:
        found += [error.status, error.body if error.content else None]
return found
""",
    typescript="""
const found: unknown[] = [];
for (const number of [400, 404]) {
  try {
    await api.fail({ number });
  } catch (error) {
    const failure = client.failureOf<Operations["fail"]>(error);
    found.push(failure?.status, failure?.data || null);
  }
}
return found;
""",
    gets=[400, "größer", 404, None],
)
def error_text(app: FastAPI) -> None:
    text = {"content": {"text/plain": {"schema": {"type": "string"}}}}

    @app.get("/fail", responses={400: text, 404: {"description": "Nothing"}})
    async def fail(number: int) -> int:
        content = "größer" if number == 400 else ""
        return PlainTextResponse(content, number)  # type: ignore[return-value]


@shape(
    "error: a constrained body, with errors of validation by pydantic's location",
    python="""
try:
    await client.put([MaybeItem.model_construct(name="a")] * 4)
except ApiError as error:
    return [error.status, type(error.body).__name__]
return None
""",
    typescript="""
try {
  await api.put({ body: Array.from({ length: 4 }, () => ({ name: "a" })) });
} catch (error) {
  const failure = client.failureOf<Operations["put"]>(error);
  if (failure?.status === 422) return [422, failure.data.detail?.[0]?.loc];
}
return null;
""",
)
def issue_422(app: FastAPI) -> None:
    @app.put("/put")
    async def put(value: Annotated[list[MaybeItem], Field(max_length=3)]) -> int:
        return len(value)
