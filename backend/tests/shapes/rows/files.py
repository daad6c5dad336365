"""Uploaded files: lists, optional ones, beside other fields."""

from typing import Annotated

from fastapi import FastAPI, File, Form, UploadFile
from pydantic import BaseModel, ConfigDict, Field, Json

from shapes.rows.shared_models import Level, MaybeItem
from shapes.shape import Call, saw, shape


class UploadForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    files: list[UploadFile] = Field(alias="files[]")
    tags: list[str] = []
    public: bool = False
    note: str | None = None


@shape(
    "file: a form model with a list of files under `files[]`",
    python="""
files = [UploadFile(BytesIO(each), filename="f") for each in (b"a", b"b")]
return await client.upload(UploadForm.model_validate({"title": "t", "files[]": files, "tags": ["x", "y"]}))
""",
    typescript='(await api.upload({ body: { title: "t", "files[]": [new Blob(["a"]), new Blob(["b"])], tags: ["x", "y"] } })).data',
    sees={"title": "'t'", "files": "[b'a', b'b']", "tags": "['x', 'y']", "note": "None"},
)
def issue_form_files(app: FastAPI) -> None:
    @app.post("/upload")
    async def upload(form: Annotated[UploadForm, Form()]) -> dict[str, str]:
        return saw(
            title=form.title,
            files=[await each.read() for each in form.files],
            tags=form.tags,
            note=form.note,
        )


@shape(
    "file: files under an alias `files[]` beside a number and an enum",
    python='await client.upload([b"a", b"b"], 3, level=Level.HIGH)',
    typescript='(await api.upload({ body: { "files[]": [new Blob(["a"]), new Blob(["b"])], count: 3, level: 2 } })).data',
    sees={"files": "[b'a', b'b']", "count": "3", "level": "<Level.HIGH: 2>"},
)
def issue_files_alias(app: FastAPI) -> None:
    @app.post("/upload")
    async def upload(
        files: Annotated[list[UploadFile], File(alias="files[]")],
        count: Annotated[int, Form()],
        level: Annotated[Level, Form()] = Level.LOW,
    ) -> dict[str, str]:
        return saw(files=[await each.read() for each in files], count=count, level=level)


@shape(
    "file: a file beside JSON in a form field, and lists of bytes",
    python="""await client.upload('{"name": "a"}', b"x", more=[b"1", b"2"])""",
    typescript="""(await api.upload({ body: { item: '{"name": "a"}', file: new Blob(["x"]), more: [new Blob(["1"]), new Blob(["2"])] } })).data""",
    sees={"item": "MaybeItem(name='a')", "file": "b'x'", "more": "[b'1', b'2']"},
)
def issue_json_form(app: FastAPI) -> None:
    @app.post("/upload")
    async def upload(
        item: Annotated[Json[MaybeItem], Form()],
        file: Annotated[bytes, File()],
        more: Annotated[list[bytes] | None, File()] = None,
    ) -> dict[str, str]:
        return saw(item=item, file=file, more=more)


class OptionalUpload(BaseModel):
    title: str = "none"
    file: UploadFile | None = None
    more: list[UploadFile] = []


@shape(
    "file: an optional file and an optional list of files in a form model, left out",
    python='await client.upload(OptionalUpload(title="t"))',
    typescript='(await api.upload({ body: { title: "t" } })).data',
    sees={"title": "'t'", "file": "None", "more": "[]"},
)
def issue_optional_upload(app: FastAPI) -> None:
    @app.post("/upload")
    async def upload(form: Annotated[OptionalUpload, Form()]) -> dict[str, str]:
        return saw(title=form.title, file=form.file, more=form.more)


@shape(
    "file: only optional files, all left out, then one of two",
    python='[await client.upload(), await client.upload(second=b"2")]',
    typescript="""
[(await api.upload()).data, (await api.upload({ body: { second: new Blob(["2"]) } })).data]
""",
    gets=[{"first": "None", "second": "None"}, {"first": "None", "second": "b'2'"}],
)
def issue_optional_files(app: FastAPI) -> None:
    @app.post("/upload")
    async def upload(
        first: Annotated[bytes | None, File()] = None,
        second: Annotated[bytes | None, File()] = None,
    ) -> dict[str, str]:
        return saw(first=first, second=second)


@shape(
    "file: an optional list of files that is empty, where the default is null",
    python=Call("await client.upload(files=[])", raises="files: an empty list cannot be sent here"),
    typescript=Call(
        "(await api.upload({ body: { files: [] } })).data", raises="The list files is empty"
    ),
    sees=None,
)
def file_empty_list(app: FastAPI) -> None:
    @app.post("/uploadfiles")
    async def upload(files: list[UploadFile] | None = None) -> dict[str, str]:
        return saw(files=files)


@shape(
    "file: a file or text in one field",
    python='[await client.upload(file=b"12"), await client.upload(file="text"), await client.upload()]',
    typescript="""
return [
  (await api.upload({ body: { file: new Blob(["12"]) } })).data,
  (await api.upload({ body: { file: "text" } })).data,
  (await api.upload()).data,
];
""",
    gets=[{"file": "2"}, {"file": "'text'"}, {"file": "None"}],
)
def file_or_text(app: FastAPI) -> None:
    @app.post("/upload")
    async def upload(file: Annotated[UploadFile | str | None, File()] = None) -> dict[str, str]:
        is_file = file is not None and not isinstance(file, str)
        return saw(file=len(await file.read()) if is_file else file)
