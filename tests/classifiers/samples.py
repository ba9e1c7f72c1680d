"""Texts that several tests read, a toy corpus of two classes, and files of rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

RUMOR = "紧急提醒:石塘镇明天零点起停电五天,变电站着火了,大家赶快去买蜡烛和桶装水"
CHECKED = [
    {"id": 1, "claim": "石塘镇变电站着火,将停电五天", "explain": "变电站运行正常,没有停电计划。"},
    {"id": 2, "claim": "螃蟹和柿子同吃会中毒", "explain": "nan"},
    {"id": 3, "claim": "石塘镇明天停水", "explanation": "水厂检修已经推迟。"},
]
CLAIM = "有人在小区群里说本市三家大型超市明天起全部关门停业,让大家今晚赶紧去抢购大米和食用油"
POSTS = {
    "military": "南海舰队三艘驱逐舰和一艘潜艇昨日出港，与空军歼击机编队举行实弹演习",
    "education": "高考成绩今天上午公布，各省教育考试院提醒考生填报志愿的截止时间",
    "health": "这种中药熬水喝三天，糖尿病就能断根，医院的医生从来不告诉病人",
    "finance": "央行下调存款利率，股市三大指数集体上涨，银行板块领涨",
}
TOY = [
    f"第{i}批{'口罩涨价' if i % 2 else '公园开放'}的消息，{'赶紧转发' if i % 2 else '欢迎前往'}"
    for i in range(60)
]
TOY_LABELS = np.array([i % 2 for i in range(60)])


def rows_file(path: Path, *rows: dict[str, Any] | list[Any] | str) -> Path:
    """`path`, holding one JSON object a line; a string stands as it is."""
    lines = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text("\n".join(lines), "utf-8")
    return path
