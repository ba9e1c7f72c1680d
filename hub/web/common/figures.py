"""Figures of charts: SVG frame, legend, description, and the table of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count

from markupsafe import Markup, escape

from hub.web.common.axes import HEIGHT, WIDTH, Value, number

SERIES = 6  # colours of desk.css, .s0 to .s5; further series reuse them
_numbers = count(1)


def described(
    labels: Sequence[str], series: Mapping[str, Sequence[Value]], share: bool, unit: str
) -> str:
    """The lowest and highest value of each series, in words."""
    parts = []
    for name, values in series.items():
        known = [(v, label) for v, label in zip(values, labels, strict=True) if v is not None]
        if known:
            (low, at_low), (high, at_high) = min(known), max(known)
            parts.append(
                f"{name}最低{number(low, share, unit)}（{at_low}），"
                f"最高{number(high, share, unit)}（{at_high}）"
            )
    return "；".join(parts)


def svg(title: str, desc: str, inside: Sequence[str], height: int = HEIGHT) -> Markup:
    """The SVG element around `inside`, which is markup already, though plain strings: a chart has
    hundreds of numbers, and wrapping each in Markup took most of the page's time."""
    name = f"chart{next(_numbers)}"
    return Markup(
        '<svg viewBox="0 0 {w} {h}" role="img" aria-labelledby="{n}t {n}d" '
        'xmlns="http://www.w3.org/2000/svg">'
        '<title id="{n}t">{t}</title><desc id="{n}d">{d}</desc>{inside}</svg>'
    ).format(w=WIDTH, h=height, n=name, t=title, d=desc, inside=Markup("".join(inside)))


def legend(series: Mapping[str, object]) -> Markup:
    """Names and colours of several series; empty for one."""
    if len(series) < 2:
        return Markup("")
    items = Markup("").join(
        Markup('<li><svg viewBox="0 0 18 8" width="18" height="8" aria-hidden="true">'
               '<line x1="0" x2="18" y1="4" y2="4" class="ink s{}"/></svg>{}</li>').format(
                   n % SERIES, name)
        for n, name in enumerate(series)
    )  # fmt: skip
    return Markup('<ul class="legend">{}</ul>').format(items)


def table(
    labels: Sequence[str], series: Mapping[str, Sequence[Value]], share: bool, unit: str
) -> Markup:
    """The numbers as a collapsed table."""
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(name) for name in series)
    body = Markup(
        "".join(
            f'<tr><th scope="row">{escape(label)}</th>'
            + "".join(
                [f'<td class="num">{number(v[i], share, unit)}</td>' for v in series.values()]
            )
            + "</tr>"
            for i, label in enumerate(labels)
        )
    )
    return Markup(
        '<details class="numbers"><summary>数据表</summary><div class="scroll" tabindex="0">'
        '<table class="grid">'
        "<thead><tr><td></td>{}</tr></thead><tbody>{}</tbody></table></div></details>"
    ).format(head, body)


def figure(title: str, drawn: Markup, legend: Markup, table: Markup, kind: str = "") -> Markup:
    """The whole figure; `kind` adds a class."""
    return Markup('<figure class="chart{}"><figcaption>{}</figcaption>{}{}{}</figure>').format(
        kind, title, legend, drawn, table
    )


def nothing(title: str) -> Markup:
    """The placeholder of a chart without data."""
    return Markup(
        '<figure class="chart"><figcaption>{}</figcaption><p class="empty">还没有数据</p></figure>'
    ).format(escape(title))
