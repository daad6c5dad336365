"""Bar charts as an SVG that is readable on light and on dark pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 760
_LABELS_WIDTH = 250
_BARS_WIDTH = WIDTH - _LABELS_WIDTH - 70
_BAR, _STEP, _TITLE, _GAP = 16, 22, 26, 18

_STYLE = """\
text { font: 13px system-ui, sans-serif; fill: #24292f; }
.title { font-weight: 600; }
.note { font-size: 11px; fill: #57606a; }
.bar { fill: #afb8c1; }
.ours { fill: #0969da; }
.mark { stroke: #57606a; stroke-dasharray: 3 3; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .note { fill: #9198a1; }
  .bar { fill: #565f6a; }
  .ours { fill: #4493f8; }
  .mark { stroke: #9198a1; }
}"""


@dataclass(frozen=True, slots=True)
class Bar:
    """One value; `form` prints it, and `ours` gives it the strong colour."""

    label: str
    value: float
    form: str
    ours: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """Bars of one scale, with a line at `mark`."""

    title: str
    bars: Sequence[Bar]
    mark: float | None = None


def draw(panels: Iterable[Panel], note: str) -> str:
    """Return an SVG document with the panels below each other, and a note below them."""
    body: list[str] = []
    y = 0
    for panel in panels:
        body += _panel(panel, y)
        y += _TITLE + _STEP * len(panel.bars) + _GAP
    body.append(f'<text class="note" x="0" y="{y + 6}">{escape(note)}</text>')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 16}" role="img">'
    title = "<title>Benchmarks of the generated Python clients</title>"
    return "\n".join([head, title, f"<style>\n{_STYLE}\n</style>", *body, "</svg>", ""])


def _panel(panel: Panel, top: int) -> Iterator[str]:
    yield f'<text class="title" x="0" y="{top + 16}">{escape(panel.title)}</text>'
    scale = _BARS_WIDTH / max(bar.value for bar in panel.bars)
    for number, bar in enumerate(panel.bars):
        y = top + _TITLE + number * _STEP
        width = bar.value * scale
        kind = "bar ours" if bar.ours else "bar"
        place = f'x="{_LABELS_WIDTH - 10}" y="{y + 13}" text-anchor="end"'
        yield f"<text {place}>{escape(bar.label)}</text>"
        size = f'width="{width:.1f}" height="{_BAR}"'
        yield f'<rect class="{kind}" x="{_LABELS_WIDTH}" y="{y}" {size} rx="2"/>'
        value = escape(bar.form.format(bar.value))
        # In a column of their own, where the line of the mark does not cross them.
        yield f'<text x="{WIDTH}" y="{y + 13}" text-anchor="end">{value}</text>'
    if panel.mark is not None:
        x = _LABELS_WIDTH + panel.mark * scale
        ends = top + _TITLE - 4, top + _TITLE + _STEP * len(panel.bars) - 2
        yield f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{ends[0]}" y2="{ends[1]}"/>'
