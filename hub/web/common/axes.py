"""Axes of charts: scales, ticks, grid lines, labels, and numbers as text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from markupsafe import escape

WIDTH, HEIGHT = 620, 220
RIGHT, TOP, BOTTOM = 34, 12, 30
GAP = 6  # pixels between a label and its grid line
_GLYPH = 12  # width in pixels of a Chinese character (desk.css, .axis); others take 0.6 of it
_LABEL = 76  # pixels that a label on the horizontal axis needs
Value = float | None


def x(i: int, n: int, left: float) -> float:
    """The horizontal position of point `i` of `n`; the axis begins at `left`."""
    return left + (WIDTH - left - RIGHT) * (i / (n - 1) if n > 1 else 0.5)


def y(value: float, top: float) -> float:
    """The vertical position of a value on an axis that ends at `top`."""
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(max(value / top, 0), 1)


def ceiling(series: Mapping[str, Sequence[Value]], share: bool) -> float | None:
    """A round number no value exceeds: 1, 2 or 5 times a power of ten, for shares 1; None
    without values."""
    found = [v for values in series.values() for v in values if v is not None]
    if not found:
        return None
    if share:
        return 1.0
    most = max(found)
    if most <= 0:
        return 1.0
    power = 10 ** math.floor(math.log10(most))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= most * 0.999)


def runs(values: Sequence[Value]) -> list[list[tuple[int, float]]]:
    """Unbroken runs of (position, value), of two points at least."""
    found: list[list[tuple[int, float]]] = [[]]
    for i, value in enumerate(values):
        if value is None:
            found.append([])
        else:
            found[-1].append((i, value))
    return [run for run in found if len(run) > 1]


def ticks(top: float, share: bool, unit: str) -> list[float]:
    """The grid lines' values: round numbers, and whole ones for counts."""
    parts = 4 if share or str(top)[0] == "2" else 5
    if unit == "件":
        parts = max(min(parts, int(top)), 1)
    return [top * n / parts for n in range(parts + 1)]


def width(label: str) -> float:
    """Pixels that a label of the axis takes."""
    return sum(_GLYPH if ord(each) > 0x2E7F else 0.6 * _GLYPH for each in label)


def grid(labels: Sequence[tuple[float, str]], top: float, left: float) -> str:
    """Horizontal grid lines with their (value, label)."""
    lines = []
    for value, label in labels:
        at = y(value, top)
        lines.append(
            f'<line x1="{left:.1f}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}" class="rule"/>'
            f'<text x="{left - GAP:.1f}" y="{at + 4:.1f}" class="axis end">{label}</text>'
        )
    return "".join(lines)


def below(labels: Sequence[str], left: float) -> str:
    """Labels below the axis, as many as fit, always the last; none is cut off at the edge."""
    every = max(math.ceil(len(labels) * _LABEL / (WIDTH - left - RIGHT)), 1)
    last = len(labels) - 1
    shown = [i for i in range(len(labels)) if (last - i) % every == 0]
    placed = [(x(i, len(labels), left), labels[i], width(labels[i]) / 2) for i in shown]
    return "".join(
        f'<text x="{min(max(at, half), WIDTH - half):.1f}" y="{HEIGHT - 10}" class="axis mid">'
        f"{escape(label)}</text>"
        for at, label, half in placed
    )


def number(value: Value, share: bool, unit: str) -> str:
    """A value as text: a percentage for a share, a dash for none."""
    if value is None:
        return "—"
    if share:
        return f"{value * 100:.0f}%"
    return f"{value:,.0f}{unit}" if value == int(value) else f"{value:,.2f}".rstrip("0") + unit
