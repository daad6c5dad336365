"""Compare the streams of two AsyncAPI specs, as `trading_api.shared.ws.asyncapi` writes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from api_diff.changes import Change, Node, Side, User, show
from api_diff.constraints import canonical
from api_diff.schemas import Place, SchemaComparer
from api_diff.security import compare_scopes, compare_security, security_of
from api_diff.specs import Spec


def compare_streams(old: Spec, new: Spec) -> Iterator[Change]:
    """Yield the changes of the channel, the streams and their messages."""
    before, after = old.document.get("x-streams", {}), new.document.get("x-streams", {})
    renamed = dict(_renamed(before, after))
    yield from _channels(old, new)
    for name in sorted(before.keys() - after.keys()):
        if name in renamed:
            yield _used(Change("stream-renamed", name, name, renamed[name]), name)
        else:
            yield _used(Change("stream-removed", name), name)
    for name in sorted(after.keys() - before.keys() - {*renamed.values()}):
        yield _used(Change("stream-added", name), name)
    for name in sorted(before.keys() & after.keys()):
        for change in _declaration(name, before[name], after[name]):
            yield _used(change, name)
    yield from _operations(old, new)


def _declaration(name: str, before: Node, after: Node) -> Iterator[Change]:
    for key, what in (("replayLast", "replay"), ("resumable", "resume")):
        if bool(before.get(key)) != bool(after.get(key)):
            yield Change(f"stream-{what}-{'added' if after.get(key) else 'removed'}", name)
    fields = before.get("replayLastOf"), after.get("replayLastOf")
    if fields[0] != fields[1]:
        yield Change("stream-replay-key-changed", name, show(fields[0]), show(fields[1]))
    for key in ("request", "update"):
        if before.get(key) != after.get(key):
            old, new = show(before.get(key)), show(after.get(key))
            yield Change("schema-renamed", old, old, new)


def _channels(old: Spec, new: Spec) -> Iterator[Change]:
    before, after = (spec.document.get("channels", {}) for spec in (old, new))
    for name in sorted(before.keys() & after.keys()):
        addresses = before[name].get("address"), after[name].get("address")
        if addresses[0] != addresses[1]:
            change = Change("channel-moved", name, show(addresses[0]), show(addresses[1]))
            streams = old.document.get("x-streams", {})
            yield replace(change, users=frozenset(User("stream", each) for each in streams))


def _operations(old: Spec, new: Spec) -> Iterator[Change]:
    before, after = (spec.document.get("operations", {}) for spec in (old, new))
    streams = [spec.document.get("x-streams", {}) for spec in (old, new)]
    gone = set(streams[0]) ^ set(streams[1])
    for name in sorted(before.keys() | after.keys()):
        node = before.get(name) or after[name]
        user = _stream_of(name, {*streams[0], *streams[1]})
        if user in gone:
            continue
        if name not in after or name not in before:
            yield _used(_operation_gone(name, node, added=name in after), user)
            continue
        for change in _compare(old, new, name, before[name], after[name]):
            yield _used(change, user)


def _operation_gone(name: str, node: Node, *, added: bool) -> Change:
    """Return the change of a whole operation: something that the service receives or sends."""
    who = "received" if node.get("action") == "receive" else "sent"
    return Change(f"message-{who}-{'added' if added else 'removed'}", name)


def _compare(old: Spec, new: Spec, name: str, before: Node, after: Node) -> Iterator[Change]:
    side = Side.REQUEST if before.get("action") == "receive" else Side.RESPONSE
    yield from _messages(SchemaComparer(old, new, side), name, before, after)
    replies = before.get("reply"), after.get("reply")
    if replies != (None, None):
        comparer = SchemaComparer(old, new, Side.RESPONSE)
        yield from _messages(comparer, name, *(each or {} for each in replies))
    alternatives = [
        security_of(spec, _schemes(node)) for spec, node in ((old, before), (new, after))
    ]
    yield from compare_security(name, *alternatives)
    if all(alternatives):
        scopes = (set(each.get("x-scopes", ())) for each in (before, after))
        yield from compare_scopes(name, *scopes)


def _messages(comparer: SchemaComparer, name: str, before: Node, after: Node) -> Iterator[Change]:
    old = {key: comparer.old.resolve(ref) for key, ref in _by_name(before)}
    new = {key: comparer.new.resolve(ref) for key, ref in _by_name(after)}
    who = "received" if comparer.side is Side.REQUEST else "sent"
    for key in sorted(old.keys() - new.keys()):
        yield Change(f"message-{who}-removed", f"{name}: {key}")
    for key in sorted(new.keys() - old.keys()):
        yield Change(f"message-{who}-added", f"{name}: {key}")
    for key in sorted(old.keys() & new.keys()):
        payloads = [each[key].get("payload", {}) for each in (old, new)]
        yield from comparer.compare(payloads[0], payloads[1], Place(key))


def _by_name(node: Node) -> Iterator[tuple[str, Node]]:
    for reference in node.get("messages", ()):
        yield str(reference.get("$ref", "")).rpartition("/")[2], reference


def _schemes(node: Node) -> list[dict[str, list[Any]]]:
    """Return the schemes of an operation in the form that OpenAPI has."""
    names = [str(each.get("$ref", "")).rpartition("/")[2] for each in node.get("security", ())]
    return [{name: []} for name in names]


def _renamed(before: Node, after: Node) -> Iterator[tuple[str, str]]:
    """Yield the removed streams of which exactly one added stream has everything but the name."""
    added = {name: canonical(after[name]) for name in after.keys() - before.keys()}
    removed = {name: canonical(before[name]) for name in before.keys() - after.keys()}
    for name, text in removed.items():
        same = [each for each in added if added[each] == text]
        if len(same) == 1 and list(removed.values()).count(text) == 1:
            yield name, same[0]


def _stream_of(operation: str, streams: set[str]) -> str:
    """Return the stream of an operation such as `subscribeQuotes`, or an empty text."""
    for stream in streams:
        name = "".join(word.capitalize() for word in stream.split("_"))
        if operation in (f"subscribe{name}", f"unsubscribe{name}", f"send{name}Update"):
            return stream
    return ""


def _used(change: Change, stream: str) -> Change:
    users = {User("stream", stream)} if stream else set()
    return replace(change, users=change.users | users)
