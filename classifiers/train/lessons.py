"""Training examples from officers' decisions, split by claim and time into training and test
sets."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from classifiers.evaluate.folds import near_duplicate_groups
from classifiers.normalize import normalize

HELD_OUT = 0.3  # share of the newest claims, held out for testing
LEAST_HELD_OUT = 30  # claims; with fewer, even a large gain may be chance
LEAST_OF_A_TYPE = 10  # claims of a type needed to train it


class TooFewExamples(Exception):
    """Too few decisions to train or test with; the message counts them."""


@dataclass(frozen=True)
class TrainingExample:
    """One text of a decided case. Examples of one `claim` are never split; `at` is the time of the
    decision in seconds; `lead`: the wording that represents the case."""

    text: str
    label: str
    claim: str
    at: float
    lead: bool = True


@dataclass(frozen=True)
class TimeSplit:
    """`learn` and `measure` share no claim and no near-duplicate; everything in `measure` was
    first decided after `until`, with one example per claim. `groups` (n,) numbers the claims of
    `learn`."""

    learn: list[TrainingExample]
    groups: np.ndarray
    measure: list[TrainingExample]
    until: float


def split_by_time(lessons: Sequence[TrainingExample], champion_until: float = 0.0) -> TimeSplit:
    """The newest claims for testing, the others for training.

    Decisions up to `champion_until`, which the champion may have been trained on, are not used
    for testing. Raises TooFewExamples when too few are left on either side.
    """
    if not lessons:
        raise TooFewExamples("no decision yet says anything about this")
    claims = _claims(lessons)
    first = np.full(claims.max() + 1, np.inf)
    np.minimum.at(first, claims, [lesson.at for lesson in lessons])
    cut = max(int(len(first) * (1 - HELD_OUT)), 1)
    until = float(np.sort(first)[cut - 1])
    learns = first[claims] <= until
    measures = (first > until) & (first > champion_until)
    measure = _leads(lessons, claims, measures)
    learn = [lesson for lesson, use in zip(lessons, learns, strict=True) if use]
    _enough(learn, claims[learns], measure)
    return TimeSplit(learn, claims[learns], measure, until)


def _claims(lessons: Sequence[TrainingExample]) -> np.ndarray:
    """(n,) numbers of claims, claims with near-duplicate wordings being one."""
    near = near_duplicate_groups([normalize(lesson.text) for lesson in lessons])
    named = np.unique([lesson.claim for lesson in lessons], return_inverse=True)[1]
    n, most = len(lessons), near.max() + 1
    ends = np.concatenate([near, named + most])
    links = sp.coo_matrix(
        (np.ones(2 * n), (np.tile(np.arange(n), 2), n + ends)), shape=(n + ends.max() + 1,) * 2
    )
    joined = connected_components(links, directed=False)[1][:n]
    return np.unique(joined, return_inverse=True)[1]


def _leads(
    lessons: Sequence[TrainingExample], claims: np.ndarray, wanted: np.ndarray
) -> list[TrainingExample]:
    """One example of every wanted claim: the latest of its leading wording."""
    chosen: dict[int, TrainingExample] = {}
    for lesson, claim in zip(lessons, claims, strict=True):
        kept = chosen.get(claim)
        if wanted[claim] and (kept is None or (lesson.lead, lesson.at) > (kept.lead, kept.at)):
            chosen[int(claim)] = lesson
    return list(chosen.values())


def _enough(
    learn: list[TrainingExample], groups: np.ndarray, measure: list[TrainingExample]
) -> None:
    if len(measure) < LEAST_HELD_OUT:
        raise TooFewExamples(
            f"{len(measure)} new claims to measure by, {LEAST_HELD_OUT} are needed: "
            f"{len(set(groups.tolist()))} others were decided earlier"
        )
    pairs = {(group, lesson.label) for group, lesson in zip(groups.tolist(), learn, strict=True)}
    found = Counter(label for _, label in pairs)
    if sum(n >= LEAST_OF_A_TYPE for n in found.values()) < 2:
        listed = ", ".join(f"{label} {n}" for label, n in found.most_common()) or "none"
        raise TooFewExamples(
            f"two types with {LEAST_OF_A_TYPE} decided claims each are needed to learn from; "
            f"there are: {listed}"
        )
