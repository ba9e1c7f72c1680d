"""The door: what is taken, what is refused, and that a message counts once."""

from __future__ import annotations

import json
import threading
import time

import pytest
from sqlalchemy import func, select

from hub.outbound import signing
from models import InboundMessage, Report, SecurityEvent
from tests.hub.conftest import report_data


def rows(session, model) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(model))


def test_a_signed_report_is_stored_and_gets_a_receipt(jd, session):
    answer = jd.report("JD-1", "口罩明天全部断货")
    assert answer.status_code == 202
    assert answer.json["report"] == "JD-1" and answer.json["status"] == "received"
    assert answer.json["receipt"].startswith("rc_")
    assert rows(session, InboundMessage) == rows(session, Report) == 1


def test_the_same_message_again_gets_the_same_receipt(jd, session):
    raw = message("JD-1")
    first, second = jd.post(raw, id="same"), jd.post(raw, id="same")
    assert first.json == second.json and second.status_code == 202
    assert rows(session, Report) == 1


def test_the_same_id_with_other_bytes_is_refused_and_remembered(jd, session):
    first = jd.post(message("JD-1"), id="same")
    second = jd.post(message("JD-2"), id="same")
    assert (first.status_code, second.status_code) == (202, 422)
    assert second.json["code"] == "webhook_id_reused"
    assert rows(session, Report) == 1
    assert session.scalar(select(SecurityEvent.kind)) == "webhook_id_reused"


def test_the_same_report_unchanged_is_taken_but_not_doubled(jd, session):
    assert jd.report("JD-1", "一").json["status"] == "received"
    assert jd.report("JD-1", "一").json["status"] == "unchanged"
    assert rows(session, Report) == 1


def test_new_content_of_a_report_is_a_new_version_and_the_old_is_kept(jd, session):
    jd.report("JD-1", "旧的说法")
    assert jd.report("JD-1", "新的说法").json["status"] == "new_version"
    session.rollback()
    kept = session.execute(select(Report.version, Report.text).order_by(Report.version)).all()
    assert [tuple(k) for k in kept] == [(1, "旧的说法"), (2, "新的说法")]


def test_two_platforms_may_use_the_same_report_id_and_webhook_id(platforms, session):
    for sender in platforms.values():
        assert sender.post(message("X-1"), id="same").status_code == 202
    assert rows(session, Report) == 2


def test_ed25519_signatures_are_taken_too(jd, session):
    from hub.services.platforms import keys
    from models import Platform

    private, public = signing.new_keypair()
    platform = session.scalar(select(Platform).where(Platform.slug == "jd"))
    keys.register_public(session, platform, public)
    session.commit()
    raw, now = message("JD-1"), str(int(time.time()))
    answer = jd.post(raw, id="a", timestamp=now, signature=signing.sign_v1a(private, "a", now, raw))
    assert answer.status_code == 202


def test_a_batch_answers_for_each_report(jd, session):
    items = [report_data("B-1", "第一条"), {"report_id": "B-2"}, report_data("B-3", "第三条"), 7]
    answer = jd.send("report.batch", {"reports": items})
    assert answer.status_code == 202
    assert [r["status"] for r in answer.json["reports"]] == [
        "received", "refused", "received", "refused",
    ]  # fmt: skip
    fields = {e["field"] for e in answer.json["reports"][1]["problem"]["errors"]}
    assert "data.reports[1].content" in fields
    assert (answer.json["accepted"], answer.json["refused"]) == (2, 2)
    assert rows(session, Report) == 2


def test_a_report_twice_in_one_batch_counts_once(jd, session):
    same = report_data("B-1", "同一条")
    answer = jd.send("report.batch", {"reports": [same, same]})
    assert [r["status"] for r in answer.json["reports"]] == ["received", "unchanged"]
    assert rows(session, Report) == 1


@pytest.mark.parametrize("n", [0, 501])
def test_a_batch_of_none_or_501_is_refused(jd, session, n):
    answer = jd.send("report.batch", {"reports": [report_data(str(i), "x") for i in range(n)]})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "data.reports"
    assert rows(session, Report) == 0


def test_a_wrong_credit_code_is_kept_and_flagged(jd, session):
    answer = jd.report("JD-1", "假药", kind="violation", subject={"uscc": "91110000000000000X"})
    assert answer.status_code == 202
    assert "uscc" in answer.json["warnings"][0]
    session.rollback()
    assert session.scalar(select(Report.flags)) == ["invalid_uscc"]


def test_an_unknown_field_is_kept_and_named(jd):
    answer = jd.report("JD-1", "文", colour="red", content={"mood": "bad"})
    assert answer.status_code == 202
    assert {w.split(":")[0] for w in answer.json["warnings"]} == {
        "data.colour", "data.content.mood",
    }  # fmt: skip


def test_unknown_platform(client, jd):
    jd.slug = "nobody"
    assert problem(jd.post(message("1")), 404) == "unknown_platform"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"signature": "v1," + "A" * 44}, "bad_signature"),
        ({"signature": "nonsense"}, "malformed_header"),
        ({"signature": "v2,AAAA"}, "malformed_header"),
        ({"timestamp": "1.7e9"}, "malformed_header"),
        ({"timestamp": "17_0000000"}, "malformed_header"),
        ({"timestamp": "12345"}, "malformed_header"),
        ({"timestamp": "１７０００００００００"[:10]}, "malformed_header"),
        ({"id": "has space"}, "malformed_header"),
        ({"id": "x" * 65}, "malformed_header"),
        ({"timestamp": str(int(time.time()) - 310)}, "clock"),
        ({"timestamp": str(int(time.time()) + 40_000)}, "clock"),
    ],
)
def test_headers_are_strict(jd, session, change, code):
    signature = change.get("signature")
    if "timestamp" in change and not change["timestamp"].isascii():
        change["signature"] = signature or "v1,AAAA"
        raw = message("1")
        headers = jd.headers(raw, **change)
        headers = {k: v.encode("utf-8").decode("latin-1") for k, v in headers.items()}
        answer = jd.client.post(f"/webhooks/{jd.slug}", data=raw, headers=headers)
    else:
        answer = jd.post(message("1"), **change)
    assert problem(answer, 401) == code
    assert rows(session, InboundMessage) == 0


def test_a_timestamp_within_the_tolerance_is_taken(jd):
    for i, off in enumerate((-295, 295)):
        answer = jd.post(message(f"T{i}"), timestamp=str(int(time.time()) + off))
        assert answer.status_code == 202


def test_missing_headers_are_named(jd):
    answer = jd.client.post(
        "/webhooks/jd", data=b"{}", headers={"Content-Type": "application/json"}
    )
    assert problem(answer, 401) == "missing_header"
    assert {e["field"] for e in answer.json["errors"]} == {
        "webhook-id", "webhook-timestamp", "webhook-signature",
    }  # fmt: skip


def test_another_platforms_key_does_not_sign_here(platforms, session):
    thief = platforms["weidian"]
    thief.slug = "jd"
    assert problem(thief.post(message("1")), 401) == "bad_signature"
    assert rows(session, SecurityEvent) == 1


def test_one_changed_byte_breaks_the_signature(jd):
    raw = message("JD-1")
    headers = jd.headers(raw)
    answer = jd.client.post("/webhooks/jd", data=raw + b" ", headers=headers)
    assert problem(answer, 401) == "bad_signature"


def test_a_revoked_key_is_refused_within_a_second(jd, session):
    from hub.services.platforms import keys
    from models import Platform

    assert jd.report("JD-1", "一").status_code == 202
    keys.revoke(
        session, session.scalar(select(Platform).where(Platform.slug == "jd")), "inbound_hmac"
    )
    session.commit()
    time.sleep(1)
    assert problem(jd.report("JD-2", "二"), 401) == "bad_signature"


def test_an_old_key_overlaps_after_rotation(jd, session):
    from hub.services.platforms import keys
    from models import Platform

    old = jd.secret
    jd.secret = keys.rotate(
        session, session.scalar(select(Platform).where(Platform.slug == "jd")), "inbound_hmac"
    )
    session.commit()
    keys._access_cache.clear()
    assert jd.report("JD-1", "新钥匙").status_code == 202
    jd.secret = old
    assert jd.report("JD-2", "旧钥匙").status_code == 202


def body(data: str, type_: str = "report.created") -> bytes:
    head = f'{{"type":"{type_}","timestamp":"2020-02-20T00:00:00Z","data":'
    return head.encode() + data.encode("utf-8", "surrogatepass") + b"}"


def with_text(text: str) -> bytes:
    return body(
        '{"report_id":"1","kind":"rumor","reported_at":"2020-02-20T00:00:00Z",'
        '"content":{"text":' + text + "}}"
    )


BAD_BYTES = {
    "empty": (b"", 400, "not_json"),
    "not json": (b"<xml/>", 400, "not_json"),
    "an array": (b"[1]", 400, "not_an_object"),
    "bad utf-8": (with_text('"x"').replace(b'"x"', b'"\xff\xfe"'), 400, "bad_utf8"),
    "raw surrogate bytes": (with_text('"x"').replace(b'"x"', b'"\xed\xa0\x80"'), 400, "bad_utf8"),
    "lone surrogate": (with_text('"\\ud800"'), 400, "lone_surrogate"),
    "nul": (with_text('"a\\u0000b"'), 400, "nul_character"),
    "raw control": (with_text('"a\x00b"'), 400, "not_json"),
    "nan": (with_text("NaN"), 400, "not_a_number"),
    "infinity": (with_text("-Infinity"), 400, "not_a_number"),
    "huge float": (with_text("1e999"), 400, "not_a_number"),
    "5,000 digits": (with_text("9" * 5000), 400, "number_too_long"),
    "duplicate key": (body('{"kind":"rumor","kind":"violation"}'), 400, "duplicate_key"),
    "deep": (body("[" * 100_000 + "]" * 100_000), 400, "too_deep"),
    "bom": (b"\xef\xbb\xbf" + with_text('"x"'), 400, "not_json"),
    "unknown type": (body("{}", "order.issued"), 422, "unknown_type"),
    "type is a number": (body("{}").replace(b'"report.created"', b"1"), 422, "invalid_fields"),
    "no type": (b'{"data":{}}', 422, "invalid_fields"),
    "no text": (with_text('"   "'), 422, "invalid_fields"),
    "text missing": (with_text("null"), 422, "invalid_fields"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_BYTES)
def test_bad_bytes_get_a_named_answer_and_are_quarantined(jd, session, name):
    raw, status, code = BAD_BYTES[name]
    answer = jd.post(raw, id="bad")
    assert problem(answer, status) == code
    assert rows(session, Report) == 0
    # Signed, so it is kept; and the same bytes again get the same answer.
    assert session.scalar(select(InboundMessage.status)) == status
    assert jd.post(raw, id="bad").json == answer.json


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"report_id": ""}, "data.report_id"),
        ({"report_id": 5}, "data.report_id"),
        ({"kind": "gossip"}, "data.kind"),
        ({"reported_at": "2020-02-20T09:30:00"}, "data.reported_at"),
        ({"reported_at": 1582162200}, "data.reported_at"),
        ({"reported_at": "2999-01-01T00:00:00Z"}, "data.reported_at"),
        ({"reported_at": "2020-02-30T00:00:00Z"}, "data.reported_at"),
        ({"content": "text"}, "data.content"),
        ({"reporter": {"kind": "spy"}}, "data.reporter.kind"),
        ({"evidence": {}}, "data.evidence"),
        ({"subject": {"shop_id": "has space"}}, "data.subject.shop_id"),
    ],
)
def test_wrong_fields_are_named_with_what_to_send(jd, session, change, field):
    answer = jd.send("report.created", {**report_data("JD-1", "文"), **change})
    assert answer.status_code == 422
    error = answer.json["errors"][0]
    assert error["field"] == field and error["problem"] and error["send"]
    assert rows(session, Report) == 0


def test_a_missing_field_is_named(jd):
    data = report_data("JD-1", "文")
    del data["kind"]
    answer = jd.send("report.created", data)
    assert answer.json["errors"] == [
        {"field": "data.kind", "problem": "Field required", "send": "this field; it is required"}
    ]


def test_size_limits(jd, session):
    assert problem(jd.report("1", "长" * 90_000), 413) == "too_large"
    huge = b'{"type":"report.batch","x":"' + b"a" * (4 * 1024 * 1024) + b'"}'
    assert problem(jd.post(huge), 413) == "too_large"
    assert rows(session, Report) == 0


def test_encodings_are_refused_by_name(jd):
    raw = message("1")
    headers = {**jd.headers(raw), "Content-Encoding": "gzip"}
    answer = jd.client.post("/webhooks/jd", data=raw, headers=headers)
    assert problem(answer, 415) == "wrong_content_encoding"
    answer = jd.post(raw, content_type="text/plain")
    assert problem(answer, 415) == "wrong_content_type"


def test_brackets_inside_strings_are_not_depth(jd):
    assert jd.report("JD-1", "[" * 200 + '\\"{' * 50).status_code == 202


def message(report_id: str) -> bytes:
    envelope = {
        "type": "report.created",
        "timestamp": "2020-02-20T09:30:00+08:00",
        "data": report_data(report_id, "口罩明天断货"),
    }
    return json.dumps(envelope).encode()


def problem(answer, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    assert answer.json["detail"] and answer.json["status"] == status
    return answer.json["code"]


def at_once(work, times: int) -> list:
    """Run `work(i)` in `times` threads at the same moment; their results."""
    barrier = threading.Barrier(times)
    results: list = [None] * times

    def run(i: int) -> None:
        barrier.wait()
        results[i] = work(i)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(times)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return results


def test_the_same_message_many_times_at_once_is_one_report_with_one_receipt(app, jd, session):
    raw = message("JD-1")
    headers = jd.headers(raw)

    def post(_):
        return app.test_client().post("/webhooks/jd", data=raw, headers=headers)

    answers = at_once(post, 25)
    assert {a.status_code for a in answers} == {202}
    assert len({a.json["receipt"] for a in answers}) == 1
    assert rows(session, Report) == rows(session, InboundMessage) == 1


def test_one_report_in_many_messages_at_once_counts_once(app, jd, session):
    raws = [message("JD-1") for _ in range(25)]
    headers = [jd.headers(raw) for raw in raws]

    def post(i):
        return app.test_client().post("/webhooks/jd", data=raws[i], headers=headers[i])

    answers = at_once(post, 25)
    assert sorted(a.json["status"] for a in answers) == ["received"] + ["unchanged"] * 24
    assert rows(session, Report) == 1 and rows(session, InboundMessage) == 25


def test_with_the_database_away_nothing_is_promised(app, jd, monkeypatch):
    from sqlalchemy import create_engine

    from hub import database

    away = create_engine(
        "postgresql+psycopg://127.0.0.1:9/none", connect_args={"connect_timeout": 1}
    )
    for name in ("engine", "autocommit_engine", "reading_engine"):
        monkeypatch.setattr(database, name, lambda: away)
    answer = jd.report("JD-1", "文")
    assert problem(answer, 503) == "unavailable"
    assert int(answer.headers["Retry-After"]) > 0
