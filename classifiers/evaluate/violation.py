"""The violation rules on a file, by the fields of its rows.

{"text", "violations": [type codes]}: precision and recall by type. {"text"}: how many texts in a
thousand each type and rule fires on, for texts in which nearly every hit is false. {"word"}: the
share of listed advertising words that are found in a plain advert.
"""

import re
from collections import Counter
from pathlib import Path
from typing import Any

from classifiers import adwords, rules
from classifiers.evaluate import rows
from classifiers.fold import fold
from classifiers.violation import TYPES


def evaluate(path: Path) -> dict[str, Any]:
    """Figures by the kind of file. Raises BadFile."""
    first = rows.read(path, {})[0]
    if "word" in first:
        return _words(rows.read(path, {"word": str}))
    if "violations" in first:
        return _labelled(rows.read(path, {"text": str, "violations": list}), path)
    return _unlabelled([row["text"] for row in rows.read(path, {"text": str})])


def in_advert(word: str) -> str:
    """A plain advert with `word`; without remarks in brackets and XX for a number."""
    bare = re.sub(r"[(（].*?[)）]", "", word).replace("XX", "三")
    return f"本店产品{bare}，欢迎选购"


def _words(listed: list[dict[str, Any]]) -> dict[str, Any]:
    words = sorted({row["word"] for row in listed})
    found = [bool(adwords.find(fold(in_advert(word)).view)) for word in words]
    return {"n": len(words), "recall": sum(found) / len(words)}


def _labelled(labelled: list[dict[str, Any]], path: Path) -> dict[str, Any]:
    right: Counter[str] = Counter()
    said: Counter[str] = Counter()
    true: Counter[str] = Counter()
    for row in labelled:
        unknown = set(row["violations"]) - TYPES.keys()
        if unknown:
            raise rows.BadFile(f"{path}: no such violation: {', '.join(map(str, unknown))}")
        found, truth = types(row["text"]), set(row["violations"])
        right.update(found & truth)
        said.update(found)
        true.update(truth)
    by_type = {
        code: {
            "n": true[code],
            "precision": round(right[code] / said[code], 4) if said[code] else None,
            "recall": round(right[code] / true[code], 4) if true[code] else None,
        }
        for code in sorted({*said, *true})
    }
    return {
        "n": len(labelled),
        "precision": right.total() / max(said.total(), 1),
        "recall": right.total() / max(true.total(), 1),
        "types": by_type,
    }


def types(text: str) -> set[str]:
    """Codes of the violations the rules find in a text."""
    return {found.type for found in rules.judge(fold(text))}


def _unlabelled(texts: list[str]) -> dict[str, Any]:
    by_type: Counter[str] = Counter()
    by_rule: Counter[str] = Counter()
    for text in texts:
        found = rules.judge(fold(text))
        by_type.update({one.type for one in found})
        by_rule.update({one.source.removeprefix("rule:") for one in found})
        by_type.update(["any"] if found else [])

    def per_thousand(counts: Counter[str]) -> dict[str, float]:
        return {name: round(n / len(texts) * 1000, 2) for name, n in counts.most_common()}

    return {
        "n": len(texts),
        "types_per_1000": per_thousand(by_type),
        "rules_per_1000": per_thousand(by_rule),
    }
