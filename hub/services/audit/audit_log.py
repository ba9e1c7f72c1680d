"""The audit log 审计: who did what, each entry sealed onto the one before it.

hash = SHA-256(previous hash + canonical JSON of the entry, RFC 8785). An entry edited or removed
breaks every hash after it, and `verify` finds the place. Entries taken off the end are missed
by checkpoints here and by anchors outside.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import rfc8785
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.at_commit import AtCommit
from hub.locks import Lock
from models import AuditCheckpoint, AuditEntry

GENESIS = b"\0" * 32
_SAFE = 2**53 - 1  # RFC 8785 knows no number beyond
_STEP = 1000  # entries between two checkpoints


@dataclass(frozen=True)
class _Note:
    actor: str
    action: str
    case_id: int | None
    detail: dict[str, Any]


def note(
    session: Session, actor: str, action: str, case_id: int | None = None, **detail: Any
) -> None:
    """Have an entry written when the caller's transaction commits; it stands or falls with what
    it tells of. Raises RuntimeError on a session that has no transaction."""
    _notes.add(session, _Note(actor, action, case_id, encodable(detail)))


def _chain(session: Session, notes: list[_Note]) -> None:
    last_hash = select(AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)
    at, previous = session.execute(
        select(func.clock_timestamp(), func.coalesce(last_hash.scalar_subquery(), GENESIS))
    ).one()
    for noted in notes:
        entry = AuditEntry(**asdict(noted), at=at, previous=previous, form=2)
        entry.hash = previous = seal(entry)
        session.add(entry)


_notes: AtCommit[_Note] = AtCommit(Lock.AUDIT_CHAIN, _chain)


def seal(entry: AuditEntry) -> bytes:
    """The hash an entry must have."""
    body = {
        "at": int(entry.at.timestamp() * 1_000_000),
        "actor": entry.actor,
        "action": entry.action,
        "case": entry.case_id,
        "detail": entry.detail,
    }
    try:
        canonical = _FORMS[entry.form](body)
    except (KeyError, ValueError):  # no entry was ever written so: it was altered
        return b""
    return hashlib.sha256(entry.previous + canonical).digest()


def _sorted_json(body: dict[str, Any]) -> bytes:
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


# How the hash of an entry is made, by `form`; old entries keep theirs for ever.
_FORMS: dict[int, Callable[[dict[str, Any]], bytes]] = {
    1: _sorted_json,
    2: lambda body: rfc8785.dumps({**body, "form": 2}),
}


def encodable(value: Any) -> Any:
    """`value` as RFC 8785 and PostgreSQL's jsonb both keep it: numbers beyond 2^53 and what is
    no JSON become text, half characters and NUL become U+FFFD."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value if abs(value) <= _SAFE else str(value)  # NaN is not <= either
    if isinstance(value, dict):
        return {encodable(str(k)): encodable(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [encodable(v) for v in value]
    plain = str(value).replace("\0", "\ufffd")
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@dataclass(frozen=True)
class Walk:
    """What a walk along the chain found."""

    held: int  # entries that hold, from the first of all
    broken: int | None  # the first that does not, or whose place before it is empty
    last: int = 0  # the last that holds
    hash: bytes = GENESIS
    since: datetime | None = None  # entries before this checkpoint were not walked again


def verify(session: Session) -> tuple[int, int | None]:
    """(entries that hold, id of the first that does not or None): every entry is read."""
    walked = walk(session)
    return walked.held, walked.broken


def walk(session: Session, whole: bool = True) -> Walk:
    """Walk the chain from its beginning, or (not `whole`) from the last checkpoint, and leave a
    checkpoint at its end. The checkpoint's own entry must still be there, unaltered."""
    known = _last_checkpoint(session)
    start = None if whole else known
    found = _walk_from(session, start)
    gone = known is not None and found.broken is None and not _stands(session, known)
    if known is not None and gone:
        return Walk(found.held, known.entry_id, found.last, found.hash, found.since)
    ahead = found.held - (known.entries if known else 0)
    if found.broken is None and (ahead >= _STEP or (whole and ahead > 0)):
        session.add(AuditCheckpoint(entry_id=found.last, hash=found.hash, entries=found.held))
        session.flush()
    return found


def _last_checkpoint(session: Session) -> AuditCheckpoint | None:
    return session.scalar(select(AuditCheckpoint).order_by(AuditCheckpoint.id.desc()).limit(1))


def _walk_from(session: Session, start: AuditCheckpoint | None) -> Walk:
    held, last, previous = (start.entries, start.entry_id, start.hash) if start else (0, 0, GENESIS)
    since = start.at if start else None
    query = select(AuditEntry).where(AuditEntry.id > last).order_by(AuditEntry.id)
    fresh = {"populate_existing": True}  # what the database says, not what this session knew
    for entry in session.scalars(query, execution_options=fresh).yield_per(1000):
        if entry.previous != previous or entry.hash != seal(entry):
            return Walk(held, entry.id, last, previous, since)
        held, last, previous = held + 1, entry.id, entry.hash
    return Walk(held, None, last, previous, since)


def _stands(session: Session, point: AuditCheckpoint) -> bool:
    entry = session.get(AuditEntry, point.entry_id, populate_existing=True)
    return entry is not None and entry.hash == point.hash == seal(entry)


_PLATFORM = "平台:"


def platform_actor(slug: str) -> str:
    """The actor of an entry about what a platform did."""
    return _PLATFORM + slug


def actor_platform(actor: str) -> str | None:
    """The slug of the platform that acted; None where a person or the hub did."""
    return actor.removeprefix(_PLATFORM) if actor.startswith(_PLATFORM) else None


_WORDS = {
    "take": "领取",
    "release": "交还",
    "hand_over": "移交",
    "park": "暂缓",
    "unpark": "恢复",
    "file": "立案",
    "merge": "并案",
    "unmerge": "撤销并案",
    "split": "拆分",
    "refuse_suggestion": "认定不是同一传言",
    "dismiss": "不予受理",
    "classify": "确认类型",
    "reopen": "重新打开",
    "propose": "提出处理建议",
    "approve": "批准",
    "reject": "驳回",
    "withdraw": "撤回建议",
    "propose_overturn": "建议推翻决定",
    "revoke": "撤销决定",
    "stay": "中止执行",
    "uphold": "维持决定",
    "relate": "关联案件",
    "unrelate": "解除关联",
    "reminded": "逾期催告",
    "escalated": "逾期转人工",
    "chased": "人工催办",
    "capabilities": "申报能力",
    "caught_up": "补发生效指令",
    "second_factor": "启用动态码",
    "second_factor_reset": "重置动态码",
    "acknowledged": "签收",
    "executed": "反馈执行",
    "refused": "拒绝执行",
    "appeal": "提出申诉",
    "login": "登录",
    "logout": "退出",
    "user_created": "新建人员",
    "subject_set": "登记统一登录身份",
    "revealed": "查看未脱敏原文",
    "user_role": "更改角色",
    "session_ended": "结束会话",
    "password_changed": "修改密码",
    "user_activated": "启用人员",
    "user_deactivated": "停用人员",
    "password_set": "设置密码",
    "platform_added": "登记平台",
    "platform_resumed": "恢复平台投递",
    "platform_suspended": "停用平台",
    "platform_reactivated": "启用平台",
    "key_rotated": "轮换密钥",
    "key_registered": "登记公钥",
    "keys_revoked": "吊销密钥",
    "delivery_resent": "重新投递",
    "test_sent": "发送测试消息",
    "extension_asked": "申请延长期限",
    "extension_approved": "批准延长期限",
    "extension_refused": "不准延长期限",
    "clock_done": "期限办结",
    "exported": "导出列表",
    "paper_reports_taken": "导入窗口登记",
    "paper_made": "生成文书",
    "clock_stopped": "暂停计算期限",
    "clock_resumed": "恢复计算期限",
    "report_released": "放行举报",
    "subject_join": "归并商户",
    "subject_split": "拆分商户",
    "subject_apart": "认定不是同一商户",
    "subject_lookup": "向平台查找商户",
    "subject_found": "查找反馈：有此商户",
    "subject_absent": "查找反馈：无此商户",
    "conflict_resolved": "认定冲突信息",
    "value_stopped": "停用共用信息",
    "value_freed": "恢复共用信息",
    "debunks_imported": "导入辟谣",
    "model_trained": "训练模型",
    "model_promoted": "启用模型",
    "model_rolled_back": "退回模型",
    "limit_set": "设置限速",
    "chain_walked": "核对审计链",
    "care_marked": "标为令人不适",
    "care_unmarked": "取消令人不适标记",
    "review_rule_set": "设置复核比例",
    "review_drawn": "抽取复核",
    "review_answered": "复核",
    "review_recused": "回避复核",
    "review_settled": "处理复核分歧",
    "golden_marked": "标为标准案例",
    "golden_ended": "停用标准案例",
    "warned": "苗头预警",
    "warning_seen": "确认预警",
    "price_baseline": "登记基准价",
    "seeded": "装入测试数据",
    "backed_up": "备份",
    "restored": "恢复备份",
}


def word(action: str) -> str:
    """The Chinese word of an action."""
    return _WORDS.get(action, action)


def last(session: Session, case_id: int) -> AuditEntry | None:
    """The newest entry about a case."""
    return session.scalar(
        select(AuditEntry)
        .where(AuditEntry.case_id == case_id)
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )
