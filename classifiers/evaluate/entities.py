"""Facts found in penalty decisions: {"text"}, against what their fixed layout prints.

No one labelled these decisions. What counts as printed is read by plain layout rules of this
file, apart from the extractor's own: the labelled line of the credit code and of the party, the
sum in the operative part, every title in 《》 followed by an article. So these are shares of
printed facts found, not accuracy against a person's reading. One figure needs no layout: where
an amount is printed in characters and in figures, both must give the same value.
"""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from classifiers import entities
from classifiers.entities import Entities
from classifiers.evaluate import rows

_CODE_LINE = re.compile(r"统一社会信用代码[^:\n]{0,8}:\s*([0-9A-Z]{18})(?![0-9A-Z])")
_PARTY_LINE = re.compile(r"^\s*当事人\s*:[ \t　]*([^\n,;:*]{2,40}?)\s*;?\s*$", re.MULTILINE)
_OPERATIVE = re.compile(
    r"(?:处罚|处理)(?:决定)?(?:如下)?:(?!.*(?:处罚|处理)(?:决定)?(?:如下)?:)", re.DOTALL
)
_OPERATIVE_FINE = re.compile(r"罚款[^0-9元]{0,16}?([0-9][0-9,.]*)元")
_BOTH_FORMS = re.compile(r"([零壹贰叁肆伍陆柒捌玖拾佰仟万]{2,14})元?整?\(¥?([0-9][0-9,.]*)元?\)")
_CITED = re.compile(r"》(?:\([^()]{0,30}\))?第[一二三四五六七八九十百零0-9]{1,6}条")


def _share(found: Iterable[bool]) -> tuple[int, float]:
    """How many there were, and what share of them is true."""
    flags = list(found)
    return len(flags), sum(flags) / len(flags) if flags else 0.0


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


def _party_found(printed: str, found: Entities) -> bool:
    return found.party is not None and _bare(str(found.party.value)) == _bare(printed)


def evaluate(path: Path) -> dict[str, Any]:
    """Shares of printed facts found, each with how many were printed. Raises BadFile."""
    texts = [row["text"] for row in rows.read(path, {"text": str})]
    found = [entities.extract(text) for text in texts]
    half_width = [unicodedata.normalize("NFKC", text) for text in texts]
    pairs = list(zip(half_width, found, strict=True))
    codes = [code for one in found for code in one.uscc]
    kinds: dict[str, Iterable[bool]] = {
        "uscc": (
            code in {c.value for c in one.uscc}
            for text, one in pairs
            for code in _CODE_LINE.findall(text)
        ),
        "party": (
            _party_found(line[1], one) for text, one in pairs if (line := _PARTY_LINE.search(text))
        ),
        "fine": (
            any(abs(float(f.value) - fine) < 0.01 for f in one.fines)
            for text, one in pairs
            for fine in _operative_fines(text)
        ),
        "articles": (
            i < len(one.articles)
            for text, one in pairs
            for i in range(len(_CITED.findall(_bare(text))))
        ),
        "amount_agrees": (
            entities.amount(words) == entities.amount(figures.strip(",."))
            for text in texts
            for words, figures in _BOTH_FORMS.findall(_bare(text))
        ),
    }
    result: dict[str, Any] = {"n": len(texts), "uscc_printed": len(codes)}
    result["uscc_valid"] = sum(code.valid for code in codes)
    for name, flags in kinds.items():
        result[f"{name}_n"], result[name] = _share(flags)
    return result
