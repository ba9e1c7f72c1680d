"""Second review: drawn by lot, never to who decided, blind until answered, golden unseen."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import IntegrityError

from hub.desk.oversight import review_figures
from hub.problems import Problem
from hub.services.cases import actions
from hub.services.enforcement import approving, proposing
from hub.services.review import second_review
from models import AuditEntry, Case, Paper, Recusal, Review, ReviewRule, User
from tests.hub.web import seed


@pytest.fixture
def all_drawn(session, officers):
    """Every decision is drawn; no golden case goes with them."""
    second_review.set_rule(session, officers["approver2"], 1.0, 0.0, "全部复核")
    session.commit()


@pytest.fixture
def dismissed(session, officers, all_drawn, rumor):
    """A rumor that the clerk dismissed, by mistake."""
    actions.dismiss(session, officers["clerk"], rumor.id, rumor.version, "没有根据判断为谣言")
    session.commit()
    return rumor


def _waiting(session, user: User) -> int:
    return second_review.waiting(session, user)


def test_a_dismissal_and_a_decision_are_drawn_with_their_first_answer(
    session, officers, all_drawn, rumor, merchant
):
    actions.dismiss(session, officers["clerk"], rumor.id, rumor.version, "理由")
    proposing.propose(session, officers["handler"], merchant.id, merchant.version, ["warn"], "事实")
    session.commit()
    approving.approve(session, officers["approver"], merchant.id, merchant.version)
    one, other = session.scalars(select(Review).order_by(Review.id)).all()
    assert (one.first, one.first_by_id) == ("not_rumor", officers["clerk"].id)
    assert (other.first, other.first_by_id) == ("price_gouging", officers["handler"].id)
    assert other.approved_by_id == officers["approver"].id


def test_the_lot_is_seeded_and_keeps_to_its_share(session, officers):
    second_review.set_rule(session, officers["approver"], 0.2, 0.0, "两成")
    rule = second_review.rule(session)
    lots = [second_review._lot(rule, f"{n}:1:0") for n in range(5000)]
    assert lots == [second_review._lot(rule, f"{n}:1:0") for n in range(5000)]
    assert abs(sum(lot < rule.share for lot in lots) / 5000 - 0.2) < 0.03
    second_review.set_rule(session, officers["approver"], 0.2, 0.0, "换一批")
    rule = second_review.rule(session)
    assert lots != [second_review._lot(rule, f"{n}:1:0") for n in range(5000)]


def test_nobody_is_asked_about_a_case_they_had_a_hand_in(session, officers, all_drawn, merchant):
    proposing.propose(session, officers["handler"], merchant.id, merchant.version, ["warn"], "事实")
    session.commit()
    approving.approve(session, officers["approver"], merchant.id, merchant.version)
    session.commit()
    assert {n for n, u in officers.items() if _waiting(session, u)} == {
        "clerk", "handler2", "approver2",
    }  # fmt: skip


def test_the_database_itself_refuses_the_one_who_decided(session, officers, dismissed):
    session.scalars(select(Review)).one().reviewer_id = officers["clerk"].id
    with pytest.raises(IntegrityError, match="by_another"):
        session.flush()


def test_a_case_is_answered_blind_and_then_compared(desk, session, dismissed):
    handler = desk("handler")
    handler.get(f"/cases/{dismissed.id}")
    assert "没有根据判断为谣言" in handler.text
    handler.get("/reviews")
    assert "有 1 件可由您复核" in handler.text
    assert handler.submit("form-next").status_code == 303
    number = session.scalars(select(Review.id)).one()
    handler.get(f"/reviews/{number}")
    assert "口罩三天后全国断货" in handler.text
    for secret in ("没有根据", "不予受理</span>", "clerk甲", "state-dismissed", f"C{dismissed.id}"):
        assert secret not in handler.page
    # Neither the case's page nor the queue tells, as long as the answer is owed.
    assert handler.get(f"/cases/{dismissed.id}").status_code == 403
    assert "您正在复核这件案件" in handler.text
    handler.get("/queue?state=all&q=口罩")
    assert f"/cases/{dismissed.id}" not in handler.page

    handler.get(f"/reviews/{number}")
    assert handler.submit("form-answer", answer="", note="仍是谣言").status_code == 422
    assert handler.submit("form-answer", answer="rumor", note="仍是谣言").status_code == 303
    handler.get(f"/reviews/{number}")
    assert "不一致" in handler.text and "clerk甲" in handler.text
    assert handler.get(f"/cases/{dismissed.id}").status_code == 200
    token = re.search(r'name="csrf_token" value="([^"]+)"', handler.page)[1]
    again = handler.client.post(
        f"/reviews/{number}/answer", data={"csrf_token": token, "answer": "not_rumor"}
    )
    assert again.status_code == 409
    done = session.scalars(select(AuditEntry).where(AuditEntry.action == "review_answered")).one()
    assert done.detail == {"review": number, "agrees": False}


def test_the_case_is_shown_as_it_stood(session, officers, dismissed, p):
    said = seed.wording(session, "后来才有的说法", claim_id=dismissed.claim_id)
    late = seed.report(session, p["jd"], "后来才有的说法", "rumor")
    late.wording_id, late.case_id, late.state = said.id, dismissed.id, "MERGED"
    session.commit()
    blind = review_figures.blind(session, session.scalars(select(Review)).one())
    assert len(blind.evidence.variants) == 3 and blind.demand == 5
    assert "后来才有的说法" not in str(blind.evidence)


def test_a_supervisor_settles_a_disagreement_and_opens_the_case_again(
    desk, session, officers, dismissed
):
    review = second_review.take(session, officers["handler"])
    second_review.answer(session, officers["handler"], review.id, "rumor", "有人囤货")
    session.commit()
    approver = desk("approver")
    approver.get("/reviews")
    assert "有人囤货" in approver.text and "样本过少" in approver.text
    form = f"form-settle-{review.id}"
    assert approver.submit(form, because="复核有理").status_code == 422
    approver.get("/reviews")
    answer = approver.submit(form, **{"as": "second", "because": "复核有理", "reopen": "1"})
    assert answer.status_code == 303
    session.expire_all()
    assert session.get_one(Case, dismissed.id).state == "REOPENED"
    approver.get("/reviews")
    assert "以复核结论为准" in approver.text and form not in approver.forms
    done = select(AuditEntry.action).where(AuditEntry.case_id == dismissed.id)
    assert {"reopen", "review_settled"} <= set(session.scalars(done))


def test_a_disagreement_on_a_case_that_moved_on_is_not_lost(desk, session, officers, dismissed):
    review = second_review.take(session, officers["handler"])
    second_review.answer(session, officers["handler"], review.id, "rumor", "")
    session.commit()
    approver = desk("approver")
    approver.get("/reviews")
    form = f"form-settle-{review.id}"
    said = {"as": "second", "because": "复核有理", "reopen": "1", "version": "0"}
    assert approver.submit(form, **said).status_code == 409
    assert "案件已被他人更改" in approver.text
    session.expire_all()
    assert session.get_one(Review, review.id).settled_at is None  # all or nothing


def test_what_was_taken_back_is_not_asked(session, officers, dismissed):
    actions.reopen(session, officers["clerk"], dismissed.id, dismissed.version, "点错了")
    assert session.scalar(select(func.count(Review.id))) == 0


def test_a_golden_case_goes_among_the_draws_and_looks_like_them(
    desk, session, officers, p, dismissed, rumor
):
    approver = desk("approver")
    approver.get("/reviews")
    refused = approver.submit("form-golden", case="C99", answer="rumor", why="有辟谣")
    assert refused.status_code == 404 and "没有这个案件" in approver.text
    approver.get("/reviews")
    said = {"case": f"C{dismissed.id}", "answer": "rumor", "why": "疾控中心已辟谣"}
    assert approver.submit("form-golden", **said).status_code == 303
    approver.get("/reviews")
    approver.submit("form-rule", share="100", golden_share="100", why="每件都附")
    session.execute(delete(Review))
    second = seed.rumor_case(session, [("喝白酒能杀死病毒", [p["jd"]])])
    actions.dismiss(session, officers["clerk"], second.id, second.version, "理由")
    session.commit()
    assert session.scalar(select(func.count(Review.id))) == 2
    assert _waiting(session, officers["approver2"]) == 1  # who sees the list is not asked

    handler, pages = desk("handler"), []
    for answer in ("not_rumor", "rumor"):
        handler.get("/reviews")
        number = handler.submit("form-next").location.rsplit("/", 1)[1]
        handler.get(f"/reviews/{number}")
        pages.append(handler.page)
        assert "标准" not in handler.text and "辟谣" not in handler.text.split("查证资料")[0]
        handler.submit("form-answer", answer=answer)
    one, other = (
        re.findall(r'id="\D*?"|<(?:h1|h2|legend|dt)[^>]*>[^<\d]*', page) for page in pages
    )
    assert one != [] and set(one) == set(other)
    handler.get(f"/reviews/{number}")
    assert "标准答案" in handler.text and "疾控中心已辟谣" in handler.text
    approver.get("/reviews")
    assert "答对 1／1" in approver.text
    assert not session.scalars(
        select(AuditEntry).where(
            AuditEntry.case_id == dismissed.id, AuditEntry.action.startswith("golden")
        )
    ).all()


def test_agreement_by_type_and_pair_with_its_interval(desk, session, officers, p, all_drawn):
    for n in range(12):
        case = seed.rumor_case(session, [(f"某地{n}号水源有毒", [p["jd"]])])
        actions.dismiss(session, officers["clerk"], case.id, case.version, "理由")
        review = second_review.take(session, officers["handler"])
        said = "rumor" if n < 3 else "not_rumor"
        second_review.answer(session, officers["handler"], review.id, said, "")
    session.commit()
    over = review_figures.overview(session)
    (matrix,) = over.matrices
    assert (matrix.agreement.n, matrix.agreement.alike) == (12, 0.75)
    assert matrix.counts == [[0, 0], [3, 9]]
    assert over.pairs == [("clerk甲", "handler甲", matrix.agreement)]
    approver = desk("approver")
    approver.get("/reviews")
    for shown in ("clerk甲", "handler甲", "75%", "0.00 至 0.00"):
        assert shown in approver.text
    clerk = desk("clerk")
    clerk.get("/reviews")
    assert "人员一致性" not in clerk.text and "handler甲" not in clerk.text


@pytest.mark.parametrize("share", ["", "-1", "101", "x", "nan", "inf"])
def test_a_share_that_is_none_is_refused(desk, session, share):
    approver = desk("approver")
    approver.get("/reviews")
    assert (
        approver.submit("form-rule", share=share, golden_share="5", why="理由").status_code == 422
    )
    assert session.scalar(select(func.count(ReviewRule.id))) == 0
    assert "比例请填 0 至 100" in approver.text


def test_two_reviewers_never_get_the_same(session, officers, dismissed):
    from sqlalchemy.orm import Session

    from hub.database import engine
    from hub.problems import Problem

    second_review.take(session, officers["handler"])  # not committed: the row is locked
    with Session(engine()) as other, pytest.raises(Problem, match="没有需要您复核"):
        second_review.take(other, other.get_one(User, officers["approver"].id))


def test_while_the_answer_is_owed_no_page_tells_how_it_was_decided(
    desk, session, officers, all_drawn, merchant
):
    handler2 = officers["handler2"]
    proposing.propose(
        session, officers["handler"], merchant.id, merchant.version, ["warn"], "首次决定的事实",
        proposing.ProposalTerms(sharing="departments"),
    )  # fmt: skip
    session.commit()
    approving.approve(session, officers["approver"], merchant.id, merchant.version)
    session.execute(text('UPDATE "order" SET escalated_at = now()'))
    paper = Paper(case_id=merchant.id, kind="decision", year=2026, number=1, body=b"x",
                  made_by_id=officers["handler"].id)  # fmt: skip
    session.add(paper)
    session.commit()
    pages = (f"/merchants/{merchant.merchant_id}", "/overdue", "/shared")
    reader = desk("handler2")
    case = f"C{merchant.id}"
    assert all(case in reader.get(path).text for path in pages)
    second_review.take(session, handler2)
    session.commit()
    for path in pages:
        reader.get(path)
        assert case not in reader.text and "首次决定的事实" not in reader.text, path
    assert reader.get(f"/papers/{paper.id}.docx").status_code == 403
    colleague = desk("auditor")
    assert all(case in colleague.get(path).text for path in pages)


def test_who_stands_back_says_why_and_another_is_asked(desk, session, officers, dismissed):
    handler = desk("handler")
    handler.get("/reviews")
    handler.submit("form-next")
    number = session.scalars(select(Review.id)).one()
    handler.get(f"/reviews/{number}")
    assert handler.submit("form-recuse", reason=" ").status_code == 422
    assert handler.submit("form-recuse", reason="当事人是我的亲属").status_code == 303
    assert handler.get(f"/reviews/{number}").status_code == 404
    assert _waiting(session, officers["handler"]) == 0
    other = desk("handler2")
    other.get("/reviews")
    assert other.submit("form-next").headers["Location"].endswith(f"/reviews/{number}")
    noted = session.scalars(select(AuditEntry).where(AuditEntry.action == "review_recused")).one()
    assert (noted.actor, noted.case_id) == ("handler", None)
    assert noted.detail == {"review": number, "reason": "当事人是我的亲属"}
    supervisor = desk("approver")
    supervisor.get("/reviews")
    assert "当事人是我的亲属" in supervisor.text


def test_an_answer_once_given_leaves_nothing_to_stand_back_from(session, officers, dismissed):
    review = second_review.take(session, officers["handler"])
    second_review.answer(session, officers["handler"], review.id, "rumor", "")
    with pytest.raises(Problem, match="已经答复"):
        second_review.recuse(session, officers["handler"], review.id, "亲属")


def test_a_recusal_goes_with_the_review_that_is_taken_back(session, officers, dismissed):
    review = second_review.take(session, officers["handler"])
    second_review.recuse(session, officers["handler"], review.id, "亲属")
    session.commit()
    actions.reopen(session, officers["clerk"], dismissed.id, dismissed.version, "误点")
    assert session.scalars(select(Review)).all() == session.scalars(select(Recusal)).all() == []
