"""A real OpenID Connect provider on a loopback port, by Authlib's server side; it can be told to
issue tokens that must be refused."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, jsonify, request
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

CLIENT_ID, SECRET = "hub", "a secret between the two"


@dataclass
class Code(AuthorizationCodeMixin):
    """An authorization code that was given out."""

    code: str
    redirect_uri: str
    code_challenge: str
    code_challenge_method: str
    nonce: str
    subject: str
    scope: str = "openid"
    auth_time: int = field(default_factory=lambda: int(time.time()))

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return self.auth_time

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


class Client(ClientMixin):
    """The hub, as the provider knows it."""

    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_default_redirect_uri(self) -> str:
        return ""

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == "http://localhost/sso/callback"

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Provider:
    """The provider's mind: who is at the browser, and what is wrong with its tokens."""

    issuer: str = ""
    subject: str = "u-77"
    nonce: str | None = None
    audience: str = CLIENT_ID
    claimed_issuer: str | None = None
    lifetime: int = 300
    sign_with: RSAKey | None = None
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    codes: dict[str, Code] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)


def _grants(mind: Provider) -> tuple[type, type]:
    class Grant(AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]

        def save_authorization_code(self, code: str, request: Any) -> None:
            said = request.payload.data
            mind.codes[code] = Code(
                code, said["redirect_uri"], said["code_challenge"],
                said["code_challenge_method"], mind.nonce or said["nonce"], mind.subject,
            )  # fmt: skip

        def query_authorization_code(self, code: str, client: Any) -> Code | None:
            return mind.codes.get(code)

        def delete_authorization_code(self, authorization_code: Code) -> None:
            mind.codes.pop(authorization_code.code)

        def authenticate_user(self, authorization_code: Code) -> str:
            return authorization_code.subject

    class IDTokens(OpenIDCode):
        def exists_nonce(self, nonce: str, request: Any) -> bool:
            return False

        def get_jwt_config(self, grant: Any, client: Any = None) -> dict[str, Any]:
            key = mind.sign_with or mind.key
            return {
                "key": key.as_dict(private=True), "alg": "RS256", "exp": mind.lifetime,
                "iss": mind.claimed_issuer or mind.issuer,
            }  # fmt: skip

        def get_audiences(self, request: Any) -> list[str]:
            return [mind.audience]

        def generate_user_info(self, user: str, scope: str) -> UserInfo:
            return UserInfo(sub=user)

    return Grant, IDTokens


def _app(mind: Provider) -> Flask:
    app = Flask("provider")
    grant, id_tokens = _grants(mind)
    server = AuthorizationServer(
        app,
        query_client=lambda id_: Client() if id_ == CLIENT_ID else None,
        save_token=lambda token, request: None,
    )
    server.register_grant(grant, [id_tokens(require_nonce=True), CodeChallenge(required=True)])

    @app.get("/.well-known/openid-configuration")
    def discovery():
        return jsonify(
            issuer=mind.issuer,
            authorization_endpoint=mind.issuer + "/authorize",
            token_endpoint=mind.issuer + "/token",
            jwks_uri=mind.issuer + "/keys",
            id_token_signing_alg_values_supported=["RS256"],
        )

    @app.get("/keys")
    def keys():
        return jsonify(keys=[mind.key.as_dict(private=False)])

    @app.get("/authorize")
    def authorize():
        mind.asked.append(request.args.to_dict())
        found = server.get_consent_grant(end_user=mind.subject)
        return server.create_authorization_response(grant_user=mind.subject, grant=found)

    @app.post("/token")
    def token():
        return server.create_token_response()

    return app


@contextmanager
def provider() -> Iterator[Provider]:
    """A running provider."""
    mind = Provider()
    server = make_server("127.0.0.1", 0, _app(mind), threaded=True)
    mind.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield mind
    finally:
        server.shutdown()
        thread.join()
