"""The benches measure what they say: small, without a clock."""

from __future__ import annotations

import json

import pytest

from classifiers.encoder import Encoder, default_encoder_dir
from tests.bench import stream, surges, ways


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder.load(default_encoder_dir())


def test_the_stream_is_viral_and_the_same_every_time():
    mixed = stream.viral(400)
    assert mixed == stream.viral(400)
    copies = len(mixed.texts) - len(set(mixed.texts))
    assert 0.5 < copies / 400 < 0.8 and 25 < len(set(mixed.truth)) < 60


@pytest.mark.parametrize("name", ways.OTHERS)
def test_every_way_finds_copies_and_parts_strangers(name):
    texts = [
        "口罩三天后全国断货请大家赶紧囤积",
        "河湾区明天停水三天",
        "口罩三天后全国断货请大家赶紧囤积",
    ]
    assert ways.OTHERS[name](texts) == [0, 1, 0]


def test_the_hub_finds_what_it_would_by_encoding_all(encoder):
    mixed = stream.viral(90)
    hub = ways.cascade(encoder)(mixed.texts)
    encoding_all = ways.cascade(encoder, twins=False)(mixed.texts)
    alone = ways.encoder_alone(encoder)(mixed.texts)
    found = stream.recall(hub, mixed.truth)
    assert found > 0.8
    assert abs(stream.recall(encoding_all, mixed.truth) - found) <= 0.03
    assert abs(stream.recall(alone, mixed.truth) - found) <= 0.05


def test_recall_counts_only_repeats_that_joined_their_own_seed():
    assert stream.recall([0, 0, 2, 0], [0, 0, 1, 1]) == 0.5


def test_a_burst_is_found_within_half_an_hour_and_the_quiet_brings_no_alarm():
    posts = surges.background(500, 3, seed=7)
    assert posts == surges.background(500, 3, seed=7)
    planned, more = surges.bursts(posts, (100,), 3, 3, seed=7)
    told = surges.replay(sorted(posts + more), planned)
    assert told["bursts"]["100"]["in_30_min"] == 3
    assert told["false_a_day"] <= 1


def test_timed_posts_of_a_file_are_replayed(tmp_path):
    lines = [{"time": 1.6e9 + 60 * i, "text": f"第{i % 7}种说法"} for i in range(400)]
    file = tmp_path / "posts.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    posts = surges.read(file, 14)
    assert posts[0][0] == 0 and len({claim for _, claim, _ in posts}) == 7
