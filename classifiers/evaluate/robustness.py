"""Robustness against disguises: self-written texts, each disguised in every way.

For each disguise, the share of texts with the answer of the plain text: the same key, matched as
the same claim (by the shipped matcher, if the encoder is built), the same violation types, the same
entities; and of posts made of three such texts, the same rumor label.
`before`: the texts as typed, without normalizing or folding.
"""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from classifiers import entities, matching, rules
from classifiers.assess import Assessor
from classifiers.build import load_default
from classifiers.encoder import Encoder
from classifiers.evaluate import rows
from classifiers.evaluate.perturb import PERTURBATIONS
from classifiers.fold import Folded, as_is, fold
from classifiers.normalize import normalize, text_key

_FILE = Path(__file__).with_name("robustness.txt")


def plain_texts() -> list[str]:
    """The self-written texts, one a line."""
    return _FILE.read_text("utf-8").splitlines()


def _types(folded: Folded) -> list[str]:
    return sorted({found.type for found in rules.judge(folded)})


def _facts(folded: Folded) -> list[str]:
    """The values of all entities that do not depend on the spelling."""
    found = entities.read(folded)
    kinds = (found.uscc, found.prices, found.places, found.dates, found.phones, found.licences)
    return sorted(str(span.value) for kind in kinds for span in kind)


def _raw_key(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


Answer = Callable[[str], Any]
BEFORE: dict[str, Answer] = {
    "key": _raw_key,
    "types": lambda text: _types(as_is(text)),
    "entities": lambda text: _facts(as_is(text)),
}
AFTER: dict[str, Answer] = {
    "key": lambda text: text_key(normalize(text)),
    "types": lambda text: _types(fold(text)),
    "entities": lambda text: _facts(fold(text)),
}


def _share(answer: Answer, plain: Sequence[str], disguised: Sequence[str]) -> float:
    same = [answer(a) == answer(b) for a, b in zip(plain, disguised, strict=True)]
    share: float = round(sum(same) / len(same), 3)
    return share


def _matched(encoder: Encoder, plain: Sequence[str], disguised: Sequence[str]) -> float:
    """Share of disguised texts that join the claim of their plain text, all plain ones known."""
    known = matching.views(plain, encoder)
    joined = 0
    for number, view in enumerate(matching.views(disguised, encoder)):
        candidates = [
            matching.Candidate(i, i, k.text, k.fingerprint.signature, float(k.vector @ view.vector))
            for i, k in enumerate(known)
        ]
        found = matching.decide(view, candidates)
        joined += bool(found and found[0].verdict == "same" and found[0].candidate.claim == number)
    return round(joined / len(plain), 3)


def _labels(assessor: Assessor, texts: Sequence[str]) -> list[str]:
    return [
        "withheld" if one.rumor.abstained else str((one.rumor.score or 0) >= 0.5)
        for one in assessor.assess(texts)
    ]


def posts(texts: Sequence[str]) -> list[str]:
    """Every three neighbours as one post: single texts are too short for the rumor score."""
    return ["".join(texts[i : i + 3]) for i in range(len(texts) - 2)]


def evaluate(_file: Path | None = None) -> dict[str, Any]:
    """`{disguise: {"before": {...}, "after": {...}}}`, shares of texts answered alike; `_file` may
    name other plain texts, rows with "text"."""
    plain = [row["text"] for row in rows.read(_file, {"text": str})] if _file else plain_texts()
    encoder = load_default()
    assessor = Assessor.load(encoder)
    labels = _labels(assessor, posts(plain))
    given = sum(label != "withheld" for label in labels)
    table: dict[str, Any] = {"n": len(plain), "posts": len(labels), "posts_labelled": given}
    for name, disguise in PERTURBATIONS.items():
        disguised = [disguise(text) for text in plain]
        before = {kind: _share(answer, plain, disguised) for kind, answer in BEFORE.items()}
        after = {kind: _share(answer, plain, disguised) for kind, answer in AFTER.items()}
        after["same_claim"] = _matched(encoder, plain, disguised)
        said = _labels(assessor, [disguise(post) for post in posts(plain)])
        alike = [a == b for a, b in zip(labels, said, strict=True)]
        after["rumor"] = round(sum(alike) / len(alike), 3)
        table[name] = {"before": before, "after": after}
    return table
