"""The counts of the queue's tabs, kept as differences.

The trigger `tally_case` (migration 0023) inserts a row of +1 or -1 for each change of a case, in
the transaction of the change: the sum of the rows is always right, and no two changes wait for
one counter row. `fold` compacts the rows of each tab from time to time.
"""

from __future__ import annotations

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from models import CaseTally

MANY = 500  # rows that are worth compacting

_FOLD = text("""
    WITH gone AS (DELETE FROM case_tally RETURNING kind, stage, parked_until, platform, n)
    INSERT INTO case_tally (kind, stage, parked_until, platform, n)
    SELECT kind, stage, parked_until, platform, sum(n) FROM gone
    GROUP BY kind, stage, parked_until, platform HAVING sum(n) <> 0
""")
_RECOUNT = text("""
    INSERT INTO case_tally (kind, stage, parked_until, platform, n)
    SELECT kind, stage, parked, platform, count(*)
    FROM (
        SELECT kind, stage, CASE WHEN stage = 'waiting' THEN parked_until END AS parked,
               unnest(array_prepend('', ARRAY(SELECT jsonb_object_keys(spread)))) AS platform
        FROM "case"
    ) AS each
    GROUP BY kind, stage, parked, platform
""")


def fold(session: Session) -> None:
    """Compact to one row for each tab, kind and platform; readers see the rows before or after."""
    if (session.scalar(select(func.count()).select_from(CaseTally)) or 0) > MANY:
        session.execute(_FOLD)


def recount(session: Session) -> None:
    """Recount from the cases: after they were written with triggers disabled."""
    session.execute(delete(CaseTally))
    session.execute(_RECOUNT)
