"""What a client offers beside a plain call."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import BackgroundTasks, FastAPI, Header, HTTPException, Response
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from shapes.shape import Call, saw, shape


class Order(BaseModel):
    id: int


class Orders(BaseModel):
    items: list[Order]
    next_cursor: str | None = None


@shape(
    "variant: status and headers of a response",
    python="""
response = await raw_response(client.create)(5)
return [response.status, response.headers["location"], response.body.id]
""",
    typescript="""
const response = await api.create({ id: 5 });
return [response.status, response.headers["location"], response.data.id];
""",
    gets=[201, "/orders/5", 5],
)
def variant_headers(app: FastAPI) -> None:
    @app.post("/orders", status_code=201)
    async def create(id: int, response: Response) -> Order:
        response.headers["Location"] = f"/orders/{id}"
        return Order(id=id)


@shape(
    "variant: a download in pieces",
    python="""
size = 0
async with raw_response(client.download)() as response:
    async for piece in response.iter_bytes():
        size += len(piece)
return size
""",
    typescript="(await api.download()).data.size",
    gets=300_000,
)
def variant_download(app: FastAPI) -> None:
    @app.get("/download", response_class=StreamingResponse)
    async def download() -> StreamingResponse:
        return StreamingResponse(b"x" * 1000 for _ in range(300))


@shape(
    "variant: a synchronous client",
    python=Call("client.create(5).id", sync=True),
    typescript="(await api.create({ id: 5 })).data.id",
    sees={"id": "5"},
    gets=5,
)
def variant_sync(app: FastAPI) -> None:
    @app.post("/orders")
    async def create(id: int) -> Order:
        saw(id=id)
        return Order(id=id)


@shape(
    "variant: a stream of a synchronous client",
    python=Call("[order.id for order in client.watch()]", sync=True),
    typescript="""
const ids: number[] = [];
for await (const order of api.watch()) ids.push(order.id);
return ids;
""",
    gets=[0, 1],
)
def variant_sync_stream(app: FastAPI) -> None:
    @app.get("/orders")
    async def watch() -> AsyncIterable[Order]:
        yield Order(id=0)
        yield Order(id=1)


_PAGES = {"x-pagination": {"cursor": "cursor", "nextCursor": "next_cursor", "items": "items"}}


@shape(
    "variant: all items of all pages (`x-pagination`)",
    python="[order.id async for order in client.iter_list_orders(limit=2)]",
    typescript="""
const ids: number[] = [];
let cursor: string | null | undefined;
do {
  const { data } = await api.listOrders({ limit: 2, ...(cursor ? { cursor } : {}) });
  ids.push(...data.items.map((order) => order.id));
  cursor = data.next_cursor;
} while (cursor);
return ids;
""",
    gets=[0, 1, 2, 3, 4],
)
def variant_pages(app: FastAPI) -> None:
    @app.get("/orders", openapi_extra=_PAGES)
    async def list_orders(limit: int = 100, cursor: str | None = None) -> Orders:
        start = int(cursor or 0)
        items = [Order(id=number) for number in range(start, min(start + limit, 5))]
        return Orders(items=items, next_cursor=str(start + limit) if start + limit < 5 else None)


@shape(
    "variant: a background task does not delay the response",
    python="""
order = await client.create(timeout=30)
await client.finish()
return order.id
""",
    typescript="""
const { data } = await api.create({ timeout: 30_000 });
await api.finish();
return data.id;
""",
    sees={"finished": "True"},
    gets=1,
)
def variant_background(app: FastAPI) -> None:
    may_end = asyncio.Event()

    @app.post("/orders")
    async def create(tasks: BackgroundTasks) -> Order:
        tasks.add_task(may_end.wait)
        return Order(id=1)

    @app.post("/finish")
    async def finish() -> None:
        may_end.set()
        saw(finished=True)


@shape(
    "variant: an application with a lifespan",
    python="await client.get_state()",
    typescript="(await api.getState()).data",
    gets="started",
)
def variant_lifespan(app: FastAPI) -> None:
    states: list[str] = []

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        states.append("started")
        yield

    app.router.lifespan_context = lifespan

    @app.get("/state")
    async def get_state() -> str:
        return states[-1]


@shape(
    "variant: an error that is pickled and copied",
    python="""
try:
    await client.fail()
except ApiError as error:
    twin = copy.copy(pickle.loads(pickle.dumps(error)))
    return [twin.status, json.loads(twin.content)]
return None
""",
    typescript="""
try {
  await api.fail();
} catch (error) {
  const { isAxiosError } = await import("axios");
  return isAxiosError(error) ? [error.response?.status, error.response?.data] : null;
}
return null;
""",
    gets=[404, {"detail": "Not Found"}],
)
def variant_pickled_error(app: FastAPI) -> None:
    @app.get("/fail")
    async def fail() -> int:
        raise HTTPException(404)


@shape(
    "variant: hooks for requests and responses",
    python=Call(
        "[(await client.create(5)).id, *recorded]",
        options='event_hooks={"request": [record_request], "response": [record_response]}',
        gets=[5, "request", "response"],
    ),
    typescript=Call(
        """
const seen: string[] = [];
const http = (await import("axios")).default.create();
http.interceptors.request.use((config) => (seen.push("request"), config));
http.interceptors.response.use((response) => (seen.push("response"), response));
const { id } = (await new client.VariantHooksApi({ basePath, axios: http }).create({ id: 5 })).data;
return [id, ...seen];
""",
        gets=[5, "request", "response"],
    ),
)
def variant_hooks(app: FastAPI) -> None:
    @app.post("/orders")
    async def create(id: int) -> Order:
        return Order(id=id)


recorded: list[str] = []


async def record_request(request: object) -> None:
    recorded[:] = ["request"]


async def record_response(response: object) -> None:
    recorded.append("response")


@shape(
    "variant: a call that is aborted, or that takes too long",
    python=Call(
        "await client.wait(timeout=0.2)", raises="timeout: no complete response within 0.2 s"
    ),
    typescript=Call(
        "(await api.wait({ signal: AbortSignal.timeout(200) })).data", raises="CanceledError"
    ),
)
def variant_timeout(app: FastAPI) -> None:
    @app.get("/wait")
    async def wait() -> int:
        await asyncio.sleep(2)
        return 1


@shape(
    "variant: a response of several megabytes",
    python="len(await client.get_numbers())",
    typescript="(await api.getNumbers()).data.length",
    gets=300_000,
)
def variant_large(app: FastAPI) -> None:
    @app.get("/numbers")
    async def get_numbers() -> list[int]:
        return [*range(1_000_000, 1_300_000)]


@shape(
    "variant: two calls at once",
    python="sorted([o.id for o in await asyncio.gather(client.create(1), client.create(2))])",
    typescript="""
const found = await Promise.all([api.create({ id: 1 }), api.create({ id: 2 })]);
return found.map(({ data }) => data.id);
""",
    gets=[1, 2],
)
def variant_concurrent(app: FastAPI) -> None:
    @app.post("/orders")
    async def create(id: int, x_trace: Annotated[str, Header()] = "") -> Order:
        return Order(id=id)


@shape(
    "variant: a compressed response (`GZipMiddleware`)",
    python="len(await client.get_text())",
    typescript="(await api.getText()).data.length",
    gets=10_000,
)
def variant_compressed(app: FastAPI) -> None:
    app.add_middleware(GZipMiddleware, minimum_size=100)

    @app.get("/text")
    async def get_text() -> str:
        return "a" * 10_000


@shape(
    "variant: OPTIONS as an operation",
    python="await client.describe()",
    typescript="(await api.describe()).data",
    gets=["GET"],
)
def variant_options(app: FastAPI) -> None:
    @app.options("/items")
    async def describe() -> list[str]:
        return ["GET"]


@shape(
    "variant: a call that fails leaves the client usable",
    python="""
try:
    await client.read(0)
except ApiError as error:
    return [error.status, await client.read(1)]
return None
""",
    typescript="""
try {
  await api.read({ number: 0 });
} catch {
  return [404, (await api.read({ number: 1 })).data];
}
return null;
""",
    gets=[404, 1],
)
def variant_after_error(app: FastAPI) -> None:
    @app.get("/numbers/{number}")
    async def read(number: int, response: Response) -> int:
        if number == 0:
            raise HTTPException(404)
        return number


@shape(
    "variant: several cookies of a response",
    python="""
response = await raw_response(client.sign_in)()
return [each.partition(";")[0] for each in response.headers.get_list("set-cookie")]
""",
    typescript="""
const { headers } = await api.signIn();
return headers["set-cookie"]?.map((each) => each.split(";")[0]);
""",
    gets=["a=1", "b=2"],
)
def variant_cookies(app: FastAPI) -> None:
    @app.post("/sign-in")
    async def sign_in(response: Response) -> int:
        response.set_cookie("a", "1")
        response.set_cookie("b", "2")
        return 1
