"""Requests made up from the OpenAPI document, sound and unsound, against a running hub."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections import Counter
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable

from hub.outbound import signing


def run(hub: str, platform: str, secret: str, token: str, requests_: int) -> dict[str, Any]:
    """Send about `requests_` requests; the answers by status, and what was wrong with them."""
    document = requests.get(f"{hub}/openapi.json", timeout=30).json()
    schema = schemathesis.openapi.from_dict(document)
    operations = [found.ok() for found in schema.get_all_operations()]
    statuses: Counter[int] = Counter()
    wrong: list[str] = []
    with requests.Session() as http:
        http.trust_env = False

        def send(case: Any) -> None:
            try:
                request = _prepared(case, hub, platform, secret, token)
            except (UnicodeError, requests.RequestException, ValueError):
                return  # no client can send this
            answer = http.send(request, timeout=60, allow_redirects=False)
            statuses[answer.status_code] += 1
            problem = _wrong(answer)
            if problem and len(wrong) < 20:
                wrong.append(f"{request.method} {request.url[:120]}: {problem}")

        for operation in operations:
            for mode in schemathesis.GenerationMode:
                share = max(1, requests_ // (len(operations) * len(schemathesis.GenerationMode)))
                _many(operation.as_strategy(generation_mode=mode), share, send)
    return {"sent": statuses.total(), "statuses": dict(statuses), "wrong": wrong}


def _many(cases: Any, n: int, send: Any) -> None:
    how = settings(
        max_examples=n, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    with contextlib.suppress(Unsatisfiable):  # a request without parameters has no unsound form
        how(given(cases)(lambda case: send(case)))()


def _prepared(case: Any, hub: str, platform: str, secret: str, token: str) -> Any:
    words = case.as_transport_kwargs(base_url=hub)
    words.pop("cookies", None)
    words["headers"] = {k: v for k, v in (words.get("headers") or {}).items() if v is not None}
    if "/webhooks/" not in case.path:
        words["headers"]["Authorization"] = f"Bearer {token}"
        return requests.Request(**words).prepare()
    if case.meta is None or uuid.uuid4().int % 2:  # every other one is signed: it gets further
        words["url"] = f"{hub}/webhooks/{platform}"
        words["headers"] = {"Content-Type": "application/json"}
    request = requests.Request(**words).prepare()
    body = request.body.encode() if isinstance(request.body, str) else request.body or b""
    if isinstance(body, bytes) and request.url == f"{hub}/webhooks/{platform}":
        id_, now = "f_" + uuid.uuid4().hex, str(int(time.time()))
        request.headers["webhook-id"], request.headers["webhook-timestamp"] = id_, now
        request.headers["webhook-signature"] = signing.sign_v1(secret, id_, now, body)
    return request


def _wrong(answer: requests.Response) -> str:
    if answer.status_code >= 500:
        return f"{answer.status_code} {answer.text[:60]}"
    if answer.status_code >= 400 and answer.headers.get("Server", "").startswith("gunicorn"):
        machine = "application/problem+json" in answer.headers.get("Content-Type", "")
        if not machine and answer.status_code not in (400, 404, 405):  # gunicorn's own, routing's
            return f"{answer.status_code} is no problem+json"
    return ""
