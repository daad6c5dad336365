"""Forms and files."""

from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated

from fastapi import Body, Depends, FastAPI, File, Form, Request, UploadFile
from fastapi.security import OAuth2PasswordRequestForm
from pydantic import BaseModel, ConfigDict, Field, Json, SecretStr

from shapes.shape import Call, saw, shape


class Fabric(Enum):
    WOOL = "wool & silk"


@shape(
    "form: fields",
    python='await client.login("ada", "p&w=ü+ %", colour=Fabric.WOOL)',
    typescript="""
(await api.login({ body: { username: "ada", password: "p&w=ü+ %", colour: "wool & silk" } })).data
""",
    sees={
        "username": "'ada'",
        "password": "'p&w=ü+ %'",
        "colour": "<Fabric.WOOL: 'wool & silk'>",
        "type": "'application/x-www-form-urlencoded'",
    },
)
def form_fields(app: FastAPI) -> None:
    @app.post("/login")
    async def login(
        request: Request,
        username: Annotated[str, Form()],
        password: Annotated[str, Form()],
        colour: Annotated[Fabric | None, Form()] = None,
    ) -> dict[str, str]:
        kind = request.headers["content-type"].partition(";")[0]
        return saw(username=username, password=password, colour=colour, type=kind)


@shape(
    "form: lists, repeated",
    python='await client.save(["a", "b,c"], sizes=[1, 2])',
    typescript='(await api.save({ body: { tags: ["a", "b,c"], sizes: [1, 2] } })).data',
    sees={"tags": "['a', 'b,c']", "sizes": "[1, 2]"},
)
def form_lists(app: FastAPI) -> None:
    @app.post("/tags")
    async def save(
        tags: Annotated[list[str], Form()], sizes: Annotated[list[int], Form()] = []
    ) -> dict[str, str]:
        return saw(tags=tags, sizes=sizes)


class FormData(BaseModel):
    model_config = ConfigDict(extra="forbid")

    user_name: str = Field(alias="userName")
    password: SecretStr
    remember: bool = False
    tags: list[str] = []


@shape(
    "form: a model with an alias, a secret and a list",
    python='await client.login(FormData(userName="ada", password=SecretStr("s3"), tags=["a", "b"]))',
    typescript="""
(await api.login({ body: { userName: "ada", password: "s3", tags: ["a", "b"] } })).data
""",
    sees={"user_name": "'ada'", "password": "'s3'", "remember": "False", "tags": "['a', 'b']"},
)
def form_model(app: FastAPI) -> None:
    @app.post("/login")
    async def login(data: Annotated[FormData, Form()]) -> dict[str, str]:
        return saw(
            user_name=data.user_name,
            password=data.password.get_secret_value(),
            remember=data.remember,
            tags=data.tags,
        )


@shape(
    "form: optional fields, all left out",
    python="await client.search()",
    typescript="(await api.search()).data",
    sees={"q": "None", "limit": "10"},
)
def form_optional(app: FastAPI) -> None:
    @app.post("/search")
    async def search(
        q: Annotated[str | None, Form()] = None, limit: Annotated[int, Form()] = 10
    ) -> dict[str, str]:
        return saw(q=q, limit=limit)


@shape(
    "form: the password form of OAuth2",
    python='await client.token("ada", "pw", grant_type="password", scope="a b")',
    typescript="""
(await api.token({ body: { grant_type: "password", username: "ada", password: "pw", scope: "a b" } })).data
""",
    sees={"username": "'ada'", "password": "'pw'", "scopes": "['a', 'b']"},
)
def form_oauth2(app: FastAPI) -> None:
    @app.post("/token")
    async def token(form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> dict[str, str]:
        return saw(username=form.username, password=form.password, scopes=form.scopes)


@shape(
    "file: an `UploadFile`",
    python="""
await client.upload(FileUpload(b"\\x00\\xff", filename="größe.png", content_type="image/png"))
""",
    typescript="""
const file = new File([new Uint8Array([0, 255])], "größe.png", { type: "image/png" });
return (await api.upload({ body: { file } })).data;
""",
    sees={"name": "'größe.png'", "type": "'image/png'", "content": repr(b"\x00\xff")},
)
def file_upload(app: FastAPI) -> None:
    @app.post("/uploadfile")
    async def upload(file: UploadFile) -> dict[str, str]:
        return saw(name=file.filename, type=file.content_type, content=await file.read())


@shape(
    "file: as bytes",
    python='await client.upload(b"a\\r\\nb")',
    typescript='(await api.upload({ body: { file: new Blob(["a\\r\\nb"]) } })).data',
    sees={"file": repr(b"a\r\nb")},
)
def file_bytes(app: FastAPI) -> None:
    @app.post("/files")
    async def upload(file: Annotated[bytes, File()]) -> dict[str, str]:
        return saw(file=file)


@shape(
    "file: optional, left out",
    python="await client.upload()",
    typescript="(await api.upload()).data",
    sees={"file": "None"},
)
def file_optional(app: FastAPI) -> None:
    @app.post("/uploadfile")
    async def upload(file: UploadFile | None = None) -> dict[str, str]:
        return saw(file=file)


@shape(
    "file: several files",
    python='await client.upload([b"a", FileUpload(b"b", filename="b.txt")])',
    typescript="""
(await api.upload({ body: { files: [new Blob(["a"]), new File(["b"], "b.txt")] } })).data
""",
    sees={"contents": repr([b"a", b"b"]), "last": "'b.txt'"},
)
def file_list(app: FastAPI) -> None:
    @app.post("/uploadfiles")
    async def upload(files: list[UploadFile]) -> dict[str, str]:
        return saw(contents=[await each.read() for each in files], last=files[-1].filename)


@shape(
    "file: with fields and lists of fields",
    python='await client.upload(b"a", "t", sizes=[1, 2], tags=["x", "y,z"])',
    typescript="""
(await api.upload({ body: { file: new Blob(["a"]), token: "t", sizes: [1, 2], tags: ["x", "y,z"] } })).data
""",
    sees={"file": "b'a'", "token": "'t'", "sizes": "[1, 2]", "tags": "['x', 'y,z']"},
)
def file_and_fields(app: FastAPI) -> None:
    @app.post("/files")
    async def upload(
        file: Annotated[bytes, File()],
        token: Annotated[str, Form()],
        sizes: Annotated[list[int], Form()] = [],
        tags: Annotated[list[str], Form()] = [],
    ) -> dict[str, str]:
        return saw(file=file, token=token, sizes=sizes, tags=tags)


class Upload(BaseModel):
    file: UploadFile
    title: str
    tags: list[str] = []


@shape(
    "file: in a form model",
    python=Call(
        """
from fastapi import UploadFile
return await client.upload(Upload(file=UploadFile(BytesIO(b"a"), filename="a.txt"), title="t", tags=["x", "y"]))
"""
    ),
    typescript="""
(await api.upload({ body: { file: new File(["a"], "a.txt"), title: "t", tags: ["x", "y"] } })).data
""",
    sees={"content": "b'a'", "name": "'a.txt'", "title": "'t'", "tags": "['x', 'y']"},
)
def file_in_model(app: FastAPI) -> None:
    @app.post("/uploads")
    async def upload(
        data: Annotated[Upload, Form(media_type="multipart/form-data")],
    ) -> dict[str, str]:
        content = await data.file.read()
        return saw(content=content, name=data.file.filename, title=data.title, tags=data.tags)


@shape(
    "body: uploaded in pieces, without holding all of it",
    python="""
from collections.abc import AsyncIterator

async def pieces() -> AsyncIterator[bytes]:
    for _ in range(3):
        yield b"ab"

return await client.put_content(pieces())
""",
    typescript='(await api.putContent({ body: new Blob(["ab", "ab", "ab"]) })).data',
    sees={"size": "6"},
)
def body_streamed(app: FastAPI) -> None:
    content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}

    @app.put("/content", openapi_extra={"requestBody": {"required": True, "content": content}})
    async def put_content(request: Request) -> dict[str, str]:
        return saw(size=sum([len(piece) async for piece in request.stream()]))


@shape(
    "form: a field named like an argument of the client",
    python='await client.send("b", timeout_="t")',
    typescript='(await api.send({ body: { body: "b", timeout: "t" } })).data',
    sees={"body": "'b'", "timeout": "'t'"},
)
def form_names(app: FastAPI) -> None:
    @app.post("/send")
    async def send(
        body: Annotated[str, Form()], timeout: Annotated[str, Form()] = ""
    ) -> dict[str, str]:
        return saw(body=body, timeout=timeout)


@shape(
    "body: text of a `Body` with another media type",
    python='await client.put_note("a\\"b")',
    typescript="""(await api.putNote({ body: 'a"b' })).data""",
    sees={"raw": repr('a"b')},
)
def body_text_parameter(app: FastAPI) -> None:
    @app.put("/notes")
    async def put_note(
        request: Request, note: Annotated[str, Body(media_type="text/plain")]
    ) -> dict[str, str]:
        return saw(raw=(await request.body()).decode())


@shape(
    "form: names with hyphens, dates, Decimal, JSON in a text",
    python="""
await client.save("a b", date(2024, 2, 29), Decimal("0.10"), '{"a": 1}')
""",
    typescript="""
(await api.save({ body: { "user-name": "a b", day: "2024-02-29", price: "0.10", data: '{"a": 1}' } })).data
""",
    sees={
        "name": "'a b'",
        "day": "datetime.date(2024, 2, 29)",
        "price": "Decimal('0.10')",
        "data": "{'a': 1}",
    },
)
def form_edges(app: FastAPI) -> None:
    @app.post("/save")
    async def save(
        name: Annotated[str, Form(alias="user-name")],
        day: Annotated[date, Form()],
        price: Annotated[Decimal, Form()],
        data: Annotated[Json[dict[str, int]], Form()],
    ) -> dict[str, str]:
        return saw(name=name, day=day, price=price, data=data)


@shape(
    "form: a field that is None or left out is not sent",
    python='await client.save("t", note=None)',
    typescript='(await api.save({ body: { title: "t" } })).data',
    sees={"fields": "[('title', 't')]"},
)
def form_none(app: FastAPI) -> None:
    @app.post("/save")
    async def save(
        request: Request,
        title: Annotated[str, Form()],
        note: Annotated[str | None, Form()] = None,
    ) -> dict[str, str]:
        return saw(fields=(await request.form()).multi_items())


@shape(
    "form: an empty list where the default is another one",
    python=Call("await client.save(ids=[])", raises="ids: an empty list cannot be sent here"),
    typescript=Call(
        "(await api.save({ body: { ids: [] } })).data",
        raises="The list ids is empty, which cannot be sent",
    ),
    sees=None,
)
def issue_empty_form_list(app: FastAPI) -> None:
    @app.post("/save")
    async def save(ids: Annotated[list[int], Form()] = [1, 2]) -> dict[str, str]:
        return saw(ids=ids)


class NoneForm(BaseModel):
    nick: str | None = "default"
    age: int | None = 3


@shape(
    "form: a field that is None, but has another default",
    python=Call("await client.save(NoneForm(nick=None))", raises="nick: a form cannot have None"),
    typescript=Call("(await api.save({ body: { age: 4 } })).data"),
)
def issue_form_null(app: FastAPI) -> None:
    @app.post("/save")
    async def save(form: Annotated[NoneForm, Form()]) -> dict[str, str]:
        return saw(nick=form.nick, age=form.age)
