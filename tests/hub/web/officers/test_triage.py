"""From the queue itself: take next, hand over, park, batches with one undo, saved views."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, text, update

from hub.database import session_scope
from hub.desk.queue import queue as desk_queue
from hub.services.cases import assignment
from hub.services.office import clocks
from models import Batch, Case, Platform, SavedView, User
from tests.hub.web import seed


@pytest.fixture
def world(session, officers):
    """Five rumors, the first the most pressing."""
    p = seed.platforms(session)
    made = [
        seed.rumor_case(session, [(f"第{i}条传言说要断货", [p["jd"]] * (9 - i))]) for i in range(5)
    ]
    session.commit()
    return made


def _ids(page: str) -> list[int]:
    return [int(n) for n in re.findall(r'class="case-link" href="/cases/(\d+)"', page)]


def _now(session, case: Case) -> Case:
    session.expire_all()
    return session.get(Case, case.id, populate_existing=True)


def _age(session, case: Case) -> None:
    """The officer was away longer than the lease."""
    session.execute(
        update(Case)
        .where(Case.id == case.id)
        .values(owner_until=func.now() - text("interval '1 minute'"))
    )
    session.commit()


def _picks(*cases: Case) -> list[str]:
    return [f"{c.id}.{c.version}" for c in cases]


# --- taking --------------------------------------------------------------------------------


def test_take_next_gives_each_officer_another_case_the_most_pressing_first(desk, session, world):
    for name, case in (("clerk", world[0]), ("handler", world[1])):
        officer = desk(name)
        officer.get("/queue")
        answer = officer.submit("form-next")
        assert answer.headers["Location"].endswith(f"/cases/{case.id}")
        assert _now(session, case).owner_until is not None


def test_take_next_follows_the_filters_and_says_when_nothing_is_left(desk, session, world):
    clerk = desk("clerk")
    clerk.get("/queue?q=第3条")
    assert clerk.submit("form-next").headers["Location"].endswith(f"/cases/{world[3].id}")
    clerk.get("/queue?q=第3条")
    answer = clerk.submit("form-next")
    clerk.get(answer.headers["Location"])
    assert "没有可领取的案件" in clerk.text and _ids(clerk.page) == [world[3].id]


def test_five_at_once_never_get_the_same(officers, world):
    def take(name: str) -> int:
        with session_scope() as own:
            candidates = desk_queue.unassigned(own, desk_queue.Filters())
            return assignment.take_next(own, officers[name], candidates).id

    with ThreadPoolExecutor(5) as pool:
        taken = list(pool.map(take, ["clerk", "handler", "handler2", "clerk", "handler"]))
    assert sorted(taken) == sorted(c.id for c in world)


def test_an_absent_officer_blocks_nobody(desk, session, world):
    clerk, handler = desk("clerk"), desk("handler")
    clerk.act(world[0].id, "take")
    handler.get(f"/cases/{world[0].id}")
    assert "form-take" not in handler.forms
    _age(session, world[0])
    assert handler.act(world[0].id, "take").status_code == 303
    # Who comes back reads who has it now, and what was typed is still there.
    clerk.page = clerk.client.get(f"/cases/{world[0].id}").text
    clerk.submit("form-dismiss", reason="我写了很久的理由", version=2)
    assert "handler甲" in clerk.text and "已领取" in clerk.text and "我写了很久的理由" in clerk.text


def test_looking_at_the_case_begins_the_time_anew(desk, session, world):
    clerk = desk("clerk")
    clerk.act(world[0].id, "take")
    soon = func.now() + text("interval '9 minutes'")
    session.execute(update(Case).where(Case.id == world[0].id).values(owner_until=soon))
    session.commit()
    before = _now(session, world[0]).owner_until
    clerk.get(f"/cases/{world[0].id}")
    assert _now(session, world[0]).owner_until - before > timedelta(minutes=40)


def test_a_filed_case_stays_with_its_handler(desk, session, world):
    handler = desk("handler")
    handler.act(world[0].id, "take")
    handler.act(world[0].id, "file")
    assert _now(session, world[0]).owner_until is None
    clerk = desk("clerk")
    clerk.get(f"/cases/{world[0].id}")
    assert not {"form-take", "form-hand_over", "form-park"} & clerk.forms


def test_hand_over_to_a_named_officer(desk, session, world, officers):
    clerk = desk("clerk")
    clerk.act(world[0].id, "take")
    assert clerk.act(world[0].id, "hand_over", to="handler2").status_code == 303
    assert _now(session, world[0]).owner_id == officers["handler2"].id
    clerk.get(f"/cases/{world[0].id}")
    assert "handler2甲" in clerk.text
    approver = desk("approver")
    assert approver.act(world[0].id, "hand_over", to="auditor").status_code == 422
    assert approver.act(world[0].id, "hand_over", to="handler").status_code == 303


# --- parking -------------------------------------------------------------------------------


def test_a_parked_case_leaves_the_queue_and_comes_back_by_itself(desk, session, world):
    clerk = desk("clerk")
    until = clocks.today(session) + timedelta(days=3)
    clerk.act(world[0].id, "park", until=until.isoformat(), reason="等检测结果")
    clerk.get("/queue")
    assert world[0].id not in _ids(clerk.page)
    clerk.get("/queue?state=parked")
    assert _ids(clerk.page) == [world[0].id] and f"暂缓至 {until}" in clerk.text
    clerk.get(f"/cases/{world[0].id}")
    assert "等检测结果" in clerk.text
    today = clocks.today(session)
    session.execute(update(Case).where(Case.id == world[0].id).values(parked_until=today))
    session.commit()
    clerk.get("/queue")
    assert _ids(clerk.page)[0] == world[0].id


@pytest.mark.parametrize(
    ("days", "reason", "said"),
    [(0, "等", "晚于今天"), (3, " ", "写明暂缓的理由"), (9999, "等", "不能暂缓到此日之后")],
)
def test_parking_has_its_limits(desk, session, world, days, reason, said):
    clocks.start(session, world[0].id, "verify")
    session.commit()
    clerk = desk("clerk")
    until = (clocks.today(session) + timedelta(days=days)).isoformat()
    assert clerk.act(world[0].id, "park", until=until, reason=reason).status_code == 422
    assert said in clerk.text and until in clerk.page


def test_a_day_that_is_none_is_refused(desk, world):
    assert desk("clerk").act(world[0].id, "park", until="明天", reason="等").status_code == 422


# --- batches -------------------------------------------------------------------------------


def _batch(officer, **data):
    officer.get("/queue")
    answer = officer.submit("form-batch", **data)
    officer.get(answer.headers["Location"])
    return answer


def test_many_are_dismissed_at_once_and_one_undo_takes_it_back(desk, session, world):
    clerk = desk("clerk")
    _batch(clerk, pick=_picks(*world[:3]), action="dismiss", reason="与市场无关")
    assert "已不予受理 3 件" in clerk.text
    assert [_now(session, c).state for c in world] == ["DISMISSED"] * 3 + ["OPEN"] * 2
    answer = clerk.submit("form-undo")
    assert [_now(session, c).stage for c in world] == ["waiting"] * 5
    clerk.get(answer.headers["Location"])
    assert "已撤销 3 件" in clerk.text and "form-undo" not in clerk.forms


def test_many_are_merged_into_the_largest_and_parted_again(desk, session, world):
    clerk = desk("clerk")
    _batch(clerk, pick=_picks(*world[1:4]), action="merge")
    assert {_now(session, c).merged_into_id for c in world[2:4]} == {world[1].id}
    assert _now(session, world[1]).demand == 8 + 7 + 6
    clerk.submit("form-undo")
    assert [_now(session, c).demand for c in world] == [9, 8, 7, 6, 5]
    assert {_now(session, c).stage for c in world} == {"waiting"}


def test_what_changed_meanwhile_is_named_and_the_rest_is_done(desk, session, world):
    stale = _picks(*world[:3])
    desk("handler").act(world[1].id, "take")
    clerk = desk("clerk")
    _batch(clerk, pick=stale, action="dismiss", reason="重复")
    assert "已不予受理 2 件" in clerk.text
    assert f"C{world[1].id} 正由他人承办" in clerk.text
    assert _now(session, world[1]).stage == "waiting"


def test_undo_leaves_alone_what_a_colleague_changed_since(desk, session, world):
    clerk = desk("clerk")
    _batch(clerk, pick=_picks(*world[:2]), action="dismiss", reason="重复")
    page = clerk.page
    desk("handler").act(world[0].id, "reopen", reason="有新线索")
    clerk.page = page
    answer = clerk.submit("form-undo")
    clerk.get(answer.headers["Location"])
    assert "已撤销 1 件" in clerk.text and f"C{world[0].id}" in clerk.text


def test_an_undo_is_done_once_and_only_by_who_did_it(desk, session, world):
    clerk, handler = desk("clerk"), desk("handler")
    _batch(clerk, pick=_picks(world[0]), action="dismiss", reason="重复")
    batch = session.query(Batch).one()
    handler.get(f"/queue?undo={batch.id}")
    handler.submit("form-undo")
    assert _now(session, world[0]).state == "DISMISSED"
    page = clerk.page
    clerk.submit("form-undo")
    clerk.page = page
    answer = clerk.submit("form-undo")
    clerk.get(answer.headers["Location"])
    assert "已经撤销过了" in clerk.text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"action": "dismiss", "reason": "写好的理由"}, "请先选择案件"),
        ({"action": "dismiss", "pick": ["1.1"], "reason": " "}, "请写明不予受理的理由"),
        ({"action": "merge", "pick": ["1.1"]}, "并案至少要选两件"),
        ({"action": "merge", "pick": ["1.1", "2.1"], "into": "那件"}, "请填写案件编号"),
        ({"action": "merge", "pick": ["1.1"], "into": "C99999"}, "没有要并入的案件"),
        ({"action": "dismiss", "pick": ["x"], "reason": "写好的理由"}, "所选内容有误"),
    ],
)
def test_a_batch_that_cannot_be_done_says_why_and_keeps_the_reason(
    desk, session, world, data, said
):
    clerk = desk("clerk")
    _batch(clerk, **data)
    assert said in clerk.text
    if data.get("reason", "").strip():
        assert 'value="写好的理由"' in clerk.page
    assert {_now(session, c).stage for c in world} == {"waiting"}


def test_what_was_typed_into_an_ended_session_is_shown_again(app, desk, session, world):
    clerk = desk("clerk")
    clerk.get(f"/cases/{world[0].id}")
    session.execute(text("UPDATE login_session SET seen_at = now() - interval '1 hour'"))
    session.commit()
    answer = clerk.submit("form-dismiss", reason="写了半小时的理由")
    assert answer.status_code == 401
    assert "写了半小时的理由" in clerk.text and "登录已过期" in clerk.text


# --- saved views ---------------------------------------------------------------------------


def test_views_are_saved_per_officer_and_forgotten(desk, session, world):
    clerk, handler = desk("clerk"), desk("handler")
    clerk.get("/queue?q=第2条&clock=&page=3&undo=1&evil=1")
    clerk.submit("form-view", name="第二条")
    view = session.query(SavedView).one()
    assert "evil" not in view.query and "undo" not in view.query
    clerk.get(f"/queue?{view.query}")
    assert _ids(clerk.page) == [world[2].id] and "第二条" in clerk.text
    handler.get("/queue")
    assert "第二条" not in handler.text
    token = re.search(r'name="csrf_token" value="([^"]+)"', handler.page)[1]
    handler.client.post(f"/queue/views/{view.id}/delete", data={"csrf_token": token})
    assert session.query(SavedView).count() == 1
    token = re.search(r'name="csrf_token" value="([^"]+)"', clerk.page)[1]
    clerk.client.post(f"/queue/views/{view.id}/delete", data={"csrf_token": token})
    session.expire_all()
    assert session.query(SavedView).count() == 0


def test_the_line_shows_its_last_hours_and_how_its_priority_came_about(desk, world):
    clerk = desk("clerk")
    clerk.get("/queue")
    assert clerk.page.count('class="spark"') == 5
    assert "近 24 小时 9 件" in clerk.page
    assert "优先级" in clerk.page and "× √平台 1" in clerk.page


def test_cases_are_filtered_by_province_and_by_being_free(desk, session, world):
    p = session.query(Platform).filter_by(slug="jd").one()
    merchant = seed.merchant_case(session, [("坐地起价", [p])], None)
    merchant.merchant.region = "110105"
    assignment.take(session, session.get(User, world[0].id), world[0].id, 1)
    session.commit()
    clerk = desk("clerk")
    clerk.get("/queue?region=11")
    assert _ids(clerk.page) == [merchant.id]
    clerk.get("/queue?free=1")
    assert world[0].id not in _ids(clerk.page) and merchant.id in _ids(clerk.page)
