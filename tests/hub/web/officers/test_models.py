"""Officers see how far the models can be trusted, and where nothing is known yet."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime, timedelta

import pytest

from hub.desk.oversight import model_figures
from hub.web.common import charts
from models import Label, Promotion, TrainedModel
from tests.hub.web import seed


def teach(session, case, officer, task, value, said, weeks_ago=0, via="classify"):
    at = datetime.now(UTC) - timedelta(weeks=weeks_ago)
    session.add(
        Label(case_id=case.id, task=task, value=value, said=said, score=0.8, model="m",
              via=via, by_user_id=officer.id, created_at=at)
    )  # fmt: skip
    session.commit()


def test_an_empty_hub_says_so(desk):
    page = desk("approver")
    assert page.get("/models").status_code == 200
    assert "还没有数据" in page.text and "还没有研判过文本" in page.text
    assert "<svg" not in page.page.split("<main")[1]


def test_precision_counts_the_last_word_on_each_case(desk, session, officers, p):
    def case(text):
        return seed.merchant_case(session, [(text, [p["jd"]])], None)

    first, second, third = case("一"), case("二"), case("三")
    lin = officers["handler"]
    teach(session, first, lin, "violation", "price_gouging", "price_gouging", 1)
    teach(session, second, lin, "violation", "price_gouging", "price_gouging", 1, "approve")
    teach(session, second, lin, "violation", "price_fraud", "price_gouging")  # thought better
    teach(session, third, lin, "violation", "none", "")
    found = model_figures.read(session)
    (task,) = [t for t in found.tasks if t.name == "violation"]
    assert task.precision == {"哄抬价格": (1, 2)}
    assert (task.decided, task.abstained) == (3, pytest.approx(1 / 3))
    assert task.agreed[-2:] == [1.0, 0.0]
    grid = dict(zip(task.rows, task.confusion, strict=True))
    assert dict(zip(task.columns, grid["哄抬价格"], strict=True)) == {
        "哄抬价格": 1, "价格欺诈": 1, "未发现违法": 0,
    }  # fmt: skip
    page = desk("auditor")
    page.get("/models")
    assert "50%（1/2）" in page.text and "已有结论 3 件" in page.text


def test_drift_is_told_by_week_and_platform(session, p):
    from classifiers.rumor import FOREIGN as note

    assert note.startswith(
        model_figures.OUT_OF_DISTRIBUTION[0].rstrip("%")
    )  # the words the page looks for
    told = seed.assessment("甲", rumor={"score": 0.6, "abstained": True, "note": note})
    sure = seed.assessment("乙", rumor={"score": 0.9, "abstained": False, "note": ""})
    for text, assessment, slug in (("甲", told, "jd"), ("乙", sure, "jd"), ("丙", sure, "weidian")):
        said = seed.wording(session, text, assessment=assessment)
        made = seed.report(session, p[slug], text, "rumor")
        made.wording_id = said.id
    session.commit()
    found = model_figures.read(session)
    assert found.abstained[-1] == pytest.approx(1 / 3)
    assert found.mean_score[-1] == pytest.approx(0.8)
    assert (found.out_of_distribution["京东"][-1], found.out_of_distribution["微店"][-1]) == (
        0.5,
        0.0,
    )
    assert found.abstained[:-1] == [None] * (model_figures.WEEKS - 1)


def test_versions_say_who_put_them_to_work_and_why(desk, session, p):
    old = seed.assessment("甲", versions={"theme": "theme-aaaa"})
    new = seed.assessment("乙", versions={"theme": "theme-bbbb"})
    for text, assessment in (("甲", old), ("乙", new)):
        seed.wording(session, text, assessment=assessment)
    session.add(TrainedModel(part="theme", version="theme-bbbb", digest="", champion="theme-aaaa",
                             comparison={"gain": 0.042}))  # fmt: skip
    session.add(Promotion(part="theme", version="theme-bbbb", by="lin", why="<b>更准</b>"))
    session.commit()
    by_name = {v.version: v for v in model_figures.read(session).versions}
    assert by_name["theme-bbbb"].in_force and not by_name["theme-aaaa"].in_force
    page = desk("admin")
    page.get("/models")
    assert "准确率+4.2%；lin 启用" in page.text and "<b>更准" not in page.page


def test_promoted_thresholds_of_matching_stand_among_the_versions(desk, session):
    session.add(TrainedModel(part="matching", version="matching-aaaa", digest="", champion="-",
                             comparison={"gain": 0.0213}))  # fmt: skip
    session.add(Promotion(part="matching", version="matching-aaaa", by="lin", why="误并更少"))
    session.commit()
    page = desk("admin")
    page.get("/models")
    assert "归并阈值" in page.text and "matching-aaaa" in page.text
    assert "每次判定的代价降低0.021；lin 启用：误并更少" in page.text


@pytest.mark.parametrize("role", ["clerk", "handler"])
def test_others_do_not_see_it(desk, role):
    assert desk(role).get("/models").status_code == 403


@pytest.mark.parametrize(
    "drawn",
    [
        charts.line("比例", ["1", "2", "3"], {"甲": [0.1, None, 0.9], "乙<": [None, 0.5, 1.0]},
                    share=True),
        charts.line("一点", ["1"], {"甲": [3]}),
        charts.bars("件数", {"哄抬价格<script>": 12, "未知": None}, notes={"未知": "0/0"}),
        charts.sparkline("一周", [1, 4, 2, None, 3]),
        charts.line("零", ["1", "2"], {"甲": [0, 0]}, unit="件"),
    ],
)  # fmt: skip
def test_a_plot_is_well_formed_named_and_without_style_or_script(drawn):
    root = ET.fromstring(f"<r>{drawn}</r>")
    pictures = [e for e in root.iter() if e.tag.endswith("svg") and e.get("role") == "img"]
    assert pictures and all(any(c.tag.endswith("title") and c.text for c in p) for p in pictures)
    assert not re.search(r"<script|\sstyle=|\son\w+=|<style", drawn)
    assert "nan" not in drawn


def test_a_plot_brings_its_numbers_as_a_table():
    drawn = charts.line("比例", ["周一", "周二"], {"甲": [0.25, None]}, share=True)
    root = ET.fromstring(drawn)
    rows = [[c.text for c in row] for row in root.iter("tr")]
    assert rows == [[None, "甲"], ["周一", "25%"], ["周二", "—"]]


def test_weeks_begin_on_monday_in_order():
    weeks = model_figures._mondays(date(2020, 2, 20))
    assert weeks[-1] == date(2020, 2, 17) and len(weeks) == model_figures.WEEKS
    assert all(b - a == timedelta(days=7) for a, b in zip(weeks, weeks[1:], strict=False))
