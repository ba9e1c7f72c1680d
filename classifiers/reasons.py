"""The type of violation that a reporter's chosen reason names.

Platforms have menus of their own ("乱涨价", "涉嫌假货"), so the reason is searched for the types'
names and usual menu phrases. It is the reporter's claim, not evidence in the text: it is used only
where neither a rule nor a model has a finding.
"""

from __future__ import annotations

from classifiers.normalize import normalize
from classifiers.violation import PRICE_CASE_TYPES, TYPES

# In addition to the types' labels. No type covers short weight, returns or service.
_MENUS = {
    "price_gouging": ("囤积居奇", "哄抬物价", "恶意涨价", "乱涨价", "趁机涨价", "高价销售"),
    "price_fraud": ("价格误导", "虚假优惠", "虚假降价", "虚标原价", "先涨后降", "先涨价后打折"),
    "collusion": ("联合涨价", "价格同盟", "价格串通"),
    "disguised_price_rise": ("变相涨价",),
    "no_clear_price": ("未明码标价", "没有明码标价"),
    "extra_charge": ("加价收费", "强制收费"),
    "government_price": ("政府指导价", "政府定价"),
    "dumping": ("低于成本价",),
    "price_discrimination": ("杀熟", "差别定价"),
    "false_advertising": ("虚假广告", "违法广告", "夸大宣传", "夸大功效", "极限用语"),
    "fake_sales": ("刷单", "刷好评", "虚假交易", "虚假销量", "虚假评价"),
    "counterfeit": ("假货", "售假", "假冒", "伪劣", "假药", "三无产品", "质量不合格", "侵犯商标"),
    "unlicensed": ("无证", "无照", "无资质", "无许可", "未取得许可"),
    "fraud": ("诈骗", "骗钱", "骗捐"),
    "prohibited_goods": ("禁限售", "禁售", "限售", "违禁品", "野生动物"),
}
_WORDS = {
    **{word: code for code, menu in _MENUS.items() for word in menu},
    **PRICE_CASE_TYPES,
    **{kind.label: kind.code for kind in TYPES.values()},
}


def type_of(reason: str | None) -> str | None:
    """The code in `violation.TYPES` that `reason` names; None where it names none or several."""
    said = "".join(normalize(reason or "").split())
    named = {code for word, code in _WORDS.items() if word in said}
    return named.pop() if len(named) == 1 else None
