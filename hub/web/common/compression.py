"""Compression of style sheets and scripts; not for pages, which contain CSRF tokens (BREACH)."""

from __future__ import annotations

from flask import Flask
from flask_compress import Compress


def register(app: Flask) -> None:
    """Compress text files for clients that accept it."""
    app.config.update(
        COMPRESS_MIMETYPES=["text/css", "text/javascript", "application/javascript"],
        # Files are streamed; over plain http browsers offer gzip alone.
        COMPRESS_ALGORITHM_STREAMING=["zstd", "br", "gzip"],
        COMPRESS_STREAMING_ENDPOINT_CONDITIONAL=["static", "bootstrap.static"],
    )
    Compress(app)
