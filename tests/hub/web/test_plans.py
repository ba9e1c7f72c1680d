"""What an officer opens, and what is done each second and each minute, reads no growing table
whole: there is an index for every question, so that the pages of the tenth year are as quick."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import Connection, event, text

from hub.database import _engine_at_once, at_once, engine
from hub.jobs import remind, sweep

# Tables that stay small whatever comes in, and short lists of what is open.
SMALL = {
    "platform", "user", "allowance", "weighing",  # as many as there are of those
    "case_tally", "day_count",  # sums, folded
    "warning", "debunk", "paper_import", "shared_value",  # lists shown whole
}  # fmt: skip
_READS = re.compile(r"\s*(SELECT|WITH|UPDATE|DELETE)\b")
_SCAN = re.compile(r"Seq Scan on \"?(\w+)")


@pytest.fixture
def asked():
    """Statement to its values, of all that is asked meanwhile."""
    kept: dict[str, object] = {}

    def note(_conn, _cursor, statement: str, values, _context, many: bool) -> None:
        if not many and _READS.match(statement):
            kept.setdefault(statement, values)

    engines = engine(), _engine_at_once()
    for each in engines:
        event.listen(each, "before_cursor_execute", note)
    yield kept
    for each in engines:
        event.remove(each, "before_cursor_execute", note)


def scanned(connection: Connection, statement: str, values: object) -> set[str]:
    """The growing tables that PostgreSQL can but read whole for this statement."""
    cursor = connection.connection.cursor()
    cursor.execute("EXPLAIN " + statement, values)
    return {m[1] for (line,) in cursor for m in _SCAN.finditer(line)} - SMALL


def whole_reads(asked: dict[str, object]) -> list[tuple[set[str], str]]:
    """Every statement of `asked` that an index cannot answer, and the tables it reads."""
    statements = list(asked.items())
    with at_once() as connection:
        connection.execute(text("SET enable_seqscan = off"))
        found = [(scanned(connection, said, values), said) for said, values in statements]
        connection.execute(text("RESET enable_seqscan"))
    return [(tables, said) for tables, said in found if tables]


def test_a_whole_read_is_noticed(asked, clean_db):
    with engine().connect() as connection:
        connection.execute(text("SELECT id FROM report WHERE text = 'x'"))
    assert [tables for tables, _ in whole_reads(asked)] == [{"report"}]


def test_no_page_of_the_desk_reads_a_growing_table_whole(desk, rumor, merchant, asked):
    clerk = desk("clerk")
    paths = [
        "/queue", "/queue?state=all&page=2", "/queue?state=dismissed", "/queue?platform=jd",
        "/queue?region=11&clock=soon", "/queue?about=v:price_gouging", "/queue?q=口罩",
        "/queue?q=91110102MA4712GN19", "/warnings", "/prices", "/reviews", "/merchants",
        "/merchants?q=康宁",
        f"/cases/{rumor.id}", f"/cases/{merchant.id}", f"/merchants/{merchant.subject_id}",
    ]  # fmt: skip
    for path in paths:
        assert clerk.get(path).status_code == 200, path
    assert len(asked) > 60
    assert whole_reads(asked) == []


def test_no_list_beside_the_queue_reads_a_growing_table_whole(desk, merchant, asked):
    for who, paths in {
        "approver": ("/stats", "/denylist", "/overdue", "/merchants/shared"),
        "auditor": ("/audit", "/audit/viewings", "/denylist/versions"),
    }.items():
        officer = desk(who)
        for path in paths:
            assert officer.get(path).status_code == 200, path
    assert len(asked) > 20
    assert whole_reads(asked) == []


def test_nothing_done_each_second_or_minute_reads_a_growing_table_whole(rumor, merchant, asked):
    sweep.sweep()
    sweep.weigh()
    remind.drain()
    assert len(asked) > 20
    assert whole_reads(asked) == []
