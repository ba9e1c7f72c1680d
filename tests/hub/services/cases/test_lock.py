"""A case changes only from what the officer saw."""

from __future__ import annotations

import pytest

from hub.problems import Problem
from hub.services.audit import audit_log
from hub.services.cases.lock import locked_case
from models import User
from tests.hub.web import seed


def test_who_was_faster_and_what_was_done_is_told(session):
    case = seed.rumor_case(session, [("口罩断货", [])])
    session.add(User(username="lin", name="林警官", role="handler", password_hash="-"))
    audit_log.note(session, "lin", "take", case.id)
    session.commit()
    assert locked_case(session, case.id, case.version) is case
    with pytest.raises(Problem, match=r"林警官 于 \d\d:\d\d:\d\d 已") as refused:
        locked_case(session, case.id, case.version - 1)
    assert refused.value.status == 409
    with pytest.raises(Problem) as refused:
        locked_case(session, case.id + 1, 1)
    assert refused.value.status == 404
