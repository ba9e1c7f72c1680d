"""Model quality against officers' decisions: precision, abstention, drift, confusion, versions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
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
NEWEST = 200_000  # wordings and reports considered: the page stays fast on a hub of millions
# How the rumor model notes that a text is out of distribution; the second form is an older one.
OUT_OF_DISTRIBUTION = ("来源与训练数据不同%", "文体%")
FEW = 30  # decisions below which a share means little


@dataclass(frozen=True)
class Task:
    """One task: precision by predicted type as (correct, predicted), weekly agreement, and the
    confusion of predictions (rows) with officers' decisions (columns)."""

    name: str
    decided: int
    abstained: float | None  # share of decisions without a prediction
    precision: dict[str, tuple[int, int]]
    agreed: list[float | None]
    rows: list[str]
    columns: list[str]
    confusion: list[list[int]]


@dataclass(frozen=True)
class Version:
    """A version of a model: when it assessed texts, how many, and who promoted it."""

    part: str
    version: str
    first: datetime | None
    last: datetime | None
    read: int
    note: str = ""
    in_force: bool = False


@dataclass(frozen=True)
class ModelFigures:
    """Everything the page shows. Weekly lists run along `weeks` (Mondays), oldest first."""

    weeks: list[str]
    tasks: list[Task]
    abstained: list[float | None]
    mean_score: list[float | None]
    out_of_distribution: dict[str, list[float | None]]
    versions: list[Version] = field(default_factory=list)


def read(session: Session, today: date | None = None) -> ModelFigures:
    """The page as of `today` (UTC date; by default the current one)."""
    mondays = _mondays(today or datetime.now(UTC).date())
    drift = _drift(session, mondays[0])
    return ModelFigures(
        weeks=[f"{monday:%m-%d}" for monday in mondays],
        tasks=[_task(session, task, mondays) for task in labels.TASKS],
        abstained=[_part(drift.get(monday), "abstained") for monday in mondays],
        mean_score=[drift[m]["mean"] if m in drift else None for m in mondays],
        out_of_distribution=_out_of_distribution(session, mondays),
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
    pairs, weekly = _compared(session, task)
    decided = sum(pairs.values())
    predicted, rows, columns = _axes(pairs)
    return Task(
        name=task,
        decided=decided,
        abstained=predicted[""] / decided if decided else None,
        precision={label(task, k): (pairs[k, k], predicted[k]) for k in rows if k},
        agreed=[_share(weekly.get(monday)) for monday in mondays],
        rows=[label(task, kind) for kind in rows],
        columns=[label(task, kind) for kind in columns],
        confusion=[[pairs[row, column] for column in columns] for row in rows],
    )


_Pairs = Counter[tuple[str, str]]


def _axes(pairs: _Pairs) -> tuple[Counter[str], list[str], list[str]]:
    """Cases by prediction; the rows and columns of the confusion, most frequent first."""
    predicted: Counter[str] = Counter()
    frequency: Counter[str] = Counter()
    for (prediction, decision), n in pairs.items():
        predicted[prediction] += n
        frequency[prediction] += n
        frequency[decision] += n
    kinds = [kind for kind, _ in frequency.most_common()]
    decided = {decision for _, decision in pairs}
    return predicted, [k for k in kinds if predicted[k]], [k for k in kinds if k in decided]


def _compared(session: Session, task: str) -> tuple[_Pairs, dict[date, Counter[bool]]]:
    """Cases by (prediction, decision), each with its newest decision, and by week how many
    predictions agreed."""
    newest = (
        select(Label.said, Label.value, _week(Label.created_at).label("week"))
        .where(Label.task == task, Label.value != labels.UNCLEAR)
        .ext(distinct_on(Label.case_id))
        .order_by(Label.case_id, Label.id.desc())
        .subquery()
    )
    columns = (newest.c.said, newest.c.value, newest.c.week)
    pairs: _Pairs = Counter()
    weekly: dict[date, Counter[bool]] = defaultdict(Counter)
    grouped = select(*columns, func.count()).group_by(*columns)
    for prediction, decision, week, n in session.execute(grouped):
        pairs[prediction, decision] += n
        if prediction:
            weekly[week][prediction == decision] += n
    return pairs, weekly


def _share(agreed: Counter[bool] | None) -> float | None:
    return agreed[True] / agreed.total() if agreed else None


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
    """By week: texts assessed, how many got no usable rumor score, and the mean score."""
    rumor = Wording.assessment["rumor"]
    abstained = func.count().filter(rumor["abstained"].astext == "true")
    mean = func.avg(cast(rumor["score"].astext, Float))
    week = _week(Wording.created_at)
    rows = session.execute(
        select(week, func.count(), abstained, mean)
        .where(Wording.created_at >= since, rumor.is_not(None), _newest(Wording.id))
        .group_by(week)
    )
    return {w: {"n": n, "abstained": a, "mean": m} for w, n, a, m in rows}


def _out_of_distribution(
    session: Session, mondays: Sequence[date]
) -> dict[str, list[float | None]]:
    """By platform and week: the share of its texts unlike the rumor model's training data."""
    week = _week(Report.received_at)
    note = Wording.assessment["rumor"]["note"].astext
    unlike = func.count().filter(or_(*map(note.like, OUT_OF_DISTRIBUTION)))
    rows = session.execute(
        select(Platform.slug, week, func.count(), unlike)
        .select_from(Report)
        .join(Wording, Wording.id == Report.wording_id)
        .join(Platform, Platform.id == Report.platform_id)
        .where(Report.received_at >= mondays[0], _newest(Report.id))
        .group_by(Platform.slug, week)
    )
    found: dict[str, dict[date, float]] = defaultdict(dict)
    for slug, monday, n, unlike_n in rows:
        found[slug][monday] = unlike_n / n
    names = platform_names(session)
    return {
        names.get(slug, slug): [weeks.get(monday) for monday in mondays]
        for slug, weeks in sorted(found.items())
    }


def _versions(session: Session) -> list[Version]:
    """Every version that assessed a text or was trained here, those in force first, then by last
    use."""
    forced = {part: found.version for part, found in promotion.in_force(session).items()}
    trained = {m.version: m for m in session.scalars(select(TrainedModel))}
    promoted = {p.version: p for p in session.scalars(select(Promotion).order_by(Promotion.id))}
    made: list[Version] = []
    for part in promotion.PARTS:
        used = _used(session, part)
        unused = [m.version for m in trained.values() if m.part == part and m.version not in used]
        current = forced.get(part)
        if current is None and used:  # then the shipped model is in force, once it was used
            latest = max(used, key=lambda name: used[name][1])
            current = None if latest in trained else latest
        for name in [*used, *unused]:
            first, last, n = used.get(name, (None, None, 0))
            note = _note(trained.get(name), promoted.get(name))
            made.append(Version(part, name, first, last, n, note, name == current))
    oldest = datetime.min.replace(tzinfo=UTC)
    return sorted(made, key=lambda v: (v.in_force, v.last or oldest), reverse=True)


def _used(session: Session, part: str) -> dict[str, tuple[datetime, datetime, int]]:
    """By version: first use, last use, texts assessed."""
    version = Wording.assessment["versions"][part].astext
    at = Wording.created_at
    rows = session.execute(
        select(version, func.min(at), func.max(at), func.count())
        .where(version.is_not(None), _newest(Wording.id))
        .group_by(version)
    )
    return {name: (first, last, n) for name, first, last, n in rows}


def _note(model: TrainedModel | None, promoted: Promotion | None) -> str:
    """Where a version comes from and who promoted it."""
    if model is None:
        return "随程序提供"
    gain = model.comparison.get("gain")
    note = f"{model.created_at:%Y-%m-%d} 训练"
    if gain is not None and model.part == "matching":
        note += f"，留出案件上每次判定的代价{'降低' if gain >= 0 else '升高'}{abs(gain):.3f}"
    elif gain is not None:
        note += f"，留出案件准确率{gain:+.1%}"
    return f"{note}；{promoted.by} 启用：{promoted.why}" if promoted else f"{note}；未启用"
