"""Several cases at once, each a step of its own, and one undo."""

from __future__ import annotations

import pytest

from hub.problems import Problem
from hub.services.cases import assignment, batches
from models import User
from tests.hub.web import seed


@pytest.fixture
def people(session) -> dict[str, User]:
    made = {
        name: User(username=name, name=name, role="handler", password_hash="-")
        for name in ("lin", "zhou")
    }
    session.add_all(made.values())
    session.flush()
    return made


def test_each_step_is_written_down_and_taken_back(session, people):
    cases = [seed.rumor_case(session, [(text, [])]) for text in ("断货", "停水")]
    batch = batches.open_(session, people["lin"], "dismiss")
    for case in cases:
        batches.dismiss(session, people["lin"], batch.id, case.id, case.version, "与本局无关")
        session.commit()
    assert [step["case"] for step in batch.done] == [case.id for case in cases]
    assert {case.state for case in cases} == {"DISMISSED"}
    for step in batch.done:
        batches.undo(session, people["lin"], batch, step)
        session.commit()
    assert not {"DISMISSED"} & {case.state for case in cases}
    batches.close(session, batch)
    session.flush()
    with pytest.raises(Problem, match="已经撤销过"):
        batches.close(session, batch)


def test_what_a_colleague_has_in_hand_is_left_alone_and_a_batch_is_its_officers(session, people):
    case = seed.rumor_case(session, [("断货", [])])
    assignment.take(session, people["zhou"], case.id, case.version)
    session.flush()
    batch = batches.open_(session, people["lin"], "dismiss")
    with pytest.raises(Problem, match="他人承办"):
        batches.dismiss(session, people["lin"], batch.id, case.id, case.version, "无关")
    assert batches.of(session, people["lin"], batch.id) is batch
    with pytest.raises(Problem) as refused:
        batches.of(session, people["zhou"], batch.id)
    assert refused.value.status == 404
