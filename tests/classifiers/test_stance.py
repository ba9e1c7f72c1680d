"""Who passes a rumor on, who denies it, who asks. All sentences are the project's own."""

from __future__ import annotations

import pytest

from classifiers.stance import READ, stance
from tests.classifiers.stances import ASKS, ASSERTS, DENIES


@pytest.mark.parametrize(
    ("text", "expected"),
    [*((t, "denies") for t in DENIES), *((t, "asserts") for t in ASSERTS),
     *((t, "asks") for t in ASKS)],
)  # fmt: skip
def test_a_text_takes_its_stance(text, expected):
    assert stance(text).stance == expected


@pytest.mark.parametrize("text", DENIES + ASKS)
def test_cues_stand_in_the_text_as_it_was_handed_in(text):
    found = stance(text)
    assert found.cues and 0.6 <= found.score < 1
    assert all(text[c.start : c.end] == c.text for c in found.cues)


def test_words_somebody_is_quoted_with_are_not_the_writers():
    assert stance("他总说“这是谣言，切勿轻信”，可孩子就是没回来。").stance == "asserts"


def test_a_denial_with_a_question_before_it_denies():
    said = "求证：网传石塘镇停电五天是真的吗？供电所回应：网传消息不实，从未发布停电通知。"
    assert stance(said).stance == "denies"


def test_a_text_reads_no_further_than_it_says():
    late = "石塘镇明天停电，快买蜡烛。" + "转" * READ + "【辟谣】以上纯属谣言"
    assert stance(late).stance == "asserts"


@pytest.mark.parametrize("text", ["辟谣" * 5000, "“" * 9000, "\ud800" * 50, "\x00", "网传" * 9000])
def test_hostile_texts_have_a_stance_too(text):
    assert stance(text).stance in ("asserts", "denies", "asks")
