"""Reading JSON Lines files with precise error messages."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

Fields = Mapping[str, type | tuple[type, ...]]


class BadFile(Exception):
    """A file that cannot be evaluated; the message names the line and the field."""


def read(
    path: Path, fields: Fields, choices: Mapping[str, Collection[Any]] | None = None
) -> list[dict[str, Any]]:
    """Rows of `path`, each holding `fields` of these types; blank lines are skipped.

    `choices` bounds the values of a field. Raises BadFile when the file cannot be read, holds
    no row, or a line is not an object with those fields.
    """
    try:
        # Not splitlines: a text may contain U+2028, which does not end a JSON line.
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile(f"{path}: cannot be read as UTF-8 text ({error})") from error
    rows = [
        _row(f"{path}:{number}", line, fields, choices or {})
        for number, line in enumerate(lines, 1)
        if line.strip()
    ]
    if not rows:
        raise BadFile(f"{path}: holds no row")
    return rows


def _row(
    where: str, line: str, fields: Fields, choices: Mapping[str, Collection[Any]]
) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadFile(f"{where}: not JSON ({error})") from error
    if not isinstance(row, dict):
        raise BadFile(f"{where}: a JSON object is needed, not {type(row).__name__}")
    for name, kind in fields.items():
        if name not in row:
            raise BadFile(f"{where}: field {name!r} is missing")
        if not isinstance(row[name], kind):
            raise BadFile(
                f"{where}: field {name!r} is {type(row[name]).__name__}, not {_words(kind)}"
            )
    for name, allowed in choices.items():
        if row[name] not in allowed:
            listed = ", ".join(map(str, allowed))
            raise BadFile(f"{where}: field {name!r} is {row[name]!r}, not one of {listed}")
    return row


def _words(kind: type | tuple[type, ...]) -> str:
    kinds = kind if isinstance(kind, tuple) else (kind,)
    return " or ".join("null" if k is type(None) else k.__name__ for k in kinds)
