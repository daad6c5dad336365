"""The methods of streams: what a spec may say, and what is an error."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import generate_python_clients
from client_generator.check_streams import check_streams
from client_generator.errors import GeneratorError
from client_generator.models import ModelIndex
from client_generator.parse_streams import parse_streams
from golden.apps import live

CALL = """\
import asyncio

from clients import LiveClient
from golden.apps.live import Source, Wanted, Weather, make_app


async def main():
    source = Source()
    async with LiveClient.in_process(make_app(source)) as client:
        async with client.ticks_stream(Wanted(account="a")) as ticks:
            source.send("ticks", Weather(text="tick"))
            print((await anext(ticks)).text, type(ticks).__module__)


asyncio.run(main())
"""
GOLDEN = Path(__file__).parent.parent / "golden" / "live_client.py"
MODELS = ModelIndex("golden.apps.models", "golden.apps.live")


def change(edit: Callable[[Any], object]) -> dict[str, Any]:
    """Return the spec of the golden application, changed."""
    spec = copy.deepcopy(live.asyncapi())
    edit(spec)
    return spec


def rename_schema(spec: Any) -> None:
    schemas = spec["components"]["schemas"]
    schemas["Nothing"] = schemas.pop("Weather") | {"title": "Nothing"}
    spec["x-streams"]["weather"]["update"] = "Nothing"


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda spec: spec.pop("x-streams"), "#/x-streams: there is no object of this name"),
        (lambda spec: spec.update(asyncapi="2.6.0"), "#/asyncapi: '2.6.0' is not supported"),
        (lambda spec: spec.update(channels={}), "#/channels: there are 0 channels; declare one"),
        (
            lambda spec: spec["channels"]["live"].update(address="/ws/{account}"),
            "#/channels: the address '/ws/{account}' is not a path",
        ),
        (
            lambda spec: spec["x-streams"].update(weather=3),
            "weather: #/x-streams/weather: is not an object",
        ),
        (
            lambda spec: spec["x-streams"]["weather"].pop("update"),
            "weather: #/x-streams/weather/update: is not the name of a schema",
        ),
        (
            lambda spec: spec["x-streams"]["weather"].update(replayLast="yes"),
            "weather: #/x-streams/weather/replayLast: must be true or false",
        ),
        (
            lambda spec: spec["x-streams"]["prices"].update(replayLastOf="symbol"),
            "prices: #/x-streams/prices/replayLastOf: Price has no field 'symbol'",
        ),
        (
            lambda spec: spec["x-streams"]["weather"].update(update="Missing"),
            "weather: #/x-streams/weather: the reference"
            " '#/components/schemas/Missing' leads nowhere",
        ),
        (rename_schema, "has no model 'Nothing'"),
    ],
)
def test_unusable_spec_is_an_error_with_pointer_and_reason(
    edit: Callable[[Any], object], message: str
) -> None:
    with pytest.raises(GeneratorError) as caught:
        parse_streams("live", change(edit), MODELS)
    assert message in str(caught.value)


def test_name_on_the_wire_becomes_the_attribute_of_the_model() -> None:
    document = parse_streams("live", live.asyncapi(), MODELS)
    prices = next(each for each in document.streams if each.name == "prices")
    assert live.asyncapi()["x-streams"]["prices"]["replayLastOf"] == "shortName"
    assert (prices.key, prices.replays, prices.numbered) == ("short_name", True, False)


@pytest.mark.parametrize(
    ("old", "new", "missing"),
    [
        ('    "weather",\n', '    "wind",\n', "missing ['weather']"),
        ("self._subscribe(_TICKS_STREAM, request)", "None", "missing ['ticks']"),
        ("    ticks_stream = sync_iterator(LiveClient.ticks_stream)\n", "", "synchronous"),
        ('stream_path = "/api/v1/live/ws"', 'stream_path = "/ws"', "another path"),
    ],
)
def test_missing_part_raises_error_that_names_it(old: str, new: str, missing: str) -> None:
    source = GOLDEN.read_text()
    assert old in source
    check_streams(source, live.asyncapi())
    with pytest.raises(GeneratorError, match="a bug in the generator") as caught:
        check_streams(source.replace(old, new, 1), live.asyncapi())
    assert missing in str(caught.value)


def generate(
    folder: Path, openapi: dict[str, Any], asyncapi: dict[str, Any] | str, *options: str
) -> int:
    specs = folder / "modules" / "live" / "specs"
    specs.mkdir(parents=True)
    (specs / "openapi.json").write_text(json.dumps(openapi))
    text = asyncapi if isinstance(asyncapi, str) else json.dumps(asyncapi)
    (specs / "asyncapi.json").write_text(text)
    return generate_python_clients.main(
        [
            f"--modules-dir={folder / 'modules'}",
            "--models=golden.apps.live",
            f"--output-dir={folder / 'clients'}",
            *options,
        ]
    )


@pytest.mark.parametrize(
    ("asyncapi", "reason"),
    [
        ("{", "asyncapi.json: is not JSON"),
        ("[]", "asyncapi.json: is not a JSON object"),
        ('{"asyncapi": "3.0.0", "x-streams": {"a": {}}, "channels": [1]}', "asyncapi.json: "),
        (
            change(lambda spec: spec["components"]["schemas"]["Trade"]["properties"].clear()),
            "asyncapi.json: #/components/schemas/Trade",
        ),
    ],
)
def test_error_names_the_file_and_no_client_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], asyncapi: Any, reason: str
) -> None:
    assert generate(tmp_path, live.app.openapi(), asyncapi) == 1
    assert reason in capsys.readouterr().err
    assert not (tmp_path / "clients").exists()


def test_stream_whose_method_has_the_name_of_an_operation_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    openapi = copy.deepcopy(live.app.openapi())
    openapi["paths"]["/name"]["get"]["operationId"] = "ticks_stream"
    assert generate(tmp_path, openapi, live.asyncapi()) == 1
    error = capsys.readouterr().err
    assert "asyncapi.json: #/x-streams/ticks: the method 'ticks_stream' would have" in error


def test_unsupported_stream_can_be_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncapi = change(lambda spec: spec["x-streams"]["prices"].update(replayLastOf="symbol"))
    assert generate(tmp_path, live.app.openapi(), asyncapi, "--skip-unsupported") == 0
    source = (tmp_path / "clients" / "live_client.py").read_text()
    assert "def prices_stream" not in source
    assert "def ticks_stream" in source
    out = capsys.readouterr().out
    assert "asyncapi.json: prices: #/x-streams/prices/replayLastOf: Price has no field" in out


def test_module_without_asyncapi_spec_has_no_streams(tmp_path: Path) -> None:
    assert generate(tmp_path, live.app.openapi(), live.asyncapi()) == 0
    (tmp_path / "modules" / "live" / "specs" / "asyncapi.json").unlink()
    arguments = [
        f"--modules-dir={tmp_path / 'modules'}",
        "--models=golden.apps.live",
        f"--output-dir={tmp_path / 'clients'}",
    ]
    assert generate_python_clients.main(arguments) == 0
    source = (tmp_path / "clients" / "live_client.py").read_text()
    assert "_stream" not in source


def test_streams_work_with_a_copy_of_the_runtime(tmp_path: Path) -> None:
    assert generate(tmp_path, live.app.openapi(), live.asyncapi(), "--copy-runtime") == 0
    paths = [tmp_path, *(GOLDEN.parents[2] / name for name in ("tests", "src"))]
    result = subprocess.run(
        [sys.executable, "-c", CALL],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": ":".join(map(str, paths))},
    )
    assert result.stdout == "tick clients.runtime.ws_client\n", result.stderr
