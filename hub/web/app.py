"""The web application: settings, access control, blueprints, error pages, headers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, Request, Response, jsonify, render_template, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_bootstrap import Bootstrap5
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from hub.config import BATCH_LIMIT, settings
from hub.problems import Problem
from hub.services.reports.paper_reports import MOST_BYTES
from hub.web.account import account, auth, sso
from hub.web.admin import audit, health, platforms, quarantine, users
from hub.web.common import access, compression, forms, stepup
from hub.web.common.policy import CSP
from hub.web.engineers import deliveries, home, messages
from hub.web.officers import (
    care,
    clocks,
    decisions,
    deny_list,
    imports,
    merchants,
    models,
    overdue,
    papers,
    queue,
    reveal,
    reviews,
    shared,
    statistics,
    triage,
    warnings,
)
from hub.web.platforms import api, docs, webhooks
from hub.web.public import debunks, tables
from hub.web.public import home as public_home

csrf = CSRFProtect()
_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 500: "internal_error"}
_MACHINE_PATHS = ("/webhooks/", "/api/", "/openapi.json")
# Every module with views; several may share a blueprint.
_MODULES: tuple[Any, ...] = (
    webhooks, api, docs,
    auth, account, sso, stepup,
    queue, triage, decisions, deny_list, merchants, clocks, papers, overdue, imports, care, reveal,
    reviews, shared, models, warnings, statistics,
    audit, health, platforms, quarantine, users,
    deliveries, home, messages,
    public_home, debunks, tables,
)  # fmt: skip


def build() -> Flask:
    """A configured Flask application."""
    app = Flask("hub", template_folder="templates", static_folder="static")
    app.config.update(
        SECRET_KEY=settings().secret_key,
        MAX_CONTENT_LENGTH=BATCH_LIMIT + 1024,
        MAX_FORM_MEMORY_SIZE=BATCH_LIMIT,  # a megabyte pasted is refused as too long, not lost
        PERMANENT_SESSION_LIFETIME=timedelta(hours=8),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings().https,
        WTF_CSRF_TIME_LIMIT=None,  # the token lives as long as the session
        BOOTSTRAP_SERVE_LOCAL=True,
    )
    app.before_request(_allow_spreadsheets)  # before CSRF protection reads the form
    csrf.init_app(app)
    app.session_interface = _Sessions()
    Bootstrap5(app)
    auth.login_manager.init_app(app, add_context_processor=False)  # see auth._prepare
    for blueprint in dict.fromkeys(module.blueprint for module in _MODULES):
        app.register_blueprint(blueprint)
    for machine in (webhooks, api):  # authenticated by signature or token, not by a session
        csrf.exempt(machine.blueprint)
    app.before_request(access.guard)
    app.after_request(_harden)
    compression.register(app)
    _handle_errors(app)
    return app


class _Sessions(SecureCookieSessionInterface):
    """No session for platforms: their messages are authenticated by signature."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if request.path.startswith("/webhooks/"):
            return None  # Flask substitutes a read-only null session
        return super().open_session(app, request)


def _allow_spreadsheets() -> None:
    """An uploaded spreadsheet may be larger than any other request."""
    if request.path == "/import":
        request.max_content_length = MOST_BYTES


def _harden(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", CSP)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    if not request.path.startswith("/static/") and "bootstrap" not in request.path:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _handle_errors(app: Flask) -> None:
    app.register_error_handler(Problem, _answer)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _csrf)
    for error in (OperationalError, PoolTimeout):
        app.register_error_handler(error, _database_away)
    app.register_error_handler(DBAPIError, _database_away)


def _answer(problem: Problem) -> Response:
    """A refusal as problem+json for machines, as a page for people."""
    if request.path.startswith(_MACHINE_PATHS):
        response = jsonify(problem.to_json())
        response.mimetype = "application/problem+json"
    else:
        # Show what was typed where no form would hold it, so that nothing is lost.
        typed = forms.typed() if problem.code in ("session_expired", forms.TOO_LONG) else {}
        response = Response(render_template("problem.html", problem=problem, typed=typed))
    response.status_code = problem.status
    response.headers.extend(problem.headers)
    return response


def _http(error: HTTPException) -> Response:
    code = _CODES.get(error.code or 0) or (error.name or "error").lower().replace(" ", "_")
    return _answer(Problem(error.code or 500, code, error.description or "", headers=_allow(error)))


def _allow(error: HTTPException) -> dict[str, str]:
    valid = getattr(error, "valid_methods", None)
    return {"Allow": ", ".join(valid)} if valid else {}


def _csrf(error: CSRFError) -> Response:
    return _answer(Problem(400, "session_expired", "会话已过期或表单令牌无效，请返回后重试。"))


def _database_away(error: Exception) -> Response:
    """503: the database does not answer, nothing was stored, the sender must retry."""
    if isinstance(error, DBAPIError) and not (
        isinstance(error, OperationalError) or error.connection_invalidated
    ):
        raise error
    detail = "The database is not available; nothing was stored. Send again."
    return _answer(Problem(503, "unavailable", detail, headers={"Retry-After": "5"}))
