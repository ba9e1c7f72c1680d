"""Reports of days gone by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, update

from models import Case, Platform, Report
from tests.hub.web import seed


@pytest.fixture
def p(session) -> dict[str, Platform]:
    return seed.platforms(session, "jd", "weidian")


@pytest.fixture
def ago(session) -> Callable[[Case, int], None]:
    """`ago(case, days)`: its reports came so many days ago."""

    def put_back(case: Case, days: int) -> None:
        session.execute(
            update(Report)
            .where(Report.case_id == case.id)
            .values(received_at=func.now() - timedelta(days=days))
        )

    return put_back
