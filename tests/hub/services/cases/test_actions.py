"""Merge, split, dismiss: a person's word is remembered, undone only by a person."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hub.jobs import assess
from hub.problems import Problem
from hub.services.cases import actions, assignment
from models import Case, Link, Report

ONE = "紧急提醒：本市明天零点起全面封城，所有超市停止营业，请大家赶快去囤积米面粮油"
TWO = "多吃大蒜和白酒可以杀死体内的新型病毒，专家亲测三天见效，快告诉家里的老人"


@pytest.fixture
def two(platforms, session) -> list[Case]:
    platforms["jd"].report("J1", ONE)
    platforms["weidian"].report("W1", TWO)
    assess.drain()
    return fresh(session)


def fresh(session) -> list[Case]:
    session.rollback()
    session.expire_all()
    return list(session.scalars(select(Case).order_by(Case.id)))


def test_merging_keeps_every_member_and_new_copies_follow(session, platforms, officers, two):
    a, b = two
    actions.merge(session, officers["lin"], b.id, b.version, a.id)
    session.commit()
    platforms["jd"].report("J2", TWO)
    assess.drain()
    a, b = fresh(session)
    assert (a.demand, a.spread) == (3, {"jd": 2, "weidian": 1})
    assert (b.state, b.live, b.merged_into_id) == ("MERGED", False, a.id)


def test_a_merge_can_be_undone(session, platforms, officers, two):
    a, b = two
    actions.merge(session, officers["lin"], b.id, b.version, a.id)
    session.commit()
    platforms["jd"].report("J2", TWO)  # came while they were one: follows its wording
    assess.drain()
    a, b = fresh(session)
    actions.unmerge(session, officers["lin"], b.id, b.version)
    session.commit()
    a, b = fresh(session)
    assert (a.demand, b.demand, b.state) == (1, 2, "OPEN")
    where = dict(session.execute(select(Report.external_id, Report.case_id)).all())
    assert where == {"J1": a.id, "W1": b.id, "J2": b.id}


def test_splitting_moves_a_wording_and_the_machine_does_not_undo_it(session, jd, officers):
    near = ONE.replace("零点", "零时") + "啊"
    for i, words in enumerate((ONE, ONE, near)):
        jd.report(f"J{i}", words)
    assess.drain()
    (case,) = fresh(session)
    assert case.demand == 3
    picked = session.scalar(select(Report.id).where(Report.external_id == "J2"))
    new = actions.split(session, officers["lin"], case.id, case.version, [picked])
    session.commit()
    jd.report("J3", near)
    assess.drain()
    case, new = fresh(session)
    assert (case.demand, new.demand) == (2, 2)
    said_no = session.scalars(select(Link).where(Link.status == "dismissed")).one()
    assert (said_no.claim_id, said_no.method) == (case.claim_id, "person")


def test_not_everything_can_be_split_off(session, officers, two):
    only = session.scalar(select(Report.id).where(Report.case_id == two[0].id))
    with pytest.raises(Problem) as refused:
        actions.split(session, officers["lin"], two[0].id, two[0].version, [only])
    assert refused.value.status == 422


def test_others_reports_cannot_be_split_off(session, officers, two):
    others = session.scalar(select(Report.id).where(Report.case_id == two[1].id))
    with pytest.raises(Problem):
        actions.split(session, officers["lin"], two[0].id, two[0].version, [others])


def test_a_dismissed_rumor_collects_copies_silently(session, platforms, officers, two):
    actions.dismiss(session, officers["lin"], two[0].id, two[0].version, "已辟谣")
    session.commit()
    platforms["jd"].report("J2", ONE)
    assess.drain()
    a, _ = fresh(session)
    assert (a.state, a.demand, len(fresh(session))) == ("DISMISSED", 2, 2)


def test_dismissing_needs_a_reason(session, officers, two):
    with pytest.raises(Problem) as refused:
        actions.dismiss(session, officers["lin"], two[0].id, two[0].version, "  ")
    assert refused.value.errors[0].field == "reason"


def test_the_second_of_two_tabs_hears_what_changed(session, officers, two):
    stale = two[0].version
    assignment.take(session, officers["lin"], two[0].id, stale)
    session.commit()
    with pytest.raises(Problem) as refused:
        actions.dismiss(session, officers["zhou"], two[0].id, stale, "理由")
    assert refused.value.status == 409
    assert "lin" in refused.value.detail and "领取" in refused.value.detail


def test_a_case_in_anothers_hands_cannot_be_taken(session, officers, two):
    assignment.take(session, officers["lin"], two[0].id, two[0].version)
    with pytest.raises(Problem) as refused:
        assignment.take(session, officers["zhou"], two[0].id, two[0].version)
    assert refused.value.status == 409


def test_a_case_cannot_be_merged_into_itself_or_nothing(session, officers, two):
    with pytest.raises(Problem) as itself:
        actions.merge(session, officers["lin"], two[0].id, two[0].version, two[0].id)
    with pytest.raises(Problem) as nothing:
        actions.merge(session, officers["lin"], two[0].id, two[0].version, 999)
    assert (itself.value.status, nothing.value.status) == (422, 404)


def test_reopening_brings_a_case_back(session, officers, two):
    actions.dismiss(session, officers["lin"], two[0].id, two[0].version, "误会")
    session.commit()
    actions.reopen(session, officers["lin"], two[0].id, two[0].version, "有新证据")
    session.commit()
    assert fresh(session)[0].state == "REOPENED"
