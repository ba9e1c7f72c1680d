"""The catalogue says what may be ordered when, and what comes nearest to it elsewhere."""

from __future__ import annotations

from datetime import date

import pytest

from hub.services.enforcement import measures


def test_the_catalogue_knows_what_was_in_force_when():
    assert "bar_onboarding" not in measures.in_force(date(2020, 2, 19))
    assert "bar_onboarding" in measures.in_force(date(2020, 2, 20))
    assert measures.version(date(2020, 2, 19)) < measures.version(date(2020, 2, 20))


def test_every_near_measure_is_one():
    for entry in measures.ENTRIES:
        assert set(entry.nearest) <= set(measures.CATALOGUE) - {entry.code}
        assert entry.terms


@pytest.mark.parametrize(
    "picks, terms",
    [(["close_shop@content"], {}), (["close_shop"], {"close_shop": 3}), (["mute_15"], {})],
)
def test_what_does_not_fit_is_refused(picks, terms):
    with pytest.raises(ValueError):
        measures.chosen(["violation"], picks, terms)


def test_a_pick_can_be_for_one_kind_of_platform():
    (picked,) = measures.chosen(["rumor"], ["label_content@content"])
    assert measures.fitted([picked], "commerce", None) == []
    assert len(measures.fitted([picked], "content", None)) == 1


def test_the_usual_measures_fit_their_kind():
    for kind in ("rumor", "violation"):
        assert measures.chosen([kind], list(measures.usual(kind)))
