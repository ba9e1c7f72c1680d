"""What a picture says is read once, without what every picture says."""

import pytest

from classifiers import evidence
from classifiers.evidence import clean

SAID = "石塘镇变电站昨夜着火,全镇停电五天"


def test_a_line_shown_in_every_frame_is_read_once():
    frames = [SAID, SAID + " 1", SAID.replace("昨夜", "昨衣"), "镇长说桶装水已经卖完"]
    assert clean("\n".join(frames)) == SAID + "镇长说桶装水已经卖完"


@pytest.mark.parametrize(
    "mark", ["西瓜视频", "记得点赞 加关注", "素材来源网络", "石塘新闻", "歡迎關注"]
)
def test_marks_of_platforms_and_channels_are_no_words_of_the_claim(mark):
    assert clean(f"{mark} {SAID}\t{mark}") == SAID


def test_a_channels_own_mark_counts_once_however_often_it_stands_there():
    shown = clean(
        f"小河头条君 {SAID}\n小河头条君 镇长说桶装水已经卖完\n小河头条君 超市门口排起长队"
    )
    assert shown.count("小河") == 1 and "超市门口排起长队" in shown


@pytest.mark.parametrize("noise", ["", "96\t94\tD6", "SCANNING TRR CKING", "\u202e\x00", "哦哦"])
def test_what_was_misread_is_left_out(noise):
    assert clean(noise) == ""
    assert clean(f"{noise}\n{SAID}") == SAID


def test_very_long_evidence_is_read_from_the_start_and_kept_short():
    words = "\n".join(f"第{n}幕说的都是另外一件事情{chr(0x4E00 + n) * 6}" for n in range(20_000))
    assert 0 < len(clean(words)) <= evidence.MAX_KEPT
    assert clean("口" * 100_000)


def test_evidence_stands_behind_the_text_and_says_nothing_twice():
    assert evidence.beside("看看这个", SAID) == f"看看这个\n{SAID}"
    assert evidence.beside(SAID, SAID) == SAID
    assert evidence.beside("看看这个", None) == evidence.beside("看看这个", "96") == "看看这个"
