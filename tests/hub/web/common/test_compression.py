"""Files of text travel compressed; pages, which hold form tokens, do not."""

from __future__ import annotations

import gzip

import pytest

CSS = "/bootstrap/static/css/bootstrap.min.css"
ALL = {"Accept-Encoding": "gzip, deflate, br, zstd"}


@pytest.mark.parametrize("path", [CSS, "/static/desk.css"])
def test_a_file_travels_compressed_and_is_kept_under_a_tag_of_its_own(client, path):
    takes = {"Accept-Encoding": "gzip"}
    packed, plain = client.get(path, headers=takes), client.get(path)
    assert gzip.decompress(packed.data) == plain.data and len(packed.data) < len(plain.data) / 2
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert packed.headers["ETag"] != plain.headers["ETag"]
    again = client.get(path, headers=takes | {"If-None-Match": packed.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_browser_that_takes_better_gets_it(client):
    assert client.get(CSS, headers=ALL).headers["Content-Encoding"] in ("zstd", "br")


@pytest.mark.parametrize("path", ["/login", "/docs", "/openapi.json"])
def test_pages_do_not(client, path):
    assert "Content-Encoding" not in client.get(path, headers=ALL).headers
