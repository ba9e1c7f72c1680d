"""A picture of a report, fetched for an officer who wants to see it.

The hub fetches it through the guarded client, so that its host learns nothing about the officer
and the officer's browser loads nothing from elsewhere. Only JPEG, PNG, GIF and WebP, recognised by
their first bytes, are shown.
"""

from __future__ import annotations

from dataclasses import dataclass

from urllib3.exceptions import HTTPError

from hub.config import settings
from hub.outbound import client

MOST_BYTES = 8 * 1024 * 1024
SECONDS = 6.0
_BEGINS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png",
           b"GIF87a": "image/gif", b"GIF89a": "image/gif"}  # fmt: skip


class NoPicture(Exception):
    """Why there is no picture to show; the message is for the officer."""


@dataclass(frozen=True)
class Picture:
    """A picture and its kind by its first bytes."""

    kind: str
    data: bytes


def fetch(url: str) -> Picture:
    """The picture at `url`. Raises NoPicture."""
    try:
        status, data = client.get(url, MOST_BYTES, SECONDS, settings().outbound_allow)
    except client.Blocked:
        raise NoPicture("图片地址不是公开的网络地址，不予打开") from None
    except (OSError, HTTPError):
        raise NoPicture("图片地址没有应答") from None
    if status != 200:
        raise NoPicture(f"图片已取不到（{status}）")
    if len(data) > MOST_BYTES:
        raise NoPicture("图片过大，没有取回")
    kind = kind_of(data)
    if kind is None:
        raise NoPicture("这个地址上不是图片")
    return Picture(kind, data)


def kind_of(data: bytes) -> str | None:
    """The media type by the first bytes, None when it is none of those shown."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for begin, kind in _BEGINS.items() if data.startswith(begin)), None)
