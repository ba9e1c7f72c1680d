"""Officers at their desks: logged-in browsers without JavaScript, for tests of pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pyotp
import pytest
from sqlalchemy import event

from hub.services.people import second_factor
from tests.hub.web import seed

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class _Forms(HTMLParser):
    """Forms of a page by id: what a browser would send if its button were pressed."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, dict[str, Any]] = {}
        self._form: dict[str, Any] | None = None
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = dict(attrs)
        if tag == "form":
            self._form = {"action": a.get("action"), "data": {}}
            self.found[a.get("id") or ""] = self._form
        elif self._form is not None and tag == "input" and "form" not in a:
            if a.get("type") != "checkbox":
                self._form["data"][a.get("name")] = a.get("value") or ""
            elif "checked" in a:
                self._form["data"].setdefault(a.get("name"), []).append(a.get("value"))
        elif self._form is not None and tag == "textarea":
            self._area = a.get("name") or ""
            self._form["data"][self._area] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._form is not None and self._area is not None:
            self._form["data"][self._area] += data.removeprefix("\n")


def forms(html: str) -> dict[str, dict[str, Any]]:
    """The forms of a page by id."""
    parser = _Forms()
    parser.feed(html)
    return parser.found


@contextmanager
def queries() -> Iterator[list[str]]:
    """The statements sent to the database meanwhile."""
    from hub.database import engine

    asked: list[str] = []

    def note(_conn, _cursor, statement: str, *_) -> None:
        asked.append(statement)

    event.listen(engine(), "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine(), "before_cursor_execute", note)


@dataclass
class Desk:
    """One officer's browser."""

    client: Any
    username: str
    page: str = field(default="", repr=False)

    def get(self, path: str, **more: Any):
        answer = self.client.get(path, **more)
        self.page = answer.get_data(as_text=True)
        return answer

    def login(self, password: str = seed.PASSWORD):
        self.get("/login")
        return self.submit("form-login", username=self.username, password=password)

    def step_up(self):
        """Show a code of the second factor, as before approving."""
        self.get("/second-factor")
        assert self.submit("form-verify", code=pyotp.TOTP(SECRET).now()).status_code == 303

    def submit(self, form_id: str, **change: Any):
        """Press the button of a form of the page in view; `change` is what was typed."""
        form = forms(self.page)[form_id]
        answer = self.client.post(form["action"], data=form["data"] | change)
        self.page = answer.get_data(as_text=True)
        return answer

    def act(self, case_id: int, action: str, **change: Any):
        """Open the case and press one of its buttons."""
        self.get(f"/cases/{case_id}")
        return self.submit(f"form-{action}", **change)

    @property
    def forms(self) -> set[str]:
        return set(forms(self.page))

    @property
    def text(self) -> str:
        """The page without its tags."""
        return re.sub(r"<[^>]+>", "", self.page)


@pytest.fixture
def officers(session):
    """One officer of each role; each is named as the role. `handler2`, `approver2` too.

    Approvers have a second factor: SECRET."""
    made = seed.officers(session, {"handler2": "handler", "approver2": "approver"})
    for user in made.values():
        if user.role == "approver":
            second_factor.known(session, user, SECRET)
    session.commit()
    return made


@pytest.fixture
def desk(app, officers):
    """`desk(name)` is that officer's logged-in browser."""

    opened: dict[str, Desk] = {}

    def open_(name: str) -> Desk:
        if name not in opened:
            opened[name] = Desk(app.test_client(), name)
            assert opened[name].login().status_code == 303
            if name.startswith("approver"):
                opened[name].step_up()
        return opened[name]

    return open_


@pytest.fixture
def p(session, officers):
    made = seed.platforms(session)
    session.commit()
    return made


@pytest.fixture
def rumor(session, p):
    case = seed.rumor_case(
        session,
        [
            ("口罩三天后全国断货，工厂都被征用了，赶紧多囤几箱", [p["jd"], p["jd"], p["alibaba"]]),
            ("听说口罩再过三天就全国断货，工厂都被征用了", [p["pdd"]]),
            ("N95原料被抢光", [p["weidian"]]),
        ],
        {"哄抬价格": ["赶紧多囤几箱"]},
    )
    session.commit()
    return case


@pytest.fixture
def merchant(session, p):
    case = seed.merchant_case(
        session, [("口罩从2元涨到15元", [p["jd"], p["weidian"]])], "91110102MA4712GN19"
    )
    session.commit()
    return case
