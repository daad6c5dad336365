"""Version skew of statuses, requests and operations."""

from typing import Annotated

from fastapi import Body, FastAPI, HTTPException, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from shapes.rows.skew_responses import OldNote, old_note
from shapes.shape import Call, saw
from shapes.versions import change

GETS_NOTE = {
    "python": "await client.get_note()",
    "typescript": "(await api.getNote()).data",
    "gets": {"text": "a"},
}
ADDS_TASK = {
    "python": 'await client.add_task(OldTask(text="a"))',
    "typescript": '(await api.addTask({ body: { text: "a" } })).data',
    "sees": {"task": "NewTask(text='a', urgent=False)"},
}


def old_status(app: FastAPI) -> None:
    @app.post("/jobs", status_code=201)
    async def add_job() -> OldNote:
        return OldNote(text="done")


def new_status(app: FastAPI) -> None:
    @app.post("/jobs", status_code=201, responses={202: {"model": OldNote}})
    async def add_job(response: Response) -> OldNote:
        response.status_code = 202
        return OldNote(text="later")


change(
    "success",
    "a new success status",
    old_status,
    new_status,
    old_client={
        "python": "await client.add_job()",
        "typescript": "(await api.addJob()).data",
        "gets": {"text": "later"},
    },
    new_client={
        "python": "await client.add_job()",
        "typescript": "(await api.addJob()).data",
        "gets": {"text": "done"},
    },
)


def old_error(app: FastAPI) -> None:
    @app.delete("/jobs")
    async def remove_jobs() -> None:
        pass


def new_error(app: FastAPI) -> None:
    @app.delete("/jobs", responses={409: {"model": OldNote}})
    async def remove_jobs() -> None:
        raise HTTPException(409, "busy")


change(
    "error",
    "a new status of an error",
    old_error,
    new_error,
    old_client={
        "python": Call("await client.remove_jobs()", raises="409"),
        "typescript": Call("await api.removeJobs()", raises="409"),
    },
    new_client={
        "python": "await client.remove_jobs()",
        "typescript": "(await api.removeJobs()).data",
        "gets": None,
    },
)


class OldTask(BaseModel, extra="forbid"):
    text: str


class NewTask(BaseModel, extra="forbid"):
    text: str
    urgent: bool = False


def old_task(app: FastAPI) -> None:
    @app.post("/tasks")
    async def add_task(task: OldTask) -> dict[str, str]:
        return saw(task=task)


def new_task(app: FastAPI) -> None:
    @app.post("/tasks")
    async def add_task(task: NewTask) -> dict[str, str]:
        return saw(task=task)


change(
    "request_field",
    "a new optional field of a request, which is not set",
    old_task,
    new_task,
    old_client=ADDS_TASK,
    new_client={
        "python": 'await client.add_task(NewTask(text="a"))',
        "typescript": '(await api.addTask({ body: { text: "a" } })).data',
        "sees": {"task": "OldTask(text='a')"},
    },
)

change(
    "request_field_set",
    "a new optional field of a request, which is set",
    old_task,
    new_task,
    old_client=ADDS_TASK,
    new_client={
        "python": Call('await client.add_task(NewTask(text="a", urgent=True))', raises="422"),
        "typescript": Call(
            'await api.addTask({ body: { text: "a", urgent: true } })', raises="422"
        ),
    },
)


def new_operation(app: FastAPI) -> None:
    old_note(app)

    @app.get("/notes")
    async def list_notes() -> list[OldNote]:
        return []


change(
    "operation",
    "a new operation",
    old_note,
    new_operation,
    old_client=GETS_NOTE,
    new_client={
        "python": Call("await client.list_notes()", raises="404"),
        "typescript": Call("await api.listNotes()", raises="404"),
    },
)


def new_header(app: FastAPI) -> None:
    declared = {200: {"headers": {"X-Total": {"schema": {"type": "integer"}}}}}

    @app.get("/note", responses=declared)  # type: ignore[arg-type]
    async def get_note() -> JSONResponse:
        return JSONResponse({"text": "a"}, headers={"X-Total": "3"})


change(
    "header",
    "a new header of a response",
    old_note,
    new_header,
    old_client=GETS_NOTE,
    new_client={
        "python": "await client.get_note()",
        "typescript": '(await api.getNote()).headers["x-total"] ?? { text: "a" }',
        "gets": {"text": "a"},
    },
)


def new_deprecated(app: FastAPI) -> None:
    @app.get("/note", deprecated=True)
    async def get_note() -> OldNote:
        return OldNote(text="a")


change(
    "deprecation",
    "a deprecated operation",
    old_note,
    new_deprecated,
    old_client=GETS_NOTE,
    new_client={
        "python": """
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    return await client.get_note()  # pyright: ignore[reportDeprecated]
""",
        "typescript": "(await api.getNote()).data",
        "gets": {"text": "a"},
    },
)


def new_parameter(app: FastAPI) -> None:
    @app.post("/tasks")
    async def add_task(task: Annotated[OldTask, Body()], dry: bool = False) -> dict[str, str]:
        return saw(task=task, dry=dry)


change(
    "parameter",
    "a new optional parameter, which is set",
    old_task,
    new_parameter,
    old_client={
        "python": 'await client.add_task(OldTask(text="a"))',
        "typescript": '(await api.addTask({ body: { text: "a" } })).data',
        "sees": {"task": "OldTask(text='a')", "dry": "False"},
    },
    new_client={
        "python": 'await client.add_task(OldTask(text="a"), dry=True)',
        "typescript": '(await api.addTask({ body: { text: "a" }, dry: true })).data',
        "sees": {"task": "OldTask(text='a')"},
    },
)
