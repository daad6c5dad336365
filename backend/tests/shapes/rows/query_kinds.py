"""Parameters in the query: types, aliases, empty and optional values."""

from datetime import datetime, time
from ipaddress import IPv4Network
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from fastapi import Cookie, Depends, FastAPI, Header, Query, Request
from pydantic import AliasChoices, AnyUrl, BaseModel, ConfigDict, Field, SecretStr
from pydantic.alias_generators import to_camel

from shapes.rows.shared_models import Level, Tone
from shapes.shape import Call, saw, shape


@shape(
    "query: large and small floats, and a time zone with `+`",
    python="""
from datetime import timezone

zone = timezone(timedelta(hours=5, minutes=30))
return await client.search(1e22, 1e-7, datetime(2024, 2, 29, 12, 30, tzinfo=zone))
""",
    typescript='(await api.search({ big: 1e22, small: 1e-7, since: "2024-02-29T12:30:00+05:30" })).data',
    sees={"big": "1e+22", "small": "1e-07", "since": "'2024-02-29T12:30:00+05:30'"},
)
def query_floats(app: FastAPI) -> None:
    @app.get("/search")
    async def search(big: float, small: float, since: datetime) -> dict[str, str]:
        return saw(big=big, small=small, since=since.isoformat())


@shape(
    "query: names with brackets (`ids[]`, `filter[name]`)",
    python='await client.search([1, 2], filter_name="x")',
    typescript='(await api.search({ ids: [1, 2], filterName: "x" })).data',
    sees={"ids": "[1, 2]", "name": "'x'"},
)
def query_brackets(app: FastAPI) -> None:
    @app.get("/search")
    async def search(
        ids: Annotated[list[int], Query(alias="ids[]")],
        name: Annotated[str, Query(alias="filter[name]")] = "",
    ) -> dict[str, str]:
        return saw(ids=ids, name=name)


@shape(
    "query: half of a surrogate pair, which no request can have",
    python=Call('await client.search("\\ud800")', raises="", sees=None),
    typescript=Call('(await api.search({ q: "\\ud800" })).data', raises="", sees=None),
)
def query_surrogate(app: FastAPI) -> None:
    @app.get("/search")
    async def search(q: str) -> dict[str, str]:
        return saw(q=q)


@shape(
    "query: `SecretStr`",
    python='await client.search("s3cret")',
    typescript='(await api.search({ key: "s3cret" })).data',
    sees={"key": "'s3cret'"},
)
def query_secret(app: FastAPI) -> None:
    @app.get("/search")
    async def search(key: Annotated[SecretStr, Query()]) -> dict[str, str]:
        return saw(key=key.get_secret_value())


class Wide(BaseModel):
    first: int = Field(1, alias="FirstName")
    second: int = Field(2, alias="second-name")
    third: int | None = Field(None, alias="3rd")


@shape(
    "query: a model with aliases that are not names",
    python="await client.search(first_name=5, second_name=6, _3rd=7)",
    typescript="(await api.search({ firstName: 5, secondName: 6, _3rd: 7 })).data",
    sees={"wide": "Wide(first=5, second=6, third=7)"},
)
def query_model_aliases(app: FastAPI) -> None:
    @app.get("/search")
    async def search(wide: Annotated[Wide, Query()]) -> dict[str, str]:
        return saw(wide=wide)


@shape(
    "query: an argument that is undefined or None is not sent",
    python="await client.search(q=None, limit=None)",
    typescript="(await api.search({ q: undefined, limit: undefined })).data",
    sees={"query": "''"},
)
def query_undefined(app: FastAPI) -> None:
    @app.get("/search")
    async def search(request: Request, q: str | None = None, limit: int = 5) -> dict[str, str]:
        return saw(query=request.url.query)


class ChoiceFilter(BaseModel):
    model_config = ConfigDict(extra="forbid")
    page_size: int = Field(10, validation_alias=AliasChoices("pageSize", "page_size"))
    order: Literal["asc", None] = None


@shape(
    "query: a query model with `AliasChoices`",
    python="await client.search(page_size=5)",
    typescript="(await api.search({ pageSize: 5 })).data",
    sees={"page_size": "5"},
)
def issue_alias_choices(app: FastAPI) -> None:
    @app.get("/search")
    async def search(choices: Annotated[ChoiceFilter, Query()]) -> dict[str, str]:
        return saw(page_size=choices.page_size)


@shape(
    "query: `validation_alias` of a query parameter, header and cookie",
    python='await client.search(page_size=5, x_trace="t", sid="s")',
    typescript='(await api.search({ pageSize: 5, xTrace: "t", sid: "s" })).data',
    sees={"size": "5", "trace": "'t'", "session": "'s'"},
)
def issue_validation_alias(app: FastAPI) -> None:
    @app.get("/search")
    async def search(
        size: Annotated[int, Query(validation_alias="pageSize")] = 1,
        trace: Annotated[str | None, Header(validation_alias="X-Trace")] = None,
        session: Annotated[str | None, Cookie(validation_alias="sid")] = None,
    ) -> dict[str, str]:
        return saw(size=size, trace=trace, session=session)


class FilterClass:
    def __init__(
        self,
        q: str | None = None,
        ids: Annotated[list[int] | None, Query()] = None,
        since: datetime | None = None,
    ) -> None:
        self.q, self.ids, self.since = q, ids, since


@shape(
    "query: a class as a dependency, a list and a datetime with a zone",
    python='await client.search(q="a+b&c", ids=[1, 2], since=datetime.fromisoformat("2026-01-02T03:04:05+02:00"))',
    typescript='(await api.search({ q: "a+b&c", ids: [1, 2], since: "2026-01-02T03:04:05+02:00" })).data',
    sees={"q": "'a+b&c'", "ids": "[1, 2]", "since": "'2026-01-02T03:04:05+02:00'"},
)
def issue_class_dependency(app: FastAPI) -> None:
    @app.get("/search")
    async def search(filters: Annotated[FilterClass, Depends()]) -> dict[str, str]:
        return saw(q=filters.q, ids=filters.ids, since=filters.since and filters.since.isoformat())


@shape(
    "query: an empty list where the default is another one",
    python=Call("await client.search(ids=[])", raises="ids: an empty list cannot be sent here"),
    typescript=Call(
        "(await api.search({ ids: [] })).data", raises="The list ids is empty, which cannot be sent"
    ),
    sees=None,
)
def issue_empty_list(app: FastAPI) -> None:
    @app.get("/search")
    async def search(ids: Annotated[list[int], Query()] = [1, 2]) -> dict[str, str]:
        return saw(ids=ids)


@shape(
    "query: lists of booleans, of numbers or null, of enums in the query; `default_factory`",
    python="await client.search(flags=[True, False], levels={Level.HIGH})",
    typescript="(await api.search({ flags: [true, false], levels: [2] })).data",
    sees={"flags": "[True, False]", "levels": "{<Level.HIGH: 2>}", "names": "[]"},
)
def issue_query_kinds(app: FastAPI) -> None:
    @app.get("/search")
    async def search(
        flags: Annotated[list[bool], Query()],
        names: Annotated[list[str], Query(default_factory=list)],
        levels: Annotated[frozenset[Level] | None, Query()] = None,
    ) -> dict[str, str]:
        return saw(flags=flags, levels=levels and set(levels), names=names)


@shape(
    "query: an optional list in the query that is empty, where None means no filter",
    python=Call("await client.remove(ids=[])", raises="ids: an empty list cannot be sent here"),
    typescript=Call("(await api.remove({ ids: [] })).data", raises="The list ids is empty"),
    sees=None,
)
def issue_remove_all(app: FastAPI) -> None:
    @app.delete("/items")
    async def remove(ids: Annotated[list[int] | None, Query()] = None) -> dict[str, str]:
        return saw(ids=ids)


@shape(
    "query: an empty list where the default is null, and the type does not say so",
    python=Call("await client.remove(ids=[])", raises="ids: an empty list cannot be sent here"),
    typescript=Call("(await api.remove({ ids: [] })).data", raises="The list ids is empty"),
    sees=None,
)
def query_hidden_null(app: FastAPI) -> None:
    @app.delete("/items")
    async def remove(ids: list[int] = Query(default=None)) -> dict[str, str]:  # noqa: B008
        return saw(ids=ids)


@shape(
    "query: a query model beside another query parameter and a header",
    python='await client.search(5, tags={"a"}, sort="-created_at", x_token="t")',
    typescript='(await api.search({ limit: 5, tags: ["a"], sort: "-created_at", xToken: "t" })).data',
    sees={"limit": "5", "tags": "['a']", "sort": "'-created_at'", "token": "'t'"},
)
def issue_query_model(app: FastAPI) -> None:
    def filters(limit: int, tags: Annotated[set[str] | None, Query()] = None) -> dict[str, Any]:
        return {"limit": limit, "tags": tags and sorted(tags)}

    def sorting(
        sort: Annotated[Literal["created_at", "-created_at"], Query()] = "created_at",
    ) -> str:
        return sort

    @app.get("/search", dependencies=[Depends(sorting)])
    async def search(
        found: Annotated[dict[str, Any], Depends(filters)],
        sort: Annotated[str, Depends(sorting)],
        x_token: Annotated[str | None, Header()] = None,
    ) -> dict[str, str]:
        return saw(limit=found["limit"], tags=found["tags"], sort=sort, token=x_token)


class CamelFilter(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")
    page_size: int = 10
    created_after: datetime | None = None
    status_in: list[Tone] = Field(default_factory=lambda: [Tone.LOWER])
    is_open: bool | None = None


@shape(
    "query: a query model with a camelCase generator, a list with a factory, a boolean",
    python="await client.search(page_size=5, created_after=datetime(2026, 1, 2, tzinfo=UTC), status_in=[Tone.DASH], is_open=False)",
    typescript='(await api.search({ pageSize: 5, createdAfter: "2026-01-02T00:00:00Z", statusIn: ["a-b"], isOpen: false })).data',
    sees={"size": "5", "after": "True", "status": "[<Tone.DASH: 'a-b'>]", "open": "False"},
)
def issue_camel_query(app: FastAPI) -> None:
    @app.get("/search")
    async def search(filters: Annotated[CamelFilter, Query()]) -> dict[str, str]:
        return saw(
            size=filters.page_size,
            after=filters.created_after == datetime.fromisoformat("2026-01-02T00:00:00+00:00"),
            status=filters.status_in,
            open=filters.is_open,
        )


@shape(
    "query: a time with a zone, a URL, a network, a path",
    python="""
at = datetime.fromisoformat("2026-01-02T10:00:00+02:00").timetz()
return await client.search(at, "https://a.example/x?y=1&z=ü", "10.0.0.0/8", "/a b/c")
""",
    typescript="""
(await api.search({ at: "10:00:00+02:00", url: "https://a.example/x?y=1&z=ü", net: "10.0.0.0/8", file: "/a b/c" })).data
""",
    sees={
        "at": "'10:00:00+02:00'",
        "url": "'https://a.example/x?y=1&z=%C3%BC'",
        "net": "'10.0.0.0/8'",
        "file": "'/a b/c'",
    },
)
def issue_query_types(app: FastAPI) -> None:
    @app.get("/search")
    async def search(
        at: time, url: AnyUrl, net: IPv4Network, file: PurePosixPath
    ) -> dict[str, str]:
        return saw(at=at.isoformat(), url=str(url), net=str(net), file=str(file))
