"""The ablation of marks takes out what it says, and the picture shows every bin."""

import numpy as np
import pytest

from classifiers.ensemble import written
from classifiers.evaluate import leaks

STORIES = ["".join(chr(0x4E00 + (i * 397 + k * 1013) % 9000) for k in range(14)) for i in range(80)]
MARKED = "【通知】石塘\u200b  停电！！！ #停电# [泪] @某人 http://t.cn/abc"


@pytest.mark.parametrize("name", leaks.MARKS)
def test_each_mark_is_found_and_taken_out(name):
    stripped = leaks.MARKS[name](MARKED)
    assert len(stripped) < len(MARKED) and "石塘" in stripped


@pytest.mark.parametrize("name", ["zero-width characters", "doubled spaces", "links", "@names"])
def test_what_the_page_added_the_model_never_reads(name):
    assert written(leaks.MARKS[name](MARKED)) == written(MARKED)


def test_accuracy_falls_with_a_mark_that_gave_the_label_away():
    texts = [("【停】" if i % 2 else "") + story for i, story in enumerate(STORIES)]
    found = leaks.within(texts, np.arange(80) % 2)
    assert found["as read"]["accuracy"] == 1.0
    assert found["【】"]["reads otherwise"] == 0.5
    assert found["all punctuation"]["accuracy"] < found["as read"]["accuracy"] + 1e-9
    assert found["links"] == {"reads otherwise": 0.0, "accuracy": 1.0}


def test_by_time_learns_from_the_earlier_alone():
    texts = [("停电" if i % 2 else "晴天") + story for i, story in enumerate(STORIES)]
    found = leaks.by_time(texts, np.arange(80) % 2, list(range(80)))
    assert found["n"] == 80 and found["last fifth by the earlier"] == 1.0
