"""/openapi.json and /docs: the contract, open to everybody."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request

from hub.web.common.access import open_to_all
from hub.web.platforms import openapi, schemas
from hub.web.platforms.examples import EXAMPLES

blueprint = Blueprint("docs", __name__)

# Every error code, with its remedy; /docs#<code> is the `type` of the problem.
CODES: dict[str, tuple[int, str]] = {
    "not_json": (400, "Send one JSON object, UTF-8, without a byte order mark."),
    "not_an_object": (400, "The outermost value must be an object."),
    "bad_utf8": (400, "Encode the body as UTF-8."),
    "duplicate_key": (400, "A key may stand once in an object."),
    "too_deep": (400, "Nest at most 32 levels."),
    "lone_surrogate": (400, "Send whole characters; a surrogate has no meaning alone."),
    "nul_character": (400, "Leave out U+0000."),
    "not_a_number": (400, "NaN and infinities are not JSON."),
    "number_too_long": (400, "Send a shorter number."),
    "missing_header": (401, "Send webhook-id, webhook-timestamp and webhook-signature."),
    "malformed_header": (401, "See Signing above."),
    "bad_signature": (401, "Sign the exact bytes you send, with a key that is still valid."),
    "clock": (401, "Set your clock; sign every retry anew with its own time."),
    "bad_token": (401, "Send your bearer token; rotate it if it was lost."),
    "platform_inactive": (403, "Ask the bureau why your platform is suspended."),
    "unknown_platform": (404, "Use the slug you were registered under."),
    "not_found": (404, "You have no such thing; others' are not shown."),
    "method_not_allowed": (405, "See the Allow header."),
    "already_answered": (409, "An order's final answer stands; appeal or ask the bureau."),
    "too_large": (413, "256 KiB for a message, 4 MiB for a batch."),
    "wrong_content_type": (415, "Content-Type: application/json."),
    "wrong_content_encoding": (415, "Send plain bytes, not compressed."),
    "invalid_fields": (422, "errors[] names each field, what was wrong and what to send."),
    "time_in_future": (422, "Send the time it happened."),
    "unknown_type": (422, "See the types above."),
    "unknown_order": (422, "Use an order_id that was sent to you."),
    "unknown_lookup": (422, "Use a lookup_id that was sent to you."),
    "webhook_id_reused": (422, "A new message needs a new webhook-id; a retry, the same bytes."),
    "too_many_requests": (429, "Wait Retry-After seconds, then send again under the same id."),
    "internal_error": (500, "Our fault, and logged; send again, the same id counts once."),
    "unavailable": (503, "Nothing was stored; send again after Retry-After."),
}


@cache
def _document() -> dict[str, Any]:
    return openapi.document()


@blueprint.get("/openapi.json")
@open_to_all
def openapi_json() -> Response:
    """OpenAPI 3.1 with webhooks."""
    return jsonify(_document())


@blueprint.get("/docs")
@open_to_all
def page() -> str:
    """The contract for people, with examples to copy."""
    examples = {t: json.dumps(e, ensure_ascii=False, indent=2) for t, e in EXAMPLES.items()}
    return render_template(
        "platforms/docs.html",
        base_url=request.host_url.rstrip("/"),
        inbound={t: _fields(m.__name__) for t, m in schemas.INBOUND.items()},
        outbound={t: _fields(m.__name__) for t, m in schemas.OUTBOUND.items()},
        objects={name: _fields(name) for name in _objects()},
        examples=examples,
        codes=CODES,
    )


def _objects() -> list[str]:
    """Models nested in the messages, in order of first occurrence."""
    tops = [m.__name__ for m in (*schemas.INBOUND.values(), *schemas.OUTBOUND.values())]
    seen, found = list(tops), []
    for name in seen:
        inner = re.findall(r"#/components/schemas/(\w+)", json.dumps(_schema(name)))
        new = [n for n in dict.fromkeys(inner) if n not in seen]
        seen += new
        found += new
    return found


def _schema(name: str) -> dict[str, Any]:
    return _document()["components"]["schemas"][name]


def _fields(name: str) -> list[tuple[str, str, bool, str]]:
    """(field, type, required, description) of a model, from the document itself."""
    schema = _schema(name)
    required = schema.get("required", [])
    return [
        (field, _type(spec), field in required, spec.get("description", ""))
        for field, spec in schema["properties"].items()
    ]


def _type(spec: dict[str, Any]) -> str:
    if "$ref" in spec:
        return spec["$ref"].rsplit("/", 1)[1]
    if "anyOf" in spec:
        return " | ".join(_type(s) for s in spec["anyOf"])
    if "enum" in spec or "const" in spec:
        return " | ".join(f'"{v}"' for v in spec.get("enum", [spec.get("const")]))
    if spec.get("type") == "array":
        return f"[{_type(spec.get('items', {}))}]"
    return spec.get("format") or spec.get("type", "any")
