"""Traces across modules (https://www.w3.org/TR/trace-context/).

Without an exporter, the trace of a request is only passed on to the modules that it calls. With
one, FastAPI makes a span of each request, and the calls carry that span on.
"""

from __future__ import annotations

import os
from typing import Final

from opentelemetry import propagate, trace

HEADERS: Final = (b"traceparent", b"tracestate")

AUTO_CONFIGURE: Final = "FASTAPI_OTEL_AUTO_CONFIGURE"
"""The variable that makes FastAPI set up OpenTelemetry, from the variables `OTEL_...`."""


def is_exporting() -> bool:
    """Return whether spans go anywhere: OpenTelemetry is set up, or FastAPI is to set it up."""
    if os.environ.get(AUTO_CONFIGURE, "").lower() == "true":
        return True
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


def current_trace() -> list[tuple[bytes, bytes]]:
    """Return the headers that make the spans of a call part of the current one."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return [(name.encode(), value.encode()) for name, value in carrier.items()]
