"""Pairs of sentences of every shape are read."""

import pytest

from classifiers.evaluate import pairs
from tests.classifiers.samples import CLAIM, rows_file


@pytest.mark.parametrize(
    "rows",
    [
        [{"a": CLAIM, "b": CLAIM, "label": 1}, {"a": CLAIM, "b": "今天天气不错", "label": 0}],
        [{"a": CLAIM, "b": CLAIM, "score": 5.0}, {"a": CLAIM, "b": "今天天气不错", "score": 0.2}],
        [
            {"sentence1": CLAIM, "sentence2": CLAIM, "label": "1"},
            {"sentence1": CLAIM, "sentence2": "今天天气不错", "label": "0"},
        ],
    ],
)
def test_pairs_of_every_shape(tmp_path, rows, one_encoder):
    found = pairs.evaluate(rows_file(tmp_path / "pairs.jsonl", *rows))
    assert found == {"n": 2, "auc": 1.0, "accuracy": 1.0, "spearman": 1.0}
