"""A picture is shown by what it is, not by what it is called."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from urllib3.exceptions import HTTPError

from hub.outbound import client
from hub.services.reports import pictures
from hub.services.reports.pictures import NoPicture, kind_of

PNG = b"\x89PNG\r\n\x1a\n...."


@pytest.fixture
def there(monkeypatch):
    """What stands at the address."""
    monkeypatch.setattr(
        pictures, "settings", lambda: SimpleNamespace(outbound_allow=frozenset({"a:1"}))
    )
    asked = []

    def put(answer):
        def get(url, most, seconds, allowed):
            asked.append((url, most, allowed))
            if isinstance(answer, Exception):
                raise answer
            return answer

        monkeypatch.setattr(pictures.client, "get", get)
        return asked

    return put


def test_a_picture_comes_with_its_own_kind_through_the_guard(there):
    asked = there((200, PNG))
    assert pictures.fetch("https://img.example/a.txt") == pictures.Picture("image/png", PNG)
    assert asked == [("https://img.example/a.txt", pictures.MOST_BYTES, {"a:1"})]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (client.Blocked("private"), "不是公开"),
        (OSError("away"), "没有应答"),
        (HTTPError("broken"), "没有应答"),
        ((404, b""), "取不到（404）"),
        ((200, PNG + b"\0" * pictures.MOST_BYTES), "过大"),
        ((200, b"<html>"), "不是图片"),
    ],
)
def test_why_there_is_none_is_said_in_words(there, answer, said):
    there(answer)
    with pytest.raises(NoPicture, match=said):
        pictures.fetch("https://img.example/a.png")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\0\0\0\0WAVE", None),
        (b"<svg xmlns=", None),
        (b"", None),
    ],
)
def test_the_first_bytes_tell(data, kind):
    assert kind_of(data) == kind
