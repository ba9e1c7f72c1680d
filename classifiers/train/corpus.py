"""Labelled posts prepared for fitting: counts, sentence vectors, near-duplicate groups."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from classifiers import build, encoder, registry
from classifiers.ensemble import PROBES, counts, written
from classifiers.evaluate import rows
from classifiers.evaluate.folds import SEED, near_duplicate_groups
from classifiers.normalize import normalize

# Data sets that shipped files learn from, with their licences as their publishers state them.
LICENCES = {
    "weibo21_dev": "Weibo21 (Nan et al. 2021); no licence stated, research only",
    "news_titles": "THUCNews; its own terms, research only",
    "citizen_complaints": "citizens' complaints to a mayor's mailbox; no licence stated",
    "claims": "claims checked by guokr, jiaozhen, toutiao and DXY; no licence stated",
    "simclue_triplet_train": "SimCLUE; mixed, research only",
    "price_cases_dev": "published price penalty cases; no licence stated",
}
LIBRARIES = ("numpy", "scipy", "scikit-learn", "jieba", "OpenCC", "skops", "safetensors")


@dataclass(frozen=True)
class Posts:
    """Rows of one file in the forms the models read, row by row."""

    rows: list[dict[str, Any]]
    hashed: sp.csr_matrix
    vectors: np.ndarray
    middles: np.ndarray
    groups: np.ndarray
    encoder: str
    probes: np.ndarray

    def take(self, keep: np.ndarray) -> "Posts":
        """The rows at these positions."""
        kept = [self.rows[i] for i in keep]
        return replace(
            self,
            rows=kept,
            hashed=self.hashed[keep],
            vectors=self.vectors[keep],
            middles=self.middles[keep],
            groups=self.groups[keep],
        )


_read: dict[Path, Posts] = {}


def posts(path: Path) -> Posts:
    """The posts of a file; encoded once per process, though several models use it."""
    if path not in _read:
        _read[path] = _prepare(path)
    return _read[path]


def _prepare(path: Path) -> Posts:
    found = rows.read(path, {"text": str, "label": int})
    plain = [written(row["text"]) for row in found]
    normalized = [normalize(row["text"]) for row in found]
    model = build.load_default()
    vectors, middles = states(model, normalized)
    groups = near_duplicate_groups(normalized)
    probes = model.encode(PROBES)
    return Posts(found, counts(plain), vectors, middles, groups, model.version, probes)


def states(model: encoder.Encoder, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """(n, dim) vectors and (n, m) means of the middle's states of many texts, with progress."""
    pieces = []
    for start in range(0, len(texts), 256):
        found, middles = model.states(texts[start : start + 256])
        pieces.append((found, encoder.means(middles)))
        progress(f"{min(start + 256, len(texts))} of {len(texts)} encoded", end="\r")
    progress(f"{len(texts)} texts encoded")
    vectors, means = (np.vstack(output) for output in zip(*pieces, strict=True))
    return vectors, means


def progress(message: str, end: str = "\n") -> None:
    """Print the progress, on a terminal only; stdout stays clean."""
    if sys.stderr.isatty() or end == "\n":
        print(message, end=end, file=sys.stderr, flush=True)


def manifest_facts(*data: str) -> dict[str, Any]:
    """The part of a manifest that all models trained here have in common."""
    return {
        "data": [{"name": name, "licence": LICENCES[name]} for name in data],
        "seeds": {"all": SEED},
        "versions": registry.library_versions(LIBRARIES),
        "licence": "Apache-2.0 for the file; see data for what it was learned from",
    }
