"""Claims grow by what reports say; the machine never merges two of them."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update

from classifiers.fingerprint import jaccard
from hub.jobs import assess
from hub.services.assessment.loaded_models import loaded_models
from hub.services.cases import actions, claim_suggestions
from hub.services.rumors.matching import suggested
from models import Case, Claim, Link, Report, Wording

ONE = "紧急提醒：本市明天零点起全面封城，所有超市停止营业，请大家赶快去囤积米面粮油"
TWO = "多吃大蒜和白酒可以杀死体内的新型病毒，专家亲测三天见效，快告诉家里的老人"
BRIDGE = ONE + "。" + TWO


@pytest.fixture
def two(jd, session) -> list[Case]:
    jd.report("J1", ONE)
    jd.report("J2", TWO)
    assess.drain()
    return fresh(session)


def fresh(session) -> list[Case]:
    session.rollback()
    session.expire_all()
    return list(session.scalars(select(Case).order_by(Case.id)))


def test_what_the_video_says_brings_a_bare_post_to_its_claim(platforms, session):
    platforms["jd"].report("J1", ONE)
    shown = "西瓜视频\t本市明天零点起全面封城\n记得点赞\n所有超市停止营业 赶快去囤米面粮油"
    answer = platforms["weidian"].report("W1", "大家看看", content={"evidence_text": shown})
    assert (answer.status_code, answer.json.get("warnings")) == (202, None)
    platforms["weidian"].report("W2", "大家看看")
    assess.drain()
    first, bare = fresh(session)
    assert (first.spread, bare.spread) == ({"jd": 1, "weidian": 1}, {"weidian": 1})
    said = session.scalar(
        select(Wording.text).join(Report).where(Report.external_id == "W1")
    )  # what was matched can be read afterwards
    assert "封城" in said and "西瓜" not in said


def test_evidence_must_be_text(jd):
    answer = jd.report("J1", ONE, content={"evidence_text": ["一", "二"]})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "data.content.evidence_text"


def test_a_bridge_proposes_a_merge_and_performs_none(two, jd, session):
    a, b = two
    assert suggested(session, a.claim_id) == []
    jd.report("J3", BRIDGE)
    assess.drain()
    a, b = fresh(session)
    assert sorted((a.demand, b.demand)) == [1, 2]
    ((link, other),) = suggested(session, a.claim_id)
    assert (link.status, other) == ("suggested", b.claim_id)


def test_two_claims_that_a_person_kept_apart_are_not_proposed_again(two, jd, officers, session):
    jd.report("J3", BRIDGE)
    assess.drain()
    a, b = fresh(session)
    claim_suggestions.refuse(session, officers["lin"], a.id, a.version, b.id)
    session.commit()
    jd.report("J4", BRIDGE + "，转给所有人")
    assess.drain()
    a, b = fresh(session)
    assert sorted((a.demand, b.demand)) == [1, 3]
    assert suggested(session, a.claim_id) == suggested(session, b.claim_id) == []


def test_what_a_person_split_is_not_proposed_together_again(two, jd, officers, session):
    a, b = two
    actions.merge(session, officers["lin"], b.id, b.version, a.id)
    session.commit()
    a, b = fresh(session)
    moved = session.scalars(select(Report.id).where(Report.external_id == "J2")).all()
    actions.split(session, officers["lin"], a.id, a.version, list(moved))
    session.commit()
    jd.report("J3", BRIDGE)
    assess.drain()
    session.rollback()
    claims = session.scalars(
        select(Wording.claim_id).join(Report).order_by(Report.external_id)
    ).all()
    assert claims[0] != claims[1] and claims[2] in claims[:2]
    assert suggested(session, claims[0]) == suggested(session, claims[1]) == []


def test_a_suggestion_leads_to_no_other_claim(jd, session):
    """Short texts are only ever suggested; what is suggested to one is no member of it."""
    for n, words in enumerate((ONE, "超市明天停止营业", "明天超市停业")):
        jd.report(f"J{n}", words)
    assess.drain()
    assert len(fresh(session)) == 3
    assert session.scalar(select(func.count()).select_from(Claim)) == 3
    assert set(session.scalars(select(Link.status))) <= {"suggested"}


@pytest.mark.parametrize("empty", ["转发", "紧急通知", "加微信abc123优惠包邮招代理"])
def test_empty_words_join_no_claim_and_no_claim_joins_them(two, jd, session, empty):
    jd.report("J3", empty)
    jd.report("J4", empty + "!")
    jd.report("J5", ONE + "，速看")
    assess.drain()
    assert [case.demand for case in fresh(session)] == [2, 1, 2]


CHANGED = ONE.replace("所有超市", "全部超市") + "啊"


def wordings(session) -> list[Wording]:
    session.rollback()
    return list(session.scalars(select(Wording).order_by(Wording.id)))


def said_to(encoder, monkeypatch) -> list[str]:
    """Every text that the encoder is asked for from now on."""
    asked: list[str] = []
    plain = type(encoder).states

    def states(self, texts):
        asked.extend(texts)
        return plain(self, texts)

    monkeypatch.setattr(type(encoder), "states", states)
    return asked


def test_a_near_copy_joins_with_the_vector_of_its_twin(two, jd, session, monkeypatch):
    asked = said_to(loaded_models().encoder, monkeypatch)
    jd.report("J3", CHANGED)
    assess.drain()
    assert asked == []
    first, _, copy = wordings(session)
    assert (copy.vector_of_id, copy.claim_id) == (first.id, first.claim_id)
    assert copy.embedding == first.embedding
    link = session.scalars(select(Link).where(Link.wording_id == copy.id)).one()
    assert (link.status, link.near_wording_id) == ("joined", first.id)


def test_a_borrowed_vector_is_not_lent_again(two, jd, session):
    further = CHANGED.replace("赶快", "抓紧")
    for n, words in enumerate((CHANGED, further)):
        jd.report(f"K{n}", words)
        assess.drain()
    first, _, copy, copy_of_copy = wordings(session)
    likeness = [jaccard(copy_of_copy.signature, each.signature) for each in (first, copy)]
    assert likeness[0] < 0.7 <= likeness[1]
    assert (copy.vector_of_id, copy_of_copy.vector_of_id) == (first.id, None)


def test_another_number_or_place_is_read_for_itself_and_only_suggested(jd, session, monkeypatch):
    told = "紧急提醒：成都市青羊区明天零点起全面封城，所有超市停止营业，请大家赶快去囤积米面粮油"
    jd.report("J1", told)
    assess.drain()
    asked = said_to(loaded_models().encoder, monkeypatch)
    jd.report("J2", told.replace("成都", "武汉"))
    assess.drain()
    assert len(asked) == 1
    one, other = wordings(session)
    assert other.vector_of_id is None and other.claim_id != one.claim_id
    assert session.scalars(select(Link.status)).all() == ["suggested"]


def test_a_vector_of_another_encoder_is_not_borrowed(two, jd, session):
    session.execute(update(Wording).values(encoder="another-1"))
    session.commit()
    jd.report("J3", CHANGED)
    assess.drain()
    assert wordings(session)[-1].vector_of_id is None


def test_words_first_reported_of_a_merchant_find_their_claim_as_a_rumor(jd, session):
    jd.report("J1", CHANGED)
    jd.report("J2", ONE, kind="violation", subject={"shop_id": "s1", "shop_name": "康宁护具"})
    jd.report("J3", ONE)
    assess.drain()
    rumor, merchant = fresh(session)
    assert (rumor.kind, rumor.demand, merchant.demand) == ("rumor", 2, 1)
