"""The embedded PostgreSQL fits itself to the machine."""

from __future__ import annotations

import psutil
import pytest
from sqlalchemy import text

from hub.runner import embedded


def test_the_server_caches_a_quarter_of_the_memory(session):
    (kept,) = session.execute(
        text("SELECT setting::int / 128 FROM pg_settings WHERE name = 'shared_buffers'")
    ).one()
    assert 128 <= kept <= min(max(psutil.virtual_memory().total >> 22, 128), 4096)


@pytest.mark.parametrize(
    "megabytes, cache", [(256, "128MB"), (8_000, "2000MB"), (512_000, "4096MB")]
)
def test_small_and_large_machines(tmp_path, monkeypatch, megabytes, cache):
    monkeypatch.setattr(embedded, "_memory", lambda: megabytes)
    (tmp_path / "postgresql.conf").write_text("shared_buffers = 128MB\n")
    for _ in range(2):  # as often as it starts
        embedded._size_cache(tmp_path)
    assert (tmp_path / "hub.conf").read_text() == f"shared_buffers = {cache}\n"
    lines = (tmp_path / "postgresql.conf").read_text().splitlines()
    assert lines == ["shared_buffers = 128MB", "include_if_exists 'hub.conf'"]
