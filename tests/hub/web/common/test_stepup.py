"""Approving asks for a second factor: set up by its owner, good once, limited, recoverable."""

from __future__ import annotations

import re

import pyotp
import pytest
from sqlalchemy import func, select, text

from hub.services.people import second_factor
from models import Order, SecondFactor
from tests.hub.web.conftest import SECRET, Desk
from tests.hub.web.seed import PASSWORD


@pytest.fixture
def fresh(app, officers):
    """The approver's browser, logged in and without a step-up."""
    desk = Desk(app.test_client(), "approver")
    desk.login()
    return desk


def proposed(desk, case) -> None:
    desk("handler").act(case.id, "propose", facts="事实")


def orders(session) -> int:
    session.rollback()
    return session.scalar(select(func.count(Order.id)))


def test_without_a_code_nothing_is_approved(desk, fresh, session, merchant):
    proposed(desk, merchant)
    assert fresh.act(merchant.id, "approve").status_code == 422
    assert "动态验证码" in fresh.text and orders(session) == 0
    assert fresh.act(merchant.id, "approve", code="000000").status_code == 422
    assert fresh.act(merchant.id, "approve", code=pyotp.TOTP(SECRET).now()).status_code == 303
    assert orders(session) == 5


def test_a_code_is_good_once(fresh):
    code = pyotp.TOTP(SECRET).now()
    fresh.get("/second-factor")
    assert fresh.submit("form-verify", code=code).status_code == 303
    fresh.get("/second-factor")
    assert fresh.submit("form-verify", code=code).status_code == 422


def test_a_step_up_holds_for_minutes_and_not_longer(desk, fresh, session, merchant, monkeypatch):
    from hub.web.common import stepup

    fresh.step_up()
    proposed(desk, merchant)
    with monkeypatch.context() as patch:
        patch.setattr(stepup, "MINUTES", 0)
        assert fresh.act(merchant.id, "approve").status_code == 422
    assert fresh.act(merchant.id, "approve").status_code == 303


def test_wrong_codes_lock_the_factor_for_a_while(fresh, session):
    fresh.get("/second-factor")
    for _ in range(second_factor.MAX_FAILURES):
        assert fresh.submit("form-verify", code="000000").status_code == 422
    good = pyotp.TOTP(SECRET).now()
    assert fresh.submit("form-verify", code=good).status_code == 422
    session.execute(text("UPDATE second_factor SET locked_until = now() - interval '1 second'"))
    session.commit()
    assert fresh.submit("form-verify", code=good).status_code == 303


def test_an_officer_sets_up_a_factor_and_gets_backup_codes_once(desk, session):
    handler = desk("handler")
    handler.get("/second-factor")
    assert handler.submit("form-begin", password="wrong password").status_code == 422
    handler.submit("form-begin", password=PASSWORD)
    handler.get("/second-factor")
    assert 'src="data:image/png;base64,' in handler.page
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", handler.page)[1]
    assert secret.encode() not in session.scalars(select(SecondFactor.sealed)).all()[0]
    assert handler.submit("form-confirm", code="000000").status_code == 422
    handler.submit("form-confirm", code=pyotp.TOTP(secret).now())
    codes = re.findall(r"<li><code>([a-z2-7-]+)</code>", handler.page)
    assert len(codes) == second_factor.BACKUP_CODES
    handler.get("/second-factor")
    assert codes[0] not in handler.page and secret not in handler.page
    assert handler.submit("form-verify", code=codes[0]).status_code == 303
    handler.get("/second-factor")
    assert handler.submit("form-verify", code=codes[0]).status_code == 422  # used
    assert "剩余备用码 9 个" in handler.text


def test_another_phone_needs_a_code_of_the_old_one(fresh, session):
    fresh.get("/second-factor")
    assert fresh.submit("form-begin", password=PASSWORD, code="000000").status_code == 422
    fresh.submit("form-begin", password=PASSWORD, code=pyotp.TOTP(SECRET).now())
    fresh.get("/second-factor")
    assert "form-confirm" in fresh.forms


def test_who_has_no_factor_is_sent_to_set_one_up(desk, fresh, session, merchant):
    session.execute(text("DELETE FROM second_factor"))
    session.commit()
    proposed(desk, merchant)
    assert fresh.act(merchant.id, "approve", code="123456").status_code == 422
    assert "绑定" in fresh.text and orders(session) == 0


def test_switched_off_the_page_says_so(app, desk, fresh, session, merchant, monkeypatch):
    from dataclasses import replace

    from hub.config import settings
    from hub.web.common import stepup

    off = replace(settings(), step_up=False)
    monkeypatch.setattr(stepup, "settings", lambda: off)
    fresh.get("/second-factor")
    assert "未启用" in fresh.text
    proposed(desk, merchant)
    assert fresh.act(merchant.id, "approve").status_code == 303
