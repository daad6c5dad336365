"""Responses: JSON, text, bytes, nothing."""

from datetime import date
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Response
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse, StreamingResponse
from pydantic import BaseModel

from shapes.shape import Call, saw, shape

Responses = dict[int | str, dict[str, Any]]


class Product(BaseModel):
    name: str
    price: float = 10.5
    tags: list[str] = []


@shape(
    "response: scalars, null, lists",
    python="[await client.get_number(), await client.get_text(), await client.get_flag(), await client.get_null(), await client.get_list()]",
    typescript="""
return [
  (await api.getNumber()).data,
  (await api.getText()).data,
  (await api.getFlag()).data,
  (await api.getNull()).data,
  (await api.getList()).data,
];
""",
    gets=[3, "a\nb", True, None, ["2024-02-29"]],
)
def response_scalars(app: FastAPI) -> None:
    @app.get("/number")
    async def get_number() -> int:
        return 3

    @app.get("/text")
    async def get_text() -> str:
        return "a\nb"

    @app.get("/flag")
    async def get_flag() -> bool:
        return True

    @app.get("/null")
    async def get_null() -> int | None:
        return None

    @app.get("/list")
    async def get_list() -> list[date]:
        return [date(2024, 2, 29)]


@shape(
    "response: a pair and a list of pairs",
    python="[await client.get_pair(), await client.get_pairs()]",
    typescript="""
const [number, text]: [number, string] = (await api.getPair()).data;
return [[number, text], (await api.getPairs()).data];
""",
    gets=[[1, "one"], [[1, 2.5]]],
)
def response_tuple(app: FastAPI) -> None:
    @app.get("/pair")
    async def get_pair() -> tuple[int, str]:
        return 1, "one"

    @app.get("/pairs")
    async def get_pairs() -> list[tuple[int, float]]:
        return [(1, 2.5)]


@shape(
    "response: without a declared model",
    python="await client.get_anything()",
    typescript="(await api.getAnything()).data",
    gets={"a": [1, None]},
)
def response_undeclared(app: FastAPI) -> None:
    @app.get("/anything")
    async def get_anything():  # type: ignore[no-untyped-def]
        return {"a": [1, None]}


@shape(
    "response: text that the function does not declare, also if it looks like JSON",
    python="[await client.get_metrics(), await client.get_problem()]",
    typescript="[(await api.getMetrics()).data, (await api.getProblem()).data]",
    gets=["123", {"a": 1}],
)
def response_undeclared_text(app: FastAPI) -> None:
    @app.get("/metrics")
    async def get_metrics() -> Response:
        return Response("123", media_type="text/csv")

    @app.get("/problem")
    async def get_problem() -> Response:
        return Response('{"a": 1}', media_type="application/problem+json")


@shape(
    "response: bytes that the function does not declare",
    python=Call("await client.get_image()", raises="the media type image/png is not declared"),
    typescript="await ((await api.getImage()).data as Blob).text()",
    gets="12",
)
def response_undeclared_bytes(app: FastAPI) -> None:
    @app.get("/image")
    async def get_image() -> Response:
        return Response(b"12", media_type="image/png")


@shape(
    "response: `dict[str, Any]`",
    python="await client.get_map()",
    typescript="(await api.getMap()).data",
    gets={"a": [1, None]},
)
def response_any_map(app: FastAPI) -> None:
    @app.get("/map")
    async def get_map() -> dict[str, Any]:
        return {"a": [1, None]}


@shape(
    "response: `response_model_exclude_unset`",
    python="(await client.get_product()).model_dump(exclude_unset=True)",
    typescript="(await api.getProduct()).data",
    gets={"name": "Foo"},
)
def response_exclude_unset(app: FastAPI) -> None:
    @app.get("/product", response_model=Product, response_model_exclude_unset=True)
    async def get_product() -> dict[str, Any]:
        return {"name": "Foo"}


@shape(
    "response: no content (204)",
    python="await client.delete_item(3)\nreturn None",
    typescript="(await api.deleteItem({ itemId: 3 })).data",
    sees={"item_id": "3"},
    gets=None,
)
def response_no_content(app: FastAPI) -> None:
    @app.delete("/items/{item_id}", status_code=204)
    async def delete_item(item_id: int) -> None:
        saw(item_id=item_id)


@shape(
    "response: accepted, without declared content (202): no bytes",
    python="len(await client.send())",
    typescript="(await api.send()).data.size",
    sees={"sent": "True"},
    gets=0,
)
def response_accepted(app: FastAPI) -> None:
    @app.post("/mails", status_code=202, response_class=Response)
    async def send() -> None:
        saw(sent=True)


@shape(
    "response: `-> None` with status 200",
    python="await client.touch()\nreturn None",
    typescript="(await api.touch()).data",
    sees={"touched": "True"},
    gets=None,
)
def response_null(app: FastAPI) -> None:
    @app.post("/touch")
    async def touch() -> None:
        saw(touched=True)


@shape(
    "response: text, also if it looks like JSON",
    python="[await client.get_text(), await client.get_number()]",
    typescript="[(await api.getText()).data, (await api.getNumber()).data]",
    gets=["größer", "123"],
)
def response_text(app: FastAPI) -> None:
    @app.get("/text", response_class=PlainTextResponse)
    async def get_text() -> str:
        return "größer"

    @app.get("/number", response_class=PlainTextResponse)
    async def get_number() -> str:
        return "123"


@shape(
    "response: text in another charset",
    python="await client.get_text()",
    typescript="(await api.getText()).data",
    gets="größer",
)
def response_charset(app: FastAPI) -> None:
    @app.get("/text", response_class=PlainTextResponse)
    async def get_text() -> Response:
        return Response("größer".encode("latin-1"), media_type="text/plain; charset=iso-8859-1")


@shape(
    "response: HTML",
    python="await client.get_page()",
    typescript="(await api.getPage()).data",
    gets="<h1>a</h1>",
)
def response_html(app: FastAPI) -> None:
    @app.get("/page", response_class=HTMLResponse)
    async def get_page() -> str:
        return "<h1>a</h1>"


@shape(
    "response: XML of a `Response` with a media type",
    python='str(await client.get_legacy()).replace("b\'", "").strip("\'")',
    typescript="""
const data: unknown = (await api.getLegacy()).data;
return data instanceof Blob ? data.text() : data;
""",
    gets="<a/>",
)
def response_xml(app: FastAPI) -> None:
    class XmlResponse(Response):
        media_type = "application/xml"

    @app.get("/legacy", response_class=XmlResponse)
    async def get_legacy() -> Response:
        return XmlResponse("<a/>")


@shape(
    "response: a `FileResponse`",
    python="list(await client.download())[:4]",
    typescript="""
const { data } = await api.download();
return [...new Uint8Array(await data.arrayBuffer())].slice(0, 4);
""",
    gets=[*b'"""R'],
)
def response_file(app: FastAPI) -> None:
    @app.get("/file", response_class=FileResponse)
    async def download() -> FileResponse:
        return FileResponse(Path(__file__), media_type="application/octet-stream")


@shape(
    "response: a `StreamingResponse`",
    python="list(await client.download())",
    typescript="""
const { data } = await api.download();
return [...new Uint8Array(await data.arrayBuffer())];
""",
    gets=[0, 255, 0, 255],
)
def response_streaming(app: FastAPI) -> None:
    @app.get("/video", response_class=StreamingResponse)
    async def download() -> StreamingResponse:
        return StreamingResponse(iter([b"\x00\xff", b"\x00\xff"]), media_type="video/mp4")


_PNG: Responses = {
    200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}
}


@shape(
    "response: declared bytes",
    python="list(await client.get_image())",
    typescript="""
const { data } = await api.getImage();
return [...new Uint8Array(await data.arrayBuffer())];
""",
    gets=[137, 80, 255],
)
def response_image(app: FastAPI) -> None:
    @app.get("/image", response_class=Response, responses=_PNG)
    async def get_image() -> Response:
        return Response(b"\x89P\xff", media_type="image/png")


_OCTETS: Responses = {200: {"content": {"application/octet-stream": {}}}}


@shape(
    "response: bytes declared without a schema, and an empty one",
    python="[list(await client.get_bytes(2)), list(await client.get_bytes(0))]",
    typescript="""
const numbers = async (count: number): Promise<number[]> => {
  const { data } = await api.getBytes({ count });
  return data instanceof Blob ? [...new Uint8Array(await data.arrayBuffer())] : [];
};
return [await numbers(2), await numbers(0)];
""",
    gets=[[255, 255], []],
)
def response_octets(app: FastAPI) -> None:
    @app.get("/bytes", response_class=Response, responses=_OCTETS)
    async def get_bytes(count: int) -> Response:
        return Response(b"\xff" * count, media_type="application/octet-stream")
