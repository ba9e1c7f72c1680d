"""Which checked claims stand at a wording, and by what measure."""

import numpy as np
import pytest

from classifiers import debunk, lexical, registry, rerank
from classifiers.boosted_trees import GROWTH, SEED, grow
from classifiers.evaluate.debunk_folds import out_of_fold, over_deals
from classifiers.evaluate.debunk_queries import CANDIDATES, Library, look_up
from classifiers.normalize import normalize
from classifiers.rerank import FEATURES, TextAndClaim
from classifiers.train.debunk import bounds

RUMOR = "紧急提醒:石塘镇明天零点起停电五天,变电站着火了,大家赶快去买蜡烛和桶装水"
CHECKED = [
    {"id": 1, "claim": "石塘镇变电站着火,将停电五天", "explain": "变电站运行正常,没有停电计划。"},
    {"id": 2, "claim": "螃蟹和柿子同吃会中毒", "explain": "nan"},
    {"id": 3, "claim": "石塘镇明天停水", "explanation": "水厂检修已经推迟。"},
]


def pairs(wording: str, model) -> list[TextAndClaim]:
    library = Library.read(CHECKED, model)
    (vector,) = model.encode([normalize(wording)])
    near = library.vectors @ vector, library.told_vectors @ vector
    texts = zip(library.ids, library.claims, library.told, *near, strict=True)
    return [TextAndClaim(int(i), normalize(wording), *rest) for i, *rest in texts]


def test_the_claim_that_is_repeated_comes_first_and_is_close(model):
    found = debunk.nearest(pairs(RUMOR, model))
    assert found[0].pair.id == 1 and found[0].close
    assert 2 not in [near.pair.id for near in found]


def test_a_claim_in_its_own_words_is_close_whatever_is_told_of_it(model):
    for row in CHECKED:
        found = debunk.nearest(pairs(row["claim"], model))
        assert found[0].pair.id == row["id"] and found[0].close


@pytest.mark.parametrize("other", ["武汉变电站着火,将停电五天", "成都变电站着火,将停电6天"])
def test_another_place_or_number_is_never_close(other):
    claim = "成都变电站着火,将停电5天" if "6" in other else "成都变电站着火,将停电五天"
    (same,) = debunk.nearest([TextAndClaim(1, claim, claim, claim, 1.0, 1.0)])
    assert same.close
    assert not any(
        near.close for near in debunk.nearest([TextAndClaim(1, other, claim, claim, 1.0, 1.0)])
    )


@pytest.mark.parametrize("nothing", ["转发", "紧急通知", ""])
def test_what_says_nothing_of_its_own_is_near_to_none(nothing, model):
    assert debunk.nearest(pairs(nothing, model)) == []


def test_altered_trees_leave_the_blend_to_rank(model, monkeypatch, tmp_path):
    monkeypatch.setattr(rerank, "DEBUNK", tmp_path)
    rerank.shipped.cache_clear()
    try:
        found = debunk.nearest(pairs(RUMOR, model))
        assert found[0].pair.id == 1 and found[0].close
        blend = rerank.features([found[0].pair])[0, rerank.BLEND]
        assert found[0].likeness == pytest.approx(float(blend))
    finally:
        rerank.shipped.cache_clear()


def test_the_shipped_trees_say_what_they_learned_from():
    manifest = registry.verified(rerank.DEBUNK)
    assert tuple(manifest.labels) == FEATURES and manifest.data and manifest.licence
    assert 0 < manifest.settings["near"] < manifest.settings["close"] < 1
    model = rerank.shipped()
    assert model is not None and len(model.seen) > 1000


def data(n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(7)
    x = chance.normal(size=(n, len(FEATURES))).astype(np.float32)
    return x, x[:, 0] + x[:, 1] * x[:, 2] > 0.5


def test_the_arrays_answer_as_the_model_they_were_taken_from():
    from sklearn.ensemble import HistGradientBoostingClassifier

    x, right = data()
    model = HistGradientBoostingClassifier(random_state=SEED, **GROWTH).fit(x, right)
    own = grow(x, right).probabilities(x)
    assert own == pytest.approx(model.predict_proba(x)[:, 1], abs=1e-5)


def test_a_pair_that_is_more_alike_is_never_less_likely():
    x, right = data()
    right[:200] = x[:200, 3] < 0  # as if likeness spoke against the pair
    trees = grow(x, right)
    more = x.copy()
    more[:, [FEATURES.index(name) for name in rerank.RISING]] += 0.5
    assert (trees.probabilities(more) >= trees.probabilities(x)).all()


def test_figures_of_several_deals_are_means_between_their_ends(model, monkeypatch):
    library = Library.read(CHECKED, model)
    queries, claims = look_up([RUMOR] * 2, library, model), library.ids[[0, 1]]
    relevant = claims[:, None] == library.ids[None, :]
    right = relevant[queries.query, queries.answer]
    dealt = iter([right.astype(float), (~right).astype(float)] + [right.astype(float)] * 3)
    monkeypatch.setattr("classifiers.evaluate.debunk_folds.out_of_fold", lambda *_: next(dealt))
    found = over_deals(queries, right, claims, relevant)
    assert (found["deals"], found["r_at_1"]) == (5, pytest.approx(0.8))
    assert (found["r_at_1_least"], found["r_at_1_most"]) == (0, 1)


def test_no_tree_sees_a_report_of_the_claim_it_is_queries_for(model, monkeypatch):
    library = Library.read(CHECKED, model)
    queries = look_up([RUMOR] * 6, library, model)
    claims = np.array([1, 1, 2, 2, 3, 3])
    trained = []

    class Spy:
        def probabilities(self, x):
            return np.zeros(len(x))

    def spying(x, right):
        trained.append(len(x))
        return Spy()

    monkeypatch.setattr("classifiers.evaluate.debunk_folds.grow", spying)
    out_of_fold(queries, claims[queries.query] == library.ids[queries.answer], claims, 3)
    assert CANDIDATES >= 3 and trained == [4 * 3] * 3


def test_bounds_keep_their_shares_by_hand(model):
    queries = look_up([RUMOR, "今晚有雨"], Library.read(CHECKED, model), model)
    right = np.array([True, False, False, False, True, False])
    out = np.array([0.9, 0.2, 0.1, 0.3, 0.8, 0.0])
    settings, figures = bounds(out, right, queries, np.array([0.1, 0.5]))
    # Down to .3 two of four answers are right, as each wrong one counts twice; to .2 two of six.
    assert settings["close"] == 0.8 and settings["near"] == 0.2
    assert figures["close_claim_found"] == 1 and figures["near_news"] == 0.5


def test_what_two_texts_share_by_hand():
    lexicon = lexical.fit(["口罩涨价了", "今晚有暴雨"])
    same, half, none = (lexicon.shared(["口罩"], [text]) for text in ("口罩", "口罩涨价", "暴雨"))
    assert same.cosine == pytest.approx(1) and same.of_first == same.of_second == pytest.approx(1)
    assert half.of_first == pytest.approx(1) and 0 < half.of_second[0] < 1
    assert none.cosine == none.of_first == none.of_second == 0
    whole = lexicon.shared(["口罩", "", "口罩"], ["口罩涨价", "口罩", ""])
    assert whole.cosine[0] == pytest.approx(lexicon.cosines("口罩", ["口罩涨价"])[0], abs=1e-5)
    assert whole.cosine[1:].tolist() == [0, 0]
