"""The reader of topics beside the other views of a post."""

import shutil

import numpy as np
import pytest

from classifiers import reader, theme
from classifiers.normalize import normalize
from classifiers.reader import TopicReader
from classifiers.registry import ArtifactError
from tests.classifiers.samples import POSTS


@pytest.fixture(scope="module")
def read(model):
    return TopicReader.load().read(model.states([normalize(text) for text in POSTS.values()])[1])


def test_plain_posts_are_read_as_what_they_are_about(read):
    topics = TopicReader.load().manifest.labels
    assert list(topics) == list(theme.TOPICS)
    assert [topics[row.argmax()] for row in read] == list(POSTS)
    assert np.exp(read).sum(1) == pytest.approx(1, abs=1e-4)


def test_a_text_is_read_alike_alone_and_beside_others_and_not_without_states(model, read):
    shipped = TopicReader.load()
    states = model.states([normalize(POSTS["health"])])[1]
    again = shipped.read([np.zeros((0, 0), np.float32), *states])
    assert np.isnan(again[0]).all() and np.array_equal(again[1], read[2])


def test_no_more_is_read_than_was_learned_from(model):
    (states,) = model.states([normalize(POSTS["health"]) * 9])[1]
    assert len(states) > reader.TOKENS
    whole, cut = TopicReader.load().read([states, states[: reader.TOKENS]])
    assert np.array_equal(whole, cut)


def test_an_altered_or_unreadable_graph_is_refused(tmp_path):
    shutil.copytree(reader.DIRECTORY, tmp_path / "reader")
    graph = tmp_path / "reader" / "model.int8.onnx"
    graph.write_bytes(graph.read_bytes()[:-1])
    with pytest.raises(ArtifactError, match="differs"):
        TopicReader.load(tmp_path / "reader")
