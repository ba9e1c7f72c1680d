"""Pictures and marked things are covered until wished for, counted, and hinted at gently."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import select, text, update

from hub.config import settings
from hub.services.people import wellbeing
from hub.services.reports import pictures
from models import AuditEntry, EarlyWarning, Report, User, Viewing
from tests.hub.web import seed

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
ANSWERS = {
    "/a.png": (200, PNG),
    "/page.png": (200, b"<html><script>alert(1)</script>"),
    "/gone.png": (404, b""),
    "/huge.png": (200, PNG + b"\0" * pictures.MOST_BYTES),
    "/moved.png": (302, b""),
}


@pytest.fixture
def gallery(monkeypatch, database_url):
    """A server with pictures on loopback, which alone may be reached there."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = ANSWERS[self.path]
            self.send_response(status)
            self.send_header("Content-Type", "image/png")
            self.send_header("Location", "http://127.0.0.1:1/")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host = f"127.0.0.1:{server.server_port}"
    allowed = replace(settings(), outbound_allow=frozenset({host}))
    monkeypatch.setattr(pictures, "settings", lambda: allowed)
    yield f"http://{host}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def case(session, p, gallery):
    images = [gallery + path for path in ANSWERS] + ["http://169.254.169.254/latest/a.png"]
    made = seed.rumor_case(
        session,
        [("现场照片流出，场面惨烈", [p["jd"]]), ("现场的照片流出来了", [p["pdd"]])],
        content={"images": images},
    )
    session.commit()
    return made


def _report(session, case) -> int:
    return session.scalars(select(Report.id).where(Report.case_id == case.id)).first()


def test_a_picture_is_fetched_when_wished_for_and_counted(desk, session, case):
    clerk = desk("clerk")
    clerk.get(f"/cases/{case.id}")
    assert '<details class="picture">' in clerk.page and 'class="blurred"' in clerk.page
    assert clerk.page.count('loading="lazy"') == len(ANSWERS) * 2 + 2
    assert not session.scalars(select(Viewing).where(Viewing.page == wellbeing.PICTURE)).all()
    path = f"/reports/{_report(session, case)}/pictures/1"
    for _ in range(2):  # the same one twice is one
        answer = clerk.client.get(path)
        assert (answer.mimetype, answer.data) == ("image/png", PNG)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert wellbeing.opened(session, "clerk") == wellbeing.Opened(1, 1)


@pytest.mark.parametrize(
    ("number", "said"),
    [(2, "不是图片"), (3, "取不到（404）"), (4, "过大"), (5, "取不到（302）"), (6, "不是公开")],
)
def test_what_is_no_picture_is_said_in_its_place(desk, session, case, number, said):
    answer = desk("clerk").client.get(f"/reports/{_report(session, case)}/pictures/{number}")
    assert answer.mimetype == "image/svg+xml" and said in answer.text
    assert "<script" not in answer.text


def test_no_such_picture(desk, session, case):
    id_ = _report(session, case)
    for path in (
        f"/reports/{id_}/pictures/7",
        f"/reports/{id_}/pictures/0",
        "/reports/99/pictures/1",
    ):
        assert desk("clerk").client.get(path).status_code == 404


def test_a_marked_case_is_covered_until_wished_for(desk, session, case):
    clerk, handler = desk("clerk"), desk("handler")
    clerk.get(f"/cases/{case.id}")
    assert "惨烈" in clerk.text
    clerk.submit("form-care")
    handler.get(f"/cases/{case.id}")
    evidence = handler.page.split('id="h-evidence"')[1]
    assert "惨烈" not in evidence.split("h-propose")[0] and "本案内容已遮盖" in handler.text
    assert '<details class="picture">' not in handler.page
    assert wellbeing.opened(session, "handler") == wellbeing.Opened()
    handler.get(f"/cases/{case.id}?shown=1")
    assert "惨烈" in handler.page.split('id="h-evidence"')[1]
    assert wellbeing.opened(session, "handler") == wellbeing.Opened(1, 1)
    handler.submit("form-care")
    clerk.get(f"/cases/{case.id}")
    assert "已遮盖" not in clerk.text
    done = session.scalars(
        select(AuditEntry.action)
        .where(AuditEntry.action.startswith("care"))
        .order_by(AuditEntry.id)
    ).all()
    assert done == ["care_marked", "care_unmarked"]


def test_one_report_is_covered_and_the_others_are_not(desk, session, case):
    clerk = desk("clerk")
    clerk.get(f"/cases/{case.id}")
    clerk.submit(f"form-care-{_report(session, case)}")
    clerk.get(f"/cases/{case.id}")
    assert "部分举报已遮盖" in clerk.text and "惨烈" in clerk.text
    assert clerk.page.count('loading="lazy"') == len(ANSWERS) + 1


def test_a_mark_on_another_cases_report_is_refused(desk, session, case, rumor):
    clerk = desk("clerk")
    clerk.get(f"/cases/{rumor.id}")
    other = _report(session, case)
    assert clerk.submit("form-care", report=str(other)).status_code == 404


def test_each_officer_says_how(desk, session, case):
    clerk = desk("clerk")
    clerk.get(f"/cases/{case.id}")
    clerk.submit("form-care")
    clerk.get("/account")
    said = {"pictures": "show", "marked": "show", "hint_after": "1"}
    assert clerk.submit("form-care", **said).status_code == 303
    clerk.get(f"/cases/{case.id}")
    assert "惨烈" in clerk.text and "blurred" not in clerk.page
    clerk.get(f"/cases/{case.id}")
    assert "今天您已打开 1 件" in clerk.text  # the gentle hint
    desk("handler").get(f"/cases/{case.id}")
    assert "已遮盖" in desk("handler").text  # another's wish is another's
    for wrong in ({"hint_after": "0"}, {"hint_after": "x"}, {"pictures": "none"}):
        clerk.get("/account")
        assert clerk.submit("form-care", **(said | wrong)).status_code == 422


def test_a_supervisor_sees_how_much_and_not_what(desk, session, case):
    clerk, approver = desk("clerk"), desk("approver")
    clerk.get(f"/cases/{case.id}")
    clerk.submit("form-care")
    clerk.get(f"/cases/{case.id}?shown=1")
    for n in (1, 3):
        clerk.client.get(f"/reports/{_report(session, case)}/pictures/{n}")
    approver.get("/stats")
    line = approver.page.split("clerk甲")[1].split("</tr>")[0]
    assert line.count(">3<") == 2 and f"C{case.id}" not in approver.page


def test_what_was_opened_before_this_week_is_counted_no_more(desk, session, case):
    clerk = desk("clerk")
    clerk.client.get(f"/reports/{_report(session, case)}/pictures/3")
    session.execute(update(Viewing).values(at=Viewing.at - text("interval '8 days'")))
    session.commit()
    assert wellbeing.opened(session, "clerk") == wellbeing.Opened()


def test_the_title_and_the_words_of_a_marked_case_are_covered_too(desk, session, p):
    said = "事故现场惨烈的照片流出"
    case = seed.rumor_case(session, [(said, [p["jd"]])], {"夸大恐慌": ["惨烈"]})
    session.commit()
    handler = desk("handler")
    handler.get("/queue")
    assert said in handler.text
    handler.get(f"/cases/{case.id}")
    handler.submit("form-care")
    for path in ("/queue", "/queue?q=惨烈", f"/cases/{case.id}"):
        handler.get(path)
        assert f"C{case.id}" in handler.text and "已遮盖" in handler.text
        assert "惨烈" not in handler.text.replace("没有符合", ""), path
    handler.get(f"/cases/{case.id}?shown=1")
    assert said in handler.text and "form-propose" in handler.forms
    wellbeing.set_wish(session, handler_id(session), "blur", "show", 20)
    session.commit()
    handler.get("/queue")
    assert said in handler.text


def test_other_pages_that_name_a_marked_case_do_not_say_its_title(desk, session, p):
    said = "事故现场惨烈的照片流出"
    case = seed.rumor_case(session, [(said, [p["jd"]])])
    near = seed.rumor_case(session, [("事故现场已经清理完毕", [p["jd"]])])
    seed.suggest(session, near, case)
    now = datetime.now(UTC).isoformat()
    found = {
        "kind": "reports", "count": 11, "expected": 0.5, "tail": 1e-9, "level": 1e-6,
        "platforms": 2, "busy": 1.0, "surges": True, "minutes": 20, "since": now, "until": now,
        "by_platform": {str(p["jd"].id): 6},
    }  # fmt: skip
    warning = EarlyWarning(case_id=case.id, found=found)
    session.add(warning)
    session.commit()
    handler = desk("handler")
    pages = ("/warnings", f"/warnings/{warning.id}", f"/cases/{near.id}")
    for path in pages:
        handler.get(path)
        assert said in handler.text, path
    handler.get(f"/cases/{case.id}")
    handler.submit("form-care")
    for path in pages:
        handler.get(path)
        assert f"C{case.id}" in handler.text and "已遮盖" in handler.text, path
        assert said not in handler.text, path


def test_a_list_to_take_away_says_no_marked_title_either(desk, session, p):
    said = "事故现场惨烈的照片流出"
    case = seed.rumor_case(session, [(said, [p["jd"]])])
    session.commit()
    handler = desk("handler")
    assert said in handler.client.get("/queue.csv").get_data(as_text=True)
    handler.get(f"/cases/{case.id}")
    handler.submit("form-care")
    taken = handler.client.get("/queue.csv").get_data(as_text=True)
    assert f"C{case.id}," in taken and "标题已遮盖" in taken and said not in taken
    wellbeing.set_wish(session, handler_id(session), "blur", "show", 20)
    session.commit()
    assert said in handler.client.get("/queue.csv").get_data(as_text=True)


def handler_id(session) -> int:
    return session.scalars(select(User.id).where(User.username == "handler")).one()
