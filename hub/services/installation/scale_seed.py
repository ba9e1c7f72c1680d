"""Synthetic reports by the million, to test the desk at scale: `flask seed --scale`.

Everything is generated from one seed and written by COPY, with foreign-key triggers disabled and
the indexes built afterwards; that needs a superuser. The proportions are those of
1,000,000 reports, 200,000 claims (most of them merged into another) and 50,000 cases. All texts are
synthetic; vectors are placeholders that the matcher's index leaves out.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from sqlalchemy import func, text
from sqlalchemy.orm import Session

from classifiers.normalize import text_key
from hub.services.cases import clock_pressure, queue_tally
from hub.services.cases.ranking import priority
from hub.services.openness import daily_counts
from hub.services.platforms import directory
from models import Case, CaseType, Platform, Report, case_type
from models.states import CaseState, DecisionState, ReportState

FULL = 1_000_000
_PLATFORMS = {
    "jd": "京东", "alibaba": "阿里巴巴", "pinduoduo": "拼多多", "weidian": "微店", "suning": "苏宁",
}  # fmt: skip
_PLACES = "城东 城西 河口 南浦 青石 白云 海州 云岭 柳河 桐山 北岸 新港".split()
_PROVINCES = ("44", "33", "32", "37", "51")  # GB/T 2260
_GOODS = "口罩 酒精 消毒液 面粉 大米 食盐 白菜 退烧药 护目镜 体温计 方便面 食用油".split()
_SAID = (
    "听说{place}{goods}只够卖{n}天,超市货架已经空了,大家赶紧多囤一些",
    "{place}群里都在传,{goods}里查出了{n}号添加剂,吃了会发烧,转给家人",
    "据内部消息,{place}从{n}号起停售{goods},仓库已经封了",
    "{place}有人说每天喝{n}杯{goods}水就不会得病,亲戚试过有用",
)
_SOLD = (
    "{place}这家店的{goods}从{n}元涨到{m}元,问原因就说爱买不买",
    "买{goods}必须搭售一盒{place}茶叶,单价{n}元,不搭就不发货,订单被取消{m}次",
    "{place}店铺的{goods}标价{n}元,付款时变成{m}元,客服不理人",
)
# The states of cases and their frequency; every penalty has its decision.
_STATES: dict[str, int] = {
    CaseState.OPEN: 34,
    CaseState.INVESTIGATING: 6,
    CaseState.PROPOSED: 2,
    CaseState.ORDERED: 3,
    CaseState.EXECUTED: 15,
    CaseState.DISMISSED: 38,
    CaseState.REVOKED: 2,
}
_DECIDED: dict[str, str] = {
    CaseState.PROPOSED: DecisionState.PROPOSED,
    CaseState.ORDERED: DecisionState.APPROVED,
    CaseState.EXECUTED: DecisionState.APPROVED,
    CaseState.REVOKED: DecisionState.REVOKED,
}
_TABLES = (
    "claim",
    "wording",
    "merchant",
    "shop",
    "case",
    "decision",
    "inbound_message",
    "report",
    "clock",
)
_MESSAGE = 100  # reports in one message


class NotEmpty(Exception):
    """The database is not the named one, or not empty; nothing was changed."""


@dataclass
class _Case:
    """A generated case, before its reports are counted."""

    id: int
    rumor: bool
    state: str
    wordings: list[int] = field(default_factory=list)
    title: str = ""
    goods: str = ""
    newest: datetime | None = None
    spread: Counter[str] = field(default_factory=Counter)


def check(session: Session, name: str) -> None:
    """Raises NotEmpty unless the database has this name and neither platforms nor cases."""
    here = session.scalar(text("SELECT current_database()"))
    if here != name:
        raise NotEmpty(f"the database is {here!r}, not {name!r}")
    for table in (Platform, Report, Case):
        if session.query(table.id).limit(1).first():
            raise NotEmpty(f"the database {name!r} is not empty ({table.__tablename__})")


def fill(session: Session, officers: tuple[int, int], reports: int = FULL, seed: int = 7) -> None:
    """Fill the checked, empty database; `officers` are who proposed and who approved."""
    draw = random.Random(seed)
    made = [
        directory.register(session, slug, name, f"http://127.0.0.1:9/{slug}").platform
        for slug, name in _PLATFORMS.items()
    ]
    for platform in made:  # as if active from the start: nothing has to be sent to catch up
        platform.caught_up_at = func.now()
    session.flush()
    platforms = [platform.id for platform in made]
    connection = session.connection()
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    connection.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    indexes = _drop_indexes(connection)
    with driver.cursor() as cursor:
        _Writer(draw, cursor, platforms, reports, officers).write()
    queue_tally.recount(session)
    for index in indexes:
        connection.execute(text(index.replace(":", r"\:")))
    for table in _TABLES:
        sequence = f"pg_get_serial_sequence('\"{table}\"', 'id')"
        connection.execute(text(f'SELECT setval({sequence}, max(id)) FROM "{table}"'))
    for still in (daily_counts.close, clock_pressure.step):
        while still(session):
            pass


def _drop_indexes(connection: Any) -> list[str]:
    """Drop the indexes that no constraint needs; returns the statements to build them again."""
    rows = connection.execute(
        text(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' "
            "AND tablename = ANY(:tables) AND indexdef NOT LIKE 'CREATE UNIQUE%'"
        ),
        {"tables": list(_TABLES)},
    ).all()
    for name, _ in rows:
        connection.execute(text(f'DROP INDEX "{name}"'))
    return [made for _, made in rows]


@dataclass
class _Writer:
    draw: random.Random
    cursor: psycopg.Cursor
    platforms: list[int]
    reports: int
    officers: tuple[int, int]
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    texts: list[str] = field(default_factory=lambda: [""])  # by wording id

    def write(self) -> None:
        """Write every table, in the order of their references."""
        cases = [self._case(n) for n in range(1, max(self.reports // 20, 10) + 1)]
        self._wordings(cases)
        self._reports(cases)
        self._cases(cases)

    def _copy(self, table: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
        with self.cursor.copy(f'COPY "{table}" ({columns}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)

    def _case(self, n: int) -> _Case:
        state = self.draw.choices(list(_STATES), list(_STATES.values()))[0]
        return _Case(n, rumor=n % 5 != 0, state=state)

    def _say(self, case: _Case) -> str:
        fits = {"place": self.draw.choice(_PLACES), "goods": case.goods}
        numbers = {"n": self.draw.randint(1, 999), "m": self.draw.randint(1000, 99999)}
        return self.draw.choice(_SAID if case.rumor else _SOLD).format(**fits, **numbers)

    def _wordings(self, cases: list[_Case]) -> None:
        """Five claims a rumor's case, four of them merged into its own; two wordings a
        merchant's."""
        claims: list[tuple[Any, ...]] = []
        wordings: list[tuple[Any, ...]] = []
        claim = len(cases)
        for case in cases:
            case.goods = self.draw.choice(_GOODS)
            for n in range(5 if case.rumor else 2):
                said = f"{self._say(case)},编号{len(self.texts)}"
                self.texts.append(said)
                case.wordings.append(len(self.texts) - 1)
                own = None
                if case.rumor:
                    claim, own = (claim + 1, claim + 1) if n else (claim, case.id)
                    claims.append((own, len(self.texts) - 1, case.id if n else None))
                wordings.append(self._wording(case, len(self.texts) - 1, said, own if n else None))
            case.title = self.texts[case.wordings[0]]
        self._copy("claim", "id, centre_id, merged_into_id", claims)
        self._copy(
            "wording",
            "id, claim_id, merged_from_id, key, text, signature, embedding, encoder, assessment",
            wordings,
        )

    def _wording(self, case: _Case, id_: int, said: str, merged: int | None) -> tuple[Any, ...]:
        claim = case.id if case.rumor else None
        assessed = json.dumps(_assessment(case, said), ensure_ascii=False)
        return (id_, claim, merged, text_key(said), said, b"", "[0.6,0.8]", "made-up@0", assessed)

    def _reports(self, cases: list[_Case]) -> None:
        """Most cases have few reports, some have thousands; a fifth came in the last day."""
        weights = [self.draw.paretovariate(1.2) for _ in cases]
        whose = self.draw.choices(cases, weights, k=self.reports)
        messages = range(1, self.reports // _MESSAGE + 2)
        self._copy(
            "inbound_message",
            "id, platform_id, webhook_id, sha256, raw, headers, key_id, type, receipt, "
            "status, answer",
            ((n, self.platforms[n % 5], f"made-{n}", b"", b"{}", "{}", 0, "report.batch",
              f"rc_made_{n}", 202, "{}") for n in messages),
        )  # fmt: skip
        self._copy(
            "report",
            "id, platform_id, external_id, version, message_id, kind, reported_at, payload, "
            "content_hash, text, flags, state, wording_id, case_id, received_at, settled_at",
            self._report_rows(whose),
        )

    def _report_rows(self, whose: list[_Case]) -> Iterator[tuple[Any, ...]]:
        slugs = list(_PLATFORMS)
        for n, case in enumerate(whose, 1):
            where = int(self.draw.random() ** 2 * 5)
            hours = self.draw.random() * (24 if n % 5 == 0 else 24 * 60)
            at = self.now - timedelta(hours=hours)
            case.newest = max(case.newest or at, at)
            wording = self.draw.choice(case.wordings)
            said = self.texts[wording]
            first = not case.spread
            case.spread[slugs[where]] += 1
            payload = json.dumps({"content": {"text": said}}, ensure_ascii=False)
            yield (
                n, self.platforms[where], f"{slugs[where]}-{n}", 1, n // _MESSAGE + 1,
                "rumor" if case.rumor else "violation", at, payload, "", said, "[]",
                ReportState.TRIAGE if first else ReportState.MERGED, wording, case.id, at, at,
            )  # fmt: skip

    def _cases(self, cases: list[_Case]) -> None:
        merchants = [c for c in cases if not c.rumor]
        self._copy(
            "merchant", "id, name, region",
            ((c.id, f"{_PLACES[c.id % 12]}市{c.goods}{c.id}号商行", f"{11 + c.id % 5}0101")
             for c in merchants),
        )  # fmt: skip
        self._copy(
            "shop", "id, merchant_id, platform_id, shop_id, name",
            ((c.id, c.id, self.platforms[c.id % 5], f"shop-{c.id}", f"{c.goods}百货旗舰店{c.id}")
             for c in merchants),
        )  # fmt: skip
        self._copy(
            "case",
            "id, kind, state, live, title, claim_id, merchant_id, violation, violation_source, "
            "violation_score, theme, theme_source, theme_score, assessment, urgency, demand, "
            "spread, denied, priority, closed_because, opened_at, last_report_at",
            map(self._case_row, cases),
        )
        self._copy(
            "decision",
            "case_id, version, state, measures, facts, proposed_by_id, approved_by_id, approved_at",
            ((c.id, 1, _DECIDED[c.state], '[]', f"经查,{c.title}",
              self.officers[0], *self._approval(c)) for c in cases if c.state in _DECIDED),
        )  # fmt: skip
        day = self.now.date()
        self._copy(
            "clock", "case_id, rule, started_on, due_on",
            ((c.id, "verify", day - timedelta(c.id % 20), day + timedelta(20 - c.id % 20))
             for c in cases if c.state in (CaseState.OPEN, CaseState.INVESTIGATING)),
        )  # fmt: skip

    def _approval(self, case: _Case) -> tuple[int | None, datetime | None]:
        return (None, None) if case.state == CaseState.PROPOSED else (self.officers[1], self.now)

    def _case_row(self, case: _Case) -> tuple[Any, ...]:
        assessed = _assessment(case, case.title)
        urgency = assessed["urgency"]["score"]
        demand = sum(case.spread.values())
        violation = None if case.rumor else case_type.of_report(assessed, None)
        theme = case_type.theme_of(assessed) if case.rumor else None
        return (
            case.id, "rumor" if case.rumor else "violation", case.state,
            case.state != CaseState.DISMISSED or case.rumor, case.title[:120],
            case.id if case.rumor else None, None if case.rumor else case.id,
            *_columns(violation), *_columns(theme),
            json.dumps(assessed, ensure_ascii=False), urgency, demand,
            json.dumps(case.spread), "{}", priority(urgency, demand, case.spread),
            "与市场监管无关" if case.state == CaseState.DISMISSED else None,
            self.now - timedelta(days=60), case.newest or self.now,
        )  # fmt: skip


def _columns(told: CaseType | None) -> tuple[str | None, str | None, float | None]:
    return (told.code, told.source, told.score) if told else (None, None, None)


def _place(case: _Case) -> dict[str, Any]:
    """The province as the models would have found it in the case's texts."""
    return {"value": _PROVINCES[case.id % len(_PROVINCES)] + "0000"}


def _assessment(case: _Case, said: str) -> dict[str, Any]:
    start = said.find(case.goods)
    cue = {"text": case.goods, "start": start, "end": start + len(case.goods)}
    found = {
        "type": "price_gouging", "label": "哄抬价格", "score": 0.8, "source": "rules",
        "law": ["价格法第十四条第（三）项"],
        "cues": [cue],
    }  # fmt: skip
    return {
        "violations": [] if case.rumor else [found],
        "theme": {"code": "health", "label": "医药健康", "score": 0.7},
        "rumor": {"score": 0.6, "abstained": False, "cues": [], "note": ""},
        "urgency": {"score": case.id * 37 % 100 / 100, "reasons": ["涉及防疫物资"]},
        "entities": {"places": [_place(case)]},
        "stance": {"stance": "asserts", "cues": []},
        "versions": {"rules": "made-up"},
    }
