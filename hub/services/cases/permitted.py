"""What an officer may do with a case, as it stands: one table, for the page's buttons, the roles of
the routes, and what the services refuse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from hub.problems import Problem
from hub.services.cases.lock import locked_case
from models import Appeal, Case, CaseRelation, Clock, Decision, Order, User
from models.states import (
    BEFORE_DECISION,
    DECIDED,
    IN_FORCE,
    REOPENABLE,
    UNSETTLED,
    AppealState,
    CaseState,
    DecisionState,
)

TRIAGE = ("clerk", "handler")
_STATUS = {"conflict": 409, "forbidden": 403, "four_eyes": 403, "invalid_fields": 422}


@dataclass(frozen=True)
class OpenAppeal:
    """An appeal that waits for an answer."""

    id: int
    state: str
    against_in_force: bool
    by_me: bool  # it is against what this officer proposed


@dataclass(frozen=True)
class CaseFacts:
    """All that decides which actions a case allows one officer."""

    role: str
    state: str
    demand: int
    mine: bool
    free: bool  # nobody has it in hand, or whoever had it was away too long
    parked: bool
    filed: bool
    related: bool
    replaced: bool  # its merchant has another live case of this type
    into_state: str | None  # of the case it was merged into
    proposed_by_me: bool | None  # None: nothing waits for approval
    in_force: str | None
    in_force_by_me: bool
    appeals: tuple[OpenAppeal, ...]

    def about(self, appeal_id: int) -> CaseFacts:
        """The same for one appeal alone."""
        return replace(self, appeals=tuple(a for a in self.appeals if a.id == appeal_id))


@dataclass(frozen=True)
class Condition:
    """What must hold, and what an officer is told where it does not."""

    holds: Callable[[CaseFacts], bool]
    said: str
    code: str = "conflict"

    @property
    def problem(self) -> Problem:
        return Problem(_STATUS[self.code], self.code, self.said)


@dataclass(frozen=True)
class Action:
    """Who may do it, and in which cases: the first condition that fails is the answer."""

    roles: tuple[str, ...]
    conditions: tuple[Condition, ...]


_OPEN = Condition(lambda f: f.state in BEFORE_DECISION, "此案件当前状态不能进行此操作。")
_NOT_MERGED = Condition(
    lambda f: f.state != CaseState.MERGED, "此案件已并入他案，请到并入的案件办理。"
)
_MINE = Condition(lambda f: f.mine, "此案件不在您手中。")
_NOT_ANOTHERS = Condition(lambda f: f.free or f.mine, "此案件由他人承办。")
_NOT_UNDER_REVIEW = Condition(
    lambda f: f.state != CaseState.UNDER_REVIEW, "新的处理建议正在审批，请先驳回或撤回。"
)
_CHANGEABLE = Condition(
    lambda f: f.in_force is not None and f.state in DECIDED, "没有生效中的决定可以变更或推翻。"
)
_PROPOSED = Condition(lambda f: f.proposed_by_me is not None, "没有待审批的处理建议。")
_BY_ANOTHER = Condition(
    lambda f: f.proposed_by_me is False, "提出建议的人不能审批同一决定，须由他人审批。", "four_eyes"
)
_APPEALED = Condition(lambda f: bool(f.appeals), "这件申诉已经办结。")
_HEARD_BY_ANOTHER = Condition(
    lambda f: not all(a.by_me for a in f.appeals),
    "提出原处理建议的人不能独自处理针对它的申诉。",
    "four_eyes",
)


def _can_be_stayed(f: CaseFacts) -> bool:
    filed = (a for a in f.appeals if a.state == AppealState.FILED and not a.by_me)
    return f.in_force == DecisionState.APPROVED and any(a.against_in_force for a in filed)


ACTIONS = {
    "take": Action(
        TRIAGE,
        (
            _OPEN,
            Condition(lambda f: f.free or f.mine, "此案件已由他人领取。"),
            Condition(lambda f: f.free, "此案件已在您手中。"),
        ),
    ),
    "release": Action(TRIAGE, (_OPEN, _MINE)),
    "hand_over": Action(
        (*TRIAGE, "approver"),
        (
            _OPEN,
            Condition(
                lambda f: f.free or f.mine or f.role not in TRIAGE,
                "此案件由他人承办，不能移交。",
            ),
        ),
    ),
    "park": Action(
        TRIAGE, (_OPEN, _NOT_ANOTHERS, Condition(lambda f: not f.parked, "此案件已经暂缓。"))
    ),
    "unpark": Action(TRIAGE, (_OPEN, Condition(lambda f: f.parked, "此案件没有暂缓。"))),
    "file": Action(("handler",), (_OPEN, Condition(lambda f: not f.filed, "此案件已经立案。"))),
    "dismiss": Action(TRIAGE, (_OPEN,)),
    "reopen": Action(
        TRIAGE,
        (
            Condition(lambda f: f.state in REOPENABLE, "此案件当前状态不能重新打开。"),
            Condition(
                lambda f: not f.replaced, "同一商户同类行为已有新案件，请在新案件中处理或并案。"
            ),
        ),
    ),
    "merge": Action(TRIAGE, (_OPEN,)),
    "apart": Action(TRIAGE, (_OPEN,)),
    "unmerge": Action(
        TRIAGE,
        (
            Condition(lambda f: f.state == CaseState.MERGED, "此案件没有并入他案。"),
            Condition(
                lambda f: f.into_state in BEFORE_DECISION, "并入的案件已作出决定，不能撤销并案。"
            ),
        ),
    ),
    "split": Action(
        TRIAGE,
        (
            _OPEN,
            Condition(lambda f: f.demand > 1, "只有一件举报的案件不能拆分。", "invalid_fields"),
        ),
    ),
    "classify": Action(TRIAGE, (_NOT_MERGED,)),
    "relate": Action(
        TRIAGE,
        (
            _NOT_MERGED,
            Condition(lambda f: f.state != CaseState.DISMISSED, "不予受理的案件不能关联。"),
        ),
    ),
    "unrelate": Action(TRIAGE, (Condition(lambda f: f.related, "此案件没有关联的案件。"),)),
    "propose": Action(
        ("handler",),
        (Condition(lambda f: f.state in BEFORE_DECISION, "此案件当前状态不能提出处理建议。"),),
    ),
    "change": Action(("handler",), (_CHANGEABLE,)),
    "overturn": Action(("handler", "approver"), (_CHANGEABLE,)),
    "withdraw": Action(
        ("handler", "approver"),
        (
            _PROPOSED,
            Condition(
                lambda f: f.proposed_by_me is True, "只有提出建议的人可以撤回。", "forbidden"
            ),
        ),
    ),
    "approve": Action(("approver",), (_PROPOSED, _BY_ANOTHER)),
    "reject": Action(("approver",), (_PROPOSED, _BY_ANOTHER)),
    "revoke": Action(
        ("approver",),
        (
            Condition(lambda f: f.in_force == DecisionState.APPROVED, "没有生效中的决定可以撤销。"),
            _NOT_UNDER_REVIEW,
            _NOT_MERGED,
            Condition(
                lambda f: not f.in_force_by_me, "提出建议的人不能独自撤销同一决定。", "four_eyes"
            ),
        ),
    ),
    "stay": Action(
        ("approver",),
        (
            _APPEALED,
            _HEARD_BY_ANOTHER,
            Condition(_can_be_stayed, "此申诉当前不能中止执行。"),
            _NOT_UNDER_REVIEW,
            _NOT_MERGED,
        ),
    ),
    "uphold": Action(("approver",), (_APPEALED, _HEARD_BY_ANOTHER, _NOT_UNDER_REVIEW)),
}


def refusal(action: str, facts: CaseFacts) -> Problem | None:
    """Why the case as it stands does not allow the action; None where it does."""
    failed = (c for c in ACTIONS[action].conditions if not c.holds(facts))
    return next((condition.problem for condition in failed), None)


def actions(facts: CaseFacts) -> frozenset[str]:
    """All that this officer may do now."""
    return frozenset(
        name
        for name, action in ACTIONS.items()
        if facts.role in action.roles and refusal(name, facts) is None
    )


def require(
    session: Session, user: User, case: Case, action: str, appeal_id: int | None = None
) -> None:
    """Go on only where the case allows this officer the action, of an appeal where one is named.
    Roles are the routes' concern. Raises Problem 403, 409."""
    found = facts(session, user, case)
    problem = refusal(action, found if appeal_id is None else found.about(appeal_id))
    if problem is not None:
        raise problem


def locked(session: Session, user: User, case_id: int, version: int, action: str) -> Case:
    """The case, locked, where it still is at `version` and allows the action.

    Raises Problem 403, 404, 409.
    """
    case = locked_case(session, case_id, version)
    require(session, user, case, action)
    return case


def facts(session: Session, user: User, case: Case) -> CaseFacts:
    """What the database says of the case now, for this officer."""
    filed = exists().where(
        Clock.case_id == case.id, Clock.rule == "decide", Clock.ended_at.is_(None)
    )
    related = exists().where(
        or_(CaseRelation.rumor_id == case.id, CaseRelation.violation_id == case.id),
        CaseRelation.ended_at.is_(None),
    )
    seen = session.execute(
        select(filed.label("filed"), related.label("related"), func.now().label("now"))
    ).one()
    into = session.get(Case, case.merged_into_id) if case.merged_into_id else None
    lapsed = case.owner_until is not None and case.owner_until < seen.now
    proposer = _proposers(session, case)
    in_force = next((state for state in IN_FORCE if state in proposer), None)
    proposed_by = proposer.get(DecisionState.PROPOSED)
    return CaseFacts(
        role=user.role,
        state=case.state,
        demand=case.demand,
        mine=case.owner_id == user.id,
        free=case.owner_id is None or lapsed,
        parked=case.parked_until is not None,
        filed=seen.filed,
        related=seen.related,
        replaced=_replaced(session, case),
        into_state=into.state if into else None,
        proposed_by_me=None if proposed_by is None else proposed_by == user.id,
        in_force=in_force,
        in_force_by_me=in_force is not None and proposer[in_force] == user.id,
        appeals=_appeals(session, user, case),
    )


def _proposers(session: Session, case: Case) -> dict[str, int]:
    """Who proposed the decision in force and the one that waits for approval, by state."""
    current = Decision.state.in_((DecisionState.PROPOSED, *IN_FORCE))
    query = select(Decision.state, Decision.proposed_by_id)
    rows = session.execute(query.where(Decision.case_id == case.id, current))
    return {state: by for state, by in rows}


def _appeals(session: Session, user: User, case: Case) -> tuple[OpenAppeal, ...]:
    rows = session.execute(
        select(Appeal.id, Appeal.state, Decision.state.in_(IN_FORCE), Decision.proposed_by_id)
        .join(Order, Order.id == Appeal.order_id)
        .join(Decision, Decision.id == Order.decision_id)
        .where(Decision.case_id == case.id, Appeal.state.in_(UNSETTLED))
        .order_by(Appeal.id)
    )
    return tuple(OpenAppeal(id_, state, stands, by == user.id) for id_, state, stands, by in rows)


def _replaced(session: Session, case: Case) -> bool:
    if case.live or not case.merchant_id:
        return False
    query = select(Case.id).where(
        Case.live, Case.merchant_id == case.merchant_id, Case.violation == case.violation
    )
    return session.scalar(query.limit(1)) is not None
