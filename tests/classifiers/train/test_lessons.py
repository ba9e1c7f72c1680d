"""Learning from officers: what teaches never measures, and noise is not called better."""

from __future__ import annotations

import numpy as np
import pytest

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
