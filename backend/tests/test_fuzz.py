"""The fuzzer: what it finds in the application (nothing), and in one with planted errors."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Annotated, Any

import pytest
from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI, WebSocket
from fastapi import Path as PathParameter
from pydantic import BaseModel
from starlette.responses import PlainTextResponse

from fuzz.__main__ import fuzz, report
from fuzz.application import FuzzedApplication, run_application
from fuzz.findings import ECHOES, KINDS, OTHER_ERRORS, REJECTED, SERVER_ERRORS, Findings
from fuzz.generated import fuzz_operations
from fuzz.http import HttpInput
from trading_api.models.common import ProblemField
from trading_api.shared.problems import ProblemError, ProblemType

BACKEND = Path(__file__).resolve().parent.parent

EXAMPLES = 4
EVERY = 8
"""The bounded part: random inputs of each operation, and the share of the corpus."""


def test_no_input_causes_a_server_error_or_an_echo(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    findings = Findings(tmp_path)
    with run_application(tmp_path) as application:
        fuzz(application, findings, examples=EXAMPLES, seed=1, every=EVERY)
        operations = sum(map(len, application.openapi["paths"].values()))
    status = report(findings, 1)
    printed = capsys.readouterr()
    assert status == 0, printed.err
    assert findings.tried["random requests"] >= operations * EXAMPLES
    assert findings.tried["hostile requests"] > operations * 20
    assert printed.out.splitlines()[-1] == ", ".join(f"0 {kind}" for kind in KINDS)


Name = Annotated[str, PathParameter(max_length=20)]


def test_target_prints_how_many_inputs_were_tried() -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    command = ["make", "-C", str(BACKEND), "fuzz-api", "FUZZ=1", "SEED=4", "EVERY=20"]
    run = subprocess.run(command, env=kept, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    *_, tried, succeeded, found = [
        line for line in run.stdout.splitlines() if not line.startswith("make")
    ]
    assert re.match(r"fuzz-api: [0-9,]{3,} inputs tried with seed 4: ", tried)
    assert " operations succeeded" in succeeded
    assert found == ", ".join(f"0 {kind}" for kind in KINDS)


class Letter(BaseModel):
    text: str


def build_faulty_application() -> FastAPI:
    """Return an application with one error of each kind."""
    app = FastAPI()

    @app.get("/failing/{name}")
    async def fail(name: Name) -> None:
        raise RuntimeError

    @app.post("/echo")
    async def echo(letter: Letter) -> None:
        """FastAPI's own errors repeat the input, and are not problem documents."""

    @app.get("/strict/{name}")
    async def reject(name: Name) -> PlainTextResponse:
        error = ProblemField(parameter="name", code="string_pattern_mismatch", detail="No.")
        rejected = ProblemError(422, type=ProblemType.VALIDATION_ERROR, errors=[error])
        return PlainTextResponse(
            rejected.problem.model_dump_json(), 422, media_type="application/problem+json"
        )

    @app.websocket("/failing")
    async def fail_on_message(websocket: WebSocket) -> None:
        await accept(websocket)
        await websocket.receive()
        raise RuntimeError

    @app.websocket("/echo")
    async def echo_messages(websocket: WebSocket) -> None:
        await accept(websocket)
        while text := (await websocket.receive()).get("text"):
            problem = {"title": "No", "status": 422, "detail": text[:100]}
            await websocket.send_json({"type": "error", "payload": problem})

    @app.websocket("/own")
    async def send_other_errors(websocket: WebSocket) -> None:
        await accept(websocket)
        while (await websocket.receive())["type"] != "websocket.disconnect":
            await websocket.send_json({"type": "error", "payload": {"reason": "No"}})

    return app


async def accept(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.receive_text()
    await websocket.send_json({"type": "authenticated"})


def describe_stream(path: str) -> dict[str, Any]:
    """Return an AsyncAPI document with one message that a service receives."""
    kind = {"const": "letter.subscribe"}
    schema = {"type": "object", "properties": {"type": kind, "text": {"type": "string"}}}
    message = {"payload": {"$ref": "#/components/schemas/Letter"}}
    receive = {"action": "receive", "messages": [{"$ref": "#/channels/letters/messages/Letter"}]}
    return {
        "info": {"title": "Letters", "version": "1"},
        "channels": {"letters": {"address": path}},
        "operations": {"subscribe": receive},
        "components": {"messages": {"Letter": message}, "schemas": {"Letter": schema}},
    }


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    """What is found in the application with planted errors."""
    app = build_faulty_application()
    streams = {path: describe_stream(path) for path in ("/failing", "/echo", "/own")}
    findings = Findings(tmp_path_factory.mktemp("bodies"))
    with start_blocking_portal() as portal:
        application = FuzzedApplication(app, portal, "token", app.openapi(), streams)
        fuzz(application, findings, examples=10, seed=7)
    return findings


@pytest.mark.parametrize(
    ("kind", "operation"),
    [
        (SERVER_ERRORS, "GET /failing/{name}"),
        (OTHER_ERRORS, "GET /failing/{name}"),
        (ECHOES, "POST /echo"),
        (OTHER_ERRORS, "POST /echo"),
        (REJECTED, "GET /strict/{name}"),
        (SERVER_ERRORS, "/failing"),
        (ECHOES, "/echo"),
        (OTHER_ERRORS, "/own"),
    ],
)
def test_planted_error_is_found(found: Findings, kind: str, operation: str) -> None:
    assert any((each.kind, each.operation) == (kind, operation) for each in found.found)


def test_handshake_from_elsewhere_that_is_accepted_is_found(found: Findings) -> None:
    assert any("the handshake was not rejected" in each.detail for each in found.found)


def test_report_has_the_seed_and_a_command_and_fails(
    found: Findings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report(found, 7) == 1
    printed = capsys.readouterr()
    assert "server errors: GET /failing/{name}: " in printed.err
    assert "(seed 7)" in printed.err
    assert "curl --path-as-is -X GET" in printed.err
    assert "http://localhost:8000/failing/" in printed.err
    assert not printed.out.splitlines()[-1].startswith("0 server errors")


@pytest.mark.parametrize("body", [b'{"a": "it\'s"}', b"\x00'", b"\xff\n'", b"1" * 3_000])
def test_command_sends_the_same_bytes(tmp_path: Path, body: bytes) -> None:
    request = HttpInput("", "POST", "/echo", "/echo?a=%00", ((b"x-a", b"\xff"),), body)
    argument = request.reproduce(tmp_path).partition("--data-binary ")[2].rpartition(" ")[0]
    if argument.startswith("@"):
        assert Path(argument[1:]).read_bytes() == body
    else:
        command = ["bash", "-c", f"printf %s {argument}"]
        assert subprocess.run(command, capture_output=True, timeout=30).stdout == body


def test_random_inputs_are_the_same_for_the_same_seed(tmp_path: Path) -> None:
    def record(seed: int) -> list[bytes]:
        sent: list[bytes] = []

        async def app(scope: Any, receive: Any, send: Any) -> None:
            sent.append(scope["raw_path"] + scope["query_string"])
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body"})

        with start_blocking_portal() as portal:
            document = build_faulty_application().openapi()
            application = FuzzedApplication(app, portal, "token", document, {})
            fuzz_operations(application, Findings(tmp_path), 10, seed)
        return sent

    assert record(1) == record(1)
    assert record(1) != record(2)
