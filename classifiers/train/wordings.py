"""Pairs of wordings of one thing, found in the training texts without labels.

A post that opens with 【a headline】 or #a topic# and then tells the story, a complaint with its
title, a checked claim with its explanation or with a report of it: each states one matter twice.
The same-claim benchmark is never used here.
"""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classifiers.normalize import normalize, skeleton

RUMORS = ("weibo21_dev", "ced_dev", "weibojin_dev", "baai_dev")
_HEADLINE = re.compile(r"【([^】]{5,60})】|#([^#]{5,40})#")
_MIN_TITLE, _MIN_BODY = 5, 15


@dataclass(frozen=True)
class WordingPair:
    """Two wordings, normalized; `against` is one that looks alike and means something else."""

    source: str
    first: str
    second: str
    against: str = ""


def read(data: Path, name: str) -> Iterator[dict[str, Any]]:
    """Rows of `data/name.jsonl`."""
    with (data / f"{name}.jsonl").open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


def _titled(data: Path) -> Iterator[tuple[str, str, str]]:
    for name in RUMORS:
        for row in read(data, f"rumor/{name}"):
            found = _HEADLINE.search(row["text"])
            if found:
                rest = row["text"][: found.start()] + row["text"][found.end() :]
                yield name, found[1] or found[2], rest
    for name in ("citizen_complaints", "labelled_topics"):
        for row in read(data, f"complaint/{name}"):
            yield "complaint", row["title"], row["text"]
    for row in read(data, "debunk/claims"):
        yield "explanation", row["claim"], row["explain"]


def titled(data: Path) -> list[WordingPair]:
    """Headline and story, once for each opening of a story."""
    seen, pairs = set(), []
    for source, title, body in _titled(data):
        first, second = normalize(title)[:200], normalize(body)[:400]
        opening = skeleton(second)[:30]
        if len(skeleton(first)) < _MIN_TITLE or len(skeleton(second)) < _MIN_BODY:
            continue
        if opening not in seen:
            seen.add(opening)
            pairs.append(WordingPair(source, first, second))
    return pairs


def questions(data: Path, generator: random.Random) -> list[WordingPair]:
    """Health and everyday questions, each with another wording and a near miss."""
    grouped: dict[str, tuple[list[str], list[str]]] = {}
    for row in read(data, "pairs/epidemic_train"):
        grouped.setdefault(row["a"], ([], []))[row["label"]].append(row["b"])
    epidemic = [
        WordingPair("epidemic", normalize(a), normalize(same), normalize(generator.choice(others)))
        for a, (others, sames) in grouped.items()
        if others
        for same in sames
    ]
    rows = generator.sample(list(read(data, "pairs/simclue_triplet_train")), 6000)
    return epidemic + [
        WordingPair(
            "simclue", normalize(r["query"]), normalize(r["title"]), normalize(r["neg_title"])
        )
        for r in rows
    ]
