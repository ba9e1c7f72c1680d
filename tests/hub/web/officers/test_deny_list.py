"""The deny-list page: who is barred and why, until when, and which platform has which version."""

from __future__ import annotations

import csv
import io

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, text

from hub.services.enforcement import approving, proposing
from hub.services.enforcement.proposing import ProposalTerms
from hub.services.platforms import directory
from models import AuditEntry, DenyEntry, Review, Viewing
from tests.hub.web import seed
from tests.hub.web.conftest import queries

PARTY, CODE = "南浦市康宁药业有限公司", "91110102MA4712GN19"


@pytest.fixture
def barred(session, officers, merchant) -> DenyEntry:
    """The merchant, barred for 365 days by an approved decision."""
    return bar(session, officers, merchant, {"bar_onboarding": 365})


def bar(session, officers, case, terms=None) -> DenyEntry:
    draft = ProposalTerms(grounds=["价格法第十四条"], terms=terms or {})
    proposing.propose(
        session, officers["handler"], case.id, case.version,
        ["close_shop", "bar_onboarding"], "口罩由2元涨至15元", draft,
    )  # fmt: skip
    session.commit()
    decision = approving.approve(session, officers["approver"], case.id, case.version)
    session.commit()
    return session.scalars(select(DenyEntry).where(DenyEntry.decision_id == decision.id)).one()


@pytest.fixture
def fetch(session, client):
    """A new platform; each call pulls the list as it does."""
    new = directory.register(session, "suixin", "随心购", "http://127.0.0.1:9/x")
    session.commit()

    def pull(query: str = "", **headers: str):
        named = {"Authorization": f"Bearer {new.token}", **headers}
        return client.get(f"/api/v1/denylist{query}", headers=named)

    return pull


def rows(page: str) -> int:
    return page.count("data-entry=")


def test_an_entry_says_who_why_on_which_ground_and_until_when(desk, barred, merchant):
    reader = desk("auditor")
    reader.get("/denylist")
    for shown in (PARTY, CODE, "口罩由2元涨至15元", "价格法第十四条", f"C{merchant.id}-1", "有效1"):
        assert shown in reader.text
    reader.get(f"/denylist/{barred.id}")
    for shown in (PARTY, "列入", "第 1 版", "京东", "未签收", "尚未"):
        assert shown in reader.text
    assert desk("auditor").get("/denylist/987").status_code == 404


def test_an_empty_list_says_how_it_fills(desk, officers):
    reader = desk("clerk")
    reader.get("/denylist")
    assert "名单还是空的" in reader.text and "从未拉取" not in reader.text
    reader.get("/denylist/versions")
    assert "名单还没有变动" in reader.text


def test_entries_stand_under_in_force_expiring_expired_and_lifted(
    desk, session, officers, barred, merchant
):
    reader = desk("clerk")

    def tabs() -> dict[str, int]:
        states = ("in_force", "soon", "expired", "lifted", "all")
        return {s: rows(reader.get(f"/denylist?state={s}").text) for s in states}

    assert tabs() == {"in_force": 1, "soon": 0, "expired": 0, "lifted": 0, "all": 1}
    _expires(session, "29 days")
    assert tabs() == {"in_force": 1, "soon": 1, "expired": 0, "lifted": 0, "all": 1}
    _expires(session, "-1 second")
    assert tabs() == {"in_force": 0, "soon": 0, "expired": 1, "lifted": 0, "all": 1}
    session.expire_all()
    approving.revoke(session, officers["approver"], merchant.id, merchant.version, "申诉成立")
    session.commit()
    assert tabs() == {"in_force": 0, "soon": 0, "expired": 0, "lifted": 1, "all": 1}
    reader.get(f"/denylist/{barred.id}")
    assert "申诉成立" in reader.text and "撤销" in reader.text


def _expires(session, when: str) -> None:
    session.execute(text(f"UPDATE deny_entry SET expires_at = now() + interval '{when}'"))
    session.commit()


@pytest.mark.parametrize(
    ("q", "found"),
    [("康宁", 1), (CODE, 1), ("C{case}", 1), ("M{merchant}", 1), ("C999", 0), ("安捷", 0)],
)
def test_an_entry_is_found_by_name_code_case_and_merchant(desk, barred, merchant, q, found):
    asked = q.format(case=merchant.id, merchant=merchant.merchant_id)
    assert rows(desk("handler").get(f"/denylist?q={asked}").text) == found


def test_who_keeps_the_platforms_sees_no_names(desk, barred, merchant):
    admin = desk("admin")
    seen = "".join(
        admin.get(path).text
        for path in ("/denylist", f"/denylist/{barred.id}", "/denylist/versions", "/denylist.csv")
    )
    assert "南**" in seen and "911*************19" in seen
    for hidden in (PARTY, CODE, "口罩由2元", f"/cases/{merchant.id}"):
        assert hidden not in seen
    assert rows(admin.get(f"/denylist?q={CODE}").text) == 0  # searching tells nothing either
    assert rows(admin.get(f"/denylist?q=C{merchant.id}").text) == 1


def test_reading_names_is_written_down(desk, session, barred):
    desk("clerk").get("/denylist")
    desk("clerk").get(f"/denylist/{barred.id}")
    pages = session.scalars(select(Viewing.page).where(Viewing.username == "clerk")).all()
    assert {"denylist.index", "denylist.show"} <= set(pages)


def test_versions_say_what_changed_and_who_fetched_them_when(
    desk, session, officers, fetch, barred, merchant
):
    reader = desk("auditor")
    assert "从未拉取" in reader.get("/denylist").text
    assert fetch().json["version"] == 1
    assert 'data-holding="1"' in reader.get("/denylist").text and "最新" in reader.text
    session.expire_all()
    approving.revoke(session, officers["approver"], merchant.id, merchant.version, "申诉成立")
    session.commit()
    reader.get("/denylist")
    assert "第 1 版，差 1 次变动" in reader.text
    reader.get("/denylist/versions")
    first, second = (
        reader.page.split('data-version="1"')[1],
        reader.page.split('data-version="1"')[0],
    )
    assert "列入" in first and "随心购" in first
    assert "解除：申诉成立" in second and "尚无平台拉取" in second
    fetch("?after=1")
    assert "尚无平台拉取" not in reader.get("/denylist/versions").text


def test_a_platform_that_fetched_a_part_has_only_that_part(
    desk, session, officers, fetch, barred, p
):
    other = seed.merchant_case(session, [("洗手液涨价", [p["jd"]])], None, name="安捷商行")
    session.commit()
    bar(session, officers, other)
    tag = fetch("?limit=1").headers["ETag"]
    reader = desk("clerk")
    assert "第 1 版，差 1 次变动" in reader.get("/denylist").text
    session.execute(text("UPDATE deny_pull SET last_at = last_at - interval '2 minutes'"))
    session.commit()
    assert fetch("?limit=1", **{"If-None-Match": tag}).status_code == 304
    asked = "SELECT version, last_at > now() - interval '1 minute' FROM deny_pull"
    assert session.execute(text(asked)).all() == [(1, True)]


def test_the_list_goes_into_a_spreadsheet_as_filtered(desk, session, barred):
    reader = desk("auditor")
    sheet = load_workbook(io.BytesIO(reader.client.get("/denylist.xlsx").data)).active
    head, line = sheet.iter_rows(values_only=True)
    entry = dict(zip(head, line, strict=True))
    assert (entry["商户"], entry["统一社会信用代码"], entry["状态"]) == (PARTY, CODE, "有效")
    lifted = reader.client.get("/denylist.csv?state=lifted").data.decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(lifted)))) == 1  # the head alone
    noted = session.scalars(select(AuditEntry.detail).where(AuditEntry.action == "exported")).all()
    assert noted == [{"list": "denylist", "rows": 1}, {"list": "denylist", "rows": 0}]


def test_a_reviewer_does_not_read_the_first_decision_here(
    desk, session, officers, barred, merchant
):
    session.execute(text("DELETE FROM review"))
    session.add(
        Review(case_id=merchant.id, first="price_gouging", first_by_id=officers["handler"].id,
               last_report_id=9, assessment={}, reviewer_id=officers["clerk"].id)
    )  # fmt: skip
    session.commit()
    reader = desk("clerk")
    assert rows(reader.get("/denylist").text) == 0 and PARTY not in reader.text
    assert PARTY not in reader.get("/denylist/versions").text
    assert PARTY not in reader.client.get("/denylist.csv").text
    assert reader.get(f"/denylist/{barred.id}").status_code == 404
    assert rows(desk("handler2").get("/denylist").text) == 1


def test_a_page_of_many_costs_as_many_statements_as_one(desk, session, officers, barred, p):
    reader = desk("clerk")
    reader.get("/denylist")
    with queries() as one:
        reader.get("/denylist")
    for n in range(5):
        case = seed.merchant_case(session, [(f"涨价{n}", [p["jd"]])], None, name=f"商行{n}" * 60)
        session.commit()
        bar(session, officers, case)
    with queries() as six:
        reader.get("/denylist")
    assert rows(reader.page) == 6 and len(six) == len(one)
