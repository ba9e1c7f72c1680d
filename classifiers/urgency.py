"""How soon a person should look at a report, and why, from its words alone.

The queue multiplies this by how far a claim has spread, so that a grave report with one
copy and a mild one with three hundred both come up in time.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from classifiers.violation import Finding


@dataclass(frozen=True)
class Urgency:
    """`score` 0..1 and the reasons for it in Chinese, heaviest first."""

    score: float
    reasons: list[str]


@dataclass(frozen=True)
class _Signal:
    reason: str
    weight: float
    pattern: re.Pattern[str]


def _signal(reason: str, weight: float, pattern: str) -> _Signal:
    return _Signal(reason, weight, re.compile(pattern))


_SIGNALS = (
    _signal(
        "涉及人身安全或伤亡",
        0.40,
        r"死亡|身亡|致死|死了|丧生|遇难|受伤|重伤|伤亡|中毒|住院|抢救|坠亡|砍人|杀人|持刀|枪击|绑架|自杀",
    ),
    _signal("涉及公共安全", 0.35, r"爆炸|起火|火灾|燃爆|泄漏|投毒|恐怖袭击|暴乱|骚乱|踩踏|坍塌|核辐射"),
    _signal(
        "涉及儿童或孕产妇",
        0.30,
        r"儿童|小孩|孩子|婴儿|宝宝|幼儿|学生|小学|幼儿园|未成年|孕妇|产妇|抢小孩|拐卖|人贩子",
    ),
    _signal(
        "涉及疫情",
        0.25,
        r"疫情|病毒|新冠|肺炎|确诊|感染者|隔离|封城|封控|传染|口罩|核酸|疫苗|非典|禽流感|流感|埃博拉",
    ),
    _signal("涉及灾害", 0.30, r"地震|洪水|洪灾|溃坝|决堤|泥石流|滑坡|台风|海啸|余震|暴雨|山火|龙卷风"),
    _signal(
        "涉及健康与用药",
        0.25,
        r"致癌|有毒|毒(?:大米|奶粉|疫苗|胶囊)|假药|假疫苗|过量服用|副作用|猝死|器官|抗癌|处方药|输液|饮用水",
    ),
    _signal(
        "可能引发抢购",
        0.40,
        r"抢购|囤货|囤积|屯(?:点|些|货|粮)|赶紧囤|断货|缺货|脱销|抢光|卖空|断供|停水|停电|停供|粮荒|挤兑",
    ),
    _signal("价格暴涨", 0.25, r"暴涨|疯涨|翻倍|翻番|翻了.?倍|涨了?.{0,3}倍|天价|坐地起价|哄抬|涨价"),
    _signal(
        "事情就在眼前",
        0.20,
        r"今晚|今夜|今天|明天|明早|马上|立即|立刻|即将|现在起|正在|紧急|速看|速转|快转|赶紧|刚刚|[零一二两三四五六七八九十\d]+小时(?:内|后)",
    ),
    _signal("号召转发扩散", 0.15, r"转发|扩散|求转|转给|告诉(?:家人|身边)|转疯了|删前速看|人肉|集会|围堵|上街"),
    _signal("仍有人在受损", 0.20, r"被骗|骗(?:了|走|取)|还在(?:卖|骗|销售)|仍在(?:卖|销售|售)|已有.{0,6}(?:人|家)(?:受骗|上当|中招)"),
)  # fmt: skip
_OFFICIAL = re.compile(r"辟谣|不实信息|系谣言|官方通报|已(?:被)?(?:抓获|控制|处罚|查处)")
_GRAVE_TYPES = {
    "price_gouging": 0.25,
    "counterfeit": 0.15,
    "unlicensed": 0.15,
    "fraud": 0.20,
    "prohibited_goods": 0.20,
    "collusion": 0.10,
}


def weigh(view: str, findings: Sequence[Finding]) -> Urgency:
    """Urgency of a text (its aligned `view`) with these findings.

    Signals add up as independent chances do, 1 - product(1 - weight), so that the score
    stays below 1 and grows with every further reason.
    """
    reasons = [(s.weight, s.reason) for s in _SIGNALS if s.pattern.search(view)]
    reasons += [
        (_GRAVE_TYPES[f.type] * f.score, f"疑似{f.label}")
        for f in findings
        if f.type in _GRAVE_TYPES
    ]
    calm = 1.0
    for weight, _ in reasons:
        calm *= 1 - weight
    score = 1 - calm
    if reasons and _OFFICIAL.search(view):
        score *= 0.5
        reasons.append((0.0, "文中已有官方处置或辟谣"))
    reasons.sort(key=lambda pair: -pair[0])
    return Urgency(round(score, 3), [reason for _, reason in reasons])
