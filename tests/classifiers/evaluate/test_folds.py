"""Near-duplicates stay on one side of every fold."""

from classifiers.evaluate.folds import near_duplicate_groups


def test_near_duplicates_share_a_group_and_strangers_do_not():
    groups = near_duplicate_groups(
        [
            "明天全城停水三天请大家互相转告",
            "明天全城停水三天,请大家转告",
            "市民公园本周末免费开放欢迎前往",
        ]
    )
    assert groups[0] == groups[1] != groups[2]
