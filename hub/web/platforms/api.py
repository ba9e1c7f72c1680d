"""The API for platforms: bearer token, own rows only; and public response rates."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from sqlalchemy.orm import Session

from hub.config import BATCH_LIMIT
from hub.database import reading_scope, session_scope
from hub.problems import Problem, invalid
from hub.services.enforcement import escalation
from hub.services.merchants import deny_list as denylist
from hub.services.merchants import deny_list_check
from hub.services.platforms import keys, own_records, rate_limits
from hub.web.common.access import open_to_all
from hub.web.platforms import parse, schemas
from models import Platform

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
MAX_PAGE = 200
MAX_SEQ = 2**31 - 1  # the highest possible sequence number


@blueprint.get("/reports/<path:report_id>")
@open_to_all  # authenticated by the token
def report(report_id: str) -> Response:
    """One of the platform's own reports, by its own id. Raises Problem 404."""
    with reading_scope() as session:
        found = own_records.report(session, _platform(session), report_id)
    if found is None:
        raise Problem(404, "not_found", "You have no report with this id.")
    return jsonify(found)


@blueprint.get("/orders")
@open_to_all
def orders() -> Response:
    """The platform's own orders after a sequence number, for platforms that prefer to pull."""
    after = _number("after", 0, MAX_SEQ)
    limit = _number("limit", MAX_PAGE, MAX_PAGE)
    with reading_scope() as session:
        return jsonify(own_records.orders(session, _platform(session), after, max(limit, 1)))


@blueprint.get("/denylist")
@open_to_all
def deny_list() -> Response:
    """The deny-list, or its changes since a version; 304 when there are none."""
    after, limit = _number("after", 0, 2**53), _number("limit", MAX_PAGE, MAX_PAGE)
    with session_scope() as session:
        platform = _platform(session)
        # Read before the page, so that a change in between is fetched twice, not missed.
        tag = f"{denylist.version(session)}-{after}-{limit}"
        if request.if_none_match.contains(tag):
            answer = Response(status=304)
            denylist.asked_again(session, platform.id)
        else:
            page = deny_list_check.page(session, after, max(limit, 1))
            answer = jsonify(page)
            version = page["next"] if page["more"] else page["version"]
            denylist.pulled(session, platform.id, version)
    answer.set_etag(tag)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


@blueprint.post("/denylist/check")
@open_to_all
def check_deny_list() -> Response:
    """Whether merchants who want to open a shop are on the deny-list. Raises Problem 413 or 422."""
    with reading_scope() as session:
        _platform(session)
        raw = request.stream.read(BATCH_LIMIT + 1)
        if len(raw) > BATCH_LIMIT:
            raise Problem(413, "too_large", "At most 4 MiB and 1,000 merchants a question.")
        asked = parse.validated(schemas.DenyQuestion, parse.strict_json(raw), "")
        merchants = [merchant.model_dump(mode="json") for merchant in asked.merchants]
        return jsonify(deny_list_check.check(session, merchants))


@blueprint.get("/recovery")
@open_to_all
def recovery() -> Response:
    """Whether this hub was restored from a backup, and which period to send again."""
    with reading_scope() as session:
        _platform(session)
        return jsonify(own_records.restores(session))


@blueprint.get("/response")
@open_to_all  # a public figure
def response() -> Response:
    """Each platform's responses to orders: due, in time, late, none."""
    with reading_scope() as session:
        return jsonify(
            as_of=escalation.moment(session).isoformat(), platforms=escalation.response(session)
        )


def _number(name: str, default: int, most: int) -> int:
    given = request.args.get(name, str(default))
    if not (given.isascii() and given.isdigit() and len(given) <= 16):
        raise invalid(name, f"{name} must be a whole number.", f"0 to {most}")
    return min(int(given), most)


def _platform(session: Session) -> Platform:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    platform = None
    if scheme.lower() == "bearer" and token.isascii():
        platform = keys.bearer_platform(session, token.strip())
    if platform is None:
        headers = {"WWW-Authenticate": 'Bearer realm="hub"'}
        detail = "Send `Authorization: Bearer <token>` with a valid token of your platform."
        raise Problem(401, "bad_token", detail, headers=headers)
    rate_limits.spend(f"read:{platform.slug}", 1, platform.rate, platform.burst)
    return platform
