"""Problem details: where they locate invalid values, and what they never contain."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal, Self

import httpx
import pytest
from fastapi import Body, FastAPI, Header, Query
from pydantic import BaseModel, Field, StringConstraints, model_validator

from trading_api.models import ProblemField
from trading_api.models.common import RequestModel
from trading_api.shared import problems
from trading_api.shared.problems import ProblemError, ProblemType


class Circle(BaseModel):
    kind: Literal["circle"]
    radius: float


class Square(BaseModel):
    kind: Literal["square"]
    side: float

    @model_validator(mode="after")
    def check_side(self) -> Self:
        if self.side > 100:
            raise ValueError("the square is too large")
        return self


class Drawing(RequestModel):
    shape: Annotated[Circle | Square, Field(discriminator="kind")] | None = None
    points: list[Annotated[int, Field(gt=0)]] = Field(default_factory=list)
    label: int | list[str] = 0
    sizes: dict[str, Annotated[int, Field(gt=0)]] = Field(default_factory=dict)
    groups: dict[Annotated[str, StringConstraints(max_length=3)], dict[str, int]] = Field(
        default_factory=dict
    )


CIRCLE = {"kind": "circle", "radius": 1}


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    problems.install(app)

    @app.post("/drawings")
    def draw(drawing: Drawing) -> None: ...

    @app.post("/embedded")
    def embed(drawing: Annotated[Drawing, Body(embed=True)]) -> None: ...

    @app.get("/drawings")
    def find(
        size: Annotated[list[int] | None, Query()] = None,
        trace: Annotated[int | None, Header(alias="X-Trace")] = None,
    ) -> None: ...

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


def located(response: httpx.Response) -> list[tuple[str, str]]:
    assert response.status_code == 422, response.text
    assert response.json()["type"] == ProblemType.VALIDATION_ERROR
    return [(e.get("pointer", e.get("parameter")), e["code"]) for e in response.json()["errors"]]


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ([], [("#", "model_attributes_type")]),
        ({"points": [1, 0]}, [("#/points/1", "greater_than")]),
        ({"shape": {"kind": "circle"}}, [("#/shape/radius", "missing")]),
        ({"shape": CIRCLE | {"radius": "x"}}, [("#/shape/radius", "float_parsing")]),
        ({"shape": {"kind": "line"}}, [("#/shape", "union_tag_invalid")]),
        ({"shape": {"kind": "square", "side": 101}}, [("#/shape", "value_error")]),
        ({"groups": {"long": {}}}, [("#/groups/long", "string_too_long")]),
        ({"label": "x"}, [("#/label", "int_parsing"), ("#/label", "list_type")]),
        ({"label": {}}, [("#/label", "int_type"), ("#/label", "list_type")]),
        ({"label": [1]}, [("#/label", "int_type"), ("#/label/0", "string_type")]),
        ({"sizes": {"a": 0}}, [("#/sizes/a", "greater_than")]),
        ({"sizes": {"a/b~c": 0}}, [("#/sizes/a~1b~0c", "greater_than")]),
        ({"sizes": {"größe 50%": 0}}, [("#/sizes/gr%C3%B6%C3%9Fe%2050%25", "greater_than")]),
        ({"unknown": 1}, [("#", "extra_forbidden")]),
        ({f"unknown{n}": 1 for n in range(30)}, [("#", "too_many_fields")]),
    ],
)
async def test_error_in_a_body_has_a_pointer_to_the_value(
    http: httpx.AsyncClient, body: Any, errors: list[tuple[str, str]]
) -> None:
    assert located(await http.post("/drawings", json=body)) == errors


async def test_error_in_an_embedded_body_has_a_pointer_from_the_root(
    http: httpx.AsyncClient,
) -> None:
    missing = await http.post("/embedded", json={})
    invalid = await http.post("/embedded", json={"drawing": {"points": [0]}})

    assert located(missing) == [("#/drawing", "missing")]
    assert located(invalid) == [("#/drawing/points/0", "greater_than")]


@pytest.mark.parametrize(("content", "code"), [(b"", "missing"), (b"{", "json_invalid")])
async def test_error_of_a_whole_body_points_at_the_root(
    http: httpx.AsyncClient, content: bytes, code: str
) -> None:
    headers = {"content-type": "application/json"}
    response = await http.post("/drawings", content=content, headers=headers)

    assert located(response) == [("#", code)]


async def test_error_in_a_parameter_has_its_name_on_the_wire(http: httpx.AsyncClient) -> None:
    response = await http.get("/drawings", params={"size": [1, "x"]}, headers={"X-Trace": "y"})

    assert located(response) == [("size", "int_parsing"), ("X-Trace", "int_parsing")]


async def test_problem_of_a_huge_request_stays_small(http: httpx.AsyncClient) -> None:
    long_name = await http.post("/drawings", json={"x" * 100_000: 1})
    long_tag = await http.post("/drawings", json={"shape": {"kind": "x" * 100_000}})
    many = await http.post("/drawings", json={"points": [0] * 10_000})

    assert located(long_name) == [("#", "extra_forbidden")]
    assert located(long_tag) == [("#/shape", "union_tag_invalid")]
    assert len(located(many)) == 20
    assert many.json()["detail"].endswith("; and 17 more")
    assert max(len(response.content) for response in (long_name, long_tag, many)) < 8_000
    assert "xxx" not in long_name.text + long_tag.text
    long_keys = {f"{n}{'k' * 280}": 0 for n in range(100)}
    assert len((await http.post("/drawings", json={"sizes": long_keys})).content) < 8_000


def test_problem_error_with_a_location_has_one_error_with_the_code_of_its_type() -> None:
    error = ProblemError(
        409, "It is filled.", type=ProblemType.ORDER_NOT_WORKING, parameter="order_id"
    )

    assert (error.problem.title, error.problem.detail) == ("Order not working", "It is filled.")
    assert error.problem.errors == [
        ProblemField(parameter="order_id", code="order_not_working", detail="It is filled.")
    ]


def test_problem_error_with_several_errors_says_each_sentence_once() -> None:
    errors = [
        ProblemField(pointer=f"#/{field}", code="odd", detail=detail)
        for field, detail in (("a", "It is odd."), ("b", "It is odd."), ("c", "So is this."))
    ]
    error = ProblemError(422, type=ProblemType.TRADING_RULE_VIOLATION, errors=errors)

    assert str(error) == error.problem.detail == "It is odd. So is this."
    assert error.problem.errors == errors


def test_problem_error_without_a_type_has_the_title_of_its_status() -> None:
    problem = ProblemError(429, "Slow down.").problem

    assert (problem.type, problem.title) == ("about:blank", "Too Many Requests")
    assert problem.errors is None
