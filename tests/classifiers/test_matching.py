"""The verdict table of `decide`, against the shipped thresholds."""

from dataclasses import replace

import numpy as np
import pytest

from classifiers import lexical, matching, normalize
from classifiers.fingerprint import fingerprint
from classifiers.matching import Candidate, View, decide, thresholds

LONG = "有人在小区群里说本市三家大型超市明天起全部关门停业,让大家今晚赶紧去抢购大米和食用油"
OTHER = "一段航拍视频显示跨海大桥的桥面在强风中上下起伏,多辆货车停在桥中央等待通行"


def view(text: str) -> View:
    return replace(matching.view(text), vector=np.zeros(384, np.float32))


def candidate(text: str, cosine: float | None = None, minhash: bool = False, id: int = 1):
    text = normalize.normalize(text)
    return Candidate(id, id * 10, text, fingerprint(text).signature if minhash else None, cosine)


def alike(text: str, name: str, by: float = 0.0, query: str = LONG) -> Candidate:
    """A candidate whose likeness to `query` is the threshold `name` plus `by`."""
    query, other = normalize.normalize(query), normalize.normalize(text)
    share = matching.settings()["lexical_share"]
    wording = float(lexical.shipped().cosines(query, [other])[0])
    goal = thresholds()["embedding"][name] + by
    return candidate(text, (goal - share * wording) / (1 - share))


def verdicts(query: str, *candidates: Candidate):
    return [(m.verdict, m.method) for m in decide(view(query), candidates)]


def test_the_same_text_typed_otherwise_is_exact():
    assert verdicts(LONG, candidate("【" + LONG + "】!!", 0.1)) == [("same", "exact")]


def test_a_lightly_edited_copy_is_a_near_duplicate():
    edited = LONG + "!转给家人"
    assert verdicts(LONG, candidate(edited, minhash=True)) == [("same", "minhash")]


@pytest.mark.parametrize(
    "by, expected",
    [("same", [("same", "embedding")]), ("suggest", [("suggest", "embedding")])],
)
def test_a_threshold_is_reached_from_above(by, expected):
    assert verdicts(LONG, alike(OTHER, by, 1e-5)) == expected
    assert verdicts(LONG, alike(OTHER, by, -1e-5)) != expected


def test_below_both_thresholds_nothing_is_said():
    assert verdicts(LONG, alike(OTHER, "suggest", -0.01)) == []
    assert verdicts(LONG, candidate(OTHER)) == []


def test_at_most_one_is_the_same_and_it_comes_first():
    found = decide(
        view(LONG),
        [
            replace(alike(OTHER, "suggest", 0.001), id=1, claim=10),
            replace(alike(OTHER, "same", 0.01), id=2, claim=20),
            candidate(LONG + "!", 0.99, id=3),
            replace(alike(OTHER + "啊", "same", 0.02), id=4, claim=40),
        ],
    )
    assert [m.verdict for m in found] == ["same", "suggest", "suggest", "suggest"]
    assert [m.candidate.id for m in found] == [3, 4, 2, 1]
    assert found[0].candidate.claim == 30


def test_a_claim_is_joined_for_what_it_says_on_the_whole_not_for_one_member():
    near = replace(alike(OTHER, "same", 0.02), id=9, claim=10)
    far = [replace(alike(OTHER + "啊" * n, "suggest", -0.2), id=n, claim=10) for n in range(1, 4)]
    (match,) = decide(view(LONG), [near, *far])
    assert (match.verdict, match.candidate.id) == ("suggest", 9)
    assert decide(view(LONG), [near])[0].verdict == "same"


def test_where_two_wordings_agree_less_is_enough_than_beside_one():
    one, two = (replace(alike(OTHER + "啊" * n, "agree", 0.01), id=n, claim=10) for n in (1, 2))
    assert decide(view(LONG), [one])[0].verdict == "suggest"
    assert decide(view(LONG), [one, two])[0].verdict == "same"


def test_a_claim_that_swallowed_different_things_swallows_no_more():
    """A wording near to everything opens a claim; what joins it makes the next one unlike."""
    swallowed = [replace(alike(OTHER, "same", 0.02), id=1, claim=10)]
    while decide(view(LONG), swallowed)[0].verdict == "same":
        stranger = alike(OTHER + "呀" * len(swallowed), "suggest", -0.3)
        swallowed.append(replace(stranger, id=1 + len(swallowed), claim=10))
        assert len(swallowed) <= matching.FIRST
    assert len(swallowed) == 2


def test_what_fits_many_claims_joins_none_but_its_copy():
    claims = [
        replace(alike(OTHER + "啊" * n, "same", 0.05), id=n, claim=n)
        for n in range(1, matching.CROWD + 1)
    ]
    assert verdicts(LONG, *claims[:-1])[0] == ("same", "embedding")
    assert {verdict for verdict, _ in verdicts(LONG, *claims)} == {"suggest"}
    copy = candidate(LONG, 1.0, id=99)
    assert verdicts(LONG, *claims, copy)[0] == ("same", "exact")


def test_only_claims_within_reach_are_looked_at_closely():
    near, far = alike(OTHER, "suggest", 0.001), alike(OTHER + "啊", "suggest", -0.001)
    asked = [replace(near, claim=1), replace(far, claim=2), replace(candidate(OTHER), claim=3)]
    assert matching.within_reach(view(LONG), asked) == {1, 3}


def test_a_short_text_is_only_suggested_unless_identical():
    short = "三家超市明天关门"
    assert view(short).words < matching.SHORT_WORDS
    assert verdicts(short, candidate(LONG, 0.999)) == [("suggest", "embedding")]
    assert verdicts(short, candidate("三家超市，明天关门！")) == [("same", "exact")]


def test_a_short_text_joins_a_short_one_whose_vector_is_all_but_its_own():
    short, again = "三家超市明天关门", "三家超市明天都要关门"
    bound = matching.settings()["short_same"]
    assert bound > thresholds()["embedding"]["same"] + 0.3
    (sure,) = decide(view(short), [candidate(again, bound + 0.001)])
    (near,) = decide(view(short), [candidate(again, bound - 0.001)])
    assert (sure.verdict, near.verdict) == ("same", "suggest")
    assert sure.limit == bound and matching.strength(near) < 1  # no bridge to another claim
    elsewhere = candidate("武汉三家超市明天关门", bound + 0.001)
    assert verdicts("成都三家超市明天关门", elsewhere) == [("suggest", "embedding")]


def test_a_short_text_must_be_like_all_the_short_wordings_of_a_claim():
    short, bound = "三家超市明天关门", matching.settings()["short_same"]
    near, far, long_ = (
        replace(candidate(text, cosine), id=n, claim=7)
        for n, (text, cosine) in enumerate(
            [("三家超市明天都要关门", bound + 0.01), ("三家超市关门了", bound - 0.03), (LONG, 0.8)]
        )
    )
    assert decide(view(short), [near, long_])[0].verdict == "same"
    (match,) = decide(view(short), [near, far, long_])
    assert (match.verdict, match.candidate) == ("suggest", near)


@pytest.mark.parametrize(
    "one, other, verdict",
    [
        ("喝姜汤可以赶走流感", "听说喝姜汤能赶走流感", "same"),
        ("鸡蛋马上要断货了", "听说鸡蛋马上断货", "same"),
        ("喝姜汤可以赶走流感", "喝鸡汤可以赶走流感", "suggest"),
        ("这家超市鸡蛋涨价了", "这家超市大米涨价了", "suggest"),
        ("明天全市都要停水了", "明天全市都要停电了", "suggest"),
    ],
)
def test_in_a_short_text_one_word_makes_the_claim(model, one, other, verdict):
    known, asked = matching.views([one, other], model)
    near = Candidate(1, 10, known.text, None, float(known.vector @ asked.vector))
    assert asked.words < matching.SHORT_WORDS
    assert [match.verdict for match in decide(asked, [near])] == [verdict]


@pytest.mark.parametrize("detail, other", [("50元一斤", "80元一斤"), ("武汉", "成都")])
def test_a_copy_with_another_number_or_place_is_left_to_a_person(detail, other):
    one, two = LONG + ",说的是" + detail, LONG + ",说的是" + other
    assert {v for v, _ in verdicts(one, candidate(two, 0.999, minhash=True))} == {"suggest"}
    assert verdicts(LONG, candidate(two, 0.999)) == [("same", "embedding")]


def test_other_words_may_bring_other_numbers():
    assert verdicts(LONG + "8月1日", candidate(OTHER + "3车", 1.3)) == [("same", "embedding")]


@pytest.mark.parametrize(
    "empty", ["转发", "紧急通知", "大家注意安全", "加微信abc123优惠包邮招代理"]
)
def test_a_generic_wording_joins_nothing_but_itself(empty):
    assert verdicts(empty, candidate(LONG, 0.999, minhash=True)) == []
    assert verdicts(LONG, candidate(empty, 0.999, minhash=True)) == []
    assert verdicts(empty, candidate(empty)) == [("same", "exact")]


@pytest.mark.parametrize("nothing", ["", "👍", "\ud800", "!!!"])
def test_a_text_without_words_joins_nothing_at_all(nothing):
    assert verdicts(nothing, candidate(nothing, 1.0, minhash=True)) == []


def test_views_carry_what_the_hub_stores(model):
    one, empty = matching.views([LONG, ""], model)
    assert one.vector.shape == (model.dim,) and not one.generic and one.words >= 8
    assert one.key == normalize.text_key(normalize.normalize(LONG))
    assert empty.generic and empty.fingerprint.bands == ()


def test_a_twin_is_a_near_copy_with_the_same_details():
    near, far = candidate(LONG + "!转给家人", minhash=True), candidate(OTHER, minhash=True, id=2)
    assert matching.twin(view(LONG), [far, near]) == near
    assert matching.twin(view(LONG), [far]) is None


@pytest.mark.parametrize(
    "one, other",
    [
        ("成都市" + LONG, "武汉市" + LONG),  # another place
        ("明天停水", "明天停水"),  # too short to be of one claim only
        ("转发", "转发"),
    ],
)
def test_other_details_short_and_empty_words_have_no_twin(one, other):
    assert matching.twin(view(one), [candidate(other, minhash=True)]) is None
