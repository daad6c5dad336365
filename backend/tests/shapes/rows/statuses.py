"""Several statuses of success, and errors."""

from typing import Annotated, Any

from fastapi import FastAPI, Header, HTTPException, Path, Query, Response
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel

from shapes.rows.shared_models import MaybeItem
from shapes.shape import Call, saw, shape
from trading_api.shared.problems import ProblemError, problem_responses


class Job(BaseModel):
    id: int


class Ticket(BaseModel):
    url: str


class Missing(BaseModel):
    message: str


class Busy(BaseModel):
    seconds: int


@shape(
    "status: another model for each status of success",
    python="""
job, ticket = await client.run(False), await client.run(True)
assert isinstance(job, Job) and isinstance(ticket, Ticket)
return [job.id, ticket.url]
""",
    typescript="""
const one = await api.run({ later: false });
const two = await api.run({ later: true });
return [one.status === 200 && one.data.id, two.status === 202 && two.data.url];
""",
    gets=[1, "/jobs/1"],
)
def status_models(app: FastAPI) -> None:
    @app.post("/jobs", responses={202: {"model": Ticket}}, response_model=Job)
    async def run(later: bool) -> Any:
        return JSONResponse({"url": "/jobs/1"}, 202) if later else Job(id=1)


@shape(
    "status: a model or nothing",
    python="""
job, nothing = await client.run(False), await client.run(True)
return [job, len(nothing) if isinstance(nothing, bytes) else None]
""",
    typescript="""
const [one, two] = [await api.run({ later: false }), await api.run({ later: true })];
return [one.status === 201 ? one.data : null, two.status === 202 ? two.data.size : null];
""",
    gets=[{"id": 1}, 0],
)
def status_model_or_nothing(app: FastAPI) -> None:
    @app.post("/jobs", status_code=201, responses={202: {"description": "Accepted"}})
    async def run(later: Annotated[bool, Query()]) -> Job:
        return Response(status_code=202) if later else Job(id=1)  # type: ignore[return-value]


@shape(
    "status: one that is not declared, with the declared body",
    python="(await client.create()).id",
    typescript="(await api.create()).data.id",
    gets=7,
)
def status_undeclared_success(app: FastAPI) -> None:
    @app.post("/jobs")
    async def create() -> Job:
        return JSONResponse({"id": 7}, 201)  # type: ignore[return-value]


@shape(
    "status: changed in the operation (get or create)",
    python="(await client.put_job(3)).id",
    typescript="(await api.putJob({ jobId: 3 })).data.id",
    gets=3,
)
def status_changed(app: FastAPI) -> None:
    @app.put("/jobs/{job_id}", status_code=200)
    async def put_job(job_id: int, response: Response) -> Job:
        response.status_code = 201
        return Job(id=job_id)


@shape(
    "error: a model for each status",
    python="""
found: list[object] = []
for number in (404, 503):
    try:
        await client.get_job(number)
    except ApiError as error:
        found += [error.status, error.body]
return found
""",
    typescript="""
const found: unknown[] = [];
for (const number of [404, 503]) {
  try {
    await api.getJob({ jobId: number });
  } catch (error) {
    const failure = client.failureOf<Operations["getJob"]>(error);
    if (failure?.status === 404) found.push(404, { message: failure.data.message });
    if (failure?.status === 503) found.push(503, { seconds: failure.data.seconds });
  }
}
return found;
""",
    gets=[404, {"message": "none"}, 503, {"seconds": 5}],
)
def error_models(app: FastAPI) -> None:
    @app.get("/jobs/{job_id}", responses={404: {"model": Missing}, 503: {"model": Busy}})
    async def get_job(job_id: int) -> Job:
        if job_id == 404:
            return JSONResponse({"message": "none"}, 404)  # type: ignore[return-value]
        return JSONResponse({"seconds": 5}, 503)  # type: ignore[return-value]


@shape(
    "error: a range (`4XX`) and `default`",
    python="""
found: list[object] = []
for number in (418, 500):
    try:
        await client.get_job(number)
    except ApiError as error:
        found += [error.status, error.body]
return found
""",
    typescript="""
const found: unknown[] = [];
for (const number of [418, 500]) {
  try {
    await api.getJob({ jobId: number });
  } catch (error) {
    const failure = client.failureOf<Operations["getJob"]>(error);
    found.push(failure?.status, failure?.data);
  }
}
return found;
""",
    gets=[418, {"message": "none"}, 500, {"seconds": 5}],
)
def error_ranges(app: FastAPI) -> None:
    responses: dict[int | str, dict[str, Any]] = {
        "4XX": {"model": Missing, "description": "The caller's"},
        "default": {"model": Busy, "description": "Any other"},
    }

    @app.get("/jobs/{job_id}", responses=responses)
    async def get_job(job_id: int) -> Job:
        body: dict[str, Any] = {"message": "none"} if job_id == 418 else {"seconds": 5}
        return JSONResponse(body, job_id)  # type: ignore[return-value]


@shape(
    "error: `HTTPException`, which no spec declares",
    python="""
try:
    await client.get_job(404)
except ApiError as error:
    return [error.status, json.loads(error.content)]
return None
""",
    typescript="""
try {
  await api.getJob({ jobId: 404 });
} catch (error) {
  const { isAxiosError } = await import("axios");
  return isAxiosError(error) ? [error.response?.status, error.response?.data] : null;
}
return null;
""",
    gets=[404, {"detail": "Job not found"}],
)
def error_http_exception(app: FastAPI) -> None:
    @app.get("/jobs/{job_id}")
    async def get_job(job_id: int) -> Job:
        raise HTTPException(404, "Job not found", headers={"X-Error": "e"})


@shape(
    "error: FastAPI's own 422",
    python="""
try:
    await client.get_job(0)
except ApiError as error:
    return [error.status, json.loads(error.content)["detail"][0]["loc"]]
return None
""",
    typescript="""
try {
  await api.getJob({ jobId: 0 });
} catch (error) {
  const failure = client.failureOf<Operations["getJob"]>(error);
  if (failure?.status === 422) return [422, failure.data.detail?.[0]?.loc];
}
return null;
""",
    gets=[422, ["path", "job_id"]],
)
def error_validation(app: FastAPI) -> None:
    @app.get("/jobs/{job_id}")
    async def get_job(job_id: Annotated[int, Path(ge=1)]) -> Job:
        return Job(id=job_id)


@shape(
    "error: the problem details of this project",
    python="""
found: list[object] = []
for number in (404, 0):
    try:
        await client.get_job(number)
    except ApiError as error:
        found += [error.status, error.problem.detail if error.problem and number else None]
return found
""",
    typescript="""
const found: unknown[] = [];
for (const number of [404, 0]) {
  try {
    await api.getJob({ jobId: number });
  } catch (error) {
    const failure = client.failureOf<Operations["getJob"]>(error);
    found.push(failure?.status, number ? failure?.data.detail : null);
  }
}
return found;
""",
    gets=[404, "no job 404", 422, None],
    problems=True,
)
def error_problem(app: FastAPI) -> None:
    @app.get("/jobs/{job_id}", responses=problem_responses(404))
    async def get_job(job_id: Annotated[int, Path(ge=1)]) -> Job:
        raise ProblemError(404, f"no job {job_id}")


@shape(
    "error: HTML of a gateway on a declared status",
    python="""
try:
    await client.get_job()
except ApiError as error:
    return [error.status, error.content.decode()]
return None
""",
    typescript="""
try {
  await api.getJob();
} catch (error) {
  const { isAxiosError } = await import("axios");
  return isAxiosError(error) ? [error.response?.status, error.response?.data] : null;
}
return null;
""",
    gets=[503, "<h1>503</h1>"],
)
def error_gateway(app: FastAPI) -> None:
    @app.get("/job", responses={503: {"model": Busy}})
    async def get_job() -> Job:
        return HTMLResponse("<h1>503</h1>", 503)  # type: ignore[return-value]


@shape(
    "error: an exception of the service (500)",
    python="""
try:
    await client.get_job()
except ApiError as error:
    return error.status
return None
""",
    typescript="""
try {
  await api.getJob();
} catch (error) {
  const { isAxiosError } = await import("axios");
  return isAxiosError(error) ? error.response?.status : null;
}
return null;
""",
    gets=500,
)
def error_exception(app: FastAPI) -> None:
    @app.get("/job")
    async def get_job() -> Job:
        saw(failed=True)
        return Response(status_code=500)  # type: ignore[return-value]


@shape(
    "response: a body that contradicts the spec (no types of TypeScript are checked at run time)",
    python=Call("await client.get_job()", raises="UnexpectedResponseError"),
    typescript=Call("(await api.getJob()).data", gets={"id": "not a number"}),
)
def response_invalid(app: FastAPI) -> None:
    @app.get("/job", response_model=Job)
    async def get_job() -> Response:
        return JSONResponse({"id": "not a number"})


@shape(
    "status: a model beside a status without content in `responses`",
    python='[await client.find("a"), await client.find("b")]',
    typescript='[(await api.find({ q: "a" })).data, (await api.find({ q: "b" })).data]',
    gets=[{"name": "a"}, None],
)
def issue_204_union(app: FastAPI) -> None:
    @app.get(
        "/find",
        response_model=MaybeItem,
        responses={204: {"description": "none"}, 304: {"description": "same"}},
    )
    async def find(q: str) -> Any:
        return MaybeItem(name=q) if q == "a" else Response(status_code=204)


@shape(
    "status: 207, 206 with a range, 200 with an empty body",
    python='[await client.multi(), await client.part(range="bytes=0-1"), await client.empty()]',
    typescript='[(await api.multi()).data, await (async () => { const { data } = await api.part({ range: "bytes=0-1" }); return typeof data; })(), (await api.empty()).data]',
)
def issue_statuses(app: FastAPI) -> None:
    @app.post("/multi", status_code=207)
    async def multi() -> list[MaybeItem]:
        return [MaybeItem(name="a")]

    @app.get("/part", status_code=206, response_class=Response)
    async def part(range: Annotated[str, Header()]) -> Response:
        return Response(b"ab", 206, media_type="application/octet-stream")

    @app.delete("/empty", status_code=200)
    async def empty() -> Response:
        return Response(status_code=200)


@shape(
    "status: 304 for a client that has the current version",
    python='[await client.find(), await client.find(if_none_match="v1")]',
    typescript="""
[(await api.find()).data, (await api.find({ ifNoneMatch: "v1" })).data ?? null]
""",
    gets=[{"name": "a"}, None],
)
def issue_not_modified(app: FastAPI) -> None:
    @app.get("/find", response_model=MaybeItem, responses={304: {"description": "same"}})
    async def find(if_none_match: Annotated[str | None, Header()] = None) -> Any:
        return Response(status_code=304) if if_none_match == "v1" else MaybeItem(name="a")
