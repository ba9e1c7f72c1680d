"""A received report under a worker's lease, and what the worker knows about it so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.services.reports.reading import Reading
from models import Case, Wording


@dataclass(eq=False)
class Leased:
    """`epoch` fences the lease; `whole` is the text that is matched and classified, `key` that of
    its wording.

    `reading` stays None for a copy of a known wording. The fields after it are
    set by settling.
    """

    id: int
    epoch: int
    platform_id: int
    slug: str
    external_id: str
    version: int
    kind: str
    text: str
    payload: dict[str, Any]
    received_at: datetime
    whole: str
    key: str
    reading: Reading | None = None
    merchant_id: int | None = None
    wording: Wording | None = None
    case: Case | None = None
    opened: bool = False  # whether the case was opened for it

    @property
    def of_merchant(self) -> bool:
        """Whether it belongs to its merchant's case, not to a rumor's."""
        return self.kind == "violation" and self.merchant_id is not None
