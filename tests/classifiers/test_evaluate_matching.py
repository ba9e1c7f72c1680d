import json
from dataclasses import replace

import numpy as np
import pytest

from classifiers import rerank
from classifiers.evaluate import debunk, metrics, pairs, same_claim
from classifiers.segment import content_words, words

CLAIM = "有人在小区群里说本市三家大型超市明天起全部关门停业,让大家今晚赶紧去抢购大米和食用油"
ROWS = [
    {"text": CLAIM, "claim_event": "a", "platform": "douyin"},
    {"text": "跨海大桥的桥面在强风中上下起伏,多辆货车停在桥中央等待通行", "claim_event": "b"},
    {"text": CLAIM + "!!转发", "claim_event": "a", "platform": "kuaishou"},
    {"text": "紧急通知", "claim_event": "c", "platform": "douyin"},
]


def write(path, rows):
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), "utf-8")
    return path


@pytest.fixture(autouse=True)
def _one_encoder(monkeypatch, model):
    monkeypatch.setattr("classifiers.build.load_default", lambda: model)


def test_same_claim_finds_the_copy_on_the_other_platform(tmp_path):
    found = same_claim.evaluate(write(tmp_path / "rows.jsonl", ROWS))
    assert found["n"] == 4
    for figure in ("r_at_1", "r_at_10", "map", "pair_f1", "b3", "cross_platform_r_at_1"):
        assert found[figure] == 1.0, figure


def test_what_the_picture_says_counts_and_is_told_apart(tmp_path):
    rows = [dict(row) for row in ROWS]
    rows[2] |= {"text": "大家看看", "video_transcripts": "西瓜视频\n" + CLAIM}
    found = same_claim.evaluate(write(tmp_path / "rows.jsonl", rows))
    assert found["with_evidence"] == 1
    assert (found["cross_platform_r_at_1"], found["b3"], found["best_pair_f1"]) == (1.0, 1.0, 1.0)
    assert found["text_only_b3"] < 1.0
    assert "text_only_b3" not in same_claim.evaluate(write(tmp_path / "plain.jsonl", ROWS))


def test_debunk_looks_up_the_claim(tmp_path):
    claims = [{"id": 7, "claim": "超市明天全部关门"}, {"id": 9, "claim": "跨海大桥要塌了"}]
    reports = [{"claim_id": 7, "text": CLAIM}]
    found = debunk.evaluate(
        write(tmp_path / "reports.jsonl", reports), write(tmp_path / "claims.jsonl", claims)
    )
    assert (found["n"], found["seen"]) == (1, 0)
    for figure in ("r_at_1", "r_at_5", "map"):
        assert found[figure] == found[f"shipped_{figure}"] == found[f"likeness_{figure}"] == 1.0


def test_figures_of_reports_the_trees_learned_from_never_bear_the_plain_name(tmp_path, monkeypatch):
    shipped = rerank.shipped()
    seen = replace(shipped, seen=np.array([debunk.digest(CLAIM)]))
    monkeypatch.setattr("classifiers.rerank.shipped", lambda: seen)
    files = (
        write(tmp_path / "reports.jsonl", [{"claim_id": 7, "text": CLAIM}]),
        write(tmp_path / "claims.jsonl", [{"id": 7, "claim": "超市明天全部关门"}]),
    )
    found = debunk.evaluate(*files)
    assert found["seen"] == 1 and found["shipped_r_at_1"] == 1.0 and "r_at_1" not in found


def test_an_explanation_tells_two_like_claims_apart(tmp_path):
    claims = [
        {"id": 1, "claim": "超市要关门", "explain": "城东一家商场装修,与囤货无关。"},
        {"id": 2, "claim": "超市要关门", "explanation": "本市大型超市照常营业,大米和食用油充足。"},
    ]
    found = debunk.evaluate(
        write(tmp_path / "reports.jsonl", [{"claim_id": 2, "text": CLAIM}]),
        write(tmp_path / "claims.jsonl", claims),
    )
    assert found["r_at_1"] == 1.0


@pytest.mark.parametrize(
    "rows",
    [
        [{"a": CLAIM, "b": CLAIM, "label": 1}, {"a": CLAIM, "b": "今天天气不错", "label": 0}],
        [{"a": CLAIM, "b": CLAIM, "score": 5.0}, {"a": CLAIM, "b": "今天天气不错", "score": 0.2}],
        [
            {"sentence1": CLAIM, "sentence2": CLAIM, "label": "1"},
            {"sentence1": CLAIM, "sentence2": "今天天气不错", "label": "0"},
        ],
    ],
)
def test_pairs_of_every_shape(tmp_path, rows):
    found = pairs.evaluate(write(tmp_path / "pairs.jsonl", rows))
    assert found == {"n": 2, "auc": 1.0, "accuracy": 1.0, "spearman": 1.0}


def test_retrieval_figures_by_hand():
    similarity = np.array([[0.9, 0.5, 0.1], [0.9, 0.5, 0.1], [0.9, 0.5, 0.1]])
    relevant = np.array([[True, False, True], [False, True, False], [False, False, False]])
    found = metrics.retrieval(similarity, relevant)
    assert found["n"] == 2 and found["r_at_1"] == 0.5 and found["r_at_5"] == 1.0
    assert found["map"] == pytest.approx(((1 + 2 / 3) / 2 + 1 / 2) / 2)


def test_cluster_figures_by_hand():
    truth = ["a", "a", "a", "b", "b"]
    assert metrics.pair_f1([1, 1, 2, 3, 3], truth) == pytest.approx(2 * 2 / (2 + 4))
    precision, recall = 1.0, (2 * 2 / 3 + 1 / 3 + 2) / 5
    expected = 2 * precision * recall / (precision + recall)
    assert metrics.b3([1, 1, 2, 3, 3], truth) == pytest.approx(expected)
    assert metrics.b3(truth, truth) == 1.0


def test_cuts_by_hand():
    scores = np.array([0.9, 0.8, 0.7, 0.6])
    labels = np.array([True, False, True, False])
    assert metrics.best_f1(scores, labels) == (pytest.approx(0.7), pytest.approx(0.8))
    assert metrics.cut_at_precision(scores, labels, 0.9) == (pytest.approx(0.9), 0.5)


def test_segmentation_keeps_order_and_drops_punctuation():
    text = "口罩涨价了,一只50元!"
    assert "".join(words(text)) == text
    assert "," not in content_words(text) and "口罩" in content_words(text)
