"""Thresholds of likeness for joining a claim or suggesting it, learned from officers' decisions.

Merging two claims, splitting one or refusing a suggestion labels a wording and a claim as the same
or not. The thresholds (cuts) with the least expected cost are proposed: a wrong join hides one
rumor inside another until somebody finds it, a missed one leaves two lines in the queue, a
suggestion costs a glance. With these costs a join pays from nine in ten right, a suggestion from
one in three.
"""

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from classifiers import registry
from classifiers.evaluate.compare import significance
from classifiers.registry import Manifest
from classifiers.train.challenger import DECISIONS
from classifiers.train.lessons import TimeSplit, TrainingExample

SAME, APART = "same", "apart"
JOIN, ASK, NOTHING = 2, 1, 0
COST = {
    (JOIN, APART): 1.0,
    (ASK, APART): 0.1,
    (NOTHING, APART): 0.0,
    (JOIN, SAME): 0.0,
    (ASK, SAME): 0.1,
    (NOTHING, SAME): 0.3,
}
# One retraining moves a cut at most this far: beyond it there are no decisions.
REACH, STEP = 0.06, 0.01

Cuts = dict[str, float]


@dataclass(frozen=True)
class MatchDecision(TrainingExample):
    """A person's decision about a wording and a claim, `label` SAME or APART. `nearest`: likeness
    to the claim's nearest wording; `mean`: to its first ones; `several`: there are two or more;
    `held`: too short, or another in a number or place, and so never joined by these cuts."""

    nearest: float = 0.0
    mean: float = 0.0
    several: bool = False
    held: bool = False


@dataclass(frozen=True)
class Decisions:
    """Match decisions as columns, each (n,)."""

    nearest: np.ndarray
    mean: np.ndarray
    several: np.ndarray
    held: np.ndarray
    same: np.ndarray

    @classmethod
    def of(cls, joinings: Sequence[MatchDecision]) -> "Decisions":
        """In their order."""

        def column(name: str) -> np.ndarray:
            return np.array([getattr(each, name) for each in joinings])

        same = np.array([each.label == SAME for each in joinings])
        return cls(column("nearest"), column("mean"), column("several"), column("held"), same)


def actions(cuts: Cuts, decisions: Decisions) -> np.ndarray:
    """(n,) the matcher's action under `cuts`: JOIN, ASK or NOTHING."""
    enough = decisions.mean >= np.where(decisions.several, cuts["agree"], cuts["same"])
    shown = np.where(enough & ~decisions.held, JOIN, ASK)
    return np.where(decisions.nearest < cuts["suggest"], NOTHING, shown)


def costs(cuts: Cuts, decisions: Decisions) -> np.ndarray:
    """(n,) what each decision would have cost under `cuts`."""
    chosen = actions(cuts, decisions)
    return np.where(decisions.same, _each_cost(chosen, SAME), _each_cost(chosen, APART))


def _each_cost(chosen: np.ndarray, truth: str) -> np.ndarray:
    words = (JOIN, ASK, NOTHING)
    return np.select([chosen == word for word in words], [COST[word, truth] for word in words])


def _around(cuts: Cuts) -> Iterator[Cuts]:
    """Cuts within `REACH`, the nearest to `cuts` first, in their order."""
    steps = np.round(np.arange(-REACH, REACH + STEP / 2, STEP), 3)
    moves = sorted(itertools.product(steps, repeat=3), key=lambda move: float(np.abs(move).sum()))
    for move in moves:
        moved = {k: round(cuts[k] + float(by), 3) for k, by in zip(cuts, move, strict=True)}
        if 0 < moved["suggest"] < moved["agree"] <= moved["same"] < 1:
            yield moved


def propose(cuts: Cuts, decisions: Decisions, groups: np.ndarray) -> Cuts:
    """The cheapest cuts for these decisions near `cuts`, each group weighted equally; among equal
    ones those that move least."""
    size = Counter(groups.tolist())
    weight = np.array([1 / size[group] for group in groups.tolist()])
    return min(_around(cuts), key=lambda moved: round(float(costs(moved, decisions) @ weight), 9))


def in_force(champion: Path) -> tuple[dict[str, dict[str, float]], str]:
    """Thresholds by method, and the version, of the shipped or a promoted directory."""
    manifest = registry.verified(champion)
    return manifest.settings["thresholds"], manifest.version


def train(split: TimeSplit, champion: Path, out: Path, encoder: str) -> Manifest:
    """Propose cuts of likeness and write them into the empty folder `out`; MinHash is unchanged.

    `encoder`: the version whose vectors the likeness comes from; no other may use these cuts.
    """
    thresholds, _ = in_force(champion)
    decisions = Decisions.of(_joinings(split.learn))
    kept = {key: thresholds["embedding"][key] for key in ("same", "agree", "suggest")}
    thresholds = {**thresholds, "embedding": propose(kept, decisions, split.groups)}
    label_counts = Counter(each.label for each in split.learn)
    return registry.write_manifest(
        out, "matching", [], labels=[SAME, APART], data=[DECISIONS],
        settings={
            "thresholds": thresholds, "encoder": encoder, "until": split.until,
            "decisions": dict(label_counts), "claims": len(set(split.groups.tolist())),
        },
        metrics={"learned_from": _figures(thresholds["embedding"], decisions)},
    )  # fmt: skip


def compare(champion: Path, challenger: Path, measure: Sequence[TrainingExample]) -> dict[str, Any]:
    """Both on the same held-out decisions: figures, and whether the fall in cost is
    significant."""
    decisions = Decisions.of(_joinings(measure))
    (old, was), (new, now) = in_force(champion), in_force(challenger)
    saved = costs(old["embedding"], decisions) - costs(new["embedding"], decisions)
    return {
        "champion": {"version": was, **_figures(old["embedding"], decisions)},
        "challenger": {"version": now, **_figures(new["embedding"], decisions)},
        **significance(saved),
    }


def _joinings(lessons: Sequence[TrainingExample]) -> list[MatchDecision]:
    return [each for each in lessons if isinstance(each, MatchDecision)]


def _figures(cuts: Cuts, decisions: Decisions) -> dict[str, Any]:
    truth = np.where(decisions.same, SAME, APART).tolist()
    chosen = Counter(zip(actions(cuts, decisions).tolist(), truth, strict=True))

    def right(word: int, truth: str) -> float | None:
        of = chosen[word, SAME] + chosen[word, APART]
        return round(chosen[word, truth] / of, 4) if of else None

    n = len(decisions.same)
    return {
        "n": n,
        "cuts": dict(cuts),
        "cost": round(float(costs(cuts, decisions).mean()), 4) if n else 0.0,
        "joined": chosen[JOIN, SAME] + chosen[JOIN, APART],
        "joined_right": right(JOIN, SAME),
        "asked": chosen[ASK, SAME] + chosen[ASK, APART],
        "asked_right": right(ASK, SAME),
        "missed": chosen[NOTHING, SAME],
        "left_apart": chosen[NOTHING, APART],
    }
