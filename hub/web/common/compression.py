"""Style sheets and scripts go out compressed; pages do not, for they hold form tokens (BREACH)."""

from __future__ import annotations

from flask import Flask
from flask_compress import Compress


def register(app: Flask) -> None:
    """Compress what is a file of text, where the browser takes it so."""
    app.config.update(
        COMPRESS_MIMETYPES=["text/css", "text/javascript", "application/javascript"],
        # Files are streamed; over plain http browsers offer gzip alone.
        COMPRESS_ALGORITHM_STREAMING=["zstd", "br", "gzip"],
        COMPRESS_STREAMING_ENDPOINT_CONDITIONAL=["static", "bootstrap.static"],
    )
    Compress(app)
