"""Every code an officer may meet has its word."""

from __future__ import annotations

import pytest

from hub.desk import words
from hub.services.enforcement import measures
from models import states
from models.user import ENGINEER, ROLES


@pytest.mark.parametrize(
    ("codes", "known"),
    [
        (states.CaseState, words.CASE_STATES),
        (states.DecisionState, words.DECISION_STATES),
        (states.OrderExecution, words.EXECUTION),
        (states.DeliveryState, words.DELIVERY),
        (states.AppealState, words.APPEALS),
        (states.LookupState, words.LOOKUPS),
        ((*ROLES, ENGINEER), words.ROLES),
        ({m.target for m in measures.ENTRIES}, words.TARGETS),
    ],
)
def test_no_code_is_without_a_word(codes, known):
    assert set(codes) <= set(known)


def test_what_made_a_version_of_the_list_is_said_with_how_an_appeal_stands():
    assert words.deny_change("appeal", "UPHELD") == "申诉：维持原决定"
    assert words.deny_change("moved", "M1 → M2") == "商户归并或拆分：M1 → M2"
    assert words.deny_change("entered", None) == "列入"


def test_only_what_was_found_false_is_called_debunked():
    assert words.debunked("谣言") == "已辟谣" and words.debunked("属实") == "曾查证：属实"


def test_an_unknown_type_is_left_open():
    assert words.violation("price_gouging") == "哄抬价格"
    assert words.violation(None) == words.violation("x") == words.UNSPECIFIED


def test_provinces_are_known_by_their_first_two_digits():
    assert words.REGIONS["33"] == "浙江省" and len(words.REGIONS) >= 31
