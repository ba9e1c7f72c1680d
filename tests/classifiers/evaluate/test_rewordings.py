"""Rumors in self-made disguise come together again, in whatever order they arrive."""

import random

import pytest

from classifiers import matching
from classifiers.evaluate import rewordings

RUMORS = [
    "紧急提醒，本市明天零点起全面封城，所有超市停止营业，请大家赶快去囤积米面粮油，不要等到天黑",
    "多吃大蒜和白酒可以杀死体内的新型病毒，专家亲测三天见效，已经治好了几百个病人，快告诉家里的老人",
    "自来水厂昨夜检出放射性物质，厂长已经带着家人离开，三天之内千万不要喝家里的自来水",
    "小区门口停着一辆外地面包车，专门抢走单独回家的小学生，听说已经丢了两个孩子，民警正在调查",
    "银行系统下周全面瘫痪，存款超过五万元的储户将无法取现，内部员工都在取钱，抓紧时间去排队",
    "青石水库大坝裂了五米长的口子，下游六个镇今晚必须全部撤离，广播已经通知了三遍",
]


@pytest.mark.parametrize("name", sorted(rewordings.RULES))
def test_every_rule_changes_words_and_leaves_a_text(name):
    chance = random.Random(1)
    said = {rewordings.RULES[name](text, chance) for text in RUMORS}
    assert said - set(RUMORS)
    assert min(map(len, said)) >= 12


def test_the_same_seed_makes_the_same_stream():
    said, truth = rewordings.stream(RUMORS)
    assert (said, truth) == rewordings.stream(RUMORS)
    assert len(said) == len(set(said)) == len(RUMORS) * (rewordings.EACH + 1)
    assert truth.count(3) == rewordings.EACH + 1


def test_texts_that_repeat_another_or_say_nothing_are_not_taken():
    copies = [text + "！！！" for text in RUMORS]
    taken = rewordings.take([*RUMORS, *copies, "转发", "紧急通知"])
    assert len(taken) == len(RUMORS)
    assert rewordings.take(RUMORS, 2) == rewordings.take(RUMORS, 4)[:2]


def test_folds_part_all_texts_and_keep_copies_together():
    folds = [rewordings.fold_of(str(n)) for n in range(200)]
    assert set(folds) == set(range(rewordings.FOLDS))
    assert rewordings.fold_of(RUMORS[0]) == rewordings.fold_of(f"【{RUMORS[0]}】!!")


def test_each_rumor_is_one_claim_whatever_the_order(model):
    said, truth = rewordings.stream(RUMORS)
    found = rewordings.measure(matching.views(said, model), truth)
    assert found["b3"] >= 0.92
    assert found["b3_spread"] <= 0.02
