"""Deciding on the case page: propose, approve, change, stay, uphold, overturn, revoke."""

from __future__ import annotations

from flask import request
from sqlalchemy.orm import Session

from hub.problems import invalid
from hub.services.enforcement import appeals, approving, proposing
from hub.web.common import forms
from hub.web.officers.cases import action, blueprint
from models import User

__all__ = ["blueprint"]


def _draft() -> proposing.ProposalTerms:
    """What the form says beside measures and facts."""
    return proposing.ProposalTerms(
        grounds=_lines("grounds"),
        evidence=_lines("evidence"),
        terms={
            name.removeprefix("term:"): _whole(name)
            for name in request.form
            if name.startswith("term:")
        },
        answer_days=_whole("answer_days", 3),
        sharing=forms.line("sharing", 16) or "all",
        platforms=forms.codes("platforms"),
        appeal_id=_appeal(),
    )


def _lines(name: str) -> list[str]:
    return [line.strip() for line in forms.text(name).splitlines() if line.strip()]


def _whole(name: str, default: int | None = None) -> int:
    given = request.form.get(name, "").strip()
    if not given and default is not None:
        return default
    if not (given.isascii() and given.isdigit() and len(given) <= 6):
        raise invalid(name, "请填写整数。", "整数")
    return int(given)


def _appeal() -> int | None:
    """The appeal a form answers, if it names one."""
    ids = forms.ids("appeal") if request.form.get("appeal") else []
    return ids[0] if ids else None


def _propose(session: Session, user: User, case_id: int, version: int) -> tuple[str, int]:
    picked, facts = forms.codes("measures"), forms.text("facts")
    proposing.propose(session, user, case_id, version, picked, facts, _draft())
    return "处理建议已提交，等待他人审批。", case_id


@action()
def propose(session: Session, user: User, case_id: int, version: int) -> tuple[str, int]:
    """提出处理建议."""
    return _propose(session, user, case_id, version)


@action()
def change(session: Session, user: User, case_id: int, version: int) -> tuple[str, int]:
    """变更: a version to take the place of the decision in force."""
    return _propose(session, user, case_id, version)


@action()
def overturn(session: Session, user: User, case_id: int, version: int) -> tuple[str, int]:
    """推翻: proposed by one, approved by another."""
    reason = forms.text("reason")
    proposing.overturn(session, user, case_id, version, reason, _appeal())
    return "推翻建议已提交，等待他人审批。", case_id


@action()
def withdraw(session: Session, user: User, case_id: int, version: int) -> tuple[str, int]:
    """撤回建议."""
    proposing.withdraw(session, user, case_id, version, forms.text("reason"))
    return "已撤回处理建议。", case_id


@action(rings=True, step_up=True)
def approve(session: Session, user: User, case_id: int, version: int) -> tuple[str, int]:
    """批准: every platform gets its order, as the preview showed."""
    approving.approve(session, user, case_id, version, forms.line("seal", 80))
    return "已批准，处置指令正在下达各平台。", case_id


@action()
def reject(session: Session, user: User, case_id: int, version: int) -> tuple[str, int]:
    """驳回."""
    proposing.reject(session, user, case_id, version, forms.text("reason"))
    return "已驳回，案件退回办案员。", case_id


@action(rings=True, step_up=True)
def revoke(session: Session, user: User, case_id: int, version: int) -> tuple[str, int]:
    """撤销决定 on every platform that was ordered."""
    approving.revoke(session, user, case_id, version, forms.text("reason"))
    return "已撤销决定，撤销指令正在下达各平台。", case_id


@action(rings=True, step_up=True)
def stay(session: Session, user: User, case_id: int, version: int) -> tuple[str, int]:
    """中止执行 while an appeal is heard."""
    appeals.stay(session, user, case_id, version, _appeal() or 0, forms.text("reason"))
    return "已中止执行，各平台将暂时恢复。", case_id


@action(rings=True, step_up=True)
def uphold(session: Session, user: User, case_id: int, version: int) -> tuple[str, int]:
    """维持原决定."""
    appeals.uphold(session, user, case_id, version, _appeal() or 0, forms.text("reason"))
    return "已维持原决定，并答复提出申诉的平台。", case_id
