"""Second review 复核: a share of the decided cases is answered again by somebody who does not
know the decision.

A case is drawn by a keyed hash of the decision and the rule in force, so that a draw can be
verified but not predicted. Golden cases, whose answer a supervisor vouches for, are mixed in and
look the same.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, text, true
from sqlalchemy.orm import Session

from classifiers.violation import TYPES
from hub import locks
from hub.config import settings
from hub.locks import CHANGING, Lock
from hub.problems import Problem, conflict, invalid, not_found, required
from hub.services.audit import audit_log
from hub.services.review import labels
from models import AuditEntry, Case, Decision, GoldenCase, Recusal, Report, Review, ReviewRule, User
from models.states import WITH_OUTCOME

REVIEWERS = ("clerk", "handler", "approver")
# Approvers see the list of golden cases, so they do not get them.
ASKED_GOLDEN = ("clerk", "handler")
UNTYPED = "other"
SETTLED = ("first", "second", "open")
_KEPT = text("interval '1 day'")  # after it, a review taken and not answered is free again


@dataclass(frozen=True)
class ReviewShares:
    """Shares from 0 to 1; `id` is 0 before a supervisor has set any."""

    id: int = 0
    share: float = 0.05
    golden_share: float = 0.1


def answers(kind: str) -> tuple[str, ...]:
    """The possible answers for a case of this kind."""
    if kind == "rumor":
        return (labels.RUMOR, labels.NOT_RUMOR, labels.UNCLEAR)
    return (*TYPES, UNTYPED, labels.NO_VIOLATION)


def rule(session: Session) -> ReviewShares:
    """The shares in force."""
    row = session.scalar(select(ReviewRule).order_by(ReviewRule.id.desc()).limit(1))
    return ReviewShares(row.id, row.share, row.golden_share) if row else ReviewShares()


def set_rule(session: Session, user: User, share: float, golden_share: float, why: str) -> None:
    """A supervisor sets the shares. Raises Problem 422."""
    if not (0 <= share <= 1 and 0 <= golden_share <= 1):
        raise invalid("share", "比例须在 0 至 100% 之间。")
    why = required("why", why, "请写明调整比例的理由。")
    session.add(
        ReviewRule(share=share, golden_share=golden_share, by_user_id=user.id, why=why[:2000])
    )
    audit_log.note(
        session, user.username, "review_rule_set",
        share=f"{share:.1%}", golden=f"{golden_share:.1%}", why=why[:500],
    )  # fmt: skip


def draw(session: Session, case: Case, user: User, decision: Decision | None = None) -> None:
    """Draw a case just dismissed or decided for review, with the probability in force."""
    now = rule(session)
    what = f"{case.id}:{case.version}:{decision.id if decision else 0}"
    if _lot(now, what) >= now.share:
        return
    drawn = Review(
        case_id=case.id,
        decision_id=decision.id if decision else None,
        first=_first(case, decision),
        first_by_id=decision.proposed_by_id if decision else user.id,
        approved_by_id=decision.approved_by_id if decision else None,
        last_report_id=_newest(session, case),
        assessment=case.assessment,
    )
    session.add(drawn)
    session.flush()
    # Only in the detail: the case's own page must not show that it was drawn.
    audit_log.note(session, "系统", "review_drawn", review=drawn.id, of=f"C{case.id}", rule=now.id)
    if _lot(now, f"golden:{what}") < now.golden_share:
        _add_golden(session)


def forget(session: Session, case: Case) -> None:
    """Drop the reviews of a reopened case, unless a reviewer has taken one."""
    untaken = select(Review).where(
        Review.case_id == case.id, Review.golden_id.is_(None), Review.reviewer_id.is_(None)
    )
    for review in session.scalars(untaken):
        session.delete(review)
    session.flush()


def _lot(now: ReviewShares, what: str) -> float:
    """A number in [0, 1) that nobody without the hub's key can predict."""
    said = hmac.digest(settings().secret_key.encode(), f"review:{now.id}:{what}".encode(), "sha256")
    return int.from_bytes(said[:6], "big") / 2**48


def _first(case: Case, decision: Decision | None) -> str:
    if case.kind == "rumor":
        return labels.RUMOR if decision else labels.NOT_RUMOR
    if decision is None:
        return labels.NO_VIOLATION
    told = case.violation_type
    return told.code if told and told.specified else UNTYPED


def _newest(session: Session, case: Case) -> int:
    return session.scalar(select(func.max(Report.id)).where(Report.case_id == case.id)) or 0


def _add_golden(session: Session) -> None:
    """Add the golden case that was asked least often to the reviews."""
    asked = select(func.count()).where(Review.golden_id == GoldenCase.id).scalar_subquery()
    golden = session.scalar(
        select(GoldenCase)
        .where(GoldenCase.ended_at.is_(None))
        .order_by(asked, func.md5(func.concat(GoldenCase.id, asked)))
        .limit(1)
    )
    if golden is None:
        return
    case = golden.case
    decision = session.scalar(
        select(Decision)
        .where(Decision.case_id == case.id, Decision.approved_by_id.is_not(None))
        .order_by(Decision.id.desc())
        .limit(1)
    )
    session.add(
        Review(
            case_id=case.id, golden_id=golden.id, first=golden.answer,
            first_by_id=golden.by_user_id,
            approved_by_id=decision.proposed_by_id if decision else None,
            last_report_id=_newest(session, case), assessment=case.assessment,
        )
    )  # fmt: skip
    session.flush()


def _open_to(user: User) -> ColumnElement[bool]:
    """Reviews this officer may get: no case they worked on, none they answered before."""
    worked = exists().where(AuditEntry.case_id == Review.case_id, AuditEntry.actor == user.username)
    other = Review.__table__.alias("other")
    answered = exists().where(
        other.c.case_id == Review.case_id,
        other.c.reviewer_id == user.id,
        other.c.answered_at.is_not(None),
    )
    recused = exists().where(
        Recusal.user_id == user.id,
        Recusal.review_id == other.c.id,
        other.c.case_id == Review.case_id,
    )
    lapsed = or_(Review.reviewer_id.is_(None), Review.taken_at < func.now() - _KEPT)
    fair = [
        Review.first_by_id != user.id,
        Review.approved_by_id.is_distinct_from(user.id),
        ~worked,
        ~answered,
        ~recused,
    ]
    if user.role not in ASKED_GOLDEN:
        fair.append(Review.golden_id.is_(None))
    return and_(Review.answered_at.is_(None), lapsed, *fair)


def waiting(session: Session, user: User) -> int:
    """How many reviews this officer could take."""
    if user.role not in REVIEWERS:
        return 0
    return session.scalar(select(func.count()).select_from(Review).where(_open_to(user))) or 0


def take(session: Session, user: User) -> Review:
    """The review this officer has taken, else the oldest they may take. Raises Problem 409
    when there is none."""
    mine = session.scalar(
        select(Review).where(Review.reviewer_id == user.id, Review.answered_at.is_(None)).limit(1)
    )
    found = mine or session.scalar(
        select(Review)
        .where(_open_to(user))
        .order_by(Review.id)
        .limit(1)
        .with_for_update(of=Review, skip_locked=True, **CHANGING)
    )
    if found is None:
        raise conflict("现在没有需要您复核的案件。")
    found.reviewer_id, found.taken_at = user.id, session.scalar(select(func.now()))
    session.flush()
    return found


def unanswered_by(user_id: int) -> Select[int]:
    """The cases this officer has to answer before looking them up."""
    return select(Review.case_id).where(Review.reviewer_id == user_id, Review.answered_at.is_(None))


def blind(session: Session, user_id: int, case_id: int) -> bool:
    """Whether this officer must not look the case up yet."""
    query = unanswered_by(user_id).where(Review.case_id == case_id)
    return session.scalar(query.limit(1)) is not None


def not_blind(session: Session, user_id: int, case_id: int) -> None:
    """Raises Problem 403 when this officer must not look the case up yet."""
    if blind(session, user_id, case_id):
        raise Problem(403, "blind", "您正在复核这件案件，答复之后才能查看它的办理情况。")


def seen_by(user_id: int | None) -> ColumnElement[bool]:
    """A condition on `Case`: the cases that this officer may look up; None: all."""
    return true() if user_id is None else Case.id.not_in(unanswered_by(user_id))


def recuse(session: Session, user: User, review_id: int, reason: str) -> None:
    """回避: the officer recuses from a review with a reason and never gets the case again; another
    officer takes it. Raises Problem 404, 409 or 422."""
    found = of(session, user, review_id)
    if found.answered_at is not None:
        raise conflict("这件复核已经答复，不能再回避。")
    reason = required("reason", reason, "请写明回避的理由。")
    found.reviewer_id = found.taken_at = None
    session.add(Recusal(review_id=found.id, user_id=user.id, reason=reason[:2000]))
    session.flush()
    # Not on the case: its page must not show that it was drawn.
    audit_log.note(session, user.username, "review_recused", review=found.id, reason=reason[:500])


def of(session: Session, user: User, review_id: int) -> Review:
    """The officer's own review. Raises Problem 404."""
    found = session.get(Review, review_id, with_for_update=dict(CHANGING))
    if found is None or found.reviewer_id != user.id:
        raise not_found("没有这件复核，或已由他人复核。")
    return found


def answer(session: Session, user: User, review_id: int, said: str, note: str) -> Review:
    """The second answer, given once. Raises Problem 404, 409 or 422."""
    found = of(session, user, review_id)
    if found.answered_at is not None:
        raise conflict("这件复核已经答复，不能更改。")
    if said not in answers(found.case.kind):
        raise invalid("answer", "请选择您的结论。")
    now = session.scalar(select(func.now()))
    found.answer, found.note, found.answered_at = said, note.strip()[:5000] or None, now
    session.flush()
    golden = found.golden_id is not None
    audit_log.note(
        session, user.username, "review_answered", None if golden else found.case_id,
        review=found.id, agrees=found.answer == found.first,
    )  # fmt: skip
    return found


def settle(session: Session, user: User, review_id: int, as_: str, because: str) -> Review:
    """A supervisor settles a disagreement. Raises Problem 404, 409 or 422."""
    locks.hold(session, Lock.CLAIMS)  # the case may be reopened with it, in the same transaction
    found = session.get(Review, review_id, with_for_update=dict(CHANGING))
    if found is None or found.answer is None or found.answer == found.first or found.golden_id:
        raise not_found("没有这件有分歧的复核。")
    if as_ not in SETTLED:
        raise invalid("as", "请选择以何者为准。")
    because = required("because", because, "请写明分歧的处理意见。", most=5000)
    now = session.scalar(select(func.now()))
    found.settled_as, found.settled_because = as_, because
    found.settled_by_id, found.settled_at = user.id, now
    session.flush()
    audit_log.note(
        session, user.username, "review_settled", found.case_id,
        review=found.id, settled=as_, reason=because[:500],
    )  # fmt: skip
    return found


def mark_golden(session: Session, user: User, case_id: int, said: str, why: str) -> GoldenCase:
    """A supervisor vouches for the right answer of a decided case. Raises Problem 404, 409, 422."""
    case = session.get(Case, case_id)
    if case is None:
        raise not_found("没有这个案件。")
    if case.state not in WITH_OUTCOME:
        raise conflict("只有已作出决定或不予受理的案件可以标为标准案例。")
    if said not in answers(case.kind):
        raise invalid("answer", "所选答案不适用于此类案件。")
    why = required("why", why, "请写明标准答案的依据。")
    end_golden(session, user, case_id, quietly=True)
    made = GoldenCase(case_id=case.id, answer=said, why=why[:2000], by_user_id=user.id)
    session.add(made)
    session.flush()
    # Not on the case: later reviewers must not read there that it is golden.
    audit_log.note(session, user.username, "golden_marked", of=f"C{case.id}", answer=said)
    return made


def end_golden(session: Session, user: User, case_id: int, quietly: bool = False) -> None:
    """Stop using a golden case. Raises Problem 404 (unless `quietly`) when it was not golden."""
    found = session.scalar(
        select(GoldenCase).where(GoldenCase.case_id == case_id, GoldenCase.ended_at.is_(None))
    )
    if found is None:
        if quietly:
            return
        raise not_found("此案件不是标准案例。")
    found.ended_at = session.scalar(select(func.now()))
    unasked = select(Review).where(Review.golden_id == found.id, Review.reviewer_id.is_(None))
    for review in session.scalars(unasked):
        session.delete(review)
    session.flush()
    if not quietly:
        audit_log.note(session, user.username, "golden_ended", of=f"C{case_id}")
