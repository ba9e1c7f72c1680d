"""The guarded client reaches public addresses only and never waits or reads without end."""

from __future__ import annotations

import socket
import time

import pytest
import urllib3

from hub.outbound import client
from tests.hub.receiver import receiving, status

PRIVATE = """
127.0.0.1 127.1.2.3 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1
0.0.0.0 0.1.2.3 192.0.0.1 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 192.88.99.1 224.0.0.1
239.255.255.255 240.0.0.1 255.255.255.255 ::1 :: fe80::1 fc00::1 fd12:3456::1 fec0::1 ff02::1
::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::127.0.0.1 ::10.0.0.1 64:ff9b::7f00:1
64:ff9b::a9fe:a9fe 64:ff9b:1::1 2002:7f00:1:: 2002:a9fe:a9fe:: 2002:a00:1:: 2001::1 2001:db8::1
2001:10::1 2001:20::1 100::1 5f00::1
""".split()

# Spellings of loopback and link-local that a URL may hide behind.
SPELLINGS = """
http://127.0.0.1/ http://2130706433/ http://0x7f000001/ http://0177.0.0.1/ http://127.1/
http://0x7f.1/ http://localhost/ http://LOCALHOST/ http://localhost./ http://[::1]/
http://[::ffff:127.0.0.1]/ http://[0:0:0:0:0:0:0:1]/ http://[::ffff:7f00:1]/ http://0/
http://169.254.169.254/ http://2852039166/ http://0xa9fea9fe/ http://[::ffff:a9fe:a9fe]/
http://127.0.0.1:80/ http://127.0.0.1.:80/ http://①②⑦.0.0.1/
""".split()


@pytest.mark.parametrize("address", PRIVATE)
def test_every_private_or_special_address_is_forbidden(address):
    assert client.forbidden(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "223.5.5.5", "2400:3200::1"])
def test_public_addresses_are_not(address):
    assert not client.forbidden(address)


@pytest.mark.parametrize("url", SPELLINGS)
def test_no_spelling_of_an_inner_address_gets_through(url):
    with pytest.raises((client.Blocked, OSError, UnicodeError)):
        client.resolve(url)


@pytest.mark.parametrize(
    "url",
    ["ftp://a.example/", "file:///etc/passwd", "http:///x", "gopher://a.example",
     "http://user@a.example/", "http://a.example:99999/", "nonsense", ""],
)  # fmt: skip
def test_only_plain_http_urls(url):
    with pytest.raises(client.Blocked):
        client.resolve(url)


def test_a_name_with_one_private_address_among_public_ones_is_blocked(monkeypatch):
    def both(*_a, **_k):
        return [(0, 0, 0, "", ("93.184.215.14", 80)), (0, 0, 0, "", ("10.0.0.1", 80))]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    with pytest.raises(client.Blocked):
        client.resolve("http://two-faced.example/")


def test_a_name_that_changes_its_answer_is_asked_once(monkeypatch):
    """DNS rebinding: the address checked is the address connected to."""
    asked = []
    with receiving() as receiver:
        port = int(receiver.allow.split(":")[1])

        def rebinding(host, p, **_):
            asked.append(host)
            address = "127.0.0.1" if len(asked) == 1 else "10.0.0.1"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, p))]

        monkeypatch.setattr(socket, "getaddrinfo", _only_names(rebinding, socket.getaddrinfo))
        url = f"http://hooks.example:{port}/x"
        reply = client.post(url, b"{}", {}, frozenset({f"hooks.example:{port}"}))
    assert reply.status == 200 and asked == ["hooks.example"]
    assert receiver.got[0][0]["host"] == f"hooks.example:{port}"


def _only_names(fake, real):
    def resolve(host, *args, **kwargs):
        return (
            fake(host, args[0], **kwargs)
            if host == "hooks.example"
            else real(host, *args, **kwargs)
        )

    return resolve


def endless(handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"x" * 65536)


def drip_body(handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    drip(handler)


def drip(handler) -> None:
    for _ in range(100):
        handler.wfile.write(b"H")
        handler.wfile.flush()
        time.sleep(0.1)


def hang(handler) -> None:
    time.sleep(10)


def nonsense(handler) -> None:
    handler.wfile.write(b"\x00\xff not http at all\r\n\r\n")


def test_an_endless_reply_is_cut(monkeypatch):
    with receiving() as receiver:
        receiver.answer = endless
        reply = client.post(receiver.url, b"{}", {}, frozenset({receiver.allow}))
    assert len(reply.body) == client.REPLY_LIMIT


@pytest.mark.parametrize("answer", [drip_body, drip, hang])
def test_a_slow_reply_ends_at_the_deadline(monkeypatch, answer):
    monkeypatch.setattr(client, "DEADLINE", 0.5)
    with receiving() as receiver:
        receiver.answer = answer
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            client.post(receiver.url, b"{}", {}, frozenset({receiver.allow}))
        assert time.monotonic() - began < 5


def test_nonsense_is_an_error_and_not_a_crash():
    from hub.services.platforms.delivery import send
    from hub.services.platforms.delivery_leases import Parcel

    with receiving() as receiver:
        receiver.answer = nonsense
        key = "whsk_" + "A" * 43 + "="
        outcome = send(Parcel(1, 1, 0, 1, receiver.url, "msg", b"{}", "v1a", (key,), 0.0))
    assert outcome.status is None and outcome.error


def test_a_redirect_is_an_answer_and_not_followed():
    with receiving() as receiver:
        receiver.answer = status(302, Location="http://169.254.169.254/")
        reply = client.post(receiver.url, b"{}", {}, frozenset({receiver.allow}))
    assert reply.status == 302 and len(receiver.got) == 1


def post(receiver, url: str = "") -> client.Reply:
    allow = {receiver.allow, f"hooks.example:{receiver.allow.split(':')[1]}"}
    return client.post(url or receiver.url, b"{}", {}, frozenset(allow))


def test_a_connection_is_kept_open_for_the_next_message():
    with receiving() as receiver:
        assert [post(receiver).status for _ in range(5)] == [200] * 5
    assert (len(receiver.got), receiver.connections) == (5, 1)


def test_a_kept_connection_that_the_other_side_closed_is_not_used():
    def close_after(handler) -> None:
        status(200)(handler)
        handler.close_connection = True  # without saying so

    with receiving() as receiver:
        receiver.answer = close_after
        for _ in range(3):
            assert post(receiver).status == 200
            time.sleep(0.05)
    assert (len(receiver.got), receiver.connections) == (3, 3)


def test_a_reply_that_is_not_read_to_its_end_spoils_no_other():
    def too_long(handler) -> None:
        body = b"x" * (client.REPLY_LIMIT + 9)
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    with receiving() as receiver:
        receiver.answer = too_long
        assert len(post(receiver).body) == client.REPLY_LIMIT
        receiver.answer = status(204)
        assert post(receiver).status == 204
    assert receiver.connections == 2


def test_a_kept_connection_does_not_get_round_the_guard(monkeypatch):
    """The name now leads inside: the connection from before, still open, is not used."""
    address = ["127.0.0.1"]

    def changing(host, port, **_):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address[0], port))]

    monkeypatch.setattr(socket, "getaddrinfo", _only_names(changing, socket.getaddrinfo))
    with receiving() as receiver:
        url = receiver.url.replace("127.0.0.1", "hooks.example")
        assert post(receiver, url).status == 200
        address[0] = "10.0.0.1"
        with pytest.raises(client.Blocked):
            client.post(url, b"{}", {}, frozenset())
        monkeypatch.setattr(client, "_CONNECT", 0.2)
        address[0] = "127.0.0.2"  # allowed, but another host: a connection of its own
        with pytest.raises(urllib3.exceptions.NewConnectionError):
            client.post(url, b"{}", {}, frozenset({url.split("/")[2]}))
    assert (len(receiver.got), receiver.connections) == (1, 1)


def test_the_deadline_holds_on_a_kept_connection(monkeypatch):
    with receiving() as receiver:
        assert post(receiver).status == 200
        monkeypatch.setattr(client, "DEADLINE", 0.5)
        receiver.answer = hang
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            post(receiver)
        assert time.monotonic() - began < 5
    assert receiver.connections == 1
