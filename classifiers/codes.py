"""Numbers with check digits: credit codes, registration numbers, licences.

A code that fails is still reported, with the reason and, where one misread character explains
it, the code that was probably meant. A suggestion is for a person to confirm.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_10

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I O S V Z
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

# Letters that no credit code contains, and the character each is mistaken for.
_IMPOSSIBLE = str.maketrans({"O": "0", "I": "1", "S": "5", "Z": "2", "V": "U"})
_ALIKE = ("0DQ", "1L7", "2Z", "5S", "6G", "8B", "UVY", "MN", "CG", "EF", "HN", "PR", "KX")
_LOOKALIKES = {
    char: {other for group in _ALIKE if char in group for other in group}
    & set(USCC_ALPHABET) - {char}
    for char in USCC_ALPHABET
}


@dataclass(frozen=True)
class UsccCheck:
    """Whether a credit code can exist, and if not, why (Chinese, for the officer).

    `suggestion` is the valid code one confusion of similar characters away, if any.
    """

    ok: bool
    reason: str | None = None
    suggestion: str | None = None


def check_uscc(code: str) -> UsccCheck:
    """Check length, alphabet and both check characters of a unified social credit code.

    Check character of the whole by GB 32100-2015, of the organisation code in characters 9 to 17
    by GB 11714 (modulus 11). `uscc.validate` knows only the first, and refuses the codes that
    begin with a letter (N: rural collectives).
    """
    code = code.strip().upper()
    reason = _fault(code)
    return UsccCheck(reason is None, reason, repair_uscc(code) if reason else None)


def _fault(code: str) -> str | None:
    if len(code) != 18:
        return f"应为18位，实为{len(code)}位"
    strange = sorted(set(code) - set(USCC_ALPHABET))
    if strange:
        return f"含有不允许的字符：{''.join(strange)}"
    if uscc.calc_check_digit(code[:17]) != code[17]:
        return "校验码不符（GB 32100-2015）"
    if organisation_check(code[8:16]) != code[16]:
        return "组织机构代码校验码不符（GB 11714）"
    return None


def organisation_check(body: str) -> str:
    """Check character of the eight-character organisation code (GB 11714, A = 10 ... Z = 35)."""
    total = sum(
        int(char, 36) * weight for char, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True)
    )
    return "0123456789X0"[11 - total % 11]


def repair_uscc(code: str) -> str | None:
    """The one valid code that `code` becomes by correcting misread characters; None if none or
    several.

    First all letters that no code contains are read as their lookalikes (O as 0, I as 1 ...);
    then at most one further character is exchanged for a lookalike.
    """
    code = code.strip().upper()
    plain = code.translate(_IMPOSSIBLE)
    if len(code) != 18 or not plain.isascii() or set(plain) - set(USCC_ALPHABET):
        return None
    if plain != code and _fault(plain) is None:
        return plain
    valid = [candidate for candidate in _one_sign_off(plain) if _fault(candidate) is None]
    return valid[0] if len(valid) == 1 else None


def _one_sign_off(code: str) -> set[str]:
    """The codes that differ from this one by one character, exchanged for a lookalike."""
    return {
        code[:place] + other + code[place + 1 :]
        for place, char in enumerate(code)
        for other in _LOOKALIKES.get(char, ())
    }


def registration_valid(number: str) -> bool:
    """Whether a 15-digit registration number passes its check digit (ISO 7064, MOD 11,10)."""
    return re.fullmatch(r"[0-9]{15}", number) is not None and mod_11_10.is_valid(number)


# --- licences ----------------------------------------------------------------------------


@dataclass(frozen=True)
class FoundLicence:
    """A licence number at [start, end) of a view: its kind in Chinese, itself in upper case.

    `valid` is the result of its check digit, None where it has none or none is published.
    """

    start: int
    end: int
    kind: str
    number: str
    valid: bool | None


_NO = r"\s*(?:编?号码?)?\s*(?:为|是)?\s*:?\s*"
# (kind, pattern); the number is the last group.
_LICENCES = (
    ("营业执照注册号", rf"(?:注册号|营业执照(?:编号|号码?)?)[)\]]?{_NO}(\d{{15}})(?!\d)"),
    ("食品经营许可证", r"(jy\s?[123]\d{13})(?!\d)"),
    ("食品生产许可证", r"(sc\s?\d{14})(?!\d)"),
    ("小作坊小餐饮登记", r"((?:jyj|hdj|xc|yb)\s?\d{14})(?!\d)"),
    ("药品批准文号", r"((?:国药准字|国药试字|进口药品注册证号?)\s?[hzsjbtf]c?\d{8})(?!\d)"),
    (
        "医疗器械注册或备案",
        r"((?:国|[一-龥])(?:[一-龥]{0,2})(?:食药监)?械(?:备|注准|注进|注许)\s?\d{8,15}号?"
        r"|国食药监械\((?:准|进|许)\)字\s?\d{4}第\d{7}号)",
    ),
    ("医疗器械经营或生产许可", r"([一-龥]{1,3}(?:食药监)?械(?:经营|生产)(?:许|备)\s?\d{8,12}号?)"),
    ("保健食品批准文号", r"((?:国食健字|卫食健字|食健备)\s?[gj]?\(?\d{4}\)?(?:第)?\d{4,8}号?)"),
    ("化妆品批准文号", r"((?:国妆[特备网]\w{0,3}字|卫妆[特备]字)\s?[gj]?\d{8,12})"),
    (
        "卫生许可证",
        r"(\([一-龥]{1,2}\)卫消证字\(\d{4}\)第\d{4}号|[一-龥]{1,4}卫[一-龥]{0,2}证字\[?\d{4}\]?第\d{3,8}号)",
    ),
    ("许可证", rf"许可证(?:书)?{_NO}([a-z]{{0,4}}\d[0-9a-z-]{{7,24}})(?![0-9a-z])"),
)
_LICENCE_PATTERNS = tuple((kind, re.compile(pattern)) for kind, pattern in _LICENCES)


def licences(view: str) -> Iterator[FoundLicence]:
    """Licence and registration numbers in order; overlapping matches count for the first kind
    only."""
    found: list[FoundLicence] = []
    taken = bytearray(len(view))
    for kind, pattern in _LICENCE_PATTERNS:
        for match in pattern.finditer(view):
            start, end = match.span(1)
            if any(taken[start:end]):
                continue
            taken[start:end] = b"x" * (end - start)
            number = re.sub(r"\s", "", match[1]).upper()
            valid = registration_valid(number) if kind == "营业执照注册号" else None
            found.append(FoundLicence(start, end, kind, number, valid))
    yield from sorted(found, key=lambda one: one.start)
