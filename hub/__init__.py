"""The hub: reports of rumors and violations from all platforms in, joint orders out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def create_app() -> Flask:
    """The web application with its commands. Loads no model: the web process only stores and
    displays."""
    from hub import cli
    from hub.web.app import build

    app = build()
    cli.register(app)
    return app
