"""The four-way price type on decided cases: {"text", "violation_type", "constructed"}.

Only the four types with enough cases to learn from are asked (不明码标价, 政府定价违规,
标价外加价, 误导性价格标示); written negatives and rarer types are left out.
"""

from pathlib import Path
from typing import Any

from sklearn.metrics import accuracy_score, f1_score

from classifiers.evaluate import rows
from classifiers.evaluate.batches import assessor
from classifiers.normalize import normalize
from classifiers.price import CODES, LEARNED
from classifiers.violation import Finding

FIELDS: rows.Fields = {"text": str, "violation_type": (str, type(None)), "constructed": bool}


def _by_rules(findings: list[Finding]) -> str:
    """The first of the four types among findings, strongest first; none of them: ''."""
    return next((LEARNED[CODES.index(f.type)] for f in findings if f.type in CODES), "")


def evaluate(path: Path) -> dict[str, Any]:
    """Accuracy and macro F1 of the shipped model, or of the rules where it cannot be trusted.

    Raises BadFile on a wrong file.
    """
    found = rows.read(path, FIELDS)
    cases = [r for r in found if not r["constructed"] and r["violation_type"] in LEARNED]
    if not cases:
        raise rows.BadFile(f"{path}: no row's 'violation_type' is one of {', '.join(LEARNED)}")
    truth = [row["violation_type"] for row in cases]
    texts = [row["text"] for row in cases]
    model = assessor()
    if model.price is None:
        predicted = [_by_rules(one.violations) for one in model.assess(texts)]
    else:
        chances = model.price.probabilities([normalize(text) for text in texts])
        predicted = [LEARNED[column] for column in chances.argmax(1)]
    return {
        "n": len(truth),
        "labels": list(LEARNED),
        "accuracy": accuracy_score(truth, predicted),
        "macro_f1": f1_score(truth, predicted, average="macro", labels=sorted(set(truth))),
    }
