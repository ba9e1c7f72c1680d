"""Statistics are for managers."""

from __future__ import annotations


def test_statistics_are_for_leaders(desk, session):
    for role in ("approver", "auditor", "admin"):
        page = desk(role).get("/stats?days=7")
        assert page.status_code == 200 and "人员工作量" in page.text
    assert desk("clerk").get("/stats").status_code == 403
