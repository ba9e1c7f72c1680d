"""What an officer does with a case before a decision: file, merge, split, dismiss, reopen.

Every action names the case version it saw; if the case changed meanwhile, 409 tells what
changed and nothing is done. Nothing is deleted and every action can be undone.
"""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hub import locks
from hub.locks import CHANGING, Lock
from hub.problems import Problem, conflict, not_found, required
from hub.services.audit import audit_log
from hub.services.cases import assignment, counts, merging, outcomes, permitted, reporter_counts
from hub.services.cases.lock import locked_case
from hub.services.office import case_clocks
from hub.services.review import labels, second_review
from hub.services.rumors import claims
from models import Case, Report, User, Wording, case_type
from models.states import BEFORE_DECISION, COUNTED, CaseState


def file(session: Session, user: User, case_id: int, version: int) -> Case:
    """Put the case on file 立案. Raises Problem 404, or 409 when it is on file already."""
    case = permitted.locked(session, user, case_id, version, "file")
    assignment.keep(case)
    case_clocks.file(session, user, case)
    return case


def dismiss(session: Session, user: User, case_id: int, version: int, reason: str) -> Case:
    """Not accepted 不予受理, with the reason. A rumor keeps collecting copies silently; a
    merchant's next report opens a new case. Raises Problem 404, 409, or 422 without a reason."""
    reason = required("reason", reason, "请写明不予受理的理由。", most=2000)
    case = permitted.locked(session, user, case_id, version, "dismiss")
    case.state, case.version = CaseState.DISMISSED, case.version + 1
    case.closed_because = reason
    if case.merchant_id:
        case.live = False
    session.flush()
    outcomes.tell_dismissed(session, case)
    labels.dismissed(session, user, case)
    second_review.draw(session, case, user)
    case_clocks.follow(session, case, "dismissed")
    audit_log.note(session, user.username, "dismiss", case.id, reason=reason[:500])
    return case


def reopen(session: Session, user: User, case_id: int, version: int, reason: str) -> Case:
    """Bring a dismissed, executed or revoked case back to the queue. Raises Problem 404, 409."""
    locks.hold(session, Lock.CLAIMS)
    case = permitted.locked(session, user, case_id, version, "reopen")
    case.state, case.version, case.live = CaseState.REOPENED, case.version + 1, True
    case.closed_because = case.owner_id = case.owner_until = None
    case.parked_until = case.parked_because = None
    second_review.forget(session, case)
    case_clocks.follow(session, case, "reopened")
    audit_log.note(session, user.username, "reopen", case.id, reason=reason.strip()[:500])
    return case


def merge(
    session: Session, user: User, case_id: int, version: int, into_id: int, why: str = ""
) -> Case:
    """Join a case into another 并案; both keep their members, and it can be undone.

    Raises Problem 404, 409, or 422 for a case into itself or cases of different kinds.
    """
    locks.hold(session, Lock.CLAIMS)
    if case_id == into_id:
        raise _unmergeable("不能与自身并案。")
    for each in sorted((case_id, into_id)):  # one order of locks for everybody
        session.execute(select(Case.id).where(Case.id == each).with_for_update(**CHANGING))
    case = permitted.locked(session, user, case_id, version, "merge")
    target = session.get(Case, into_id, populate_existing=True)
    if target is None:
        raise not_found("没有要并入的案件。")
    if target.merged_into_id or target.state not in BEFORE_DECISION:
        raise conflict("要并入的案件已办结或已并入他案。")
    if (case.claim_id is None) != (target.claim_id is None) or case.kind != target.kind:
        raise _unmergeable("谣言案件与商户案件不能直接并案。")
    if case.claim_id and target.claim_id:
        claims.move(session, user, case.claim_id, target.claim_id)
    merging.absorb(session, case, target)
    case.version += 1
    audit_log.note(session, user.username, "merge", case.id, into=target.id, why=why[:500])
    audit_log.note(session, user.username, "merge", target.id, took=case.id, why=why[:500])
    return target


def unmerge(session: Session, user: User, case_id: int, version: int) -> Case:
    """Undo a merge: the reports and wordings that came with the case go back to it.

    Raises Problem 404, or 409 when the case was not merged or the other one is decided.
    """
    locks.hold(session, Lock.CLAIMS)
    case = locked_case(session, case_id, version)
    if case.merged_into_id:  # nobody decides it meanwhile
        session.get_one(Case, case.merged_into_id, with_for_update=dict(CHANGING))
    permitted.require(session, user, case, "unmerge")
    target = session.get_one(Case, case.merged_into_id)
    if case.claim_id and target.claim_id:
        claims.restore(session, case.claim_id, target.claim_id)
    _return_reports(session, case, target)
    case.state, case.live, case.merged_into_id = CaseState.OPEN, True, None
    case.version, target.version = case.version + 1, target.version + 1
    case_clocks.unmerged(session, case)
    audit_log.note(session, user.username, "unmerge", case.id, out_of=target.id)
    return case


def split(session: Session, user: User, case_id: int, version: int, report_ids: list[int]) -> Case:
    """Take picked reports out into a case of their own 拆分.

    In a rumor case whole wordings move (copies of one wording say the same), and the machine
    never joins them to the old claim again. Raises Problem 404, 409, or 422 when no report or
    every report is picked.
    """
    locks.hold(session, Lock.CLAIMS)
    case = permitted.locked(session, user, case_id, version, "split")
    picked = session.scalars(
        select(Report).where(
            Report.id.in_(report_ids), Report.case_id == case.id, Report.state.in_(COUNTED)
        )
    ).all()
    if not picked:
        raise _unmergeable("请选择要拆分的举报。")
    moving = _with_copies(session, case, list(picked)) if case.claim_id else list(picked)
    if len(moving) >= case.demand:
        raise _unmergeable("不能把全部举报拆分出去。")
    said = {r.id: session.get(Wording, r.wording_id) for r in moving}
    first = min(moving, key=lambda r: (counts.denies(case, said[r.id]), r.id))
    new = _new_case_like(session, case, first)
    if case.claim_id:
        wordings = {r.wording_id for r in moving if r.wording_id}
        claims.split(session, user, case, new, first.wording_id or min(wordings), wordings)
    for report in moving:
        denial = counts.denies(case, said[report.id])
        counts.count(case, report.platform.slug, -1, denial)
        counts.count(new, report.platform.slug, +1, denial)
        report.case_id = new.id
    for each in (case, new):
        counts.rank(each)
    reporter_counts.count_few(session, [case, new])
    case.version += 1
    case_clocks.split(session, new, first)
    audit_log.note(session, user.username, "split", case.id, new=new.id, reports=len(moving))
    audit_log.note(session, user.username, "split", new.id, out_of=case.id, reports=len(moving))
    return new


def _unmergeable(detail: str) -> Problem:
    return Problem(422, "invalid_fields", detail)


def _return_reports(session: Session, case: Case, target: Case) -> None:
    session.execute(
        update(Report)
        .where(Report.case_id == target.id, Report.merged_from_id == case.id)
        .values(case_id=case.id, merged_from_id=None)
    )
    if case.claim_id:  # copies that arrived after the merge follow their wording
        wordings = select(Wording.id).where(Wording.claim_id == case.claim_id)
        session.execute(
            update(Report)
            .where(Report.case_id == target.id, Report.wording_id.in_(wordings))
            .values(case_id=case.id)
        )
    for each in (case, target):
        counts.recount(session, each)


def _with_copies(session: Session, case: Case, picked: list[Report]) -> list[Report]:
    wordings = {r.wording_id for r in picked}
    query = select(Report).where(
        Report.case_id == case.id,
        Report.wording_id.in_(wordings),
        Report.state.in_(COUNTED),
    )
    return list(session.scalars(query))


def _new_case_like(session: Session, case: Case, first: Report) -> Case:
    wording = session.get(Wording, first.wording_id)
    assessment = wording.assessment if wording else case.assessment
    new = Case(
        kind=case.kind,
        title=" ".join(first.text.split())[:120],
        # A merchant's case split off stays with the merchant but collects no new reports,
        # or two live cases would compete for them.
        merchant_id=case.merchant_id,
        live=case.merchant_id is None,
        violation_type=case_type.reread(case.violation_type, assessment),
        theme_type=case_type.theme_of(assessment),
        assessment=assessment,
        urgency=0.0 if counts.denies(case, wording) else counts.urgency(assessment),
        demand=0,
        spread={},
        denied={},
        priority=0.0,
    )
    session.add(new)
    session.flush()
    return new
