"""A wording is looked up by the claim alone and by the claim with what is told of it."""

import numpy as np

from classifiers.evaluate import debunk_queries
from classifiers.evaluate.debunk_queries import DebunkQueries, Library, digest, look_up


class Letters:
    """An encoder that sees which of three characters a text holds."""

    def encode(self, texts):
        rows = [[char in text for char in "甲乙丙"] for text in texts]
        return np.array(rows, np.float32).reshape(-1, 3)


CLAIMS = [
    {"id": 4, "claim": "甲说", "explain": "nan"},
    {"id": 5, "claim": "某说", "explanation": "其实是乙"},
    {"id": 6, "claim": "丙说", "explain": None},
]


def test_a_missing_explanation_is_told_as_nothing():
    library = Library.read(CLAIMS, Letters())
    assert library.told[0] == "甲说" and "乙" in library.told[1] and library.told[2] == "丙说"


def test_the_nearest_by_either_vector_are_candidates(monkeypatch):
    monkeypatch.setattr(debunk_queries, "CANDIDATES", 1)
    library = Library.read(CLAIMS, Letters())
    found = look_up(["乙", "甲乙", "丙"], library, Letters())
    # By the claims' own vectors all are equally far from 乙, and the first is taken.
    assert list(zip(found.query.tolist(), found.answer.tolist(), strict=True)) == [
        (0, 0), (0, 1), (1, 0), (2, 2)
    ]  # fmt: skip
    assert len(found.x) == 4 and found.n == 3


def test_what_is_no_candidate_never_comes_first():
    queries = DebunkQueries(2, np.array([0, 1]), np.array([1, 0]), np.zeros((2, 1)))
    assert queries.scores(np.array([0.3, 0.9]), 2).tolist() == [[-np.inf, 0.3], [0.9, -np.inf]]


def test_a_report_is_recognized_however_it_was_typed():
    assert digest("口罩 涨价！") == digest("口罩涨价！") != digest("口罩降价！")
    assert 0 <= digest("口罩涨价") < 2**63
