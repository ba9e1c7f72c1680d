"""What an officer opens, and what is done each second and each minute, reads no growing table
whole: there is an index for every question, so that the pages of the tenth year are as quick."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import Connection, event, text

from hub.database import ENGINES, autocommit, engine
from hub.jobs import remind, sweep
from hub.services.openness import open_data
from hub.services.people import accounts
from hub.services.platforms import outbox
from hub.web.public import cache
from tests.hub.conftest import report_data
from tests.hub.web import seed

# Tables that stay small whatever comes in, and short lists of what is open.
SMALL = {
    "platform", "user", "allowance", "weighing",  # as many as there are of those
    "case_tally", "day_count",  # sums, folded
    "warning", "debunk", "paper_import", "shared_value",  # lists shown whole
}  # fmt: skip
_READS = re.compile(r"\s*(SELECT|WITH|UPDATE|DELETE)\b")
_SCAN = re.compile(r"Seq Scan on \"?(\w+)")


@pytest.fixture
def asked(clean_db):
    """Statement to its values, of all that is asked meanwhile."""
    kept: dict[str, object] = {}

    def note(_conn, _cursor, statement: str, values, _context, many: bool) -> None:
        if not many and _READS.match(statement):
            kept.setdefault(statement, values)

    engines = [open_() for open_ in ENGINES]
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
    with autocommit() as connection:
        connection.execute(text("SET enable_seqscan = off"))
        found = [(scanned(connection, said, values), said) for said, values in statements]
        connection.execute(text("RESET enable_seqscan"))
    return [(tables, said) for tables, said in found if tables]


def test_a_whole_read_is_noticed(clean_db, asked):
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
        f"/cases/{rumor.id}", f"/cases/{merchant.id}", f"/merchants/{merchant.merchant_id}",
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
    sweep.compute_trust()
    remind.drain()
    assert len(asked) > 20
    assert whole_reads(asked) == []


def test_no_page_of_a_platform_reads_a_growing_table_whole(desk, session, p, asked):
    accounts.create_engineer(session, "jd-eng", "工程师", p["jd"], seed.PASSWORD)
    sent = outbox.put(session, p["jd"], "report.updated", 1, {"reports": []})
    session.commit()
    engineer = desk("jd-eng")
    asked.clear()
    for path in (
        "", "/deliveries", "/deliveries?state=DEAD&page=2", f"/deliveries/{sent.id}", "/messages",
        "/messages?status=422",
    ):  # fmt: skip
        assert engineer.get(f"/platform{path}").status_code == 200, path
    assert len(asked) > 10
    assert whole_reads(asked) == []


def test_nothing_a_platform_sends_or_asks_reads_a_growing_table_whole(jd, asked):
    jd.report("J-1", "口罩明天全部断货")
    assert jd.report("J-1", "口罩后天全部断货").json["status"] == "new_version"
    several = {"reports": [report_data(f"J-{n}", f"第{n}条") for n in (1, 2)]}
    assert jd.send("report.batch", several).status_code == 202
    token = {"Authorization": f"Bearer {jd.token}"}
    for path in ("/reports/J-1", "/orders", "/denylist", "/recovery", "/response"):
        assert jd.client.get(f"/api/v1{path}", headers=token).status_code == 200, path
    merchants = {"merchants": [{"uscc": "91110102MA4712GN19"}, {"name": "康宁大药房"}]}
    told = jd.client.post("/api/v1/denylist/check", headers=token, json=merchants)
    assert told.status_code == 200, told.json
    assert len(asked) > 12
    assert whole_reads(asked) == []


def test_no_page_for_everybody_reads_a_growing_table_whole(client, rumor, asked):
    cache.forget()
    for path in ("", "/debunks", "/debunks?q=口罩", "/decisions", "/data"):
        assert client.get(f"/public{path}").status_code == 200, path
    for name in open_data.DATA:
        assert client.get(f"/public/data/{name}.json").status_code == 200, name
    assert len(asked) > 5
    assert whole_reads(asked) == []
