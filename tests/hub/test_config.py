"""Settings come from the environment; secrets are made once and kept for their owner alone."""

from __future__ import annotations

import json

import pytest

from hub import config


@pytest.fixture
def read(tmp_path, monkeypatch):
    """`read(**environment)`: the settings of a process in that environment."""

    def settings(**environment: str) -> config.Settings:
        monkeypatch.setattr(config.os, "environ", {"HUB_INSTANCE": str(tmp_path), **environment})
        return config.settings.__wrapped__()

    return settings


def test_secrets_are_made_once_and_read_by_their_owner_alone(read, tmp_path):
    first, again = read(), read()
    assert first == again and len(first.secret_key) == 64
    assert len({first.secret_key, first.shared_salt, *first.identity_keys}) == 3
    for name in ("secret.key", "shared.salt", config.IDENTITY_KEYS):
        assert (tmp_path / name).stat().st_mode & 0o077 == 0
    assert len(list(tmp_path.iterdir())) == 3  # nothing half made is left


def test_what_the_environment_says_goes_before_what_is_kept(read, tmp_path):
    read()
    config.servers_file(tmp_path).write_text(json.dumps({"DATABASE_URL": "postgresql:///kept"}))
    assert read().database_url == "postgresql:///kept"
    found = read(
        DATABASE_URL="postgresql:///mine", HUB_SECRET_KEY="k", HUB_IDENTITY_KEYS="new, old"
    )
    assert (found.database_url, found.secret_key) == ("postgresql:///mine", "k")
    assert found.identity_keys == ("new", "old")


def test_defaults_are_safe(read):
    found = read()
    assert found.bind.startswith("127.0.0.1:") and found.step_up and not found.outbound_allow
    assert read(HUB_STEP_UP="off").step_up is False and read(HUB_STEP_UP="no").step_up is True
    assert read(HUB_OUTBOUND_ALLOW="a:1,,b:2").outbound_allow == {"a:1", "b:2"}


def test_a_broken_note_of_running_servers_is_no_server(read, tmp_path):
    config.servers_file(tmp_path).write_text("{")
    assert read().database_url is None
