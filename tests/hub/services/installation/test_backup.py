"""An installation comes back out of its backup, and out of nothing else."""

from __future__ import annotations

import json
import tarfile

import pytest
from sqlalchemy import func, select, text

from hub.config import settings
from hub.services.audit import audit_log
from hub.services.platforms import keys
from models import AuditEntry, InboundMessage, Platform
from tests.drills.platform import report_body

FIRST, SECOND = report_body("r1", "口罩断货"), report_body("r2", "口罩涨价")


@pytest.fixture
def backed_up(run, jd, session, tmp_path):
    """One report and a backup of it."""
    assert jd.post(FIRST, id="m1").status_code == 202
    file = tmp_path / "hub.tar"
    done = run("backup", "create", "--out", str(file), "--passphrase", "open sesame")
    assert done.exit_code == 0, done.output
    return file


def restore(run, session, file, *more: str):
    session.close()  # a restore ends every connection but its own
    return run("backup", "restore", str(file), *more)


def test_what_was_there_is_there_again_and_what_came_after_can_be_sent_again(
    run, jd, session, backed_up
):
    receipt = jd.post(FIRST, id="m1").json
    assert jd.post(SECOND, id="m2").status_code == 202
    session.execute(text("TRUNCATE inbound_message, report CASCADE"))
    session.commit()
    done = restore(run, session, backed_up, "--replace")
    assert done.exit_code == 0, done.output
    session.rollback()
    assert session.scalar(select(func.count()).select_from(InboundMessage)) == 1
    told = jd.client.get("/api/v1/recovery", headers={"Authorization": f"Bearer {jd.token}"}).json
    assert [set(r) for r in told["restores"]] == [{"since", "restored_at"}]
    assert jd.post(FIRST, id="m1").json == receipt
    assert jd.post(SECOND, id="m2").json["status"] == "received"
    assert audit_log.verify(session)[1] is None
    last = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id.desc())).first()
    assert last == "restored"


def test_no_number_is_given_twice(run, session, backed_up):
    seq = session.scalars(select(Platform.last_seq)).first()
    id_ = session.scalar(select(func.max(InboundMessage.id)))
    restore(run, session, backed_up, "--replace")
    session.rollback()
    session.expire_all()
    assert session.scalars(select(Platform.last_seq)).first() >= seq + 1_000_000
    next_id = session.scalar(text("SELECT nextval('inbound_message_id_seq')"))
    assert next_id > id_ + 10_000


def test_a_database_in_use_is_not_overwritten_by_mistake(run, session, backed_up):
    done = restore(run, session, backed_up)
    assert done.exit_code == 1 and "--replace" in done.output


@pytest.mark.parametrize("member", ["database.sql.gz", "secret.sealed"])
def test_an_altered_backup_changes_nothing(run, jd, session, backed_up, tmp_path, member):
    altered = tmp_path / "altered.tar"
    with tarfile.open(backed_up) as old, tarfile.open(altered, "w") as new:
        for info in old.getmembers():
            raw = bytearray(old.extractfile(info).read())
            if info.name == member:
                raw[len(raw) // 2] ^= 1
            (tmp_path / "member").write_bytes(raw)
            new.add(tmp_path / "member", info.name)
    done = restore(run, session, altered, "--replace")
    assert done.exit_code == 1 and "was altered" in done.output
    assert jd.report("r3", "口罩涨价").status_code == 202


def test_half_a_backup_changes_nothing(run, jd, session, backed_up, tmp_path):
    half = tmp_path / "half.tar"
    raw = backed_up.read_bytes()
    half.write_bytes(raw[: len(raw) // 2])
    done = restore(run, session, half, "--replace")
    assert done.exit_code == 1 and "no whole backup" in done.output
    assert jd.report("r3", "口罩涨价").status_code == 202


def test_only_its_owner_reads_it_and_no_secret_stands_in_it(run, jd, backed_up):
    assert backed_up.stat().st_mode & 0o077 == 0
    raw = backed_up.read_bytes()
    assert settings().secret_key.encode() not in raw
    with tarfile.open(backed_up) as tar:
        assert "database.sql.gz" in tar.getnames()
        manifest = json.load(tar.extractfile("manifest.json"))
    assert settings().secret_key not in json.dumps(manifest)


def test_another_installation_needs_the_passphrase(run, jd, session, backed_up):
    own = settings().secret_key
    path = settings().instance / "secret.key"
    try:
        path.write_text("0" * 64)
        _forget()
        assert "another secret.key" in restore(run, session, backed_up, "--replace").output
        wrong = restore(run, session, backed_up, "--replace", "--passphrase", "open barley")
        assert "not the passphrase" in wrong.output
        done = restore(run, session, backed_up, "--replace", "--passphrase", "open sesame")
        assert done.exit_code == 0 and "restart the hub" in done.output
        assert path.read_text() == own and path.stat().st_mode & 0o077 == 0
        _forget()
        assert jd.report("r4", "口罩涨价").status_code == 202  # its key opens again
    finally:
        path.write_text(own)
        _forget()


def _forget() -> None:
    settings.cache_clear()
    keys._vault.cache_clear()
    keys._access_cache.clear()


def test_models_promoted_here_come_along(run, session, tmp_path):
    made = settings().instance / "models" / "rumor"
    made.mkdir(parents=True)
    (made / "manifest.json").write_text("{}")
    file = tmp_path / "hub.tar"
    assert run("backup", "create", "--out", str(file)).exit_code == 0
    (made / "manifest.json").unlink()
    assert restore(run, session, file, "--replace").exit_code == 0
    assert (made / "manifest.json").read_text() == "{}"
    assert "NOT in it" in run("backup", "create", "--out", str(file)).output
