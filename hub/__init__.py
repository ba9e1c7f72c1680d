"""The hub: reports of rumors and violations from all platforms in, joint orders out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def create_app() -> Flask:
    """The web application. Loads no model: the web process only stores and displays."""
    from hub.web.app import build

    return build()
