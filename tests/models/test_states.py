"""States have one home: nothing else spells them, and each step that a row takes is listed."""

from __future__ import annotations

import ast
import itertools
import re
from pathlib import Path

import pytest

from models import Appeal, Case, Decision, Order, PaperImport, states
from models.states import State

ROOT = Path(__file__).resolve().parents[2]
ENUMS = [each for each in vars(states).values() if isinstance(each, type) and each is not State]
ENUMS = [each for each in ENUMS if issubclass(each, State)]
# In small letters they are other words, too: a relationship is loaded "joined".
WORDS = {str(member) for enum in ENUMS for member in enum if member.isupper()}
# In a statement or a template a state stands between quotes.
QUOTED = re.compile(r"""(['"])(""" + "|".join(sorted(WORDS)) + r")\1")


def test_a_state_is_kept_as_its_name():
    assert len(ENUMS) == 12
    for enum in ENUMS:
        assert all(member.value == member.name for member in enum)


def _spelled(path: Path) -> list[str]:
    """The states that a module spells itself, in code or in a statement."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            said = [node.value] if node.value in WORDS else []
            said += [match[2] for match in QUOTED.finditer(node.value)]
            found += [f"{path.relative_to(ROOT)}:{node.lineno} {each}" for each in said]
    return found


def test_no_other_module_spells_a_state():
    # The sandbox is another house's program: it knows the hub by HTTP alone.
    modules = [p for p in (ROOT / "hub").rglob("*.py") if "sandbox" not in p.parts]
    modules += [p for p in (ROOT / "models").glob("*.py") if p.name != "states.py"]
    assert len(modules) > 200
    assert [each for path in modules for each in _spelled(path)] == []


def test_no_template_spells_a_state():
    templates = list((ROOT / "hub" / "templates").rglob("*.*"))
    assert len(templates) > 50
    found = [f"{path.name} {m[0]}" for path in templates for m in QUOTED.finditer(path.read_text())]
    assert found == []


@pytest.mark.parametrize(
    ("kind", "column", "steps"),
    [
        (Case, "state", states.CASE_STEPS),
        (Decision, "state", states.DECISION_STEPS),
        (Order, "execution", states.ORDER_STEPS),
        (Appeal, "state", states.APPEAL_STEPS),
        (PaperImport, "state", states.IMPORT_STEPS),
    ],
)
def test_a_row_takes_only_the_steps_that_are_listed(kind, column, steps):
    enum = type(next(iter(steps)))
    for old, new in itertools.product(enum, enum):
        row = kind(**{column: old})
        if old == new or new in steps.get(old, ()):
            setattr(row, column, new)
            assert getattr(row, column) == new
        else:
            with pytest.raises(states.ImpossibleStep):
                setattr(row, column, new)


def test_every_state_of_a_case_is_in_one_set_of_the_queue():
    assert set(states.CaseState) == set(states.STAGES) | set(states.BEFORE_DECISION)
    assert not set(states.STAGES) & set(states.BEFORE_DECISION)
    reached = {new for after in states.CASE_STEPS.values() for new in after}
    assert reached == set(states.CaseState)
