"""Every page that needs nothing prepared: no wider than the screen, nothing serious for axe.

`python -m tests.shots` does the same with all pages, in a full, an empty and a crowded hub.
"""

from __future__ import annotations

import re

import pytest

from hub import create_app
from tests.shots.camera import grave
from tests.shots.pages import VIEWS

SIMPLE = [v for v in VIEWS if v.act is None and v.status == 200 and "{" not in v.path]
ROLES = ("clerk", "handler", "approver", "auditor", "admin")  # and those of no officer: by the tool
# Files, machines' addresses, and what leads elsewhere at once.
NOT_SEEN = re.compile(
    r"/api/|\.(json|csv|xlsx|docx|pdf)$|/static/|/pictures/|/healthz|/sso/|^/$|/public/data/<name>"
)


@pytest.mark.parametrize(("role", "width"), [*zip(ROLES, (390, 1280) * 3, strict=False)])
def test_pages_fit_and_can_be_read_by_all(screen, role, width):
    officer = screen(role, width)
    for path in sorted({v.path for v in SIMPLE if v.role == role and "page=" not in v.path}):
        page = officer.open(path)
        assert (officer.overflow(), grave(page)) == (0, []), path


def test_public_pages_fit_and_can_be_read_by_all(browser, live_hub):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    for path in sorted({v.path for v in SIMPLE if v.role == ""}):
        page.goto(live_hub.base_url + path)
        assert grave(page) == [], path
    page.close()


def test_every_page_is_photographed(database_url, redis_url):
    """Whoever adds a page adds it to the list."""
    rules = [r.rule for r in create_app().url_map.iter_rules() if "GET" in (r.methods or ())]
    shape = {re.sub(r"<[^>]*>", "*", rule): rule for rule in rules if not NOT_SEEN.search(rule)}
    listed = {re.sub(r"\{[^}]*\}", "*", v.path.split("?")[0]) for v in VIEWS}
    assert sorted(set(shape) - listed) == []
