"""Clocks that are off: 299 s pass, 301 s and a day do not; a lease counts database time."""

from __future__ import annotations

import functools
import time
import uuid

from tests.drills.harness import Row, hub
from tests.drills.platform import WORDS, Signer, report_body

DAY = 86_400
EXPECTED = {0: 202, 299: 202, -299: 202, 301: 401, -301: 401, DAY: 401, -DAY: 401}


def run(size: int) -> Row:
    """Every offset `size` times; then each refused message once more, signed with the right
    time: the same bytes under the same id are now taken."""
    row, jd = Row("clocks that are off"), Signer(hub())
    for _ in range(size):
        for off, expected in EXPECTED.items():
            name = "clock-" + uuid.uuid4().hex[:12]
            body = report_body(name, WORDS[0])
            send = functools.partial(jd.post, name, body, off=off)
            answer = _within_one_second(send) if abs(off) == 301 else send()
            row.tries += 1
            row.check(answer.status_code == expected, f"{off:+} s: {answer.status_code}")
            if expected == 401:
                row.check(answer.json()["code"] == "clock", f"{off:+} s: {answer.text[:80]}")
                again = jd.post(name, body)
                row.lost += again.status_code != 202
    return row


def _within_one_second(send):
    """The answer of an attempt during which no clock ticked: 301 s must not become 300."""
    while True:
        time.sleep(1 - time.time() % 1)
        began = int(time.time())
        answer = send()
        if int(time.time()) == began:
            return answer
