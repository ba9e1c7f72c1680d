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
RIGHT, TOP, BOTTOM = 34, 12, 30
_GAP = 6  # pixels between a label and its rule
_GLYPH = 12  # pixels of a Chinese character of the axis (desk.css, .axis); others take 0.6 of it
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
    """Lines over `labels`; None leaves a gap. `share`: values are parts of one, shown as %.
    `unit` is one of ours and goes out as it is."""
    top = _ceiling(series, share)
    if not labels or top is None:
        return nothing(title)
    rules = [(at, _said(at, share, unit)) for at in _rules(top, share, unit)]
    left = _GAP + max(_width(said) for _, said in rules) + 2
    inside = [_grid(rules, top, left), _along(labels, left)]
    for number, values in enumerate(series.values()):
        style = f"s{number % SERIES}"
        for piece in _pieces(values):
            points = " ".join(f"{_x(i, len(labels), left):.1f},{_y(v, top):.1f}" for i, v in piece)
            inside.append(f'<polyline class="ink {style}" points="{points}"/>')
        for i, v in enumerate(values):
            if v is None or (v == 0 and len(labels) > _MANY):
                continue
            inside.append(
                f'<circle class="dot-mark {style}" cx="{_x(i, len(labels), left):.1f}"'
                f' cy="{_y(v, top):.1f}" r="2.6">'
                f"<title>{escape(labels[i])}：{_said(v, share, unit)}</title></circle>"
            )
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
    inside: list[str] = []
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
    pieces = (
        " ".join([f"{2 + i * step:.1f},{high - 2 - v / top * (high - 4):.1f}" for i, v in piece])
        for piece in _pieces(values)
    )
    lines = "".join(f'<polyline class="ink s0" points="{points}"/>' for points in pieces)
    last = next((v for v in reversed(values) if v is not None), None)
    return Markup(
        f'<svg class="spark" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" role="img">'
        f"<title>{escape(title)}：{_said(last, share, '')}</title>{lines}</svg>"
    )


def _x(i: int, n: int, left: float) -> float:
    return left + (WIDTH - left - RIGHT) * (i / (n - 1) if n > 1 else 0.5)


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


def _rules(top: float, share: bool, unit: str) -> list[float]:
    """Where the rules lie: at round numbers; of things that are counted no parts."""
    parts = 4 if share or str(top)[0] == "2" else 5
    if unit == "件":
        parts = max(min(parts, int(top)), 1)
    return [top * n / parts for n in range(parts + 1)]


def _width(said: str) -> float:
    """Pixels that a label of the axis takes."""
    return sum(_GLYPH if ord(each) > 0x2E7F else 0.6 * _GLYPH for each in said)


def _grid(rules: Sequence[tuple[float, str]], top: float, left: float) -> str:
    lines = []
    for at, said in rules:
        y = _y(at, top)
        lines.append(
            f'<line x1="{left:.1f}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" class="rule"/>'
            f'<text x="{left - _GAP:.1f}" y="{y + 4:.1f}" class="axis end">{said}</text>'
        )
    return "".join(lines)


def _along(labels: Sequence[str], left: float) -> str:
    """Labels under the axis, as many as there is room for, the last always; none is cut by the
    edge."""
    every = max(math.ceil(len(labels) * _LABEL / (WIDTH - left - RIGHT)), 1)
    last = len(labels) - 1
    shown = [i for i in range(len(labels)) if (last - i) % every == 0]
    at = [(_x(i, len(labels), left), labels[i], _width(labels[i]) / 2) for i in shown]
    return "".join(
        f'<text x="{min(max(x, half), WIDTH - half):.1f}" y="{HEIGHT - 10}" class="axis mid">'
        f"{escape(label)}</text>"
        for x, label, half in at
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


def _svg(title: str, desc: str, inside: Sequence[str], height: int = HEIGHT) -> Markup:
    """`inside` is markup already; so are the pieces below that come as plain strings: a plot has
    hundreds of numbers, and putting each into a Markup took most of the page's time."""
    name = f"chart{next(_numbers)}"
    return Markup(
        '<svg viewBox="0 0 {w} {h}" role="img" aria-labelledby="{n}t {n}d" '
        'xmlns="http://www.w3.org/2000/svg">'
        '<title id="{n}t">{t}</title><desc id="{n}d">{d}</desc>{inside}</svg>'
    ).format(w=WIDTH, h=height, n=name, t=title, d=desc, inside=Markup("".join(inside)))


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
    body = Markup(
        "".join(
            f'<tr><th scope="row">{escape(label)}</th>'
            + "".join([f'<td class="num">{_said(v[i], share, unit)}</td>' for v in series.values()])
            + "</tr>"
            for i, label in enumerate(labels)
        )
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
