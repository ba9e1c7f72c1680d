"""Topics are learned from posts that somebody could place."""

from types import SimpleNamespace

import numpy as np

from classifiers.theme import TOPICS
from classifiers.train import theme


def test_a_post_nobody_could_place_teaches_nothing():
    categories = ["政治", "无法确定", "军事"]
    posts = SimpleNamespace(rows=[{"category": name} for name in categories])
    rows, labels = theme.placed(posts)
    codes = list(TOPICS)
    assert rows.tolist() == [0, 2]
    assert [codes[label] for label in labels] == ["politics", "military"]


def test_figures_are_of_the_likeliest_of_the_known_topics():
    chances = np.array([[0.9, 0.1], [0.4, 0.6], [0.7, 0.3]])
    found = theme.cross_validation_figures(chances, np.array([0, 1, 1]), ["politics", "military"])
    assert found["accuracy"] == 0.6667 and found["topics"]["军事"]["recall"] == 0.5
