"""Files of text travel compressed; pages, which hold form tokens, do not."""

from __future__ import annotations

import gzip


def test_files_travel_compressed_and_pages_do_not(client):
    takes = {"Accept-Encoding": "gzip"}
    css = "/bootstrap/static/css/bootstrap.min.css"
    packed, plain = client.get(css, headers=takes), client.get(css)
    assert gzip.decompress(packed.data) == plain.data and len(packed.data) < len(plain.data) / 4
    assert packed.headers["ETag"] != plain.headers["ETag"]
    again = client.get(css, headers=takes | {"If-None-Match": packed.headers["ETag"]})
    assert again.status_code in (200, 304)
    assert "Content-Encoding" not in client.get("/login", headers=takes).headers
