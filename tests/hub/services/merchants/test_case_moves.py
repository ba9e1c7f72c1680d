"""Cases go with their merchant, and what an approver has before him stays as it is."""

from __future__ import annotations

from sqlalchemy import select

from hub import locks
from hub.locks import Lock
from hub.services.audit import audit_log
from hub.services.merchants import merging
from models import (
    Case,
    Merchant,
)
from tests.hub.web import seed

CODE, CODE_2 = "91110105MA5T7FBCX8", "91110102MA4712GN19"


def test_a_merchant_known_by_shop_brings_its_cases_to_its_code(platforms, session):
    """Two cases of one violation become one, and the officer who has one open is told."""
    from hub.jobs import assess

    words = "口罩平时两元一只，这家店卖五十元一只，趁疫情哄抬价格"
    shop = {"shop_id": "1001", "shop_name": "康宁护具"}
    platforms["jd"].report("J1", words, kind="violation", subject=shop)
    platforms["weidian"].report("W1", words, kind="violation", subject={"uscc": CODE})
    assess.drain()
    session.rollback()
    old, new = session.scalars(select(Case).order_by(Case.id)).all()
    assert old.merchant_id != new.merchant_id
    platforms["jd"].report("J2", words, kind="violation", subject=shop | {"uscc": CODE})
    assess.drain()
    session.rollback()
    session.expire_all()
    assert (old.state, old.merged_into_id, old.merchant_id) == ("MERGED", new.id, new.merchant_id)
    assert (new.demand, new.spread) == (3, {"jd": 2, "weidian": 1})
    assert (old.version, new.version) == (2, 2)
    assert audit_log.last(session, old.id).action == "subject_join"


def test_a_case_before_an_approver_is_not_folded(told, session, p):
    case = seed.merchant_case(session, [("涨价", [p["jd"]])], None)
    case.state = "PROPOSED"
    twin = seed.merchant_case(session, [("涨价", [p["weidian"]])], CODE)
    session.flush()
    here, there = (session.get_one(Merchant, c.merchant_id) for c in (case, twin))
    locks.hold(session, Lock.CLAIMS)
    merging.join(session, here, there, [])
    assert (case.state, case.live, case.demand) == ("PROPOSED", False, 1)
    assert case.merchant_id == twin.merchant_id and twin.live and case.version == 2
