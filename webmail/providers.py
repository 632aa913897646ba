"""OAuth as a setting: what is known of the large providers, and the `oauth` table of a domain, read."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

KNOWN: Final[dict[str, dict[str, str]]] = {
    "google": {
        "title": "Google",
        "issuer": "https://accounts.google.com",
        "authorization_endpoint": "https://accounts.google.com/o/oauth2/v2/auth",
        "token_endpoint": "https://oauth2.googleapis.com/token",
        "revocation_endpoint": "https://oauth2.googleapis.com/revoke",
        "scopes": "https://mail.google.com/",
        "extra": "access_type=offline prompt=consent",
        "servers": "imap.gmail.com 993 implicit smtp.gmail.com 465 implicit filed",
    },
    "microsoft": {
        "title": "Microsoft",
        "authorization_endpoint": "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        "token_endpoint": "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        "scopes": "offline_access https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send",
        "servers": "outlook.office365.com 993 implicit smtp.office365.com 587 starttls filed",
    },
    "yahoo": {
        "title": "Yahoo",
        "issuer": "https://api.login.yahoo.com",
        "authorization_endpoint": "https://api.login.yahoo.com/oauth2/request_auth",
        "token_endpoint": "https://api.login.yahoo.com/oauth2/get_token",
        "scopes": "mail-w",
        "servers": "imap.mail.yahoo.com 993 implicit smtp.mail.yahoo.com 465 implicit",
    },
    "aol": {
        "title": "AOL",
        "issuer": "https://api.login.aol.com",
        "authorization_endpoint": "https://api.login.aol.com/oauth2/request_auth",
        "token_endpoint": "https://api.login.aol.com/oauth2/get_token",
        "scopes": "mail-w",
        "servers": "imap.aol.com 993 implicit smtp.aol.com 465 implicit",
    },
    "fastmail": {
        "title": "Fastmail",
        "issuer": "https://api.fastmail.com",
        "authorization_endpoint": "https://api.fastmail.com/oauth/authorize",
        "token_endpoint": "https://api.fastmail.com/oauth/refresh",
        "revocation_endpoint": "https://api.fastmail.com/oauth/revoke",
        "scopes": "https://www.fastmail.com/dev/protocol-imap https://www.fastmail.com/dev/protocol-smtp",
        "servers": "imap.fastmail.com 993 implicit smtp.fastmail.com 465 implicit",
    },
}
"""By name. scopes and extra (what goes along in the authorization request) are separated by spaces. servers: IMAP host,
port, TLS, the same of submission, and "filed" where the server puts a copy of what it sends into Sent by itself."""

_TEXTS: Final = (
    "provider", "title", "issuer", "authorization_endpoint", "token_endpoint", "revocation_endpoint", "jwks_uri",
    "client_id", "client_secret", "client_secret_file", "client_secret_env", "scopes", "extra", "ca_file",
)  # fmt: skip
_ENDPOINTS: Final = ("issuer", "authorization_endpoint", "token_endpoint", "revocation_endpoint", "jwks_uri")
_LABEL: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,99}")


class BadTable(ValueError):
    """An `oauth` table that cannot be used. str(): what is wrong with it, never a secret."""


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """This site as a client of one provider (RFC 6749). label: stands in the redirect URI, one for each provider.

    What is empty of the endpoints is looked up at the issuer (OpenID Connect Discovery, RFC 8414). scopes: separated by
    spaces; with "openid" among them an ID token is asked for and checked. extra: pairs for the authorization request.
    """

    label: str
    title: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    scopes: str = ""
    issuer: str = ""
    authorization_endpoint: str = ""
    token_endpoint: str = ""
    revocation_endpoint: str = ""
    jwks_uri: str = ""
    extra: tuple[tuple[str, str], ...] = ()
    ca_file: Path | None = None


def servers_of(table: object) -> dict[str, Any]:
    """What the settings of a domain with this table are unless it says otherwise, in the names of config.py."""
    facts = KNOWN.get(str(table.get("provider", "")), {}) if isinstance(table, dict) else {}
    words = facts.get("servers", "").split()
    if not words:
        return {}
    imap_host, imap_port, imap_tls, smtp_host, smtp_port, smtp_tls, *filed = words
    return {
        "imap_host": imap_host, "imap_port": int(imap_port), "imap_tls": imap_tls,
        "smtp_host": smtp_host, "smtp_port": int(smtp_port), "smtp_tls": smtp_tls, "sent_copy": not filed,
    }  # fmt: skip


def client_of(table: object, environ: Mapping[str, str] | None = None) -> OAuthClient:
    """Read an `oauth` table. Raises BadTable."""
    given = _texts(table)
    name = given.pop("provider", "")
    if name and name not in KNOWN:
        raise BadTable(f"provider: should be one of {', '.join(KNOWN)}, not {name!r}")
    facts = {key: value for key, value in KNOWN.get(name, {}).items() if key != "servers"} | given
    if not facts.get("client_id"):
        raise BadTable("client_id: is missing")
    if not facts.get("issuer") and not (facts.get("authorization_endpoint") and facts.get("token_endpoint")):
        raise BadTable("issuer: is missing, or provider, or authorization_endpoint and token_endpoint")
    for key in _ENDPOINTS:
        if facts.get(key) and not _https(facts[key]):
            raise BadTable(f"{key}: should begin with https:// and name a host")
    label = name or urlsplit(facts.get("issuer") or facts["authorization_endpoint"]).hostname or ""
    if not _LABEL.fullmatch(label):
        raise BadTable("issuer: its host has a name that cannot stand in an address")
    ca_file = Path(facts["ca_file"]) if facts.get("ca_file") else None
    if ca_file and not ca_file.is_file():
        raise BadTable(f"ca_file: there is no file {ca_file}")
    scopes = facts.get("scopes") or "openid email offline_access"
    if "openid" in scopes.split() and not facts.get("issuer"):
        raise BadTable("scopes: with openid among them, issuer is needed")
    return OAuthClient(
        label=label,
        title=facts.get("title") or label,
        client_id=facts["client_id"],
        client_secret=_secret(facts, os.environ if environ is None else environ),
        scopes=scopes,
        extra=_pairs(facts.get("extra", "")),
        ca_file=ca_file,
        **{key: facts.get(key, "") for key in _ENDPOINTS},
    )


def _texts(table: object) -> dict[str, str]:
    if not isinstance(table, dict):
        raise BadTable("should be a table")
    for key, value in table.items():
        if key not in _TEXTS:
            raise BadTable(f"has no setting {key}")
        if not isinstance(value, str):
            raise BadTable(f"{key}: should be text")
    return {key: value.strip() for key, value in table.items()}


def _https(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and bool(parts.hostname) and parts.username is None and not parts.fragment
    except ValueError:
        return False


def _secret(facts: Mapping[str, str], environ: Mapping[str, str]) -> str:
    """From the place that the table names; a public client (RFC 6749 2.1) has none."""
    secret = _secret_as_named(facts, environ)
    if not all("\x20" <= character <= "\x7e" for character in secret):
        raise BadTable("client_secret: should be printable ASCII (RFC 6749 A.2)")
    return secret


def _secret_as_named(facts: Mapping[str, str], environ: Mapping[str, str]) -> str:
    places = [key for key in ("client_secret", "client_secret_file", "client_secret_env") if facts.get(key)]
    if len(places) > 1:
        raise BadTable(f"{places[1]}: the secret is named twice")
    if facts.get("client_secret_env"):
        if not environ.get(facts["client_secret_env"]):
            raise BadTable("client_secret_env: there is no such variable, or it is empty")
        return environ[facts["client_secret_env"]].strip()
    if facts.get("client_secret_file"):
        try:
            return Path(facts["client_secret_file"]).read_text("utf-8").strip()
        except (OSError, ValueError):
            raise BadTable("client_secret_file: cannot be read") from None
    return facts.get("client_secret", "")


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    found = [tuple(word.split("=", 1)) for word in text.split()]
    if any(len(pair) != 2 for pair in found):
        raise BadTable("extra: should look like name=value name=value")
    return tuple((pair[0], pair[1]) for pair in found)


_REFERENCE: Final = """
## Signing in at a provider

Where the mail server takes tokens in place of passwords, its table has a table `oauth`; `[oauth]` at the top is for
`imap_host` above. Passwords are not asked for then. `PENNYPOST_TRUSTED_HOSTS` is needed: providers send people back to
`https://HOST/login/back/LABEL`, where LABEL is the name of the provider, or the host of its issuer. How to register
there: [operating.md](operating.md).

- `provider`: {known}. Endpoints, scopes and mail servers are known, and what else is set may change them.
- `issuer`: any other provider, as `https://...`. It is asked where its endpoints are, at first use and every hour.
- `authorization_endpoint`, `token_endpoint`, `revocation_endpoint`, `jwks_uri`: where the issuer tells nothing.
- `client_id`: what the provider calls this site.
- `client_secret_file`, `client_secret_env` or `client_secret`: the secret, from a file, from a variable of the
  environment, or as it stands there. A public client has none.
- `scopes`: what is asked for, separated by spaces; `openid email offline_access` when nothing is said. With `openid`
  among them an ID token is asked for and checked.
- `extra`: more for the authorization request, as `name=value name=value`.
- `title`: what people call the provider.
- `ca_file`: PEM file of a private authority, besides the system's; that of the domain when nothing is said.

```toml
[domains."example.com".oauth]
provider = "google"
client_id = "1234.apps.googleusercontent.com"
client_secret_file = "/etc/pennypost/google"

[domains."example.org"]
imap_host = "imap.example.org"

[domains."example.org".oauth]
title = "Example Accounts"
issuer = "https://accounts.example.org"
client_id = "pennypost"
client_secret_env = "EXAMPLE_SECRET"
scopes = "openid email offline_access mail"
```
"""


def reference() -> str:
    """The part of docs/settings.md about this table."""
    *some, last = (f"`{name}`" for name in KNOWN)
    return _REFERENCE.replace("{known}", f"{', '.join(some)} or {last}")
