"""Caching of public pages: figures in this process, responses in browsers and proxies.

A figure is read from the database at most once in FRESH seconds by each process; browsers and
proxies keep a response as long and then revalidate it by its ETag.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from hub.database import reading_scope

FRESH = 300  # seconds
_figures: dict[str, tuple[float, Any]] = {}


def figure(name: str, read: Callable[[Session], Any]) -> Any:
    """What `read` returns, cached for FRESH seconds."""
    at, value = _figures.get(name, (0.0, None))
    if time.monotonic() - at > FRESH or not at:
        with reading_scope() as session:
            value = read(session)
        _figures[name] = (time.monotonic(), value)
    return value


def forget() -> None:
    """Drop every cached figure (tests)."""
    _figures.clear()


def cached(response: Response) -> Response:
    """The response with an ETag of its body; 304 for a client that has it already."""
    response.headers["Cache-Control"] = f"public, max-age={FRESH}"
    response.add_etag()
    response.make_conditional(request)
    return response
