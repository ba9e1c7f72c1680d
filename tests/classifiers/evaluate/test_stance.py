"""A stance is measured against a person's label, wherever the label stands."""

from __future__ import annotations

import json

import pytest

from classifiers.evaluate.__main__ import main

DENIES = [
    "【辟谣】网传“石塘镇明天起停电五天”不实，供电所表示没有停电计划，请勿转发。",
    "官方回应：昨晚并没有发生爆炸，请大家不信谣不传谣。",
    "网传清溪大桥塌了系谣言，切勿轻信。",
    "经核实，所谓“医生集体感染”纯属谣言，造谣者已被行政拘留。",
    "朋友圈流传的封路通知是假的，交警说通行正常，大家不要恐慌。",
    "盐水泡脚能退烧？专家辟谣：没有任何科学依据。",
    "传北门菜场关门，市场管理方否认。",
    "停电五天？假的！供电所今早说线路一切正常",
    "【水务局否认全城停水三天】记者今早从水务局获悉，管网检修只涉及两条街。",
    "卫生院提醒：近日网传本镇有二十人中毒，经查证，是两家人吃坏了肚子，请不要传播谣言。",
    "镇长被误传外逃，今天他正常上班。",
    "殊不知这是一条害人的谣言，孩子发烧不要捂被子。",
    "網傳“全市明日停課”為不實信息，教育局已闢謠。",
]
ASSERTS = [
    "石塘镇明天起停电五天，大家赶紧买蜡烛，转给家人！",
    "辟谣都是假的，别信，桥真的塌了，我亲眼看见的！",
    "这不是谣言，派出所已经证实，千万看好孩子！",
    "昨天还以为是谣言，今天亲眼看到桥断了。",
    "官方当时出来辟谣，但是今天又有三个人住院了。",
    "这家店卖的护肤品是假的，烧起来一股塑料味。",
    "就算说我是谣言也要转，孩子丢了两个了！",
    "希望群里说的不是真的，大桥真的塌了，愿平安。",
    "恳请派出所证明这是个谣言！已经丢了三个孩子了。",
    "我的帖子被举报为不实信息，可停电是真的，别删了！",
    "#晨报# 今早要闻：一、油价下调；二、某公司辟谣：没有裁员；三、大桥合龙。",
    "不管真的假的都转一下，大桥今晚要塌，别走那条路。",
    "",
    "转发",
]
ASKS = [
    "求证：石塘镇明天真的要停电五天吗？",
    "群里说清溪大桥塌了，真的假的？有没有人知道",
    "求辟谣！听说北门菜场要关三个月",
    "这到底是不是谣言？谁能出来说一句",
]


def test_the_evaluation_counts_each_stance(tmp_path, capsys):
    file = tmp_path / "labelled.jsonl"
    labelled = [(DENIES[0], "denies"), (ASSERTS[0], "asserts"), (ASKS[0], "asserts")]
    file.write_text("".join(json.dumps({"text": t, "stance": s}) + "\n" for t, s in labelled))
    assert main(["stance", str(file)]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["n"] == 3 and figures["accuracy"] == pytest.approx(0.6667)
    assert figures["denies"] == {"n": 1, "precision": 1.0, "recall": 1.0}
    assert figures["asserts"] == {"n": 2, "precision": 1.0, "recall": 0.5}
    file.write_text(json.dumps({"text": "x", "stance": "maybe"}) + "\n")
    assert main(["stance", str(file)]) == 2


def test_labels_that_stand_by_place_are_joined_with_their_texts(tmp_path, capsys):
    (tmp_path / "rumor").mkdir()
    texts = [{"text": ASSERTS[0]}, {"text": DENIES[0]}]
    (tmp_path / "rumor" / "posts.jsonl").write_text("\n".join(map(json.dumps, texts)))
    labels = tmp_path / "labels.jsonl"
    labels.write_text(json.dumps({"file": "posts", "line": 2, "stance": "denies"}))
    assert main(["stance", str(labels), "--data", str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out)["denies"]["recall"] == 1.0
    assert main(["stance", str(labels)]) == 2
    labels.write_text(json.dumps({"file": "posts", "line": 3, "stance": "denies"}))
    assert main(["stance", str(labels), "--data", str(tmp_path)]) == 2
    assert "beyond its file" in capsys.readouterr().err
