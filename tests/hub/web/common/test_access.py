"""A view that does not say who may use it is for nobody."""

import pytest
from flask import Flask

from hub.web.common import access


def test_a_view_says_its_roles_and_no_role_is_made_up():
    app = Flask(__name__)
    views = {
        "officers": access.roles("clerk", "handler")(lambda: ""),
        "all": access.open_to_all(lambda: ""),
        "silent": lambda: "",
    }
    for name, view in views.items():
        app.add_url_rule(f"/{name}", name, view)
    assert access.allowed_roles(app, "officers") == {"clerk", "handler"}
    assert access.allowed_roles(app, "all") == access.EVERYONE
    assert access.allowed_roles(app, "silent") is access.allowed_roles(app, "none") is None
    with pytest.raises(ValueError, match="king"):
        access.roles("clerk", "king")


def test_a_page_of_personal_data_is_marked_as_one():
    assert access.personal(lambda: "").personal is True
