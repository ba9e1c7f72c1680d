"""Evaluate prints one JSON object, or says which line and field is wrong."""

import json

import pytest

from classifiers.evaluate.__main__ import main
from tests.classifiers.samples import rows_file

pytestmark = pytest.mark.usefixtures("no_encoder")

POSTS = [
    {
        "text": "【紧急扩散】听说明天全城停水，赶紧囤水，转给家人！",
        "label": 1,
        "category": "社会生活",
    },
    {
        "text": "国家统计局今日公布数据，前三季度工业生产平稳增长。",
        "label": 0,
        "category": "财经商业",
    },
    {"text": "不知道说的是什么", "label": 0, "category": "无法确定"},
]
CASES = [
    {
        "text": "店内商品未按规定明码标价，货架没有价签",
        "violation_type": "不明码标价",
        "constructed": False,
    },
    {
        "text": "虚构原价，网店划线价从未成交",
        "violation_type": "误导性价格标示",
        "constructed": False,
    },
    {"text": "写出来的反例", "violation_type": None, "constructed": True},
]
DECISION = {
    "text": "当事人：小满杂货铺\n决定处罚如下：罚款500元。依据《价格法》第四十二条。逾期不缴"
}


@pytest.mark.parametrize(
    ("task", "lines", "n", "keys"),
    [
        ("rumor", POSTS, 3, {"accuracy", "macro_f1", "ece", "coverage", "accuracy_covered"}),
        ("topic", POSTS, 2, {"accuracy", "macro_f1"}),
        ("price", CASES, 2, {"accuracy", "macro_f1", "labels"}),
        ("entities", [DECISION], 1, {"party", "fine", "articles", "uscc"}),
    ],
)
def test_one_json_object_on_stdout(tmp_path, capsys, task, lines, n, keys):
    assert main([task, str(rows_file(tmp_path / "rows.jsonl", *lines))]) == 0
    printed = capsys.readouterr().out
    figures = json.loads(printed)
    assert printed.count("\n") == 1 and figures["n"] == n and keys <= set(figures)


@pytest.mark.parametrize(
    ("task", "lines", "said"),
    [
        ("rumor", ["{"], "rows.jsonl:1: not JSON"),
        ("rumor", ["", "[1]"], "rows.jsonl:2: a JSON object"),
        ("rumor", [POSTS[0], {"text": "无标签"}], "rows.jsonl:2: field 'label' is missing"),
        ("rumor", [{"text": 5, "label": 1}], "field 'text' is int"),
        ("rumor", [{"text": "某事", "label": 7}], "field 'label' is 7"),
        ("topic", [{"text": "某事", "category": "天文"}], "field 'category'"),
        ("topic", [POSTS[2]], "every row"),
        ("price", [CASES[2]], "violation_type"),
        ("entities", ["", " "], "holds no row"),
        ("same_claim", [{"text": "某事"}], "field 'claim_event' is missing"),
        ("debunk", [{"text": "某事", "claim_id": 1}], "--claims"),
        ("pairs", [{"a": "某事", "label": 1}], "field 'b' is missing"),
        (
            "pairs",
            [{"sentence1": "某事", "sentence2": "那事", "label": "x"}],
            "field 'label' is 'x'",
        ),
        ("pairs", [{"a": "某事", "b": "那事", "score": None}], "field 'score' is NoneType"),
    ],
)
def test_a_wrong_file_is_named_by_line_and_field(tmp_path, capsys, task, lines, said):
    assert main([task, str(rows_file(tmp_path / "rows.jsonl", *lines))]) == 2
    output = capsys.readouterr()
    assert output.out == "" and said in output.err and output.err.count("\n") == 1


def test_a_missing_or_undecodable_file_is_said_so(tmp_path, capsys):
    assert main(["rumor", str(tmp_path / "none.jsonl")]) == 2
    binary = tmp_path / "binary.jsonl"
    binary.write_bytes(b"\xff\xfe\x00")
    assert main(["rumor", str(binary)]) == 2
    assert capsys.readouterr().err.count("cannot be read") == 2
