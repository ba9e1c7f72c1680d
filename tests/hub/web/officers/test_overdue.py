"""Orders that nobody acts on wait for an officer, who says what came of a call."""

from __future__ import annotations

from sqlalchemy import func, select, update

from models import Order


def test_an_officer_calls_the_platform_and_writes_down_what_came_of_it(desk, session, merchant):
    desk("handler").act(merchant.id, "propose", facts="事实")
    desk("approver").act(merchant.id, "approve")
    order = session.scalar(select(Order).where(Order.platform.has(slug="jd")))
    past = func.now() - func.make_interval(0, 0, 0, 3)
    late = {"answer_by": past, "reminded_at": past, "escalated_at": past}
    session.execute(update(Order).where(Order.id == order.id).values(**late))
    session.commit()
    auditor, clerk = desk("auditor"), desk("clerk")
    auditor.get("/overdue")
    assert "京东" in auditor.text and f"form-chase-{order.id}" not in auditor.forms
    clerk.get("/overdue")
    assert clerk.submit(f"form-chase-{order.id}", note=" ").status_code == 422
    assert "请写明催办情况" in clerk.text
    said = "已电话联系，答复今日执行"
    assert clerk.submit(f"form-chase-{order.id}", note=said).status_code == 303
    clerk.get("/overdue")
    assert said in clerk.text
