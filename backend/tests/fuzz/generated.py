"""Random inputs, made by schemathesis from the specs: valid ones, and ones that are not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode

import trading_api
from fuzz.application import FuzzedApplication
from fuzz.findings import RANDOM_REQUESTS, Findings, secrets_of
from fuzz.http import HttpInput, HttpOutput, send
from fuzz.pool import KnownValues
from fuzz.sockets import MessageInput, StreamClient

MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)

ROUNDS = 5
EXAMPLES_PER_ROUND = 10
"""At least so many, because the first ones of each round are the simplest ones."""

LEFT_OUT_HEADERS = ("Authorization", "X-Schemathesis-TestCaseId", "Content-Length", "Host")


def fuzz_operations(
    application: FuzzedApplication, findings: Findings, number: int, start: int
) -> None:
    """Send so many random requests of each mode to each operation; `start` is the seed.

    They are sent in rounds, so that later ones know what the responses of earlier ones had.
    """
    public = _public_texts(application.openapi)
    known = KnownValues(start, public)
    _fetch_values(application, known)
    schema = schemathesis.openapi.from_dict(_without_null_parameters(application.openapi))
    for operation, mode, examples, seed_ in _rounds(schema, number, start):

        def check(case: Case[Any], mode: GenerationMode = mode) -> None:
            request = _to_input(case, mode, known, public)
            response = send(application, request)
            findings.check_http(RANDOM_REQUESTS, request, response)
            _remember(known, case.path, response)

        _generate(operation, mode, examples, seed_, check)


def fuzz_streams(
    application: FuzzedApplication, findings: Findings, number: int, start: int
) -> None:
    """Send so many random messages of each mode and type to each stream."""
    for document in application.asyncapi.values():
        public = _public_texts(document)
        known = KnownValues(start, public)
        _fetch_values(application, known)
        schema = schemathesis.openapi.from_dict(_as_openapi(document))
        (channel,) = document["channels"].values()
        with closing(StreamClient(application, channel["address"])) as client:
            for operation, mode, examples, seed_ in _rounds(schema, number, start):

                def check(
                    case: Case[Any],
                    mode: GenerationMode = mode,
                    client: StreamClient = client,
                    known: KnownValues = known,
                    public: str = public,
                ) -> None:
                    message = _to_message(case, mode, client.path, known, public)
                    output = client.ask(message.message)
                    findings.check_message("random messages", message, output)

                _generate(operation, mode, examples, seed_, check)


def _public_texts(document: dict[str, Any]) -> str:
    """Return what an error may have although an input has it, too: texts of spec and sources.

    Hypothesis takes some of its random texts from the constants of the application.
    """
    folder = Path(trading_api.__file__).parent
    sources = [path.read_text(encoding="utf-8") for path in folder.rglob("*.py")]
    return "\n".join([json.dumps(document, ensure_ascii=False), *sources])


def _rounds(schema: Any, number: int, start: int) -> Iterator[tuple[Any, GenerationMode, int, int]]:
    """Yield operation, mode, number of examples and seed, each operation several times."""
    rounds = max(1, min(ROUNDS, number // EXAMPLES_PER_ROUND))
    for turn in range(rounds):
        examples = number // rounds + (turn < number % rounds)
        for mode in MODES:
            for result in schema.get_all_operations():
                yield result.ok(), mode, examples, start * ROUNDS + turn


def _without_null_parameters(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document without `null` as the value of a parameter, which cannot be sent."""
    document = deepcopy(document)
    for item in document["paths"].values():
        for operation in item.values():
            for schema in (each["schema"] for each in operation.get("parameters", ())):
                members = schema.get("anyOf", ())
                if {"type": "null"} in members:
                    schema["anyOf"] = [each for each in members if each != {"type": "null"}]
    return document


def _generate(
    operation: Any,
    mode: GenerationMode,
    number: int,
    start: int,
    check: Callable[[Case[Any]], None],
) -> None:
    """Call `check` with so many cases, the same ones for the same seed."""

    @seed(start)
    @settings(
        max_examples=number,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Case[Any]) -> None:
        check(case)

    # There may be no invalid input, as of an operation whose only parameter is any text.
    with suppress(*[Unsatisfiable] if mode is GenerationMode.NEGATIVE else []):
        run()


def _to_input(case: Case[Any], mode: GenerationMode, known: KnownValues, public: str) -> HttpInput:
    """Return the request of a case, with some values that exist."""
    case.path_parameters = known.reuse(case.path_parameters)
    case.query = known.reuse(case.query)
    reused = known.reuse(case.body)
    case.body = known.moderate(reused)
    sent, body = _serialize(case)
    url = urlsplit(str(sent.url))
    values = [case.path_parameters, case.query, dict(case.headers), case.cookies, case.body]
    return HttpInput(
        name=f"random ({mode.value})",
        method=case.method.upper(),
        path=case.path,
        target=f"{url.path}?{url.query}" if url.query else url.path,
        headers=tuple(_headers(sent)),
        body=body,
        secrets=secrets_of(values, public),
        is_valid=mode is GenerationMode.POSITIVE and case.body == reused,
    )


def _serialize(case: Case[Any]) -> tuple[requests.PreparedRequest, bytes]:
    sent = requests.Request(**case.as_transport_kwargs(base_url="http://localhost")).prepare()
    body = sent.body or b""
    if isinstance(body, str):
        return sent, body.encode()
    assert isinstance(body, bytes)
    return sent, body


def _headers(sent: requests.PreparedRequest) -> Iterator[tuple[bytes, bytes]]:
    for name, value in sent.headers.items():
        if name not in LEFT_OUT_HEADERS:
            text = value.encode("latin-1") if isinstance(value, str) else value
            yield name.lower().encode("latin-1"), text


def _to_message(
    case: Case[Any], mode: GenerationMode, path: str, known: KnownValues, public: str
) -> MessageInput:
    case.body = known.reuse(case.body)
    _, body = _serialize(case)
    message: str | bytes = body.decode() if _is_text(body) else body
    ref = case.body.get("ref") if isinstance(case.body, dict) else None
    secrets = tuple(each for each in secrets_of(case.body, public) if each != ref)
    valid = mode is GenerationMode.POSITIVE
    return MessageInput(f"random ({mode.value})", path, message, secrets, valid)


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _as_openapi(document: dict[str, Any]) -> dict[str, Any]:
    """Return an OpenAPI document whose request bodies are the messages that a service receives."""
    paths = {}
    for operation in document["operations"].values():
        for message in operation["messages"] if operation["action"] == "receive" else ():
            name = message["$ref"].rpartition("/")[2]
            content = {"schema": document["components"]["messages"][name]["payload"]}
            body = {"required": True, "content": {"application/json": content}}
            paths[f"/{name}"] = {
                "post": {"requestBody": body, "responses": {"200": {"description": ""}}}
            }
    return {
        "openapi": "3.1.0",
        "info": document["info"] | {"tags": []},
        "paths": paths,
        "components": {"schemas": document["components"]["schemas"]},
    }


def _remember(known: KnownValues, path: str, response: HttpOutput) -> None:
    if response.status in (200, 201) and response.content_type == "application/json":
        known.remember(path, json.loads(response.body))


def _fetch_values(application: FuzzedApplication, known: KnownValues) -> None:
    """Learn what exists from the operations that need no parameter."""
    for path, item in application.openapi["paths"].items():
        if "get" in item and "{" not in path:
            _remember(known, path, send(application, HttpInput("", "GET", path, path)))
