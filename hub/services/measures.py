"""The catalogue of measures 处置措施 a platform can be ordered to take.

Codes, words and grounds follow the joint mechanism of 2020 and the laws named. `target` is
what the measure acts on; `term_days` None means until revoked.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

_PRICE = "《中华人民共和国价格法》第四十条、《价格违法行为行政处罚规定》第六条"
_ECOMMERCE = "《中华人民共和国电子商务法》第二十九条、第三十八条"
_CYBER = "《中华人民共和国网络安全法》第四十九条、第五十条"
_ADVERT = "《中华人民共和国广告法》第五十五条"


@dataclass(frozen=True)
class MeasureKind:
    """One entry of the catalogue."""

    code: str
    label: str
    kinds: frozenset[str]
    target: str
    legal_ground: str
    term_days: int | None = None
    reversible: bool = True


def _kind(code: str, label: str, kinds: str, target: str, ground: str, **more: Any) -> MeasureKind:
    return MeasureKind(code, label, frozenset(kinds.split()), target, ground, **more)


CATALOGUE: dict[str, MeasureKind] = {
    m.code: m
    for m in (
        _kind("warn", "警示", "violation rumor", "account", _ECOMMERCE, reversible=False),
        _kind("delist_goods", "下架商品", "violation", "shop", _ECOMMERCE),
        _kind("suspend_trading", "暂停交易", "violation", "shop", _ECOMMERCE, term_days=30),
        _kind("freeze_funds", "冻结资金", "violation", "shop", _ECOMMERCE, term_days=30),
        _kind("suspend_shop", "暂停店铺", "violation", "shop", _ECOMMERCE, term_days=30),
        _kind("close_shop", "关闭店铺", "violation", "shop", _ECOMMERCE),
        _kind("bar_onboarding", "限制入驻", "violation", "shop", _ECOMMERCE),
        _kind("refund_buyers", "退还多收价款", "violation", "shop", _PRICE, reversible=False),
        _kind("remove_content", "删除信息", "rumor violation", "content", _CYBER),
        _kind("label_content", "打标签（辟谣）", "rumor", "content", _CYBER),
        _kind("limit_reach", "限流", "rumor", "content", _CYBER),
        _kind("mute_15", "禁言15天", "rumor", "account", _CYBER, term_days=15),
        _kind("mute_30", "禁言30天", "rumor", "account", _CYBER, term_days=30),
        _kind("mute_180", "禁言180天", "rumor", "account", _CYBER, term_days=180),
        _kind("push_debunk", "推送辟谣", "rumor", "audience", _CYBER, reversible=False),
        _kind("stop_advert", "停止发布广告", "violation", "content", _ADVERT),
    )
}

# What is ticked on the form before a person thinks: the mildest set that stops the harm.
_USUAL = {"rumor": ("label_content", "push_debunk"), "violation": ("close_shop", "bar_onboarding")}


def for_kind(kind: str) -> list[MeasureKind]:
    """Measures that fit a rumor or a violation, mildest first."""
    return [m for m in CATALOGUE.values() if kind in m.kinds]


def usual(kind: str) -> tuple[str, ...]:
    """Codes offered first for this kind of case."""
    return _USUAL[kind]


def chosen(kind: str, codes: list[str]) -> list[dict[str, Any]]:
    """The measures of a decision as they will be ordered.

    Raises ValueError naming a code that is unknown or does not fit the kind of case.
    """
    picked = []
    for code in dict.fromkeys(codes):
        measure = CATALOGUE.get(code)
        if measure is None or kind not in measure.kinds:
            raise ValueError(f"{code!r} is no measure for a {kind}")
        entry = asdict(measure)
        del entry["kinds"]
        picked.append(entry)
    return picked
