"""A stance is measured against a person's label, wherever the label stands."""

from __future__ import annotations

import json

import pytest

from classifiers.evaluate.__main__ import main
from tests.classifiers.stances import ASKS, ASSERTS, DENIES


def test_the_evaluation_counts_each_stance(tmp_path, capsys):
    file = tmp_path / "labelled.jsonl"
    labelled = [(DENIES[0], "denies"), (ASSERTS[0], "asserts"), (ASKS[0], "asserts")]
    file.write_text("".join(json.dumps({"text": t, "stance": s}) + "\n" for t, s in labelled))
    assert main(["stance", str(file)]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["n"] == 3 and figures["accuracy"] == pytest.approx(0.6667)
    assert figures["denies"] == {"n": 1, "precision": 1.0, "recall": 1.0}
    assert figures["asserts"] == {"n": 2, "precision": 1.0, "recall": 0.5}
    file.write_text(json.dumps({"text": "x", "stance": "maybe"}) + "\n")
    assert main(["stance", str(file)]) == 2


def test_labels_that_stand_by_place_are_joined_with_their_texts(tmp_path, capsys):
    (tmp_path / "rumor").mkdir()
    texts = [{"text": ASSERTS[0]}, {"text": DENIES[0]}]
    (tmp_path / "rumor" / "posts.jsonl").write_text("\n".join(map(json.dumps, texts)))
    labels = tmp_path / "labels.jsonl"
    labels.write_text(json.dumps({"file": "posts", "line": 2, "stance": "denies"}))
    assert main(["stance", str(labels), "--data", str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out)["denies"]["recall"] == 1.0
    assert main(["stance", str(labels)]) == 2
    labels.write_text(json.dumps({"file": "posts", "line": 3, "stance": "denies"}))
    assert main(["stance", str(labels), "--data", str(tmp_path)]) == 2
    assert "beyond its file" in capsys.readouterr().err
