"""Health checks for the supervisor of the process; not part of a module's API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

is_draining = False
"""Whether the process is about to stop, and serves what still comes."""


def health_routes(module_names: Sequence[str], spec_versions: Mapping[str, bytes]) -> APIRouter:
    """Return `/health/live` (the process responds) and `/health/ready` (its services are open).

    `specs` has the versions of the specs that the process serves.

    `required` has the modules of other processes that this one calls, and whether their last calls
    failed. The status is `degraded` then, and still a 200: the operations that do not need them
    work, so the process should keep getting requests. A process that is about to stop still serves
    requests, but is `draining`, a 503.
    """
    specs = {name: version.decode() for name, version in spec_versions.items()}
    router = APIRouter(prefix="/health", include_in_schema=False)

    @router.get("/live")
    async def live() -> dict[str, Any]:
        return {"status": "ok", "specs": specs}

    @router.get("/ready")
    async def ready(request: Request) -> JSONResponse:
        opened = len(request.app.state.services) == len(module_names)
        required = {
            name: "ok" if client.is_available else "unavailable"
            for name, client in request.app.state.required.items()
        }
        status = "degraded" if "unavailable" in required.values() else "ok"
        if is_draining or not opened:
            status = "draining" if is_draining else "starting"
        return JSONResponse(
            {
                "status": status,
                "modules": list(module_names),
                "required": required,
            },
            status_code=200 if status in ("ok", "degraded") else 503,
        )

    return router
