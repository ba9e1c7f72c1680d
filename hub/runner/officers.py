"""Two demo officers who work over HTTP as people would: pages, forms, links.

They use only what a person would see on the screen; everything goes through the login, the forms'
CSRF tokens and the four-eyes rule.
"""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pyotp
import requests

_CASE = re.compile(r"/cases/(\d+)\Z")
_BLANK = re.compile(r"【[^】]*】")


@dataclass
class Form:
    """A form on a page, as a browser would submit it unchanged."""

    action: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)

    def filled(self, **values: str) -> list[tuple[str, str]]:
        """Its fields with some overwritten."""
        kept = [(k, v) for k, v in self.fields if k not in values]
        return kept + list(values.items())


class BrowserPage(HTMLParser):
    """Forms by id, case links, and the data attributes of a case page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: dict[str, Form] = {}
        self.cases: list[int] = []
        self.data: dict[str, str] = {}
        self._form: Form | None = None
        self._area: str | None = None
        self._typed = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {k: v or "" for k, v in attrs}
        if a.get("id") == "case":
            self.data = {k.removeprefix("data-"): v for k, v in a.items() if k.startswith("data-")}
        if tag == "form":
            self._form = self.forms[a.get("id", "")] = Form(a.get("action", ""))
        elif tag == "a" and "case-link" in a.get("class", "").split():
            found = _CASE.search(a.get("href", ""))
            if found:
                self.cases.append(int(found.group(1)))
        elif self._form is not None:
            self._field(tag, a)

    def _field(self, tag: str, a: dict[str, str]) -> None:
        name = a.get("name")
        if not name or self._form is None:
            return
        if tag == "textarea":
            self._area, self._typed = name, ""
        elif tag == "input" and a.get("type") in ("checkbox", "radio"):
            if "checked" in a:
                self._form.fields.append((name, a.get("value", "on")))
        elif tag == "input":
            self._form.fields.append((name, a.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self._area:
            self._typed += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area and self._form:
            self._form.fields.append((self._area, self._typed.removeprefix("\n")))
            self._area = None
        elif tag == "form":
            self._form = None


class Officer:
    """A logged-in officer with a browser session."""

    def __init__(self, base_url: str, username: str, password: str, secret: str = "") -> None:
        self.base_url, self.secret = base_url, secret
        self.http = requests.Session()
        self.http.trust_env = False
        self.did: Counter[str] = Counter()
        self.last_code = ""
        form = next(iter(self.read("/login").forms.values()))
        answer = self._post("/login", form.filled(username=username, password=password))
        if "/login" in answer.url:
            raise RuntimeError(f"{username} could not log in")

    def read(self, path: str) -> BrowserPage:
        """Open a page."""
        answer = self.http.get(self.base_url + path, timeout=60)
        answer.raise_for_status()
        return BrowserPage(answer.text)

    def submit(self, path: str, form: Form, verb: str, **values: str) -> bool:
        """Submit a form; False when another officer was faster (409)."""
        answer = self._post(form.action or path, form.filled(**values))
        if answer.status_code == 409:
            return False
        answer.raise_for_status()
        self.did[verb] += 1
        return True

    def _post(self, path: str, fields: list[tuple[str, str]]) -> requests.Response:
        return self.http.post(self.base_url + path, data=fields, timeout=60)

    def handle(self, case_id: int) -> None:
        """As a case handler: propose the usual measures, or dismiss a case without findings."""
        path = f"/cases/{case_id}"
        page = self.read(path)
        if "form-propose" not in page.forms:
            return
        if _worth_deciding(page.data):
            self.propose(path, page.forms["form-propose"])
        else:
            why = "研判未见谣言或违法特征，不予受理。"
            self.submit(path, page.forms["form-dismiss"], "dismiss", reason=why)

    def propose(self, path: str, form: Form) -> None:
        """Submit the drafted proposal with its blank filled in."""
        facts = _BLANK.sub("核查情况：演示数据，未经实地查证。", dict(form.fields)["facts"])
        self.submit(path, form, "propose", facts=facts)

    def approve(self, case_id: int) -> None:
        """As an approver: approve another officer's proposal."""
        path = f"/cases/{case_id}"
        page = self.read(path)
        form = page.forms.get("form-approve")
        if form is None:
            return
        if any(name == "code" for name, _ in form.fields):  # step-up is required
            self._show_code()
            form = self.read(path).forms.get("form-approve", form)
        self.submit(path, form, "approve")

    def _show_code(self) -> None:
        """Enter the second factor's next code; a code is valid once, so this may take a while."""
        page = self.read("/second-factor").forms["form-verify"]
        for _ in range(40):
            code = pyotp.TOTP(self.secret).now()
            if code != self.last_code:
                self.last_code = code
                self.submit("/second-factor/verify", page, "step_up", code=code)
                return
            time.sleep(1)


def _worth_deciding(data: dict[str, str]) -> bool:
    """Whether the page shows a finding, or a rumor score of one half or more."""
    return data.get("findings", "0") != "0" or float(data.get("rumor-score") or 0) >= 0.5


def work(handler: Officer, approver: Officer, stopped: threading.Event) -> list[threading.Thread]:
    """Run both officers through their queues, each in its own thread, until stopped."""

    def loop(officer: Officer, queue: str, act: Callable[[int], None]) -> None:
        while not stopped.is_set():
            cases = officer.read(queue).cases
            for case_id in cases:
                if stopped.is_set():
                    return
                act(case_id)
            if not cases:
                stopped.wait(0.3)

    threads = [
        threading.Thread(target=loop, args=(handler, "/queue", handler.handle), daemon=True),
        threading.Thread(
            target=loop, args=(approver, "/queue?state=proposed", approver.approve), daemon=True
        ),
    ]
    for thread in threads:
        thread.start()
    return threads
