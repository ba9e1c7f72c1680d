"""Style sheets and scripts go out compressed; pages do not, for they hold form tokens (BREACH)."""

from __future__ import annotations

import gzip
from functools import lru_cache

from flask import Response, request

_TEXT = ("text/css", "text/javascript", "application/javascript")


def pack(response: Response) -> Response:
    """`response` compressed where it is a file of text and the browser takes gzip."""
    if response.mimetype not in _TEXT or response.status_code != 200:
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] and request.method == "GET":
        response.direct_passthrough = False
        response.set_data(_packed(response.get_data()))
        response.headers["Content-Encoding"] = "gzip"
        etag, _ = response.get_etag()
        if etag:
            response.set_etag(f"{etag}-gz")
    return response


@lru_cache(maxsize=32)
def _packed(raw: bytes) -> bytes:
    return gzip.compress(raw, 9, mtime=0)
