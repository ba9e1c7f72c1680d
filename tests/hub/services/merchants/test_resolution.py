"""One merchant, many shops: exact keys join, weak keys ask, and a person's word stays."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select, text

from hub import locks
from hub.config import settings
from hub.database import session_scope
from hub.locks import Lock
from hub.services.merchants import resolution
from hub.services.privacy import identities
from models import (
    Identity,
    Merchant,
    Shop,
)
from tests.bench import people, population

CODE, CODE_2 = "91110105MA5T7FBCX8", "91110102MA4712GN19"
LI, OTHER = "11010519491231002X", "110105194912310038"


def live(session) -> list[Merchant]:
    query = select(Merchant).where(Merchant.merged_into_id.is_(None)).order_by(Merchant.id)
    return list(session.scalars(query))


@pytest.mark.parametrize(
    "number",
    [
        {"uscc": CODE},
        {"id_number": LI},
        {"phone": "13800138000"},
        {"payout_account": "acct-6225-0001"},
        {"license_no": "JY11105000000000"},
    ],
)
def test_an_exact_key_makes_two_shops_one_merchant(told, session, number):
    assert told("jd", "a", **number) == told("weidian", "b", **number)
    assert session.scalar(select(func.count()).select_from(Shop)) == 2


def test_two_ways_to_write_a_number_are_one(told):
    one = told("jd", "a", phone="138 0013 8000", id_number="11010519491231002x")
    assert told("weidian", "b", phone="+86-13800138000") == one
    assert told("pdd", "c", id_number=LI) == one


def test_a_platform_may_hash_a_number_itself_and_meets_the_hubs(told):
    joint = identities.joint_hash("phone", "13800138000")
    assert told("jd", "a", phone_hash=joint) == told("weidian", "b", phone="13800138000")


def test_a_phone_does_not_join_what_a_legal_name_an_id_or_a_code_speaks_against(told):
    phone = {"phone": "13800138000"}
    assert told("jd", "a", merchant_name="张伟", **phone) != told(
        "jd", "b", merchant_name="王芳", **phone
    )
    phone = {"phone": "13900139000"}
    assert told("jd", "c", id_number=LI, **phone) != told("jd", "d", id_number=OTHER, **phone)
    phone = {"phone": "13700137000"}
    assert told("jd", "e", uscc=CODE, **phone) != told("jd", "f", uscc=CODE_2, **phone)


def test_two_workers_meeting_one_new_merchant_make_one(p):
    barrier = threading.Barrier(4)

    def worker(slug: str, shop: str) -> None:
        ref = {"shop_id": shop, "phone": "13800138000", "uscc": CODE}
        identities.hash_numbers(ref, "data.subject")
        barrier.wait()
        with session_scope() as session:
            locks.hold(session, Lock.CLAIMS)
            resolution.resolve(session, p[slug].id, ref)

    shops = (("jd", "a"), ("jd", "a"), ("weidian", "b"), ("pdd", "c"))
    threads = [threading.Thread(target=worker, args=shop) for shop in shops]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    with session_scope() as session:
        assert len(live(session)) == 1
        assert session.scalar(select(func.count()).select_from(Shop)) == 3


def test_after_a_rotation_old_hashes_still_meet_new_ones(told, session, monkeypatch):
    import dataclasses

    one = told("jd", "a", phone="13800138000")
    changed = dataclasses.replace(settings(), identity_keys=("new-key", *settings().identity_keys))
    monkeypatch.setattr(identities, "settings", lambda: changed)
    assert told("weidian", "b", phone="13800138000") == one
    assert session.scalar(select(func.count()).select_from(Identity)) == 2


def test_a_generated_population_is_joined_with_few_errors(clean_db, session):
    """The short version of `python -m tests.bench population`."""
    found = population.run(session, 400, people.Rates())
    session.execute(text("DROP TABLE bench_row"))  # the bare insert's; no table of the hub
    session.commit()
    assert found["pair_precision"] >= 0.98 and found["pair_recall"] >= 0.85
    assert found["of_them_suggested"] > 0.3
