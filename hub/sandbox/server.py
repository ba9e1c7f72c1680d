"""The HTTP side of one platform: the hub's door, the control door, a page to look at."""

import hmac
import json
import logging
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from hub.sandbox import client, orders, page
from hub.sandbox.service import Behaviour, SandboxPlatform

MAX_BODY = 4 * 1024 * 1024
log = logging.getLogger("hub.sandbox")


class RequestProblem(Exception):
    """An answer of 4xx or 5xx as problem+json."""

    def __init__(self, status: int, detail: str):
        super().__init__(detail)
        self.status, self.detail = status, detail


class Server(ThreadingHTTPServer):
    """One platform's server on 127.0.0.1; port 0 picks a free one."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, platform: SandboxPlatform):
        super().__init__(("127.0.0.1", platform.config.port), Handler)
        self.platform = platform

    def handle_error(self, request, client_address):
        log.debug("a peer left in mid-sentence", exc_info=True)


class Handler(BaseHTTPRequestHandler):
    """One request to this platform."""

    protocol_version = "HTTP/1.1"
    server: Server
    timeout = 120
    wbufsize = -1  # head and body leave in one piece
    disable_nagle_algorithm = True

    def do_GET(self):
        self._answer_with(
            {
                "/": self._page,
                "/health": lambda: {"status": "ok", "platform": self.platform.config.platform},
                "/control/state": self._state,
                "/picture.png": page.picture,
            }
        )

    def do_POST(self):
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

    # -- the doors -----------------------------------------------------------------

    def _hooks(self):
        body, behaviour = self._body(), self.platform.behaviour
        if behaviour.hooks == "error500":
            raise RequestProblem(500, "the sandbox was told to fail")
        if behaviour.hooks in ("hang", "slow"):
            self.platform.stopping.wait(behaviour.delay_s)
        if behaviour.hooks in ("hang", "close"):
            return self._hang_up()
        try:
            outcome = self.platform.receive(self.headers, body)
        except client.NotFromHub as error:
            raise RequestProblem(401, str(error)) from error
        except orders.Malformed as error:
            raise RequestProblem(400, str(error)) from error
        if behaviour.hooks == "lose_reply":
            return self._hang_up()
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
        return page.render(self.platform.config, self.platform.store)

    # -- the wire ------------------------------------------------------------------

    def _answer_with(self, routes: dict) -> None:
        self._body_was_read = self.command == "GET" and "content-length" not in self.headers
        try:
            route = routes.get(self.path.partition("?")[0])
            if route is None:
                raise RequestProblem(404, "no such page")
            answer = route()
        except RequestProblem as problem:
            said = {"status": problem.status, "detail": problem.detail}
            # What was not read of the request would be taken for the next one.
            self.close_connection = self.close_connection or not self._body_was_read
            return self._send(problem.status, "application/problem+json", json.dumps(said))
        except Exception:
            log.exception("%s %s", self.command, self.path)
            self.close_connection = True
            said = {"status": 500, "detail": "internal error"}
            return self._send(500, "application/problem+json", json.dumps(said))
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

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, status: int, content_type: str, said: str | bytes) -> None:
        body = said.encode() if isinstance(said, str) else said
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'self'")
        self.send_header("X-Content-Type-Options", "nosniff")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        log.debug(format, *args)
