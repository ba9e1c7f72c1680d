"""A report's text as it is matched and classified."""

from __future__ import annotations

from typing import Any

from classifiers import evidence


def whole_text(body: str, payload: dict[str, Any]) -> str:
    """Title, text and the text in pictures, joined: the text that is matched and classified, and
    to which positions of cues refer."""
    content = payload.get("content") or {}
    title = content.get("title")
    said = f"{title}\n{body}" if title and title not in body else body
    return evidence.beside(said, content.get("evidence_text"))
