"""Two wordings of one matter are found in texts that nobody labelled."""

import random

from classifiers.train import wordings
from classifiers.train.wordings import WordingPair
from tests.classifiers.samples import rows_file

STORY = "今天上午有人在群里转发一段录音，说水厂要检修三天"


def _data(tmp_path, **files):
    for name in wordings.RUMORS:
        files.setdefault(f"rumor__{name}", [])
    for name in ("complaint__citizen_complaints", "complaint__labelled_topics", "debunk__claims"):
        files.setdefault(name, [])
    for name, rows in files.items():
        path = tmp_path / (name.replace("__", "/") + ".jsonl")
        path.parent.mkdir(exist_ok=True)
        rows_file(path, *rows)
    return tmp_path


def test_a_headline_and_its_story_are_a_pair_once(tmp_path):
    posts = [
        {"text": f"【网传全城停水三天】{STORY}"},
        {"text": f"#全城真的要停水吗#{STORY}"},  # the same story again
        {"text": "【短】" + STORY[::-1]},  # no title
        {"text": "【网传全城停水三天】是真的"},  # no story
    ]
    complaint = {
        "title": "小区门口的路灯坏了半年",
        "text": "每天晚上回家都看不见路，请派人修理",
    }
    data = _data(tmp_path, rumor__ced_dev=posts, complaint__labelled_topics=[complaint])
    found = wordings.titled(data)
    assert [(pair.source, pair.first) for pair in found] == [
        ("ced_dev", "网传全城停水三天"),
        ("complaint", "小区门口的路灯坏了半年"),
    ]
    assert "停水三天" not in found[0].second  # the headline was taken out of the story


def test_a_question_comes_with_another_wording_and_a_near_miss(tmp_path):
    asked = [
        {"a": "发烧怎么办", "b": "发热怎么处理", "label": 1},
        {"a": "发烧怎么办", "b": "发烧会传染吗", "label": 0},
        {"a": "没有近似的问题", "b": "没有近似问题", "label": 1},
    ]
    triplets = [{"query": "甲", "title": "乙", "neg_title": "丙"}] * 6000
    data = _data(tmp_path, pairs__epidemic_train=asked, pairs__simclue_triplet_train=triplets)
    found = wordings.questions(data, random.Random(1))
    first = WordingPair("epidemic", "发烧怎么办", "发热怎么处理", "发烧会传染吗")
    assert found[0] == first and [pair.source for pair in found].count("epidemic") == 1
    assert len(found) == 6001 and found[1] == WordingPair("simclue", "甲", "乙", "丙")
