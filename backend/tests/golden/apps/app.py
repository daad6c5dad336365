"""What the shape applications share."""

from __future__ import annotations

from fastapi import FastAPI, Request

from golden.apps.models import Seen
from trading_api.shared import problems


def shape_app(title: str) -> FastAPI:
    """Return an application that names its operations as the modules do."""
    app = FastAPI(
        title=title,
        version="1.0.0",
        servers=[{"url": "http://127.0.0.1:8000"}],
        generate_unique_id_function=lambda route: route.name,
        separate_input_output_schemas=False,
        responses=problems.ANY_PROBLEM,
    )
    problems.install(app)
    return app


def seen(request: Request, **values: object) -> Seen:
    """Return the request as it arrived, and the `repr` of each value that the service read."""
    return Seen(
        raw_path=request.scope["raw_path"].decode(),
        raw_query=request.scope["query_string"].decode(),
        values={name: repr(value) for name, value in values.items()},
    )
