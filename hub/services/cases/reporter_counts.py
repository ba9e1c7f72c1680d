"""How many different people reported a case 举报人.

Cases with few reports are counted whenever reports come or go, others during a trust round, so
that neither a worker nor a page ever reads thousands of reports for it. An anonymous report counts
as one person; one name on two platforms as two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from models import Case
from models.states import COUNTED, in_sql

FEW = 50  # reports up to which a case is counted at once
LOWEST = 256  # hashes kept of a case too large for one step: an estimate within some 6%
REPORTER = "coalesce(r.payload->'reporter'->>'ref', r.id::text)"  # of `report r`
_COUNTED = f"r.state IN {in_sql(COUNTED)}"
_PEOPLE = text(f"""
    SELECT r.case_id, count(*) AS n, count(DISTINCT (r.platform_id, {REPORTER})) AS people
    FROM report r WHERE r.case_id = ANY(:cases) AND {_COUNTED} GROUP BY r.case_id
""")
# The lowest hashes of a case's reporters, a sketch that can be merged over many hours.
_HASHES = text(f"""
    SELECT DISTINCT hashtextextended(r.platform_id || ' ' || {REPORTER}, 0) AS hash
    FROM report r
    WHERE r.case_id = :case AND {_COUNTED}
        AND r.received_at >= :since AND r.received_at < :until
    ORDER BY hash LIMIT :lowest
""")


def count_few(session: Session, cases: Iterable[Case]) -> None:
    """Count the reporters of those of `cases` that have FEW reports or less. Call when their
    reports are written."""
    few = {case.id: case for case in cases if case.demand <= FEW}
    if not few:
        return
    session.flush()
    for row in session.execute(_PEOPLE, {"cases": list(few)}):
        few[row.case_id].reporters = counted(row.people, row.n)


def counted(people: int, of: int, about: bool = False) -> dict[str, Any]:
    """As stored with a case: the number of people among `of` reports; `about`: an estimate."""
    return {"people": people, "of": of, "about": about}


def lowest(
    session: Session, case_id: int, known: Sequence[int], since: str, until: str
) -> list[int]:
    """The lowest hashes of a case's reporters: of the `known` ones and those of a period."""
    asked = {"case": case_id, "since": since, "until": until, "lowest": LOWEST}
    return sorted({*known, *session.scalars(_HASHES, asked)})[:LOWEST]


def estimate(hashes: Sequence[int]) -> int:
    """The number of distinct values whose lowest LOWEST signed 64-bit hashes are these: exact
    with fewer of them, else estimated by k minimum values (Bar-Yossef et al. 2002)."""
    if len(hashes) < LOWEST:
        return len(hashes)
    return round((LOWEST - 1) * 2**64 / (hashes[-1] + 2**63))
