"""Search must not reveal what pages mask: the digits of persons' numbers.

A word with digits is searched in the text without its long numbers, so that nobody can guess a
masked number digit by digit. A complete number is found as a whole: in texts that contain it, and
by its keyed hash among merchants' identities.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from sqlalchemy import ColumnElement, Text, func, literal, select

from hub.services.privacy import identities
from models import Case, Identity

# What `masking` masks, and more: normalised wordings have lost the punctuation between numbers.
# PostgreSQL's \d and [[:space:]] depend on the locale, hence the ranges.
_D = "[0-9０-９٠-٩۰-۹𝟎-𝟿]"
_GAP = "[-\\s.·\u00a0\u2000-\u200f\u2060\u3000\ufeff]?"
_LONG = (
    f"(?:{_D}{{9,}}"
    f"|[1１]{_GAP}{_D}(?:{_GAP}{_D}){{9}}"  # mobile
    f"|62{_D}{_D}(?:{_GAP}{_D}){{12,15}}"  # bank card
    f"|0{_D}{{2,3}}[-\\s]{_D}{{7,8}}"  # landline
    f"|[1１]{_D}(?:{_GAP}{_D}){{5,8}}$"  # a mobile that the end of a title cut short
    # And the digits that follow: another number may begin within the first.
    f")(?:{_GAP}{_D})*[xXＸ]?"
)
_WHOLE = re.compile(r"[0-9]{9,19}[0-9x]?")
_BETWEEN = re.compile(r"(?<=\d)[-\s.·]+(?=\d)")
_KINDS = ("phone", "id_number", "payout_account")


def whole(q: str) -> str | None:
    """`q` as one run of digits if it is a complete number, else None; fewer than nine digits are
    no person's number and never masked."""
    plain = unicodedata.normalize("NFKC", q).strip().lower()
    digits = re.sub(r"^(?:\+|00)?86(?=1\d{10}$)", "", _BETWEEN.sub("", plain))
    return digits if _WHOLE.fullmatch(digits) else None


def shown(text: Any) -> ColumnElement[str]:
    """`text` without its long numbers."""
    return func.regexp_replace(text, literal(_LONG, Text), "*", "g")


def contains_number(text: Any, number: str) -> ColumnElement[bool]:
    """Whether `text` contains `number` as a whole."""
    alone = f"(?<![0-9])(?:86)?{number}(?![0-9x])"
    return func.lower(text).op("~")(literal(alone, Text))


def holders(number: str) -> ColumnElement[bool]:
    """The cases of merchants with this number among their identities, by its keyed hashes."""
    known = []
    for kind in _KINDS:
        normal = identities.normal(kind, number)
        if normal:
            known += identities.stored_hashes(kind, identities.joint_hash(kind, normal))
    of = select(Identity.merchant_id).where(Identity.kind.in_(_KINDS), Identity.value.in_(known))
    return Case.merchant_id.in_(of)
