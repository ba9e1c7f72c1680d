"""Charts as inline SVG, rendered on the server: lines, bars, a heat table, a sparkline.

No script and no inline style, so that they pass the strictest content policy; colours and sizes
are presentation attributes and classes of `desk.css`. Every chart has a `<title>` and a `<desc>`,
and its numbers as a table for users who cannot see it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from hub.web.common import axes, figures
from hub.web.common.axes import Value
from hub.web.common.figures import SERIES, nothing

_MANY = 24  # points of a line from which zeros get no marker


def line(
    title: str,
    labels: Sequence[str],
    series: Mapping[str, Sequence[Value]],
    *,
    share: bool = False,
    unit: str = "",
    note: str = "",
) -> Markup:
    """Lines over `labels`; None leaves a gap. `share`: values are fractions, shown as %. `unit` is
    not escaped."""
    top = axes.ceiling(series, share)
    if not labels or top is None:
        return nothing(title)
    ticks = [(at, axes.number(at, share, unit)) for at in axes.ticks(top, share, unit)]
    left = axes.GAP + max(axes.width(label) for _, label in ticks) + 2
    inside = [axes.grid(ticks, top, left), axes.below(labels, left)]
    for number, values in enumerate(series.values()):
        style = f"s{number % SERIES}"
        for piece in axes.runs(values):
            points = " ".join(
                f"{axes.x(i, len(labels), left):.1f},{axes.y(v, top):.1f}" for i, v in piece
            )
            inside.append(f'<polyline class="ink {style}" points="{points}"/>')
        for i, v in enumerate(values):
            if v is None or (v == 0 and len(labels) > _MANY):
                continue
            inside.append(
                f'<circle class="dot-mark {style}" cx="{axes.x(i, len(labels), left):.1f}"'
                f' cy="{axes.y(v, top):.1f}" r="2.6">'
                f"<title>{escape(labels[i])}：{axes.number(v, share, unit)}</title></circle>"
            )
    drawn = figures.svg(title, note or figures.described(labels, series, share, unit), inside)
    return figures.figure(
        title, drawn, figures.legend(series), figures.table(labels, series, share, unit), " lines"
    )


def bars(
    title: str,
    values: Mapping[str, Value],
    *,
    notes: Mapping[str, str] | None = None,
    share: bool = False,
    unit: str = "",
    note: str = "",
) -> Markup:
    """Horizontal bars, each with its name on the left and its value at the end; `notes` follow the
    value, such as the total it is a share of."""
    top = axes.ceiling({"": list(values.values())}, share)
    if not values or top is None:
        return nothing(title)
    row, left = 26, 128
    height = len(values) * row + 8
    wide = axes.WIDTH - left - 150
    inside: list[str] = []
    for number, (name, value) in enumerate(values.items()):
        y = number * row + 4
        length = 0.0 if value is None else max(value, 0) / top * wide
        shown = axes.number(value, share, unit) + (
            f"（{notes[name]}）" if notes and name in notes else ""
        )
        inside.append(
            Markup('<text x="{}" y="{}" class="axis end">{}</text>'
                   '<rect x="{}" y="{}" width="{:.1f}" height="16" class="fill s0"/>'
                   '<text x="{:.1f}" y="{}" class="value">{}</text>').format(
                       left - 8, y + 13, _short(name), left, y, length, left + length + 6, y + 13,
                       shown)
        )  # fmt: skip
    series = {title: list(values.values())}
    desc = note or figures.described(list(values), series, share, unit)
    drawn = figures.svg(title, desc, inside, height=height)
    return figures.figure(
        title, drawn, Markup(""), figures.table(list(values), series, share, unit)
    )


def heat(
    title: str, rows: Sequence[str], columns: Sequence[str], counts: Sequence[Sequence[int]]
) -> Markup:
    """A table with cells shaded by their share of the row; plain HTML, so it needs no fallback.
    `counts` (rows, columns)."""
    if not rows or not any(map(sum, counts)):
        return nothing(title)
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(c) for c in columns)
    body = []
    for name, line_ in zip(rows, counts, strict=True):
        total = sum(line_) or 1
        cells = Markup("").join(
            Markup('<td class="num heat-{}">{}</td>').format(math.ceil(n / total * 5), n or "")
            for n in line_
        )
        body.append(Markup('<tr><th scope="row">{}</th>{}</tr>').format(name, cells))
    return Markup(
        '<figure class="chart"><figcaption>{}</figcaption><div class="scroll" tabindex="0">'
        '<table class="heat"><thead><tr><td></td>{}</tr></thead><tbody>{}</tbody></table>'
        "</div></figure>"
    ).format(title, head, Markup("").join(body))


def sparkline(title: str, values: Sequence[Value], *, share: bool = False) -> Markup:
    """A small line for a table cell; its title gives the last value."""
    top = axes.ceiling({"": values}, share)
    if top is None:
        return Markup('<span class="text-secondary">—</span>')
    wide, high = 90, 20
    step = (wide - 4) / max(len(values) - 1, 1)
    pieces = (
        " ".join([f"{2 + i * step:.1f},{high - 2 - v / top * (high - 4):.1f}" for i, v in piece])
        for piece in axes.runs(values)
    )
    lines = "".join(f'<polyline class="ink s0" points="{points}"/>' for points in pieces)
    last = next((v for v in reversed(values) if v is not None), None)
    return Markup(
        f'<svg class="spark" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" role="img">'
        f"<title>{escape(title)}：{axes.number(last, share, '')}</title>{lines}</svg>"
    )


def _short(name: str) -> str:
    return name if len(name) <= 9 else name[:8] + "…"
