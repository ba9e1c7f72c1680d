"""Commands of an installation."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("platforms", "add", "J D", "x", "https://a.example/"), "slug"),
        (("platforms", "add", "jd", "x", "ftp://a.example/"), "plain http(s) URL"),
        (("platforms", "rotate-key", "nobody", "bearer"), "no platform"),
        (("users", "create", "lin", "handler", "--password", "short"), "at least"),
        (("reports", "release", "7"), "no quarantined report"),
        (("deliveries", "resend", "7"), "no delivery with this id"),
    ],
)
def test_a_wrong_command_is_told_in_one_line(run, words, complaint):
    done = run(*words)
    assert done.exit_code == 1
    assert complaint in done.output and "Traceback" not in done.output


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
