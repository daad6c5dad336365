"""The benchmarks run and produce a table and a picture; the figures are not asserted."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import bench_calls
import bench_generation
import bench_imports
import report


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the figures of a minimal run, without the other generators."""
    folder = tmp_path_factory.mktemp("figures")
    counts = ["--calls", "20", "--rounds", "4", "--processes", "1"]
    assert bench_calls.main(["--output", f"{folder}/calls.json", *counts]) == 0
    small = ["--operations", "16", "--repeats", "1"]
    assert bench_generation.main(["--output", f"{folder}/generation.json", *small]) == 0
    assert bench_imports.main(["--output", f"{folder}/imports.json", *small]) == 0
    return folder


def test_report_has_a_row_for_every_contender_and_size(
    figures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report.main([str(figures)]) == 0
    printed = capsys.readouterr().out
    rows = [line.strip("| ").split(" | ") for line in printed.splitlines() if "**" in line]
    assert [row[1].strip() for row in rows] == [
        "1 model",
        "100 models",
        "16",
        "all modules here",
        "16",
    ]
    assert all(re.fullmatch(r"\d+(\.\d+)?", row[2].strip()) for row in rows)
    assert "| httpx + TypeAdapter, `base_url` | 100 models |" in printed


def test_picture_is_an_svg_with_a_bar_for_every_figure(figures: Path, tmp_path: Path) -> None:
    picture = tmp_path / "images" / "benchmarks.svg"
    assert report.main([str(figures), "--picture", str(picture)]) == 0
    root = ET.parse(picture).getroot()
    bars = root.findall("{http://www.w3.org/2000/svg}rect")
    ours = [bar for bar in bars if bar.get("class") == "bar ours"]
    assert (len(bars), len(ours)) == (8, 4)
    assert all(float(bar.get("width", "0")) > 0 for bar in bars)


def test_failing_generator_ends_the_benchmark_with_its_reason(tmp_path: Path) -> None:
    generator = bench_generation.generators(None)["ours"]
    with pytest.raises(SystemExit, match="no specs there"):
        generator.generate(tmp_path, "quote_models", tmp_path / "output")
