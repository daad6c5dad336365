"""Sends the corpus of hostile inputs to every operation and every stream."""

from __future__ import annotations

from itertools import islice

from fuzz.application import FuzzedApplication
from fuzz.corpus import HOSTS, MARK, hostile_messages, hostile_requests
from fuzz.findings import Findings
from fuzz.http import send
from fuzz.sockets import StreamClient, shake_hands


def send_corpus(application: FuzzedApplication, findings: Findings, every: int = 1) -> None:
    """Send the corpus, or every n-th input of it."""
    for request in islice(hostile_requests(application.openapi), 0, None, every):
        findings.check_http("hostile requests", request, send(application, request))
    for document in application.asyncapi.values():
        for channel in document["channels"].values():
            path = channel["address"]
            client = StreamClient(application, path)
            for message in islice(hostile_messages(document), 0, None, every):
                output = client.ask(message.message)
                findings.check_message("hostile messages", message, output)
            client.close()
            _shake_hands(application, findings, path)


def _shake_hands(application: FuzzedApplication, findings: Findings, path: str) -> None:
    localhost = (b"host", b"localhost")
    origins = (f"https://{MARK}.example".encode(), b"null", b"\xff", b"http://localhost.example")
    handshakes = [
        *[(f"host {host!r}", [(b"host", host)]) for host in HOSTS],
        *[(f"origin {origin!r}", [localhost, (b"origin", origin)]) for origin in origins],
    ]
    for name, headers in handshakes:
        event = shake_hands(application, path, headers)
        findings.check_handshake("hostile handshakes", path, name, event)
