"""The rumor score keeps silent where it learned nothing, and says why."""

import numpy as np
import pytest

from classifiers.rumor import (
    FOREIGN,
    LONG,
    Home,
    has_open_topic,
    has_source_mark,
    is_unlike_source,
    lengths,
)

BOUNDS = {"home": 0.2, "home_short": 0.9}
LONG_TEXT = "石塘镇明天起停电五天，" * 8


@pytest.mark.parametrize(
    ("text", "left_open"),
    [
        ("#石塘停电# 是真的吗", False),
        ("石塘停电了 #石塘 #停电", True),
        ("石塘停电了#停电", True),
        ("#石塘停电##供电所# 回应", False),
        ("没有话题", False),
    ],
)
def test_a_topic_is_closed_at_home_and_left_open_on_short_video(text, left_open):
    assert has_open_topic(text) is left_open


@pytest.mark.parametrize(
    "text", ["【停电】五天", "停电 http://t.cn/abc", "停电了[泪]", "停电展开全文c"]
)
def test_marks_of_the_source_are_known(text):
    assert has_source_mark(text) and not has_source_mark("停电五天，大家买蜡烛[2020]")


def test_a_short_text_without_a_mark_must_look_the_more_like_home():
    short = "石塘镇明天起停电五天，大家买蜡烛"
    assert is_unlike_source(short, short, 0.5, BOUNDS) and not is_unlike_source(
        short, short, 0.95, BOUNDS
    )
    assert not is_unlike_source(short + "[泪]", short, 0.5, BOUNDS)
    assert len(LONG_TEXT) >= LONG and not is_unlike_source(LONG_TEXT, LONG_TEXT, 0.5, BOUNDS)
    assert is_unlike_source(LONG_TEXT, LONG_TEXT, 0.1, BOUNDS)
    assert is_unlike_source(LONG_TEXT + "#停电", LONG_TEXT, 0.99, BOUNDS)


def test_home_reads_ngrams_and_length(tmp_path):
    import scipy.sparse as sp

    home = Home(np.array([2.0, -2.0, 0.0, 1.0]), -0.5)
    home.save(tmp_path / "home.safetensors")
    loaded = Home.load(tmp_path / "home.safetensors")
    rows = sp.csr_matrix(np.eye(2, dtype=np.float32))
    like, unlike = loaded.chances(rows, [LONG_TEXT, LONG_TEXT])
    short, _ = loaded.chances(rows, ["停电", LONG_TEXT])
    assert like > 0.9 > 0.2 > unlike and short < like
    assert lengths(["", LONG_TEXT]).min() == 0 and lengths([LONG_TEXT * 20]).max() <= 1.01


def test_short_video_titles_and_short_cries_are_not_scored():
    from classifiers.assess import Assessor

    titles = ["大桥塌了太吓人了，一定要看完视频 #大桥 #塌了", "老师傅教你一招，蜡烛这样点才安全"]
    scores = [one.rumor for one in Assessor.load().assess([*titles, "真的假的"])]
    assert [s.note for s in scores] == [FOREIGN, FOREIGN, "文字过短，不足以判断"]
    assert all(s.abstained for s in scores)
