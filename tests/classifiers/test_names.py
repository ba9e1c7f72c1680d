"""Two spellings of one merchant meet; two merchants of one street do not."""

import pytest

from classifiers import names


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("杭州康宁护具有限公司", "康宁护具"),
        ("广东省深圳市康寧護具股份有限公司", "康宁护具"),
        ("Ｋａｎｇ宁（北京）旗舰店", "kang宁北京"),
        ("康宁护具官方旗舰店", "康宁护具"),
        ("云梦县小满杂货商行", "小满杂货"),
        ("杭州市有限公司", "有限公司"),  # nothing but such words: the name keeps two characters
        ("超市小店", "超市"),  # "超市" is no city
    ],
)
def test_the_core_leaves_out_what_companies_share(name, core):
    assert names.core(name) == core


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("康宁护具有限公司", "杭州康宁护具店", True),  # the same core
        ("康宁护具有限公司", "康凝互具有限公司", True),  # homophones
        ("康宁护具商行", "康护具商行", False),  # three characters are too few for a slip
        ("康宁护具商行", "康宁护其商行", True),  # one character read wrong
        ("安康宁护具店", "康安宁护具店", True),  # two changed places
        ("安康宁护具店", "安康护具店", True),  # one missing
        ("安康宁护具店", "安泰来护具店", False),
    ],
)
def test_one_slip_of_the_pen_keeps_a_name_alike_in_either_order(one, other, alike):
    assert names.alike(one, other) is names.alike(other, one) is alike


def test_homophones_sound_alike():
    assert names.sound("康宁护具有限公司") == "kang ning hu ju" == names.sound("康凝护具")


def test_an_address_is_compared_without_its_province_and_city():
    street = names.address("西湖区文三路 1 号")
    assert names.address("中国浙江省杭州市西湖区文三路1号") == street == "西湖区文三路1号"
    assert names.address("小镇文三路1号") == "小镇文三路1号"  # only known places are left out
