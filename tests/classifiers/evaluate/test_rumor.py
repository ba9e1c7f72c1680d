"""Figures of the rumor score, by hand."""

import numpy as np

from classifiers.evaluate.rumor import figures


def test_withheld_scores_count_in_the_accuracy_of_all_and_not_of_the_covered():
    chances, labels = np.array([0.9, 0.2, 0.8, 0.4]), np.array([1, 0, 0, 1])
    found = figures(chances, labels, ["", "", "unsure", "foreign"])
    assert found["accuracy"] == 0.5 and found["auc"] == 0.75
    assert (found["coverage"], found["accuracy_covered"]) == (0.5, 1.0)
    assert found["abstained_because"] == {"unsure": 0.25, "foreign": 0.25}
    assert found["accuracy_at_70"] == 0.6667  # the three whose chance is farthest from a half


def test_one_label_alone_has_no_auc_and_silence_no_covered_accuracy():
    found = figures(np.array([0.9]), np.array([1]), ["unsure"])
    assert found["auc"] is None and found["accuracy_covered"] is None
