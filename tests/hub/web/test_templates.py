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
