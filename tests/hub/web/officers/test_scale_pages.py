"""The pages of made-up data open."""

from __future__ import annotations

from hub.services.installation import scale_seed
from models import Case


def test_a_page_of_every_kind_and_state_opens(desk, officers, session):
    scale_seed.fill(session, (officers["handler"].id, officers["approver"].id), reports=1000)
    session.commit()
    clerk, seen = desk("clerk"), set()
    for case in session.query(Case):
        if (case.kind, case.state) not in seen:
            seen.add((case.kind, case.state))
            assert clerk.get(f"/cases/{case.id}").status_code == 200, (case.kind, case.state)
    assert len(seen) > 4
