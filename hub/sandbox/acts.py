"""The acts of an order on this platform, carried out and undone.

An act belongs to its order and is never counted up or toggled, so the same order twice, or its
revocation first, leaves the same shops in the same state.
"""

import sqlite3
import zlib
from dataclasses import dataclass

from hub.sandbox import client

# Mildest first: a shop's status shows the most severe measure of an order. A code that is not
# listed is carried out all the same, and shown with the hub's label.
MEASURES = (
    "warn",
    "refund_buyers",
    "stop_advert",
    "remove_content",
    "delist_goods",
    "freeze_funds",
    "suspend_trading",
    "suspend_shop",
    "close_shop",
)
SEVERITY = {code: rank for rank, code in enumerate(MEASURES)}
DENY = "bar_onboarding"
MAX_DONE = 100  # lines of one answer that the hub reads


@dataclass(frozen=True)
class Act:
    """One thing done, or not, to one target: a line of `order.executed`."""

    code: str
    label: str
    target: str
    ok: bool = True
    note: str = ""
    reversible: bool = True

    def as_answer(self) -> dict:
        target = self.target[:500]
        return {"code": self.code, "target": target, "ok": self.ok, "note": self.note}


def undo(db: sqlite3.Connection, order_id: str) -> list[Act]:
    """Undo what an order did; irreversible acts are returned as not ok."""
    live = "SELECT * FROM effects WHERE order_id = ? AND undone_at IS NULL"
    acts = []
    for effect in db.execute(live, (order_id,)).fetchall():
        what = (effect["code"], effect["label"], effect["target"])
        if not effect["reversible"]:
            acts.append(Act(*what, ok=False, note="该措施不可撤回"))
            continue
        undone = (client.now_rfc3339(), effect["id"])
        db.execute("UPDATE effects SET undone_at = ? WHERE id = ?", undone)
        acts.append(Act(*what, note="已恢复"))
    return acts


def decide(db: sqlite3.Connection, data: dict) -> tuple[str, list[Act], str]:
    """The effect of an order on this platform: result, acts and a note."""
    subject, claim = data.get("subject"), data.get("claim") or {}
    shops = _shops_of(db, subject or {})
    contents = [*(claim.get("reports") or []), *(claim.get("urls") or [])]
    if subject and not shops and not contents:
        barred = subject.get("uscc") or subject.get("merchant_name") or "未知"
        act = Act(DENY, "限制入驻", barred, note="本平台无此商户,已限制入驻")
        return "absent", [act], act.note
    if not subject and not contents:
        return "absent", [], "本平台未发现相关内容"
    acts: dict[tuple[str, str], Act] = {}
    for measure in data["measures"]:
        for act in _acts(measure, subject, shops, contents):
            acts.setdefault((act.code, act.target), act)
    return _result(list(acts.values()))


def _result(acts: list[Act]) -> tuple[str, list[Act], str]:
    if not acts:
        return "absent", [], "本平台未发现指令所指对象"
    done = sum(act.ok for act in acts)
    result = "executed" if done == len(acts) else "partial"
    return result, acts, f"已执行 {done} 项,共 {len(acts)} 项"


def _shops_of(db: sqlite3.Connection, subject: dict) -> list[str]:
    """Ids of this merchant's shops here, by credit code or by shop id; never by name."""
    named = [shop.get("shop_id") for shop in subject.get("shops") or []]
    query = "SELECT shop_id FROM shops WHERE (uscc <> '' AND uscc = ?) OR shop_id IN ({})"
    marks = ", ".join("?" * len(named))
    found = db.execute(query.format(marks), (subject.get("uscc"), *named)).fetchall()
    return [row["shop_id"] for row in found]


def _acts(measure: dict, subject: dict | None, shops: list[str], contents: list[str]) -> list[Act]:
    """The acts of one measure: one for each shop, or for each piece of content."""
    code = measure["code"]
    what = {"label": measure.get("label") or code, "reversible": measure.get("reversible", True)}
    if not subject:
        return [Act(code, target=one, **what) for one in contents]
    if code == DENY:
        named = subject.get("uscc") or subject.get("merchant_name")
        barred = named or (shops[0] if shops else "未知")
        return [Act(code, target=barred, **what)]
    about_content = contents and measure.get("target") in ("content", "audience")
    return [Act(code, target=one, **what) for one in (contents if about_content else shops)]


def apply(db: sqlite3.Connection, row: sqlite3.Row, act: Act) -> None:
    """Carry out one act, under its order's id and seq."""
    db.execute(
        "INSERT INTO effects (order_id, seq, code, label, target, reversible, severity, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            row["order_id"],
            row["seq"],
            act.code,
            act.label,
            act.target,
            act.reversible,
            SEVERITY.get(act.code, -1),
            client.now_rfc3339(),
        ),
    )


def reached(acts: list[Act]) -> int | None:
    """Users a debunk was pushed to: fictional, but always the same for one post."""
    pushed = [act.target for act in acts if "push" in act.code]
    return sum(500 + zlib.crc32(one.encode()) % 20_000 for one in pushed) if pushed else None


def summary(acts: list[Act]) -> list[Act]:
    """The acts; where they are too many for one answer, one line for each measure."""
    if len(acts) <= MAX_DONE:
        return acts
    groups: dict[tuple[str, bool], list[Act]] = {}
    for act in acts:
        groups.setdefault((act.code, act.ok), []).append(act)
    return [Act(c, "", f"{len(group)} 项", ok) for (c, ok), group in groups.items()]
