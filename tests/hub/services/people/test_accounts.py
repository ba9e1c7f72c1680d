"""Who may log in, and what ends a login."""

from __future__ import annotations

import pytest
from sqlalchemy import func

from hub.services.people import accounts, sessions
from models import Platform, User

WORD = "correct horse battery"


def test_wrong_words_lock_an_account_for_a_while_and_tell_nothing(session):
    lin = accounts.create(session, "lin", "林", "handler", WORD)
    assert accounts.authenticate(session, "lin", WORD) is lin
    assert accounts.authenticate(session, "nobody", WORD) is None
    for _ in range(accounts.MAX_FAILURES):
        assert accounts.authenticate(session, "lin", "wrong") is None
    session.flush()
    session.refresh(lin)
    assert accounts.authenticate(session, "lin", WORD) is None  # right, and locked
    lin.locked_until = func.now()
    session.flush()
    session.refresh(lin)
    assert accounts.authenticate(session, "lin", WORD) is lin and lin.failed_logins == 0
    accounts.set_active(session, lin, False)
    assert accounts.authenticate(session, "lin", WORD) is None


def test_a_good_login_forgives_what_went_wrong_before(session):
    lin = accounts.create(session, "lin", "林", "handler", WORD)
    for _ in range(accounts.MAX_FAILURES - 1):
        accounts.authenticate(session, "lin", "wrong")
    accounts.authenticate(session, "lin", WORD)
    accounts.authenticate(session, "lin", "wrong")
    assert lin.failed_logins == 1 and lin.locked_until is None


def test_a_role_a_name_and_a_subject_are_checked(session):
    lin = accounts.create(session, "lin", "林", "handler", WORD)
    wu = accounts.create(session, "wu", "吴", "clerk", WORD)
    with pytest.raises(ValueError, match="role"):
        accounts.create(session, "zhou", "周", "engineer", WORD)
    with pytest.raises(ValueError, match="taken"):
        accounts.create(session, "lin", "林", "clerk", WORD)
    with pytest.raises(ValueError, match="cannot become"):
        accounts.set_role(session, lin, "king")
    accounts.set_subject(session, lin, "sub-1")
    session.flush()
    assert accounts.by_subject(session, "sub-1") is lin
    with pytest.raises(ValueError, match="another account"):
        accounts.set_subject(session, wu, "sub-1")


def test_an_engineer_belongs_to_a_platform_and_becomes_no_officer(session):
    jd = Platform(slug="jd", name="京东", endpoint="https://jd.example/")
    session.add(jd)
    session.flush()
    made = accounts.create_engineer(session, "eng", "工程师", jd, WORD)
    assert (made.role, made.platform_id) == ("engineer", jd.id)
    with pytest.raises(ValueError, match="cannot become"):
        accounts.set_role(session, made, "admin")


@pytest.mark.parametrize("change", ["password", "role", "active", "subject"])
def test_what_changes_an_account_ends_its_sessions(session, change):
    lin = accounts.create(session, "lin", "林", "handler", WORD)
    token = sessions.begin(session, lin, "Firefox", "127.0.0.1")
    assert sessions.holder(session, token)
    {
        "password": lambda: accounts.set_password(session, lin, "another horse battery"),
        "role": lambda: accounts.set_role(session, lin, "clerk"),
        "active": lambda: (accounts.set_active(session, lin, False), _reopen(lin)),
        "subject": lambda: accounts.set_subject(session, lin, "sub-1"),
    }[change]()
    session.flush()
    assert sessions.holder(session, token) is None


def _reopen(user: User) -> None:
    """So that it is the session that ended, not the account that is closed."""
    user.active = True
