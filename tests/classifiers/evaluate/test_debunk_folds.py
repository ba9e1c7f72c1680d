"""No tree judges a claim it was grown on; figures of several deals are their means."""

import numpy as np
import pytest

from classifiers.evaluate.debunk_folds import out_of_fold, over_deals
from classifiers.evaluate.debunk_queries import CANDIDATES, Library, look_up
from tests.classifiers.samples import CHECKED, RUMOR


def test_no_tree_sees_a_report_of_the_claim_it_is_asked_for(model, monkeypatch):
    library = Library.read(CHECKED, model)
    queries = look_up([RUMOR] * 6, library, model)
    claims = np.array([1, 1, 2, 2, 3, 3])
    trained = []

    class Spy:
        def probabilities(self, x):
            return np.zeros(len(x))

    def spying(x, right):
        trained.append(len(x))
        return Spy()

    monkeypatch.setattr("classifiers.evaluate.debunk_folds.grow", spying)
    out_of_fold(queries, claims[queries.query] == library.ids[queries.answer], claims, 3)
    assert CANDIDATES >= 3 and trained == [4 * 3] * 3


def test_figures_of_several_deals_are_means_between_their_ends(model, monkeypatch):
    library = Library.read(CHECKED, model)
    queries, claims = look_up([RUMOR] * 2, library, model), library.ids[[0, 1]]
    relevant = claims[:, None] == library.ids[None, :]
    right = relevant[queries.query, queries.answer]
    dealt = iter([right.astype(float), (~right).astype(float)] + [right.astype(float)] * 3)
    monkeypatch.setattr("classifiers.evaluate.debunk_folds.out_of_fold", lambda *_: next(dealt))
    found = over_deals(queries, right, claims, relevant)
    assert (found["deals"], found["r_at_1"]) == (5, pytest.approx(0.8))
    assert (found["r_at_1_least"], found["r_at_1_most"]) == (0, 1)
