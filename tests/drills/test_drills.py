"""Every drill, short."""

from __future__ import annotations

import pytest

from tests.drills import SIZES, harness, run_one


@pytest.fixture(scope="module")
def house():
    yield
    harness.close()


@pytest.mark.parametrize("name", SIZES)
def test_drill(name, house):
    row = run_one(name, SIZES[name][0])
    assert row.tries > 0
    assert (row.lost, row.doubled, row.wrong) == (0, 0, [])
