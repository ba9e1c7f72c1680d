"""A post that denies a rumor stands in the rumor's case and is not the rumor."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hub.jobs import assess
from hub.services.cases import actions
from models import Case, Claim, Report, Wording

RUMOR = "紧急提醒：石塘镇明天零点起停电五天，变电站着火了，大家赶快去买蜡烛和桶装水"
AGAIN = "石塘镇明天零点起停电五天，变电站着火，赶快去买蜡烛和桶装水，转给家人"
DENIAL = "【辟谣】网传“石塘镇明天零点起停电五天，变电站着火，赶快去买蜡烛和桶装水”不实"
OTHER = "多吃大蒜和白酒可以杀死体内的新型病毒，专家亲测三天见效，快告诉家里的老人"


@pytest.fixture
def one(session):
    """The single case as it stands now."""

    def read() -> Case:
        session.rollback()
        session.expire_all()
        return session.scalars(select(Case)).one()

    return read


def centre(session, case: Case) -> str:
    claim = session.get_one(Claim, case.claim_id)
    return session.get_one(Wording, claim.centre_id).text


def test_a_denial_joins_the_rumor_and_is_counted_apart(platforms, one):
    platforms["jd"].report("J1", RUMOR)
    assess.drain()
    before = one()
    urgency, priority = before.urgency, before.priority
    platforms["weidian"].report("W1", DENIAL)
    platforms["weidian"].report("W2", DENIAL)
    assess.drain()
    case = one()
    assert (case.demand, case.spread) == (3, {"jd": 1, "weidian": 2})
    assert case.denied == {"weidian": 2}
    assert (case.urgency, case.priority) == (urgency, priority)
    assert case.title == RUMOR


def test_the_first_who_passes_the_rumor_on_takes_the_lead(platforms, session, one):
    platforms["jd"].report("J1", DENIAL)
    assess.drain()
    case = one()
    assert case.title == DENIAL and case.priority == 0 and case.urgency == 0
    platforms["weidian"].report("W1", RUMOR)
    platforms["jd"].report("J2", AGAIN)
    assess.drain()
    case = one()
    assert case.title == RUMOR and case.demand == 3 and case.denied == {"jd": 1}
    assert case.assessment["stance"]["stance"] == "asserts"
    assert "停电" in centre(session, case) and "辟谣" not in centre(session, case)
    assert case.priority > 0


def test_order_within_one_batch_changes_nothing(platforms, session, one):
    for name, words in (("J1", DENIAL), ("J2", RUMOR), ("J3", DENIAL + "！")):
        platforms["jd"].report(name, words)
    assert assess.drain() == 3
    case = one()
    assert (case.title, case.demand, case.denied) == (RUMOR, 3, {"jd": 2})


def test_a_withdrawn_denial_counts_no_more(jd, one):
    jd.report("J1", RUMOR)
    jd.report("J2", DENIAL)
    assess.drain()
    jd.report("J2", AGAIN)
    assess.drain()
    case = one()
    assert (case.demand, case.denied) == (2, {})


def test_a_merchants_report_is_no_denial_of_a_rumor(jd, one):
    words = "网传这家店口罩涨价系谣言？我亲手付了五十元一只，请查处这家店"
    jd.report("J1", words, kind="violation", subject={"shop_id": "1001"})
    assess.drain()
    assert one().denied == {} and one().priority > 0


def test_merge_finds_the_rumor_and_unmerge_counts_again(platforms, session, officers):
    platforms["jd"].report("J1", DENIAL)
    platforms["jd"].report("J2", OTHER)
    assess.drain()
    session.rollback()
    denial, other = session.scalars(select(Case).order_by(Case.id)).all()
    lin = officers["lin"]
    actions.merge(session, lin, other.id, other.version, denial.id)
    session.commit()
    assert denial.title == OTHER and denial.denied == {"jd": 1} and denial.demand == 2
    assert denial.priority > 0
    actions.unmerge(session, lin, other.id, other.version)
    session.commit()
    assert denial.denied == {"jd": 1} and denial.demand == 1 and denial.priority == 0
    assert other.denied == {} and other.priority > 0


def test_split_counts_denials_on_both_sides(platforms, session, officers, one):
    for name, words in (("J1", RUMOR), ("J2", AGAIN), ("J3", DENIAL)):
        platforms["jd"].report(name, words)
    assess.drain()
    case = one()
    moved = session.scalars(select(Report).where(Report.external_id.in_(("J2", "J3")))).all()
    new = actions.split(session, officers["lin"], case.id, case.version, [r.id for r in moved])
    session.commit()
    assert new.title == AGAIN and new.denied == {"jd": 1} and new.demand == 2
    assert case.denied == {} and case.demand == 1
    assert "辟谣" not in centre(session, new)
