"""Fit the matcher's weights and choose its thresholds by their curves.

Fitted: inverse document frequencies, on rumor, complaint, debunk and ordinary news texts. Reported:
the effect of the lexical share on debunk retrieval. Chosen: the thresholds of near-duplicates and
likeness, by how well rule-based rewordings of rumors are grouped in a stream of ordinary news. The
benchmark of claims across platforms is used for neither.
"""

import dataclasses
import random
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from classifiers import build, encoder, lexical, matching, registry
from classifiers.evaluate import metrics, pairs, rewordings, same_claim
from classifiers.matching import View
from classifiers.normalize import normalize, word_count
from classifiers.train import adapter, wordings

SHARES = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4)
# Fixed, not tuned: from .2 on the curve is flat, its maximum depends on a report or two, and all
# thresholds depend on it.
SHARE = 0.3
MINHASH = (0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7)
CUTS = np.round(np.arange(0.48, 0.64, 0.01), 2)
# The threshold of a claim with several wordings is lower by this than that with one.
AGREEMENT = 0.08
# Minimum precision on pairs of short texts, among near misses.
SHORT_RIGHT = 0.95
# At most this share of ordinary news titles may be joined with another text, and at most this share
# suggested. Rule-based rewordings are easy: without a budget the thresholds would admit only
# copies, and real retellings of a claim would stay separate.
FALSE_JOINS, FALSE_SUGGESTIONS = 0.1, 0.2
STREAM = ("rumor/weibo21_dev", "rumor/weibojin_dev", "rumor/ced_dev", "rumor/baai_dev")
REWORDED, NEWS = 200, 1000
SEED = 20200220
PAIR_TRAINING = ("epidemic_train", "stsb_train", "simclue_pair_train")
DATA = (
    ("rumor/weibo21_dev, ced_dev, weibojin_dev, baai_dev", "research only; BAAI: GPL-2 repository"),
    ("complaint/citizen_complaints, labelled_topics", "none stated"),
    ("debunk/claims (claims and explanations)", "none stated"),
    ("background/news_titles", "THUCNews terms"),
    ("pairs/epidemic_train, simclue_triplet_train", "mixed, as published with the sets"),
    ("measured only: same_claim/fakesv_events_dev, debunk/reports_dev", "not trained on"),
)


def background(data: Path) -> list[str]:
    """Normalized texts of every kind the hub sees, for document frequencies."""

    def column(name: str, key: str, step: int = 1) -> Iterable[str]:
        return (row[key] for i, row in enumerate(wordings.read(data, name)) if i % step == 0)

    texts = [
        *column("rumor/weibo21_dev", "text"),
        *column("complaint/citizen_complaints", "title"),
        *column("complaint/citizen_complaints", "text", 4),
        *column("background/news_titles", "text", 5),
        *column("debunk/claims", "claim"),
        *column("debunk/claims", "explain"),
    ]
    return [normalize(text) for text in texts]


class Bench:
    """The texts on which settings are chosen and evaluated, encoded once."""

    def __init__(self, data: Path, model: encoder.Encoder) -> None:
        rows = list(wordings.read(data, "same_claim/fakesv_events_dev"))
        self.events = [str(row["claim_event"]) for row in rows]
        self.platforms = [row["platform"] for row in rows]
        self.wordings = matching.views([same_claim.whole_text(row) for row in rows], model)
        claims = list(wordings.read(data, "debunk/claims"))
        reports = list(wordings.read(data, "debunk/reports_dev"))
        self.claims = matching.views([row["claim"] for row in claims], model)
        self.reports = matching.views([row["text"] for row in reports], model)
        ids = np.array([row["id"] for row in claims])
        self.relevant = np.array([row["claim_id"] for row in reports])[:, None] == ids[None, :]
        said, self.truth = stream(data)
        self.stream = matching.views(said, model)

    def debunk(self) -> dict[str, float]:
        """Retrieval figures of reports among claims by plain likeness, under the settings."""
        return metrics.retrieval(
            same_claim.ranking(self.reports, self.claims, self.cosines()), self.relevant
        )

    def cosines(self) -> np.ndarray:
        """(reports, claims)."""
        cosines: np.ndarray = _vectors(self.reports) @ _vectors(self.claims).T
        return cosines

    def clusters(self) -> dict[str, float]:
        """B3 and pair F1 of the stream under the current settings; `joined`: the share of its
        ordinary news that was joined with another text."""
        claims = same_claim.cluster(self.stream)
        size = Counter(claims)
        news = [claim for claim, truth in zip(claims, self.truth, strict=True) if truth < 0]
        return {
            "b3": metrics.b3(claims, self.truth),
            "pair_f1": metrics.pair_f1(claims, self.truth),
            "joined": sum(size[claim] > 1 for claim in news) / len(news),
        }

    def benchmark(self) -> dict[str, float]:
        """Pair F1 and B3 of the benchmark in file order under the current settings."""
        claims = same_claim.cluster(self.wordings)
        return {
            "fakesv_b3": metrics.b3(claims, self.events),
            "fakesv_pair_f1": metrics.pair_f1(claims, self.events),
        }

    def strangers(self) -> np.ndarray:
        """Likeness of each ordinary news title to the nearest wording or claim, (n,)."""
        news = [v for v, truth in zip(self.stream, self.truth, strict=True) if truth < 0]
        known = [*self.wordings, *self.claims]
        cosines = _vectors(news) @ _vectors(known).T
        best: np.ndarray = same_claim.ranking(news, known, cosines).max(1)
        return best

    def reported(self, cut: float) -> dict[str, float]:
        """Share of debunk reports whose best claim reaches `cut`, and of these, the right ones."""
        scores = same_claim.ranking(self.reports, self.claims, self.cosines())
        reached = scores.max(1) >= cut
        right = self.relevant[np.arange(len(scores)), scores.argmax(1)]
        return {
            "debunk_reached": float(reached.mean()),
            "debunk_right": float(right[reached].mean()) if reached.any() else 0.0,
        }


def stream(data: Path) -> tuple[list[str], list[int]]:
    """Fold 0 of the rumor texts in rewordings, shuffled with ordinary news; the number of each
    text's original, a distinct negative number for news."""
    texts = [row["text"] for name in STREAM for row in wordings.read(data, name)]
    said, truth = rewordings.stream(
        rewordings.take([text for text in texts if rewordings.fold_of(text) == 0], REWORDED), 4
    )
    titles = [row["text"] for row in wordings.read(data, "background/news_titles")]
    said += random.Random(SEED).sample(titles, NEWS)
    truth += range(-NEWS, 0)
    order = random.Random(SEED).sample(range(len(said)), len(said))
    return [said[i] for i in order], [truth[i] for i in order]


def _vectors(views: Sequence[View]) -> np.ndarray:
    return np.stack([view.vector for view in views])


def _set(**settings: Any) -> None:
    """Write `settings` to the manifest, and have the product read them again."""
    old = registry.load_manifest(registry.SAME_CLAIM)
    facts = {f.name: getattr(old, f.name) for f in dataclasses.fields(old)}
    facts.pop("files")
    facts["settings"] = {**old.settings, **settings}
    _write(**facts)


def _write(**facts: Any) -> None:
    name = facts.pop("name", "same_claim")
    files = [p.name for p in registry.SAME_CLAIM.glob("*.safetensors")]
    registry.write_manifest(registry.SAME_CLAIM, name, files, **facts)
    for cached in (matching.settings, lexical.shipped):
        cached.cache_clear()


def _thresholds(minhash: float, likeness: float, suggest: float) -> dict[str, Any]:
    agree = round(likeness - AGREEMENT, 3)
    return {
        "minhash": {"same": minhash, "suggest": round(min(minhash - 0.1, 0.3), 2)},
        "embedding": {"same": likeness, "agree": agree, "suggest": min(suggest, agree - 0.01)},
    }


def share_curve(bench: Bench) -> list[dict[str, float]]:
    """The effect of the lexical share on debunk retrieval by likeness; SHARE is set afterwards."""
    curve = []
    for share in SHARES:
        _set(lexical_share=share)
        found = bench.debunk()
        curve.append({"share": share, **{k: found[k] for k in ("r_at_1", "r_at_5", "map")}})
        print(f"matching: {curve[-1]}", file=sys.stderr)
    _set(lexical_share=SHARE)
    return [metrics.rounded(point) for point in curve]


def choose_thresholds(bench: Bench) -> dict[str, list[dict[str, float]]]:
    """Set the lowest cut of likeness within the budget of false joins, then the strictest one of
    MinHash at which B3 on the stream hardly differs; their curves."""
    suggest = round(float(np.quantile(bench.strangers(), 1 - FALSE_SUGGESTIONS)), 3)
    likeness_curve, minhash_curve = [], []
    for cut in map(float, CUTS):
        _set(thresholds=_thresholds(0.5, cut, suggest))
        point = {"same": cut, **bench.clusters(), **bench.benchmark(), **bench.reported(cut)}
        likeness_curve.append(point)
        print(f"matching: {point}", file=sys.stderr)
    best = min(p["same"] for p in likeness_curve if p["joined"] <= FALSE_JOINS)
    for cut in MINHASH:
        _set(thresholds=_thresholds(cut, best, suggest))
        minhash_curve.append({"same": cut, **bench.clusters()})
    top = max(point["b3"] for point in minhash_curve)
    strict = max(point["same"] for point in minhash_curve if point["b3"] >= top - 0.001)
    _set(thresholds=_thresholds(strict, best, suggest))
    return {
        "likeness": [metrics.rounded(p) for p in likeness_curve],
        "minhash": [metrics.rounded(p) for p in minhash_curve],
    }


def choose_short(data: Path, model: encoder.Encoder) -> float:
    """The lowest cosine at which SHORT_RIGHT of the pairs of short questions mean the same; of all
    pairs two in five do, the others are near misses."""
    first, second, _, labels = pairs.read_pairs(data / "pairs/epidemic_train.jsonl")
    short = np.array(
        [
            max(word_count(normalize(text)) for text in pair) < matching.SHORT_WORDS
            for pair in zip(first, second, strict=True)
        ]
    )
    cosines = pairs.cosines(first, second, model)
    return round(metrics.cut_at_precision(cosines[short], labels[short], SHORT_RIGHT)[0], 2)


def choose_pair_threshold(data: Path, model: encoder.Encoder) -> float:
    """The cosine with the best accuracy over the training pairs, each set weighted equally."""
    cosines, labels, weights = [], [], []
    for name in PAIR_TRAINING:
        first, second, _, label = pairs.read_pairs(data / f"pairs/{name}.jsonl")
        cosines.append(pairs.cosines(first, second, model))
        labels.append(label)
        weights.append(np.full(len(label), 1 / len(label)))
    score, label, weight = map(np.concatenate, (cosines, labels, weights))
    grid = np.round(np.quantile(score, np.linspace(0.02, 0.98, 193)), 4)
    right = [float((((score >= cut) == label) * weight).sum()) for cut in grid]
    return float(grid[int(np.argmax(right))])


def run(data: Path) -> dict[str, Any]:
    """Fit, choose and write `artifacts/same_claim`; the figures in its manifest.

    Needs the built encoder (with the adapter, if one is shipped) at the default place.
    """
    registry.SAME_CLAIM.mkdir(parents=True, exist_ok=True)
    model = build.load_default()
    lexical.fit(background(data)).save(registry.SAME_CLAIM / lexical.FILE)
    _write(settings={"lexical_share": SHARE, "thresholds": _thresholds(0.5, 0.8, 0.6)})
    _set(short_same=choose_short(data, model))
    bench = Bench(data, model)
    curves: dict[str, Any] = {"lexical_share": share_curve(bench), **choose_thresholds(bench)}
    _set(pair_threshold=choose_pair_threshold(data, model))
    final: dict[str, Any] = {
        "rewordings_among_news": metrics.rounded(bench.clusters()),
        "fakesv_events_dev": same_claim.measure(bench.wordings, bench.events, bench.platforms),
        "debunk_reports_dev_by_likeness": metrics.rounded(bench.debunk()),
    }
    manifest = registry.load_manifest(registry.SAME_CLAIM)
    _write(
        seeds={"stream": SEED, "adapter": adapter.SEED},
        data=[{"name": name, "licence": licence} for name, licence in DATA],
        settings=dict(manifest.settings),
        metrics={"encoder": model.version, **final, "curves": curves},
        versions=registry.library_versions(["numpy", "onnxruntime", "rensa", "jieba", "OpenCC"]),
        licence="Apache-2.0; trained on research-only texts, none of which is contained",
    )
    return final
