"""An authorization server with OpenID Connect, on HTTPS: who signs people in by OAuth. Made with Authlib."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, OAuth2Error, TokenMixin, grants
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core import AuthorizationCodeMixin, UserInfo
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, Response, jsonify, request
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

from tests.servers.authority import Authority

SECRET = "a secret of the client %:&="
CLIENT = "pennypost"
MAIL_SERVER = "mail-server"

_PAGE = """<!doctype html><title>Provider</title><h1>Who are you?</h1><form method="post">
<input name="account" value="{account}" aria-label="Account"><button name="do" value="allow">Allow</button>
<button name="do" value="deny">Deny</button></form>"""


@dataclass(frozen=True)
class _Client(ClientMixin):  # type: ignore[misc]
    owner: Provider
    client_id: str

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        return None

    def get_allowed_scope(self, scope: str) -> str:
        return scope or ""

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.owner.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        return bool(client_secret == (SECRET if self.client_id == CLIENT else MAIL_SERVER))

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == self.owner.auth_method or self.client_id == MAIL_SERVER

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in {"authorization_code", "refresh_token"}


@dataclass
class _Code(AuthorizationCodeMixin):  # type: ignore[misc]
    code: str
    user: str
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str | None
    code_challenge_method: str | None
    made: float = field(default_factory=time.time)

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(self.made)

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


@dataclass
class _Given(TokenMixin):  # type: ignore[misc]
    """What one answer of the token endpoint gave."""

    user: str
    scope: str
    access: str
    refresh: str
    expires: float
    revoked: bool = False
    spent: bool = False

    def check_client(self, client: _Client) -> bool:
        return client.client_id == CLIENT

    def get_scope(self) -> str:
        return self.scope

    def get_expires_in(self) -> float:
        return self.expires - time.time()

    def is_expired(self) -> bool:
        return time.time() > self.expires

    def is_revoked(self) -> bool:
        return self.revoked


class Provider:
    """`start()` it, register `redirect_uris`, let `issuer` be a setting.

    life: seconds of an access token. rotates: every refresh gives another refresh token, and one that comes twice ends
    all (RFC 9700 4.14.2). auth_method: how the client shows its secret. asked: the grant type of every request to the
    token endpoint, "revoke" and "introspect". given: all tokens. fault: called with the path before each request; what
    it returns is the answer.
    """

    def __init__(self, authority: Authority) -> None:
        self.redirect_uris: list[str] = []
        self.given: list[_Given] = []
        self.asked: list[str] = []
        self.life, self.rotates, self.auth_method = 3600.0, True, "client_secret_basic"
        self.sends_issuer = True
        self.fault: Any = lambda path: None
        self.alters: Any = lambda body: body
        self._codes: dict[str, _Code] = {}
        self._key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self._app = Flask("provider")
        self._app.config["OAUTH2_REFRESH_TOKEN_GENERATOR"] = True
        self._server = make_server(
            "127.0.0.1", 0, self._app, threaded=True, ssl_context=authority.good().server_context()
        )
        self.port = self._server.server_port
        self.issuer = f"https://localhost:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, name="provider", daemon=True)
        # This side may write down what it likes; what the tests read is what the site writes.
        for name in ("werkzeug", "authlib"):
            logging.getLogger(name).setLevel(logging.ERROR)
        self._wire()

    def start(self) -> Provider:
        """Answer."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()

    @property
    def introspection(self) -> str:
        """Where a mail server asks whose a token is (RFC 7662), with its own name and secret."""
        return f"https://{MAIL_SERVER}:{MAIL_SERVER}@127.0.0.1:{self.port}/introspect"

    def whose(self, access: str) -> str | None:
        """The account of a token that is good now."""
        found = next((one for one in self.given if one.access == access), None)
        return found.user if found and not (found.revoked or found.is_expired()) else None

    def give(self, user: str, access: str) -> None:
        """A token without the way there."""
        self.given.append(_Given(user, "mail", access, "", time.time() + self.life))

    def revoke_all(self) -> None:
        """Somebody takes the consent back, on the provider's own page."""
        for one in self.given:
            one.revoked = one.spent = True

    def expire(self) -> None:
        """No access token that was given is good any more; refresh tokens are."""
        for one in self.given:
            one.expires = 0.0

    # --- inside -------------------------------------------------------------------------------------------------------

    def _wire(self) -> None:
        server = AuthorizationServer(self._app, lambda name: _Client(self, name), self._save)
        server.register_grant(_code_grant(self), [OpenIDCode_(self), CodeChallenge(required=True)])
        server.register_grant(_refresh_grant(self))
        server.register_endpoint(_revocation(self))
        server.register_endpoint(_introspection(self))
        server.register_extension(_Issuer(self))
        app = self._app

        @app.before_request
        def _fail() -> Any:
            return self.fault(request.path)

        @app.get("/.well-known/openid-configuration")
        def about() -> Response:
            names = {
                "authorization": "authorize",
                "token": "token",
                "revocation": "revoke",
                "introspection": "introspect",
            }
            return jsonify(self.alters({
                "issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks",
                **{f"{name}_endpoint": f"{self.issuer}/{path}" for name, path in names.items()},
                "token_endpoint_auth_methods_supported": [self.auth_method],
                "authorization_response_iss_parameter_supported": self.sends_issuer,
                "code_challenge_methods_supported": ["S256"], "response_types_supported": ["code"],
            }))  # fmt: skip

        @app.get("/jwks")
        def keys() -> Response:
            return jsonify({"keys": [self._key.as_dict(private=False)]})

        @app.route("/authorize", methods=["GET", "POST"])
        def authorize() -> Any:
            try:
                grant = server.get_consent_grant(end_user=None)
            except OAuth2Error as error:
                return Response(str(error.error), 400)
            if request.method == "GET":
                return _PAGE.format(account=request.args.get("login_hint", ""))
            user = request.form["account"] if request.form["do"] == "allow" else None
            return server.create_authorization_response(grant=grant, grant_user=user)

        @app.post("/token")
        def token() -> Any:
            self.asked.append(request.form["grant_type"])
            return server.create_token_response()

        @app.post("/revoke")
        def revoke() -> Any:
            self.asked.append("revoke")
            return server.create_endpoint_response("revocation")

        @app.post("/introspect")
        def introspect() -> Any:
            return server.create_endpoint_response("introspection")

    def _save(self, token: dict[str, Any], asked: Any) -> None:
        expires = time.time() + self.life
        token["expires_in"] = int(self.life)
        refresh = token.get("refresh_token", "")
        self.given.append(_Given(asked.user, token.get("scope", ""), token["access_token"], refresh, expires))


class _Issuer(IssuerParameter):  # type: ignore[misc]
    def __init__(self, owner: Provider) -> None:
        self.owner = owner

    def get_issuer(self) -> str | None:
        return self.owner.issuer if self.owner.sends_issuer else None


class OpenIDCode_(OpenIDCode):  # type: ignore[misc]  # noqa: N801
    def __init__(self, owner: Provider) -> None:
        super().__init__(require_nonce=True)
        self.owner = owner

    def exists_nonce(self, nonce: str, asked: Any) -> bool:
        return False

    def resolve_client_private_key(self, client: Any) -> Any:
        return self.owner._key

    def get_client_algorithm(self, client: Any) -> str:
        return "RS256"

    def get_client_claims(self, client: Any) -> dict[str, Any]:
        return {"iss": self.owner.issuer}

    def generate_user_info(self, user: str, scope: str) -> UserInfo:
        return UserInfo(sub=user, email=user)


def _code_grant(owner: Provider) -> type:
    class Grant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
        TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"]

        def save_authorization_code(self, code: str, asked: Any) -> _Code:
            data = asked.payload.data
            owner._codes[code] = _Code(
                code, asked.user, asked.payload.redirect_uri, asked.payload.scope, data.get("nonce"),
                data.get("code_challenge"), data.get("code_challenge_method"),
            )  # fmt: skip
            return owner._codes[code]

        def query_authorization_code(self, code: str, client: Any) -> _Code | None:
            return owner._codes.get(code)

        def delete_authorization_code(self, code: _Code) -> None:
            del owner._codes[code.code]

        def authenticate_user(self, code: _Code) -> str:
            return code.user

    return Grant


def _refresh_grant(owner: Provider) -> type:
    class Grant(grants.RefreshTokenGrant):  # type: ignore[misc]
        TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"]
        INCLUDE_NEW_REFRESH_TOKEN = True

        def authenticate_refresh_token(self, refresh_token: str) -> _Given | None:
            found = next((one for one in owner.given if one.refresh == refresh_token), None)
            if found is not None and found.spent:
                owner.revoke_all()
            return None if found is None or found.spent else found

        def authenticate_user(self, given: _Given) -> str:
            return given.user

        def issue_token(self, user: str, credential: _Given) -> Any:
            self.INCLUDE_NEW_REFRESH_TOKEN = owner.rotates
            return super().issue_token(user, credential)

        def revoke_old_credential(self, given: _Given) -> None:
            given.spent = owner.rotates

    return Grant


def _revocation(owner: Provider) -> type:
    class Endpoint(RevocationEndpoint):  # type: ignore[misc]
        CLIENT_AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"]

        def query_token(self, text: str, hint: str | None) -> _Given | None:
            return next((one for one in owner.given if text in (one.access, one.refresh)), None)

        def revoke_token(self, given: _Given, asked: Any) -> None:
            for one in owner.given:
                if one.user == given.user:
                    one.revoked = one.spent = True

    return Endpoint


def _introspection(owner: Provider) -> type:
    class Endpoint(IntrospectionEndpoint):  # type: ignore[misc]
        CLIENT_AUTH_METHODS = ["client_secret_basic"]

        def query_token(self, text: str, hint: str | None) -> _Given | None:
            return next((one for one in owner.given if one.access == text), None)

        def check_permission(self, given: _Given, client: Any, asked: Any) -> bool:
            return bool(client.client_id == MAIL_SERVER)

        def introspect_token(self, given: _Given) -> dict[str, Any]:
            owner.asked.append("introspect")
            return {"active": True, "email": given.user, "scope": given.scope, "sub": given.user}

    return Endpoint
