"""Words that the Advertising Law bans are found in adverts, with their articles."""

import pytest

from classifiers import adwords
from classifiers.fold import fold

SAID = [
    ("本店面膜全网第一，欢迎选购", "广告法第九条第（三）项"),
    ("这款产品是国家级品质，正品包邮", "广告法第九条第（三）项"),
    ("号称最佳配方的保健品", "广告法第九条第（三）项"),
    ("广告说一个疗程降血糖，快下单", "广告法第十六条、第十七条"),
    ("军队特供酒，数量有限", "广告法第九条第（二）项"),
    ("理财稳赚不赔，欢迎咨询", "广告法第二十五条"),
    ("培训班包过，不过退款，欢迎咨询", "广告法第二十四条"),
    ("完美碾压竞品，本店热销", "广告法第十三条"),
]


@pytest.mark.parametrize(("text", "article"), SAID)
def test_a_banned_word_in_an_advert_is_found_with_its_article(text, article):
    hits = adwords.find(fold(text).view)
    assert article in {hit.group.law for hit in hits}
    (found,) = adwords.judge(fold(text))
    assert article in found.law and found.source == "rule:ad-words" and found.cues


@pytest.mark.parametrize(
    "text",
    [
        "两人是公认的最佳拍档，本店老板说",
        "第一次来本店选购产品",
        "合同第一章写着产品质量标准，欢迎咨询",
        "国家级贫困县的产品，欢迎选购",
        "最高人民法院的公告，欢迎咨询产品",
        "《广告法》第九条规定，广告不得使用“国家级”“最高级”“最佳”等用语",
        "广告法规定：“不得使用国家级、最高级、最佳等用语”，欢迎选购产品",
        "今天是我最好的朋友生日",
        "他在百米比赛得了第一，全国冠军",
        "本店产品并非第一品牌吗",
    ],
)
def test_the_same_words_elsewhere_are_none(text):
    assert adwords.find(fold(text).view) == []
