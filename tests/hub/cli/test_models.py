"""`flask models`: from officers' labels to a challenger at work, and back."""

from __future__ import annotations

import random
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from classifiers import matching
from classifiers.encoder import Encoder
from hub.config import settings
from hub.services.assessment import loaded_models as brains
from hub.services.learning import promotion
from models import AuditEntry, Claim, Label, Link, TrainedModel, User, Wording
from tests.hub.web import seed

# Self-written: three topics with words of their own.
TOPICS = {
    "finance": "银行 存款 利率 股票 基金 取现 理财 汇率 涨停 贷款 账户 转账 黄金 债券".split(),
    "health": "疫苗 病毒 偏方 大蒜 血压 医院 药片 感染 咳嗽 免疫 消毒 体温 中药 维生素".split(),
    "disaster": "地震 洪水 台风 暴雨 决堤 滑坡 余震 预警 海啸 停电 塌方 泄洪 转移 山火".split(),
}


def sentence(rng: random.Random, words: list[str]) -> str:
    """Words of a topic in any order among others; no two sentences are near-duplicates."""
    others = ["".join(map(chr, rng.sample(range(0x4E00, 0x9FA0), 2))) for _ in range(5)]
    chosen = rng.sample(words, 7) + others
    rng.shuffle(chosen)
    return "".join(chosen)


@pytest.fixture
def officer(session) -> User:
    made = User(username="lin", name="林", role="approver", password_hash="-")
    session.add(made)
    session.commit()
    yield made
    shutil.rmtree(promotion.home(), ignore_errors=True)


def decide(session, officer: User, n: int) -> None:
    """`n` rumor cases with their themes confirmed, an hour apart."""
    rng = random.Random(5)
    platform = seed.platforms(session, "jd")["jd"]
    for i in range(n):
        code = sorted(TOPICS)[i % 3]
        case = seed.rumor_case(session, [(sentence(rng, TOPICS[code]) + str(i), [platform])])
        at = datetime(2020, 2, 20, tzinfo=UTC) + timedelta(hours=i)
        session.add(
            Label(case_id=case.id, task="theme", value=code, said="health", via="classify",
                  by_user_id=officer.id, created_at=at)
        )  # fmt: skip
    session.commit()


def test_too_few_decisions_are_refused_in_one_line(run, session, officer):
    decide(session, officer, 20)
    done = run("models", "retrain", "theme")
    assert done.exit_code == 1 and "too few decisions: 6 new claims" in done.output
    assert session.scalars(select(TrainedModel)).all() == []


def join_and_refuse(session, officer: User, n: int, line: float) -> None:
    """`n` pairs of claims an hour apart; people join those whose likeness reaches `line`."""
    rng, platform = random.Random(9), seed.platforms(session, "jd")["jd"]
    version = Encoder.load(settings().encoder).version
    for i in range(n):
        likeness = rng.uniform(line - 0.1, line + 0.1)
        cosine = likeness / (1 - matching.settings()["lexical_share"])  # no word in common
        texts = ("".join(map(chr, rng.sample(range(0x4E00, 0x9FA0), 30))) for _ in range(2))
        cases = [seed.rumor_case(session, [(text, [platform])]) for text in texts]
        centres = [session.get_one(Claim, case.claim_id).centre_id for case in cases]
        said, there = (session.get_one(Wording, centre) for centre in centres)
        said.embedding, there.embedding = [cosine, (1 - cosine**2) ** 0.5], [1.0, 0.0]
        said.encoder = there.encoder = version
        joined = likeness >= line
        session.add(
            Link(wording_id=said.id, claim_id=there.claim_id, score=0.5, model="-",
                 status="joined" if joined else "dismissed",
                 method="person" if joined else "embedding", by_user_id=officer.id,
                 created_at=datetime(2020, 2, 20, tzinfo=UTC) + timedelta(hours=i))
        )  # fmt: skip
    session.commit()
    session.expire_all()


def twenty_seconds_later() -> None:
    """This process looks again for what was promoted."""
    if brains._kept:
        brains._kept.looked = -brains.LOOK_EVERY
    brains.loaded_models()


def test_thresholds_of_matching_follow_joins_and_refusals_by_a_persons_word(run, session, officer):
    line = matching.thresholds()["embedding"]["same"] + 0.05
    join_and_refuse(session, officer, 150, line)
    done = run("models", "retrain", "matching")
    assert done.exit_code == 0, done.output
    made = session.scalars(select(TrainedModel)).one()
    assert "on 45 held-out decisions" in done.output and ": better" in done.output
    found = made.comparison["challenger"]
    assert found["cuts"]["same"] == pytest.approx(line, abs=0.02)
    assert found["cost"] < made.comparison["champion"]["cost"]

    words = ("--by", "lin", "--why", "误并更少")
    assert run("models", "promote", made.version, *words).exit_code == 0
    try:
        twenty_seconds_later()
        assert matching.thresholds()["embedding"] == found["cuts"]
        assert run("models", "rollback", "matching", *words).exit_code == 0
        session.commit()
        twenty_seconds_later()
        assert matching.thresholds() == matching.settings()["thresholds"]
    finally:
        matching.use_thresholds(None)


def test_a_challenger_is_trained_compared_promoted_and_rolled_back(run, session, officer):
    decide(session, officer, 150)
    done = run("models", "retrain", "theme")
    assert done.exit_code == 0, done.output
    made = session.scalars(select(TrainedModel)).one()
    assert "on 45 held-out claims" in done.output and "McNemar p" in done.output
    assert made.comparison["challenger"]["accuracy"] > 0.9  # each topic has words of its own
    assert f"models promote {made.version}" in done.output
    assert "shipped in force" in run("models", "list").output  # nothing was promoted

    words = ("--by", "lin", "--why", "留出案件上更准", "--though-unproven")
    done = run("models", "promote", made.version, *words)
    assert done.exit_code == 0, done.output
    assert f"theme: {made.version} in force" in run("models", "list").output

    again = run("models", "retrain", "theme")  # what it learned from measures nothing anew
    assert again.exit_code == 0 or "too few decisions" in again.output

    back = run("models", "rollback", "theme", "--by", "lin", "--why", "误报增多")
    assert "shipped model is in force again" in back.output
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert [a for a in actions if a.startswith("model_")][-2:] == [
        "model_promoted",
        "model_rolled_back",
    ]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("promote", "theme-00000000", "--by", "lin", "--why", "x"), "no trained model"),
        (("promote", "theme-00000000", "--by", "no", "--why", "x"), "no active officer"),
        (("rollback", "price", "--by", "lin", "--why", "x"), "nothing to go back to"),
        (("compare", "theme-00000000"), "no trained model"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(run, session, officer, words, complaint):
    done = run("models", *words)
    assert done.exit_code == 1 and complaint in done.output and "Traceback" not in done.output
