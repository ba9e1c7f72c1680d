"""What is fuzzed: one call on any bytes. Whatever is raised here is a fault of the hub."""

from __future__ import annotations

import base64
import hmac
import json
import time

import atheris

from hub.outbound import signing
from hub.problems import Problem
from hub.services.platforms import door
from hub.services.platforms.keys import InboundAccess, InboundKey
from hub.web.platforms import webhooks
from hub.web.platforms.examples import EXAMPLES

_SECRET = bytes(range(32))
_KEEPER = InboundAccess(1, "jd", True, (InboundKey(7, "v1", _SECRET),), 100.0, 100.0)


def seeds(target: str) -> list[bytes]:
    """What to begin with."""
    bodies = [json.dumps(e, ensure_ascii=False).encode() for e in EXAMPLES.values()]
    if target == "parser":
        return bodies
    return [bytes([n]) + body[:200] for n, body in enumerate(bodies)]


def parser(raw: bytes) -> None:
    """Any bytes are a message of a known type, or a refusal in the 400s that can be sent."""
    try:
        webhooks._parse(raw)
    except Problem as problem:
        assert 400 <= problem.status < 500
        json.dumps(problem.to_json()).encode()


def verifier(raw: bytes) -> None:
    """Nothing gets in but what was signed with the key over exactly these bytes, now."""
    given = atheris.FuzzedDataProvider(raw)
    kind = given.ConsumeIntInRange(0, 5)
    id_, body = "m_1", given.ConsumeBytes(64)
    timestamp = str(int(time.time()))
    mac = hmac.digest(_SECRET, f"{id_}.{timestamp}.".encode() + body, "sha256")
    headers = {
        "webhook-id": id_,
        "webhook-timestamp": timestamp,
        "webhook-signature": "v1," + base64.b64encode(mac).decode(),
    }
    if kind < 3:
        name = list(headers)[kind]
        headers[name] = given.ConsumeUnicode(200)
    elif kind == 3:
        body += given.ConsumeBytes(8)
    elif kind == 4:
        others = " ".join(given.ConsumeUnicodeNoSurrogates(40) for _ in range(3))
        headers["webhook-signature"] = f"{others} {headers['webhook-signature']}"
    try:
        got = door._strict(headers)
    except Problem as problem:
        assert problem.status == 401
        return
    signed = signing.content(got[0], got[1], body)
    accepted = door._signing_key(_KEEPER, got[2], signed) is not None
    right = hmac.digest(_SECRET, signed, "sha256")
    offered = [s for version, s in signing.signatures(got[2]) if version == "v1"]
    assert accepted == (right in offered)
