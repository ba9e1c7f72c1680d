"""A made-up population of merchants on five platforms, whose truth is known. Seeded.

Nothing here was measured on real merchants; every share below is an assumption, written down so
that it can be argued with, and `Rates` can be turned to see what each is worth.

- 57% are natural persons without a credit code (the share among online sellers), the rest firms.
- A merchant sells on 1 to 5 platforms (55, 25, 12, 5, 3%); 8% of its presences have a second or
  third shop (branches). A shop is reported once (85%), twice or three times.
- A report states each identity with the probability in `Rates`, and with a slip in some: a wrong
  digit in a number, a homophone, a lost, doubled or swapped character in a name.
- Names collide as they do: 40 surnames times 400 given names, companies of a few hundred cores
  in 30 towns. Shop names differ from platform to platform.
- Markets: groups of 20 to 200 merchants at one address, of whom 3 in 10 give the market's phone.
- Agents: groups of 10 to 300 firms at one registered address, half of them with its phone.
- Payment agents: groups of 5 to 50 with one payout account.
- Families: two persons with one phone. Owners: two firms, or a firm and a person, with one phone.
- Numbers given to a new holder: 0.2% show a phone that another merchant had.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from stdnum.cn import uscc

from classifiers.codes import organisation_check

PLATFORMS = 5
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚"
_CORES = (
    "康宁安捷鲜达洁尔博雅惠民瑞丰恒泰佳和永盛华信德润美邻万隆诚品优选金禾绿源天成福临百顺嘉禾永安"
)
_TRADES = (
    "护具 医疗器械 食品 日用百货 服饰 母婴用品 电子商务 化妆品 茶叶 五金 文具 水产 农产品 药房"
).split()
_TOWNS = (
    "青禾市 河湾市 柳巷镇 南浦市 东湖市 北岭市 西塘镇 白沙市 云溪县 石桥镇 长堤市 双塔市 梅岭县 "
    "沙洲市 清泉镇 松江口镇 莲塘市 桃源镇 金沙市 银滩市 临河市 望山县 丰台镇 古渡镇 新港市 红旗镇 "
    "平湖岭市 高桥镇 曲水县 玉泉市"
).split()
_FORMS = ("有限公司", "有限责任公司", "商贸有限公司", "经营部", "商行")
_SHOPS = ("旗舰店", "专营店", "专卖店", "小店", "的店", "直营店", "")
_HOMOPHONES = (
    "宁凝",
    "安桉",
    "惠慧",
    "佳嘉",
    "永咏",
    "华桦",
    "信芯",
    "美镁",
    "丰峰",
    "源元",
    "伟玮",
    "丽莉",
)


@dataclass(frozen=True)
class Rates:
    """How often a report states an identity its merchant has, and how often with a slip."""

    uscc: float = 0.90
    id_number: float = 0.75
    phone: float = 0.75
    payout_account: float = 0.60
    license_no: float = 0.50
    legal_name: float = 0.80
    address: float = 0.60
    name_slip: float = 0.03
    number_slip: float = 0.005


@dataclass
class Merchant:
    """One merchant as it is in truth."""

    id: int
    person: bool
    legal_name: str
    brand: str
    town: str
    region: str
    address: str
    uscc: str | None
    id_number: str | None
    license_no: str | None
    phones: list[str]
    payouts: list[str]
    shops: list[tuple[int, str, str]] = field(default_factory=list)  # platform, shop id, name


def population(n: int, seed: int = 20) -> list[Merchant]:
    """`n` merchants."""
    rng = random.Random(seed)
    everybody = [_merchant(rng, i) for i in range(n)]
    _share(rng, everybody)
    for merchant in everybody:
        _open_shops(rng, merchant)
    return everybody


def reports(
    everybody: list[Merchant], rates: Rates | None = None, seed: int = 21
) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """(merchant id, platform number from 0, ``subject`` of a report), in random order."""
    rng, rates = random.Random(seed), rates or Rates()
    order = [
        (merchant, shop)
        for merchant in everybody
        for shop in merchant.shops
        for _ in range(rng.choices((1, 2, 3), (85, 11, 4))[0])
    ]
    rng.shuffle(order)
    for merchant, (platform, shop_id, shop_name) in order:
        said = _said(rng, merchant, rates)
        yield merchant.id, platform, {"shop_id": shop_id, "shop_name": shop_name, **said}


def _merchant(rng: random.Random, i: int) -> Merchant:
    person = rng.random() < 0.57
    town_at = rng.randrange(len(_TOWNS))
    town, region = _TOWNS[town_at], f"{330000 + 100 * (town_at // 5) + town_at % 5 + 1}"
    core = "".join(rng.choices(_CORES, k=2)) + rng.choice(_TRADES)
    name = rng.choice(_SURNAMES) + "".join(rng.choices(_GIVEN, k=rng.choice((1, 2, 2))))
    return Merchant(
        id=i,
        person=person,
        legal_name=name if person else town + core + rng.choice(_FORMS),
        brand=(name[0] + "家" if rng.random() < 0.5 else "") + core if person else core,
        town=town,
        region=region,
        address=f"{town}{rng.choice('和平建设人民解放中山新华')}路{rng.randint(1, 1500)}号"
        f"{rng.randint(1, 9)}栋{rng.randint(101, 2909)}室",
        uscc=None if person else _uscc(rng, region, i),
        id_number=_id_number(rng, region) if person else None,
        license_no=f"JY{rng.randint(10**13, 10**14 - 1)}" if rng.random() < 0.3 else None,
        phones=[_phone(rng) for _ in range(1 if rng.random() < 0.8 else 2)],
        payouts=[f"acct{rng.randint(10**11, 10**12 - 1)}" for _ in range(rng.choice((1, 1, 1, 2)))],
    )


def _share(rng: random.Random, everybody: list[Merchant]) -> None:
    """Markets, agents, families and owners; see the head of this file."""
    at = list(everybody)
    rng.shuffle(at)
    _share_places(rng, at)
    for group in _groups(rng, at[-len(at) // 200 :], 5, 50):  # payment agents
        for m in group:
            m.payouts = [group[0].payouts[0]]
    pairs = at[len(at) * 10 // 100 : len(at) * 13 // 100]  # families and owners
    for one, other in zip(pairs[::2], pairs[1::2], strict=False):
        other.phones = [one.phones[0]]
    for m in at[len(at) * 20 // 100 : len(at) * 20 // 100 + len(at) // 500]:  # numbers given anew
        m.phones.append(rng.choice(everybody).phones[0])


def _share_places(rng: random.Random, at: list[Merchant]) -> None:
    firms = [m for m in at if not m.person]
    for group in _groups(rng, at[: len(at) * 4 // 100], 20, 200):  # markets
        address, phone = group[0].address, _phone(rng)
        for i, m in enumerate(group):
            m.address = f"{address.split('号')[0]}号批发市场" + (f"{i}号铺" if i % 2 else "")
            if rng.random() < 0.3:
                m.phones.append(phone)
    for group in _groups(rng, firms[: len(firms) * 3 // 100], 10, 300):  # registration agents
        for m in group:
            m.address = group[0].address
            if rng.random() < 0.5:
                m.phones = [group[0].phones[0]]


def _groups(
    rng: random.Random, of: list[Merchant], least: int, most: int
) -> Iterator[list[Merchant]]:
    start = 0
    while start + least <= len(of):
        size = rng.randint(least, most)
        yield of[start : start + size]
        start += size


def _open_shops(rng: random.Random, m: Merchant) -> None:
    k = rng.choices((1, 2, 3, 4, 5), (55, 25, 12, 5, 3))[0]
    for platform in rng.sample(range(PLATFORMS), k):
        branches = rng.choices((1, 2, 3), (92, 6, 2))[0]
        for b in range(branches):
            name = m.brand + rng.choice(_SHOPS)
            if branches > 1 and rng.random() < 0.5:
                name += f"{rng.choice('东西南北城')}分店"
            m.shops.append((platform, f"s{platform}-{m.id}-{b}", name))


def _said(rng: random.Random, m: Merchant, rates: Rates) -> dict[str, Any]:
    def states(rate: float) -> bool:
        return rng.random() < rate

    said: dict[str, Any] = {"region": m.region}
    if states(rates.legal_name):
        said["merchant_name"] = _slipped(rng, m.legal_name, rates.name_slip)
    if states(rates.address):
        said["address"] = _slipped(rng, m.address, rates.name_slip)
    numbers = (
        ("uscc", m.uscc), ("id_number", m.id_number), ("license_no", m.license_no),
        ("phone", rng.choice(m.phones)), ("payout_account", rng.choice(m.payouts)),
    )  # fmt: skip
    for kind, number in numbers:
        if number and states(getattr(rates, kind)):
            said[kind] = _misread(rng, number) if states(rates.number_slip) else number
    return said


def _slipped(rng: random.Random, text: str, rate: float) -> str:
    if rng.random() >= rate:
        return text
    for a, b in _HOMOPHONES:
        if a in text and rng.random() < 0.7:
            return text.replace(a, b, 1)
    i = rng.randrange(len(text) - 1)
    slips = (text[:i] + text[i + 1 :], text[:i] + text[i] + text[i:])
    return rng.choice((*slips, text[:i] + text[i + 1] + text[i] + text[i + 2 :]))


def _misread(rng: random.Random, number: str) -> str:
    i = rng.randrange(2, len(number) - 1)
    return number[:i] + rng.choice("0123456789") + number[i + 1 :]


def _phone(rng: random.Random) -> str:
    return rng.choice(("13", "15", "18", "17")) + f"{rng.randrange(10**9):09d}"


def _id_number(rng: random.Random, region: str) -> str:
    born = f"{rng.randint(1955, 2001)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
    body = f"{region}{born}{rng.randrange(1000):03d}"
    total = sum(int(d) * pow(2, 17 - i, 11) for i, d in enumerate(body))
    return body + "10X98765432"[total % 11]


def _uscc(rng: random.Random, region: str, i: int) -> str:
    body = f"{i:07d}{rng.randrange(10)}"  # unique: a code belongs to one
    code = f"91{region}{body}{organisation_check(body)}"
    return code + uscc.calc_check_digit(code)
