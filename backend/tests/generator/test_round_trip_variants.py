"""The golden client of tests/shapes/variants.py calls its application."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import UploadFile
from starlette.datastructures import Headers

from golden.variants_client import SyncVariantsClient, VariantsClient
from shapes import variants as shapes
from shapes.models import (
    Entry,
    Filter,
    Free,
    Item,
    Operation,
    Outer,
    Pair,
    Point,
    Report,
    Span,
    Titled,
)
from trading_api.shared.client import ApiError, ServerSentEvent

SOURCE = Path(shapes.__file__).read_bytes()
ITEMS = [Item(name="a", price="1"), Item(name="b", price="2")]


async def test_success_without_declared_content_is_read_as_bytes(variants: VariantsClient) -> None:
    assert await variants.get_file() == SOURCE
    assert await variants.get_streamed() == b"onetwo"
    assert await variants.put_accepted() == b""
    assert await variants.get_html() == "<p>"


async def test_success_without_body_returns_none(variants: VariantsClient) -> None:
    await variants.get_moved()
    await variants.delete_reset()
    await variants.get_both_head()
    assert await variants.get_both() == 1


async def test_accept_chooses_one_of_several_media_types(variants: VariantsClient) -> None:
    assert await variants.export_items() == ITEMS[:1]
    assert await variants.export_items(accept="text/csv") == "a,1"


async def test_stream_yields_its_items(variants: VariantsClient) -> None:
    assert [each async for each in variants.list_items()] == ITEMS
    with pytest.warns(DeprecationWarning, match="get_tags is deprecated"):
        tags = variants.get_tags(["x", "y"])
    assert [each async for each in tags] == ["x", "y"]


async def test_events_have_the_type_of_their_data(variants: VariantsClient) -> None:
    events = variants.watch_items()
    assert [await anext(events), await anext(events)] == ITEMS


async def test_events_without_type_are_read_whole(variants: VariantsClient) -> None:
    assert await anext(variants.watch_raw()) == ServerSentEvent("hello", "greeting", "1")


async def test_iterator_reads_all_pages(variants: VariantsClient) -> None:
    names = [each.name async for each in variants.iter_get_items(prefix="p")]
    assert names == ["p0", "p1", "p2"]
    assert (await variants.get_items(after="2")).next_cursor is None


async def test_object_in_the_query_is_sent_by_its_keys(variants: VariantsClient) -> None:
    assert await variants.get_deep(metadata={"a b": "1&2", "c": ""}) == {
        "metadata[a b]": "1&2",
        "metadata[c]": "",
    }
    assert await variants.get_deep() == {}
    given = Filter(min_size=3, names=["x", "y"])
    assert await variants.get_filtered(given) == [
        "filter[minSize]=3",
        "filter[names]=x",
        "filter[names]=y",
    ]


async def test_object_in_the_query_is_sent_as_json(variants: VariantsClient) -> None:
    seen = await variants.get_json(["a"], filter=Filter(min_size=3))
    assert seen.values == {"names": repr('["a"]'), "filter": repr('{"minSize":3}')}
    assert (await variants.get_json([])).values == {"names": "'[]'"}
    assert await variants.größe() == 1


async def test_list_that_is_not_exploded_is_joined(variants: VariantsClient) -> None:
    assert (await variants.get_joined(ids=[1, 2])).values == {"ids": "'1,2'"}
    assert (await variants.get_joined()).values == {"ids": "None"}


async def test_file_in_a_form_model_is_sent(variants: VariantsClient) -> None:
    headers = Headers({"content-type": "text/plain"})
    file = UploadFile(io.BytesIO(b"content"), filename="a.txt", headers=headers)
    report = Report(name="n", file=file, tags=["x", "y"])
    assert await variants.post_report(report) == "n ['x', 'y'] a.txt content"


async def test_status_range_and_example_are_read_as_error_bodies(
    variants: VariantsClient,
) -> None:
    with pytest.raises(ApiError) as caught:
        await variants.get_ranges()
    assert caught.value.body == Item(name="range", price="1")
    with pytest.raises(ApiError) as caught:
        await variants.get_example()
    assert caught.value.body == {"a": 1}


async def test_value_of_each_kind_of_class_arrives_unchanged(variants: VariantsClient) -> None:
    assert await variants.put_operation(Operation(name="abc")) == Titled(size=3)
    assert await variants.put_inner(Outer.Inner(value=1)) == Outer.Inner(value=1)
    assert await variants.put_point(Point(1, 2)) == Point(1, 2)
    assert await variants.put_span(Span(start=1)) == {"start": 1}
    assert await variants.put_pair(Pair(1)) == Pair(1, "none")
    assert await variants.put_names(["a"]) == ["a"]
    assert await variants.put_free(Free(value={"a": [None]})) == Free(value={"a": [None]})
    entry = Entry(number=2**63 - 1, content=b"\xff\x00", moment=datetime(2024, 1, 1, tzinfo=UTC))
    assert await variants.put_entry(entry) == entry


async def test_null_is_sent_and_omit_is_not(variants: VariantsClient) -> None:
    assert await variants.put_fields() == ["'default'", "1"]
    assert await variants.put_fields(note=None, count=2) == ["None", "2"]
    assert await variants.put_default() == "'default'"
    assert await variants.put_default(body=None) == "None"


def test_synchronous_client_has_the_same_methods() -> None:
    with SyncVariantsClient.in_process(shapes.app) as client:
        assert client.get_both() == 1
        assert client.put_point(Point(1)) == Point(1)
        assert [each.name for each in client.list_items()] == ["a", "b"]
        assert [each.name for each in client.iter_get_items()] == ["0", "1", "2"]
