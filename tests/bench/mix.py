"""A viral mix: 70% copies, 20% rewordings, 10% new texts. Seeded, from the sample reports."""

from __future__ import annotations

import random

from hub.sandbox import data

_SWAPS = [
    ("明天", "明日"),
    ("全部", "统统"),
    ("大家", "各位"),
    ("赶紧", "抓紧"),
    ("听说", "据说"),
    ("不要", "别"),
    ("已经", "已"),
    ("马上", "立刻"),
    ("没有", "无"),
    ("可以", "能"),
]
_HEADS = ["紧急扩散！", "朋友圈看到的：", "求证：", "转："]
_TAILS = ["", "。", "！！", "，请转告家人", "，不知道真假"]
_PLACES = "东湖 南浦 河湾 青禾 柳巷 北岭 西塘 白沙 云溪 石桥".split()
_WHAT = (
    "自来水厂停水检修 农贸市场关闭 加油站限量供应 药店限购退烧药 小学提前放假 "
    "地铁停运 快递网点停收 银行网点限额取款 菜价翻倍 桥梁封闭"
).split()


def viral(n: int, seed: int = 7) -> list[str]:
    """`n` texts of the mix, the first of them new."""
    rng = random.Random(seed)
    base = [s["content"]["text"] for s in data.samples() if s["kind"] == "rumor"]
    rng.shuffle(base)
    seen: list[str] = []
    texts = []
    for i in range(n):
        dice = rng.random()
        if dice < 0.1 or not seen:
            text = base.pop() if base else made_up(rng, i)
            seen.append(text)
        elif dice < 0.3:
            text = reworded(rng, rng.choice(seen))
        else:
            text = rng.choice(seen)
        texts.append(text)
    return texts


def reworded(rng: random.Random, text: str) -> str:
    """The same said a little differently."""
    for old, new in rng.sample(_SWAPS, 4):
        text = text.replace(old, new)
    return rng.choice(_HEADS) + text + rng.choice(_TAILS)


def made_up(rng: random.Random, i: int) -> str:
    place, what = rng.choice(_PLACES), rng.choice(_WHAT)
    when, how_many = rng.randint(1, 28), rng.randint(3, 99)
    return f"{place}区{when}号起{what}，持续{i % 90 + 1}天，{how_many}个小区受影响"
