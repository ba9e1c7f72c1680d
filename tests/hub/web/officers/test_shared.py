"""Who beside the platforms reads a decision: departments and the public, as its sharing says."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hub.jobs import sweep
from hub.services.enforcement import approving, proposing
from hub.services.enforcement.proposing import ProposalTerms
from hub.web.common.access import allowed_roles
from hub.web.public import cache
from models import AuditEntry, Order, Platform, Viewing, Withheld
from tests.hub.web import seed

PARTY = "南浦市康宁药业有限公司"
CODE = "91110102MA4712GN19"


@pytest.fixture(autouse=True)
def fresh():
    cache.forget()


def decided(session, officers, case, level: str):
    """The case with a penalty in force, shared so."""
    draft = ProposalTerms(sharing=level, grounds=["价格法第十四条"])
    proposing.propose(
        session, officers["handler"], case.id, case.version, ["warn"], "哄抬价格事实", draft
    )
    session.commit()
    decision = approving.approve(session, officers["approver"], case.id, case.version)
    session.commit()
    return decision


@pytest.mark.parametrize(
    ("level", "departments", "everybody"),
    [("all", False, False), ("departments", True, False), ("public", True, True)],
)
def test_the_sharing_level_says_who_reads_and_why_others_do_not(
    session, officers, desk, client, merchant, level, departments, everybody
):
    decision = decided(session, officers, merchant, level)
    number = f"C{merchant.id}-{decision.version}"
    page = desk("department").get("/shared").text
    assert (number in page, PARTY in page) == (departments, departments)
    page, told = (
        client.get("/public/decisions").text,
        client.get("/public/data/decisions.json").json,
    )
    assert (number in page, PARTY in page, CODE in page) == (everybody,) * 3
    assert [row["number"] for row in told["rows"]] == [number] * everybody
    assert "哄抬价格事实" not in page
    entry = session.scalar(select(AuditEntry).where(AuditEntry.action == "approve"))
    silent = {"departments": departments, "public": everybody}
    assert entry.detail["withheld"] == {who: "sharing" for who, may in silent.items() if not may}
    case_page = desk("auditor").get(f"/cases/{merchant.id}").text
    assert case_page.count("不在共享范围内") == len(entry.detail["withheld"])


def test_what_was_taken_back_is_public_no_more_and_departments_learn_of_it(
    session, officers, desk, client, merchant
):
    decided(session, officers, merchant, "public")
    approving.revoke(session, officers["approver"], merchant.id, merchant.version, "认定有误")
    session.commit()
    assert PARTY not in client.get("/public/decisions").text
    page = desk("department").get("/shared").text
    assert 'data-state="REVOKED"' in page and "认定有误" in page


def test_a_person_without_a_credit_code_is_not_named_to_the_public(session, officers, client, p):
    case = seed.merchant_case(session, [("天价口罩", [p["jd"]])], None, name="张某某")
    session.commit()
    decided(session, officers, case, "public")
    page = client.get("/public/decisions").text
    assert "自然人经营者" in page and "张某某" not in page
    assert "张某某" not in client.get("/public/data/decisions.json").text


def test_a_department_reads_nothing_else_and_that_it_read_is_written_down(
    session, officers, desk, merchant
):
    decided(session, officers, merchant, "departments")
    department = desk("department")
    assert department.get("/").location == "/shared"
    department.get("/shared")
    assert session.scalars(select(Viewing.username)).all() == ["department"]
    for path in (f"/cases/{merchant.id}", "/queue", "/merchants", "/platforms", "/stats", "/audit"):
        assert department.get(path).status_code == 403


def test_the_own_account_is_all_that_a_department_has_beside_it(app):
    reached = {r.endpoint for r in app.url_map.iter_rules()}
    may = {e for e in reached if "department" in (allowed_roles(app, e) or ())}
    rooms = {endpoint.partition(".")[0] for endpoint in may - {"queue.home", "auth.logout"}}
    assert rooms == {"shared", "account", "stepup"}


def test_a_platform_brought_back_gets_what_it_missed(session, officers, desk, merchant):
    admin = desk("admin")
    admin.get("/platforms/jd")
    assert admin.submit("form-suspend").status_code == 303
    decided(session, officers, merchant, "all")
    jd = session.scalar(select(Platform).where(Platform.slug == "jd"))
    jd.caught_up_at = jd.created_at  # it had been brought up to date once
    session.commit()
    missed = select(Withheld).where(Withheld.platform_id == jd.id)
    assert session.scalar(missed).code == "inactive"
    admin.get("/platforms/jd")
    assert "form-suspend" not in admin.forms
    assert admin.submit("form-reactivate").status_code == 303
    for _ in range(6):
        sweep.sweep()
    session.rollback()
    session.expire_all()
    assert session.scalar(select(Order.execution).where(Order.platform_id == jd.id)) == "NONE"
    assert session.scalar(missed).ended_at is not None
