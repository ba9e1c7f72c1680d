"""The sample reports and the shop lists of the five reference platforms. All fictional."""

import json
from pathlib import Path

HERE = Path(__file__).parent
SAMPLES = HERE / "samples.jsonl"
DEBUNKS = HERE / "debunks.jsonl"  # debunks, for the hub's library
NAMES = {
    "jd": "京东",
    "alibaba": "阿里巴巴",
    "pinduoduo": "拼多多",
    "weidian": "微店",
    "suning": "苏宁",
}


def shops() -> dict[str, list[dict]]:
    """Shop list by platform: `shop_id`, `shop_name`, `uscc` and `merchant_name` (may be '')."""
    return json.loads((HERE / "shops.json").read_text(encoding="utf-8"))


def samples() -> list[dict]:
    """The sample reports: `platform` beside the data of `report.created`."""
    return [json.loads(line) for line in SAMPLES.read_text(encoding="utf-8").splitlines()]


# Shops of one company under several names; the mechanism was signed with the company.
BRANDS = {"taobao": "alibaba", "tmall": "alibaba", "1688": "alibaba", "pdd": "pinduoduo"}


def slug_of(name: object) -> str | None:
    """The sandbox platform meant by `name`, a slug or a brand of one; None if there is none."""
    if not isinstance(name, str):
        return None
    slug = BRANDS.get(name, name)
    return slug if slug in NAMES else None
