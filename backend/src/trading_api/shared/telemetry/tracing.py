"""Traces across modules (https://www.w3.org/TR/trace-context/).

Without an exporter, the trace of a request is only passed on to the modules that it calls. With
one, FastAPI makes a span of each request, and the calls carry that span on.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Final

from opentelemetry import propagate, trace

PARENT: Final = b"traceparent"

HEADERS: Final = (PARENT, b"tracestate")

_IDS = rb"(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
_VALID_PARENT: Final = re.compile(rb"00-%b|(?!00|ff)[0-9a-f]{2}-%b(-.*)?" % (_IDS, _IDS))
"""A `traceparent` of version 00, or what a later version has to begin with."""

AUTO_CONFIGURE: Final = "FASTAPI_OTEL_AUTO_CONFIGURE"
"""The variable that makes FastAPI set up OpenTelemetry, from the variables `OTEL_...`."""


def is_exporting() -> bool:
    """Return whether spans go anywhere: OpenTelemetry is set up, or FastAPI is to set it up."""
    if os.environ.get(AUTO_CONFIGURE, "").lower() == "true":
        return True
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


def valid_trace(headers: Sequence[tuple[bytes, bytes]]) -> Sequence[tuple[bytes, bytes]]:
    """Return the headers of a trace, or nothing if there is not exactly one valid `traceparent`."""
    parents = [value for name, value in headers if name == PARENT]
    is_valid = len(parents) == 1 and _VALID_PARENT.fullmatch(parents[0])
    return headers if is_valid else ()


def current_trace() -> list[tuple[bytes, bytes]]:
    """Return the headers that make the spans of a call part of the current one."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return [(name.encode(), value.encode()) for name, value in carrier.items()]
