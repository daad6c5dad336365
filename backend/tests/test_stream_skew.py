"""Streams between two versions: a client of one version, and the messages of the other one."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from shapes.rows.skew_responses import (
    NewDrawing,
    NewFlag,
    NewLimits,
    NewNote,
    OldDrawing,
    OldFlag,
    OldLimits,
    OldNote,
)
from support.live import WANTED, first, live_client
from trading_api.shared.client import ApiError, Stream, Subscription, is_unrecognized

CIRCLE = {"form": "circle", "radius": 1}
STAR = {"form": "star", "points": 5}


def subscribe(client: Any, update: type[BaseModel]) -> Subscription[Any]:
    subscription: Subscription[Any] = client._subscribe(
        Stream("news", type(WANTED), update), WANTED
    )
    return subscription


@pytest.mark.parametrize(
    ("update", "sent", "received"),
    [
        pytest.param(OldNote, {"text": "a", "author": "b"}, {"text": "a"}, id="field-older"),
        pytest.param(NewNote, {"text": "a"}, {"text": "a", "author": None}, id="field-newer"),
        pytest.param(OldFlag, {"colour": "blue", "rank": 1}, None, id="enum-text-older"),
        pytest.param(NewFlag, {"colour": "red", "rank": 1}, None, id="enum-text-newer"),
        pytest.param(OldFlag, {"colour": "red", "rank": 2}, None, id="enum-number-older"),
        pytest.param(NewFlag, {"colour": "red", "rank": 1}, None, id="enum-number-newer"),
        pytest.param(OldDrawing, {"forms": [STAR, CIRCLE]}, None, id="union-older"),
        pytest.param(NewDrawing, {"forms": [CIRCLE]}, None, id="union-newer"),
        pytest.param(OldLimits, {"count": 50, "word": "longer"}, None, id="limits-older"),
        pytest.param(NewLimits, {"count": 1, "word": "a"}, None, id="limits-newer"),
    ],
)
async def test_update_of_another_version_arrives(
    update: type[BaseModel], sent: Any, received: Any
) -> None:
    async with live_client() as (client, service):
        reading = await first(subscribe(client, update))
        peer = await service.accept()
        await peer.begin()
        await peer.update("news", sent)
        value = await reading
        assert type(value) is update
        assert value.model_dump(mode="json", warnings=False) == (
            sent if received is None else received
        )


async def test_unknown_values_are_unrecognized() -> None:
    async with live_client() as (client, service):
        updates = subscribe(client, OldFlag)
        reading = await first(updates)
        peer = await service.accept()
        await peer.begin()
        await peer.update("news", {"colour": "blue", "rank": 2})
        flag = await reading
        assert is_unrecognized(flag.colour)
        assert is_unrecognized(flag.rank)
        await peer.update("news", {"colour": "red", "rank": 1})
        assert not is_unrecognized((await anext(updates)).colour)


async def test_message_of_a_type_that_is_new_is_ignored_and_counted() -> None:
    async with live_client() as (client, service):
        reading = await first(subscribe(client, OldNote))
        peer = await service.accept()
        await peer.begin()
        # It looks like an update in everything but its type.
        await peer.send(type="news.correction", topic="news", payload={"text": "no"})
        await peer.update("news", {"text": "a"})
        assert await reading == OldNote(text="a")
        assert client.stream_counts.unknown_messages == 1


async def test_stream_that_an_older_service_does_not_have_is_an_error() -> None:
    async with live_client() as (client, service):
        reading = await first(subscribe(client, OldNote))
        peer = await service.accept()
        message = await peer.receive()
        problem = {"type": "about:blank", "title": "Not Found", "status": 404}
        await peer.send(type="error", ref=message["ref"], payload=problem)
        with pytest.raises(ApiError) as caught:
            await reading
        assert caught.value.status == 404
