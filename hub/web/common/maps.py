"""A tile map of the provinces: one square each, roughly in its place; no borders."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

from markupsafe import Markup

from classifiers.regions import by_code
from hub.web.common import charts

SHADES = 5  # classes of desk.css, .heat-1 to .heat-5; .heat-0 is none
_SIDE, _GAP = 46, 4  # pixels
# Column and row of each province by the first two digits of its GB/T 2260 code.
_PLACES = {
    "23": ("黑", 7, 0),
    "15": ("蒙", 4, 1), "11": ("京", 5, 1), "22": ("吉", 7, 1),
    "65": ("新", 0, 2), "62": ("甘", 2, 2), "64": ("宁", 3, 2), "14": ("晋", 4, 2),
    "13": ("冀", 5, 2), "12": ("津", 6, 2), "21": ("辽", 7, 2),
    "63": ("青", 1, 3), "61": ("陕", 3, 3), "41": ("豫", 4, 3), "37": ("鲁", 5, 3),
    "54": ("藏", 0, 4), "51": ("川", 2, 4), "50": ("渝", 3, 4), "42": ("鄂", 4, 4),
    "34": ("皖", 5, 4), "32": ("苏", 6, 4), "31": ("沪", 7, 4),
    "53": ("云", 2, 5), "52": ("贵", 3, 5), "43": ("湘", 4, 5), "36": ("赣", 5, 5),
    "33": ("浙", 6, 5),
    "45": ("桂", 3, 6), "44": ("粤", 4, 6), "35": ("闽", 5, 6), "71": ("台", 7, 6),
    "46": ("琼", 3, 7), "82": ("澳", 4, 7), "81": ("港", 5, 7),
}  # fmt: skip
_numbers = count(1)


def shade(n: int, most: int) -> int:
    """The shade of `n` relative to the largest count, 0 (none) to SHADES."""
    return -(-n * SHADES // most) if most and n else 0


def provinces(title: str, counts: Mapping[str, int | str]) -> Markup:
    """The map of `counts` by a province's full name; a string ("<5") is a suppressed small count,
    drawn in the lightest shade. Names that are not provinces are left out.

    It has a title and a description like every chart; the numbers are in the squares' titles, and
    the page also shows them as a table or as bars.
    """
    named = {code: by_code()[f"{code}0000"] for code in _PLACES}
    known = [counts.get(name, 0) for name in named.values()]
    if not any(known):
        return charts.nothing(title)
    most = max((n for n in known if isinstance(n, int)), default=0) or 1
    squares = Markup("").join(
        _square(named[code], counts.get(named[code], 0), most, *place)
        for code, place in _PLACES.items()
    )
    description = "，".join(f"{name}{counts[name]}" for name in named.values() if counts.get(name))
    wide, high = (max(at) + 1 for at in zip(*(p[1:] for p in _PLACES.values()), strict=True))
    n = next(_numbers)
    return Markup(
        '<figure class="chart map"><figcaption>{t}<small>方格示意，不表示边界</small></figcaption>'
        '<svg viewBox="0 0 {w} {h}" role="img" aria-labelledby="map{n}t map{n}d">'
        '<title id="map{n}t">{t}</title><desc id="map{n}d">{d}</desc>{s}</svg></figure>'
    ).format(
        t=title, w=wide * (_SIDE + _GAP), h=high * (_SIDE + _GAP), n=n, d=description, s=squares
    )


def _square(name: str, n: int | str, most: int, short: str, column: int, row: int) -> Markup:
    dark = shade(n, most) if isinstance(n, int) else 1
    x, y = column * (_SIDE + _GAP), row * (_SIDE + _GAP)
    return Markup(
        '<g class="{ink}"><title>{name}：{n}</title>'
        '<rect x="{x}" y="{y}" width="{side}" height="{side}" rx="4" class="heat-{dark}"/>'
        '<text x="{mid}" y="{up}" class="mid">{short}</text>'
        '<text x="{mid}" y="{down}" class="mid small">{said}</text></g>'
    ).format(
        ink="light" if dark > SHADES - 2 else "", name=name, n=n, x=x, y=y, side=_SIDE, dark=dark,
        mid=x + _SIDE // 2, up=y + 20, down=y + 37, short=short, said=_compact(n),
    )  # fmt: skip


def _compact(n: int | str) -> str:
    """A count that fits a square: 12,345 reads 1.2万."""
    if isinstance(n, str) or not n:
        return n or ""
    return str(n) if n < 10_000 else f"{n / 10_000:.1f}".removesuffix(".0") + "万"
