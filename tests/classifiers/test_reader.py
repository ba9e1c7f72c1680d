"""The reader of topics beside the other views of a post."""

import shutil

import numpy as np
import pytest

from classifiers import reader, theme
from classifiers.ensemble import counts, written
from classifiers.normalize import normalize
from classifiers.reader import TopicReader
from classifiers.registry import ArtifactError

POSTS = {
    "military": "南海舰队三艘驱逐舰和一艘潜艇昨日出港，与空军歼击机编队举行实弹演习",
    "education": "高考成绩今天上午公布，各省教育考试院提醒考生填报志愿的截止时间",
    "health": "这种中药熬水喝三天，糖尿病就能断根，医院的医生从来不告诉病人",
    "finance": "央行下调存款利率，股市三大指数集体上涨，银行板块领涨",
}


UNCLEAR = "昨天有人在群里说这件事,大家都不知道该相信谁,希望有关部门出来说句话"


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


def test_the_readers_word_counts_for_its_share_and_silence_for_nothing():
    chances = np.array([[0.5, 0.5], [0.9, 0.1]])
    said = np.log([[0.8, 0.2], [np.nan, np.nan]])
    whole = theme.with_reader(chances, said)
    odds = 0.3 * np.log(0.8 / 0.2)
    assert np.log(whole[0, 0] / whole[0, 1]) == pytest.approx(odds)
    assert whole.sum(1) == pytest.approx(1) and whole[1].tolist() == [0.9, 0.1]


def test_only_what_the_views_are_not_sure_of_is_read(model):
    views, shipped = theme.ThemeModel.load(), TopicReader.load()
    texts = [POSTS["military"], UNCLEAR]
    hashed = counts([written(text) for text in texts])
    vectors, middles = model.states([normalize(text) for text in texts])
    without = views.chances(hashed, vectors)
    assert without[0].max() > theme.SURE > without[1].max()
    whole = views.chances(hashed, vectors, shipped, middles)
    assert np.array_equal(whole[0], without[0]) and not np.array_equal(whole[1], without[1])
    untold = [np.zeros((0, 0), np.float32)] * 2
    assert np.array_equal(views.chances(hashed, vectors, shipped, untold), without)


def test_a_model_of_fewer_topics_hears_of_those_alone(model):
    few = theme.ThemeModel(_Undecided(), _Topics(["military", "finance"]))
    middles = model.states([normalize(text) for text in POSTS.values()])[1]
    chances = few.chances(None, None, TopicReader.load(), middles)
    assert chances.shape == (len(POSTS), 2)
    assert chances.argmax(1)[[0, 3]].tolist() == [0, 1]


class _Undecided:
    """An ensemble that knows two topics and cannot tell them apart."""

    def probabilities(self, hashed, vectors):
        return np.full((len(POSTS), 2), 0.5)


class _Topics:
    def __init__(self, labels):
        self.labels = labels
