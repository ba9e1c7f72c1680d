"""Two records of debunked claims, as lines of a file."""

from __future__ import annotations

import json

CHECKED = {
    "claim": "石塘镇变电站着火，将停电五天",
    "verdict": "谣言",
    "source": "石塘镇人民政府",
    "date": "2020-02-19",
    "explanation": "变电站运行正常，没有停电计划。",
    "url": "https://shitang.example/1",
}
FAR = {
    "claim": "螃蟹和柿子同吃会中毒",
    "verdict": "假",
    "source": "guokr",
    "explain": "nan",
    "date": "None",
}


def line(**record) -> bytes:
    return json.dumps(record, ensure_ascii=False).encode()
