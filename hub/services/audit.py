"""The audit log 审计: who did what, each entry sealed onto the one before it.

hash = SHA-256(previous hash + canonical JSON of the entry). An entry edited or removed
breaks every hash after it, and `verify` finds the place.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from models import AuditEntry

_CHAIN = 7_202_002  # advisory lock: entries are chained one transaction at a time
GENESIS = b"\0" * 32


def note(
    session: Session, actor: str, action: str, case_id: int | None = None, **detail: Any
) -> AuditEntry:
    """Add an entry in the caller's transaction; it stands or falls with what it tells of.

    Call last before commit: the chain is locked until then.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(:k)"), {"k": _CHAIN})
    previous = session.scalar(select(AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1))
    entry = AuditEntry(
        at=session.scalar(select(func.clock_timestamp())),
        actor=actor,
        action=action,
        case_id=case_id,
        detail=detail,
        previous=previous or GENESIS,
    )
    entry.hash = seal(entry)
    session.add(entry)
    session.flush()
    return entry


def seal(entry: AuditEntry) -> bytes:
    """The hash an entry must have."""
    body = {
        "at": int(entry.at.timestamp() * 1_000_000),
        "actor": entry.actor,
        "action": entry.action,
        "case": entry.case_id,
        "detail": entry.detail,
    }
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(entry.previous + canonical.encode()).digest()


def verify(session: Session) -> tuple[int, int | None]:
    """(entries that hold, id of the first that does not or None). Reads in id order."""
    previous, held = GENESIS, 0
    for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id)).yield_per(1000):
        if entry.previous != previous or entry.hash != seal(entry):
            return held, entry.id
        previous, held = entry.hash, held + 1
    return held, None


_WORDS = {
    "take": "领取",
    "release": "交还",
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
    "revoke": "撤销决定",
    "acknowledged": "签收",
    "executed": "反馈执行",
    "refused": "拒绝执行",
    "appeal": "提出申诉",
    "login": "登录",
    "logout": "退出",
    "user_created": "新建人员",
    "user_activated": "启用人员",
    "user_deactivated": "停用人员",
    "password_set": "设置密码",
    "platform_added": "登记平台",
    "platform_resumed": "恢复平台投递",
    "key_rotated": "轮换密钥",
    "keys_revoked": "吊销密钥",
    "delivery_resent": "重新投递",
    "test_sent": "发送测试消息",
    "extension_asked": "申请延长期限",
    "extension_approved": "批准延长期限",
    "extension_refused": "不准延长期限",
    "clock_stopped": "暂停计算期限",
    "clock_resumed": "恢复计算期限",
    "report_released": "放行举报",
    "debunks_imported": "导入辟谣",
    "model_trained": "训练模型",
    "model_promoted": "启用模型",
    "model_rolled_back": "退回模型",
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
