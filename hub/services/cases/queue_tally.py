"""The queue's tabs, counted as they change.

The trigger `tally_case` (migration 0023) writes what each change of a case adds to or takes from
its tab, in the transaction of the change: so the sum of the rows is right at every moment, and
no two changes wait for one counter. `fold` puts the rows of each tab together now and then.
"""

from __future__ import annotations

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from models import CaseTally

MANY = 500  # rows that are worth folding

_FOLD = text("""
    WITH gone AS (DELETE FROM case_tally RETURNING kind, stage, parked_until, platform, n)
    INSERT INTO case_tally (kind, stage, parked_until, platform, n)
    SELECT kind, stage, parked_until, platform, sum(n) FROM gone
    GROUP BY kind, stage, parked_until, platform HAVING sum(n) <> 0
""")
_ANEW = text("""
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
    """One row for each tab, kind and platform again. A reader sees all rows before or after."""
    if (session.scalar(select(func.count()).select_from(CaseTally)) or 0) > MANY:
        session.execute(_FOLD)


def anew(session: Session) -> None:
    """Count the cases themselves: after they were written with the triggers asleep."""
    session.execute(delete(CaseTally))
    session.execute(_ANEW)
