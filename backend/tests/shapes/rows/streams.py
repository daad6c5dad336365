"""Responses that come item by item: server-sent events, JSON lines."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, HTTPException
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel

from shapes.shape import Call, saw, shape


class Tick(BaseModel):
    number: int
    text: str = ""


@shape(
    "stream: server-sent events of a model",
    python="[tick.number async for tick in client.watch(2)]",
    typescript="""
const ticks: number[] = [];
for await (const tick of api.watch({ count: 2 })) ticks.push(tick.number);
return ticks;
""",
    sees={"count": "2"},
    gets=[0, 1],
)
def stream_events(app: FastAPI) -> None:
    @app.get("/ticks", response_class=EventSourceResponse)
    async def watch(count: int) -> AsyncIterable[Tick]:
        saw(count=count)
        for number in range(count):
            yield Tick(number=number, text="a\nb")


@shape(
    "stream: events that are resumed by `Last-Event-ID`",
    python="""
numbers: list[int] = []
async for tick in client.watch():
    numbers.append(tick.number)
    if len(numbers) == 4:
        break
return numbers
""",
    typescript=Call(
        """
for await (const tick of api.watch()) if (tick.number > 1) return tick.number;
return null;
""",
        raises="",
        sees={"is_resumed": "False"},
    ),
    sees=[{"is_resumed": "False"}, {"is_resumed": "True"}],
    gets=[0, 1, 2, 3],
)
def stream_resumed(app: FastAPI) -> None:
    # The first response breaks off after two events.
    @app.get("/ticks", response_class=EventSourceResponse)
    async def watch(
        last_event_id: Annotated[int, Header(include_in_schema=False)] = -1,
    ) -> AsyncIterable[Tick]:
        saw(is_resumed=last_event_id >= 0)
        for number in range(last_event_id + 1, 4):
            event: Any = ServerSentEvent(data=Tick(number=number), id=str(number), retry=1)
            yield event
            if last_event_id < 0 and number == 1:
                raise ConnectionAbortedError("the connection breaks off, as this shape needs")


@shape(
    "stream: events of a POST, with a body",
    python='[tick.text async for tick in client.chat(Tick(number=2, text="hé"))]',
    typescript="""
const texts: (string | undefined)[] = [];
for await (const tick of api.chat({ body: { number: 2, text: "hé" } })) texts.push(tick.text);
return texts;
""",
    gets=["hé", "hé"],
)
def stream_post(app: FastAPI) -> None:
    @app.post("/chat", response_class=EventSourceResponse)
    async def chat(tick: Tick) -> AsyncIterable[Tick]:
        for _ in range(tick.number):
            yield tick


@shape(
    "stream: JSON lines (`yield` without a response class)",
    python="[tick.number async for tick in client.list_ticks()]",
    typescript="""
const numbers: number[] = [];
for await (const tick of api.listTicks()) numbers.push(tick.number);
return numbers;
""",
    gets=[0, 1, 2],
)
def stream_lines(app: FastAPI) -> None:
    @app.get("/ticks")
    async def list_ticks() -> AsyncIterable[Tick]:
        for number in range(3):
            yield Tick(number=number)


@shape(
    "stream: JSON lines of a function that is not async, left early",
    python="""
async for tick in client.list_ticks():
    return tick.number
return None
""",
    typescript="""
for await (const tick of api.listTicks()) return tick.number;
return null;
""",
    gets=0,
)
def stream_left_early(app: FastAPI) -> None:
    @app.get("/ticks")
    def list_ticks() -> Iterable[Tick]:
        for number in range(1000):
            yield Tick(number=number, text="x" * 1000)


@shape(
    "stream: an error before the first item",
    python="""
try:
    async for tick in client.list_ticks(7):
        return tick.number
except ApiError as error:
    return error.status
return None
""",
    typescript="""
try {
  for await (const tick of api.listTicks({ room: 7 })) return tick.number;
} catch (error) {
  const { isAxiosError } = await import("axios");
  return isAxiosError(error) ? error.response?.status : null;
}
return null;
""",
    gets=404,
)
def stream_error(app: FastAPI) -> None:
    def check(room: int) -> int:
        raise HTTPException(404)

    @app.get("/rooms/{room}")
    async def list_ticks(found: Annotated[int, Depends(check)]) -> AsyncIterable[Tick]:
        yield Tick(number=found)


@shape(
    "stream: JSON lines of texts, numbers and maps",
    python="""
return [
    [each async for each in client.list_texts()],
    [each async for each in client.list_maps()],
]
""",
    typescript="""
const texts: string[] = [];
for await (const each of api.listTexts()) texts.push(each);
const maps: Record<string, number>[] = [];
for await (const each of api.listMaps()) maps.push(each);
return [texts, maps];
""",
    gets=[["a\nb", "ö\u2028"], [{"a": 1}]],
)
def stream_scalars(app: FastAPI) -> None:
    @app.get("/texts")
    async def list_texts() -> AsyncIterable[str]:
        yield "a\nb"
        yield "ö\u2028"

    @app.get("/maps")
    async def list_maps() -> AsyncIterable[dict[str, int]]:
        yield {"a": 1}


@shape(
    "stream: lines of a stream that are null, empty or texts with line separators",
    python="[each async for each in client.lines()]",
    typescript="""
const found: unknown[] = [];
for await (const line of api.lines()) found.push(line);
return found;
""",
    gets=["a\u2028b", None, "", "c\nd", "\u0085"],
)
def issue_lines(app: FastAPI) -> None:
    @app.get("/lines")
    async def lines() -> AsyncIterator[str | None]:
        for each in ("a\u2028b", None, "", "c\nd", "\u0085"):
            yield each


@shape(
    "stream: events with several lines, an empty text and a comment between them",
    python="[event.data async for event in client.watch()]",
    typescript="""
const found: unknown[] = [];
for await (const event of api.watch()) found.push(event.data);
return found;
""",
    gets=["a\nb", "", " c"],
)
def issue_events(app: FastAPI) -> None:
    @app.get("/watch", response_class=EventSourceResponse)
    async def watch() -> AsyncIterator[ServerSentEvent]:
        yield ServerSentEvent(raw_data="a\nb", event="x")
        yield ServerSentEvent(raw_data="")
        yield ServerSentEvent(comment="wait")
        yield ServerSentEvent(raw_data=" c", retry=10)
