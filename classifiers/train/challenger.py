"""A challenger: a model part retrained on officers' decisions and, where given, public data.

It is trained like the shipped part (same features, same settings) and never sees the decisions it
will be evaluated on. The evaluated model is the one to be promoted: nothing is fitted afterwards.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
import skops.io

from classifiers import price, registry, rumor, theme
from classifiers.encoder import Encoder, means
from classifiers.ensemble import FILE, PROBES, Ensemble, counts, weighted, written
from classifiers.evaluate import rows
from classifiers.evaluate.compare import Answers
from classifiers.evaluate.folds import SEED, near_duplicate_groups
from classifiers.normalize import normalize
from classifiers.reader import TopicReader
from classifiers.registry import Manifest
from classifiers.train import corpus, ensemble
from classifiers.train import price as train_price
from classifiers.train import rumor as train_rumor
from classifiers.train import theme as train_theme
from classifiers.train.kernels import KernelSettings
from classifiers.train.lessons import LEAST_OF_A_TYPE, TimeSplit, TooFewExamples

DECISIONS = {"name": "decisions", "licence": "decisions taken on this hub; not to be passed on"}


@dataclass(frozen=True)
class _Examples:
    texts: list[str]
    labels: list[str]
    groups: np.ndarray

    def of(self, known: Sequence[str]) -> "_Examples":
        """Those of these labels."""
        keep = [i for i, label in enumerate(self.labels) if label in known]
        return _Examples(
            [self.texts[i] for i in keep], [self.labels[i] for i in keep], self.groups[keep]
        )


def _public_theme(data: Path) -> list[tuple[str, str]]:
    codes = {name: code for code, name in theme.TOPICS.items()}
    found = rows.read(data / "rumor" / "weibo21_dev.jsonl", {"text": str, "category": str})
    return [(r["text"], codes[r["category"]]) for r in found if r["category"] in codes]


def _public_rumor(data: Path) -> list[tuple[str, str]]:
    found = rows.read(data / "rumor" / "weibo21_dev.jsonl", {"text": str, "label": int})
    return [(r["text"], "rumor" if r["label"] else "not_rumor") for r in found]


def _public_price(data: Path) -> list[tuple[str, str]]:
    found = rows.read(data / "violation" / "price_cases_dev.jsonl", train_price.FIELDS)
    codes = dict(zip(price.LEARNED, price.CODES, strict=True))
    return [
        (r["text"], codes[r["violation_type"]])
        for r in found
        if not r["constructed"] and r["violation_type"] in codes
    ]


def train(
    part: str, split: TimeSplit, encoder: Encoder, champion: Path, out: Path, data: Path | None
) -> Manifest:
    """Fit the challenger of a part into the empty folder `out`; progress on stderr.

    Raises TooFewExamples when a type lacks examples, rows.BadFile for public data that cannot be
    read.
    """
    recipe = PARTS[part]
    examples = _examples(split, recipe.public(data) if data else [])
    facts: dict[str, Any] = corpus.manifest_facts(*([recipe.source] if data else []))
    facts["data"] = [*facts["data"], DECISIONS]
    settings = {
        "decisions": len(split.learn),
        "claims": len(set(split.groups.tolist())),
        "until": split.until,
        "protocol": "5 folds, near-duplicates in one fold; measured on later claims",
    }
    return recipe.fit(examples, encoder, champion, out, settings, facts)


def _examples(split: TimeSplit, public: list[tuple[str, str]]) -> _Examples:
    texts = [lesson.text for lesson in split.learn] + [text for text, _ in public]
    labels = [lesson.label for lesson in split.learn] + [label for _, label in public]
    if not public:
        return _Examples(texts, labels, split.groups)
    near = near_duplicate_groups([normalize(text) for text in texts]).tolist()
    # The wordings of a decided claim stay in one group even if they are dissimilar.
    claims, decided = split.groups.tolist(), len(split.learn)
    firsts = dict(zip(reversed(claims), reversed(near[:decided]), strict=True))
    groups = [firsts[claim] for claim in claims] + near[decided:]
    return _Examples(texts, labels, np.array(groups))


def _learnable(examples: _Examples, wanted: Sequence[str]) -> list[str]:
    """The labels with enough groups to be learned, in the order of `wanted`."""
    found = Counter(
        label for _, label in set(zip(examples.groups.tolist(), examples.labels, strict=True))
    )
    known = [label for label in wanted if found[label] >= LEAST_OF_A_TYPE]
    if len(known) < 2:
        raise TooFewExamples(f"types with {LEAST_OF_A_TYPE} examples: {', '.join(known) or 'none'}")
    return known


def _fit_ensemble(
    examples: _Examples, known: Sequence[str], encoder: Encoder, settings: KernelSettings
) -> tuple[Ensemble, np.ndarray, sp.csr_matrix, np.ndarray]:
    """The fitted ensemble, its out-of-fold chances (n, k), n-gram counts and labels (n,)."""
    labels = np.array([known.index(label) for label in examples.labels])
    hashed = counts([written(text) for text in examples.texts])
    states = corpus.states(encoder, [normalize(text) for text in examples.texts])
    folds = ensemble.cross_validate(hashed, *states, labels, examples.groups, settings)
    chances = folds.probabilities(labels)
    probes = encoder.encode(PROBES)
    model = ensemble.fit(hashed, *states, labels, folds, settings, probes)
    return model, chances, hashed, labels


def _theme(
    examples: _Examples,
    encoder: Encoder,
    champion: Path,
    out: Path,
    settings: dict[str, Any],
    facts: dict[str, Any],
) -> Manifest:
    known = _learnable(examples, list(theme.TOPICS))
    if len(known) < 3:
        raise TooFewExamples(f"two topics alone are no choice of topics: {', '.join(known)}")
    examples = examples.of(known)
    model, chances, _, labels = _fit_ensemble(examples, known, encoder, train_theme.SETTINGS)
    model.save(out)
    return registry.write_manifest(
        out, "theme", [FILE], labels=known, **facts,
        metrics={"cross_validation": train_theme.cross_validation_figures(chances, labels, known)},
        settings={**vars(train_theme.SETTINGS), **settings, "encoder": encoder.version},
    )  # fmt: skip


def _rumor(
    examples: _Examples,
    encoder: Encoder,
    champion: Path,
    out: Path,
    settings: dict[str, Any],
    facts: dict[str, Any],
) -> Manifest:
    known = _learnable(examples, ["not_rumor", "rumor"])
    old = rumor.RumorModel.load(champion)
    model, chances, hashed, labels = _fit_ensemble(examples, known, encoder, train_rumor.SETTINGS)
    # Resemblance to the training source is computed as before, with this model's own weights; the
    # bound is chosen again, so that texts like those officers decide about are included.
    idf, before = model.idf, old.ensemble.idf
    scale = np.divide(before, idf, np.zeros_like(idf), where=idf > 0)
    home = replace(old.home, weight=old.home.weight * np.r_[scale, 1, 1])
    plain = [written(text) for text in examples.texts]
    likely = home.chances(weighted(hashed, idf), plain)
    bounds = train_rumor.silence(examples.texts, likely, chances[:, 1], labels)
    model.save(out)
    home.save(out / rumor.HOME_FILE)
    return registry.write_manifest(
        out, "rumor", [FILE, rumor.HOME_FILE], labels=known, **facts,
        metrics={"cross_validation": bounds.figures(chances[:, 1], labels)},
        settings={
            **vars(train_rumor.SETTINGS), **settings, "encoder": encoder.version,
            **bounds.settings,
        },
    )  # fmt: skip


def _price(
    examples: _Examples,
    encoder: Encoder,
    champion: Path,
    out: Path,
    settings: dict[str, Any],
    facts: dict[str, Any],
) -> Manifest:
    known = _learnable(examples, price.CODES)
    if tuple(known) != price.CODES:
        missing = ", ".join(set(price.CODES) - set(known))
        raise TooFewExamples(
            f"too few decisions of {missing}; public data (--data) would bring some"
        )
    examples = examples.of(known)
    texts = [normalize(text) for text in examples.texts]
    labels = np.array([price.CODES.index(label) for label in examples.labels])
    corpus.progress(f"{len(texts)} cases; cross-validating")
    logits = train_price.out_of_fold(texts, labels, examples.groups, SEED)
    model = train_price.pipeline().fit(texts, labels)
    skops.io.dump(model, out / price.FILE, compression=8, compresslevel=9)
    return registry.write_manifest(
        out, "price", [price.FILE], labels=list(price.CODES), **facts,
        metrics={"cross_validation": {"n": len(labels),
                 "accuracy": round(float((logits.argmax(1) == labels).mean()), 4)}},
        settings={
            **settings, "temperature": round(train_price.temperature(logits, labels), 4),
            "sure": train_price.SURE,
        },
    )  # fmt: skip


def _states(
    model: Any, texts: Sequence[str], encoder: Encoder
) -> tuple[np.ndarray | None, list[np.ndarray]]:
    """The encoder's states of texts, where the model was trained with that encoder."""
    if not model.ensemble.reads(encoder):
        return None, []
    return encoder.states([normalize(text) for text in texts])


def _answers_theme(directory: Path, texts: Sequence[str], encoder: Encoder) -> Answers:
    model = theme.ThemeModel.load(directory)
    vectors, middles = _states(model, texts, encoder)
    hashed = counts([written(text) for text in texts])
    chances = model.chances(hashed, vectors, TopicReader.load(), middles)
    return Answers(
        model.manifest.version, model.manifest.labels, chances, np.ones(len(texts), bool)
    )


def _answers_rumor(directory: Path, texts: Sequence[str], encoder: Encoder) -> Answers:
    model = rumor.RumorModel.load(directory)
    plain = [written(text) for text in texts]
    vectors, middles = _states(model, texts, encoder)
    scores = model.score(texts, plain, counts(plain), vectors, means(middles) if middles else None)
    chance = np.array([s.score for s in scores], float)
    answered = np.array([not s.abstained for s in scores])
    return Answers(
        model.manifest.version, ["not_rumor", "rumor"], np.c_[1 - chance, chance], answered
    )


def _answers_price(directory: Path, texts: Sequence[str], encoder: Encoder) -> Answers:
    model = price.PriceModel.load(directory)
    chances = model.probabilities([normalize(text) for text in texts])
    answered = chances.max(1) >= model.manifest.settings["sure"]
    return Answers(model.manifest.version, price.CODES, chances, answered)


@dataclass(frozen=True)
class TrainedPart:
    """How one part is trained and evaluated; `task` is the officers' task its labels come from."""

    task: str
    labels: Sequence[str]
    source: str
    public: Callable[[Path], list[tuple[str, str]]]
    fit: Callable[..., Manifest]
    answers: Callable[[Path, Sequence[str], Encoder], Answers]


PARTS = {
    "rumor": TrainedPart(
        "rumor", ("not_rumor", "rumor"), "weibo21_dev", _public_rumor, _rumor, _answers_rumor
    ),
    "theme": TrainedPart(
        "theme", tuple(theme.TOPICS), "weibo21_dev", _public_theme, _theme, _answers_theme
    ),
    "price": TrainedPart(
        "violation", price.CODES, "price_cases_dev", _public_price, _price, _answers_price
    ),
}
