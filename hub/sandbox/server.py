"""The HTTP server of one platform: the webhook, the control endpoints, a page."""

import hmac
import json
import logging
import socket
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from hub.sandbox import client, orders, page
from hub.sandbox.service import Behaviour, SandboxPlatform

MAX_BODY = 4 * 1024 * 1024
log = logging.getLogger("hub.sandbox")


class RequestProblem(Exception):
    """An answer of 4xx or 5xx as problem+json."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


class Server(ThreadingHTTPServer):
    """One platform's server on 127.0.0.1; port 0 picks a free one."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, platform: SandboxPlatform) -> None:
        super().__init__(("127.0.0.1", platform.config.port), Handler)
        self.platform = platform

    def handle_error(self, request: Any, client_address: Any) -> None:
        log.debug("connection closed by the peer", exc_info=True)


class Handler(BaseHTTPRequestHandler):
    """One request to this platform."""

    protocol_version = "HTTP/1.1"
    server: Server
    timeout = 120
    wbufsize = -1  # head and body are sent together
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._answer_with(
            {
                "/": self._page,
                "/health": lambda: {"status": "ok", "platform": self.platform.config.platform},
                "/control/state": self._state,
                "/picture.png": page.picture,
            }
        )

    def do_POST(self) -> None:
        self._answer_with(
            {
                "/hooks": self._hooks,
                "/control/reports": lambda: self.platform.report(self._control()),
                "/control/appeal": lambda: self.platform.appeal(self._control()),
                "/control/behaviour": self._behave,
            }
        )

    @property
    def platform(self) -> SandboxPlatform:
        return self.server.platform

    # -- the endpoints -----------------------------------------------------------------

    def _hooks(self) -> dict | None:
        body, behaviour = self._body(), self.platform.behaviour
        if behaviour.hooks == "error500":
            raise RequestProblem(500, "the sandbox is configured to fail")
        if behaviour.hooks in ("hang", "slow"):
            self.platform.stopping.wait(behaviour.delay_s)
        if behaviour.hooks in ("hang", "close"):
            self._drop_connection()
            return None
        try:
            # A Message is case-insensitive, but not a Mapping to the type checker.
            outcome = self.platform.receive(cast("Mapping[str, str]", self.headers), body)
        except client.NotFromHub as error:
            raise RequestProblem(401, str(error)) from error
        except orders.Malformed as error:
            raise RequestProblem(400, str(error)) from error
        if behaviour.hooks == "lose_reply":
            self._drop_connection()
            return None
        return {"status": outcome}

    def _state(self) -> dict:
        self._check_token()
        return {"platform": self.platform.config.platform, **self.platform.store.state()}

    def _behave(self) -> dict:
        wanted = self._control()
        try:
            self.platform.behaviour = Behaviour(**wanted)
        except (TypeError, ValueError) as error:
            raise RequestProblem(422, str(error)) from error
        return wanted

    def _page(self) -> str:
        config = self.platform.config
        return page.render(config.name or config.platform, self.platform.store)

    # -- HTTP ------------------------------------------------------------------

    def _answer_with(self, routes: dict) -> None:
        self._body_was_read = self.command == "GET" and "content-length" not in self.headers
        try:
            route = routes.get(self.path.partition("?")[0])
            if route is None:
                raise RequestProblem(404, "no such page")
            answer = route()
        except RequestProblem as problem:
            body = {"status": problem.status, "detail": problem.detail}
            # Unread bytes of this request would be taken for the next one.
            self.close_connection = self.close_connection or not self._body_was_read
            return self._send(problem.status, "application/problem+json", json.dumps(body))
        except Exception:
            log.exception("%s %s", self.command, self.path)
            self.close_connection = True
            body = {"status": 500, "detail": "internal error"}
            return self._send(500, "application/problem+json", json.dumps(body))
        if isinstance(answer, str):
            self._send(200, "text/html; charset=utf-8", answer)
        elif isinstance(answer, bytes):
            self._send(200, "image/png", answer)
        elif answer is not None:
            self._send(200, "application/json", json.dumps(answer, ensure_ascii=False))

    _body_was_read = False

    def _body(self) -> bytes:
        length = self.headers.get("content-length") or ""
        if not (length.isascii() and length.isdigit()):
            raise RequestProblem(411, "send a Content-Length")
        if int(length) > MAX_BODY:
            raise RequestProblem(413, f"at most {MAX_BODY} bytes")
        body = self.rfile.read(int(length))
        self._body_was_read = True
        return body

    def _control(self) -> dict:
        self._check_token()
        try:
            value = json.loads(self._body())
        except (ValueError, RecursionError) as error:
            raise RequestProblem(400, f"not JSON: {error}") from error
        if not isinstance(value, dict):
            raise RequestProblem(400, "send a JSON object")
        return value

    def _check_token(self) -> None:
        given = self.headers.get("x-sandbox-token") or ""
        token = self.platform.config.control_token
        if not token or not hmac.compare_digest(given.encode(), token.encode()):
            raise RequestProblem(403, "X-Sandbox-Token is missing or wrong")

    def _drop_connection(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, status: int, content_type: str, text: str | bytes) -> None:
        body = text.encode() if isinstance(text, str) else text
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'self'")
        self.send_header("X-Content-Type-Options", "nosniff")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        log.debug(format, *args)
