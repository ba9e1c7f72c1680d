"""Champion and challenger on the same held-out decisions, so that noise is not promoted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, f1_score

from classifiers.evaluate.calibration import confidence_gap

RESAMPLES = 2000
SEED = 20200220
BETTER, WORSE, UNDECIDED = "better", "worse", "undecided"


@dataclass(frozen=True)
class Answers:
    """A model's predictions for n texts: `chances` (n, k) over `labels`; `answered` (n,) is False
    where it abstains."""

    version: str
    labels: Sequence[str]
    chances: np.ndarray
    answered: np.ndarray

    @property
    def predicted(self) -> np.ndarray:
        """The most likely label of each text, also where the model abstains."""
        likeliest: np.ndarray = np.array(self.labels, object)[self.chances.argmax(1)]
        return likeliest


def figures(answers: Answers, truth: Sequence[str]) -> dict[str, Any]:
    """Accuracy and macro F1 over all texts, ECE, the share answered and how much of it is right.

    `by_type`: for each type {"n": texts of it, "said": how often it was answered, "precision"}.
    """
    actual, predicted = np.array(truth, object), answers.predicted
    right, answered = predicted == actual, answers.answered
    kinds = sorted(set(truth))
    answers_by_type = Counter(predicted[answered])
    hits = Counter(predicted[answered & right])
    return {
        "n": len(actual),
        "accuracy": _share(accuracy_score(actual, predicted)),
        "macro_f1": _share(
            f1_score(actual, predicted, labels=kinds, average="macro", zero_division=0)
        ),
        "ece": _share(confidence_gap(answers.chances.max(1), right)),
        "coverage": _share(answered.mean()),
        "accuracy_covered": _share(right[answered].mean()) if answered.any() else None,
        "by_type": {
            kind: {
                "n": int((actual == kind).sum()),
                "said": answers_by_type[kind],
                "precision": _share(hits[kind] / answers_by_type[kind])
                if answers_by_type[kind]
                else None,
            }
            for kind in sorted(set(kinds) | set(answers_by_type))
        },
    }


def _share(value: float) -> float:
    return round(float(value), 4)


def compare(champion: Answers, challenger: Answers, truth: Sequence[str]) -> dict[str, Any]:
    """The figures of both, and whether their difference is more than chance.

    `p`: McNemar's exact test on the texts that only one of them has right; `interval`: 95%
    bootstrap interval of the gain in accuracy. The verdict is `better` or `worse` only where
    the interval leaves out zero and p is under .05.
    """
    actual = np.array(truth, object)
    before, after = champion.predicted == actual, challenger.predicted == actual
    return {
        "champion": {"version": champion.version, **figures(champion, truth)},
        "challenger": {"version": challenger.version, **figures(challenger, truth)},
        **significance(after.astype(float) - before),
    }


def significance(gain: np.ndarray) -> dict[str, Any]:
    """Whether the gains of texts or decisions, (n,), are significant: sign test and bootstrap as
    in `compare`."""
    only_was, only_now = int((gain < 0).sum()), int((gain > 0).sum())
    disagree = only_was + only_now
    p = binomtest(only_now, disagree).pvalue if disagree else 1.0
    drawn = np.random.default_rng(SEED).integers(0, len(gain), (RESAMPLES, len(gain)))
    low, high = np.quantile(gain[drawn].mean(1), [0.025, 0.975])
    verdict = UNDECIDED
    if p < 0.05 and (low > 0 or high < 0):
        verdict = BETTER if low > 0 else WORSE
    return {
        "only_champion_right": only_was,
        "only_challenger_right": only_now,
        "p": _share(p),
        "gain": _share(gain.mean()),
        "interval": [_share(low), _share(high)],
        "verdict": verdict,
    }
