"""The benchmarks print tables and draw a picture; the figures themselves are not asserted."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import bench
import fanout
import floods
import live_prices
import outages
import protections
import replicas
import safety
import services
from generators import generators
from support.gateway import find_caddy
from trading_api.shared.utils import MODULES_DIR, discover_modules

SMALL = ["--calls=20", "--rounds=4", "--processes=1", "--operations=16"]
SMALL += ["--generations=1", "--imports=1"]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """Run the smallest possible benchmark of this generator; return the output and the picture."""
    picture = tmp_path_factory.mktemp("figures") / "images" / "benchmarks.svg"
    with pytest.MonkeyPatch.context() as patch:
        printed: list[str] = []
        patch.setattr("builtins.print", printed.append)
        assert bench.main([*SMALL, f"--picture={picture}"]) == 0
    return "\n".join(printed), picture


def test_tables_have_a_row_of_figures_for_each_contender_and_size(
    report: tuple[str, Path],
) -> None:
    printed, _ = report
    rows = [line.strip("| ").split(" | ") for line in printed.splitlines() if "**" in line]
    sizes = ["1 model", "100 models", "16", "all modules here", "16"]
    assert [row[1] for row in rows] == sizes
    assert all(re.fullmatch(r"\d+(\.\d+)?", row[2]) for row in rows)
    assert "| httpx + TypeAdapter, `base_url` | 100 models |" in printed
    assert "| One call | response | user CPU, µs | ratio to the floor |" in printed


def test_picture_has_a_bar_for_each_figure(report: tuple[str, Path]) -> None:
    _, picture = report
    root = ET.parse(picture).getroot()
    bars = root.findall("{http://www.w3.org/2000/svg}rect")
    ours = [bar for bar in bars if bar.get("class") == "bar ours"]
    assert (len(bars), len(ours)) == (12, 5)
    assert all(float(bar.get("width", "0")) > 0 for bar in bars)


def test_failing_generator_ends_the_benchmark_with_its_error(tmp_path: Path) -> None:
    service = tmp_path / "service"
    (service / "shop" / "specs").mkdir(parents=True)
    (service / "shop" / "specs" / "openapi.json").write_text("{")
    with pytest.raises(SystemExit, match="is not JSON"):
        generators(None)["ours"].generate(service, "quote_models", tmp_path / "output")


async def test_benchmark_of_the_services_prints_a_row_for_each_database_and_account(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    small = {"ROUNDS": 1, "COMMITS": 2, "ORDERS": 4, "CALLERS": 2, "STORED_ORDERS": 20, "STARTS": 1}
    for name, value in small.items():
        monkeypatch.setattr(services, name, value)
    monkeypatch.setattr(protections.measure_protections, "__defaults__", (1, 10))
    monkeypatch.setattr(fanout.measure_fanout, "__defaults__", ((2,), 1, 0.2))
    monkeypatch.setattr(live_prices.measure_updates, "__defaults__", (1, 100))
    monkeypatch.setattr(live_prices.measure_ages, "__defaults__", (3,))
    monkeypatch.setitem(live_prices.SPEEDS, "requested", 150)
    monkeypatch.setattr(floods.measure_floods, "__defaults__", (0.1,))
    # The clock of the CPU time of another process has steps of 10 ms.
    monkeypatch.setattr(safety.measure_safety, "__defaults__", (1, 400))
    monkeypatch.setattr(outages, "STATES", ("healthy", "killed"))
    monkeypatch.setattr(outages.measure_outages, "__defaults__", (0.1, 0.2))
    await services.main()

    printed = capsys.readouterr().out
    first = [line.strip("| ").split(" | ")[0] for line in printed.splitlines() if "|" in line]
    assert [name for name in first if not name.startswith("-")] == [
        "Orders",
        "a commit of one row with sqlite3",
        "memory",
        "SQLite",
        "PostgreSQL",
        "Start",
        "no orders",
        "20 orders",
        "Process",
        "all modules",
        *(f"`{name}` alone" for name in discover_modules(MODULES_DIR)),
        "Clients",
        "2",
        "Updates",
        *live_prices.UPDATES_PER_SECOND,
        "Prices",
        "live",
        "requested",
        "Another client sends",
        *floods.MESSAGES,
        "Call",
        "httpx",
        "generated client",
        "its protections alone",
        "Datafeed",
        *outages.STATES,
        "Request",
        safety.PLAIN,
        safety.UNWATCHED,
        safety.COMPLETE,
    ]


@pytest.mark.skipif(
    find_caddy() is None,
    reason="caddy is not installed; `make -C backend deploy-tools` installs it",
)
@pytest.mark.parametrize("parts", [1, 2])
async def test_benchmark_of_the_replicas_has_a_row_for_each_number(parts: int) -> None:
    rows = await replicas.measure_replicas(parts, counts=(1, 2), rounds=1, seconds=0.2)
    assert [str(row["Datafeeds"])[0] for row in rows] == ["1", "2"]
    assert rows[0]["ratio"] == 1
    assert all(row["cores, datafeeds"] > 0 and row["cores, gateway"] > 0 for row in rows)
