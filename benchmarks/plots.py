"""Plots as SVG, readable in light and dark: logarithmic bars, and logarithmic lines in panels with their crossings.

Nothing but text is written: the same figures give the same bytes, so that a test can hold a plot against its data.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

WIDTH = 860
STYLE = """\
svg { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif;
  --paper: #ffffff; --ink: #1f2328; --faint: #59636e; --grid: #d1d9e0;
  --c0: #d1440c; --c1: #0b6bcb; --c2: #1a7f37; --c3: #8250df; --c4: #9a6700; --c5: #bf3989; --c6: #57606a; }
@media (prefers-color-scheme: dark) { svg {
  --paper: #0d1117; --ink: #e6edf3; --faint: #9198a1; --grid: #3d444d;
  --c0: #ff8f57; --c1: #58a6ff; --c2: #56d364; --c3: #bc8cff; --c4: #e3b341; --c5: #ff7bbd; --c6: #9da7b3; } }
text { fill: var(--ink); } .faint { fill: var(--faint); } .title { font-weight: 600; font-size: 14px; }
.grid { stroke: var(--grid); stroke-width: 1; } .line { fill: none; stroke-width: 2; }
.cross { fill: none; stroke: var(--ink); stroke-width: 1.5; }"""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: its name, how long it is, the quartiles around it if there are some, and its place in the palette."""

    name: str
    value: float
    low: float | None
    high: float | None
    colour: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a panel: its name, its points, and its place in the palette."""

    name: str
    points: Sequence[tuple[float, float]]
    colour: int


@dataclass(frozen=True, slots=True)
class Panel:
    """Lines over one scale. crossings: points to mark, with a word on each."""

    title: str
    across: str
    lines: Sequence[Line]
    crossings: Sequence[tuple[float, float, str]] = ()


def bars(title: str, unit: str, groups: Sequence[tuple[str, Sequence[Bar]]]) -> str:
    """Groups of horizontal bars on one logarithmic scale."""
    values = [bar.value for _, group in groups for bar in group]
    low, high = _decades(values)
    left, right, step = 150.0, WIDTH - 90.0, 20

    def across(value: float) -> float:
        return left + (math.log10(value) - low) / (high - low) * (right - left)

    parts: list[str] = []
    top = 62
    height = top + sum(step * len(group) + 30 for _, group in groups) + 14
    for decade in range(low, high + 1):
        x = across(10.0**decade)
        parts.append(_rule(x, 44, x, height - 26))
        parts.append(_text(x, height - 10, tick(decade), "faint", "middle"))
    y = float(top)
    for name, group in groups:
        parts.append(_text(14, y, name, "faint"))
        for bar in group:
            y += step
            end = across(bar.value)
            parts.append(_text(left - 8, y, bar.name, anchor="end"))
            parts.append(
                f'<rect x="{left:.1f}" y="{y - 11:.1f}" width="{max(end - left, 1):.1f}" height="14" rx="2" '
                f'style="fill: var(--c{bar.colour})"/>'
            )
            edge = end
            if bar.low is not None and bar.high is not None:
                edge = max(end, across(bar.high))
                parts.append(
                    f'<path class="cross" d="M{across(bar.low):.1f} {y - 4:.1f}H{across(bar.high):.1f}"/>'
                )
            parts.append(_text(edge + 6, y, shown(bar.value)))
        y += 30
    return _svg(height, f"{title}, {unit}", parts)


def panels(title: str, unit: str, figures: Sequence[Panel], columns: int = 3) -> str:
    """Panels of lines side by side, each with logarithmic scales of its own."""
    wide, tall = WIDTH / columns, 250
    names = {line.name: line.colour for panel in figures for line in panel.lines}
    parts = []
    x = 14.0
    for name, colour in names.items():
        parts.append(
            f'<rect x="{x:.1f}" y="38" width="14" height="10" rx="2" style="fill: var(--c{colour})"/>'
        )
        parts.append(_text(x + 19, 47, name))
        x += 44 + 7 * len(name)
    for number, panel in enumerate(figures):
        parts += _panel(panel, wide * (number % columns), 60 + tall * (number // columns), wide, tall)
    return _svg(64 + tall * -(-len(figures) // columns), f"{title}, {unit}", parts)


def _panel(panel: Panel, x: float, y: float, wide: float, tall: float) -> list[str]:
    points = [point for line in panel.lines for point in line.points]
    (west, east), (south, north) = _decades([p[0] for p in points]), _decades([p[1] for p in points])
    left, right, top, bottom = x + 52, x + wide - 16, y + 28, y + tall - 44

    def place(point: tuple[float, float]) -> tuple[float, float]:
        return (
            left + (math.log10(point[0]) - west) / (east - west) * (right - left),
            bottom - (math.log10(point[1]) - south) / (north - south) * (bottom - top),
        )

    parts = [_text(left, y + 18, panel.title)]
    for decade in range(west, east + 1):
        at = place((10.0**decade, 10.0**south))[0]
        parts.append(_rule(at, top, at, bottom))
        parts.append(_text(at, bottom + 15, tick(decade), "faint", "middle"))
    for decade in range(south, north + 1, max(1, (north - south) // 5)):
        at = place((10.0**west, 10.0**decade))[1]
        parts.append(_rule(left, at, right, at))
        parts.append(_text(left - 6, at + 4, tick(decade), "faint", "end"))
    parts.append(_text((left + right) / 2, bottom + 31, panel.across, "faint", "middle"))
    for line in panel.lines:
        path = "L".join("{:.1f} {:.1f}".format(*place(point)) for point in line.points)
        parts.append(f'<path class="line" style="stroke: var(--c{line.colour})" d="M{path}"/>')
        for point in line.points:
            across, up = place(point)
            parts.append(
                f'<circle cx="{across:.1f}" cy="{up:.1f}" r="2.5" style="fill: var(--c{line.colour})"/>'
            )
    for first, second, words in panel.crossings:
        across, up = place((first, second))
        parts.append(f'<circle class="cross" cx="{across:.1f}" cy="{up:.1f}" r="6"/>')
        anchor = "end" if across > (left + right) / 2 else "start"
        parts.append(_text(across + (-10 if anchor == "end" else 10), up - 8, words, anchor=anchor))
    return parts


def crossing(
    one: Sequence[tuple[float, float]], other: Sequence[tuple[float, float]]
) -> tuple[float, float] | None:
    """Where one line, which begins below another, first rises above it, between points in logarithms; None if never."""
    there = dict(other)
    both = [(x, y, there[x]) for x, y in one if x in there]
    for (x0, a0, b0), (x1, a1, b1) in pairwise(both):
        before, after = math.log(a0 / b0), math.log(a1 / b1)
        if before < 0 <= after:
            part = before / (before - after)
            return x0 * (x1 / x0) ** part, a0 * (a1 / a0) ** part
    return None


def shown(value: float) -> str:
    """A number with three digits that count, and thousands set apart."""
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{min(digits, 6)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def tick(decade: int) -> str:
    """A power of ten, short enough for an axis: 10k, 1M."""
    for least, letter in ((9, "G"), (6, "M"), (3, "k")):
        if decade >= least:
            return f"{10 ** (decade - least)}{letter}"
    return shown(10.0**decade)


def _decades(values: Sequence[float]) -> tuple[int, int]:
    low, high = math.floor(math.log10(min(values)) + 1e-9), math.ceil(math.log10(max(values)) - 1e-9)
    return low, max(high, low + 1)


def _rule(x0: float, y0: float, x1: float, y1: float) -> str:
    return f'<path class="grid" d="M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}"/>'


def _text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    style = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{style} text-anchor="{anchor}">{escape(words)}</text>'


def _svg(height: float, title: str, parts: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" '
        f'height="{height:.0f}" role="img" aria-label="{escape(title)}">\n<style>\n{STYLE}\n</style>\n'
        f'<rect width="{WIDTH}" height="{height:.0f}" rx="6" style="fill: var(--paper)"/>\n'
    )
    return head + "\n".join([_text(14, 24, title, "title"), *parts]) + "\n</svg>\n"
