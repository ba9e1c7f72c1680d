"""What delivering is compared with, in a process of its own like the hub's worker: the same
messages signed and sent by `requests`, as many at a time, nothing leased and nothing written.

`python -m tests.drills.bare_loop NUMBER URL...` sends NUMBER to each; the body is read from
standard input, the seconds it took are printed. Each thread keeps its connections open.
"""

from __future__ import annotations

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import requests

from hub.jobs.deliver import THREADS
from hub.outbound import signing


def main(number: int, urls: list[str], body: bytes) -> float:
    """Seconds for `number` messages to each URL."""
    private, _ = signing.new_keypair()
    local = threading.local()

    def send(job: tuple[int, str]) -> int:
        if not hasattr(local, "http"):
            local.http = requests.Session()
            local.http.trust_env = False
        n, url = job
        id_, now = f"bare_{n}", str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "webhook-id": id_,
            "webhook-timestamp": now,
            "webhook-signature": signing.sign_v1a(private, id_, now, body),
        }
        return local.http.post(url, body, headers=headers, timeout=15).status_code

    began = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        statuses = set(pool.map(send, [(n, url) for n in range(number) for url in urls]))
    assert statuses == {200}, statuses
    return time.monotonic() - began


if __name__ == "__main__":
    print(main(int(sys.argv[1]), sys.argv[2:], sys.stdin.buffer.read()))
