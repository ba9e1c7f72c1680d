"""How likely a wording and a checked claim are about one thing."""

import pytest

from classifiers import debunk, registry, rerank
from classifiers.evaluate.debunk_queries import Library
from classifiers.normalize import normalize
from classifiers.rerank import FEATURES, TextAndClaim
from tests.classifiers.samples import CHECKED, RUMOR


def pairs(wording: str, model) -> list[TextAndClaim]:
    library = Library.read(CHECKED, model)
    (vector,) = model.encode([normalize(wording)])
    near = library.vectors @ vector, library.told_vectors @ vector
    texts = zip(library.ids, library.claims, library.told, *near, strict=True)
    return [TextAndClaim(int(i), normalize(wording), *rest) for i, *rest in texts]


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
