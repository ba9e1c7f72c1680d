"""Rule-based rewordings of texts, and how well the matcher groups them again.

A file of texts that are each their own claim becomes a stream: every text with `EACH` rewordings
of it, shuffled. Measured is whether the product's own matcher makes one claim of each text, in
whatever order they come. People reword more freely than rules do: the figure covers disguised
copies, not retellings.
"""

import random
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from classifiers import build, fingerprint, matching, normalize
from classifiers.evaluate import metrics
from classifiers.evaluate.same_claim import cluster, read_rows
from classifiers.matching import View

TEXTS, EACH, ORDERS = 300, 6, 5
FOLDS = 5
SEED = 20200220
# A text must be long enough, and unlike every other one taken.
LEAST_WORDS = 12
UNLIKE = 0.3

_TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
_CLAUSE = re.compile(r"[^,，.。!！?？;；\n]+[,，.。!！?？;；\n]*")
_PARTICLE = re.compile(r"(?<=[一-鿿])[的了吧啊呢吗地得着过](?=[一-鿿，。！？,.!?])")


def _reorder(text: str, chance: random.Random) -> str:
    clauses = _CLAUSE.findall(text)
    if len(clauses) < 3:
        return text
    cut = chance.randrange(1, len(clauses))
    return "".join(clauses[cut:]).rstrip("。.！!") + "，" + "".join(clauses[:cut])


def _swap(words: list[list[str]]) -> Callable[[str, random.Random], str]:
    def swapped(text: str, chance: random.Random) -> str:
        for one, other in words:
            if chance.random() < 0.6:
                text = text.replace(one, other)
        return text

    return swapped


def _without_particles(text: str, chance: random.Random) -> str:
    return _PARTICLE.sub(lambda found: "" if chance.random() < 0.5 else found.group(), text)


def _with_particles(text: str, chance: random.Random) -> str:
    return re.sub("[，,]", lambda _: chance.choice(("啊，", "呢，", "，那个", "，")), text)


def _cut(text: str, chance: random.Random) -> str:
    """Half of the clauses, unless too little is left to be recognised."""
    clauses = _CLAUSE.findall(text)
    half = "".join(clauses[: max(1, len(clauses) // 2)])
    other = "".join(clauses[len(clauses) // 2 :])
    kept = chance.choice((half, other))
    return kept if len(kept) >= 25 else text


RULES: dict[str, Callable[[str, random.Random], str]] = {
    "order": _reorder,
    "synonyms": _swap(_TABLE["synonyms"]),
    "particles dropped": _without_particles,
    "particles added": _with_particles,
    "homophones": _swap(_TABLE["homophones"]),
    "cut": _cut,
}


def reword(text: str, chance: random.Random) -> str:
    """The text under two or three of the rules, in another platform's trappings."""
    for name in chance.sample(sorted(RULES), chance.choice((2, 3))):
        text = RULES[name](text, chance)
    return str(chance.choice(_TABLE["trappings"]).format(text))


def fold_of(text: str) -> int:
    """0 to 4, by the text alone: thresholds are chosen on fold 0 and measured on the others."""
    return int(normalize.text_key(normalize.normalize(text))[:8], 16) % FOLDS


def take(texts: list[str], number: int = TEXTS) -> list[str]:
    """At most `number` texts, in an order of their own, that share no near-duplicate."""
    taken: list[str] = []
    seen: dict[int, list[bytes]] = {}
    for text in random.Random(SEED).sample(texts, len(texts)):
        plain = normalize.normalize(text)
        if normalize.is_generic(plain) or normalize.word_count(plain) < LEAST_WORDS:
            continue
        print_ = fingerprint.fingerprint(plain)
        near = [other for band in print_.bands for other in seen.get(band, ())]
        if any(fingerprint.jaccard(print_.signature, other) >= UNLIKE for other in near):
            continue
        for band in print_.bands:
            seen.setdefault(band, []).append(print_.signature)
        taken.append(text)
        if len(taken) == number:
            break
    return taken


def stream(texts: list[str], each: int = EACH) -> tuple[list[str], list[int]]:
    """Every text with its rewordings, and of which text each is; fixed seed."""
    chance = random.Random(SEED)
    reworded, truth = [], []
    for number, text in enumerate(texts):
        reworded += [text, *(reword(text, chance) for _ in range(each))]
        truth += [number] * (each + 1)
    return reworded, truth


def measure(views: list[View], truth: list[int], orders: int = ORDERS) -> dict[str, Any]:
    """{b3, pair_f1, claims, b3_spread}: means over so many shuffles; the spread is the largest
    B3 less the smallest."""
    chance, b3s, f1s, claims = random.Random(SEED), [], [], []
    for _ in range(orders):
        order = chance.sample(range(len(views)), len(views))
        found = cluster([views[i] for i in order])
        right = [truth[i] for i in order]
        b3s.append(metrics.b3(found, right))
        f1s.append(metrics.pair_f1(found, right))
        claims.append(len(set(found)))
    return {
        "b3": sum(b3s) / orders,
        "pair_f1": sum(f1s) / orders,
        "claims": sum(claims) / orders,
        "b3_spread": max(b3s) - min(b3s),
    }


def evaluate(path: Path) -> dict[str, Any]:
    """{n, texts, b3, pair_f1, claims, b3_spread} of texts of the file outside fold 0."""
    texts = [row["text"] for row in read_rows(path)]
    taken = take([text for text in texts if fold_of(text) != 0])
    reworded, truth = stream(taken)
    views = matching.views(reworded, build.load_default())
    return metrics.rounded({"n": len(reworded), "texts": len(taken), **measure(views, truth)})
