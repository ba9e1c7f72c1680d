"""Learning from officers: what teaches never measures, and noise is not called better."""

from __future__ import annotations

import numpy as np
import pytest

from classifiers.train.lessons import HELD_OUT, TooFewExamples, TrainingExample, split_by_time


def lessons(n: int, labels: tuple[str, ...] = ("health", "finance")) -> list[TrainingExample]:
    """`n` claims of one wording each, a day apart, no two alike."""
    rng = np.random.default_rng(7)
    return [
        TrainingExample(
            "".join(map(chr, rng.integers(0x4E00, 0x9FA0, 20))),
            labels[i % len(labels)],
            f"c{i}",
            i * 86400.0,
        )
        for i in range(n)
    ]


def test_the_newest_claims_measure_and_the_others_teach():
    parted = split_by_time(lessons(120))
    assert len(parted.measure) == pytest.approx(120 * HELD_OUT, abs=1)
    assert max(one.at for one in parted.learn) < min(one.at for one in parted.measure)
    assert parted.until == max(one.at for one in parted.learn)


def test_wordings_of_a_claim_and_near_duplicates_stay_on_one_side():
    rows = lessons(120)
    late = [
        TrainingExample(
            rows[3].text + "！！", "health", "other", 1e9
        ),  # a copy under another claim
        TrainingExample("完全不同的一句话，讲的却是同一件事", "health", "c5", 1e9 + 1),
    ]
    parted = split_by_time([*rows, *late])
    measured = {one.text for one in parted.measure}
    assert not measured & {one.text for one in late}
    assert {one.text for one in late} <= {one.text for one in parted.learn}


def test_what_the_champion_learned_from_measures_nothing():
    rows = lessons(120)
    with pytest.raises(TooFewExamples, match="to measure by"):
        split_by_time(rows, champion_until=rows[-10].at)
    assert len(split_by_time(rows, champion_until=rows[86].at).measure) == 33


@pytest.mark.parametrize("n", [0, 1, 60])
def test_too_few_decisions_are_refused(n):
    with pytest.raises(TooFewExamples):
        split_by_time(lessons(n))


def test_one_type_alone_teaches_nothing():
    with pytest.raises(TooFewExamples, match="health 84"):
        split_by_time(lessons(120, ("health",)))
