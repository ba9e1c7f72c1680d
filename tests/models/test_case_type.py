"""Whose word on a case's type holds: an officer's, then a rule's or model's, then a reporter's."""

from __future__ import annotations

import pytest

from models import Case, CaseType, TypeSource, case_type
from models.case_type import TypeSource as By

GOUGING = {"type": "price_gouging", "score": 0.81, "source": "rule:gouge-hoard"}
FRAUD = {"type": "fraud", "score": 0.6, "source": "model:price@3"}
HEALTH = {"code": "health", "label": "医药健康", "score": 0.77}


def reads(*findings, theme=None) -> dict:
    return {"violations": list(findings), "theme": theme}


def test_a_report_is_about_what_its_words_show_most_surely():
    shown = CaseType("price_gouging", By.RULE, 0.81)
    assert case_type.of_report(reads(FRAUD, GOUGING), "counterfeit") == shown
    assert case_type.of_report(reads(FRAUD), None) == CaseType("fraud", By.MODEL, 0.6)


def test_a_report_that_shows_nothing_is_about_what_its_reason_names():
    assert case_type.of_report({}, "counterfeit") == CaseType("counterfeit", By.REPORTER)
    unknown = case_type.of_report(reads(), None)
    assert unknown == CaseType("unspecified") and not unknown.specified


def test_each_source_outranks_those_below_it_and_none_its_equal():
    order = [{None}, {By.REPORTER}, {By.MODEL, By.RULE}, {By.OFFICER}]
    assert set().union(*order) == {None, *TypeSource}
    for high, above in enumerate(order):
        for low, below in enumerate(order):
            for one in above:
                for other in below:
                    outranks = CaseType("fraud", one).outranks(CaseType("fraud", other))
                    assert outranks == (high > low)


@pytest.mark.parametrize("source", [None, By.REPORTER, By.MODEL, By.RULE])
def test_a_case_that_reads_as_another_text_takes_its_word_on_the_same_type(source):
    kept = CaseType("price_gouging", source)
    now = case_type.reread(kept, reads(FRAUD, GOUGING))
    assert now == CaseType("price_gouging", By.RULE, 0.81)


@pytest.mark.parametrize(
    ("source", "left"), [(By.REPORTER, By.REPORTER), (By.MODEL, None), (By.RULE, None)]
)
def test_a_text_that_does_not_show_the_type_leaves_it_to_people(source, left):
    assert case_type.reread(CaseType("price_gouging", source), reads(FRAUD)) == CaseType(
        "price_gouging", left
    )


def test_an_officers_word_stays_whatever_the_case_reads_as():
    case = Case(
        kind="rumor",
        violation_type=CaseType("fraud", By.OFFICER),
        theme_type=CaseType("finance", By.OFFICER),
    )
    case.read_as(reads(GOUGING, FRAUD, theme=HEALTH))
    assert case.assessment["theme"] == HEALTH
    assert case.violation_type == CaseType("fraud", By.OFFICER)
    assert case.theme_type == CaseType("finance", By.OFFICER)


def test_else_the_theme_is_that_of_the_text():
    case = Case(kind="rumor", theme_type=CaseType("finance", By.MODEL, 0.5))
    case.read_as(reads(theme=HEALTH))
    assert case.theme_type == CaseType("health", By.MODEL, 0.77) and case.violation_type is None
    case.read_as(reads())
    assert case.theme_type is None and case.theme is None
