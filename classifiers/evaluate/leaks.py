"""`python -m classifiers.evaluate.leaks --data DIR`: how far source marks and time leak labels.

One JSON object. The n-gram part alone (a linear SVM) represents the model, as it could learn a
mark. Each kind of mark is removed from texts the SVM was not trained on, near-duplicates in one
fold, and from another set that the shipped model never saw.
"""

import argparse
import json
import re
from collections.abc import Callable, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.svm import LinearSVC

from classifiers.ensemble import Ensemble, counts, inverse_frequencies, weighted, written
from classifiers.evaluate import rows
from classifiers.evaluate.folds import FOLDS, SEED, near_duplicate_groups
from classifiers.normalize import normalize
from classifiers.rumor import DIRECTORY


def _without(pattern: str, instead: str = "") -> Callable[[str], str]:
    compiled = re.compile(pattern)
    return lambda text: compiled.sub(instead, text)


_EACH: dict[str, Callable[[str], str]] = {
    "zero-width characters": _without(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]"),
    "doubled spaces": _without(r"\s{2,}", " "),
    "【】": _without(r"[【】]"),
    "links": _without(r"https?://[!-~]+"),
    "@names": _without(r"@[\w·-]{1,15}"),
    "#topics#": _without(r"#[^#\n]{1,40}#"),
    "faces": _without(r"\[[\u4e00-\u9fffa-z]{1,4}\]|[\u2600-\u27bf\U0001f000-\U0001faff]"),
    "runs of punctuation": _without(r"([^\w\s])\1+", r"\1"),
}
MARKS: dict[str, Callable[[str], str]] = {
    **_EACH,
    "all of these": lambda text: reduce(lambda left, strip: strip(left), _EACH.values(), text),
    "all punctuation": _without(r"[^\w\s]"),
}


def _changed(texts: Sequence[str], strip: Callable[[str], str]) -> tuple[np.ndarray, list[str]]:
    """Which texts change when stripped, and their stripped form."""
    plain, stripped = ([written(t) for t in each] for each in (texts, map(strip, texts)))
    where = np.flatnonzero([a != b for a, b in zip(plain, stripped, strict=True)])
    return where, [stripped[i] for i in where]


def _ablation(
    texts: Sequence[str], labels: np.ndarray, margins: Callable[[np.ndarray, Any], np.ndarray]
) -> dict[str, Any]:
    """Accuracy with each kind of mark removed; `margins` (rows, counts) to (n,)."""
    plain = margins(np.arange(len(texts)), counts([written(text) for text in texts]))
    found: dict[str, Any] = {"as read": {"accuracy": _share((plain > 0) == labels)}}
    for name, strip in MARKS.items():
        where, stripped = _changed(texts, strip)
        now = plain.copy()
        if len(where):
            now[where] = margins(where, counts(stripped))
        found[name] = {
            "reads otherwise": round(len(where) / len(texts), 4),
            "accuracy": _share((now > 0) == labels),
        }
    return found


def _share(right: np.ndarray) -> float:
    return round(float(right.mean()), 4)


def _fit(hashed: Any, labels: np.ndarray) -> tuple[LinearSVC, np.ndarray]:
    idf = inverse_frequencies(hashed)
    return LinearSVC(C=2.0, random_state=SEED).fit(weighted(hashed, idf), labels), idf


def _folds(texts: Sequence[str], labels: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    groups = near_duplicate_groups([normalize(text) for text in texts])
    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    return list(splitter.split(labels, labels, groups))


def within(texts: Sequence[str], labels: np.ndarray) -> dict[str, Any]:
    """The ablation out of fold, on the training set."""
    hashed = counts([written(text) for text in texts])
    fold_of, fitted = np.zeros(len(texts), int), []
    for number, (seen, held_out) in enumerate(_folds(texts, labels)):
        fold_of[held_out] = number
        fitted.append(_fit(hashed[seen], labels[seen]))

    def margins(where: np.ndarray, given: Any) -> np.ndarray:
        result = np.zeros(len(where))
        for number, (model, idf) in enumerate(fitted):
            mine = np.flatnonzero(fold_of[where] == number)
            if len(mine):
                result[mine] = model.decision_function(weighted(given[mine], idf))
        return result

    return _ablation(texts, labels, margins)


def elsewhere(texts: Sequence[str], labels: np.ndarray) -> dict[str, Any]:
    """The ablation of the shipped n-gram half on a set it never saw."""
    model, _ = Ensemble.load(DIRECTORY)
    return _ablation(texts, labels, lambda _, given: model.probabilities(given, None)[:, 0] - 0.5)


def by_time(texts: Sequence[str], labels: np.ndarray, times: Sequence[Any]) -> dict[str, Any]:
    """Trained on the earlier four fifths and tested on the last, compared with grouped folds."""
    hashed = counts([written(text) for text in texts])
    order = np.argsort(np.array(times), kind="stable")
    cut = len(order) * 4 // 5
    right = np.zeros(len(texts), bool)
    for seen, held_out in _folds(texts, labels):
        model, idf = _fit(hashed[seen], labels[seen])
        right[held_out] = model.predict(weighted(hashed[held_out], idf)) == labels[held_out]
    model, idf = _fit(hashed[order[:cut]], labels[order[:cut]])
    last = order[cut:]
    late = model.predict(weighted(hashed[last], idf)) == labels[last]
    return {
        "n": len(texts),
        "grouped": _share(right),
        "grouped, of the last fifth": _share(right[last]),
        "last fifth by the earlier": _share(late),
    }


def _read(data: Path, name: str, **more: Any) -> tuple[list[str], np.ndarray, list[dict[str, Any]]]:
    found = rows.read(data / "rumor" / f"{name}.jsonl", {"text": str, "label": int, **more})
    return [row["text"] for row in found], np.array([row["label"] for row in found]), found


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m classifiers.evaluate.leaks")
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    ced, ced_labels, found = _read(data, "ced_dev", time=(int, str))
    dated = [i for i, row in enumerate(found) if isinstance(row["time"], int)]  # a few are words
    jin, jin_labels, also = _read(data, "weibojin_dev", time=str)
    figures = {
        "weibo21, out of fold": within(*_read(data, "weibo21_dev")[:2]),
        "ced, shipped model": elsewhere(ced, ced_labels),
        "by time": {
            "ced": by_time(
                [ced[i] for i in dated], ced_labels[dated], [found[i]["time"] for i in dated]
            ),
            "weibojin": by_time(jin, jin_labels, [row["time"] for row in also]),
        },
    }
    print(json.dumps(figures, ensure_ascii=False))


if __name__ == "__main__":
    main()
