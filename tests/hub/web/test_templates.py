"""What a template asks of an object is in the code: a renamed field would else show as nothing."""

from __future__ import annotations

import re
from pathlib import Path

import jinja2
from jinja2 import nodes

_ROOT = Path(__file__).parents[3]
_OF_LIBRARIES = {"load_css"}  # Bootstrap-Flask


def test_every_attribute_in_a_template_is_a_name_in_the_code():
    known = set(_OF_LIBRARIES)
    for floor in ("hub", "models", "classifiers"):
        for module in (_ROOT / floor).rglob("*.py"):
            known |= set(re.findall(r"[A-Za-z_]\w*", module.read_text()))
    asked = {}
    for page in (_ROOT / "hub/templates").rglob("*.html"):
        tree = jinja2.Environment(extensions=["jinja2.ext.do"]).parse(page.read_text())
        asked |= {a.attr: page.name for a in tree.find_all(nodes.Getattr)}
    assert len(asked) > 200
    assert {name: page for name, page in asked.items() if name not in known} == {}


def test_a_list_leads_to_the_page_before_and_to_the_next_one_with_its_filters(app):
    with app.test_request_context():
        pages = app.jinja_env.get_template("_parts.html").module.pages
        middle = str(pages("merchants.index", 2, True, total="9 条", q="口罩"))
        assert pages("merchants.index", 1, False).strip() == ""
    assert re.findall(r'href="(.*?)" rel="(\w+)"', middle) == [
        (f"/merchants?page={n}&amp;q=%E5%8F%A3%E7%BD%A9", rel)
        for n, rel in ((1, "prev"), (3, "next"))
    ]
    assert "第 2 页，共 9 条" in middle
