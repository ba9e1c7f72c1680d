"""Messages in any order, repeated, altered, invalid; workers that crash, fail, come back too late:
against a model of a few lines, every 2xx is one report, and each report ends in one place."""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase
from hypothesis import settings as how
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select, text

from hub import create_app
from hub.database import engine, session_scope
from hub.services.assessment import lifecycle
from hub.services.assessment.lifecycle import MAX_FAILURES, Leased
from hub.services.assessment.loaded_models import LoadedModels, loaded_models
from hub.services.platforms import directory
from hub.services.rumors import matching
from models import InboundMessage, Report
from tests.drills.harness import Row, aside, hub
from tests.drills.platform import WORDS, report_body
from tests.hub.conftest import Sender

ENDS = ("TRIAGE", "MERGED")


@dataclass
class World:
    """What outlives a history."""

    sender: Sender
    loaded: LoadedModels
    steps: int = 0
    histories: int = 0
    seen: Counter = field(default_factory=Counter)


@dataclass
class Known:
    """What the model knows of a report."""

    body: bytes
    receipt: str
    state: str = "RECEIVED"
    epoch: int = 0
    failures: int = 0

    def failed(self) -> None:
        self.failures += 1
        self.state = "QUARANTINED" if self.failures >= MAX_FAILURES else "RECEIVED"


def run(size: int) -> Row:
    """`size` random histories of 20 steps; from 100 on, of 50."""
    row = Row("inbound messages against a model")
    hub()
    with aside("inbound_machine"):
        with session_scope() as session:  # nobody pulls the plug here; others drill that
            session.execute(text("ALTER DATABASE inbound_machine SET synchronous_commit = off"))
        engine().dispose()
        with session_scope() as session:
            made = directory.register(session, "jd", "京东", "http://127.0.0.1:9/")
            matching.ensure_index(session, loaded_models().encoder)
        world = World(Sender(create_app().test_client(), "jd", made.secret), loaded_models())
        run_state_machine_as_test(
            type("Machine", (Messages,), {"world": world}),
            settings=how(
                max_examples=size, stateful_step_count=50 if size >= 100 else 20, deadline=None,
                database=None, derandomize=size < 100, suppress_health_check=list(HealthCheck),
                phases=[Phase.generate],
            ),
        )  # fmt: skip
    row.tries = world.steps
    row.figures = {"histories": world.histories, **world.seen}
    row.check(world.seen["stale"] > 0, "no stale lease was ever met: the drill drilled nothing")
    return row


class Messages(RuleBasedStateMachine):
    """The model is one `Known` a report, and what workers hold in their hands."""

    world: World

    @initialize()
    def begin(self) -> None:
        self.run = uuid.uuid4().hex[:8]
        self.known: dict[str, Known] = {}
        self.refused: dict[str, tuple[bytes, dict]] = {}
        self.hands: list[Leased] = []
        self.world.histories += 1

    # -- what a platform sends -------------------------------------------------------------

    @rule(words=st.sampled_from(WORDS))
    def submit(self, words: str) -> None:
        name = f"{self.run}_{len(self.known)}"
        body = report_body(name, words)
        answer = self.world.sender.post(body, id=name)
        assert answer.status_code == 202, answer.json
        self.known[name] = Known(body, answer.json["receipt"])

    @precondition(lambda self: self.known)
    @rule(data=st.data())
    def submit_again(self, data) -> None:
        name = data.draw(st.sampled_from(sorted(self.known)))
        answer = self.world.sender.post(self.known[name].body, id=name)
        assert (answer.status_code, answer.json["receipt"]) == (202, self.known[name].receipt)

    @precondition(lambda self: self.known)
    @rule(data=st.data())
    def other_bytes_under_the_same_id(self, data) -> None:
        name = data.draw(st.sampled_from(sorted(self.known)))
        answer = self.world.sender.post(self.known[name].body + b" ", id=name)
        assert (answer.status_code, answer.json["code"]) == (422, "webhook_id_reused")

    @rule(raw=st.sampled_from([b"{}", b"[1]", b'{"type":"report.created","data":{}}', b"\xff"]))
    def invalid(self, raw: bytes) -> None:
        name = f"{self.run}_x{len(self.refused)}"
        answer = self.world.sender.post(raw, id=name)
        assert 400 <= answer.status_code < 500
        self.refused[name] = (raw, answer.json)

    @precondition(lambda self: self.refused)
    @rule(data=st.data())
    def invalid_again(self, data) -> None:
        name = data.draw(st.sampled_from(sorted(self.refused)))
        raw, said = self.refused[name]
        assert self.world.sender.post(raw, id=name).json == said

    # -- what workers do, and what befalls them ----------------------------------------------

    def _any(self, state: str) -> bool:
        return any(known.state == state for known in self.known.values())

    @precondition(lambda self: self._any("RECEIVED"))
    @rule(room=st.integers(1, 4))
    def lease(self, room: int) -> None:
        with session_scope() as session:
            leased = lifecycle.lease(session, room)
            names = dict(
                session.execute(
                    select(Report.id, Report.external_id).where(
                        Report.id.in_([item.id for item in leased])
                    )
                ).all()
            )
        for item in leased:
            known = self.known[names[item.id]]
            assert known.state == "RECEIVED" and item.epoch > known.epoch
            known.state, known.epoch = "PROCESSING", item.epoch
        self.hands += leased

    def _take(self, data) -> tuple[Leased, Known, bool]:
        """Something out of a worker's hands, and whether its lease is still in force."""
        item = self.hands.pop(data.draw(st.integers(0, len(self.hands) - 1)))
        with session_scope() as session:
            known = self.known[session.get_one(Report, item.id).external_id]
        ours = known.state == "PROCESSING" and known.epoch == item.epoch
        self.world.seen["held" if ours else "stale"] += 1
        return item, known, ours

    @precondition(lambda self: self.hands)
    @rule(data=st.data())
    def settle(self, data) -> None:
        item, known, ours = self._take(data)
        self._settle([item])
        if ours:
            known.state = "SETTLED"

    def _settle(self, items: list[Leased]) -> None:
        with session_scope() as session:
            unread = lifecycle.unseen(session, items, self.world.loaded.encoder)
        lifecycle.read(self.world.loaded, items, unread)
        with session_scope() as session:
            lifecycle.settle(session, self.world.loaded, items)

    @precondition(lambda self: self.hands)
    @rule(data=st.data())
    def fail(self, data) -> None:
        item, known, ours = self._take(data)
        with session_scope() as session:
            lifecycle.fail(session, item, "drill")
            self._not_by_the_clock(session)
        if ours:
            known.failed()

    @precondition(lambda self: self.hands)
    @rule(data=st.data())
    def crash(self, data) -> None:
        self._take(data)

    def _not_by_the_clock(self, session) -> None:
        """What waits for another try waits for `time_passes`: played again, a history must be
        the same, however long a step takes."""
        later = "next_at = next_at + interval '1 day'"
        waiting = "state = 'RECEIVED' AND next_at > now()"
        session.execute(text(f"UPDATE report SET {later} WHERE {waiting}"))

    @precondition(lambda self: self._any("PROCESSING"))
    @rule()
    def leases_run_out(self) -> None:
        with session_scope() as session:
            past = "lease_until = now() - interval '1 second'"
            session.execute(text(f"UPDATE report SET {past} WHERE state = 'PROCESSING'"))
            taken = lifecycle.take_back_expired(session)
            self._not_by_the_clock(session)
        held = [known for known in self.known.values() if known.state == "PROCESSING"]
        assert taken == len(held)
        for known in held:
            known.failed()

    @precondition(lambda self: self._any("RECEIVED"))
    @rule()
    def time_passes(self) -> None:
        with session_scope() as session:
            session.execute(text("UPDATE report SET next_at = now() WHERE state = 'RECEIVED'"))

    @precondition(lambda self: self._any("QUARANTINED"))
    @rule()
    def a_person_releases(self) -> None:
        with session_scope() as session:
            for id_ in session.scalars(select(Report.id).where(Report.state == "QUARANTINED")):
                assert lifecycle.release_quarantined(session, id_)
        for known in self.known.values():
            if known.state == "QUARANTINED":
                known.state, known.failures = "RECEIVED", 0

    # -- what always holds ---------------------------------------------------------------------

    @invariant()
    def books_hold(self) -> None:
        self.world.steps += 1
        with session_scope() as session:
            rows = session.execute(
                select(Report.external_id, Report.state, Report.epoch, Report.case_id).where(
                    Report.external_id.startswith(self.run)
                )
            ).all()
            kept = session.execute(
                select(InboundMessage.webhook_id, InboundMessage.sha256, InboundMessage.raw).where(
                    InboundMessage.webhook_id.startswith(self.run)
                )
            ).all()
        assert Counter(r.external_id for r in rows) == Counter(list(self.known))
        for r in rows:
            known = self.known[r.external_id]
            assert r.epoch == known.epoch
            assert (r.state in ENDS) if known.state == "SETTLED" else (r.state == known.state)
            assert (r.case_id is not None) == (known.state == "SETTLED")
        sent = {n: k.body for n, k in self.known.items()} | {
            n: raw for n, (raw, _) in self.refused.items()
        }
        assert {m.webhook_id: bytes(m.raw) for m in kept} == sent
        assert all(bytes(m.sha256) == hashlib.sha256(m.raw).digest() for m in kept)

    def teardown(self) -> None:
        """Once the faults end, every report finds its case."""
        if not hasattr(self, "known"):
            return
        self.leases_run_out()
        while any(known.state != "SETTLED" for known in self.known.values()):
            self.a_person_releases()
            self.time_passes()
            before, self.hands = len(self.hands), []
            self.lease(32)
            self._settle(self.hands)
            assert self.hands or before, "a report nobody will wake"
            for known in self.known.values():
                known.state = "SETTLED" if known.state == "PROCESSING" else known.state
        self.books_hold()
