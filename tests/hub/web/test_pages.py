"""What holds for every page: default deny, form tokens, content policy, harmless text."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

import hub
from hub.services.people import accounts
from hub.web.common import access
from hub.web.common.access import EVERYONE, allowed_roles
from models import ENGINEER, ROLES, SecurityEvent
from tests.hub.web import seed

TEMPLATES = sorted((Path(hub.__file__).parent / "templates").rglob("*.html"))


MACHINES = ("webhooks.", "api.", "docs.")


EVIL = (
    "<script>alert(1)</script>\"'><img src=x onerror=alert(1)><svg/onload=alert(1)>"
    " javascript:alert(1) https://evil.example/a?b=<c> {{7*7}} {% raw %}"
    " \u202egnp.exe\u202c\u2066\u200b\ufeff </textarea></title></bdi>"
)


def _routes(app) -> list[tuple[str, str, str]]:
    """(method, address, endpoint) of every route, with ids filled in."""
    adapter = app.url_map.bind("localhost")
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint in access._FILES or rule.endpoint.startswith(MACHINES):
            continue
        args = {name: "jd" if name == "slug" else 1 for name in rule.arguments}
        for method in sorted(rule.methods & {"GET", "POST"}):
            found.append((method, adapter.build(rule.endpoint, args, method=method), rule.endpoint))
    return found


@pytest.fixture
def world(session, officers):
    p = seed.platforms(session, "jd")
    accounts.create_engineer(session, ENGINEER, "平台工程师", p["jd"], seed.PASSWORD)
    case = seed.rumor_case(session, [("口罩断货", [p["jd"]])])
    session.commit()
    return case


def test_every_route_says_who_may_use_it(app):
    silent = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in access._FILES and allowed_roles(app, rule.endpoint) is None
    ]
    assert silent == []


def test_a_view_that_says_nothing_is_refused(app, desk, monkeypatch):
    monkeypatch.setitem(app.view_functions, "queue.show", lambda: "secret")
    assert desk("clerk").get("/queue").status_code == 403


@pytest.mark.parametrize("role", (*ROLES, ENGINEER))
def test_each_role_may_do_what_is_declared_and_no_more(app, desk, world, role):
    officer = desk(role)
    first = {"admin": "/platforms", "department": "/shared", ENGINEER: "/platform"}
    officer.get(first.get(role, "/queue"))
    token = re.search(r'name="csrf_token" value="([^"]+)"', officer.page)[1]
    wrong = []
    for method, path, endpoint in _routes(app):
        allowed = allowed_roles(app, endpoint)
        if endpoint in ("auth.logout", "account.end"):  # end the session that asks
            continue
        answer = officer.client.open(path, method=method, data={"csrf_token": token})
        may = allowed == EVERYONE or role in allowed
        if may == (answer.status_code == 403):
            wrong.append((method, path, answer.status_code))
        assert answer.status_code < 500, path
    assert wrong == []


def test_strangers_are_sent_to_the_login_page(app, client, world):
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)[1]
    for method, path, endpoint in _routes(app):
        answer = client.open(path, method=method, data={"csrf_token": token})
        if allowed_roles(app, endpoint) == EVERYONE:
            assert answer.status_code in (200, 401, 404), path
        else:
            assert answer.status_code == 302 and answer.location.startswith("/login"), path


def test_what_changes_something_needs_the_token_of_the_form(app, desk, world):
    officer = desk("handler")
    posts = [path for method, path, _ in _routes(app) if method == "POST"]
    assert len(posts) > 15
    for path in posts:
        answer = officer.client.post(path, data={"version": 1})
        assert answer.status_code == 400, path
        assert "会话已过期或表单令牌无效" in answer.text


def test_nothing_is_changed_by_get(app):
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("cases.") and rule.endpoint != "cases.show":
            assert "GET" not in rule.methods


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.name)
def test_templates_hold_no_inline_script_or_style(template):
    source = template.read_text(encoding="utf-8")
    assert not re.search(
        r"<style|\sstyle=|\son\w+\s*=|javascript:|src=.https?:|<link[^>]*https?:", source
    )
    assert not re.search(r"<script(?![^>]*\ssrc=)", source)
    assert not re.search(r"\|\s*safe|autoescape", source)


@pytest.mark.parametrize("path", ["/login", "/queue", "/cases/1", "/cases/99", "/platforms", "/x"])
def test_content_policy_on_every_page(desk, world, path):
    answer = desk("auditor").get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"


def test_static_files_are_served(client):
    for path in ("/static/desk.css", "/static/desk.js", "/static/icon.svg"):
        assert client.get(path).status_code == 200
    assert client.get("/bootstrap/static/css/bootstrap.min.css").status_code == 200


_PICTURE = re.compile(r"/reports/\d+/pictures/\d+")


class _Inspector(HTMLParser):
    """Collects whatever a browser would run or follow."""

    def __init__(self) -> None:
        super().__init__()
        self.alive: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                self.alive.append(f"{tag} {name}")
            if name in ("href", "src", "action") and not (value or "").startswith(("/", "#")):
                self.alive.append(f"{tag} {name}={value}")
        ours = tag == "svg" and dict(attrs).get("class") == "spark"
        ours |= tag == "img" and bool(_PICTURE.fullmatch(dict(attrs).get("src") or ""))
        if tag == "script" and not dict(attrs):
            self.alive.append(tag)
        if tag in ("img", "svg", "iframe", "object") and not ours:
            self.alive.append(tag)


def _alive(page: str) -> list[str]:
    inspector = _Inspector()
    inspector.feed(page)
    return inspector.alive


@pytest.fixture
def infested(session, officers):
    """A case with hostile text in every field a platform can fill."""
    p = seed.platforms(session, "jd", "alibaba")
    case = seed.rumor_case(
        session,
        [(EVIL, [p["jd"]]), (EVIL * 2, [p["alibaba"]]), ("另一说" + EVIL * 9, [p["jd"]])],
        {"哄抬价格": ["<script>alert(1)"]},
        content={"title": EVIL, "url": f"javascript:{EVIL}", "images": [EVIL]},
        subject=dict.fromkeys(
            ("shop_id", "shop_name", "merchant_name", "uscc", "license_no", "address", "region"),
            EVIL,
        ),
        reporter={"kind": EVIL, "ref": EVIL},
        reason=EVIL,
        evidence=[EVIL, {EVIL: EVIL}],
        flags=[EVIL],
    )
    case.closed_because = EVIL
    merchant = seed.merchant_case(session, [(EVIL, [p["jd"]])], None, name=EVIL)
    held = seed.report(session, p["jd"], EVIL, "rumor", external_id="held")
    held.state, held.last_error = "QUARANTINED", EVIL
    session.add(SecurityEvent(platform_slug=EVIL[:60], kind="bad_signature", detail={EVIL: EVIL}))
    p["jd"].paused_because = EVIL
    session.commit()
    return case.id, merchant.id


def test_hostile_text_is_shown_and_does_nothing(desk, infested):
    case, merchant = infested
    auditor = desk("auditor")
    paths = ["/queue", f"/cases/{case}", f"/cases/{merchant}", "/quarantine", "/platforms",
             "/platforms/jd", "/audit", "/users"]  # fmt: skip
    for path in paths:
        assert auditor.get(path).status_code == 200
        assert _alive(auditor.page) == [], path
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\ufeff]", auditor.page), path
        assert "https://evil" not in auditor.page
    auditor.get(f"/cases/{case}")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in auditor.page
    assert "hxxps://evil.example" in auditor.page and "javascript[:]alert" in auditor.page
    assert "U+202E" in auditor.page and "{{7*7}}" in auditor.page


def test_hostile_text_typed_by_an_officer(desk, infested):
    case, _ = infested
    handler = desk("handler")
    handler.act(case, "propose", version="0", facts=EVIL, measures=[EVIL])
    assert _alive(handler.page) == []
    handler.act(case, "merge", into=EVIL, reason=EVIL)
    assert _alive(handler.page) == []
    handler.get("/queue?q=" + EVIL.replace("#", ""))
    assert _alive(handler.page) == []


def test_the_draft_of_a_hostile_rumor_has_no_unseen_characters(desk, infested):
    handler = desk("handler")
    handler.get(f"/cases/{infested[0]}")
    assert _alive(handler.page) == []
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\ufeff]", handler.page)


def test_error_pages_are_in_chinese(desk, client):
    assert "没有这一页" in client.get("/nowhere").text
    assert "不支持这样的操作" in client.delete("/login").text
    clerk = desk("clerk")
    clerk.get("/platforms")
    assert "您的角色无权进行此操作" in clerk.text


def test_the_database_away(desk, client, monkeypatch):
    clerk = desk("clerk")

    def away():
        raise OperationalError("select 1", {}, ConnectionError("gone"))

    monkeypatch.setattr("hub.web.account.auth.autocommit_scope", away)
    monkeypatch.setattr("hub.web.admin.health.reading_scope", away)
    answer = clerk.get("/queue")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "数据库暂时不可用" in clerk.text
    probe = client.get("/healthz")
    assert (probe.status_code, probe.json) == (503, {"database": "away"})


def test_health(client, session, officers):
    jd = seed.platforms(session, "jd")["jd"]
    seed.report(session, jd, "口罩断货", "rumor")
    session.commit()
    assert client.get("/healthz").json == {
        "database": "ok",
        "reports_waiting": 1,
        "deliveries_waiting": 0,
        "deliveries_stuck": 0,
    }
