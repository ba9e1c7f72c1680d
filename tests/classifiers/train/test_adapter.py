"""The adapter learns from one source at a time."""

from classifiers.train import adapter
from classifiers.train.wordings import WordingPair


def test_a_batch_holds_pairs_of_one_source_and_sources_come_by_their_size():
    pairs = [WordingPair("large", "", "")] * 90 + [WordingPair("small", "", "")] * 10
    batches = list(adapter._batches(pairs, 5, 200, {}))
    sources = [{pairs[i].source for i in rows} for rows in batches]
    assert all(len(of_batch) == 1 for of_batch in sources)
    assert 140 < sources.count({"large"}) < 200
    weighed = list(adapter._batches(pairs, 5, 200, {"large": 0.0}))
    assert {pairs[i].source for rows in weighed for i in rows} == {"small"}
