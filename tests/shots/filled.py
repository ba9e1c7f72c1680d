"""What happened in the full hub: samples came in over three days, officers worked, a rumor surged.

The content is the same in every run; moments follow the clock of the day.
"""

from __future__ import annotations

import io
import re
import time
from pathlib import Path
from typing import Any

import openpyxl
import requests
from sqlalchemy import func, select, text

from hub.runner.officers import Officer
from hub.sandbox import data
from tests.conftest import LiveHub
from tests.shots.pages import Places

SURGE = (
    "紧急通知：云岭县的柑橘里发现蛆虫，一咬就会感染，商家连夜打药掩盖，近期千万别买橘子，转给家人！"
)
TURNS = ("", "！！", "（已核实）", "，亲戚在果园说的", " 附视频", "，速转", "，超市已经下架")
LONG = {
    "report_id": "SHOT-LONG",
    "kind": "violation",
    "reported_at": "2026-04-20T09:00:00+08:00",
    "content": {
        "title": "一次性医用外科口罩五十只独立包装成人加厚三层熔喷布" * 4,
        "text": "店家先说严重缺货，又说即将全线提价。" * 60 + "W" * 400,
        "url": "https://item.jd.example.com/" + "very-long-path/" * 20,
    },
    "subject": {
        "shop_id": "jd-" + "9" * 60,
        "shop_name": "\u202eمتجر الأقنعة 😷😷😷 " + "康宁护具官方旗舰总店" * 8,
        "merchant_name": "青禾市长名字生物科技医疗器械进出口贸易有限责任公司" * 4,
        "address": "青禾市滨江区人民路" + "第一百二十三号院" * 12,
    },
    "reason": "哄抬价格",
}
_CLAIMED = """SELECT max(id) FROM "case" WHERE violation_source = 'reporter' AND live"""
_DRAWN = "SELECT id FROM review WHERE reviewer_id IS NOT NULL"
CHECKED = "经调取三个平台的销售记录，五日内单价由2元升至15元，进货价未变。"
_AGE = """
    UPDATE report SET received_at = now() - (q.n - report.id) * interval '16 minutes'
        - interval '40 minutes' FROM (SELECT max(id) AS n FROM report) AS q;
    UPDATE "case" SET opened_at = r.first, last_report_at = r.last FROM
        (SELECT case_id, min(received_at) AS first, max(received_at) AS last FROM report
         WHERE case_id IS NOT NULL GROUP BY case_id) AS r WHERE r.case_id = "case".id;
    DELETE FROM pulse;
    INSERT INTO pulse (case_id, quarter, platform_id, n)
        SELECT case_id, date_bin('15 minutes', received_at, 'epoch'), platform_id, count(*)
        FROM report WHERE case_id IS NOT NULL GROUP BY 1, 2, 3;
    UPDATE clock SET started_on = started_on - 28, due_on = due_on - 28 WHERE case_id % 7 = 0;
    UPDATE clock SET started_on = started_on - 20, due_on = due_on - 20 WHERE case_id % 7 = 3;
"""


def fill(hub: LiveHub, folder: Path) -> Places:
    """Make all that the views of `full` need; returns the paths' names."""
    for sample in data.samples():
        _send(hub, sample["platform"], sample)
    _send(hub, "jd", LONG)
    hub.settled("jd", "SHOT-LONG", 120)
    _settle()
    _priced()
    sql(_AGE)
    _surge(hub)
    places = _worked(hub) | _files(folder) | {"password": hub.password, "slug": "weidian"}
    places["imported"] = _imported(places["sheet"])
    places["delivery"] = sql("SELECT max(d.id) FROM delivery d JOIN platform p ON p.id = "
                              "d.platform_id WHERE p.slug = 'jd'")  # fmt: skip
    places["message"] = sql("SELECT max(m.id) FROM inbound_message m JOIN platform p ON p.id = "
                             "m.platform_id WHERE p.slug = 'jd'")  # fmt: skip
    places["debunk"] = sql("SELECT min(id) FROM debunk")
    return places


def sql(statements: str, **values: Any) -> Any:
    """Run them; the one value of the last, if it has one."""
    from hub.database import session_scope

    with session_scope() as session:
        done = [session.execute(text(s), values) for s in statements.split(";") if s.strip()][-1]
        return done.scalar() if done.returns_rows else None


def _send(hub: LiveHub, platform: str, report: dict[str, Any]) -> None:
    answer = hub.send_report(platform, {k: v for k, v in report.items() if k != "platform"})
    assert answer["status"] in (202, 422), answer


def _settle() -> None:
    """Wait until every report has its case and every order its answer."""
    deadline = time.monotonic() + 180
    waiting = "SELECT count(*) FROM report WHERE state IN ('RECEIVED', 'PROCESSING')"
    while sql(waiting):
        assert time.monotonic() < deadline, "reports are still waiting"
        time.sleep(0.3)


def _priced() -> None:
    """What the hub reads of prices every minute, before the reports are made older."""
    from hub.database import session_scope
    from hub.services.warnings import prices

    with session_scope() as session:
        prices.gather(session, session.scalars(select(func.now())).one())
    sql("UPDATE price_quote SET at = now() - report_id % 5 * interval '1 day'")


def _surge(hub: LiveHub) -> None:
    """A new rumor on four platforms within minutes, and the look that finds it."""
    from hub.database import session_scope
    from hub.services.warnings import early_warnings

    for n in range(28):
        slug = ("jd", "weidian", "pinduoduo", "alibaba")[n % 4]
        report = {"report_id": f"SHOT-SURGE-{n}", "kind": "rumor",
                  "reported_at": "2026-04-22T09:00:00+08:00",
                  "content": {"text": SURGE + TURNS[n % len(TURNS)]},
                  "reporter": {"kind": "user", "ref": f"u{n}"}}  # fmt: skip
        _send(hub, slug, report)
    _send(hub, "suning", {"report_id": "SHOT-BAD", "kind": "rumour"})
    _settle()
    with session_scope() as session:
        early_warnings.raise_warnings(session)


def _worked(hub: LiveHub) -> Places:
    """The officers' day."""
    handler, approver, clerk = (
        Officer(hub.base_url, role, hub.password) for role in ("handler", "approver", "clerk")
    )
    surging = sql("SELECT case_id FROM warning ORDER BY id DESC LIMIT 1")
    long = sql("SELECT case_id FROM report WHERE external_id = 'SHOT-LONG'")
    merchants = _cases("violation", surging, long)
    rumors = _cases("rumor", surging, long)
    executed, partly, appealed, proposed, taken, clocked, parked = merchants[:7]

    rule = approver.read("/reviews").forms["form-rule"]
    approver.submit("/reviews", rule, "rule", share="100", golden_share="0", why="试运行期全部复核")
    _decide(handler, approver, executed, sharing="public")
    _wait_for_answers(executed)
    _press(handler, executed, "paper", kind="registration")
    _press(handler, executed, "paper", kind="decision")
    hub.control("suning", "behaviour", {"hooks": "error500"})
    hub.control("pinduoduo", "behaviour", {"hooks": "refuse_orders"})
    _decide(handler, approver, partly)
    time.sleep(8)
    hub.control("pinduoduo", "behaviour", {"hooks": "ok"})
    sql("UPDATE \"order\" SET answer_by = now() - interval '2 days', reminded_at = now() - "
        "interval '1 day', escalated_at = now() WHERE answered_at IS NULL")  # fmt: skip
    _pull_the_deny_list(hub, "jd", "weidian")
    _decide(handler, approver, appealed)
    _wait_for_answers(appealed, 4)
    order = sql("SELECT o.public_id FROM \"order\" o JOIN platform p ON p.id = o.platform_id "
                 "JOIN decision d ON d.id = o.decision_id WHERE d.case_id = :c AND p.slug = 'jd'",
                 c=appealed)  # fmt: skip
    hub.control("jd", "appeal", {"order_id": order, "reason": "涨价前进货价已上涨，附进货单。"})
    _pull_the_deny_list(hub, "jd", "alibaba")
    _propose(handler, proposed)
    for case in (taken, rumors[0], rumors[1]):
        _press(handler, case, "take")
    _press(handler, clocked, "file")
    ask = re.search(r'id="(form-clock-extend-\d+)"', _html(handler, clocked))
    assert ask, "no clock that can be extended"
    _press(
        handler, clocked, ask[1][5:], reason="需向三个平台调取进货凭证，十五个工作日内难以核实。"
    )
    _press(clerk, parked, "park", until=sql("SELECT current_date + 9").isoformat(),
           reason="等检测报告")  # fmt: skip
    for case in rumors[-4:-1]:
        _press(clerk, case, "dismiss", reason="与本局职责无关，已告知举报人向网信部门反映。")
    _press(clerk, rumors[-5], "merge", into=f"C{rumors[2]}", reason="同一传言")
    _press(handler, rumors[4], "care")
    _press(handler, rumors[3], "relate", into=f"C{executed}", reason="借谣言涨价")
    _draw(approver)
    page = f"/reviews/{sql(_DRAWN)}"
    recuse = approver.read(page).forms["form-recuse"]
    assert approver.submit(page, recuse, "recuse", reason="与当事人的经营者相识。")
    _draw(approver)
    return {
        "review": sql(_DRAWN),
        "rumor": rumors[0], "taken": taken, "long": long, "proposed": proposed,
        "executed": executed, "appealed": appealed, "partly": partly, "dismissed": rumors[-2],
        "merged": rumors[-5], "parked": parked, "clocked": clocked, "open": merchants[7],
        "covered": rumors[4],
        "claimed": sql(_CLAIMED),
        "warning": sql("SELECT max(id) FROM warning"),
        "merchant": sql('SELECT merchant_id FROM "case" WHERE id = :c', c=executed),
        "denied": sql("SELECT min(id) FROM deny_entry"),
    }  # fmt: skip


def _draw(officer: Officer) -> None:
    """The next case to be judged anew."""
    drawn = officer.read("/reviews").forms["form-next"]
    assert officer.submit("/reviews", drawn, "review")


def _pull_the_deny_list(hub: LiveHub, *platforms: str) -> None:
    for slug in platforms:
        headers = {"Authorization": f"Bearer {hub.sandboxes[slug]['token']}"}
        url = f"{hub.base_url}/api/v1/denylist"
        requests.get(url, headers=headers, timeout=30).raise_for_status()


def _cases(kind: str, *but: int) -> list[int]:
    """Open cases of a kind, the most reported first."""
    from hub.database import session_scope

    asked = text(
        'SELECT c.id FROM "case" c JOIN report r ON r.case_id = c.id WHERE c.kind = :kind '
        "GROUP BY c.id ORDER BY count(*) DESC, c.id"
    )
    with session_scope() as session:
        return [n for n in session.scalars(asked, {"kind": kind}) if n not in but]


def _form(officer: Officer, case: int, name: str) -> Any:
    return officer.read(f"/cases/{case}").forms[f"form-{name}"]


def _html(officer: Officer, case: int) -> str:
    return officer.http.get(f"{officer.base_url}/cases/{case}", timeout=60).text


def _press(officer: Officer, case: int, name: str, **values: str) -> None:
    assert officer.submit(f"/cases/{case}", _form(officer, case, name), name, **values)


def _propose(handler: Officer, case: int, **more: str) -> None:
    """What the draft leaves blank is filled in."""
    draft = dict(_form(handler, case, "propose").fields)["facts"]
    _press(handler, case, "propose", facts=re.sub("【[^】]*】", CHECKED, draft), **more)


def _decide(handler: Officer, approver: Officer, case: int, **more: str) -> None:
    _propose(handler, case, **more)
    approver.approve(case)


def _wait_for_answers(case: int, orders: int = 5) -> None:
    deadline = time.monotonic() + 60
    done = ("SELECT count(*) FROM \"order\" o JOIN decision d ON d.id = o.decision_id WHERE "
            "d.case_id = :c AND o.execution IN ('EXECUTED', 'PARTIAL', 'ABSENT')")  # fmt: skip
    while sql(done, c=case) < orders:
        assert time.monotonic() < deadline, f"C{case} is not executed"
        time.sleep(0.3)


def _imported(path: str) -> int:
    """A sheet that the clerk uploaded and said yes to."""
    from hub.database import session_scope
    from hub.jobs import sheets
    from hub.services.reports import paper_imports

    clerk = sql("SELECT id FROM \"user\" WHERE username = 'clerk'")
    with session_scope() as session:
        body = Path(path).read_bytes()
        id_ = paper_imports.receive(session, clerk, "二月登记.xlsx", body).id
    sheets.work()
    with session_scope() as session:
        paper_imports.confirm(session, clerk, id_)
    sheets.work()
    return id_


def _files(folder: Path) -> Places:
    """Sheets to upload: good with three bad rows, none at all, far too large."""
    from hub.services.reports.paper_reports import COLUMNS

    book = openpyxl.Workbook()
    page = book.active
    assert page
    page.append(list(COLUMNS))
    for n in range(1, 13):
        cells = dict.fromkeys(COLUMNS, "")
        cells |= {"编号*": f"2026-{n:04}", "类别*": "违法行为", "举报时间*": "2026-01-31 09:30",
                  "举报内容*": f"东门{n}号摊位的口罩平时2元一只，现在卖到15元一只",
                  "商户名称": "安心护具店", "是否实名": "是"}  # fmt: skip
        cells |= {4: {"类别*": "投诉"}, 7: {"举报时间*": "昨天"}, 9: {"举报内容*": ""}}.get(n, {})
        page.append(list(cells.values()))
    kept = io.BytesIO()
    book.save(kept)
    files = {"sheet": kept.getvalue(), "no_sheet": b"not a sheet", "huge": b"0" * (21 * 2**20)}
    for name, body in files.items():
        (folder / f"{name}.xlsx").write_bytes(body)
    return {name: str(folder / f"{name}.xlsx") for name in files}
