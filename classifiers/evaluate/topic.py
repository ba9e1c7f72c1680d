"""The nine topics on labelled posts: {"text", "category"}, rows marked 无法确定 passed over."""

from pathlib import Path
from typing import Any

from sklearn.metrics import accuracy_score, f1_score

from classifiers.evaluate import rows
from classifiers.evaluate.batches import assessed
from classifiers.theme import TOPICS

UNDECIDED = "无法确定"


def evaluate(path: Path) -> dict[str, Any]:
    """Accuracy and macro F1 over the topics the file holds. Raises BadFile on a wrong file."""
    known = (*TOPICS.values(), UNDECIDED)
    found = rows.read(path, {"text": str, "category": str}, {"category": known})
    found = [row for row in found if row["category"] != UNDECIDED]
    if not found:
        raise rows.BadFile(f"{path}: every row's 'category' is {UNDECIDED}")
    truth = [row["category"] for row in found]
    themes = [one.theme for one in assessed([row["text"] for row in found])]
    said = ["" if theme is None else TOPICS[theme.code] for theme in themes]
    return {
        "n": len(truth),
        "accuracy": accuracy_score(truth, said),
        "macro_f1": f1_score(truth, said, average="macro", labels=sorted(set(truth))),
    }
