"""Public pages on an empty cache."""

from __future__ import annotations

from datetime import date

import pytest

from hub.web.public import cache
from models import Debunk


@pytest.fixture(autouse=True)
def fresh():
    cache.forget()


@pytest.fixture
def debunk(session):
    row = Debunk(
        key="k", source="某市网信办", claim="口罩断货</script><script>alert(1)</script>",
        verdict="谣言", explanation="库存充足。", date=date(2020, 2, 20),
    )  # fmt: skip
    session.add(row)
    session.commit()
    return row
