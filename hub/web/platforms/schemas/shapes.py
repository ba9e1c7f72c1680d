"""Field types that the contract's models share."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

_RFC3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})\Z", re.ASCII
)


def _rfc3339(value: Any) -> Any:
    if not isinstance(value, str) or not _RFC3339.match(value):
        raise ValueError("must be RFC 3339 with an offset, such as 2020-02-20T09:30:00+08:00")
    return value


def has_text(value: str) -> str:
    """The value, if it is not blank. Raises ValueError."""
    if not value.strip():
        raise ValueError("must hold some text")
    return value


def sha256_hex(value: str) -> str:
    """The value, if 64 hexadecimal digits. Raises ValueError."""
    if not re.fullmatch(r"[0-9A-Fa-f]{64}", value):
        raise ValueError("must be 64 hexadecimal digits, made as docs/platforms/contract.md says")
    return value


Moment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_rfc3339)]
OwnId = Annotated[
    str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^\s\x00-\x1f]+$")
]
Line = Annotated[str, StringConstraints(max_length=500)]
Url = Annotated[str, StringConstraints(max_length=2000)]
JointHash = Annotated[
    str, AfterValidator(sha256_hex), Field(json_schema_extra={"pattern": "^[0-9A-Fa-f]{64}$"})
]
SomeText = Annotated[str, StringConstraints(max_length=60_000), AfterValidator(has_text)]


class Part(BaseModel):
    """Unknown fields are kept with the report and named in the answer's warnings."""

    model_config = ConfigDict(extra="allow", strict=True)
