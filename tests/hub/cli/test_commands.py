"""Commands of an installation."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from sqlalchemy import select, text

from hub.services.platforms import keys
from models import Platform, User
from tests.conftest import ROOT


def run(app, *words: str):
    return app.test_cli_runner().invoke(args=list(words))


def test_a_platform_is_registered_and_its_secrets_shown_once(app, session):
    done = run(app, "platforms", "add", "jd", "京东", "https://jd.example/hooks")
    assert done.exit_code == 0, done.output
    secret = next(w for w in done.output.split() if w.startswith("whsec_"))
    platform = session.scalar(select(Platform))
    keeper = keys._read_doorkeeper(session, "jd")
    assert keeper and keeper.platform_id == platform.id
    assert secret not in run(app, "platforms", "list").output
    sealed = session.scalars(text("SELECT sealed FROM platform_key WHERE sealed IS NOT NULL")).all()
    assert not any(secret.encode() in bytes(s) for s in sealed)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("platforms", "add", "J D", "x", "https://a.example/"), "slug"),
        (("platforms", "add", "jd", "x", "ftp://a.example/"), "plain http(s) URL"),
        (("platforms", "rotate-key", "nobody", "bearer"), "no platform"),
        (("users", "create", "lin", "handler", "--password", "short"), "at least"),
        (("reports", "release", "7"), "no quarantined report"),
        (("deliveries", "resend", "7"), "no such delivery"),
    ],
)
def test_a_wrong_command_is_told_in_one_line(app, words, complaint):
    done = run(app, *words)
    assert done.exit_code == 1
    assert complaint in done.output and "Traceback" not in done.output


def test_an_officer_is_made_with_a_password_of_ones_own_or_a_made_one(app, session):
    assert "password:" in run(app, "users", "create", "lin", "handler").output
    assert (
        "password:"
        not in run(app, "users", "create", "wu", "clerk", "--password", "green bottles").output
    )
    assert set(session.scalars(select(User.username))) == {"lin", "wu"}


def test_audit_verify_finds_an_altered_entry(app, session):
    run(app, "users", "create", "lin", "handler")
    assert "1 entries hold" in run(app, "audit", "verify").output
    session.execute(text("UPDATE audit_entry SET actor = 'nobody'"))
    session.commit()
    done = run(app, "audit", "verify")
    assert done.exit_code == 1 and "entry 1" in done.output


def test_without_a_database_the_word_is_clear(tmp_path):
    env = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "platforms", "list"],
        cwd=ROOT, env={**env, "HUB_INSTANCE": str(tmp_path)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert "set DATABASE_URL" in done.stderr and "Traceback" not in done.stderr


def test_commands_beside_a_running_hub_find_its_database(live_hub):
    env = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "platforms", "list"],
        cwd=ROOT, env={**env, "HUB_INSTANCE": str(live_hub.home / "demo")},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert {line.split("\t")[0] for line in done.stdout.splitlines()} == set(live_hub.sandboxes)


def test_debunks_are_imported_once_and_bad_lines_named(app, session, tmp_path):
    file = tmp_path / "debunks.jsonl"
    good = '{"claim": "盐水漱口能杀死病毒", "verdict": "假", "source": "dxy"}'
    file.write_text(f'{good}\n\n{{"claim": "无结论"}}\n{good}\n', "utf-8")
    done = run(app, "debunks", "import", str(file))
    assert done.exit_code == 1
    assert f"{file}:3: " in done.output and "1 new, 0 changed" in done.output
    file.write_text(good, "utf-8")
    again = run(app, "debunks", "import", str(file))
    assert again.exit_code == 0 and "0 new, 0 changed, 1 known, 0 refused" in again.output
    assert "1 debunks, 1 not yet looked up" in run(app, "debunks", "count").output
    assert "0 links" in run(app, "debunks", "refresh").output
