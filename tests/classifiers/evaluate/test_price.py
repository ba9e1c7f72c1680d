"""Price types are measured on the four types the model learned, with the rules in its stead."""

from types import SimpleNamespace

import pytest

from classifiers import rules
from classifiers.evaluate import price
from classifiers.fold import fold
from tests.classifiers.samples import rows_file

CASES = [
    {"text": "店里的水果都没有明码标价", "violation_type": "不明码标价", "constructed": False},
    {"text": "先涨价再打折，虚构原价", "violation_type": "误导性价格标示", "constructed": False},
    {"text": "今天天气晴", "violation_type": "标价外加价", "constructed": False},
    {"text": "几家店一起涨价", "violation_type": "串通涨价", "constructed": False},
    {"text": "写出来的反例", "violation_type": "不明码标价", "constructed": True},
]


def _by_rules(texts):
    return [SimpleNamespace(violations=rules.judge(fold(text))) for text in texts]


def test_without_a_model_the_rules_are_measured(tmp_path, monkeypatch):
    monkeypatch.setattr(price, "assessor", lambda: SimpleNamespace(price=None, assess=_by_rules))
    found = price.evaluate(rows_file(tmp_path / "rows.jsonl", *CASES))
    assert found["n"] == 3 and found["accuracy"] == pytest.approx(2 / 3)
