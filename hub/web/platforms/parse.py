"""Bytes to validated models, rejecting everything JSON parsers disagree about.

A document that two parsers read differently can smuggle a forged field, so duplicate keys, NaN,
lone surrogates and the like are rejected, each with an error code of its own.
"""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from hub.config import CLOCK_TOLERANCE
from hub.problems import FieldError, Problem

M = TypeVar("M", bound=BaseModel)
MAX_DEPTH = 32
_SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")

# What to send instead, by pydantic's error type; the rest name the expected type.
_SEND = {
    "missing": "this field; it is required",
    "string_type": "a string",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "list_type": "an array",
    "dict_type": "an object",
    "model_type": "an object",
    "string_too_long": "a shorter string",
    "string_too_short": "a longer string",
    "string_pattern_mismatch": "1 to 128 characters without spaces",
    "too_long": "fewer items",
    "too_short": "more items",
}


def strict_json(raw: bytes) -> dict[str, Any]:
    """The JSON object in `raw`. Raises Problem 400 naming what is wrong with it."""
    try:
        document = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _malformed("bad_utf8", f"The body is not UTF-8 at byte {error.start}.") from None
    if raw.startswith(b"\xef\xbb\xbf"):
        raise _malformed("not_json", "The body starts with a byte order mark.")
    _check_depth(document)
    try:
        parsed = json.loads(
            document,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_finite,
        )
    except json.JSONDecodeError as error:
        detail = f"Not JSON at line {error.lineno} column {error.colno}: {error.msg}."
        raise _malformed("not_json", detail) from None
    except ValueError:  # int() refuses more than 4,300 digits
        raise _malformed("number_too_long", "A number has too many digits.") from None
    if not isinstance(parsed, dict):
        raise _malformed("not_an_object", "The body must be a JSON object.")
    if _SUSPECT.search(raw):
        _check_characters(parsed)
    return parsed


def validated(model: type[M], data: Any, path: str) -> M:
    """`data` as `model`. Raises Problem 422 with one error per invalid field under `path`."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise Problem(
            422,
            "invalid_fields",
            f"{error.error_count()} field(s) were missing or wrong.",
            [_field_error(e, path) for e in error.errors(include_url=False)[:20]],
        ) from None


def not_in_future(moment: datetime, path: str) -> None:
    """Raises Problem 422 when `moment` lies beyond the clock tolerance."""
    if moment > datetime.now(UTC) + timedelta(seconds=CLOCK_TOLERANCE):
        error = FieldError(path, "lies in the future", "the time it happened, with its offset")
        raise Problem(422, "time_in_future", "A time lies in the future.", [error])


def unknown_fields(model: BaseModel, path: str) -> list[str]:
    """Paths of fields that are not in the contract, in `model` and its nested models."""
    found = [f"{path}.{name}" for name in (model.model_extra or {})]
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            found += unknown_fields(value, f"{path}.{name}")
    return found


def _malformed(code: str, detail: str) -> Problem:
    return Problem(400, code, detail)


def _check_depth(document: str) -> None:
    """Reject deep nesting before the parser recurses into it. Raises Problem 400."""
    depth, in_string, escaped = 0, False, -1
    if document.count("[") + document.count("{") <= MAX_DEPTH:
        return
    for token in re.finditer(r'[\[\]{}"\\]', document):
        c, at = token.group(), token.start()
        if in_string:
            if c == "\\" and escaped != at:
                escaped = at + 1  # the next character is escaped
            elif c == '"' and escaped != at:
                in_string = False
        elif c == '"':
            in_string = True
        elif c in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise _malformed("too_deep", f"Nested deeper than {MAX_DEPTH} levels.")
        elif c in "]}":
            depth -= 1


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(n for n in names if names.count(n) > 1)
        raise _malformed("duplicate_key", f"The key {repeated[:64]!r} stands twice in one object.")
    return found


def _no_constant(name: str) -> NoReturn:
    raise _malformed("not_a_number", f"{name} is not JSON.")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _malformed("not_a_number", "A number is too large.")
    return number


def _check_characters(value: Any) -> None:
    """Reject lone surrogates and NUL, which PostgreSQL and UTF-8 cannot represent."""
    if isinstance(value, str):
        if "\x00" in value:
            raise _malformed("nul_character", "A string holds the NUL character.")
        if any("\ud800" <= c <= "\udfff" for c in value):
            raise _malformed("lone_surrogate", "A string holds a lone surrogate.")
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_characters(key)
            _check_characters(item)
    elif isinstance(value, list):
        for item in value:
            _check_characters(item)


def _field_error(error: Any, path: str) -> FieldError:
    where = path
    for step in error["loc"]:
        where += f"[{step}]" if isinstance(step, int) else f".{step}"
    kind = error["type"]
    problem = error["msg"].removeprefix("Value error, ")
    if kind == "literal_error":
        send = f"one of {error['ctx']['expected']}"
    elif kind == "value_error":
        send = problem
    else:
        send = _SEND.get(kind, "a value as in /docs")
    return FieldError(where.lstrip("."), problem, send)
