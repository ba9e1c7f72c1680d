"""Reports, orders and answers in any order, with crashes, repeats and lost replies in between,
against a small model: what a person decided is what every platform ends up with, once."""

from __future__ import annotations

import json
import random
import tempfile
import uuid
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from flask.testing import FlaskClient
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
from sqlalchemy import func, select, text

from hub import create_app, job_queue
from hub.database import engine, session_scope
from hub.runner.demo import PASSWORD
from hub.sandbox import orders as platform_orders
from hub.sandbox.store import Store
from hub.services.audit import audit_log
from hub.services.enforcement import appeals, approving, proposing
from hub.services.people import accounts
from hub.services.platforms import delivery, delivery_leases, directory
from hub.services.platforms.delivery import Outcome
from hub.services.platforms.delivery_leases import Parcel
from models import Appeal, Case, Decision, Delivery, Order, Platform, Report
from models.states import TERMINAL
from tests import tables
from tests.drills import desk
from tests.drills.harness import Row, aside, hub
from tests.drills.platform import WORDS, report_body
from tests.hub.conftest import Sender

SLUGS = ("jd", "weidian")
# What is drawn has one shape whatever the database holds: a place, counted round.
PLACES = st.integers(0, 63)
T = TypeVar("T")
ALLOWED = {  # where a final execution state may still go: a revocation has the last word
    "EXECUTED": {"REVERSED"}, "PARTIAL": {"REVERSED"}, "ABSENT": {"REVERSED"},
    "REFUSED": {"CANCELLED"}, "CANCELLED": {"REVERSED"}, "REVERSED": set(),
}  # fmt: skip


def run(size: int) -> Row:
    """`size` random histories of 20 steps; from 100 on, of 50."""
    row = Row("any order of events against a model")
    hub()
    with ExitStack() as context:
        context.enter_context(aside("orders_machine"))
        stores = context.enter_context(tempfile.TemporaryDirectory(dir=_memory()))
        world = World(create_app().test_client(), Path(stores))
        with session_scope() as session:  # nobody pulls the plug here; others drill that
            session.execute(text("ALTER DATABASE orders_machine SET synchronous_commit = off"))
        engine().dispose()
        with session_scope() as session:
            for role in ("handler", "approver"):
                accounts.create(session, role, role, role, PASSWORD)
            for slug in SLUGS:
                made = directory.register(session, slug, slug, "http://127.0.0.1:9/")
                world.senders[slug] = Sender(world.client, slug, made.secret)
        machine = type("Machine", (Histories,), {"world": world})
        context.callback(setattr, delivery_leases, "random", delivery_leases.random)
        run_state_machine_as_test(
            machine,
            settings=how(
                max_examples=size, stateful_step_count=50 if size >= 100 else 20, deadline=None,
                database=None, derandomize=size < 100, suppress_health_check=list(HealthCheck),
                phases=[Phase.generate],  # shrinking through a real database takes minutes
            ),
        )  # fmt: skip
    row.tries = world.steps
    row.figures = {"histories": world.histories, **world.seen}
    row.check(world.seen["stale"] > 0, "no stale lease was ever met: the drill drilled nothing")
    return row


def _at(some: Sequence[T], place: int) -> T:
    return some[place % len(some)]


def _memory() -> str | None:
    """A directory that costs no disk writes, where there is one."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


@dataclass
class World:
    """What outlives a history: the hub's door and two platforms."""

    client: FlaskClient
    directory: Path
    senders: dict[str, Sender] = field(default_factory=dict)
    steps: int = 0
    histories: int = 0
    seen: Counter = field(default_factory=Counter)


class Histories(RuleBasedStateMachine):
    """The model is four facts: receipts given, decisions revoked or not, who holds which
    lease, and the last execution state seen of each order."""

    world: World

    @initialize()
    def begin(self) -> None:
        # Workers begin with a platform by lot; played again, a history draws the same lots.
        delivery_leases.random = random.Random(0)
        self.receipts: dict[str, str] = {}
        self.revoked: dict[int, bool] = {}  # decision: whether it was revoked, stayed, overturned
        self.superseded: set[int] = set()  # decisions a newer version took the place of
        self.revocations = 0  # sent to every platform
        self.held: dict[int, int] = {}  # delivery: epoch of the lease in force
        self.hands: list[Parcel] = []  # what workers hold, also when their lease is over
        self.executions: dict[int, str] = {}
        tables.empty(engine(), keep=("platform", "platform_key", "user"))
        with session_scope() as session:
            session.execute(text("UPDATE platform SET failures = 0, paused_because = NULL"))
        self.stores = {
            slug: Store(str(self.world.directory / f"{uuid.uuid4().hex}.sqlite"), [])
            for slug in SLUGS
        }
        self.world.histories += 1

    # -- what people and platforms do --------------------------------------------------

    @rule()
    def submit(self) -> None:
        name = f"r{len(self.receipts)}"
        answer = self._send_report(name)
        assert answer.status_code == 202
        self.receipts[name] = answer.json["receipt"]

    @precondition(lambda self: self.receipts)
    @rule(place=PLACES)
    def submit_again(self, place: int) -> None:
        name = _at(sorted(self.receipts), place)
        assert self._send_report(name).json["receipt"] == self.receipts[name]

    def _send_report(self, name: str):
        return self.world.senders["jd"].post(report_body(name, WORDS[0]), id=name)

    @rule()
    def decide(self) -> None:
        with session_scope() as session:
            self.revoked[desk.ordered(session).id] = False

    @property
    def live(self) -> list[int]:
        """Decisions in force."""
        ended = self.superseded
        return sorted(d for d, revoked in self.revoked.items() if not revoked and d not in ended)

    @precondition(lambda self: self.live)
    @rule(place=PLACES)
    def revoke(self, place: int) -> None:
        decision = _at(self.live, place)
        self._do(decision, "approver", approving.revoke, "演练")
        self.revoked[decision] = True
        self.revocations += 1

    @precondition(lambda self: self.live)
    @rule(place=PLACES)
    def change(self, place: int) -> None:
        """A newer version, by two persons."""
        decision = _at(self.live, place)
        self._do(decision, "handler", proposing.propose, desk.MEASURES, "变更")
        self.revoked[self._do(decision, "approver", approving.approve).id] = False
        self.superseded.add(decision)

    @precondition(lambda self: self.live)
    @rule(place=PLACES, stayed=st.booleans(), upheld=st.booleans())
    def appeal(self, place: int, stayed: bool, upheld: bool) -> None:
        """The merchant appeals: the penalty may be stayed, and is upheld or overturned."""
        decision = _at(self.live, place)
        with session_scope() as session:
            order = session.scalars(
                select(Order)
                .where(Order.decision_id == decision, Order.revokes_id.is_(None))
                .order_by(Order.id)
            ).first()
            filed = Appeal(
                order_id=order.id, platform_id=order.platform_id, external_id=uuid.uuid4().hex,
                reason="演练", payload={},
            )  # fmt: skip
            session.add(filed)
            session.flush()
        if stayed:
            self._do(decision, "approver", appeals.stay, filed.id, "演练")
        if upheld:
            answered = self._do(decision, "approver", appeals.uphold, filed.id, "演练")
            if stayed:
                self.revoked[answered.outcome_id] = False
                self.superseded.add(decision)
        else:
            self._do(decision, "handler", proposing.overturn, "演练", filed.id)
            self._do(decision, "approver", approving.approve)
        self.revoked[decision] = stayed or not upheld
        self.revocations += stayed + (not upheld)
        self.world.seen["appeals"] += 1

    def _do(self, decision: int, role: str, verb, *more):
        """One step of a case in a transaction of its own, as an officer takes it."""
        with session_scope() as session:
            case = session.get_one(Case, session.get_one(Decision, decision).case_id)
            return verb(session, desk.officer(session, role), case.id, case.version, *more)

    # -- what workers do, and what befalls them ------------------------------------------

    @rule(room=st.integers(1, 4))
    def lease(self, room: int) -> None:
        with session_scope() as session:
            parcels = [p for lot in delivery_leases.lease(session, room) for p in lot]
        for parcel in parcels:
            assert parcel.id not in self.held, "one delivery in two hands"
            self.held[parcel.id] = parcel.epoch
        self.hands += parcels

    @precondition(lambda self: self.hands)
    @rule(place=PLACES, code=st.sampled_from([200, 200, 200, 500, 410, None]), lost=st.booleans())
    def send(self, place: int, code: int | None, lost: bool) -> None:
        """An attempt; `lost`: it arrived, but the worker never learnt."""
        parcel = self.hands.pop(place % len(self.hands))
        if code == 200:
            self._arrive(parcel)
        self._finish(parcel, None if lost else code)

    @precondition(lambda self: self.hands)
    @rule(place=PLACES, arrived=st.booleans())
    def crash(self, place: int, arrived: bool) -> None:
        """The worker dies, before or after the message went out."""
        parcel = self.hands.pop(place % len(self.hands))
        if arrived:
            self._arrive(parcel)

    def _arrive(self, parcel: Parcel) -> None:
        envelope = json.loads(parcel.body)
        platform_orders.receive(self.stores[envelope["aud"]], parcel.webhook_id, envelope)

    def _finish(self, parcel: Parcel, code: int | None) -> None:
        outcome = Outcome(code, None if code else "no answer", None, 1)
        with session_scope() as session:
            written = bool(delivery.finish(session, [(parcel, outcome)]))
            # A retry would fall due by the wall clock, and a history not be the same when it is
            # played again: here time passes in `time_passes` alone.
            later = "next_at = next_at + interval '1 day'"
            soon = "state = 'WAIT' AND next_at < now() + interval '12 hours'"
            session.execute(text(f"UPDATE delivery SET {later} WHERE {soon}"))
        ours = self.held.get(parcel.id) == parcel.epoch
        assert written == ours, "a stale lease wrote" if written else "a lease in force did not"
        if ours:
            del self.held[parcel.id]
        self.world.seen["written" if ours else "stale"] += 1

    @precondition(lambda self: self.held)
    @rule()
    def leases_run_out(self) -> None:
        with session_scope() as session:
            past = "lease_until = now() - interval '1 second'"
            session.execute(text(f"UPDATE delivery SET {past} WHERE state = 'LEASED'"))
            assert delivery_leases.take_back_expired(session) == len(self.held)
        self.held.clear()

    @rule()
    def time_passes(self) -> None:
        """Long enough for the next tries, and the queue forgets all it knew."""
        with session_scope() as session:
            session.execute(text("UPDATE delivery SET next_at = now() WHERE state = 'WAIT'"))

        job_queue.connection().flushdb()

    @rule()
    def endpoints_are_mended(self) -> None:
        with session_scope() as session:
            for platform in session.scalars(select(Platform)):
                delivery.resume(session, platform)

    # -- what a platform does with what arrived -------------------------------------------

    @rule(slug=st.sampled_from(SLUGS), refuse=st.booleans())
    def execute(self, slug: str, refuse: bool) -> None:
        platform_orders.execute_due(self.stores[slug], refuse)

    @rule(slug=st.sampled_from(SLUGS), place=PLACES, lost=st.booleans())
    def answer(self, slug: str, place: int, lost: bool) -> None:
        """The platform sends one of its answers; `lost`: it will send it again."""
        due = self.stores[slug].due_messages()
        if due:
            self._answer(slug, _at(due, place), lost)

    def _answer(self, slug: str, message, lost: bool) -> None:
        said = self.world.senders[slug].post(message["body"], id=message["webhook_id"])
        assert said.status_code == 202, (said.status_code, said.json)
        if not lost:
            self.stores[slug].record_attempt(message["webhook_id"], 202, "{}", 0.0)

    @rule()
    def good_minute(self) -> None:
        """What is due arrives and is executed; the answers are still on their way."""
        self.endpoints_are_mended()
        self.time_passes()
        self.lease(16)
        while self.hands:
            parcel = self.hands.pop()
            self._arrive(parcel)
            self._finish(parcel, 200)
        for store in self.stores.values():
            platform_orders.execute_due(store)

    # -- what always holds ------------------------------------------------------------------

    @invariant()
    def books_hold(self) -> None:
        self.world.steps += 1
        with session_scope() as session:
            count = session.scalar(select(func.count()).select_from(Order))
            assert count == len(SLUGS) * (len(self.revoked) + self.revocations)
            asleep = "state IN ('PENDING', 'WAIT') AND next_at IS NULL"
            lost = "state = 'LEASED' AND lease_until IS NULL"
            query = text(f"SELECT count(*) FROM delivery WHERE {asleep} OR {lost}")
            assert session.scalar(query) == 0, "a delivery nobody will wake"
            now = dict(session.execute(select(Order.id, Order.execution)).all())
        for order, state in now.items():
            before = self.executions.get(order, "NONE")
            assert before == state or state in ALLOWED.get(before, {state}), (before, state)
        self.executions = now
        for store in self.stores.values():
            assert store.state()["executed_twice"] == 0

    def teardown(self) -> None:
        """Once the faults end, everything comes to rest where the last decisions say."""
        if not hasattr(self, "stores"):
            return
        if self.held:
            self.leases_run_out()
        while self.hands:  # workers that come back too late
            self._finish(self.hands.pop(), 200)
        for _ in range(40 + 8 * len(self.executions)):
            if not self._calm_step():
                break
        self._at_rest()
        for store in self.stores.values():
            store.close()

    def _calm_step(self) -> bool:
        """One round without faults; whether anything is left to do."""
        self.good_minute()
        left = 0
        for slug, store in self.stores.items():
            for message in reversed(store.due_messages()):  # the last word overtakes
                self._answer(slug, message, False)
                left += 1
        with session_scope() as session:
            query = select(func.count()).where(Delivery.state != "DELIVERED")
            return bool(left or session.scalar(query))

    def _at_rest(self) -> None:
        with session_scope() as session:
            ids = session.scalars(select(Report.external_id)).all()
            orders = session.scalars(select(Order)).all()
            assert audit_log.verify(session)[1] is None
        assert sorted(ids) == sorted(self.receipts)
        for order in orders:
            assert order.execution in TERMINAL, order.execution
            if order.revokes_id is None:
                self._right_end(order)

    def _right_end(self, order: Order) -> None:
        """The platform's books and the hub's say the same of a penalty."""
        rows = self.stores[order.platform.slug].rows(
            "SELECT undone_at FROM effects WHERE order_id = ?", order.public_id
        )
        in_force = [row for row in rows if row["undone_at"] is None]
        if self.revoked[order.decision_id] or order.decision_id in self.superseded:
            assert not in_force, "a penalty that ended is in force"
            assert order.execution == ("REVERSED" if rows else "CANCELLED")
        else:
            assert len(in_force) == (0 if order.execution == "REFUSED" else 1)
