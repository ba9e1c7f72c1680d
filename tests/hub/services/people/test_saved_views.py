"""An officer's saved views are the officer's own."""

from __future__ import annotations

import pytest

from hub.problems import Problem
from hub.services.people import saved_views
from models import User


def test_a_name_means_its_newest_filters_and_nobody_elses(session, monkeypatch):
    users = [User(username=n, name=n, role="clerk", password_hash="-") for n in ("lin", "wu")]
    session.add_all(users)
    session.flush()
    lin, wu = (user.id for user in users)
    for query in ("kind=rumor", "kind=violation"):
        saved_views.save(session, lin, "我的", query)
    session.expire_all()
    (view,) = saved_views.of(session, lin)
    assert view.query == "kind=violation" and saved_views.of(session, wu) == []
    saved_views.forget(session, wu, view.id)
    assert len(saved_views.of(session, lin)) == 1
    saved_views.forget(session, lin, view.id)
    assert saved_views.of(session, lin) == []
    with pytest.raises(Problem, match="名字"):
        saved_views.save(session, lin, "", "")
    monkeypatch.setattr(saved_views, "MOST", 1)
    saved_views.save(session, lin, "一", "")
    with pytest.raises(Problem, match="最多"):
        saved_views.save(session, lin, "二", "")
