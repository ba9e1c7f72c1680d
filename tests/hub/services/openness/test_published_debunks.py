"""Debunks as the public reads them."""

from __future__ import annotations

from datetime import date

from hub.services.openness import published_debunks
from models import Debunk


def _debunk(session, claim, verdict="谣言", **more):
    row = Debunk(key=claim, source="某市网信办", claim=claim, verdict=verdict,
                 **({"explanation": "没有这回事。"} | more))  # fmt: skip
    session.add(row)
    session.flush()
    return row


def test_a_debunk_is_found_by_every_word_and_by_nothing_else(session):
    one = _debunk(session, "口罩三天后断货", date=date(2020, 2, 20))
    _debunk(session, "盐水漱口防病毒")
    assert [d.id for d in published_debunks.search(session, "断货 口罩").debunks] == [one.id]
    assert published_debunks.search(session, "100%").total == 0
    assert published_debunks.search(session, "").total == 2


def test_claim_review_rates_what_can_be_rated(session):
    false = published_debunks.one(session, _debunk(session, "甲").id)
    review = published_debunks.claim_review(false, "https://hub.example/public/debunks/1")
    assert review["reviewRating"]["ratingValue"] == 1 and review["claimReviewed"] == "甲"
    open_ = published_debunks.one(session, _debunk(session, "乙", "无法核实").id)
    assert "ratingValue" not in published_debunks.claim_review(open_, "")["reviewRating"]


def test_an_address_that_is_no_address_is_not_linked(session):
    row = _debunk(session, "丙", url="javascript:alert(1)")
    assert published_debunks.one(session, row.id).url is None
