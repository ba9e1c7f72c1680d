"""Facts found in penalty decisions: {"text"}, or {"id", "text"} for those read by hand.

Two ground truths. `read_*`: 100 randomly drawn decisions were read by a person, who recorded the
credit codes, the party, the fines and the articles cited; `decisions_read.jsonl` keeps them as
salted hashes beside the decision's id, so that no text is in it. Recall and precision are over all
these values; rows of other ids do not count here.

The others need no person: what the fixed layout prints is read by simple rules of this file,
independent of the extractor's own (the labelled line of the code and of the party, the sum in the
operative part, every title in 《》 followed by an article). Where an amount is printed in
characters and in figures, both must give the same value.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from classifiers import entities
from classifiers.entities import Entities
from classifiers.evaluate import rows

READ_BY_HAND = Path(__file__).with_name("decisions_read.jsonl")
_CODE_LINE = re.compile(r"统一社会信用代码[^:\n]{0,8}:\s*([0-9A-Z]{18})(?![0-9A-Z])")
_PARTY_LINE = re.compile(r"^\s*当事人\s*:[ \t　]*([^\n,;:*]{2,40}?)\s*;?\s*$", re.MULTILINE)
_OPERATIVE = re.compile(
    r"(?:处罚|处理)(?:决定)?(?:如下)?:(?!.*(?:处罚|处理)(?:决定)?(?:如下)?:)", re.DOTALL
)
_OPERATIVE_FINE = re.compile(r"罚款[^0-9元]{0,16}?([0-9][0-9,.]*)元")
_BOTH_FORMS = re.compile(r"([零壹贰叁肆伍陆柒捌玖拾佰仟万]{2,14})元?整?\(¥?([0-9][0-9,.]*)元?\)")
_CITED = re.compile(r"》(?:\([^()]{0,30}\))?第[一二三四五六七八九十百零0-9]{1,6}条")


def _bare(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def _operative_fines(text: str) -> list[float]:
    """Sums of fines after the last heading of the operative part."""
    bare = _bare(text)
    heading = _OPERATIVE.search(bare)
    if heading is None:
        return []
    part = re.split(r"逾期|自收到|到期不缴", bare[heading.end() :], maxsplit=1)[0]
    return [float(m[1].strip(",.").replace(",", "")) for m in _OPERATIVE_FINE.finditer(part)]


def mark(decision: str, kind: str, value: str) -> str:
    """The hash of a value in the file of decisions read by hand."""
    return hashlib.sha256(f"{decision}:{kind}:{value}".encode()).hexdigest()[:10]


_ARTICLE = re.compile(r".*?第[〇零一二三四五六七八九十百千0-9]{1,9}条(?:之[一二三四五])?(?!例)")


def values(found: Entities) -> dict[str, set[str]]:
    """Codes, party, fines and articles (law and number) of a decision, as they are compared."""
    articles = (_ARTICLE.match(_bare(str(article.value))) for article in found.articles)
    return {
        "uscc": {str(code.value) for code in found.uscc},
        "party": {_bare(str(found.party.value))} if found.party else set(),
        "fine": {f"{fine.value:.2f}" for fine in found.fines},
        "articles": {match[0] for match in articles if match},
    }


def _against_reading(found: dict[str, Entities]) -> dict[str, Any]:
    """Recall and precision by kind over the decisions read by hand that are among these."""
    lines = READ_BY_HAND.read_text("utf-8").splitlines()
    truth = {row["id"]: row for row in map(json.loads, lines) if row["id"] in found}
    figures: dict[str, Any] = {"read_n": len(truth)}
    for kind in ("uscc", "party", "fine", "articles") if truth else ():
        hits = predicted = true = 0
        for decision, row in truth.items():
            marks = {mark(decision, kind, value) for value in values(found[decision])[kind]}
            hits += len(marks & set(row[kind]))
            predicted, true = predicted + len(marks), true + len(row[kind])
        figures |= {
            f"read_{kind}_n": true,
            f"read_{kind}_recall": hits / true,
            f"read_{kind}_precision": hits / predicted if predicted else 0.0,
        }
    return figures


def _codes_found(text: str, found: Entities) -> Iterable[bool]:
    known = {code.value for code in found.uscc}
    return [code in known for code in _CODE_LINE.findall(text)]


def _party_found(text: str, found: Entities) -> Iterable[bool]:
    """Whether the name of the labelled line is found; a long name goes on in the next line."""
    line = _PARTY_LINE.search(text)
    name = _bare(str(found.party.value)) if found.party else ""
    return [name.startswith(_bare(line[1]).rstrip("。"))] if line else []


def _fines_found(text: str, found: Entities) -> Iterable[bool]:
    sums = [float(fine.value) for fine in found.fines]
    return [any(abs(known - fine) < 0.01 for known in sums) for fine in _operative_fines(text)]


def _articles_found(text: str, found: Entities) -> Iterable[bool]:
    return [i < len(found.articles) for i in range(len(_CITED.findall(_bare(text))))]


def _amounts_agree(text: str, _found: Entities) -> Iterable[bool]:
    both = _BOTH_FORMS.findall(_bare(text))
    return [entities.amount(words) == entities.amount(digits.strip(",.")) for words, digits in both]


# Of what a decision prints, one answer each: whether it is found.
_PRINTED: dict[str, Callable[[str, Entities], Iterable[bool]]] = {
    "uscc": _codes_found,
    "party": _party_found,
    "fine": _fines_found,
    "articles": _articles_found,
    "amount_agrees": _amounts_agree,
}


def evaluate(path: Path) -> dict[str, Any]:
    """Figures against the reading, then shares of printed facts found, each with how many were
    printed. Raises BadFile."""
    decisions = rows.read(path, {"text": str})
    found = [entities.extract(row["text"]) for row in decisions]
    half_width = [unicodedata.normalize("NFKC", row["text"]) for row in decisions]
    codes = [code for one in found for code in one.uscc]
    by_id = {str(row["id"]): one for row, one in zip(decisions, found, strict=True) if "id" in row}
    result: dict[str, Any] = {"n": len(decisions), **_against_reading(by_id)}
    result["uscc_printed"] = len(codes)
    result["uscc_valid"] = sum(code.valid for code in codes)
    for name, check in _PRINTED.items():
        flags = [
            flag for text, one in zip(half_width, found, strict=True) for flag in check(text, one)
        ]
        result[f"{name}_n"] = len(flags)
        result[name] = sum(flags) / len(flags) if flags else 0.0
    return result
