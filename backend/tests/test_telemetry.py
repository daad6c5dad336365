"""Logs, metrics and traces: what an operator sees of requests, calls and streams."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from trading_api.app_factory import create_app
from trading_api.clients import DatafeedClient
from trading_api.shared.settings import AppSettings, InvalidSettingError
from trading_api.shared.telemetry import logs, tracing
from trading_api.shared.telemetry.logs import JsonFormatter, configure_logs, log_fields
from trading_api.shared.telemetry.requests import ObservedRequests
from trading_api.shared.utils import (
    API_PREFIX,
    MODULES_DIR,
    discover_modules_with_websockets,
    stream_path,
)

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
TRACE = f"00-{TRACE_ID}-b7ad6b7169203331-01"
SECRET = "s3cret"
ORDER = {"symbol": "AAPL", "type": 2, "side": 1, "qty": 1}

STREAM_MODULES = discover_modules_with_websockets(MODULES_DIR)


def first_read() -> tuple[str, str, str]:
    """Return module, operation id and path of a GET without parameters."""
    for path, path_item in create_app().openapi()["paths"].items():
        operation = path_item.get("get", {"parameters": True})
        if "{" not in path and not operation.get("parameters"):
            return operation["tags"][0], operation["operationId"], path
    raise AssertionError


MODULE, OPERATION, PATH = first_read()


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(create_app(), base_url="http://localhost") as client:
        yield client


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> list[logging.LogRecord]:
    """The records of requests."""
    records: list[logging.LogRecord] = []
    logger = logging.getLogger("trading_api.requests")
    monkeypatch.setattr(logger, "handle", records.append)
    monkeypatch.setattr(logger, "level", logging.DEBUG)
    logger.manager._clear_cache()  # type: ignore[attr-defined]
    return records


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    fields: dict[str, Any] = vars(record)["fields"]
    return fields


def test_request_is_logged_with_what_identifies_it(
    client: TestClient, records: list[logging.LogRecord]
) -> None:
    client.get(PATH, params={"a": SECRET}, headers={"Authorization": f"Bearer {SECRET}"})
    (record,) = records
    fields = fields_of(record)
    assert fields.pop("duration_ms") > 0
    assert fields == {
        "module": MODULE,
        "operation": OPERATION,
        "method": "GET",
        "path": PATH,
        "status": 200,
        "caller": "anybody",
    }
    assert record.levelname == "INFO"
    assert SECRET not in JsonFormatter().format(record)


def test_request_that_reaches_no_operation_is_logged(
    client: TestClient, records: list[logging.LogRecord]
) -> None:
    client.get(f"{API_PREFIX}/{'x' * 1000}")
    (record,) = records
    assert fields_of(record)["operation"] == ""
    assert len(fields_of(record)["path"]) == 200


def test_health_checks_are_logged_for_debugging_only(
    client: TestClient, records: list[logging.LogRecord]
) -> None:
    client.get("/health/live")
    client.get("/metrics")
    assert {each.levelname for each in records} == {"DEBUG"}


def test_server_error_is_a_warning(records: list[logging.LogRecord]) -> None:
    with TestClient(create_app(), base_url="http://localhost") as client:
        client.app.state.services.clear()  # type: ignore[attr-defined]
        assert client.get(PATH).status_code == 500
    # The calls between modules are logged, too.
    (request,) = [each for each in records if fields_of(each)["path"] == PATH]
    assert (request.levelname, fields_of(request)["status"]) == ("WARNING", 500)


@pytest.mark.parametrize("given", ["abc-1.2_3", "x" * 64])
def test_id_of_the_caller_is_returned(client: TestClient, given: str) -> None:
    assert client.get(PATH, headers={"X-Request-ID": given}).headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", [None, "", "x" * 65, "a b", 'a"', "<script>"])
def test_other_ids_are_replaced(client: TestClient, given: str | None) -> None:
    headers = {} if given is None else {"X-Request-ID": given}
    received = client.get(PATH, headers=headers).headers["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{32}", received)


def test_errors_of_middleware_have_the_id(client: TestClient) -> None:
    headers = {"Host": "other.example.com", "X-Request-ID": "mine"}
    assert client.get(PATH, headers=headers).headers["X-Request-ID"] == "mine"


def test_stream_is_logged_and_counted(client: TestClient, records: list[logging.LogRecord]) -> None:
    name = STREAM_MODULES[0]
    with client.websocket_connect(f"ws://localhost{stream_path(name)}") as socket:
        socket.send_json({"type": "ping"})
        socket.receive_json()
        assert metric(client, "websocket_connections", module=name) == 1
    assert metric(client, "websocket_connections", module=name) == 0
    fields = next(fields_of(each) for each in records if "WS" in each.getMessage())
    assert (fields["module"], fields["operation"]) == (name, "streams")


def metric(client: TestClient, name: str, **labels: str) -> float:
    """Return the value of a metric, or 0 if it has none yet."""
    wanted = "{" + ",".join(f'{key}="{value}"' for key, value in sorted(labels.items())) + "}"
    for line in client.get("/metrics").text.splitlines():
        if line.startswith(f"{name}{wanted if labels else ''} "):
            return float(line.rpartition(" ")[2])
    return 0


def test_requests_and_their_durations_are_counted(client: TestClient) -> None:
    labels = {"module": MODULE, "operation": OPERATION}
    before = metric(client, "http_requests_total", **labels, method="GET", status="200")
    timed = metric(client, "http_request_duration_seconds_count", **labels)
    for _ in range(3):
        client.get(PATH)
    after = metric(client, "http_requests_total", **labels, method="GET", status="200")
    assert after - before == 3
    assert metric(client, "http_request_duration_seconds_count", **labels) - timed == 3


def test_callers_cannot_add_metrics(client: TestClient) -> None:
    client.get(PATH)
    client.request("X0", PATH)
    before = len(client.get("/metrics").text.splitlines())
    for number in range(50):
        client.get(f"{API_PREFIX}/x{number}")
        client.request(f"X{number}", PATH)
    # Those without an operation, and those with another method, are one each.
    assert len(client.get("/metrics").text.splitlines()) - before < 20


def test_metrics_are_not_part_of_the_specs(client: TestClient) -> None:
    assert "/metrics" not in client.get("/openapi.json").json()["paths"]
    assert client.get("/metrics").headers["Content-Type"].startswith("text/plain")


def test_record_is_one_line_of_json() -> None:
    token = logs.request_id.set("abc")
    try:
        try:
            raise ValueError("line\nbreak")
        except ValueError as error:
            info = (type(error), error, error.__traceback__)
            record = logging.LogRecord("a.b", logging.ERROR, "", 0, "no %s", ("way\n",), info)
        line = JsonFormatter().format(record)
    finally:
        logs.request_id.reset(token)
    assert "\n" not in line
    parsed = json.loads(line)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", parsed.pop("time"))
    assert "ValueError: line" in parsed.pop("error")
    assert parsed == {
        "level": "error",
        "logger": "a.b",
        "message": "no way\n",
        "request_id": "abc",
    }


def test_level_of_the_logs_is_a_setting(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert AppSettings().log_level == "info"
    monkeypatch.setenv("LOG_LEVEL", "loud")
    with pytest.raises(InvalidSettingError, match="LOG_LEVEL"):
        AppSettings()
    root = logging.getLogger()
    before = root.level, root.handlers[:]
    try:
        configure_logs("warning")
        log_fields(logging.getLogger("x"), logging.WARNING, "shown", {"a": 1})
        logging.getLogger("x").info("hidden")
    finally:
        root.setLevel(before[0])
        root.handlers[:] = before[1]
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["message"] == "shown"


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    yield exporter
    provider.shutdown()


@pytest.fixture
async def traced(exporter: InMemorySpanExporter) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app()
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://localhost"
        ) as client,
    ):
        yield client


async def test_one_trace_from_the_page_to_the_last_module(
    traced: httpx.AsyncClient, exporter: InMemorySpanExporter
) -> None:
    response = await traced.post(
        f"{API_PREFIX}/orders/preview", json=ORDER, headers={"traceparent": TRACE}
    )
    assert response.status_code == 200
    spans = [each for each in exporter.get_finished_spans() if is_of_trace(each)]
    (first,) = [each for each in spans if each.name == f"POST {API_PREFIX}/orders/preview"]
    assert first.parent is not None
    assert f"{first.parent.span_id:016x}" == "b7ad6b7169203331"
    calls = [each for each in spans if each is not first]
    assert calls
    inside = {first.context.span_id, *(each.context.span_id for each in spans)}
    assert all(each.parent and each.parent.span_id in inside for each in calls)


def is_of_trace(span: ReadableSpan) -> bool:
    """Return whether a span is of a request, and of the page's trace."""
    return span.kind is trace.SpanKind.SERVER and f"{span.context.trace_id:032x}" == TRACE_ID


async def test_trace_and_id_are_passed_on_without_an_exporter() -> None:
    received: list[httpx.Headers] = []

    async def keep(request: httpx.Request) -> None:
        received.append(request.headers)

    client = DatafeedClient.in_process(create_app(), event_hooks={"request": [keep]})

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        await client.get_server_time()

    sent = {"traceparent": TRACE, "tracestate": "a=b", "x-request-id": "mine"}
    headers = [(name.encode(), value.encode()) for name, value in sent.items()]
    scope = {"type": "http", "method": "GET", "path": PATH, "headers": headers}
    async with client:
        await ObservedRequests(call, is_traced=False)(scope, receive_nothing, send_nothing)
        assert [received[0][name] for name in sent] == list(sent.values())
        # A call outside of a request has none of them.
        await client.get_server_time()
        assert not {*sent} & {*received[1]}


PARENT = TRACE.encode()


@pytest.mark.parametrize(
    ("parents", "is_passed_on"),
    [
        ([PARENT], True),
        ([b"01" + PARENT[2:] + b"-more"], True),
        ([PARENT + b"-more"], False),
        ([b"ff" + PARENT[2:]], False),
        ([PARENT.upper()], False),
        ([b"00-" + b"0" * 32 + PARENT[35:]], False),
        ([PARENT[:36] + b"0" * 16 + b"-01"], False),
        ([b"nonsense"], False),
        ([PARENT, PARENT], False),
        ([], False),
    ],
)
def test_only_a_valid_trace_is_passed_on(parents: list[bytes], is_passed_on: bool) -> None:
    headers = [*((tracing.PARENT, each) for each in parents), (b"tracestate", b"a=b")]
    assert [*tracing.valid_trace(headers)] == (headers if is_passed_on else [])


async def receive_nothing() -> Message:
    return {"type": "http.request"}


async def send_nothing(message: Message) -> None:
    pass


def test_telemetry_is_off_without_an_exporter(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not tracing.is_exporting()
    telemetry = create_app()._telemetry
    assert not any(telemetry[each] for each in ("tracing", "metrics", "logs"))  # type: ignore[literal-required]
    monkeypatch.setenv(tracing.AUTO_CONFIGURE, "true")
    assert tracing.is_exporting()
