"""A load generator that costs little: prebuilt signed requests over kept-alive sockets."""

from __future__ import annotations

import json
import socket
import threading
import time
import uuid
from collections.abc import Sequence

from hub.outbound import signing


def request_bytes(path: str, secret: str, type_: str, data: dict) -> bytes:
    """One signed webhook as the bytes that go over the wire."""
    envelope = {"type": type_, "timestamp": "2020-02-20T09:30:00+08:00", "data": data}
    body = json.dumps(envelope, ensure_ascii=False).encode()
    id_, now = "b_" + uuid.uuid4().hex, str(int(time.time()))
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nwebhook-id: {id_}\r\nwebhook-timestamp: {now}\r\n"
        f"webhook-signature: {signing.sign_v1(secret, id_, now, body)}\r\n\r\n"
    )
    return head.encode() + body


def fire(address: str, requests: Sequence[bytes], connections: int = 16) -> float:
    """Send all requests over `connections` sockets at once; seconds until all are answered.

    Raises AssertionError when one is not answered 202.
    """
    host, _, port = address.rpartition(":")
    shares = [requests[i::connections] for i in range(connections)]
    wrong: list[bytes] = []
    threads = [
        threading.Thread(target=_send, args=((host, int(port)), share, wrong)) for share in shares
    ]
    began = time.perf_counter()
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    took = time.perf_counter() - began
    assert not wrong, wrong[0][:500]
    return took


def _send(address: tuple[str, int], share: Sequence[bytes], wrong: list[bytes]) -> None:
    sock: socket.socket | None = None
    for request in share:
        if sock is None:
            sock = socket.create_connection(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.sendall(request)
        answer = _read(sock)
        if not answer.startswith(b"HTTP/1.1 202"):
            wrong.append(answer)
        if b"onnection: close" in answer.split(b"\r\n\r\n")[0]:
            sock.close()
            sock = None
    if sock:
        sock.close()


def _read(sock: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        got = sock.recv(65536)
        if not got:
            return data
        data += got
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    while len(body) < length:
        body += sock.recv(65536)
    return head + b"\r\n\r\n" + body
