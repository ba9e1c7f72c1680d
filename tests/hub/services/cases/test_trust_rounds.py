"""Weighing in small steps finds what one look at everything would find."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from hub.database import session_scope
from hub.jobs import sweep
from hub.services.cases import reliability, trust_rounds
from models import Case, Report, Standing, Weighing
from tests.hub.web import seed

STATES = ("OPEN", "INVESTIGATING", "DISMISSED", "EXECUTED", "ORDERED", "STAYED", "REVOKED")
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)


@pytest.fixture(autouse=True)
def small_steps(monkeypatch):
    monkeypatch.setattr(trust_rounds, "SLICE", 7)
    monkeypatch.setattr(trust_rounds, "CASES", 2)


def _history(draw: random.Random, session) -> None:
    """Cases in every state, among them floods; reports of some weeks, of few reporters, some
    without a name, some superseded."""
    p = list(seed.platforms(session, "jd", "pdd").values())
    for n in range(9):
        few, platform = n % 2 == 1, draw.choice(p)
        copies = draw.randint(30 if few else 1, 40)
        case = seed.rumor_case(session, [(f"口罩断货{n}", [platform] * copies)])
        seed.put(session, case, draw.choice(STATES))
        burst = NOW - timedelta(days=draw.choice([0, 3, 400]), hours=draw.randint(1, 9))
        for report in session.scalars(select(Report).where(Report.case_id == case.id)):
            ref = draw.choice([None, *"abcdef"]) if not few else draw.choice("xy")
            report.payload = {"reporter": {"ref": ref}} if ref else {}
            late = timedelta(minutes=draw.randint(0, 59 if few else 3000))
            report.received_at = burst + (late if few else -late)
            if draw.random() < 0.1:
                report.state = "SUPERSEDED"
    session.flush()


def _change(draw: random.Random, session) -> None:
    """Some cases are decided otherwise: what counted once counts no more."""
    for case in session.scalars(select(Case)):
        if draw.random() < 0.4:
            seed.put(session, case, draw.choice(STATES))
    for case in session.scalars(select(Case).order_by(Case.id).limit(4)):
        seed.put(session, case, "OPEN")
    session.flush()


def _standings(session, at: datetime) -> dict[tuple[int, str], list[float]]:
    """What reliability.py says a standing is, reckoned report by report."""
    found: dict[tuple[int, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for report, state in _reports(session):
        if state in ("OPEN", "INVESTIGATING", "REVOKED"):
            continue
        age = (at - report.received_at).total_seconds() / 86400
        for source in {"", _ref(report)}:
            counts = found[report.platform_id, source]
            counts[state == "DISMISSED"] += 0.5 ** (age / reliability.HALF_LIFE)
    return found


def _reports(session):
    query = select(Report, Case.state).join(Case, Case.id == Report.case_id)
    return session.execute(query.where(Report.state.in_(("TRIAGE", "MERGED"))))


def _ref(report: Report) -> str:
    return (report.payload.get("reporter") or {}).get("ref", "")


def _floods(session) -> dict[int, tuple[int, int]]:
    """Copies and sources of the floods of each case."""
    hours = defaultdict(list)
    for report, _ in _reports(session):
        hour = report.received_at.replace(minute=0, second=0, microsecond=0)
        hours[report.case_id, report.wording_id, hour].append(_ref(report) or report.id)
    found: dict[int, tuple[int, int]] = {}
    for (case_id, _, _), refs in hours.items():
        if len(refs) >= trust_rounds.FLOOD_COPIES and len(
            set(refs)
        ) * trust_rounds.FLOOD_SHARE <= len(refs):
            copies, sources = found.get(case_id, (0, 0))
            found[case_id] = copies + len(refs), sources + len(set(refs))
    return found


def _trust(session, case: Case, standings, floods) -> float:
    weights = []
    for report, _ in _reports(session):
        if report.case_id == case.id:
            right, wrong = standings.get((report.platform_id, _ref(report)), (0, 0))
            weights.append(0.5 + reliability.mean(right, wrong))
    copies, sources = floods.get(case.id, (0, 0))
    own = max(case.demand - copies, 0) + sources
    return math.fsum(weights) / len(weights) * min(1.0, own / case.demand)


@pytest.mark.parametrize("number", range(4))
def test_steps_find_what_one_look_at_everything_finds(session, number):
    draw = random.Random(number)
    _history(draw, session)
    trust_rounds.whole(session)
    _change(draw, session)
    trust_rounds.whole(session)
    session.expire_all()
    standings = _standings(session, session.scalars(select(Weighing.at)).one())
    kept = session.execute(select(Standing.platform_id, Standing.source, Standing.confirmed,
                                  Standing.dismissed)).all()  # fmt: skip
    hashed = {ref: session.scalar(text("SELECT encode(sha256(:ref), 'hex')"), {"ref": ref.encode()})
              for ref in "abcdefxy"} | {"": ""}  # fmt: skip
    expected = {(p, hashed[ref]): pytest.approx(counts) for (p, ref), counts in standings.items()}
    assert {(row[0], row[1]): [row[2], row[3]] for row in kept} == expected
    floods, waiting = _floods(session), 0
    for case in session.scalars(select(Case).where(Case.state.in_(("OPEN", "INVESTIGATING")))):
        waiting += 1
        assert case.trust == pytest.approx(_trust(session, case, standings, floods), abs=1e-4)
        said = (case.flood["copies"], case.flood["sources"]) if case.flood else None
        assert said == floods.get(case.id)
        own = [report for report, _ in _reports(session) if report.case_id == case.id]
        people = {(r.platform_id, _ref(r) or r.id) for r in own}
        assert case.reporters == {"people": len(people), "of": len(own), "about": False}
    assert waiting and floods


def test_the_sweeper_takes_steps_until_a_round_is_done_and_then_rests(session, monkeypatch):
    _history(random.Random(1), session)
    session.commit()
    phases = []
    for _ in range(200):
        sweep.compute_trust()
        with session_scope() as other:
            phases.append(other.get_one(Weighing, 1).phase)
    assert phases[-1] == "rest" and "rest" not in phases[1:3]
    with session_scope() as other:
        assert other.scalars(select(Standing.confirmed).where(Standing.source == "")).all()
        began = other.get_one(Weighing, 1).at
    sweep.compute_trust()
    with session_scope() as other:
        assert other.get_one(Weighing, 1).at == began


def test_two_sweepers_never_take_the_same_step(session):
    trust_rounds.whole(session)
    session.commit()
    session.get_one(Weighing, 1, with_for_update=True)
    with session_scope() as other:
        assert trust_rounds.step(other) is False
