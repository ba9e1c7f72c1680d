"""The price model speaks of prices alone, and only where it is sure."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from classifiers import price, registry
from classifiers.price import CODES, PriceModel
from classifiers.registry import ArtifactError, Manifest

TAG = "货架没有价签，商品未明码标价"


@dataclass
class Pipeline:
    """Log-odds by hand; keeps what it was asked."""

    logits: list[float]
    asked: list[str] = field(default_factory=list)

    def decision_function(self, texts):
        self.asked += texts
        return np.array([self.logits] * len(texts))


def model(logits: list[float], temperature: float = 1.0) -> PriceModel:
    settings = {"temperature": temperature, "sure": 0.6}
    return PriceModel(Pipeline(logits), Manifest("price", labels=CODES, settings=settings))


def test_chances_are_the_softmax_of_log_odds_over_the_temperature():
    (row,) = model([np.log(8.0), 0.0, 0.0, 0.0], temperature=3.0).probabilities([TAG])
    assert row == pytest.approx([2 / 5, 1 / 5, 1 / 5, 1 / 5])


def test_a_text_without_words_of_prices_is_not_even_asked_about():
    asked = model([9.0, 0.0, 0.0, 0.0])
    found = asked.judge(["昨夜城西起火", TAG], ["昨夜城西起火", TAG])
    assert asked.pipeline.asked == [TAG]
    assert found[0] == [] and [f.type for f in found[1]] == ["no_clear_price"]
    assert [TAG[c.start : c.end] for c in found[1][0].cues] == ["价签", "明码标价"]


@pytest.mark.parametrize(
    ("logits", "why"),
    [
        ([0.5, 0.0, 0.0, 0.0], "unsure"),
        ([0.0, 9.0, 0.0, 0.0], "sure of a type none of whose words occur"),
    ],
)
def test_it_is_left_to_the_rules_where_the_model_is(logits, why):
    assert model(logits).judge([TAG], [TAG]) == [[]], why


def test_a_word_said_many_times_counts_for_no_more():
    few, many = price.cue_features(["原价" * price.MOST, "原价" * 40])
    assert few[CODES.index("price_fraud")] == many[CODES.index("price_fraud")] > 0


def test_the_words_of_a_type_are_named_once_where_they_first_stand():
    text = "原价99，标原价又打折"
    assert [(c.text, c.start) for c in price.words_of("price_fraud", text)] == [
        ("原价", 0),
        ("打折", 9),
    ]


def test_a_model_of_other_types_is_refused(tmp_path):
    registry.write_manifest(tmp_path, "price", [], labels=["something else"])
    with pytest.raises(ArtifactError, match="other types"):
        PriceModel.load(tmp_path)
