"""What a rumor is about, by the views of a post and by the reader beside them."""

import numpy as np
import pytest

from classifiers import theme
from classifiers.ensemble import counts, written
from classifiers.normalize import normalize
from classifiers.reader import TopicReader
from tests.classifiers.samples import POSTS

UNCLEAR = "昨天有人在群里说这件事,大家都不知道该相信谁,希望有关部门出来说句话"


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


@pytest.mark.parametrize(
    ("topic", "text", "shown"),
    [
        ("health", "这种食品添加剂有毒", "食品安全"),
        ("health", "发烧要捂被子", "医疗健康"),
        ("society", "嫌疑人已被警方抓获", "社会治安"),
        ("society", "养老金要调整", "公共政策"),
        ("society", "公园今天开放", "民生"),
        ("disaster", "今晚有地震", "灾害"),
        ("disaster", "工厂出事了", "突发事件"),
        ("science", "卫星升空", "科技"),
    ],
)
def test_the_words_of_a_text_choose_among_the_themes_of_its_topic(topic, text, shown):
    assert theme.theme_of(topic, text) == shown
