import pytest

from classifiers.evaluate import same_claim
from tests.classifiers.samples import CLAIM, rows_file

pytestmark = pytest.mark.usefixtures("one_encoder")


ROWS = [
    {"text": CLAIM, "claim_event": "a", "platform": "douyin"},
    {"text": "跨海大桥的桥面在强风中上下起伏,多辆货车停在桥中央等待通行", "claim_event": "b"},
    {"text": CLAIM + "!!转发", "claim_event": "a", "platform": "kuaishou"},
    {"text": "紧急通知", "claim_event": "c", "platform": "douyin"},
]


def test_same_claim_finds_the_copy_on_the_other_platform(tmp_path):
    found = same_claim.evaluate(rows_file(tmp_path / "rows.jsonl", *ROWS))
    assert found["n"] == 4
    for figure in ("r_at_1", "r_at_10", "map", "pair_f1", "b3", "cross_platform_r_at_1"):
        assert found[figure] == 1.0, figure


def test_what_the_picture_says_counts_and_is_told_apart(tmp_path):
    rows = [dict(row) for row in ROWS]
    rows[2] |= {"text": "大家看看", "video_transcripts": "西瓜视频\n" + CLAIM}
    found = same_claim.evaluate(rows_file(tmp_path / "rows.jsonl", *rows))
    assert found["with_evidence"] == 1
    assert (found["cross_platform_r_at_1"], found["b3"], found["best_pair_f1"]) == (1.0, 1.0, 1.0)
    assert found["text_only_b3"] < 1.0
    assert "text_only_b3" not in same_claim.evaluate(rows_file(tmp_path / "plain.jsonl", *ROWS))
