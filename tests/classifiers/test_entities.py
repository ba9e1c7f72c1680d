"""Facts are found where they stand, and nothing is invented."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.codes import registration_valid, repair_uscc
from classifiers.entities import (
    USCC_ALPHABET,
    amount,
    check_uscc,
    chinese_number,
    extract,
)

# Composed for the test: both check characters computed by hand from the two standards.
GOOD = "91110108MA01ABCD44"


def _composed(body: str) -> str:
    """A valid code around eight organisation characters, by the formulas of the standards."""
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    digit = 11 - sum(int(c, 36) * w for c, w in zip(body, weights, strict=True)) % 11
    first = "91110108" + body + {10: "X", 11: "0"}.get(digit, str(digit))
    total = sum(USCC_ALPHABET.index(c) * 3**i for i, c in enumerate(first))
    return first + USCC_ALPHABET[(31 - total % 31) % 31]


@given(st.text(alphabet=USCC_ALPHABET, min_size=8, max_size=8))
def test_a_code_with_both_check_characters_passes_and_any_single_slip_fails(body):
    code = _composed(body)
    assert check_uscc(code).ok
    for place in (0, 7, 12, 17):
        other = "1" if code[place] != "1" else "2"
        assert not check_uscc(code[:place] + other + code[place + 1 :]).ok


@pytest.mark.parametrize(
    ("code", "word"),
    [("9111", "18位"), ("9111010IMA01ABCD44", "不允许"), ("91110108MA01ABCD4Y", "校验码")],
)
def test_a_wrong_code_gets_its_reason(code, word):
    check = check_uscc(code)
    assert not check.ok
    assert word in check.reason


def test_a_slip_in_the_organisation_code_alone_is_named_as_such():
    good = _composed("MA01ABCD")
    bad_digit = "1" if good[16] != "1" else "2"
    first = good[:16] + bad_digit
    total = sum(USCC_ALPHABET.index(c) * 3**i for i, c in enumerate(first))
    code = first + USCC_ALPHABET[(31 - total % 31) % 31]
    assert "GB 11714" in check_uscc(code).reason


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,200.50", 1200.5),
        ("3万", 30000),
        ("叁仟伍佰", 3500),
        ("两万", 20000),
        ("十五", 15),
        ("一百五", 150),
        ("一百零五", 105),
        ("两万三", 23000),
        ("五〇", 50),
    ],
)
def test_amounts_in_figures_and_in_characters(text, value):
    assert amount(text) == value


def test_what_is_no_number_has_no_amount():
    assert chinese_number("苹果") is None
    assert amount("") is None


def test_every_span_points_into_the_original():
    code = _composed("MA01ABCD")
    text = (
        f"举报:杭州某区的“晨光百货”网店(统一社会信用代码{code.lower()}),"
        "2024年3月5日口罩从２元涨到15元,电话13800001111,卖了300盒。"
    )
    found = extract(text)
    assert [c.value for c in found.uscc] == [code] and found.uscc[0].valid
    assert found.uscc[0].region == "110108"
    assert [s.text for s in found.shops] == ["晨光百货"]
    assert [p.value for p in found.prices] == [2.0, 15.0]
    assert [d.value for d in found.dates] == ["2024-03-05"]
    assert [(p.value, p.name) for p in found.places] == [("330100", "杭州市")]
    assert [p.value for p in found.phones] == ["13800001111"]
    assert "300盒" in [q.value for q in found.quantities]
    for spans in vars(found).values():
        for span in spans if isinstance(spans, tuple) else ():
            assert text[span.start : span.end] == span.text


def test_a_decision_gives_party_articles_and_the_fine_but_not_the_range_of_the_law():
    text = (
        "当事人：河东区小满杂货铺（个体工商户）\n住所：某路1号\n"
        "依据《中华人民共和国价格法》第四十二条“可以并处五千元以下的罚款”、"
        "《明码标价和禁止价格欺诈规定》第五\n条第一款，决定处罚如下：罚款人民币捌佰元整（800元）。"
    )
    found = extract(text)
    assert found.party.value == "河东区小满杂货铺（个体工商户）"
    assert [a.value for a in found.articles] == [
        "价格法第四十二条",
        "明码标价和禁止价格欺诈规定第五条第一款",
    ]
    assert [f.value for f in found.fines] == [800.0]


def test_an_ordinary_sentence_holds_no_identifier():
    found = extract("今天天气很好，我们去公园散步。")
    assert found.uscc == found.phones == found.fines == found.articles == ()
    assert found.party is None


@given(st.text(max_size=300))
def test_any_text_at_all_is_read_and_every_span_lies_in_it(text):
    found = extract(text)
    spans = [found.party] if found.party else []
    for name in (field.name for field in fields(found) if field.name != "party"):
        spans += getattr(found, name)
    for span in spans:
        assert 0 <= span.start < span.end <= len(text)
        assert span.text == text[span.start : span.end]


@given(st.text(alphabet=USCC_ALPHABET, min_size=8, max_size=8), st.integers(2, 17))
def test_letters_no_code_may_hold_are_read_as_what_they_look_like(body, place):
    code = _composed(body)
    misread = {"0": "O", "1": "I", "5": "S", "2": "Z"}.get(code[place], code[place])
    typed = code[:place] + misread + code[place + 1 :]
    if typed != code:
        assert repair_uscc(typed) == code and check_uscc(typed).suggestion == code
    assert repair_uscc(code[:-1]) is None


def test_a_labelled_code_of_a_wrong_length_is_reported_with_its_reason():
    (code,) = extract("统一社会信用代码：9111010MA01ABCD44，住所不详").uscc
    assert not code.valid and "17位" in code.reason and code.suggestion is None
    assert extract("身份证号码：13302XXXXXXXXX6018").uscc == ()


def test_a_registration_number_carries_its_check_digit():
    # The check digit of fourteen digits is the one of ten that passes (ISO 7064).
    passing = [d for d in "0123456789" if registration_valid("11010800000001" + d)]
    assert len(passing) == 1
    (good,) = extract(f"营业执照注册号：11010800000001{passing[0]}").licences
    assert (good.kind, good.valid) == ("营业执照注册号", True)
    (bad,) = extract(f"营业执照注册号：11010900000001{passing[0]}").licences
    assert bad.valid is False
    assert not registration_valid("12345")


@pytest.mark.parametrize(
    ("text", "kind", "number"),
    [
        ("许可证编号：JY12345678901234", "食品经营许可证", "JY12345678901234"),
        ("生产许可证SC 10099999900001", "食品生产许可证", "SC10099999900001"),
        ("国药准字Z99990001", "药品批准文号", "国药准字Z99990001"),
        ("国械注准20993140001", "医疗器械注册或备案", "国械注准20993140001"),
        ("京海械备20990001号", "医疗器械注册或备案", "京海械备20990001号"),
    ],
)
def test_licences_are_named_by_kind(text, kind, number):
    (found,) = extract(text).licences
    assert (found.kind, found.value) == (kind, number)


@pytest.mark.parametrize(
    ("text", "prices"),
    [
        ("口罩50一只", [(50, "只")]),
        ("每盒198元", [(198, "盒")]),
        ("要一百九十八块", [(198, None)]),
        ("从3块涨到15", [(3, None), (15, None)]),
        ("由2涨至15元", [(2, None), (15, None)]),
        ("九块九包邮", [(9.9, None)]),
        ("3块5一斤", [(3.5, "斤")]),
        ("原价198，现价98", [(198, None), (98, None)]),
        ("一盒卖到120", [(120, "盒")]),
        ("￥50/包", [(50, "包")]),
        ("5 0 元一盒", [(50, "盒")]),
        ("⑤⓪元", [(50, None)]),
        ("5O元", [(50, None)]),
        ("五〇元", [(50, None)]),
        ("一盒20片，一箱24瓶", []),
        ("气温涨到15度，游客涨到3倍", []),
        ("三块面包和价格法第13条", []),
        ("2020年3月15日", []),
    ],
)
def test_prices_with_the_unit_they_are_asked_for(text, prices):
    assert [(p.value, p.per) for p in extract(text).prices] == prices


def test_counted_goods_are_no_prices():
    found = extract("他囤了300盒，50一只地卖")
    assert [q.value for q in found.quantities] == ["300盒"]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("杭州市西湖区", ["330106"]),
        ("南京鼓楼区", ["320106"]),
        ("鼓楼区", []),
        ("北京朝阳区", ["110105"]),
        ("吉林", ["220000"]),
        ("吉林市", ["220200"]),
        ("广东省广州市天河区", ["440106"]),
        ("义乌市和昆山市", ["330782", "320583"]),
        ("孙中山先生的中山装", []),
        ("内蒙古自治区呼和浩特市", ["150100"]),
        ("延边朝鲜族自治州和凉山", ["222400", "513400"]),
        ("海南", ["460000"]),
        ("阿里巴巴的白银", []),
    ],
)
def test_places_have_the_one_code_that_is_meant_or_none(text, codes):
    assert [p.value for p in extract(text).places] == codes


@pytest.mark.parametrize(
    ("text", "date"),
    [("2024.3.5", "2024-03-05"), ("二〇二四年三月五日", "2024-03-05"), ("3月6号", "--03-06")],
)
def test_dates_in_every_common_form(text, date):
    assert [d.value for d in extract(text).dates] == [date]


def test_a_name_goes_on_in_the_next_line_but_not_into_the_next_label():
    found = extract("当事人：某县云梦镇百姓放心鲜\n肉店\n主体资格证照名称：营业执照\n")
    assert found.party.value == "某县云梦镇百姓放心鲜肉店"
    assert extract("当事人：**********\n住所：****").party is None


def test_an_article_that_follows_on_belongs_to_the_law_before():
    found = extract(
        "违反了《明码标价和禁止价格欺诈规定》第十六条第一款、第十七条的规定。依据《价格法》/第四十条"
        "“经营者有本法第十四条所列行为的，处罚”、第四十一条，并参照供水合同。"
    )
    assert [a.value for a in found.articles] == [
        "明码标价和禁止价格欺诈规定第十六条第一款",
        "明码标价和禁止价格欺诈规定第十七条",
        "价格法第四十条",
        "价格法第四十一条",
    ]


@pytest.mark.parametrize(
    ("text", "fines"),
    [
        ("罚款人民币贰仟元整（2000元）", [2000]),
        ("处违法所得1.5倍罚款，罚款金额为7285.5元", [7285.5]),
        ("处以500元的罚款", [500]),
        ("罚款：一、到银行缴纳；罚款：二、或者转账", []),
        ("没收违法所得10元，罚款300元，罚没款合计310元", [300]),
        ("可以并处5000元以下的罚款", []),
        ("每日按罚款数额的百分之三加处罚款", []),
    ],
)
def test_only_fines_that_were_set_count(text, fines):
    assert [f.value for f in extract(text).fines] == fines
