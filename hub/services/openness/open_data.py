"""Open data: the tables that anybody may take, and the dictionary that says what they mean.

A field that is added raises the last digit of VERSION, one that changes its meaning the first;
`since` tells from which version on a field is there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from hub.services.enforcement import audience
from hub.services.openness import public_figures

VERSION = "1.1"


@dataclass(frozen=True)
class Field:
    """One column of a data set, and since which version of the dictionary it is there."""

    name: str
    label: str
    meaning: str
    since: str = "1.0"


@dataclass(frozen=True)
class DataSet:
    """One table of open data; `rows` reads it."""

    name: str
    label: str
    fields: tuple[Field, ...]
    rows: Callable[[Session], list[list[Any]]]


_HIDDEN = "小于 5 的数以“<5”表示；为防推算而一并隐去的数以“—”表示"
_COUNTS = (
    Field("rumor", "谣言举报", f"当日收到并受理的谣言举报件数。{_HIDDEN}"),
    Field("violation", "违法行为举报", f"当日收到并受理的商户违法行为举报件数。{_HIDDEN}"),
    Field("total", "合计", f"两类合计。{_HIDDEN}"),
)


DATA: dict[str, DataSet] = {
    each.name: each
    for each in (
        DataSet(
            "daily", "每日举报",
            (Field("day", "日期", "北京时间，次日公布，此后不改"), *_COUNTS),
            public_figures.by_day,
        ),
        DataSet(
            "provinces", "各省举报",
            (Field("code", "行政区划代码", "GB/T 2260 六位代码，空为地区不明"),
             Field("province", "省级行政区", "按所报商户所在地；谣言按文中首先提到的地点"),
             *_COUNTS),
            public_figures.by_province,
        ),
        DataSet(
            "measures", "处置措施",
            (Field("code", "代码", "措施代码"), Field("measure", "措施", "措施名称"),
             Field("cases", "案件数", f"经批准采取该措施的案件数。{_HIDDEN}")),
            public_figures.by_measure,
        ),
        DataSet(
            "platforms", "平台反馈",
            (Field("platform", "代号", "平台代号"), Field("name", "平台", "平台名称"),
             Field("due", "到期指令", "已到反馈期限或已反馈的处置指令数"),
             Field("in_time", "按期反馈", "在期限内反馈的指令数"),
             Field("late", "逾期反馈", "期限后反馈的指令数"),
             Field("unanswered", "未反馈", "期限已过仍未反馈的指令数"),
             Field("share", "按期率", "按期反馈占到期指令的比例，0 至 1"),
             Field("median_hours", "反馈用时", "从下达到反馈的小时数，中位数")),
            public_figures.by_platform,
        ),
        DataSet(
            "debunks", "辟谣",
            (Field("id", "编号", "辟谣编号，即页面 /public/debunks/编号"),
             Field("claim", "传言", "被查证的说法"),
             Field("verdict", "结论", "谣言、不实、部分属实、属实、无法核实"),
             Field("source", "来源", "发布查证结论的机构"), Field("date", "日期", "发布日期"),
             Field("url", "原文", "来源网址")),
            public_figures.debunked,
        ),
        DataSet(
            "decisions", "处理决定",
            (Field("number", "决定", "处理决定编号", "1.1"),
             Field("date", "日期", "批准日期", "1.1"),
             Field("kind", "类别", "rumor 谣言，violation 商户违法行为", "1.1"),
             Field("party", "当事人", "有统一社会信用代码的当事人；自然人经营者不公布", "1.1"),
             Field("uscc", "统一社会信用代码", "当事人的代码", "1.1"),
             Field("measures", "措施", "措施名称，以顿号分隔", "1.1"),
             Field("grounds", "依据", "法律条款，以分号分隔", "1.1")),
            audience.published,
        ),
    )
}  # fmt: skip


def dictionary() -> dict[str, Any]:
    """The data dictionary: every table and field, its meaning and since when."""
    return {
        "version": VERSION,
        "licence": "CC BY 4.0",
        "suppression": _HIDDEN,
        "tables": [
            {
                "name": d.name,
                "label": d.label,
                "csv": f"/public/data/{d.name}.csv",
                "json": f"/public/data/{d.name}.json",
                "fields": [
                    {"name": f.name, "label": f.label, "meaning": f.meaning, "since": f.since}
                    for f in d.fields
                ],
            }
            for d in DATA.values()
        ],
    }
