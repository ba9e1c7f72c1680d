"""Labelled posts are made ready once, in pieces, and a manifest names what they were."""

from types import SimpleNamespace

import numpy as np
import pytest

from classifiers.train import corpus
from tests.classifiers.samples import rows_file


class Counting:
    """An encoder of two numbers a text; keeps the size of each pass."""

    version = "counting"

    def __init__(self):
        self.passes = []

    def states(self, texts):
        self.passes.append(len(texts))
        vectors = np.array([[len(text), 1.0] for text in texts])
        return vectors, [np.ones((3, 4), np.float32)] * len(texts)

    def encode(self, texts):
        return np.ones((len(texts), 2))


def test_many_texts_are_encoded_in_passes_and_keep_their_order():
    counting = Counting()
    vectors, means = corpus.states(counting, ["a" * n for n in range(300)])
    assert counting.passes == [256, 44]
    assert vectors[:, 0].tolist() == list(range(300)) and means.shape == (300, 4)


def test_posts_of_a_file_are_encoded_once_a_process(tmp_path, monkeypatch):
    counting = Counting()
    monkeypatch.setattr(corpus, "build", SimpleNamespace(load_default=lambda: counting))
    monkeypatch.setattr(corpus, "_read", {})
    rows = [
        {"text": "明天全城停水三天请大家转告", "label": 1},
        {"text": "公园今天免费开放", "label": 0},
    ]
    path = rows_file(tmp_path / "posts.jsonl", *rows)
    posts = corpus.posts(path)
    assert corpus.posts(path) is posts and counting.passes == [2]
    taken = posts.take(np.array([1]))
    assert taken.rows == rows[1:] and taken.vectors.tolist() == posts.vectors[1:].tolist()
    assert taken.hashed.shape[0] == len(taken.groups) == len(taken.middles) == 1


def test_a_manifest_names_the_licence_of_what_was_learned_from():
    facts = corpus.manifest_facts("weibo21_dev", "claims")
    assert [entry["name"] for entry in facts["data"]] == ["weibo21_dev", "claims"]
    assert all(entry["licence"] for entry in facts["data"]) and facts["versions"]["numpy"]
    with pytest.raises(KeyError):
        corpus.manifest_facts("a set without a licence")
