"""One text in, one complete and honest assessment out."""

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from classifiers import assess
from classifiers.assess import Assessor
from classifiers.ensemble import PROBES
from classifiers.normalize import normalize
from classifiers.registry import ARTIFACTS

PANIC = (
    "【紧急通知】听朋友说明天全城要停水三天，超市的桶装水马上断货了，大家赶紧囤水，"
    "老人孩子都要注意，收到的朋友速转给家人，晚了就来不及了！"
)
PRICE = (
    "我在路口超市买鸡蛋，货架上没有价格标签，很多商品都没有明码标价，"
    "问了收银员才知道要多少钱，希望有关部门来检查一下他们的标价签。"
)


@pytest.fixture(scope="module")
def assessor() -> Assessor:
    return Assessor.load()


class Stub:
    """An encoder of other vectors than the models learned from."""

    version, dim = "stub-1", 384

    def encode(self, texts):
        return np.full((len(texts), self.dim), 384**-0.5, np.float32)


def test_a_panic_post_is_urgent_and_a_rumor_and_gouging_by_spreading(assessor):
    (one,) = assessor.assess([PANIC])
    assert "price_gouging" in [f.type for f in one.violations]
    assert one.rumor.score > 0.5
    assert one.urgency.score > 0.5 and "可能引发抢购" in one.urgency.reasons
    assert one.theme is not None


def test_the_assessment_is_plain_json(assessor):
    (one,) = assessor.assess([PANIC])
    again = json.loads(json.dumps(one.to_json(), ensure_ascii=False))
    assert set(again) == {
        "violations", "theme", "rumor", "stance", "urgency", "entities", "versions", "degraded",
    }  # fmt: skip
    cue = again["violations"][0]["cues"][0]
    assert PANIC[cue["start"] : cue["end"]] == cue["text"]


def test_the_price_model_names_its_version_and_its_words(assessor):
    (one,) = assessor.assess([PRICE])
    found = one.violations[0]
    assert found.type == "no_clear_price" and found.source.startswith("model:price@")
    assert "明码标价" in "".join(c.text for c in found.cues)


def test_the_price_model_is_silent_where_nothing_is_about_prices(assessor):
    (one,) = assessor.assess(
        ["昨天晚上城西一家工厂起火，消防队已经赶到现场，暂时没有人员受伤的消息。"]
    )
    assert not [f for f in one.violations if f.source.startswith("model:price")]


def test_short_foreign_and_empty_texts_make_the_rumor_score_abstain(assessor):
    short, title, empty = assessor.assess(["假的吧", "老房改造也能住出新家的感觉", " \u200b "])
    assert short.rumor.abstained and title.rumor.abstained
    assert empty.rumor.abstained and empty.rumor.score is None and empty.theme is None


def test_a_batch_says_what_single_calls_say(assessor):
    texts = [PANIC, PRICE, "假的吧"]
    together = [one.to_json() for one in assessor.assess(texts)]
    assert together == [assessor.assess([text])[0].to_json() for text in texts]
    assert assessor.assess([]) == []


def test_vectors_of_another_encoder_are_not_read():
    plain, other = Assessor.load(), Assessor.load(Stub())
    assert "vectors" in other.degraded and other.versions["encoder"] == "stub-1"
    vectors = Stub().encode([PANIC])
    (alone,), (strange,) = plain.assess([PANIC]), other.assess([PANIC], vectors)
    assert alone.rumor.score == strange.rumor.score


def test_a_borrowed_vector_is_judged_without_the_states_it_did_not_bring(model):
    whole = Assessor.load(model)
    assert "vectors" not in whole.degraded
    vectors, middles = model.states([normalize(PANIC)])
    own, given, borrowed = (
        whole.assess([PANIC], *states)[0]
        for states in ((), (vectors, middles), (vectors, [middles[0][:0]]))
    )
    assert own.rumor.score == given.rumor.score != borrowed.rumor.score
    assert borrowed.rumor.score > 0.5
    assert own.theme == given.theme and own.theme.score != borrowed.theme.score


def test_without_its_reader_the_other_views_tell_the_theme(model, tmp_path):
    copy = tmp_path / "artifacts"
    shutil.copytree(ARTIFACTS, copy, copy_function=os.link)
    (copy / "reader" / "manifest.json").unlink()
    assessor = Assessor.load(model, artifacts=copy)
    assert assessor.degraded == ["reader"] and "reader" not in assessor.versions
    vectors, middles = model.states([normalize(PANIC)])
    (one,), (borrowed,) = (
        reads.assess([PANIC], vectors, states)
        for reads, states in ((assessor, middles), (Assessor.load(model), [middles[0][:0]]))
    )
    assert one.degraded == ["reader"] and one.theme == borrowed.theme


@pytest.mark.parametrize("part", ["rumor", "theme", "price"])
def test_one_altered_bit_hands_the_part_to_the_rules(tmp_path, part):
    copy = tmp_path / "artifacts"
    shutil.copytree(ARTIFACTS, copy)
    victim = next(p for p in sorted((copy / part).iterdir()) if p.name.startswith("model"))
    raw = bytearray(victim.read_bytes())
    raw[len(raw) // 2] ^= 1
    victim.write_bytes(raw)
    assessor = Assessor.load(artifacts=copy)
    assert assessor.degraded == [part] and assessor.versions[part] == "rules"
    (one,) = assessor.assess([PRICE])
    assert one.degraded == [part]
    assert one.violations[0].type == "no_clear_price"
    if part == "rumor":
        assert one.rumor.abstained and one.rumor.score is None


def test_a_missing_artifact_is_named_and_nothing_crashes(tmp_path):
    assessor = Assessor.load(artifacts=tmp_path)
    assert assessor.degraded == ["rumor", "theme", "price"]
    (one,) = assessor.assess([PANIC])
    assert one.theme is None and one.violations[0].type == "price_gouging"


def test_hostile_texts_are_assessed_too(assessor):
    texts = [
        "\ud800\ud800孤立",
        "\x00" * 50,
        "𠮷" * 300,
        "a" * 20_000,
        "价" * 20_000,
        "👨‍👩‍👧" * 100,
    ]
    assert len(assessor.assess(texts)) == len(texts)


def test_probes_are_the_projects_own_and_several():
    assert len(set(PROBES)) == len(PROBES) >= 3
    assert assess.NOTHING_WRITTEN


def test_a_worker_with_all_models_stays_small(encoder_dir):
    """Encoder, lexicon and classifiers at work within 600 MB; torch would not fit."""
    code = (
        "import sys; from pathlib import Path; import numpy as np;"
        "from classifiers import lexical, matching;"
        "from classifiers.assess import Assessor; from classifiers.encoder import Encoder;"
        "model = Encoder.load(Path(sys.argv[1])); assessor = Assessor.load(model);"
        "texts = ['听说超市的鸡蛋要涨价，大家快去买' * n for n in range(1, 20)] * 3;"
        "views = matching.views(texts, model); lexical.shipped();"
        "vectors = np.stack([view.vector for view in views]);"
        "assessor.assess(texts, vectors, [view.middle for view in views]);"
        "assert 'torch' not in sys.modules;"
        # Not getrusage: its peak counts the test process that forked this one.
        "status = Path('/proc/self/status').read_text();"
        "print(int(status.split('VmHWM:')[1].split()[0]) // 1024)"
    )
    command = [sys.executable, "-c", code, str(encoder_dir.resolve())]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert int(done.stdout) <= 600
