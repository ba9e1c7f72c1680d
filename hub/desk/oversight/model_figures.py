"""How the models fare against officers' words: precision, silence, drift, confusion, versions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, Float, cast, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from hub.desk import words
from hub.desk.queue.case_lines import platform_names
from hub.services.learning import promotion
from hub.services.review import labels
from models import Label, Platform, Promotion, Report, TrainedModel, Wording

WEEKS = 12
NEWEST = 200_000  # wordings and reports looked at: the page stays quick on a hub of millions
# How the rumor score explains that a text is of a kind it never learned; and how it once did.
STRANGE = ("来源与训练数据不同%", "文体%")
FEW = 30  # answers below which a share says little


@dataclass(frozen=True)
class Task:
    """One task: precision by the machine's type with (right, answers), shares by week, and the
    confusion of the machine's word (rows) with the officers' (columns)."""

    name: str
    decided: int
    silent: float | None
    precision: dict[str, tuple[int, int]]
    agreed: list[float | None]
    rows: list[str]
    columns: list[str]
    confusion: list[list[int]]


@dataclass(frozen=True)
class Version:
    """A version of a part: when it was at work by its assessments, and who put it there."""

    part: str
    version: str
    first: datetime | None
    last: datetime | None
    read: int
    note: str = ""
    in_force: bool = False


@dataclass(frozen=True)
class Learning:
    """Everything the page shows. Lists by week run along `weeks` (Mondays), oldest first."""

    weeks: list[str]
    tasks: list[Task]
    abstained: list[float | None]
    mean_score: list[float | None]
    strange: dict[str, list[float | None]]
    versions: list[Version] = field(default_factory=list)


def read(session: Session, today: date | None = None) -> Learning:
    """The page as of `today` (UTC date; by default the current one)."""
    mondays = _mondays(today or datetime.now(UTC).date())
    drift = _drift(session, mondays[0])
    return Learning(
        weeks=[f"{monday:%m-%d}" for monday in mondays],
        tasks=[_task(session, task, mondays) for task in labels.TASKS],
        abstained=[_part(drift.get(monday), "silent") for monday in mondays],
        mean_score=[drift[m]["mean"] if m in drift else None for m in mondays],
        strange=_strange(session, mondays),
        versions=_versions(session),
    )


def _mondays(today: date) -> list[date]:
    this = today - timedelta(days=today.weekday())
    return [this - timedelta(weeks=n) for n in reversed(range(WEEKS))]


def _week(column: Any) -> Any:
    return cast(func.date_trunc("week", func.timezone("UTC", column)), Date)


def _newest(column: Any) -> Any:
    return column > func.coalesce(select(func.max(column)).scalar_subquery(), 0) - NEWEST


def _part(row: dict[str, Any] | None, name: str) -> float | None:
    return row[name] / row["n"] if row and row["n"] else None


def _task(session: Session, task: str, mondays: Sequence[date]) -> Task:
    newest = (
        select(Label.said, Label.value, _week(Label.created_at).label("week"))
        .where(Label.task == task, Label.value != labels.UNCLEAR)
        .ext(distinct_on(Label.case_id))
        .order_by(Label.case_id, Label.id.desc())
        .subquery()
    )
    rows = session.execute(
        select(newest.c.said, newest.c.value, newest.c.week, func.count()).group_by(
            newest.c.said, newest.c.value, newest.c.week
        )
    ).all()
    pairs: Counter[tuple[str, str]] = Counter()
    weekly: dict[date, Counter[bool]] = defaultdict(Counter)
    for said, value, week, n in rows:
        pairs[said, value] += n
        if said:
            weekly[week][said == value] += n
    decided = sum(pairs.values())
    silent = sum(n for (said, _), n in pairs.items() if not said)
    answers: Counter[str] = Counter()
    for (said, _), n in pairs.items():
        answers[said] += n
    kinds = _by_size(v for pair, n in pairs.items() for v in pair * n)
    return Task(
        name=task,
        decided=decided,
        silent=silent / decided if decided else None,
        precision={label(task, s): (pairs[s, s], answers[s]) for s in kinds if s and answers[s]},
        agreed=[weekly[m][True] / sum(weekly[m].values()) if m in weekly else None
                for m in mondays],
        rows=[label(task, s) for s in kinds if answers[s]],
        columns=[label(task, v) for v in kinds if any(pairs[s, v] for s in kinds)],
        confusion=[
            [pairs[s, v] for v in kinds if any(pairs[t, v] for t in kinds)]
            for s in kinds if answers[s]
        ],
    )  # fmt: skip


def _by_size(values: Iterable[str]) -> list[str]:
    return [value for value, _ in Counter(values).most_common()]


def label(task: str, code: str) -> str:
    """A code of a task in Chinese."""
    if not code:
        return "未作判断"
    if task == "theme":
        return words.TOPICS.get(code, code)
    if task == "rumor":
        return {labels.RUMOR: "谣言", labels.NOT_RUMOR: "非谣言"}.get(code, code)
    return "未发现违法" if code == labels.NO_VIOLATION else words.violation(code)


def _drift(session: Session, since: date) -> dict[date, dict[str, Any]]:
    """By week: texts read, how many without a rumor score to rely on, and the mean score."""
    rumor = Wording.assessment["rumor"]
    silent = func.count().filter(rumor["abstained"].astext == "true")
    mean = func.avg(cast(rumor["score"].astext, Float))
    week = _week(Wording.created_at)
    rows = session.execute(
        select(week, func.count(), silent, mean)
        .where(Wording.created_at >= since, rumor.is_not(None), _newest(Wording.id))
        .group_by(week)
    )
    return {w: {"n": n, "silent": s, "mean": m} for w, n, s, m in rows}


def _strange(session: Session, mondays: Sequence[date]) -> dict[str, list[float | None]]:
    """By platform and week: the share of its texts of a kind the rumor model never learned."""
    week = _week(Report.received_at)
    note = Wording.assessment["rumor"]["note"].astext
    strange = or_(*map(note.like, STRANGE))
    rows = session.execute(
        select(
            Platform.slug, week, func.count(), func.count().filter(or_(*map(note.like, STRANGE)))
        )
        .select_from(Report)
        .join(Wording, Wording.id == Report.wording_id)
        .join(Platform, Platform.id == Report.platform_id)
        .where(Report.received_at >= mondays[0], _newest(Report.id))
        .group_by(Platform.slug, week)
    )
    found: dict[str, dict[date, float]] = defaultdict(dict)
    for slug, monday, n, strange in rows:
        found[slug][monday] = strange / n
    names = platform_names(session)
    return {
        names.get(slug, slug): [weeks.get(monday) for monday in mondays]
        for slug, weeks in sorted(found.items())
    }


def _versions(session: Session) -> list[Version]:
    """Every version that read a text or was trained here, in force first, then newest first."""
    forced = {part: found.version for part, found in promotion.in_force(session).items()}
    trained = {m.version: m for m in session.scalars(select(TrainedModel))}
    put = {p.version: p for p in session.scalars(select(Promotion).order_by(Promotion.id))}
    made: list[Version] = []
    for part in promotion.PARTS:
        version = Wording.assessment["versions"][part].astext
        rows = session.execute(
            select(
                version, func.min(Wording.created_at), func.max(Wording.created_at), func.count()
            )
            .where(version.is_not(None), _newest(Wording.id))
            .group_by(version)
        ).all()
        seen = {name: (first, last, n) for name, first, last, n in rows}
        idle = [m.version for m in trained.values() if m.part == part and m.version not in seen]
        for name in [*seen, *idle]:
            first, last, n = seen.get(name, (None, None, 0))
            shipped = part not in forced and name not in trained and last is not None
            made.append(
                Version(part, name, first, last, n, _note(trained.get(name), put.get(name)),
                        name == forced.get(part) or (shipped and _latest(seen) == name))
            )  # fmt: skip
    oldest = datetime.min.replace(tzinfo=UTC)
    return sorted(made, key=lambda v: (v.in_force, v.last or oldest), reverse=True)


def _latest(seen: dict[str, tuple[datetime, datetime, int]]) -> str:
    return max(seen, key=lambda name: seen[name][1])


def _note(model: TrainedModel | None, put: Promotion | None) -> str:
    """What people should know of a version trained here."""
    if model is None:
        return "随程序提供"
    gain = model.comparison.get("gain")
    told = f"{model.created_at:%Y-%m-%d} 训练"
    if gain is not None and model.part == "matching":
        told += f"，留出案件上每次判定的代价{'降低' if gain >= 0 else '升高'}{abs(gain):.3f}"
    elif gain is not None:
        told += f"，留出案件准确率{gain:+.1%}"
    return f"{told}；{put.by} 启用：{put.why}" if put else f"{told}；未启用"
