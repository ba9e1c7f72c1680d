"""The four-way price model, trained on decided cases without the written negatives."""

from pathlib import Path
from typing import Any

import numpy as np
import skops.io
from scipy.optimize import minimize_scalar
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, log_loss
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer

from classifiers import price, registry
from classifiers.evaluate import rows
from classifiers.evaluate.folds import FOLDS, SEED, near_duplicate_groups
from classifiers.normalize import normalize
from classifiers.segment import words
from classifiers.train import corpus

FIELDS: rows.Fields = {"text": str, "constructed": bool, "violation_type": (str, type(None))}
SPLITS = 3  # a fold holds five cases of the rarest type, so a single split is too noisy
SURE = 0.6


def pipeline() -> Pipeline:
    """N-gram TF-IDF and hand-written cues, with balanced logistic regression."""
    hashed: dict[str, Any] = {"n_features": 2**16, "alternate_sign": False, "norm": None}
    return make_pipeline(
        make_union(
            make_pipeline(
                HashingVectorizer(analyzer="char", ngram_range=(1, 3), **hashed),
                TfidfTransformer(sublinear_tf=True),
            ),
            make_pipeline(
                HashingVectorizer(
                    tokenizer=words, token_pattern=None, ngram_range=(1, 2), **hashed
                ),
                TfidfTransformer(sublinear_tf=True),
            ),
            FunctionTransformer(price.cue_features),
        ),
        LogisticRegression(C=10.0, class_weight="balanced", max_iter=3000),
    )


def out_of_fold(texts: list[str], labels: np.ndarray, groups: np.ndarray, seed: int) -> np.ndarray:
    """(n, 4) log-odds of each case from the fold that left it out."""
    logits = np.zeros((len(texts), len(price.CODES)))
    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    for seen, held_out in splitter.split(texts, labels, groups):
        model = pipeline().fit([texts[i] for i in seen], labels[seen])
        logits[held_out] = model.decision_function([texts[i] for i in held_out])
    return logits


def temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The divisor of the log-odds that maximises their likelihood (Guo et al. 2017)."""

    def loss(log_t: float) -> float:
        scaled = logits / np.exp(log_t)
        chances = np.exp(scaled - scaled.max(1, keepdims=True))
        return float(log_loss(labels, chances / chances.sum(1, keepdims=True)))

    return float(np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x))


def run(data: Path) -> None:
    """Cross-validate, set the temperature, fit on everything and write the artifact."""
    found = rows.read(data / "violation" / "price_cases_dev.jsonl", FIELDS)
    cases = [r for r in found if not r["constructed"] and r["violation_type"] in price.LEARNED]
    texts = [normalize(row["text"]) for row in cases]
    labels = np.array([price.LEARNED.index(row["violation_type"]) for row in cases])
    groups = near_duplicate_groups(texts)
    corpus.progress("price: cross-validating")
    every = [out_of_fold(texts, labels, groups, SEED + split) for split in range(SPLITS)]
    said = [logits.argmax(1) for logits in every]
    metrics = {
        "cross_validation": {
            "n": len(cases),
            "splits": SPLITS,
            "accuracy": round(float(np.mean([accuracy_score(labels, s) for s in said])), 4),
            "macro_f1": round(
                float(np.mean([f1_score(labels, s, average="macro") for s in said])), 4
            ),
        }
    }
    corpus.progress(f"price: {metrics}")
    settings = {
        "temperature": round(temperature(np.vstack(every), np.tile(labels, SPLITS)), 4),
        "sure": SURE,
        "protocol": "5 folds, near-duplicates in one fold, mean of three splits",
    }
    model = pipeline().fit(texts, labels)
    model[-1].coef_ = model[-1].coef_.astype(np.float16).astype(np.float32)
    price.DIRECTORY.mkdir(parents=True, exist_ok=True)
    skops.io.dump(model, price.DIRECTORY / price.FILE, compression=8, compresslevel=9)
    registry.write_manifest(
        price.DIRECTORY, "price", [price.FILE], labels=list(price.CODES), metrics=metrics,
        settings=settings, **corpus.manifest_facts("price_cases_dev"),
    )  # fmt: skip
