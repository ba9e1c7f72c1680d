"""The sample reports and the shop lists of the five reference platforms. All fictional."""

import json
from pathlib import Path

HERE = Path(__file__).parent
SAMPLES = HERE / "samples.jsonl"
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
