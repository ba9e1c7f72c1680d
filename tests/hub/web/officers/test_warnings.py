"""An officer acknowledges a warning and says what it was."""

from __future__ import annotations

import re

from tests.hub.web import seed


def test_a_warning_is_seen_by_an_officer_who_says_what_it_was(desk, session):
    from models import EarlyWarning

    p = seed.platforms(session, "jd", "weidian")
    case = seed.rumor_case(session, [("口罩断货", [p["jd"]] * 6 + [p["weidian"]] * 5)])
    found = {"kind": "reports", "count": 11, "expected": 0.5, "tail": 1e-9, "level": 1e-6,
             "platforms": 2, "busy": 1.0, "surges": True, "minutes": 20,
             "since": "2020-02-20T01:00:00+00:00", "until": "2030-02-20T01:20:00+00:00",
             "by_platform": {str(p["jd"].id): 6}}  # fmt: skip
    warning = EarlyWarning(case_id=case.id, found=found)
    session.add(warning)
    session.commit()
    officer = desk("clerk")
    assert f"C{case.id}" in officer.get("/warnings").text
    assert "苗头预警" in officer.get(f"/cases/{case.id}").text
    page = officer.get(f"/warnings/{warning.id}")
    assert "11 件" in page.text and "京东" in page.text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    done = officer.client.post(
        f"/warnings/{warning.id}/seen",
        data={"csrf_token": token, "verdict": "false", "note": "演练"},
    )
    assert done.status_code == 303
    session.refresh(warning)
    assert warning.false is True and warning.note == "演练"
    assert "误报" in officer.get("/warnings?seen=1").text
