"""The violation types the hub knows, their legal basis, and findings in a text."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from classifiers.explain import Cue, merge


@dataclass(frozen=True)
class ViolationType:
    """One kind of violation: code, Chinese label, the articles it breaks or is punished by."""

    code: str
    label: str
    law: tuple[str, ...]


@dataclass(frozen=True)
class Finding:
    """One violation found in a text.

    `score` is 0..1: calibrated for a model, the rule's own strength for a rule. `source` is
    'rule:<id>' or 'model:<name>@<version>'.
    """

    type: str
    label: str
    law: list[str]
    score: float
    cues: list[Cue]
    source: str


_PRICE_LAW = "价格法第{}"
_PENALTY_RULES = "价格违法行为行政处罚规定第{}"
_CLEAR_PRICES = "明码标价和禁止价格欺诈规定第{}"


def _price(code: str, label: str, law: str, penalty: str, *more: str) -> ViolationType:
    return ViolationType(
        code, label, (_PRICE_LAW.format(law), _PENALTY_RULES.format(penalty), *more)
    )


TYPES: Mapping[str, ViolationType] = {
    kind.code: kind
    for kind in (
        _price("price_gouging", "哄抬价格", "十四条第（三）项", "六条"),
        _price(
            "price_fraud",
            "价格欺诈",
            "十四条第（四）项",
            "七条",
            *map(_CLEAR_PRICES.format, ("十六条", "十九条", "二十条")),
        ),
        _price("collusion", "串通涨价", "十四条第（一）项", "五条"),
        _price("disguised_price_rise", "变相提价", "十四条第（六）项", "八条"),
        _price("no_clear_price", "不明码标价", "十三条第一款", "十三条", "价格法第四十二条"),
        _price("extra_charge", "标价外加价", "十三条第二款", "十三条", "价格法第四十二条"),
        _price("government_price", "违反政府定价", "十二条", "九条", "价格法第三十九条"),
        _price("dumping", "低价倾销", "十四条第（二）项", "四条"),
        _price("price_discrimination", "价格歧视", "十四条第（五）项", "四条"),
        ViolationType(
            "false_advertising",
            "虚假宣传",
            (
                "广告法第九条",
                "广告法第十七条",
                "广告法第二十八条",
                "广告法第五十五条",
                "反不正当竞争法",
            ),
        ),
        ViolationType("fake_sales", "刷单炒信", ("反不正当竞争法", "电子商务法第十七条")),
        ViolationType(
            "counterfeit",
            "假冒伪劣",
            ("产品质量法第三十九条", "产品质量法第五十条", "商标法第五十七条"),
        ),
        ViolationType(
            "unlicensed",
            "无证经营",
            (
                "无证无照经营查处办法第二条",
                "药品管理法第五十一条",
                "医疗器械监督管理条例",
                "食品安全法第三十五条",
            ),
        ),
        ViolationType("fraud", "诈骗", ("刑法第二百六十六条", "治安管理处罚法")),
        ViolationType("prohibited_goods", "销售禁限售商品", ("电子商务法第十三条",)),
    )
}

# Names of types in decided price cases -> the hub's codes.
PRICE_CASE_TYPES: Mapping[str, str] = {
    "不明码标价": "no_clear_price",
    "标价外加价": "extra_charge",
    "政府定价违规": "government_price",
    "误导性价格标示": "price_fraud",
    "虚假价格比较": "price_fraud",
    "虚假折扣": "price_fraud",
    "不履行价格承诺": "price_fraud",
    "变相提高价格": "disguised_price_rise",
    "哄抬价格": "price_gouging",
}


def finding(code: str, score: float, cues: list[Cue], source: str) -> Finding:
    """A Finding of the type `code` with its label and law. Raises KeyError on an unknown code."""
    kind = TYPES[code]
    return Finding(code, kind.label, list(kind.law), round(float(score), 4), cues, source)


def strongest(findings: list[Finding]) -> list[Finding]:
    """One finding a type, its strongest, with the cues of all; highest score first."""
    best: dict[str, Finding] = {}
    for found in sorted(findings, key=lambda f: -f.score):
        kept = best.setdefault(found.type, found)
        if kept is not found:
            best[found.type] = replace(kept, cues=merge([*kept.cues, *found.cues]))
    return list(best.values())
