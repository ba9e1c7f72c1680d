"""Plots as inline SVG, drawn on the server: a line, bars, a heat table, a sparkline.

No script and no inline style, so that they pass the strictest content policy; colours and sizes
are presentation attributes and classes of `desk.css`. Every plot names itself (`<title>`,
`<desc>`) and brings its numbers as a table for whoever cannot see it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import count

from markupsafe import Markup, escape

WIDTH, HEIGHT = 620, 220
LEFT, RIGHT, TOP, BOTTOM = 46, 34, 12, 30
SERIES = 6  # colours of desk.css, .s0 to .s5; further series begin anew
_LABEL = 76  # pixels a label on the horizontal axis needs
_MANY = 24  # points a line has before those of nothing are left out
_numbers = count(1)
Value = float | None


def line(
    title: str,
    labels: Sequence[str],
    series: Mapping[str, Sequence[Value]],
    *,
    share: bool = False,
    unit: str = "",
    note: str = "",
) -> Markup:
    """Lines over `labels`; None leaves a gap. `share`: values are parts of one, shown as %."""
    top = _ceiling(series, share)
    if not labels or top is None:
        return nothing(title)
    inside: list[Markup] = [_grid(top, share, unit), _along(labels)]
    for number, values in enumerate(series.values()):
        style = f"s{number % SERIES}"
        for piece in _pieces(values):
            points = " ".join(f"{_x(i, len(labels)):.1f},{_y(v, top):.1f}" for i, v in piece)
            inside.append(Markup('<polyline class="ink {}" points="{}"/>').format(style, points))
        for i, v in enumerate(values):
            if v is None or (v == 0 and len(labels) > _MANY):
                continue
            at = f"{labels[i]}：{_said(v, share, unit)}"
            inside.append(
                Markup('<circle class="dot-mark {}" cx="{:.1f}" cy="{:.1f}" r="2.6">'
                       "<title>{}</title></circle>").format(
                           style, _x(i, len(labels)), _y(v, top), at)
            )  # fmt: skip
    drawn = _svg(title, note or _described(labels, series, share, unit), inside)
    return _figure(title, drawn, _legend(series), _table(labels, series, share, unit), " lines")


def bars(
    title: str,
    values: Mapping[str, Value],
    *,
    notes: Mapping[str, str] | None = None,
    share: bool = False,
    unit: str = "",
    note: str = "",
) -> Markup:
    """Lying bars, one a row, with what it stands for on the left and its value at the end;
    `notes` are shown behind the value, such as how many it was counted from."""
    top = _ceiling({"": list(values.values())}, share)
    if not values or top is None:
        return nothing(title)
    row, left = 26, 128
    height = len(values) * row + 8
    wide = WIDTH - left - 150
    inside: list[Markup] = []
    for number, (name, value) in enumerate(values.items()):
        y = number * row + 4
        length = 0.0 if value is None else max(value, 0) / top * wide
        said = _said(value, share, unit) + (f"（{notes[name]}）" if notes and name in notes else "")
        inside.append(
            Markup('<text x="{}" y="{}" class="axis end">{}</text>'
                   '<rect x="{}" y="{}" width="{:.1f}" height="16" class="fill s0"/>'
                   '<text x="{:.1f}" y="{}" class="value">{}</text>').format(
                       left - 8, y + 13, _short(name), left, y, length, left + length + 6, y + 13,
                       said)
        )  # fmt: skip
    series = {title: list(values.values())}
    desc = note or _described(list(values), series, share, unit)
    drawn = _svg(title, desc, inside, height=height)
    return _figure(title, drawn, Markup(""), _table(list(values), series, share, unit))


def heat(
    title: str, rows: Sequence[str], columns: Sequence[str], counts: Sequence[Sequence[int]]
) -> Markup:
    """A table whose cells are the darker the larger their share of the row; a plain HTML table,
    so it is its own fallback. `counts` (rows, columns)."""
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
    """A line the height of a word, for a cell of a table; its title tells the last value."""
    top = _ceiling({"": values}, share)
    if top is None:
        return Markup('<span class="text-secondary">—</span>')
    wide, high = 90, 20
    step = (wide - 4) / max(len(values) - 1, 1)
    lines = Markup("").join(
        Markup('<polyline class="ink s0" points="{}"/>').format(
            " ".join(f"{2 + i * step:.1f},{high - 2 - v / top * (high - 4):.1f}" for i, v in piece)
        )
        for piece in _pieces(values)
    )
    last = next((v for v in reversed(values) if v is not None), None)
    return Markup(
        '<svg class="spark" viewBox="0 0 {} {}" width="{}" height="{}" role="img">'
        "<title>{}：{}</title>{}</svg>"
    ).format(wide, high, wide, high, title, _said(last, share, ""), lines)


def _x(i: int, n: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (i / (n - 1) if n > 1 else 0.5)


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(max(value / top, 0), 1)


def _ceiling(series: Mapping[str, Sequence[Value]], share: bool) -> float | None:
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


def _pieces(values: Sequence[Value]) -> list[list[tuple[int, float]]]:
    """Unbroken runs of (position, value)."""
    runs: list[list[tuple[int, float]]] = [[]]
    for i, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((i, value))
    return [run for run in runs if len(run) > 1]


def _grid(top: float, share: bool, unit: str) -> Markup:
    """Rules at round numbers; of things that are counted no parts."""
    parts = 4 if share or str(top)[0] == "2" else 5
    if unit == "件":
        parts = max(min(parts, int(top)), 1)
    lines = []
    for part in (n / parts for n in range(parts + 1)):
        y = _y(top * part, top)
        lines.append(
            Markup('<line x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}" class="rule"/>'
                   '<text x="{}" y="{:.1f}" class="axis end">{}</text>').format(
                       LEFT, WIDTH - RIGHT, y, y, LEFT - 6, y + 4, _said(top * part, share, unit))
        )  # fmt: skip
    return Markup("").join(lines)


def _along(labels: Sequence[str]) -> Markup:
    """Labels under the axis, as many as there is room for, the last always."""
    every = max(math.ceil(len(labels) * _LABEL / (WIDTH - LEFT - RIGHT)), 1)
    last = len(labels) - 1
    shown = [i for i in range(len(labels)) if (last - i) % every == 0]
    return Markup("").join(
        Markup('<text x="{:.1f}" y="{}" class="axis mid">{}</text>').format(
            _x(i, len(labels)), HEIGHT - 10, labels[i]
        )
        for i in shown
    )


def _said(value: Value, share: bool, unit: str) -> str:
    if value is None:
        return "—"
    if share:
        return f"{value * 100:.0f}%"
    return f"{value:,.0f}{unit}" if value == int(value) else f"{value:,.2f}".rstrip("0") + unit


def _short(name: str) -> str:
    return name if len(name) <= 9 else name[:8] + "…"


def _described(
    labels: Sequence[str], series: Mapping[str, Sequence[Value]], share: bool, unit: str
) -> str:
    told = []
    for name, values in series.items():
        known = [(v, label) for v, label in zip(values, labels, strict=True) if v is not None]
        if known:
            (low, at_low), (high, at_high) = min(known), max(known)
            told.append(
                f"{name}最低{_said(low, share, unit)}（{at_low}），"
                f"最高{_said(high, share, unit)}（{at_high}）"
            )
    return "；".join(told)


def _svg(title: str, desc: str, inside: Sequence[Markup], height: int = HEIGHT) -> Markup:
    name = f"chart{next(_numbers)}"
    return Markup(
        '<svg viewBox="0 0 {w} {h}" role="img" aria-labelledby="{n}t {n}d" '
        'xmlns="http://www.w3.org/2000/svg">'
        '<title id="{n}t">{t}</title><desc id="{n}d">{d}</desc>{inside}</svg>'
    ).format(w=WIDTH, h=height, n=name, t=title, d=desc, inside=Markup("").join(inside))


def _legend(series: Mapping[str, object]) -> Markup:
    if len(series) < 2:
        return Markup("")
    items = Markup("").join(
        Markup('<li><svg viewBox="0 0 18 8" width="18" height="8" aria-hidden="true">'
               '<line x1="0" x2="18" y1="4" y2="4" class="ink s{}"/></svg>{}</li>').format(
                   n % SERIES, name)
        for n, name in enumerate(series)
    )  # fmt: skip
    return Markup('<ul class="legend">{}</ul>').format(items)


def _table(
    labels: Sequence[str], series: Mapping[str, Sequence[Value]], share: bool, unit: str
) -> Markup:
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(name) for name in series)
    body = Markup("").join(
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            label,
            Markup("").join(
                Markup('<td class="num">{}</td>').format(_said(values[i], share, unit))
                for values in series.values()
            ),
        )
        for i, label in enumerate(labels)
    )
    return Markup(
        '<details class="numbers"><summary>数据表</summary><div class="scroll" tabindex="0">'
        '<table class="grid">'
        "<thead><tr><td></td>{}</tr></thead><tbody>{}</tbody></table></div></details>"
    ).format(head, body)


def _figure(title: str, drawn: Markup, legend: Markup, table: Markup, kind: str = "") -> Markup:
    return Markup('<figure class="chart{}"><figcaption>{}</figcaption>{}{}{}</figure>').format(
        kind, title, legend, drawn, table
    )


def nothing(title: str) -> Markup:
    """The place of a plot that has nothing to show yet."""
    return Markup(
        '<figure class="chart"><figcaption>{}</figcaption><p class="empty">还没有数据</p></figure>'
    ).format(escape(title))
