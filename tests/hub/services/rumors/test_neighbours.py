"""What a batch joins is a candidate for the texts after it, as if each came alone."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from classifiers.fingerprint import Fingerprint
from classifiers.matching import Candidate, View
from hub.services.rumors import neighbours
from hub.services.rumors.neighbours import Neighbours, halves


def _view(text: str, bands: tuple[int, ...], vector: tuple[float, float]) -> View:
    made = View.__new__(View)
    for name, value in (
        ("text", text),
        ("fingerprint", Fingerprint(text.encode(), bands)),
        ("vector", np.array(vector, np.float32)),
    ):
        object.__setattr__(made, name, value)
    return made


@pytest.fixture
def batch() -> Neighbours:
    seen = [
        _view("甲", (1, 2), (1.0, 0.0)),
        _view("甲又", (2, 3), (0.0, 1.0)),
        _view("乙", (9,), (0.6, 0.8)),
    ]
    vectors = np.stack([view.vector for view in seen])
    empty = [{} for _ in seen]
    return Neighbours(seen, vectors @ vectors.T, empty, [set() for _ in seen], {})


def test_a_text_that_joined_is_near_to_those_after_it_by_band_or_by_likeness(batch):
    batch.join(0, wording=11, claim=5)
    assert [(c.id, c.claim) for c in batch._joined_before(1)] == [(11, 5)]
    assert [c.id for c in batch._joined_before(2)] == [11]  # by its vector alone


def test_among_many_near_ones_a_text_must_be_as_near_as_they_are(batch, monkeypatch):
    monkeypatch.setattr(neighbours, "NEAREST", 1)
    batch.found[1][7] = Candidate(7, 3, "丙", b"", 0.5)
    batch.found[2][7] = Candidate(7, 3, "丙", b"", 0.9)
    batch.join(0, wording=11, claim=5)
    (by_band,) = batch._joined_before(1)
    assert by_band.cosine is None  # its vector is far: only the shared band counts
    assert batch._joined_before(2) == []


def test_a_claim_is_known_by_its_first_wordings_those_of_the_batch_among_them(batch, monkeypatch):
    monkeypatch.setattr(neighbours, "FIRST", 2)
    known = neighbours._Wording(3, "旧", b"", np.array([0.0, 1.0], np.float32))
    batch.first[5] = [known]
    batch.join(0, wording=11, claim=5)
    batch.join(2, wording=12, claim=5)
    assert [(c.id, round(c.cosine, 1)) for c in batch._first(1, 5)] == [(3, 1.0), (11, 0.0)]


def test_vectors_go_to_the_database_and_back_as_half_floats():
    vector = np.array([0.5, -0.25, 1 / 3], np.float32)
    raw = struct.pack(">HH3e", 3, 0, *map(float, vector))
    assert halves(vector) == "[0.5,-0.25,0.33333]"
    assert neighbours._vector(raw) == pytest.approx(vector, abs=1e-3)
