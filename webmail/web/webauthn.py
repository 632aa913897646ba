"""Passkeys (WebAuthn level 3): what a browser is asked for, and whether what it answers is true.

Nothing is kept for a question: a challenge carries its own proof that it is ours, for this browser, and not old.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fido2 import cbor
from fido2.cose import CoseKey, UnsupportedKey
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

CHALLENGE_SECONDS: Final = 300
_CLOCK: Final = 8
_LONGEST: Final = 16 * 1024
_LONGEST_ID: Final = 1023
_UV: Final = UserVerificationRequirement.REQUIRED
_PRF_INPUT: Final = hashlib.sha256(b"pennypost passkey 1").digest()
"""What every passkey is asked to make its secret from. It is no secret itself: each passkey answers with its own."""


class PasskeyRefused(Exception):
    """The answer is not what it should be. str() says why, for the log; the reader hears one sentence for all."""


@dataclass(frozen=True, slots=True)
class Made:
    """A new passkey. credential, public_key: base64url. counter: as it said."""

    credential: str
    public_key: str
    counter: int


@dataclass(frozen=True, slots=True)
class Used:
    """A proof. issued: when its challenge was made, nanoseconds since the epoch; each counts once."""

    counter: int
    issued: int


@dataclass(frozen=True, slots=True)
class Site:
    """Who asks. origin: scheme, name and port as a browser writes them. brand: its name for people.

    key: what challenges are proved with. bound: what ties a challenge to one browser.
    """

    origin: str
    brand: str
    key: bytes
    bound: str

    @property
    def rp_id(self) -> str:
        """The host name."""
        return _name(self.origin)

    def register(self, account: str, address: str, known: tuple[str, ...]) -> dict[str, Any]:
        """Options for a new passkey, for navigator.credentials.create once its texts are octets.

        known: credentials that the account has; their devices make no second one.
        """
        user = PublicKeyCredentialUserEntity(name=address, id=bytes.fromhex(account), display_name=address)
        options, _ = self._server().register_begin(
            user,
            [_descriptor(each) for each in known],  # type: ignore[misc]
            resident_key_requirement=ResidentKeyRequirement.REQUIRED,
            user_verification=_UV,
            challenge=self._challenge(f"create {account}"),
            extensions=_EXTENSIONS,
        )
        return dict(options.public_key) | {"timeout": CHALLENGE_SECONDS * 1000}

    def ask(self, credential: str | None = None) -> dict[str, Any]:
        """Options for a proof: by one passkey, or by any that the reader picks."""
        options, _ = self._server().authenticate_begin(
            [_descriptor(credential)] if credential else None,  # type: ignore[list-item]
            user_verification=_UV,
            challenge=self._challenge("get"),
            extensions=_EXTENSIONS,
        )
        return dict(options.public_key) | {"timeout": CHALLENGE_SECONDS * 1000}

    def registered(self, answer: str, account: str) -> Made:
        """Judge the answer to register. Raises PasskeyRefused."""
        try:
            told = RegistrationResponse.from_dict(_read(answer))
            self._same_page(told.response.client_data.cross_origin)
            self._issued(told.response.client_data.challenge, f"create {account}")
            state = {"challenge": websafe_encode(told.response.client_data.challenge), "user_verification": _UV}
            data = self._server().register_complete(state, told)
        except PasskeyRefused:
            raise
        except Exception as error:  # whatever a hostile answer makes of the parser
            raise PasskeyRefused(_why(error)) from None
        found = data.credential_data
        if found is None or len(found.credential_id) > _LONGEST_ID or isinstance(found.public_key, UnsupportedKey):
            raise PasskeyRefused("no credential that we can use")
        return Made(websafe_encode(found.credential_id), websafe_encode(cbor.encode(found.public_key)), data.counter)

    def proved(self, answer: str, credential: str, public_key: str) -> Used:
        """Judge a proof by this passkey. Callers let each challenge count once. Raises PasskeyRefused."""
        try:
            told = AuthenticationResponse.from_dict(_read(answer))
            self._same_page(told.response.client_data.cross_origin)
            issued = self._issued(told.response.client_data.challenge, "get")
            state = {"challenge": websafe_encode(told.response.client_data.challenge), "user_verification": _UV}
            self._server().authenticate_complete(state, [_attested(credential, public_key)], told)
        except PasskeyRefused:
            raise
        except Exception as error:  # whatever a hostile answer makes of the parser
            raise PasskeyRefused(_why(error)) from None
        return Used(told.response.authenticator_data.counter, issued)

    def _server(self) -> Fido2Server:
        # The library would take any name below ours; we take ours alone.
        entity = PublicKeyCredentialRpEntity(name=self.brand, id=self.rp_id)
        return Fido2Server(entity, verify_origin=lambda origin: origin == self.origin)

    def _same_page(self, cross_origin: bool) -> None:
        if cross_origin:
            raise PasskeyRefused("asked from inside another site")

    def _challenge(self, purpose: str) -> bytes:
        head = secrets.token_bytes(16) + time.time_ns().to_bytes(_CLOCK, "big")
        return head + self._proof(head, purpose)

    def _issued(self, challenge: bytes, purpose: str) -> int:
        """When this challenge of ours was made. Raises PasskeyRefused for any other, and for an old one."""
        head, proof = challenge[: 16 + _CLOCK], challenge[16 + _CLOCK :]
        if not secrets.compare_digest(proof, self._proof(head, purpose)):
            raise PasskeyRefused("not our challenge")
        issued = int.from_bytes(head[16:], "big")
        if not 0 <= time.time_ns() - issued < CHALLENGE_SECONDS * 1_000_000_000:
            raise PasskeyRefused("an old challenge")
        return issued

    def _proof(self, head: bytes, purpose: str) -> bytes:
        said = "\0".join((purpose, self.origin, self.bound)).encode()
        return hmac.new(self.key, head + said, hashlib.sha256).digest()


def can_use(scheme: str, host: str) -> bool:
    """Whether browsers offer passkeys on this site at all: HTTPS, or this machine, and a name, not a number."""
    name = _name(f"{scheme}://{host}")
    return name == "localhost" or (scheme == "https" and name != "" and not _is_number(name))


def named_by(answer: str) -> tuple[str, str]:
    """Account key and credential that a proof names, unproved. Raises PasskeyRefused."""
    told = _read(answer)
    try:
        return websafe_decode(told["response"]["userHandle"]).hex(), websafe_encode(websafe_decode(told["rawId"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise PasskeyRefused("names nobody") from None


_EXTENSIONS: Final = {"prf": {"eval": {"first": websafe_encode(_PRF_INPUT)}}}


def _read(answer: str) -> Mapping[str, Any]:
    if len(answer) > _LONGEST:
        raise PasskeyRefused("too long")
    try:
        told = json.loads(answer)
    except (ValueError, RecursionError):
        raise PasskeyRefused("not JSON") from None
    if not isinstance(told, dict):
        raise PasskeyRefused("not an object")
    return told


def _why(error: Exception) -> str:
    """For the log: the library's own words, which are its ValueErrors; of all else the kind alone (R17)."""
    words = str(error)[:80] if type(error) is ValueError else ""
    return f"{type(error).__name__} {words}" if words.isascii() and words.isprintable() else type(error).__name__


def _attested(credential: str, public_key: str) -> AttestedCredentialData:
    key = CoseKey.parse(cbor.decode(websafe_decode(public_key)))  # type: ignore[arg-type]
    return AttestedCredentialData.create(Aaguid.NONE, websafe_decode(credential), key)


def _descriptor(credential: str) -> dict[str, Any]:
    return {"type": "public-key", "id": credential}


def _name(origin: str) -> str:
    rest = origin.partition("://")[2]
    return rest.rpartition(":")[0] if not rest.endswith("]") and ":" in rest else rest


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
