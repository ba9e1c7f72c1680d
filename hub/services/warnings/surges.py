"""The rule for surges: reports of one thing that grow beyond its own baseline.

Counts are Poisson with an unknown rate; what was seen before, weighted by age, is Gamma
evidence of that rate; so a count to come is negative binomial (Gelman et al., Bayesian Data
Analysis, 3rd ed., section 2.6; DuMouchel 1999 uses the same shrinkage for drug alerts). A count
surges when its tail probability is below the share of one day's allowed false alarms that this
test may spend (Bonferroni), and it is also large, threefold, and on two platforms.

Real counts are rougher than any such model, and how much depends on the stream. So each warning
that an officer calls false makes the level a power of ten stricter, and quiet days ease it again:
the long-run rate of false alarms settles at TARGET whatever the stream (Gibbs and Candes 2021,
adaptive conformal inference).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt

QUARTER = 900  # seconds a bin lasts
WINDOW = 2  # bins looked at: the running one and the one before it
HALF_LIFE = 4.0  # bins, one hour: how fast the baseline forgets
DECAY = 0.5 ** (1 / HALF_LIFE)
MEMORY = 64  # bins: older ones weigh less than 1/65,000
PRIOR_COUNT, PRIOR_BINS = 1.0, 1.0  # prior of something new: one report in a quarter of an hour
ALLOWED = 0.01  # false alarms a day, if counts followed the model
TARGET = 0.8  # false alarms a day that officers may get
FEWEST = 10  # reports in the window
GROWTH = 3.0  # times the expected count
PLATFORMS, EACH = 2, 2  # on so many platforms, so many reports on each


@dataclass(frozen=True)
class Verdict:
    """The rule's verdict on one window: `expected` reports, `tail` the probability of at least
    the observed count, `level` the significance level it had to stay below."""

    count: int
    expected: float
    tail: float
    level: float
    platforms: int
    busy: float
    surges: bool


def weight(bins: float) -> float:
    """Evidence in `bins` bins before the window, each DECAY of the next: a geometric sum."""
    kept = min(max(bins, 0.0), MEMORY)
    total: float = DECAY * (1 - DECAY**kept) / (1 - DECAY)
    return total


def busyness(others: float, others_past: float, evidence: float, exposure: float) -> float:
    """How much busier the rest of the stream is than before: at least 1, and no more than
    `others` show for certain (two standard deviations of a Poisson count).

    Mornings and campaigns raise everything; only what outgrows the rest is a surge.
    """
    usual = (others_past + PRIOR_COUNT) / (evidence + PRIOR_BINS) * exposure
    return max(1.0, (others - 2 * sqrt(others)) / usual)


def judge(
    window: Mapping[str, int] | Mapping[int, int],
    past: float,
    evidence: float,
    exposure: float,
    busy: float,
    tested: int,
    strict: float = 0.0,
) -> Verdict:
    """Whether the counts of `window` (by platform, over `exposure` bins) surge.

    `past` is the weighted count before the window, `evidence` the weighted bins it came from,
    `tested` how many things are looked at in this round, `strict` see `strictness`.
    """
    from scipy.special import betainc  # not for the web process

    count = sum(window.values())
    spread = sum(n >= EACH for n in window.values())
    shape, rate = past + PRIOR_COUNT, evidence + PRIOR_BINS
    scaled = exposure * busy
    expected = shape / rate * scaled
    tail = float(betainc(count, shape, scaled / (rate + scaled))) if count else 1.0
    level = ALLOWED / (24 * 3600 / QUARTER * max(tested, 1)) / 10**strict
    surges = (
        count >= FEWEST and spread >= PLATFORMS and count >= GROWTH * expected and tail <= level
    )
    return Verdict(count, expected, tail, level, spread, busy, surges)


def strictness(false: Iterable[float], now: float) -> float:
    """Powers of ten to be stricter by: one more for each false alarm, TARGET a day less.

    `false` are the times of false alarms in days, in order; `now` is a time in days.
    """
    strict, last = 0.0, now
    for at in false:
        strict = max(0.0, strict - TARGET * max(at - last, 0.0)) + 1.0
        last = at
    return max(0.0, strict - TARGET * (now - last))
