"""Debunks are looked up by the shipped trees and by trees that never saw the reports."""

from dataclasses import replace

import numpy as np

from classifiers import rerank
from classifiers.evaluate import debunk
from classifiers.evaluate.debunk_queries import digest
from tests.classifiers.samples import CLAIM, rows_file


def test_debunk_looks_up_the_claim(tmp_path, one_encoder):
    claims = [{"id": 7, "claim": "超市明天全部关门"}, {"id": 9, "claim": "跨海大桥要塌了"}]
    reports = [{"claim_id": 7, "text": CLAIM}]
    found = debunk.evaluate(
        rows_file(tmp_path / "reports.jsonl", *reports),
        rows_file(tmp_path / "claims.jsonl", *claims),
    )
    assert (found["n"], found["seen"]) == (1, 0)
    for figure in ("r_at_1", "r_at_5", "map"):
        assert found[figure] == found[f"shipped_{figure}"] == found[f"likeness_{figure}"] == 1.0


def test_figures_of_reports_the_trees_learned_from_never_bear_the_plain_name(
    tmp_path, monkeypatch, one_encoder
):
    shipped = rerank.shipped()
    seen = replace(shipped, seen=np.array([digest(CLAIM)]))
    monkeypatch.setattr("classifiers.rerank.shipped", lambda: seen)
    files = (
        rows_file(tmp_path / "reports.jsonl", {"claim_id": 7, "text": CLAIM}),
        rows_file(tmp_path / "claims.jsonl", {"id": 7, "claim": "超市明天全部关门"}),
    )
    found = debunk.evaluate(*files)
    assert found["seen"] == 1 and found["shipped_r_at_1"] == 1.0 and "r_at_1" not in found


def test_an_explanation_tells_two_like_claims_apart(tmp_path, one_encoder):
    claims = [
        {"id": 1, "claim": "超市要关门", "explain": "城东一家商场装修,与囤货无关。"},
        {"id": 2, "claim": "超市要关门", "explanation": "本市大型超市照常营业,大米和食用油充足。"},
    ]
    found = debunk.evaluate(
        rows_file(tmp_path / "reports.jsonl", {"claim_id": 2, "text": CLAIM}),
        rows_file(tmp_path / "claims.jsonl", *claims),
    )
    assert found["r_at_1"] == 1.0
