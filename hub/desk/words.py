"""Chinese labels for the codes that officers see."""

from __future__ import annotations

from classifiers.regions import by_code
from classifiers.topics import TOPICS
from classifiers.violation import TYPES
from hub.services.audit.audit_log import word as action
from hub.services.review import labels
from hub.services.rumors.debunk_file import FALSE
from models.states import (
    AppealState,
    CaseState,
    DecisionState,
    DeliveryState,
    LookupState,
    OrderExecution,
    PairState,
)

KINDS = {"rumor": "谣言", "violation": "违法行为"}
ROLES = {
    "clerk": "受理员",
    "handler": "办案员",
    "approver": "审批人",
    "auditor": "审计",
    "admin": "管理员",
    "department": "部门协查",
    "engineer": "平台工程师",
}
AUDIENCES = {"departments": "各部门", "public": "社会公众"}
CASE_STATES: dict[str, str] = {
    CaseState.OPEN: "待研判",
    CaseState.INVESTIGATING: "研判中",
    CaseState.PROPOSED: "待审批",
    CaseState.ORDERED: "已下达",
    CaseState.PARTLY_EXECUTED: "部分执行",
    CaseState.EXECUTED: "已执行",
    CaseState.REJECTED: "已驳回",
    CaseState.WITHDRAWN: "已撤回",
    CaseState.REOPENED: "重新打开",
    CaseState.DISMISSED: "不予受理",
    CaseState.MERGED: "已并案",
    CaseState.REVOKED: "已撤销",
    CaseState.UNDER_REVIEW: "变更待审批",
    CaseState.STAYED: "已中止执行",
}
DECISION_STATES: dict[str, str] = {
    DecisionState.PROPOSED: "待审批",
    DecisionState.APPROVED: "已批准",
    DecisionState.REJECTED: "已驳回",
    DecisionState.WITHDRAWN: "已撤回",
    DecisionState.REVOKED: "已撤销",
    DecisionState.STAYED: "已中止执行",
    DecisionState.SUPERSEDED: "已被替代",
    DecisionState.OVERTURNED: "已推翻",
}
APPEALS: dict[str, str] = {
    AppealState.FILED: "待处理",
    AppealState.STAYED: "已中止执行，待处理",
    AppealState.UPHELD: "维持原决定",
    AppealState.MODIFIED: "变更决定",
    AppealState.OVERTURNED: "推翻决定",
}
REVOCATIONS = {
    "revoked": "撤销",
    "stayed": "中止",
    "overturned": "推翻",
    "superseded": "终止",
}
WITHHELD = {
    "sharing": "不在共享范围内",
    "inactive": "平台已停用",
    "incapable": "平台没有可执行的措施",
    "lapsed": "接入时措施已期满",
}
EXECUTION: dict[str, str] = {
    OrderExecution.NONE: "未签收",
    OrderExecution.ACKNOWLEDGED: "已签收",
    OrderExecution.EXECUTED: "已执行",
    OrderExecution.PARTIAL: "部分执行",
    OrderExecution.ABSENT: "平台无此对象",
    OrderExecution.REFUSED: "拒绝执行",
    OrderExecution.CANCELLED: "已取消",
    OrderExecution.REVERSED: "已还原",
}
DELIVERY: dict[str, str] = {
    DeliveryState.PENDING: "待投递",
    DeliveryState.LEASED: "投递中",
    DeliveryState.WAIT: "等待重试",
    DeliveryState.DELIVERED: "已送达",
    DeliveryState.BLOCKED: "受阻",
    DeliveryState.DEAD_LETTER: "投递失败",
}
METHODS = {
    "exact": "文字相同",
    "minhash": "文字近似",
    "embedding": "语义相近",
    "person": "人工认定",
}
REPORTERS = {
    "user": "消费者",
    "merchant": "商户",
    "staff": "平台人员",
    "trusted_flagger": "可信举报人",
    "department": "部门",
}
TARGETS = {"shop": "店铺", "content": "信息", "account": "账号", "audience": "已接触用户"}
STANCES = {"asserts": "转述", "denies": "否认", "asks": "求证"}
FLAGS = {"invalid_uscc": "统一社会信用代码校验不通过"}
MESSAGES = {
    "order.issued": "处置指令",
    "order.revoked": "撤销指令",
    "report.updated": "举报处理情况",
    "test.ping": "测试消息",
    "report.created": "举报",
    "report.batch": "批量举报",
    "order.acknowledged": "签收",
    "order.executed": "执行反馈",
    "order.refused": "拒绝执行",
    "appeal.filed": "申诉",
    "appeal.updated": "申诉处理情况",
    "order.reminder": "逾期催告",
    "platform.capabilities": "能力申报",
    "subject.lookup": "查找商户",
    "subject.corrected": "商户信息更正",
    "subject.found": "查找反馈：有",
    "subject.absent": "查找反馈：无",
}
KEYS = {
    "inbound_hmac": "来文签名密钥（贵方签名用）",
    "inbound_ed25519": "来文验签公钥（贵方登记）",
    "bearer": "查询令牌",
    "outbound_ed25519": "枢纽签名公钥（贵方验签用）",
    "outbound_hmac": "枢纽签名密钥（双方共有）",
}
ENTITIES = {
    "party": "当事人",
    "uscc": "信用代码",
    "companies": "企业",
    "shops": "店铺",
    "prices": "价格",
    "quantities": "数量",
    "places": "地点",
    "dates": "日期",
    "phones": "电话",
    "licences": "许可证号",
    "fines": "罚款",
    "articles": "法条",
}
PAGES = {  # pages with personal data, as named in the log of viewings
    "queue.show": "案件搜索",
    "cases.show": "案件",
    "reveal.show": "完整号码",
    "merchants.index": "商户名单",
    "merchants.show": "商户",
    "merchants.shared": "多户共用的信息",
    "denylist.index": "限制入驻名单",
    "denylist.versions": "限制入驻名单的历次变动",
    "denylist.show": "限制入驻名单",
    "papers.word": "文书 Word",
    "papers.pdf": "文书 PDF",
    "admin.quarantine": "隔离区",
}
_DENY_CHANGES = {
    "entered": "列入",
    "ended": "解除",
    "appeal": "申诉",
    "moved": "商户归并或拆分",
}
ALARMS = {
    "bad_signature": "签名不符",
    "webhook_id_reused": "来文编号重复而内容不同",
    "model_altered": "已启用的模型文件被改动，改用随附模型",
}
VIOLATIONS = {code: kind.label for code, kind in TYPES.items()}
# The first two digits of GB/T 2260: provinces and the like.
REGIONS = {code[:2]: name for code, name in by_code().items() if code.endswith("0000")}
VERDICTS = {word: word for word in labels.VERDICTS}
TASKS = {"rumor": "谣言评分", "theme": "主题", "violation": "违法类型"}
PARTS = {"rumor": "谣言评分", "theme": "主题", "price": "价格违法类型", "matching": "归并阈值"}
IDENTITIES = {
    "uscc": "统一社会信用代码",
    "id_number": "证件号码（密文）",
    "phone": "电话（密文）",
    "payout_account": "收款账户（密文）",
    "license_no": "许可证号",
    "legal_name": "主体名称",
    "shop_name": "店铺名称",
    "address": "地址",
    "name_address": "名称与地址相同",
    "name_region": "名称与地区相同",
    "name_sound": "名称读音相同",
    "found_by_uscc": "平台按信用代码查到",
    "found_by_license_no": "平台按许可证号查到",
    "found_by_name": "平台按名称查到",
    "person": "人工认定",
}
LOOKUPS: dict[str, str] = {
    LookupState.ASKED: "尚未答复",
    LookupState.FOUND: "有此商户",
    LookupState.ABSENT: "无此商户",
}
PAIRS = {PairState.joined: "已归并", PairState.apart: "不是同一商户"}
# The answers of a second reviewer, by kind of case.
ANSWERS = {
    "rumor": {
        labels.RUMOR: "谣言或不实，应处置",
        labels.NOT_RUMOR: "不是谣言，不予受理",
        labels.UNCLEAR: "无法认定",
    },
    "violation": {
        **VIOLATIONS,
        "other": "有违法行为，类型不在目录",
        labels.NO_VIOLATION: "不构成违法，不予受理",
    },
}
SETTLED = {"first": "以原结论为准", "second": "以复核结论为准", "open": "两可，已记录"}
UNSPECIFIED = "类型未定"
# The sources of a type; a rule and a model with what their scores measure.
TYPE_SOURCES = {
    "reporter": "举报人所选", "officer": "人工认定", "rule": "规则，强度", "model": "模型，把握",
}  # fmt: skip


def debunked(verdict: str) -> str:
    """The label of a claim with an earlier verdict."""
    return "已辟谣" if verdict in FALSE else f"曾查证：{verdict}"


def deny_change(what: str, detail: str | None) -> str:
    """What changed in a version of the deny-list."""
    shown = APPEALS.get(detail or "", detail) if what == "appeal" else detail
    return _DENY_CHANGES[what] + (f"：{shown}" if shown else "")


def violation(code: str | None) -> str:
    """The Chinese name of a type of violation."""
    known = TYPES.get(code or "")
    return known.label if known else UNSPECIFIED


__all__ = ["TOPICS", "action", "violation"]
