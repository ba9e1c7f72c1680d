"""A challenger is refused where too little was decided, before anything is encoded."""

import numpy as np
import pytest

from classifiers.train import challenger
from classifiers.train.challenger import PARTS
from classifiers.train.lessons import LEAST_OF_A_TYPE, TimeSplit, TooFewExamples, TrainingExample


def parted(labels: list[str], claims: list[int] | None = None) -> TimeSplit:
    learn = [
        TrainingExample(f"第{i}件事的说法", label, f"c{i}", float(i))
        for i, label in enumerate(labels)
    ]
    groups = np.array(claims if claims is not None else range(len(labels)))
    return TimeSplit(learn, groups, [], 0.0)


@pytest.mark.parametrize("part", PARTS)
def test_every_type_needs_its_number_of_claims(part, tmp_path):
    known = list(PARTS[part].labels)[:3]
    enough = [label for label in known for _ in range(LEAST_OF_A_TYPE)]
    one_type = enough[: LEAST_OF_A_TYPE + 3]
    with pytest.raises(TooFewExamples):
        challenger.train(part, parted(one_type), None, tmp_path, tmp_path, None)
    # Ten wordings of one claim are one example.
    with pytest.raises(TooFewExamples):
        challenger.train(part, parted(enough, [0] * len(enough)), None, tmp_path, tmp_path, None)


def test_two_topics_are_no_choice_of_topics(tmp_path):
    labels = ["health"] * LEAST_OF_A_TYPE + ["politics"] * LEAST_OF_A_TYPE
    with pytest.raises(TooFewExamples, match="two topics alone"):
        challenger.train("theme", parted(labels), None, tmp_path, tmp_path, None)


def test_a_public_copy_of_a_decided_text_stays_in_its_group():
    decided, other = "明天全城停水三天请大家互相转告", "盐水漱口可以预防这次的病毒"
    learn = [
        TrainingExample(decided, "society", "c0", 0.0),
        TrainingExample(other, "health", "c1", 1.0),
    ]
    public = [(decided + "！", "society"), ("公园本周末免费开放欢迎前往", "culture")]
    found = challenger._examples(TimeSplit(learn, np.array([7, 8]), [], 0.0), public)
    assert found.labels == ["society", "health", "society", "culture"]
    first, second, copy, stranger = found.groups.tolist()
    assert first == copy and len({first, second, stranger}) == 3
