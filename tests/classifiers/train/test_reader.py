"""The reader learns from posts beside those it is measured by."""

import numpy as np
import pytest


@pytest.fixture
def lessons():
    from classifiers.train.reader import ReaderExamples  # torch takes its time to load

    lengths = [2, 3, 1]
    states = np.arange(12, dtype=np.float16).reshape(6, 2)
    starts = np.cumsum([0, *lengths])
    return ReaderExamples(states, starts, np.zeros(3, int), np.zeros(3, int), np.array([5, 6, 5]))


def test_a_near_duplicate_of_what_is_held_out_teaches_nothing(lessons):
    assert lessons.beside(np.array([0])).tolist() == [1]
    assert lessons.beside(np.array([1])).tolist() == [0, 2]


def test_padding_is_marked_as_not_there(lessons):
    states, there = lessons.padded(np.array([1, 2]))
    assert there.tolist() == [[1, 1, 1], [1, 0, 0]]
    assert states[0].tolist() == lessons.of(1).tolist() and states[1, 1:].sum() == 0


def test_each_post_is_in_one_batch(lessons):
    batches = list(lessons.batches(np.arange(3), np.random.default_rng(0)))
    assert sorted(np.concatenate(batches).tolist()) == [0, 1, 2]
