"""Masking 脱敏 of personal numbers in free text: telephone, identity-card and bank-card numbers.

Every masked character becomes one `*`, so that positions in the text stay valid.
A merchant's own codes (credit code, licence, shop id) are not personal data and stay.
"""

from __future__ import annotations

import re
from typing import Any

_GAP = r"[-\s.·\u200b-\u200f\u2060\ufeff]?"  # what people and evaders insert between digits
_DATE = r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_PERSONAL = re.compile(
    rf"(?<!\d)[1-8]\d{{5}}{_DATE}\d{{3}}[\dXxＸ](?![0-9A-Za-z])"  # identity card, GB 11643
    rf"|(?<!\d)(?:86{_GAP})?[1１](?:{_GAP}[3-9３-９])(?:{_GAP}\d){{9}}(?!\d)"  # mobile
    r"|(?<!\d)0\d{2,3}[-\s]\d{7,8}(?!\d)"  # landline
    rf"|(?<!\d)1[3-9](?:{_GAP}\d){{5,8}}\Z"  # a mobile that the end of a title cut short
    rf"|(?<!\d)62\d{{2}}(?:{_GAP}\d){{12,15}}(?!\d)"  # bank card
)
_KEPT_FRONT, _KEPT_END = 3, 2  # digits kept to distinguish two numbers
HIDDEN = "***"


def mask(text: str) -> str:
    """`text` with personal numbers masked, of the same length."""
    return _PERSONAL.sub(_starred, text)


def _starred(found: re.Match[str]) -> str:
    return starred(found[0])


def starred(number: str) -> str:
    """A number with all but its first and last few digits hidden."""
    digits = [i for i, c in enumerate(number) if c.isalnum()]
    hidden = set(digits[_KEPT_FRONT:-_KEPT_END])
    return "".join("*" if i in hidden else c for i, c in enumerate(number))


def mask_all(value: Any) -> Any:
    """`mask` in every text of a JSON value."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, list):
        return [mask_all(each) for each in value]
    if isinstance(value, dict):
        return {key: mask_all(each) for key, each in value.items()}
    return value


def reporter(reporter: dict[str, Any]) -> dict[str, Any]:
    """The reporter without the reference that would identify the person."""
    return {key: HIDDEN if key != "kind" and each else each for key, each in reporter.items()}
