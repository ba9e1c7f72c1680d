"""One merchant, many shops: exact keys join, weak keys ask, and a person's word stays."""

from __future__ import annotations

import json
import threading

import pytest
from sqlalchemy import func, select, text

from hub.config import settings
from hub.database import session_scope
from hub.desk.queue.case_lines import reporters_of
from hub.problems import Problem
from hub.services.audit import audit_log
from hub.services.cases import reporter_counts
from hub.services.merchants import conflicts, merging, resolution, shared_values, weak_keys
from hub.services.privacy import identities
from hub.services.rumors import matching
from models import (
    Case,
    Delivery,
    Identity,
    Merchant,
    MerchantConflict,
    MerchantPair,
    SharedValue,
    Shop,
    User,
)
from tests.bench import people, population
from tests.hub.web import seed

CODE, CODE_2 = "91110105MA5T7FBCX8", "91110102MA4712GN19"
LI, OTHER = "11010519491231002X", "110105194912310038"


@pytest.fixture
def p(session):
    made = seed.platforms(session, "jd", "weidian", "pdd")
    session.commit()
    return made


@pytest.fixture
def officer(session) -> User:
    made = User(username="lin", name="lin", role="handler", password_hash="-")
    session.add(made)
    session.commit()
    return made


@pytest.fixture
def told(session, p):
    """`told(slug, shop, **identities)`: a report comes; the merchant it is about."""

    def tell(slug: str, shop: str | None, **ref) -> int | None:
        ref["shop_id"] = shop
        identities.at_the_door(ref, "data.subject")
        found = resolution.resolve(session, p[slug].id, ref)
        session.flush()
        return found

    return tell


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


def test_names_addresses_and_sounds_only_ask(told, session):
    one = told("jd", "a", shop_name="康宁护具", address="青禾市和平路1号")
    other = told("weidian", "b", shop_name="康凝护具店", address="青禾市和平路1号")
    same = told("pdd", "c", shop_name="康宁护具", address="青禾市和平路1号")
    assert len({one, other, same}) == 3
    kinds = {e["kind"] for pair in weak_keys.open_pairs(session, same) for e in pair.evidence}
    assert kinds == {"name_address", "name_sound"}


def test_a_sound_suggests_within_a_region_alone(told, session):
    here, elsewhere = {"region": "330102"}, {"region": "510104"}
    one = told("jd", "a", merchant_name="康宁护具经营部", **here)
    near = told("weidian", "b", merchant_name="康凝护具经营部", **here)
    far = told("pdd", "c", merchant_name="康咛护具经营部", **elsewhere)
    assert len({one, near, far}) == 3
    (pair,) = weak_keys.open_pairs(session, near)
    assert {pair.a_id, pair.b_id} == {one, near}
    assert weak_keys.open_pairs(session, far) == []


def test_a_phone_does_not_join_what_a_legal_name_an_id_or_a_code_speaks_against(told):
    phone = {"phone": "13800138000"}
    assert told("jd", "a", merchant_name="张伟", **phone) != told(
        "jd", "b", merchant_name="王芳", **phone
    )
    phone = {"phone": "13900139000"}
    assert told("jd", "c", id_number=LI, **phone) != told("jd", "d", id_number=OTHER, **phone)
    phone = {"phone": "13700137000"}
    assert told("jd", "e", uscc=CODE, **phone) != told("jd", "f", uscc=CODE_2, **phone)


def test_what_was_kept_out_is_suggested_with_its_evidence(told, session):
    told("jd", "a", merchant_name="张伟", phone="13800138000")
    other = told("weidian", "b", merchant_name="王芳", phone="13800138000")
    (pair,) = weak_keys.open_pairs(session, other)
    assert [e["kind"] for e in pair.evidence] == ["phone"]


def test_a_value_many_merchants_show_stops_joining_and_is_listed(told, session, officer):
    market = {"phone": "13800138000"}
    for shop, name in zip("abcd", ("张伟", "王芳", "李强", "刘洋"), strict=True):
        told("jd", shop, merchant_name=name, **market)
    nameless = told("weidian", "x", **market)
    (value,) = shared_values.listed(session)
    assert (value.kind, value.stopped) == ("phone", True)
    assert told("pdd", "y", **market) != nameless
    shared_values.set_stopped(session, officer, "phone", value.value, False, "确为一户")
    told("pdd", "z", **market)
    session.expire_all()
    assert session.scalars(select(SharedValue.stopped)).all() == [False]


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
    merging.join(session, here, there, [])
    assert (case.state, case.live, case.demand) == ("PROPOSED", False, 1)
    assert case.merchant_id == twin.merchant_id and twin.live and case.version == 2


def test_the_people_who_reported_two_folded_cases_are_counted_together(told, session, p):
    case = seed.merchant_case(session, [("涨价", [p["jd"]])], None)
    twin = seed.merchant_case(session, [("涨价", [p["weidian"]] * 2)], CODE)
    reporter_counts.count_few(session, [case, twin])
    here, there = (session.get_one(Merchant, c.merchant_id) for c in (case, twin))
    merging.join(session, here, there, [])
    assert (case.state, twin.demand, reporters_of(twin)) == ("MERGED", 3, "3 人")


def test_two_workers_meeting_one_new_merchant_make_one(p):
    barrier = threading.Barrier(4)

    def worker(slug: str, shop: str) -> None:
        ref = {"shop_id": shop, "phone": "13800138000", "uscc": CODE}
        identities.at_the_door(ref, "data.subject")
        barrier.wait()
        with session_scope() as session:
            matching.alone(session)
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


def test_a_persons_split_is_never_undone_by_the_machine(told, session, officer):
    merchant = session.get_one(Merchant, told("jd", "a", phone="13800138000"))
    told("weidian", "b", phone="13800138000", uscc=CODE)
    (shop,) = session.scalars(select(Shop.id).where(Shop.shop_id == "b"))
    new = merging.split(session, officer, merchant, {shop}, set(), "两家店主不同")
    session.expire_all()
    assert (merchant.uscc, new.uscc) == (None, CODE)
    assert told("jd", "a", phone="13800138000") == merchant.id
    assert told("weidian", "b", phone="13800138000", uscc=CODE) == new.id
    assert told("jd", "a", uscc=CODE) == merchant.id
    assert not weak_keys.open_pairs(session, merchant.id)
    assert len(live(session)) == 2


def test_a_persons_refusal_follows_a_merchant_into_another(told, session, officer):
    ids = [
        told("jd", s, merchant_name=n) for s, n in zip("abc", ("甲店", "乙店", "丙店"), strict=True)
    ]
    one, two, three = (session.get_one(Merchant, i) for i in ids)
    merging.put_apart(session, officer, one, two, "不同店主")
    stays = merging.join(session, two, three, [], officer, "同一店主")
    assert merging.apart(session, one.id, stays.id)


def test_two_codes_are_never_one_merchant(told, session, officer):
    one, other = (session.get_one(Merchant, told("jd", c, uscc=c)) for c in (CODE, CODE_2))
    with pytest.raises(ValueError):
        merging.join(session, one, other, [], officer, "看着像")


def test_two_names_under_one_code_are_a_conflict_and_the_loser_is_told(told, session, officer):
    told("jd", "a", uscc=CODE, merchant_name="青禾市康宁护具有限公司")
    told("pdd", "p", uscc=CODE, merchant_name="康宁护具")  # the same, shorter
    merchant = told("weidian", "b", uscc=CODE, merchant_name="安捷器械商行")
    (found,) = session.scalars(select(MerchantConflict))
    assert (found.shown_a, found.shown_b) == ("青禾市康宁护具有限公司", "安捷器械商行")
    with pytest.raises(Problem):
        conflicts.resolve(session, officer, merchant, found.id, "a", " ")
    conflicts.resolve(session, officer, merchant, found.id, "a", "以登记信息为准")
    merging.write_notes(session)
    (body,) = session.scalars(select(Delivery.body).where(Delivery.type == "subject.corrected"))
    sent = json.loads(body)
    assert sent["aud"] == "weidian" and sent["data"]["shops"] == ["b"]
    assert sent["data"]["corrected"] == "青禾市康宁护具有限公司"
    told("weidian", "b", uscc=CODE, merchant_name="安捷器械商行")
    assert session.scalar(select(func.count()).select_from(MerchantConflict)) == 1


def test_a_shop_that_shows_another_code_stays_until_a_person_decides(told, session, officer):
    first = told("jd", "a", uscc=CODE, shop_name="康宁")
    second = told("jd", "a", uscc=CODE_2)
    assert first != second
    shop = session.scalars(select(Shop)).one()
    assert shop.merchant_id == first
    (found,) = session.scalars(select(MerchantConflict))
    conflicts.resolve(session, officer, first, found.id, "b", "店铺已转让")
    session.expire_all()
    assert shop.merchant_id == second


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


def test_the_pair_table_keeps_its_order(session, p, officer):
    one, other = Merchant(name="甲"), Merchant(name="乙")
    session.add_all([one, other])
    session.flush()
    merging.set_pair(session, other.id, one.id, "apart", [], officer, "理由")
    pair = session.scalars(select(MerchantPair)).one()
    assert (pair.a_id, pair.b_id) == (one.id, other.id)


def test_a_rotation_keeps_the_older_keys(tmp_path, monkeypatch):
    import dataclasses

    (tmp_path / "identity.keys").write_text("first")
    here = dataclasses.replace(settings(), instance=tmp_path)
    monkeypatch.setattr(identities, "settings", lambda: here)
    assert identities.rotate_key() == 2
    kept = (tmp_path / "identity.keys").read_text().split()
    assert kept[1] == "first" and len(kept[0]) == 64
