"""Penalty decisions as further price cases: the facts as text, the type by the cited articles.

A decision's type is read off the articles and the naming of the act; these words are taken out
of the text the model sees, for a report would not hold them. Only decisions whose articles agree
on one type count, and only those that share no wording with a labelled case.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from classifiers import price
from classifiers.evaluate import rows
from classifiers.normalize import normalize

# What names each type in a decision: its articles, and the officers' phrase.
_SIGNS = {
    "不明码标价": r"《(?:中华人民共和国)?价格法》第十三条第一款|处罚规定》第十三条第[(（]?一"
    r"|禁止价格欺诈规定》第[五六七八]条|未(?:按规定)?(?:进行)?明码标价的?(?:违法)?行为|不明码标价",
    "政府定价违规": r"《(?:中华人民共和国)?价格法》第(?:十二|三十九)条|处罚规定》第九条"
    r"|不执行政府(?:指导价|定价)|高于政府",
    "标价外加价": r"《(?:中华人民共和国)?价格法》第十三条第二款|处罚规定》第十三条第[(（]?三"
    r"|标价之外加价|未(?:予)?标明的费用|加价出售",
    "误导性价格标示": r"《(?:中华人民共和国)?价格法》第(?:十四条第[(（]?四|四十条)|处罚规定》第七条"
    r"|禁止价格欺诈规定》第(?:十[六七八九]|二十)条|误解的价格|价格欺诈行为|误导性",
}
_PATTERNS = [re.compile(_SIGNS[name]) for name in price.LEARNED]
_LAW = re.compile(r"《[^》]{2,40}》(?:第[^条]{1,8}条[^,。;]{0,12})?")
_FACTS = re.compile(r"经查|现查明|查明")
_REASONS = re.compile(r"上述事实|以上事实|证据|[本我]局认为")
LONGEST = 700  # characters of facts; labelled cases end at 500
WEIGHT = 0.5  # beside a labelled case, which weighs 1
SHARED = 0.2  # share of eight-character sequences from which two texts are one case


def sort_by_articles(text: str) -> int | None:
    """Index in `price.LEARNED` that the articles of a decision agree on, else None."""
    bare = re.sub(r"\s", "", text)
    counts = Counter({i: len(p.findall(bare)) for i, p in enumerate(_PATTERNS)})
    (best, most), (_, next_most) = counts.most_common(2)
    return best if most >= 2 and most >= 2 * next_most else None


def facts(text: str) -> str:
    """What happened, normalized: from '经查' to the reasons, without law titles and articles."""
    begin = _FACTS.search(text)
    start = begin.start() if begin else min(200, len(text) // 4)
    end = _REASONS.search(text, start + 100)
    stop = min(end.start() if end else start + LONGEST, start + LONGEST)
    return normalize(_LAW.sub("", text[start:stop]))


def _sequences(text: str) -> set[str]:
    bare = re.sub(r"\W", "", text)
    return {bare[i : i + 8] for i in range(len(bare) - 8)}


def extra_cases(path: Path, known: Sequence[str]) -> Iterator[tuple[str, int]]:
    """(facts, type index) of the decisions in `path` that none of the `known` texts resembles.

    Raises BadFile.
    """
    cases = [_sequences(text) for text in known]
    for row in rows.read(path, {"text": str}):
        kind, text = sort_by_articles(row["text"]), facts(row["text"])
        own = _sequences(text)
        if kind is None or len(text) < 40 or not own:
            continue
        if all(len(own & case) <= SHARED * min(len(own), len(case)) for case in cases if case):
            yield text, kind
