"""A page that shows one platform: its shops, orders and their effects."""

import struct
import zlib
from html import escape

from hub.sandbox.store import SHOPS_WITH_STATUS, Store

STATES = {
    "waiting": "待执行",
    "executed": "已执行",
    "partial": "部分执行",
    "absent": "本平台无此商户",
    "refused": "未执行",
}
KINDS = {"order": "处置指令", "revocation": "撤销指令"}
ORDERS = "SELECT order_id, kind, seq, state, note FROM orders ORDER BY rowid DESC LIMIT 100"
EFFECTS = """SELECT at, order_id, label, target, coalesce(undone_at, '') AS undone_at
             FROM effects ORDER BY id DESC LIMIT 100"""


def render(title: str, store: Store) -> str:
    """The whole page; every value is escaped, because shop names are untrusted."""
    shops = [
        (row["shop_id"], row["shop_name"], row["merchant_name"], row["uscc"], row["label"])
        for row in store.rows(SHOPS_WITH_STATUS)
    ]
    orders = [
        (row["order_id"], KINDS[row["kind"]], row["seq"], STATES[row["state"]], row["note"])
        for row in store.rows(ORDERS)
    ]
    effects = [tuple(row) for row in store.rows(EFFECTS)]
    title = escape(f"{title} 沙箱平台")
    return f"""<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title></head>
<body><h1>{title}</h1>
<p>演示用的模拟平台,店铺与商户均为虚构。</p>
{_table("店铺", ("店铺编号", "店铺名称", "商户", "统一社会信用代码", "状态"), shops)}
{_table("收到的指令", ("指令编号", "类型", "序号", "状态", "说明"), orders)}
{_table("已产生的效果", ("时间", "指令编号", "措施", "对象", "撤回时间"), effects)}
{_table("限制入驻名单", ("主体",), [(one,) for one in store.denylist()])}
</body></html>"""


def _table(caption: str, heads: tuple, rows: list[tuple]) -> str:
    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    empty = "" if rows else f'<tr><td colspan="{len(heads)}">暂无</td></tr>'
    return (
        f'<h2>{escape(caption)} ({len(rows)})</h2><table border="1"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}{empty}</tbody></table>"
    )


def _cell(value: object) -> str:
    return f"<td>{escape('' if value is None else str(value))}</td>"


def picture() -> bytes:
    """A chequered PNG of 320 by 200: evidence for a sample report."""
    wide, high = 320, 200
    dark, light = b"\x24\x57\x8f", b"\xf2\xb8\x4b"
    rows = b"".join(
        b"\0" + b"".join((dark, light)[(x // 40 + y // 40) % 2] for x in range(wide))
        for y in range(high)
    )
    head = struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
