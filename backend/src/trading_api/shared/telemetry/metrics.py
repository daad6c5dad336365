"""The metrics of a process, in the text format of Prometheus at `/metrics`.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from fastapi import APIRouter
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import REGISTRY, Collector
from starlette.responses import Response

# A time stamp beside each series, which doubles their number and which Prometheus does not need.
disable_created_metrics()  # type: ignore[no-untyped-call]

SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""The upper bounds of the buckets of a histogram of durations."""

REQUESTS = Counter(
    "http_requests",
    "Requests, by module, operation, method and status.",
    ["module", "operation", "method", "status"],
)
REQUEST_SECONDS = Histogram(
    "http_request_duration_seconds",
    "Seconds from a request to the end of its response.",
    ["module", "operation"],
    buckets=SECONDS,
)
CONNECTIONS = Gauge("websocket_connections", "Open WebSockets of streams.", ["module"])
CLOSED = Counter(
    "websocket_closed_by_service",
    "WebSockets that the service closed, by reason: slow, or rejected for its token or its rate.",
    ["module", "reason"],
)


OTHER_METHOD: Final = "other"
"""The method of a request that is not known."""


def count_rejected(status: int) -> None:
    """Count a request that was rejected before its head had been read."""
    REQUESTS.labels("", "", OTHER_METHOD, str(status)).inc()


class UpstreamCalls(Collector):
    """Reads what the clients of other modules have counted.

    `clients` returns them, by the name of their module.
    """

    def __init__(self, clients: Callable[[], Mapping[str, Any]]) -> None:
        self._clients = clients

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        calls = CounterMetricFamily(
            "upstream_calls",
            "Calls to other modules: ended well, failed, not made or with no result.",
            labels=["module", "outcome"],
        )
        retries = CounterMetricFamily(
            "upstream_retries", "Calls to other modules that were retried.", labels=["module"]
        )
        breakers = GaugeMetricFamily(
            "upstream_breaker_open",
            "1 while calls to the module fail at once.",
            labels=["module"],
        )
        connections = CounterMetricFamily(
            "upstream_stream_connections",
            "Connections to the streams of other modules that were opened.",
            labels=["module"],
        )
        unknown = CounterMetricFamily(
            "upstream_stream_unknown_messages",
            "Messages of the streams of other modules that were ignored.",
            labels=["module"],
        )
        for name, client in self._clients().items():
            streams = client.stream_counts
            connections.add_metric([name], streams.connections)
            unknown.add_metric([name], streams.unknown_messages)
            counts = client.call_counts
            retries.add_metric([name], counts.pop("retried"))
            for outcome, count in counts.items():
                calls.add_metric([name, outcome], count)
            breakers.add_metric([name], 0 if client.is_available else 1)
        yield from (calls, retries, breakers, connections, unknown)


def metrics_routes(clients: Callable[[], Mapping[str, Any]]) -> APIRouter:
    """Return `/metrics`; `clients` returns the clients of the modules of other processes."""
    router = APIRouter(include_in_schema=False)
    upstream = CollectorRegistry()
    upstream.register(UpstreamCalls(clients))

    @router.get("/metrics")
    async def metrics() -> Response:
        text = generate_latest(REGISTRY) + generate_latest(upstream)
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    return router
