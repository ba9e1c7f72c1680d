"""How a case is told in one line."""

import pytest

from hub.desk.queue.case_lines import reporters_of, spread_of
from models import Case


def test_platforms_are_named_the_busiest_first():
    case = Case(spread={"jd": 2, "pdd": 5, "strange": 2})
    names = {"jd": "京东", "pdd": "拼多多"}
    assert spread_of(case, names) == [("拼多多", 5), ("京东", 2), ("strange", 2)]


@pytest.mark.parametrize(
    ("reporters", "demand", "said"),
    [
        (None, 3, ""),
        ({"people": 2, "of": 3, "about": False}, 3, "2 人"),
        ({"people": 2, "of": 3, "about": False}, 4, "2+ 人"),
        ({"people": 12000, "of": 20000, "about": True}, 20000, "约 12,000 人"),
        ({"people": 2, "of": 3, "about": False}, 2, ""),  # some went elsewhere since
    ],
)
def test_people_are_counted_as_far_as_is_known(reporters, demand, said):
    assert reporters_of(Case(reporters=reporters, demand=demand)) == said
