"""OpenAPI 3.1 of the platforms' contract, made from the models that validate."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from hub.web.platforms import schemas
from hub.web.platforms.examples import EXAMPLES

_REF = "#/components/schemas/{model}"
_HEADERS = (
    ("webhook-id", "1 to 64 of A-Z a-z 0-9 _ -; the same for every retry", "^[A-Za-z0-9_-]{1,64}$"),
    ("webhook-timestamp", "unix seconds of this attempt, within 300 s", "^[0-9]{10}$"),
    ("webhook-signature", "v1,<base64 HMAC-SHA256> or v1a,<base64 Ed25519>", "^v1a?,.+$"),
)
_REFUSALS = {
    "400": "not JSON, bad UTF-8, duplicate keys, too deep, lone surrogates, NUL, NaN",
    "401": "missing, malformed or wrong signature headers; clock off by more than 300 s",
    "404": "unknown platform",
    "409": "contradicts what you answered before",
    "413": "larger than 256 KiB (a batch: 4 MiB)",
    "415": "Content-Type or Content-Encoding",
    "422": "signed but invalid: kept in quarantine, errors name the fields",
    "429": "more than your share; send again after Retry-After",
    "503": "not stored; send again after Retry-After",
}


def document() -> dict[str, Any]:
    """The whole document as JSON-able data."""
    models = [*schemas.INBOUND.values(), *schemas.OUTBOUND.values(), *_RECEIPTS.values()]
    models += [schemas.ProblemBody, schemas.ReportEntry, schemas.OrderPage, schemas.Recovery]
    models += [schemas.ResponsePage, schemas.DenyQuestion, schemas.DenyAnswer, schemas.DenyPage]
    pairs = [(m, "validation") for m in dict.fromkeys(models)]
    _, definitions = models_json_schema(pairs, ref_template=_REF)  # type: ignore[arg-type]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Rumor and violation reporting hub",
            "version": "1.0.0",
            "description": "Platforms forward reports and answer orders by signed webhook.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": {
            "/webhooks/{platform}": {"post": _door()},
            "/api/v1/reports/{report_id}": {"get": _report()},
            "/api/v1/orders": {"get": _orders()},
            "/api/v1/denylist": {"get": _deny_list()},
            "/api/v1/denylist/check": {"post": _deny_check()},
            "/api/v1/recovery": {"get": _recovery()},
            "/api/v1/response": {"get": _response()},
        },
        "webhooks": {type_: {"post": _outgoing(type_, m)} for type_, m in schemas.OUTBOUND.items()},
        "components": {
            "schemas": definitions["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


_RECEIPTS: dict[str, type[BaseModel]] = {
    "report.created": schemas.ReportReceipt,
    "report.batch": schemas.BatchReceipt,
    "order.acknowledged": schemas.AnswerReceipt,
}


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REF.format(model=model.__name__)}


def _envelope(type_: str, data: type[BaseModel], outgoing: bool = False) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "type": {"const": type_},
        "timestamp": {"type": "string", "format": "date-time"},
        "data": _ref(data),
    }
    if outgoing:
        properties["iss"] = {"type": "string", "description": "who sends: this hub"}
        properties["aud"] = {"type": "string", "description": "your slug; refuse any other"}
        properties["seq"] = {"type": "integer", "description": "grows with every message to you"}
    return {"type": "object", "required": list(properties), "properties": properties}


def _json(schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema, **more}}


def _refusals(*statuses: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": _ref(schemas.ProblemBody)}}
    return {s: {"description": _REFUSALS[s], "content": content} for s in statuses}


def _headers() -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "header",
            "required": True,
            "description": text,
            "schema": {"type": "string", "pattern": pattern},
        }
        for name, text, pattern in _HEADERS
    ]


def _path(name: str, text: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": text,
        "schema": {"type": "string", "minLength": 1, "maxLength": 128},
    }


def _door() -> dict[str, Any]:
    bodies = [_envelope(type_, model) for type_, model in schemas.INBOUND.items()]
    receipts = [_ref(m) for m in _RECEIPTS.values()]
    examples = {t: {"value": e} for t, e in EXAMPLES.items() if t in schemas.INBOUND}
    return {
        "operationId": "send",
        "summary": "Forward reports, answer orders",
        "parameters": [_path("platform", "your slug"), *_headers()],
        "requestBody": {"required": True, "content": _json({"oneOf": bodies}, examples=examples)},
        "responses": {
            "202": {
                "description": "stored; the same message again gets the same receipt",
                "content": _json({"anyOf": receipts}),
            },
            **_refusals(*_REFUSALS),
        },
    }


def _report() -> dict[str, Any]:
    return {
        "operationId": "readReport",
        "summary": "What became of one of your reports",
        "security": [{"token": []}],
        "parameters": [_path("report_id", "your own report id")],
        "responses": {
            "200": {"description": "the report", "content": _json(_ref(schemas.ReportEntry))},
            **_refusals("401", "404", "429", "503"),
        },
    }


def _query(name: str, text: str) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": 0, "maximum": 2**53}
    return {"name": name, "in": "query", "description": text, "schema": schema}


def _deny_list() -> dict[str, Any]:
    answer = {"description": "a page, with an ETag", "content": _json(_ref(schemas.DenyPage))}
    return {
        "operationId": "pullDenyList",
        "summary": "The deny-list, or what changed since a version",
        "security": [{"token": []}],
        "parameters": [_query("after", "version you have"), _query("limit", "at most 200")],
        "responses": {
            "200": answer,
            "304": {"description": "nothing changed since the ETag of If-None-Match"},
            **_refusals("401", "422", "429", "503"),
        },
    }


def _deny_check() -> dict[str, Any]:
    return {
        "operationId": "checkDenyList",
        "summary": "Whether merchants who want to open a shop are on the deny-list",
        "security": [{"token": []}],
        "requestBody": {"required": True, "content": _json(_ref(schemas.DenyQuestion))},
        "responses": {
            "200": {"description": "verdicts", "content": _json(_ref(schemas.DenyAnswer))},
            **_refusals("400", "401", "413", "422", "429", "503"),
        },
    }


def _orders() -> dict[str, Any]:
    return {
        "operationId": "pullOrders",
        "summary": "Your orders in seq order",
        "security": [{"token": []}],
        "parameters": [_query("after", "last seq you have"), _query("limit", "at most 200")],
        "responses": {
            "200": {"description": "a page", "content": _json(_ref(schemas.OrderPage))},
            **_refusals("401", "422", "429", "503"),
        },
    }


def _recovery() -> dict[str, Any]:
    answer = {"description": "newest first", "content": _json(_ref(schemas.Recovery))}
    return {
        "operationId": "readRecovery",
        "summary": "Whether the hub was restored from a backup: from when on to send again",
        "security": [{"token": []}],
        "responses": {"200": answer, **_refusals("401", "429", "503")},
    }


def _response() -> dict[str, Any]:
    return {
        "operationId": "responseShares",
        "summary": "How each platform answers orders; public",
        "responses": {
            "200": {"description": "figures", "content": _json(_ref(schemas.ResponsePage))},
            **_refusals("503"),
        },
    }


def _outgoing(type_: str, model: type[BaseModel]) -> dict[str, Any]:
    example = {type_: {"value": EXAMPLES[type_]}}
    return {
        "operationId": type_,
        "summary": (model.__doc__ or "").strip(),
        "parameters": _headers(),
        "requestBody": {"content": _json(_envelope(type_, model, outgoing=True), examples=example)},
        "responses": {
            "200": {"description": "taken; any 2xx will do. It is not an acknowledgement."},
            "410": {"description": "this endpoint is gone: sending pauses until a person acts"},
        },
    }
