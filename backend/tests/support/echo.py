"""A service that says what it received, and a client of it without generated code."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from fastapi import Body, FastAPI, Form, Query, Request, Response, UploadFile
from fastapi.responses import PlainTextResponse, StreamingResponse
from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    JsonValue,
    Secret,
    SecretBytes,
    SecretStr,
    Tag,
)

from trading_api.shared.client import Operation, ServiceClient
from trading_api.shared.client.values import Parameters
from trading_api.shared.client.wire import (
    JsonAdapter,
    Payload,
    read_bytes,
    read_nothing,
    read_text,
)


class Account(BaseModel):
    name: str
    password: SecretStr
    key: SecretBytes = SecretBytes(b"")
    born: Secret[date] | None = None


class Accounts(BaseModel):
    accounts: list[Account]
    by_name: dict[str, SecretStr] = {}


class Login(BaseModel):
    user: str
    password: SecretStr


class Limits(BaseModel):
    low: int = 0
    high: int = 10


class Order(BaseModel):
    id: UUID = Field(default_factory=uuid4)
    created: datetime = Field(default_factory=lambda: datetime.now(UTC))
    tags: list[str] = []
    labels: dict[str, str] = Field(default_factory=dict)
    limits: Limits = Limits(low=1)
    more_limits: list[Limits] = Field(default_factory=lambda: [Limits()])
    note: str | None = None


class Cat(BaseModel):
    lives: int = 9


class Dog(BaseModel):
    tricks: int = 3


class Puppy(Dog):
    weeks: int = 8


class Canine(BaseModel):
    kind: Literal["dog", "wolf"] = "dog"
    name: str = "?"


class Feline(BaseModel):
    kind: Literal["cat"] = "cat"
    name: str = "?"


class Twin(BaseModel):
    name: str = "?"


class OtherTwin(BaseModel):
    name: str = "?"


class Kennel(BaseModel):
    pet: Cat | Dog
    animal: Annotated[Canine | Feline, Field(discriminator="kind")]
    more: dict[str, list[Cat | Dog]] = {}


@dataclass
class Point:
    x: int = 0
    labels: list[str] | None = None


def _kind_of(value: Any) -> str:
    is_cat = "lives" in value if isinstance(value, dict) else isinstance(value, Cat)
    return "cat" if is_cat else "dog"


CallablePet = Annotated[
    Annotated[Cat, Tag("cat")] | Annotated[Dog, Tag("dog")], Discriminator(_kind_of)
]


class Reading(BaseModel):
    value: float
    note: str | None = None
    history: list[float] = []


class OpenReading(BaseModel):
    model_config = ConfigDict(ser_json_inf_nan="constants")

    value: float
    note: str | None = None


class Upload(BaseModel):
    file: UploadFile
    more: list[UploadFile] = []
    title: str = Field(default="?", alias="docTitle")
    sizes: list[int] = []
    password: SecretStr = SecretStr("")


app = FastAPI()


@app.post("/accounts")
async def post_accounts(body: Accounts) -> list[str]:
    revealed = [
        f"{each.name} {each.password.get_secret_value()} {each.key.get_secret_value()!r}"
        f" {each.born.get_secret_value() if each.born else None}"
        for each in body.accounts
    ]
    return revealed + [f"{n}={each.get_secret_value()}" for n, each in body.by_name.items()]


@app.post("/logins")
async def post_login(form: Annotated[Login, Form()]) -> str:
    return f"{form.user} {form.password.get_secret_value()}"


@app.patch("/orders")
async def patch_order(body: Order) -> dict[str, Any]:
    return body.model_dump(exclude_unset=True, mode="json")


@app.post("/pets")
async def post_pet(pet: Cat | Dog) -> str:
    return repr(pet)


@app.post("/lists")
async def post_list(pets: list[Cat] | list[Dog]) -> str:
    return repr(pets)


@app.post("/callable")
async def post_callable(pet: CallablePet) -> str:
    return repr(pet)


@app.post("/animals")
async def post_animal(
    animal: Annotated[Canine | Feline, Body(discriminator="kind")],
) -> str:
    return repr(animal)


@app.post("/kennels")
async def post_kennel(kennel: Kennel) -> str:
    return repr(kennel)


@app.post("/raw")
async def post_raw(request: Request) -> str:
    """Return the body as it arrived."""
    return (await request.body()).decode("latin-1")


@app.post("/sizes")
async def post_size(request: Request) -> list[int]:
    """Return the sizes of the chunks."""
    return [len(chunk) async for chunk in request.stream() if chunk]


@app.post("/uploads")
async def post_upload(form: Annotated[Upload, Form()]) -> list[str]:
    files = [form.file, *form.more]
    seen = [f"{each.filename} {each.content_type} {await each.read()!r}" for each in files]
    return [*seen, form.title, str(form.sizes), form.password.get_secret_value()]


@app.get("/requests")
async def get_request(request: Request) -> dict[str, Any]:
    """Return the query, the headers and the cookies of the request."""
    return {
        "query": request.url.query,
        "headers": dict(request.headers),
        "cookies": request.cookies,
    }


@app.get("/texts")
async def get_text(charset: str) -> Response:
    return Response(
        "größer €".encode(charset, "replace"), media_type=f"text/plain; charset={charset}"
    )


@app.get("/reports")
async def get_report(kind: str) -> Response:
    if kind == "csv":
        return PlainTextResponse("a,b", media_type="text/csv")
    return Response('{"rows": 2}', media_type="application/json")


@app.get("/chunks")
async def get_chunks(count: Annotated[int, Query()]) -> StreamingResponse:
    async def chunks() -> AsyncIterator[bytes]:
        for number in range(count):
            yield b"%d\n" % number

    headers = {"x-total": str(count)}
    response = StreamingResponse(chunks(), media_type="application/octet-stream", headers=headers)
    response.set_cookie("a", "1")
    response.set_cookie("b", "2")
    return response


ANYTHING: JsonAdapter[Any] = JsonAdapter(JsonValue)


class EchoClient(ServiceClient):
    """A client as the generator writes it, but for any path and body."""

    module = "echo"
    default_url = ""

    async def send(self, path: str, body: Payload, method: str = "POST") -> Any:
        operation: Operation[Any] = Operation(method, path, responses={200: ANYTHING.read})
        return await self._call(operation, path, body=body)

    async def get_request(
        self, query: Parameters = (), headers: dict[str, str] | None = None
    ) -> Any:
        """Return the request as the service saw it."""
        return await self._call(_GET_REQUEST, "/requests", query=query, extra_headers=headers)

    async def get_text(self, charset: str) -> str:
        return await self._call(_GET_TEXT, "/texts", query=(("charset", charset),))

    async def get_report(self, kind: str, *, accept: str | None = None) -> JsonValue | str:
        query = (("kind", kind),)
        return await self._call(_GET_REPORT, "/reports", query=query, accept=accept)

    async def get_chunks(self, count: int, *, timeout: float | None = None) -> bytes:
        query = (("count", count),)
        return await self._call(_GET_CHUNKS, "/chunks", query=query, timeout=timeout)

    async def delete_chunks(self) -> None:
        """Make a call that the service rejects."""
        await self._call(_DELETE_CHUNKS, "/chunks")


_GET_REQUEST: Operation[JsonValue] = Operation(
    "GET",
    "/requests",
    responses={200: ANYTHING.read},
    api_keys=(("query", "key"), ("header", "X-Key"), ("cookie", "key")),
)
_GET_TEXT: Operation[str] = Operation("GET", "/texts", responses={200: read_text})
_GET_REPORT: Operation[JsonValue | str] = Operation(
    "GET",
    "/reports",
    responses={200: {"application/json": ANYTHING.read, "text/*": read_text}},
)
_GET_CHUNKS: Operation[bytes] = Operation("GET", "/chunks", responses={200: read_bytes})
_DELETE_CHUNKS: Operation[None] = Operation("DELETE", "/chunks", responses={204: read_nothing})
