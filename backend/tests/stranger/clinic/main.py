from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Security
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import JSONResponse, RedirectResponse

from clinic import store
from clinic.deps import api_key
from clinic.routers import appointments, auth, patients
from clinic.schemas import HTTPError


class ClinicError(Exception):
    def __init__(self, code: str, message: str, context: dict[str, Any]) -> None:
        self.body = HTTPError(code=code, message=message, context=context)


@asynccontextmanager
async def lifespan(app: FastAPI):
    store.audit.append("started")
    yield
    store.audit.append("stopped")


app = FastAPI(
    title="Clinic API",
    version="2.3.0",
    lifespan=lifespan,
    openapi_tags=[{"name": "auth"}],
    separate_input_output_schemas=True,
)
app.add_middleware(GZipMiddleware, minimum_size=50)
v1 = APIRouter(prefix="/api/v1")
for module in (auth, patients, appointments):
    v1.include_router(module.router)
app.include_router(v1)


@app.exception_handler(ClinicError)
async def clinic_error(request: Request, error: ClinicError) -> JSONResponse:
    return JSONResponse(error.body.model_dump(), 409)


@app.exception_handler(patients.PatientMissing)
async def missing(request: Request, error: patients.PatientMissing) -> JSONResponse:
    return JSONResponse({"code": "missing", "message": str(error)}, 404)


@app.get("/", include_in_schema=False)
async def root():
    return RedirectResponse("/docs")


@app.get("/health", tags=["ops"])
def health():
    return {"status": "ok", "patients": len(store.patients)}


admin = FastAPI(title="Admin", dependencies=[Security(api_key)])


@admin.get("/audit")
async def read_audit(limit: int = 10) -> list[str]:
    return store.audit[-limit:]


@admin.delete("/audit", status_code=204)
async def clear_audit() -> None:
    store.audit.clear()


app.mount("/admin", admin)
