"""Only what is very likely about the same claim is believed."""

from hub.desk.cases.related_debunks import RelatedDebunk, best


def debunk(claim: str, close: bool) -> RelatedDebunk:
    return RelatedDebunk(claim, "谣言", "某市网信办", None, "", None, likeness=0.9, close=close)


def test_the_likest_close_one_speaks_and_a_likeness_alone_does_not():
    found = [debunk("甲", False), debunk("乙", True), debunk("丙", True)]
    assert best(found).claim == "乙"
    assert best(found[:1]) is None and best([]) is None
