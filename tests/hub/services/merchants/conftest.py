"""Reports of merchants on three platforms, told one by one."""

from __future__ import annotations

import pytest

from hub import locks
from hub.locks import Lock
from hub.services.merchants import resolution
from hub.services.privacy import identities
from models import User
from tests.hub.web import seed


@pytest.fixture
def p(session):
    made = seed.platforms(session, "jd", "weidian", "pdd")
    session.commit()
    return made


@pytest.fixture
def officer(session) -> User:
    made = User(username="lin", name="lin", role="handler", password_hash="-")
    session.add(made)
    session.commit()
    return made


@pytest.fixture
def told(session, p):
    """`told(slug, shop, **identities)`: a report comes; the merchant it is about."""

    def tell(slug: str, shop: str | None, **ref) -> int | None:
        ref["shop_id"] = shop
        identities.hash_numbers(ref, "data.subject")
        locks.hold(session, Lock.CLAIMS)
        found = resolution.resolve(session, p[slug].id, ref)
        session.flush()
        return found

    return tell
