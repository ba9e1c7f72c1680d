"""Disguises are measured before and after folding."""

from classifiers.evaluate import perturb, robustness
from tests.classifiers.samples import rows_file


def test_folding_answers_a_disguised_text_as_the_plain_one(tmp_path, monkeypatch, model):
    spaced = {"blanks between characters": perturb.PERTURBATIONS["blanks between characters"]}
    monkeypatch.setattr(robustness, "PERTURBATIONS", spaced)
    monkeypatch.setattr(robustness, "load_default", lambda: model)
    texts = robustness.plain_texts()[:3]
    rows = [{"text": text} for text in texts]
    found = robustness.evaluate(rows_file(tmp_path / "rows.jsonl", *rows))
    assert (found["n"], found["posts"]) == (3, 1)
    shares = found["blanks between characters"]
    assert shares["before"]["key"] == 0.0 and shares["before"]["types"] < 1.0
    assert shares["after"]["key"] == shares["after"]["types"] == 1.0
    assert shares["after"]["same_claim"] == 1.0


def test_neighbours_make_the_posts():
    assert robustness.posts(["a", "b", "c", "d"]) == ["abc", "bcd"]
