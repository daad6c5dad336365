"""Hostile inputs, written by hand: what parsers, limits and error messages have to withstand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from fuzz.http import HttpInput
from fuzz.sockets import MessageInput
from trading_api.shared.utils import API_PREFIX

MARK = "3f9cb1"
"""A text that no error contains, unless it repeats the input."""

SECRETS = (MARK,)

DEEP = "[" * 2_000 + "]" * 2_000
DEEP_OBJECT = '{"a":' * 2_000 + "1" + "}" * 2_000

VALUES: dict[str, str] = {
    "NaN": "NaN",
    "Infinity": "Infinity",
    "-Infinity": "-Infinity",
    "1e999": "1e999",
    "-1e999": "-1e999",
    "tiny": "5e-324",
    "4,000 digits": "9" * 4_000,
    "4,000 decimals": "0." + "3" * 4_000,
    "huge timestamp": "9" * 20,
    "first second after year 9999": "253402300800",
    "second before year 1": "-62135596801",
    "2^63": str(2**63),
    "negative zero": "-0.0",
    "lone surrogate": f'"\\ud800{MARK}"',
    "null byte": f'"\\u0000{MARK}"',
    "line break": f'"{MARK}\\r\\nX-Injected: {MARK}"',
    "markup": f'"<script>{MARK}</script>"',
    "traversal": f'"../../../etc/{MARK}"',
    "long text": json.dumps(MARK * 10_000),
    "empty text": '""',
    "right-to-left": f'"\\u202e{MARK}"',
    "nested": DEEP,
    "nested object": DEEP_OBJECT,
    "null": "null",
    "boolean": "true",
    "object": f'{{"{MARK}": 1}}',
    "list": f'["{MARK}"]',
}
"""Values of one member of a body or a message, as JSON text or what resembles it."""

TEXTS: dict[str, str] = {
    "mark": MARK,
    "NaN": "nan",
    "Infinity": "Infinity",
    "1e999": "1e999",
    "4,000 digits": "9" * 4_000,
    "huge timestamp": "9" * 20,
    "second before year 1": "-62135596801",
    "encoded slash": f"{MARK}%2F..%2F{MARK}",
    "traversal": f"..%2f..%2f..%2fetc%2f{MARK}",
    "dots": f"%2e%2e/%2e%2e/{MARK}",
    "null byte": f"%00{MARK}",
    "line break": f"%0d%0aX-Injected:%20{MARK}",
    "not UTF-8": "%ff%fe",
    "surrogate in UTF-8": "%ed%a0%80",
    "not an escape": "%zz%",
    "emoji": "%F0%9F%98%80",
    "semicolons": f";{MARK};{MARK}",
    "empty": "",
}
"""Values of a path segment or a parameter, as they are in a URL."""

BODIES: dict[str, bytes] = {
    "empty": b"",
    "not JSON": f"{{{MARK}".encode(),
    "not complete": f'{{"symbol": "{MARK}'.encode(),
    "two documents": f'{{}} {{"{MARK}": 1}}'.encode(),
    "byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": f'{{"{MARK}": 1}}'.encode("utf-16"),
    "not UTF-8": b'{"symbol": "\xff\xfe"}',
    "null byte": b"\x00",
    "NaN": b"NaN",
    "number": b"1e999",
    "4,000 digits": b"9" * 4_000,
    "text": json.dumps(MARK).encode(),
    "surrogate": f'"\\ud800{MARK}"'.encode(),
    "null": b"null",
    "array": json.dumps([MARK] * 1_000).encode(),
    "nested": DEEP.encode(),
    "nested object": DEEP_OBJECT.encode(),
    "nested and not complete": b"[" * 100_000,
    "unknown field": json.dumps({MARK: 1, MARK * 10: {MARK: MARK}}).encode(),
    "long field": json.dumps({MARK * 100_000: 1}).encode(),
    "many fields": json.dumps({f"{MARK}{n}": n for n in range(50_000)}).encode(),
    "reserved fields": json.dumps({"__proto__": {MARK: 1}, "constructor": MARK}).encode(),
    "too large": b" " * 1_048_577,
}

CONTENT_TYPES = (
    f"text/{MARK}",
    "text/plain",
    "application/xml",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    f"multipart/form-data; boundary={MARK}",
    "application/json; charset=utf-16",
    f"application/json; {MARK}={MARK}",
    f"application/{MARK}+json",
    MARK,
    "",
)

HEADERS: tuple[tuple[str, bytes, bytes], ...] = (
    ("not ASCII", b"x-any", b"\xff\xfe\x80"),
    ("line break", b"x-any", f"a\r\nX-Injected: {MARK}".encode()),
    ("null byte", b"x-any", b"a\x00b"),
    ("long", b"x-any", MARK.encode() * 5_000),
    ("accept", b"accept", f"{MARK}/*".encode()),
    ("cookie", b"cookie", f"{MARK}={MARK}; {MARK}".encode()),
    ("range", b"range", f"bytes={MARK}".encode()),
    ("method override", b"x-http-method-override", MARK.encode()),
    ("forwarded", b"x-forwarded-host", f"{MARK}.example".encode()),
    ("forwarded path", b"x-original-url", f"/{MARK}".encode()),
    ("origin", b"origin", f"https://{MARK}.example".encode()),
    ("no origin", b"origin", b"null"),
    ("trace", b"traceparent", f"00-{MARK}".encode()),
    ("request id", b"x-request-id", f"{MARK} \r\n\xff".encode("latin-1")),
    ("timeout", b"x-request-timeout", MARK.encode()),
    ("timeout NaN", b"x-request-timeout", b"nan"),
    ("timeout 1e999", b"x-request-timeout", b"1e999"),
    ("no scheme", b"authorization", MARK.encode()),
    ("basic", b"authorization", f"Basic {MARK}".encode()),
    ("not a token", b"authorization", f"Bearer {MARK}".encode()),
    ("not a token, either", b"authorization", f"Bearer {MARK}.{MARK}.{MARK}".encode()),
    ("no algorithm", b"authorization", f"Bearer eyJhbGciOiJub25lIn0.{MARK}.".encode()),
    ("token not in ASCII", b"authorization", b"Bearer \xff\xff"),
    ("long token", b"authorization", b"Bearer " + b"[" * 20_000),
)

HOSTS: tuple[bytes, ...] = (
    f"{MARK}.example".encode(),
    f"localhost.{MARK}.example".encode(),
    f"localhost@{MARK}.example".encode(),
    f"localhost:{MARK}".encode(),
    f"localhost, {MARK}.example".encode(),
    f"localhost\r\nX-Injected: {MARK}".encode(),
    f"[::1{MARK}".encode(),
    b"\xff\xfe",
    b"in-process",
    b"",
)

MESSAGES: dict[str, str | bytes] = {
    **{
        name: body.decode("utf-8")
        for name, body in BODIES.items()
        if name not in ("not UTF-8", "UTF-16", "empty", "too large")
    },
    "empty": "",
    "binary": f'{{"type": "{MARK}"}}'.encode(),
    "binary, not UTF-8": b"\xff\xfe",
    "too large": json.dumps({"type": "ping", "ref": "x" * 65_536}),
    "unknown type": json.dumps({"type": MARK}),
    "unknown stream": json.dumps({"type": f"{MARK}.subscribe", "payload": {}}),
    "long ref": json.dumps({"type": "ping", "ref": MARK * 100}),
    "unknown field": json.dumps({"type": "ping", MARK: 1}),
    "duplicate type": f'{{"type": "ping", "type": "{MARK}"}}',
    "list as type": f'{{"type": ["{MARK}"]}}',
    "no token": '{"type": "authenticate"}',
    "not a token": json.dumps({"type": "authenticate", "payload": {"token": MARK}}),
}


def hostile_requests(document: dict[str, Any]) -> Iterator[HttpInput]:
    """Yield hostile requests to every operation of an OpenAPI document."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield from _requests(_Operation(document, path, method.upper(), operation))
    yield from _unknown_paths()


def hostile_messages(document: dict[str, Any]) -> Iterator[MessageInput]:
    """Yield hostile messages to every stream of an AsyncAPI document."""
    schemas = document["components"]["schemas"]
    for channel in document["channels"].values():
        path = channel["address"]
        for name, message in MESSAGES.items():
            yield MessageInput(name, path, message, SECRETS)
        for operation in document["operations"].values():
            for reference in operation["messages"] if operation["action"] == "receive" else ():
                schema = schemas[reference["$ref"].rpartition("/")[2]]
                for name, message in _hostile_objects(schema, schemas):
                    yield MessageInput(name, path, message, SECRETS)


class _Operation:
    """One operation, and how to write requests to it."""

    def __init__(
        self, document: dict[str, Any], path: str, method: str, operation: dict[str, Any]
    ) -> None:
        self.path, self.method = path, method
        self.schemas = document["components"]["schemas"]
        self.parameters = operation.get("parameters", [])
        content = operation.get("requestBody", {}).get("content", {})
        self.body_schema = content.get("application/json", {}).get("schema")

    def target(self, **values: str) -> str:
        """Return path and query, with valid values unless `values` has others."""
        path = re.sub(r"{(\w+)}", lambda match: values.pop(match[1], "1"), self.path)
        for parameter in self.parameters:
            if parameter["in"] == "query" and parameter.get("required"):
                values.setdefault(parameter["name"], "1")
        query = "&".join(f"{name}={value}" for name, value in values.items())
        return f"{path}?{query}" if query else path

    def request(self, name: str, target: str = "", **changes: Any) -> HttpInput:
        target = target or self.target()
        return HttpInput(name, self.method, self.path, target, secrets=SECRETS, **changes)


JSON_HEADER = (b"content-type", b"application/json")


def _requests(operation: _Operation) -> Iterator[HttpInput]:
    for parameter in operation.parameters:
        if parameter["in"] in ("path", "query"):
            for name, text in TEXTS.items():
                target = operation.target(**{parameter["name"]: text})
                yield operation.request(f"{parameter['name']}: {name}", target)
        else:
            header = parameter["name"].lower().encode()
            for name, _, value in HEADERS:
                yield operation.request(f"{header.decode()}: {name}", headers=((header, value),))
    for name, header, value in HEADERS:
        yield operation.request(f"header: {name}", headers=((header, value),))
    for host in HOSTS:
        yield operation.request("unknown host", headers=((b"host", host),))
    yield from _queries(operation)
    yield from _bodies(operation)


def _queries(operation: _Operation) -> Iterator[HttpInput]:
    separator = "&" if "?" in operation.target() else "?"
    for query in (f"{MARK}={MARK}", "a=%00&a=%ff", "&&==&", f"{MARK}=1&" * 2_000):
        yield operation.request("unknown parameter", operation.target() + separator + query)


def _bodies(operation: _Operation) -> Iterator[HttpInput]:
    for name, body in BODIES.items():
        yield operation.request(f"body: {name}", headers=(JSON_HEADER,), body=body)
    chunk = b" " * 65_536
    yield operation.request("endless body", headers=(JSON_HEADER,), body=chunk, endless=True)
    if operation.body_schema is None:
        return
    for content_type in CONTENT_TYPES:
        headers = ((b"content-type", content_type.encode()),)
        body = f'{{"{MARK}": 1}}'.encode()
        yield operation.request(f"content type: {content_type}", headers=headers, body=body)
    for name, text in _hostile_objects(operation.body_schema, operation.schemas):
        yield operation.request(f"body: {name}", headers=(JSON_HEADER,), body=text.encode())


def _unknown_paths() -> Iterator[HttpInput]:
    for name, text in TEXTS.items():
        for method in ("GET", "POST", "HEAD", "TRACE", MARK.upper()):
            for start in ("/", f"{API_PREFIX}/"):
                kind = f"unknown path: {name}"
                yield HttpInput(kind, method, start, start + text, secrets=SECRETS)


def _hostile_objects(schema: dict[str, Any], schemas: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield valid objects in which one member is hostile, or is given twice."""
    members = _members(schema, schemas)
    for member, valid in members.items():
        others = {name: text for name, text in members.items() if name != member}
        for name, value in VALUES.items():
            yield f"{member}: {name}", _object({**others, member: value})
        yield f"{member}: left out", _object(others)
        again = _object({**others, member: json.dumps(MARK)})
        yield f"{member}: twice", f'{{"{member}": {valid}, {again[1:]}'
    yield "unknown member", _object({**members, MARK: f'"{MARK}"'})


def _object(members: dict[str, str]) -> str:
    return "{" + ", ".join(f'"{name}": {value}' for name, value in members.items()) + "}"


def _members(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, str]:
    """Return the members of an object with a valid value of each, as JSON text."""
    schema = _resolve(schema, schemas)
    return {
        name: json.dumps(_sample(member, schemas))
        for name, member in schema.get("properties", {}).items()
    }


def _sample(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """Return a value that the schema allows, or nearly so."""
    schema = _resolve(schema, schemas)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "object")
    if kind == "object":
        properties = schema.get("properties", {})
        return {name: _sample(member, schemas) for name, member in properties.items()}
    if kind == "array":
        return [_sample(schema.get("items", {}), schemas)] * schema.get("minItems", 0)
    return {"string": "1", "integer": 1, "number": 1, "boolean": True}.get(kind)


def _resolve(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """Follow references, and take the first member of a union."""
    while "$ref" in schema or "anyOf" in schema or "oneOf" in schema:
        if "$ref" in schema:
            schema = schemas[schema["$ref"].rpartition("/")[2]]
        else:
            schema = (schema.get("anyOf") or schema["oneOf"])[0]
    return schema
