"""The salt is told to platforms, and a key put in front of the others, on the command line."""

from types import SimpleNamespace

from hub.cli import identities as commands
from hub.services.privacy import identities


def test_the_salt_is_shown_and_a_new_key_counted(run, tmp_path, monkeypatch):
    here = SimpleNamespace(shared_salt="the salt", instance=tmp_path)
    monkeypatch.setattr(commands, "settings", lambda: here)
    monkeypatch.setattr(identities, "settings", lambda: here)
    assert run("identities", "salt").output == "the salt\n"
    refused = run("identities", "rotate-key")
    assert refused.exit_code == 1 and "HUB_IDENTITY_KEYS" in refused.output
    (tmp_path / "identity.keys").write_text("first")
    assert "2 keys are kept" in run("identities", "rotate-key").output
