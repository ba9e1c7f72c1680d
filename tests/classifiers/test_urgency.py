"""How soon a person should look, from the words alone."""

from classifiers import urgency


def test_urgency_grows_with_every_reason_and_falls_when_settled():
    mild = urgency.weigh("孩子喝了牛奶", [])
    grave = urgency.weigh("孩子喝了牛奶中毒住院", [])
    settled = urgency.weigh("孩子喝了牛奶中毒住院,官方通报", [])
    assert 0 < mild.score < grave.score < 1 and settled.score < grave.score
    assert urgency.weigh("今年的桂花开得晚", []) == urgency.Urgency(0.0, [])
