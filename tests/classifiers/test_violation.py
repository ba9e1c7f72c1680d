"""One finding a type, its strongest."""

from classifiers.violation import finding, strongest


def test_the_strongest_of_a_type_is_kept_with_the_cues_of_all():
    weak = finding("fraud", 0.5, [], "rule:weak")
    strong = finding("fraud", 0.9, [], "rule:strong")
    other = finding("counterfeit", 0.7, [], "rule:other")
    kept = strongest([weak, other, strong])
    assert [(f.type, f.source) for f in kept] == [
        ("fraud", "rule:strong"),
        ("counterfeit", "rule:other"),
    ]
