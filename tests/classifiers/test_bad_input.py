"""Every public entry has a defined answer to whatever is typed, pasted or forged."""

import json

import pytest

from classifiers import matching, rules
from classifiers.assess import Assessor
from classifiers.entities import extract
from classifiers.fold import fold
from classifiers.normalize import normalize, text_key

NOTHING = {
    "empty": "",
    "blanks": " \n\t\u3000",
    "zero-width": "\u200b\u200d\ufeff",
    "emoji": "👍🏽👨‍👩‍👧🔥",
    "bidi marks": "\u202e\u2066\u202c",
    "lone surrogate": "\ud800",
    "NUL": "\x00\x00",
}
ODD = NOTHING | {
    "one character": "假",
    "one digit": "5",
    "English": "Masks are sold out everywhere, hurry up and buy some!",
    "Traditional": "藥店哄擡物價,口罩從2元漲到50元",
    "mixed": "N95口罩only50元一只,加VX:abc123",
    "right to left": "السعر مرتفع جدا 口罩50元",
    "reversed": "\u202e价涨罩口\u202c",
    "zalgo": "口\u0301\u0316罩\u0334涨价" * 20,
    "spaced out": "口 罩 涨 价 5 0 元",
    "100 KB": "口罩涨价,一只50元。" * 4_000,
    "100 KB of figures": "1" * 100_000,
    "100 KB of one letter": "a" * 100_000,
    "100 KB of brackets": "（【“《" * 8_000,
    "100 KB spaced out": "口 " * 33_000,
    "100 KB of chapters": "《法》第一条、第二条" * 3_000,
    "100 KB of sums": "罚款人民币壹佰元整（100元）" * 2_500,
    "100 KB of look-alikes": "囗罩氵张价五〇元" * 4_000,
}


each = pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())


@pytest.fixture(scope="module")
def assessor() -> Assessor:
    return Assessor.load()


@each
def test_facts_and_cues_point_into_what_was_typed(text):
    for spans in vars(extract(text)).values():
        for span in spans if isinstance(spans, tuple) else [spans] if spans else []:
            assert text[span.start : span.end] == span.text
    for found in rules.judge(fold(text)):
        assert all(text[c.start : c.end] == c.text for c in found.cues)


@each
def test_a_folded_view_keeps_the_place_of_every_character(text):
    folded = fold(text)
    assert len(folded.view) == len(folded.starts) == len(folded.ends)
    assert all(0 <= a < b <= len(text) for a, b in zip(folded.starts, folded.ends, strict=True))
    assert folded.starts == sorted(folded.starts)


def test_an_assessment_answers_all_of_them_in_json(assessor):
    texts = [text for name, text in ODD.items() if not name.startswith("100 KB of")]
    for text, one in zip(texts, assessor.assess(texts), strict=True):
        again = json.loads(json.dumps(one.to_json()))
        assert 0 <= again["urgency"]["score"] < 1
        if text in NOTHING.values():
            assert again["rumor"]["abstained"] and again["rumor"]["score"] is None
            assert again["theme"] is None and again["violations"] == []
            assert not any(again["entities"].values())


def test_what_says_nothing_matches_nothing_and_what_says_the_same_matches(model):
    texts = [*NOTHING.values(), "口罩涨价,一只50元,药店说还要涨,大家快去看看是不是真的"]
    views = matching.views(texts, model)
    known = [
        matching.Candidate(i, i, v.text, v.fingerprint.signature, 1.0) for i, v in enumerate(views)
    ]
    for view in views[:-1]:
        assert matching.decide(view, known) == []
    assert matching.decide(views[-1], known)[0].method == "exact"


DISGUISES = [
    "口 罩 涨 价，一 只 5 0 元",
    "口.罩.涨.价，一只50元",
    "口*罩*涨*价，一只50元",
    "囗罩涨价，一只50元",
    "口罩氵张价，一只50元",
    "口罩涨亻介，一只50元",
    "口照涨价，一只50元",
    "kouzhao涨价，一只50元",
    "口罩zhangjia，一只50元",
    "口罩涨价，一只５０元",
    "口罩涨价，一只五〇元",
    "口罩涨价，一只⑤⓪元",
    "口罩涨价，一只5O元",
    "口罩漲價，一只5 0 元",
    "口\u200b罩\u200d涨价，一只50元",
    "\u202e口罩涨价，一只50元\u202c",
    "口😷罩涨💰价，一只50元",
]


@pytest.mark.parametrize("disguised", DISGUISES)
def test_a_disguise_changes_neither_key_nor_price_and_the_officer_sees_it_as_typed(disguised):
    assert text_key(normalize(disguised)) == text_key(normalize("口罩涨价，一只50元"))
    (price,) = extract(disguised).prices
    assert price.value == 50 and disguised[price.start : price.end] == price.text


@pytest.mark.parametrize(
    "disguised", ["坐 地 起 价", "药店哄\u200b抬价格", "哄.抬.价.格", "代 购 疫 苗"]
)
def test_rules_read_through_disguises(disguised):
    plain = {f.type for f in rules.judge(fold(disguised.replace(" ", "").replace(".", "")))}
    assert {f.type for f in rules.judge(fold(disguised))} == plain
