"""Who beside the platforms may know of a decision."""

from hub.services.enforcement.audience import withheld
from hub.services.enforcement.proposing import SHARING


def test_departments_hear_before_the_public_and_nobody_else_hears_at_all():
    reached = {level: withheld({"level": level}) for level in SHARING}
    assert reached["public"] == {"departments": None, "public": None}
    assert reached["departments"] == {"departments": None, "public": "sharing"}
    for level in ("own", "named", "all"):
        assert reached[level] == {"departments": "sharing", "public": "sharing"}
    assert withheld({}) == reached["all"]  # a decision of before there were levels
