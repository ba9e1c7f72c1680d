"""The case page: what it shows, and triage."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from hub.desk.case_page import case_file
from models import Case, CaseType, Delivery, Link, Report, TypeSource
from tests.hub.web import seed
from tests.hub.web.conftest import queries


def _now(session, case_id: int) -> Case:
    session.expire_all()
    return session.get_one(Case, case_id)


# --- what it shows -------------------------------------------------------------------------


def test_reports_stand_side_by_side_with_why_they_were_joined(desk, rumor):
    clerk = desk("clerk")
    clerk.get(f"/cases/{rumor.id}")
    assert '<mark title="哄抬价格">赶紧多囤几箱</mark>' in clerk.page
    assert "5 件举报，3 种表述" in clerk.text
    assert "语义相近 0.93" in clerk.text and "e5@1" in clerk.text
    assert "<ins>听说</ins>" in clerk.page and "<del>" in clerk.page
    assert "改写幅度大，未逐字比对" in clerk.text  # the third wording shares too little
    assert clerk.page.index("首见表述") < clerk.page.index("语义相近 0.93")


def test_classification_with_law_and_doubt(desk, rumor):
    clerk = desk("clerk")
    clerk.get(f"/cases/{rumor.id}")
    for shown in (
        "价格法第十四条第（三）项", "规则 gouge-hoard", "医疗健康", "未定", "把握不足",
        "应为18位，实为9位", "未装载，以其余模型和规则代替：谣言模型", "涉及防疫物资",
    ):  # fmt: skip
        assert shown in clerk.text


def test_what_reporters_chose_as_their_reason_is_said_as_theirs(desk, session, p):
    texts = [(f"同样的东西贵了好多，第{n}次了", [p["jd"]]) for n in range(3)]
    case = seed.merchant_case(session, texts, None, reason="哄抬价格，电话13800138000")
    session.commit()
    clerk = desk("clerk")
    clerk.get(f"/cases/{case.id}")
    assert "举报人所选 哄抬价格，电话138" in clerk.text and " 3 " in clerk.text
    assert "13800138000" not in clerk.page


def test_a_type_that_only_reporters_named_is_shown_and_drafted_as_their_claim(desk, session, p):
    case = seed.merchant_case(session, [("用了两天就散架", [p["jd"]])], None)
    case.assessment = {**case.assessment, "violations": []}
    case.violation_type = CaseType("counterfeit", TypeSource.REPORTER)
    session.commit()
    handler = desk("handler")
    handler.get("/queue")
    assert "假冒伪劣 举报人所选" in handler.text
    handler.get(f"/cases/{case.id}")
    assert "规则与模型均未发现" in handler.text and "举报人所选，未经核实" in handler.text
    assert "产品质量法第三十九条" in handler.text
    assert (
        "涉嫌假冒伪劣（产品质量法第三十九条" in case_file.read(session, case.id).ruling.draft.facts
    )


def test_an_officers_word_on_the_type_is_what_the_draft_charges(desk, session, p, officers):
    case = seed.merchant_case(session, [("坐地起价", [p["jd"]])], None)
    session.commit()
    handler = desk("handler")
    handler.act(case.id, "classify", violation="price_fraud")
    handler.get("/queue")
    assert "价格欺诈 人工认定" in handler.text and "哄抬价格 0.81" in handler.text
    session.expire_all()
    drafted = case_file.read(session, case.id).ruling.draft
    assert "涉嫌价格欺诈" in drafted.facts and "哄抬" not in drafted.facts
    assert "价格违法行为行政处罚规定第七条" in drafted.grounds


def test_merchant_with_shops_and_other_cases(desk, session, merchant):
    other = seed.merchant_case(session, [("消毒液缺斤少两", [])], None)
    other.merchant_id, other.live = merchant.merchant_id, False
    session.commit()
    handler = desk("handler")
    handler.get(f"/cases/{merchant.id}")
    for shown in (
        "91110102MA4712GN19",
        "校验通过",
        "京东 康宁大药房旗舰店",
        "微店 康宁大药房旗舰店",
    ):
        assert shown in handler.text
    assert f'href="/cases/{other.id}"' in handler.page


def test_the_page_takes_a_fixed_number_of_queries(session, p):
    def case_of(n: int) -> int:
        made = seed.rumor_case(
            session, [(f"传言{n}的说法之{i}，流传很广", list(p.values())) for i in range(n)]
        )
        session.commit()
        return made.id

    counted = []
    for case_id in (case_of(2), case_of(15)):
        session.expire_all()
        with queries() as asked:
            case_file.read(session, case_id)
        counted.append(len(asked))
    assert counted[0] == counted[1] <= 22


def test_a_viral_case_shows_pages_not_everything(desk, session, p):
    case = seed.rumor_case(
        session, [(f"第{i}种说法", [p["jd"]] * (9 if i == 0 else 1)) for i in range(23)]
    )
    session.commit()
    clerk = desk("clerk")
    clerk.get(f"/cases/{case.id}")
    assert "另有 3 件相同表述的举报" in clerk.text and "第 1 / 2 页" in clerk.text
    assert clerk.page.count('<article class="variant') == 20
    clerk.get(f"/cases/{case.id}?page=2")
    assert clerk.page.count('<article class="variant') == 3


def test_unknown_cases(desk):
    for path in ("/cases/999", "/cases/9223372036854775808", "/cases/x"):
        assert desk("clerk").get(path).status_code == 404
    assert "没有" in desk("clerk").text


# --- triage --------------------------------------------------------------------------------


def test_take_and_release(desk, session, rumor):
    clerk, other = desk("clerk"), desk("handler")
    assert clerk.act(rumor.id, "take").status_code == 303
    assert _now(session, rumor.id).state == "INVESTIGATING"
    other.get(f"/cases/{rumor.id}")
    assert not {"form-take", "form-release"} & other.forms
    assert clerk.act(rumor.id, "release").status_code == 303
    assert _now(session, rumor.id).owner_id is None


def test_dismiss_needs_a_reason_and_can_be_reopened(desk, session, rumor):
    clerk = desk("clerk")
    assert clerk.act(rumor.id, "dismiss", reason="  ").status_code == 422
    assert "请写明不予受理的理由" in clerk.text
    assert clerk.submit("form-dismiss", reason="与市场无关").status_code == 303
    assert _now(session, rumor.id).state == "DISMISSED"
    told = session.scalar(select(func.count()).where(Delivery.type == "report.updated"))
    assert told == 4  # platforms that reported it
    clerk.act(rumor.id, "reopen", reason="有新线索")
    assert _now(session, rumor.id).state == "REOPENED"


def test_suggestions_merge_and_unmerge(desk, session, p, rumor):
    small = seed.rumor_case(session, [("下周起口罩停产", [p["suning"]])])
    seed.suggest(session, small, rumor)
    session.commit()
    clerk = desk("clerk")
    clerk.get(f"/cases/{small.id}")
    assert "可能是同一传言" in clerk.text and "0.84" in clerk.text
    answer = clerk.submit(f"form-merge-{rumor.id}")
    assert answer.location == f"/cases/{rumor.id}"
    assert _now(session, rumor.id).demand == 6
    clerk.get(f"/cases/{rumor.id}")
    assert "随并案转入" in clerk.text or "人工认定" in clerk.text
    clerk.act(small.id, "unmerge")
    assert (_now(session, rumor.id).demand, _now(session, small.id).demand) == (5, 1)


def test_the_larger_case_takes_the_smaller(desk, session, p, rumor):
    small = seed.rumor_case(session, [("下周起口罩停产", [p["suning"]])])
    seed.suggest(session, small, rumor)
    session.commit()
    clerk = desk("clerk")
    clerk.get(f"/cases/{rumor.id}")
    assert clerk.submit(f"form-merge-{small.id}").location == f"/cases/{rumor.id}"
    assert _now(session, small.id).merged_into_id == rumor.id


@pytest.mark.parametrize(
    ("into", "status"), [("C999", 404), ("口罩", 422), ("", 422), ("self", 422), ("9" * 40, 422)]
)
def test_merging_into_nonsense(desk, rumor, into, status):
    into = f"C{rumor.id}" if into == "self" else into
    assert desk("clerk").act(rumor.id, "merge", into=into).status_code == status


def test_split_takes_the_ticked_reports_out(desk, session, rumor):
    report = session.scalar(select(Report).where(Report.text == "N95原料被抢光"))
    clerk = desk("clerk")
    answer = clerk.act(rumor.id, "split", reports=[str(report.id)])
    new = int(answer.location.rsplit("/", 1)[1])
    assert (_now(session, new).demand, _now(session, rumor.id).demand) == (1, 4)
    assert session.scalar(select(Link.method).where(Link.status == "dismissed")) == "person"
    assert clerk.act(rumor.id, "split").status_code == 422
    assert clerk.act(rumor.id, "split", reports=["1 OR 1=1"]).status_code == 422


def test_a_refused_suggestion_is_not_shown_again(desk, session, p, rumor):
    small = seed.rumor_case(session, [("下周起口罩停产", [p["suning"]])])
    seed.suggest(session, small, rumor)
    session.commit()
    clerk = desk("clerk")
    clerk.get(f"/cases/{small.id}")
    assert clerk.submit(f"form-apart-{rumor.id}").location == f"/cases/{small.id}"
    for case in (small, rumor):
        clerk.get(f"/cases/{case.id}")
        assert "可能是同一传言" not in clerk.text
