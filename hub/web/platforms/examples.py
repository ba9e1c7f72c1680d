"""One example of every message, shown in /docs and checked against the models by a test."""

from __future__ import annotations

from typing import Any

_AT = "2020-02-20T09:30:00+08:00"
_LOOKUP = "lk_5d0c2b9e7f3a4b618c9d0e1f"
_ORDER = "od_3f9c1a7b5d2e4f6081a2b3c4"
_REPORT = {
    "report_id": "JD-20200220-0001",
    "kind": "violation",
    "reported_at": _AT,
    "content": {
        "text": "平时2元一只的口罩，这家店今天卖到50元一只，还说明天要再涨。",
        "title": "口罩涨价",
        "url": "https://item.example.com/100012345",
    },
    "subject": {"shop_id": "jd-100012", "shop_name": "安心护具店"},
    "reporter": {"kind": "user", "ref": "u-7f3a"},
    "reason": "哄抬价格",
}


def _message(type_: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"type": type_, "timestamp": _AT, "data": data}


def _outgoing(type_: str, seq: int, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": type_,
        "timestamp": _AT,
        "iss": "rumor-violation-hub",
        "aud": "jd",
        "seq": seq,
        "data": data,
    }


EXAMPLES: dict[str, dict[str, Any]] = {
    "report.created": _message("report.created", _REPORT),
    "report.batch": _message("report.batch", {"reports": [_REPORT]}),
    "order.acknowledged": _message("order.acknowledged", {"order_id": _ORDER, "at": _AT}),
    "order.executed": _message(
        "order.executed",
        {
            "order_id": _ORDER,
            "result": "executed",
            "at": _AT,
            "done": [{"code": "close_shop", "target": "jd-100012", "ok": True}],
        },
    ),
    "order.refused": _message(
        "order.refused", {"order_id": _ORDER, "at": _AT, "reason": "店铺主体与指令不符"}
    ),
    "appeal.filed": _message(
        "appeal.filed",
        {"order_id": _ORDER, "appeal_id": "ap-1", "at": _AT, "reason": "进货价上涨，附凭证"},
    ),
    "platform.capabilities": _message(
        "platform.capabilities",
        {"at": _AT, "kind": "commerce", "measures": ["warn", "delist_goods", "suspend_shop"]},
    ),
    "subject.found": _message(
        "subject.found",
        {
            "lookup_id": _LOOKUP,
            "at": _AT,
            "shops": [{"shop_id": "jd-100012", "shop_name": "安心护具店", "by": ["uscc"]}],
        },
    ),
    "subject.absent": _message("subject.absent", {"lookup_id": _LOOKUP, "at": _AT}),
    "order.issued": _outgoing(
        "order.issued",
        41,
        {
            "order_id": _ORDER,
            "decision_id": "C12-1",
            "kind": "violation",
            "measures": [
                {
                    "code": "close_shop",
                    "label": "关闭店铺",
                    "target": "shop",
                    "legal_ground": "《中华人民共和国电子商务法》第二十九条、第三十八条",
                    "term_days": None,
                    "reversible": True,
                    "instead_of": None,
                }
            ],
            "subject": {
                "uscc": None,
                "merchant_name": "安心护具店",
                "license_no": None,
                "shops": [{"shop_id": "jd-100012", "shop_name": "安心护具店"}],
            },
            "claim": None,
            "facts": "2月20日以50元一只销售平时2元一只的口罩，并散布涨价信息。",
            "grounds": ["《中华人民共和国价格法》第十四条第（三）项"],
            "answer_by": "2020-02-23T09:30:00+08:00",
            "not_before": _AT,
            "expires_at": None,
            "supersedes": None,
        },
    ),
    "order.revoked": _outgoing(
        "order.revoked",
        57,
        {
            "order_id": _ORDER,
            "revocation_id": "rv_0a1b2c3d4e5f60718293a4b5",
            "because": "overturned",
            "reason": "申诉成立，撤销原决定",
            "answer_by": "2020-02-26T09:30:00+08:00",
        },
    ),
    "order.reminder": _outgoing(
        "order.reminder",
        58,
        {"order_id": _ORDER, "answer_by": _AT, "execution": "acknowledged"},
    ),
    "appeal.updated": _outgoing(
        "appeal.updated",
        59,
        {
            "appeal_id": "ap-1",
            "order_id": _ORDER,
            "state": "overturned",
            "reason": "进货凭证属实，原决定撤销。",
        },
    ),
    "report.updated": _outgoing(
        "report.updated",
        42,
        {"reports": [{"report_id": "JD-20200220-0001", "status": "merged", "case": "C12"}]},
    ),
    "test.ping": _outgoing("test.ping", 58, {"note": "测试消息，请答 200"}),
    "subject.lookup": _outgoing(
        "subject.lookup",
        58,
        {
            "lookup_id": _LOOKUP,
            "salt": "3q2+7wABAgMEBQYHCAkKCw==",
            "iterations": 2000,
            "keys": [{"kind": "uscc", "hash": "9c" * 32}],
            "answer_by": "2020-02-21T09:30:00+08:00",
        },
    ),
    "subject.corrected": _outgoing(
        "subject.corrected",
        59,
        {
            "uscc": "91350100M000100Y43",
            "shops": ["jd-100012"],
            "field": "legal_name",
            "yours": "安心护具商行",
            "corrected": "青禾市安心护具有限公司",
            "reason": "以登记机关公示信息为准",
        },
    ),
}
