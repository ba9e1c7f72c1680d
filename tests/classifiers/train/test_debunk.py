"""The bounds of close and near keep their shares of right answers, by hand."""

import numpy as np

from classifiers.evaluate.debunk_queries import Library, look_up
from classifiers.train.debunk import bounds
from tests.classifiers.samples import CHECKED, RUMOR


def test_bounds_keep_their_shares_by_hand(model):
    queries = look_up([RUMOR, "今晚有雨"], Library.read(CHECKED, model), model)
    right = np.array([True, False, False, False, True, False])
    out = np.array([0.9, 0.2, 0.1, 0.3, 0.8, 0.0])
    settings, figures = bounds(out, right, queries, np.array([0.1, 0.5]))
    # Down to .3 two of four answers are right, as each wrong one counts twice; to .2 two of six.
    assert settings["close"] == 0.8 and settings["near"] == 0.2
    assert figures["close_claim_found"] == 1 and figures["near_news"] == 0.5
