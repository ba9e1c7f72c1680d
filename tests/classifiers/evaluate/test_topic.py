"""Figures of topics, by hand."""

from classifiers.evaluate.topic import figures


def test_each_topic_is_counted_apart_and_silence_is_wrong():
    found = figures(["政治", "政治", "军事", "军事"], ["政治", "军事", "军事", ""])
    assert found["n"] == 4 and found["accuracy"] == 0.5
    assert found["topics"]["政治"] == {"n": 2, "precision": 1.0, "recall": 0.5, "f1": 0.6667}
    assert found["topics"]["军事"] == {"n": 2, "precision": 0.5, "recall": 0.5, "f1": 0.5}
    assert found["macro_f1"] == 0.5833 and "" not in found["topics"]
