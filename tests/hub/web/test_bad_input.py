"""What people really type: too much, in any script, in two tabs; a clear word, nothing lost."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy import select

from hub.services.people import accounts
from models import AuditEntry, Case, Decision
from tests.hub.web import seed

MEGABYTE = "口罩从2元涨到15元。" * 40_000  # in UTF-8; three on the way


def test_a_megabyte_pasted_is_told_to_be_too_long_and_is_still_there(desk, session, merchant):
    handler = desk("handler")
    answer = handler.act(merchant.id, "propose", facts=MEGABYTE)
    assert answer.status_code == 422
    assert "最多 20,000 字，现有 440,000 字" in handler.text
    kept = re.search(r'<textarea[^>]*id="facts".*?>\n(.*?)</textarea>', handler.page, re.S)
    assert kept is not None and unescape(kept[1]) == MEGABYTE
    assert session.scalar(select(Decision.id)) is None


def test_a_megabyte_in_a_reason_of_a_batch_is_shown_again(desk, session, rumor):
    clerk = desk("clerk")
    clerk.get("/queue")
    answer = clerk.submit(
        "form-batch", pick=f"{rumor.id}.{rumor.version}", action="dismiss", reason=MEGABYTE
    )
    assert answer.status_code == 422
    assert "最多 2,000 字" in clerk.text and MEGABYTE[:1000] in clerk.text
    session.expire_all()
    assert session.get_one(Case, rumor.id).state == "OPEN"


def test_more_than_the_door_takes_is_refused_in_words(desk, rumor):
    clerk = desk("clerk")
    answer = clerk.act(rumor.id, "dismiss", reason="长" * 2_000_000)
    assert answer.status_code == 413 and "提交的内容过大" in clerk.text


@pytest.mark.parametrize(
    "name", ["👩🏽‍⚕️ 刘某", "דוד בן־גוריון", "محمد علي", "\u202eרוד", "Ａｄａ é"], ids=ascii
)
def test_names_in_any_script_are_kept_and_turn_nothing_round(desk, session, rumor, name):
    accounts.create(session, "guest", name, "clerk", seed.PASSWORD)
    session.commit()
    guest = desk("guest")
    guest.act(rumor.id, "take")
    for path in ("/queue", f"/cases/{rumor.id}", "/account"):
        guest.get(path)
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", guest.page), path
        told = name.replace("\u202e", '<span class="unseen">U+202E</span>')
        assert f"<bdi>{told}</bdi>" in guest.page, path
        bare = re.sub(r"<bdi>.*?</bdi>|<option.*?</option>|=\"[^\"]*\"", "", guest.page, flags=re.S)
        assert name.strip("\u202e") not in bare, path


def test_emoji_in_reasons_and_shops_are_kept_as_they_are(desk, session, p):
    case = seed.merchant_case(session, [("😷😷😷涨价了🔥", [p["jd"]])], None, name="😷防护用品店")
    session.commit()
    clerk = desk("clerk")
    clerk.act(case.id, "dismiss", reason="不属实🙅‍♀️，商户已明码标价👍🏽")
    session.expire_all()
    assert session.get_one(Case, case.id).closed_because == "不属实🙅‍♀️，商户已明码标价👍🏽"
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "dismiss")).one()
    assert entry.detail["reason"].endswith("👍🏽")
    clerk.get("/queue?state=all&q=😷防护")
    assert f"/cases/{case.id}" in clerk.page
