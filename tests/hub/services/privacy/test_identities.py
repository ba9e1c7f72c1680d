"""What a merchant is known by: numbers in one form, kept as hashes whose keys rotate."""

from __future__ import annotations

from hub.config import settings
from hub.services.privacy import identities


def test_a_rotation_keeps_the_older_keys(tmp_path, monkeypatch):
    import dataclasses

    (tmp_path / "identity.keys").write_text("first")
    here = dataclasses.replace(settings(), instance=tmp_path)
    monkeypatch.setattr(identities, "settings", lambda: here)
    assert identities.rotate_key() == 2
    kept = (tmp_path / "identity.keys").read_text().split()
    assert kept[1] == "first" and len(kept[0]) == 64
