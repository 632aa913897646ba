"""One provider: where its endpoints are, and what is asked there (RFC 6749 with PKCE, RFC 7009, OpenID Connect)."""

from __future__ import annotations

import hmac
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from webmail import errors
from webmail.mail.sasl import Token
from webmail.oauth.https import Https
from webmail.providers import OAuthClient

_HOUR: Final = 3600.0
_LIFE: Final = 3600.0
"""Seconds of an access token whose provider does not say (RFC 6749 5.1)."""

_LEEWAY: Final = 120
_ALGORITHMS: Final = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "ES512", "EdDSA"]
"""Signatures by a key that the provider publishes: "none" and secrets shared with a client are no proof."""

_WELL_KNOWN: Final = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server")


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a provider gave. refresh: "" when it gave none. expires: seconds since the epoch; life: in seconds."""

    access: Token
    refresh: str = field(repr=False)
    expires: float
    life: float


@dataclass(frozen=True, slots=True)
class Request:
    """One way to the provider and back: what has to be the same on return. verifier: of PKCE (RFC 7636)."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect_uri: str


class Provider:
    """Asks on behalf of everybody who signs in there. Safe between threads."""

    def __init__(self, client: OAuthClient, https: Https) -> None:
        self.client, self._https = client, https
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[Mapping[str, Any], float]] = {}

    def authorization_url(self, request: Request, address: str) -> str:
        """Where the browser goes. Raises ProviderFailed."""
        extra = dict(self.client.extra) | {"login_hint": address}
        if self._openid:
            extra["nonce"] = request.nonce
        url, _ = self._authlib(request.redirect_uri).create_authorization_url(
            self._endpoint("authorization_endpoint"), state=request.state, code_verifier=request.verifier, **extra
        )
        return str(url)

    def redeem(self, request: Request, back: Mapping[str, str]) -> Tokens:
        """Tokens for what the browser brought back. Raises ConsentRefused, ProviderRefused, ProviderFailed."""
        self._from_here(back.get("iss", ""))
        if not hmac.compare_digest(back.get("state", "").encode(), request.state.encode()):
            raise errors.ProviderRefused("state")
        if "error" in back:
            if back["error"] == "access_denied":
                raise errors.ConsentRefused
            raise errors.ProviderRefused(back["error"][:40])
        found = self._tokens(lambda client: client.fetch_token(
            self._endpoint("token_endpoint"), grant_type="authorization_code", code=back.get("code", ""),
            code_verifier=request.verifier,
        ), request.redirect_uri)  # fmt: skip
        if self._openid:
            self._check_id_token(found, request.nonce)
        return _read(found)

    def refresh(self, refresh_token: str) -> Tokens:
        """Newer ones; with the same refresh token where there is no other.

        Raises GrantEnded when it was taken back, ProviderRefused, ProviderFailed.
        """
        try:
            return _read(self._tokens(
                lambda client: client.refresh_token(self._endpoint("token_endpoint"), refresh_token=refresh_token)
            ))  # fmt: skip
        except errors.ProviderRefused as error:
            if error.reason == "invalid_grant":
                raise errors.GrantEnded from None
            raise

    def revoke(self, refresh_token: str) -> None:
        """It is not needed any more (RFC 7009). Raises ProviderFailed; nothing where there is no such endpoint."""
        if endpoint := self._endpoint("revocation_endpoint", needed=False):
            answer = self._authlib().revoke_token(endpoint, token=refresh_token)
            answer.raise_for_status()

    # --- inside -------------------------------------------------------------------------------------------------------

    @property
    def _openid(self) -> bool:
        return "openid" in self.client.scopes.split()

    def _authlib(self, redirect_uri: str = "") -> OAuth2Client:
        client = self.client
        methods = self._about().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        # RFC 6749 2.3.1 has Basic for those who say nothing; in a form nobody disagrees how a secret is written.
        method = "client_secret_post" if "client_secret_post" in methods else "client_secret_basic"
        method = method if client.client_secret else "none"
        return OAuth2Client(
            self._https, client_id=client.client_id, client_secret=client.client_secret or None,
            token_endpoint_auth_method=method, revocation_endpoint_auth_method=method,
            redirect_uri=redirect_uri or None, code_challenge_method="S256",
            scope=client.scopes if redirect_uri else None,
        )  # fmt: skip

    def _tokens(self, ask: Any, redirect_uri: str = "") -> Mapping[str, Any]:
        """Whatever goes wrong in Authlib, in our words: its own may hold what was sent (R17)."""
        try:
            found: Mapping[str, Any] = ask(self._authlib(redirect_uri))
            return found
        except OAuth2Error as error:
            raise errors.ProviderRefused(str(error.error)[:40]) from None
        except (ValueError, TypeError, KeyError):
            raise errors.ProviderFailed("an answer that is no token") from None

    def _endpoint(self, name: str, *, needed: bool = True) -> str:
        found = getattr(self.client, name) or self._about().get(name, "")
        if isinstance(found, str) and found.startswith("https://"):
            return found
        if needed:
            raise errors.ProviderFailed(f"{name} is not known")
        return ""

    def _about(self) -> Mapping[str, Any]:
        """What the issuer tells of itself; nothing where the settings say where everything is."""
        client = self.client
        told = client.authorization_endpoint and client.token_endpoint and (client.jwks_uri or not self._openid)
        if not client.issuer or told:
            return {}
        return self._once("about", lambda: self._discovered(client.issuer))

    def _discovered(self, issuer: str) -> Mapping[str, Any]:
        for place in _WELL_KNOWN:
            answer = self._https.get(issuer.rstrip("/") + place)
            if answer.status_code == 200:
                found = _object(answer.content, answer.json)
                # OpenID Connect Discovery 4.3, RFC 8414 3.3: what speaks for another issuer is not believed.
                if found.get("issuer") != issuer:
                    raise errors.ProviderFailed("it speaks of another issuer")
                return found
        raise errors.ProviderFailed("it tells nothing of itself")

    def _once(self, name: str, ask: Any) -> Mapping[str, Any]:
        """Asked for at first use, and again after an hour."""
        with self._lock:
            found, at = self._kept.get(name, ({}, -1e9))
            if time.monotonic() - at > _HOUR:
                found = ask()
                self._kept[name] = found, time.monotonic()
            return found

    def _from_here(self, issuer: str) -> None:
        """RFC 9207: an answer that names its issuer, or should, was made by this one."""
        promised = self._about().get("authorization_response_iss_parameter_supported") is True
        expected = self.client.issuer
        if (issuer and expected and issuer != expected) or (promised and not issuer):
            raise errors.ProviderRefused("iss")

    def _check_id_token(self, found: Mapping[str, Any], nonce: str) -> None:
        """OpenID Connect Core 3.1.3.7: signed by the issuer, for us, now, and for this very sign-in."""
        try:
            self._claims(found, nonce)
        except (JoseError, ValueError, TypeError, KeyError):
            # By a key that is newer than those we know, perhaps.
            self._kept.pop("keys", None)
            raise errors.ProviderRefused("id_token") from None

    def _claims(self, found: Mapping[str, Any], nonce: str) -> None:
        client, endpoint = self.client, self._endpoint("jwks_uri")
        keys = self._once("keys", lambda: _fetched(self._https, endpoint))
        signed = jwt.decode(str(found["id_token"]), KeySet.import_key_set(keys), algorithms=_ALGORITHMS)  # type: ignore[arg-type]
        claims = CodeIDToken(
            signed.claims, signed.header,
            {"iss": {"essential": True, "value": client.issuer}, "aud": {"essential": True, "value": client.client_id}},
            {"nonce": nonce, "client_id": client.client_id, "access_token": found["access_token"]},
        )  # fmt: skip
        claims.validate(leeway=_LEEWAY)


def _fetched(https: Https, url: str) -> Mapping[str, Any]:
    answer = https.get(url)
    answer.raise_for_status()
    return _object(answer.content, answer.json)


def _object(content: bytes, read: Any) -> Mapping[str, Any]:
    try:
        found = read()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise errors.ProviderFailed("an answer that is no JSON object")
    return found


def _read(found: Mapping[str, Any]) -> Tokens:
    access, refresh, life = found.get("access_token"), found.get("refresh_token") or "", found.get("expires_in")
    if not isinstance(access, str) or not isinstance(refresh, str) or not access:
        raise errors.ProviderFailed("an answer that is no token")
    try:
        seconds = min(max(0.0, float(_LIFE if life is None else life)), 30 * 24 * _HOUR)
    except (TypeError, ValueError):
        seconds = _LIFE
    return Tokens(Token(access), refresh, time.time() + seconds, seconds)
