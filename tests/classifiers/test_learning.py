"""Learning from officers: what teaches never measures, and noise is not called better."""

from __future__ import annotations

import numpy as np
import pytest

from classifiers.evaluate.compare import Answers, compare
from classifiers.train.lessons import HELD_OUT, Lesson, TooFew, part


def lessons(n: int, labels: tuple[str, ...] = ("health", "finance")) -> list[Lesson]:
    """`n` claims of one wording each, a day apart, no two alike."""
    rng = np.random.default_rng(7)
    return [
        Lesson(
            "".join(map(chr, rng.integers(0x4E00, 0x9FA0, 20))),
            labels[i % len(labels)],
            f"c{i}",
            i * 86400.0,
        )
        for i in range(n)
    ]


def test_the_newest_claims_measure_and_the_others_teach():
    parted = part(lessons(120))
    assert len(parted.measure) == pytest.approx(120 * HELD_OUT, abs=1)
    assert max(one.at for one in parted.learn) < min(one.at for one in parted.measure)
    assert parted.until == max(one.at for one in parted.learn)


def test_wordings_of_a_claim_and_near_duplicates_stay_on_one_side():
    rows = lessons(120)
    late = [
        Lesson(rows[3].text + "！！", "health", "other", 1e9),  # a copy under another claim
        Lesson("完全不同的一句话，讲的却是同一件事", "health", "c5", 1e9 + 1),
    ]
    parted = part([*rows, *late])
    measured = {one.text for one in parted.measure}
    assert not measured & {one.text for one in late}
    assert {one.text for one in late} <= {one.text for one in parted.learn}


def test_what_the_champion_learned_from_measures_nothing():
    rows = lessons(120)
    with pytest.raises(TooFew, match="to measure by"):
        part(rows, champion_until=rows[-10].at)
    assert len(part(rows, champion_until=rows[86].at).measure) == 33


@pytest.mark.parametrize("n", [0, 1, 60])
def test_too_few_decisions_are_refused(n):
    with pytest.raises(TooFew):
        part(lessons(n))


def test_one_type_alone_teaches_nothing():
    with pytest.raises(TooFew, match="health 84"):
        part(lessons(120, ("health",)))


def answers(version: str, right: np.ndarray) -> Answers:
    chances = np.where(right[:, None], [0.9, 0.1], [0.2, 0.8])
    return Answers(version, ["yes", "no"], chances, np.ones(len(right), bool))


def test_a_real_gain_is_better_and_a_lucky_one_undecided():
    rng = np.random.default_rng(3)
    was = rng.random(200) < 0.7
    much = was | (rng.random(200) < 0.6)
    little = was.copy()
    little[np.flatnonzero(~was)[:2]] = True
    truth = ["yes"] * 200
    assert compare(answers("old", was), answers("new", much), truth)["verdict"] == "better"
    assert compare(answers("old", much), answers("new", was), truth)["verdict"] == "worse"
    lucky = compare(answers("old", was), answers("new", little), truth)
    assert lucky["verdict"] == "undecided" and lucky["gain"] == 0.01
    assert (lucky["only_challenger_right"], lucky["only_champion_right"]) == (2, 0)


def test_precision_by_type_counts_what_was_answered():
    said = Answers(
        "m",
        ["a", "b"],
        np.array([[0.9, 0.1], [0.9, 0.1], [0.4, 0.6], [0.45, 0.55]]),
        np.array([True, True, True, False]),
    )
    found = compare(said, said, ["a", "b", "b", "b"])["champion"]
    assert found["by_type"]["a"] == {"n": 1, "said": 2, "precision": 0.5}
    assert found["by_type"]["b"] == {"n": 3, "said": 1, "precision": 1.0}
    assert (found["coverage"], found["accuracy"]) == (0.75, 0.75)
    assert found["accuracy_covered"] == pytest.approx(2 / 3, abs=1e-4)
