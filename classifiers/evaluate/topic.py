"""The nine topics on labelled posts: {"text", "category"}, rows marked 无法确定 are skipped."""

from pathlib import Path
from typing import Any

from sklearn.metrics import accuracy_score, f1_score, precision_recall_fscore_support

from classifiers.evaluate import rows
from classifiers.evaluate.batches import assessed
from classifiers.theme import TOPICS

UNDECIDED = "无法确定"


def evaluate(path: Path) -> dict[str, Any]:
    """Accuracy, macro F1 over the topics the file holds, and each topic apart.

    Raises BadFile on a wrong file.
    """
    known = (*TOPICS.values(), UNDECIDED)
    found = rows.read(path, {"text": str, "category": str}, {"category": known})
    found = [row for row in found if row["category"] != UNDECIDED]
    if not found:
        raise rows.BadFile(f"{path}: every row's 'category' is {UNDECIDED}")
    truth = [row["category"] for row in found]
    themes = [one.theme for one in assessed([row["text"] for row in found])]
    predicted = ["" if theme is None else TOPICS[theme.code] for theme in themes]
    return figures(truth, predicted)


def figures(truth: list[str], predicted: list[str]) -> dict[str, Any]:
    """Figures of `predicted` topics against the `truth`, both in Chinese."""
    held = sorted(set(truth))
    each = precision_recall_fscore_support(truth, predicted, labels=held, zero_division=0)
    names = ("precision", "recall", "f1")
    return {
        "n": len(truth),
        "accuracy": round(accuracy_score(truth, predicted), 4),
        "macro_f1": round(f1_score(truth, predicted, average="macro", labels=held), 4),
        "topics": {
            topic: {"n": int(n), **dict(zip(names, (round(float(v), 4) for v in row), strict=True))}
            for topic, n, *row in zip(held, each[3], *each[:3], strict=True)
        },
    }
