"""A passkey device without a browser, which does what it is told: also what an honest one would not."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

FLAG = AuthenticatorData.FLAG
Told = dict[str, Any]


@dataclass
class Device:
    """One passkey on one device. counter: signatures so far."""

    origin: str = "http://localhost"
    counter: int = 0
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    user: bytes = b""
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, told: Told, **lies: Any) -> str:
        """The answer to options for a new passkey."""
        self.user = websafe_decode(told["user"]["id"])
        public = ES256.from_cryptography_key(self.key.public_key())
        credential = AttestedCredentialData.create(Aaguid.NONE, self.id, public)
        data = self._data(told["rp"]["id"], credential, **lies)
        response = {
            "clientDataJSON": websafe_encode(self._client_data("webauthn.create", told, **lies)),
            "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
        }
        return self._answer(response)

    def prove(self, told: Told, **lies: Any) -> str:
        """The answer to options for a proof. lies: origin, rp, flags, counter, cross, challenge, user, kind, id."""
        self.counter += 1
        data = self._data(told["rpId"], b"", **lies)
        client = self._client_data("webauthn.get", told, **lies)
        response = {
            "clientDataJSON": websafe_encode(client),
            "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(self.key.sign(data + client.hash, ec.ECDSA(SHA256()))),
            "userHandle": websafe_encode(lies.get("user", self.user)),
        }
        return self._answer(response, lies.get("id", self.id))

    def _data(self, asked: str, credential: bytes, **lies: Any) -> AuthenticatorData:
        flags = lies.get("flags", FLAG.UP | FLAG.UV) | (FLAG.AT if credential else 0)
        name = lies.get("rp", asked).encode()
        return AuthenticatorData.create(
            sha256(name).digest(), FLAG(flags), lies.get("counter", self.counter), credential
        )

    def _client_data(self, usual: str, told: Told, **lies: Any) -> CollectedClientData:
        challenge = lies.get("challenge", told["challenge"])
        origin, kind = lies.get("origin", self.origin), lies.get("kind", usual)
        return CollectedClientData.create(kind, challenge, origin, lies.get("cross", False))

    def _answer(self, response: dict[str, str], id: bytes | None = None) -> str:
        name = websafe_encode(id or self.id)
        made = {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}
        return json.dumps(made)
