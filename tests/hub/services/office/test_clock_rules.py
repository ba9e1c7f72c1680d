"""A clock runs by the version of its rule that was in force when it started."""

from __future__ import annotations

from datetime import date

import pytest

from hub.services.office import clock_rules

D = date


def test_the_rule_in_force_on_the_day_it_starts_holds():
    old = clock_rules.in_force("verify", D(2026, 4, 14))
    new = clock_rules.in_force("verify", D(2026, 4, 15))
    assert "第20号" in old.source and "第121号" in new.source
    with pytest.raises(KeyError):
        clock_rules.in_force("nothing", D(2026, 4, 15))


def test_extension_and_standstill_move_the_end():
    rule = clock_rules.in_force("verify", D(2025, 3, 3))
    assert rule.due(D(2025, 3, 3)) == D(2025, 3, 24)
    assert rule.due(D(2025, 3, 3), more=15) == D(2025, 4, 15)  # Qingming on 4 April
    assert rule.due(D(2025, 3, 3), stopped=10) == D(2025, 4, 3)
