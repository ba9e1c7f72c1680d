import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.normalize import is_generic, normalize, skeleton, text_key, word_count

PLAIN = "台湾口罩涨价,一只50元"


@pytest.mark.parametrize(
    "typed",
    [
        "台湾口罩涨价，一只５０元",
        "臺灣口罩漲價，一隻50元",
        "台 湾 口 罩 涨 价 ， 一 只 5 0 元",
        "台\u200b湾口\u200d罩涨\ufeff价，一只50元",
        "\u202e台湾口罩涨价\u202c，一只50元",
        "台湾口罩涨价😷😷，一只50元👍🏽",
        "台湾口罩涨价，一只50元 http://t.cn/A6xYz",
        "台湾口罩涨价，一只50元https://m.weibo.cn/detail/1?a=2#x",
        "【台湾口罩涨价】，一只50元",
        "#台湾口罩涨价#，一只50元",
        "//@某某人:台湾口罩涨价，一只50元",
        "台湾口罩涨价，一只50元 转发微博",
        "台湾口罩涨价，一只50元[泪][蜡烛]",
        "台湾口罩涨价，一只50元 @用户 @小明",
        "台\x00湾口罩涨价，一只50元\ud83d",
        "台湾口罩涨价，一只50元！！！！！",
        "台湾口罩涨价，一只50元 #抖音小助手 #上热门",
    ],
)
def test_ways_of_typing_one_text_meet(typed):
    assert text_key(normalize(typed)) == text_key(normalize(PLAIN))


@pytest.mark.parametrize(
    "one, other",
    [
        ("口罩3.5元", "口罩35元"),
        ("武汉封城", "成都封城"),
        ("[武汉]下雪", "[成都]下雪"),
        ("涨价50元", "涨价500元"),
        ("@张三丰 @李四", "@王五"),
        ("http://a.cn/1", "http://b.cn/2"),
    ],
)
def test_different_texts_stay_different(one, other):
    assert text_key(normalize(one)) != text_key(normalize(other))


def test_case_and_script_fold():
    assert normalize("ＣＯＶＩＤ Vaccine ①") == normalize("covid vaccine 1")


@pytest.mark.parametrize("nothing", ["", " \n\t", "\ud800", "\x00", "👍👍", "\u200b\u200b", "…"])
def test_nothing_readable_has_no_words(nothing):
    text = normalize(nothing)
    assert skeleton(text) == "" and word_count(text) == 0 and is_generic(text)


@pytest.mark.parametrize(
    "hostile",
    [
        "\u0301\u0316" * 50_000,
        "\ufdfa" * 10_000,
        "@" * 100_000,
        "a." * 50_000,
        "[" * 100_000,
        "1 " * 50_000,
        "口 " * 50_000,
        "的微博" * 30_000,
        "(来自" * 25_000,
        "\ud800" * 100_000,
    ],
)
def test_hundred_kilobytes_of_spite_are_answered(hostile):
    text = normalize(hostile)
    text.encode()  # no lone surrogate is left
    assert len(text_key(text)) == 64
    assert word_count(text) >= 0 and is_generic(text) in (True, False)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=60))
def test_any_text_has_one_storable_form(raw):
    text = normalize(raw)
    text.encode()
    assert "\x00" not in text and text == text.strip()
    assert text_key(text) == text_key(normalize(raw))


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="口罩涨价武汉A1 ，。！#@【】\u200b5元", max_size=40))
def test_normalizing_twice_changes_no_key(raw):
    once = normalize(raw)
    assert normalize(normalize(once)) == normalize(once)


@pytest.mark.parametrize(
    "empty",
    [
        "转发",
        "转发微博",
        "紧急通知",
        "紧急通知！！请大家相互转告！",
        "快看，太可怕了",
        "是真的吗？求证",
        "大家注意安全",
        "加微信 abc123 优惠包邮 招代理",
        "欢迎咨询，厂家直销，正品保证",
        "👍👍👍",
    ],
)
def test_a_wording_that_says_nothing_is_generic(empty):
    assert is_generic(normalize(empty))


@pytest.mark.parametrize(
    "said",
    [
        "口罩即将断货，赶紧囤",
        "紧急通知：明天全市加油站停业",
        "某店口罩一包卖一百二十元，还搭售消毒液",
        "喝高度白酒可以杀死病毒",
        "地铁3号线进水了，请转发",
    ],
)
def test_a_wording_that_says_something_is_not(said):
    assert not is_generic(normalize(said))
