"""The settings: one table (fields of Settings), read once from a TOML file and the environment, then passed down."""

from __future__ import annotations

import ipaddress
import os
import tomllib
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Literal, cast

Tls = Literal["implicit", "starttls"]
LoginForm = Literal["address", "local"]
SecondFactor = Literal["off", "offered", "required"]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PREFIX: Final = "PENNYPOST_"


class ConfigError(Exception):
    """A setting that cannot be used. str() is one line that names the setting and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one service answers. tls is never "none": both modes verify certificate and host name (R11)."""

    host: str
    port: int
    tls: Tls = "implicit"
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class MailServer:
    """One mail host: where to read, where to submit, and what its login names look like.

    sent_copy: False for servers that file sent mail themselves; appending there would make a duplicate.
    """

    imap: Endpoint
    smtp: Endpoint
    login: LoginForm = "address"
    sent_copy: bool = True

    def login_of(self, address: str) -> str:
        """What this server calls the user with that address."""
        return address if self.login == "address" else address.rpartition("@")[0]


def _option(default: Any, text: str, low: int | None = None, high: int | None = None) -> Any:
    return field(default=default, metadata={"help": text, "low": low, "high": high})


@dataclass(frozen=True)
class Settings:
    """Every setting. A field's name in upper case behind PENNYPOST_ is its environment variable."""

    imap_host: str = _option("", "IMAP server of every user. Leave empty when [domains] in the file names servers.")
    imap_port: int = _option(993, "Port of the IMAP server.", 1, 65535)
    imap_tls: Tls = _option("implicit", "How TLS begins: `implicit`, or `starttls` (required, never downgraded).")
    smtp_host: str = _option("", "Submission server. Empty: the same host as IMAP.")
    smtp_port: int = _option(465, "Port of the submission server.", 1, 65535)
    smtp_tls: Tls = _option("implicit", "How TLS begins for submission: `implicit` or `starttls`.")
    ca_file: str = _option("", "PEM file of a private certificate authority. Empty: the system's authorities.")
    login: LoginForm = _option("address", "What the server calls a user: the whole `address`, or its `local` part.")
    sent_copy: bool = _option(True, "Put a copy of sent mail into Sent. Turn off where the server does that itself.")
    listen: str = _option("127.0.0.1:8025", "Address and port to listen on.")
    state_dir: str = _option(
        "state", "Directory for sign-in records and the journal of sending (mode 0700). No mail is ever kept in it."
    )
    secret_key: str = _option("", "Signs cookies. Empty: made on first start and kept in `state_dir`, mode 0600.")
    secure_cookies: bool = _option(True, "Cookies only over HTTPS. Turn off only for plain HTTP on loopback.")
    trusted_hosts: str = _option("", "Host names this site answers to, comma separated. Empty: any.")
    authserv_id: str = _option(
        "", "Names your mail server signs Authentication-Results with, comma separated; it must remove forged ones. "
        "Empty: nothing is said about who wrote a message, and no list is left by one click.",
    )  # fmt: skip
    proxy_hops: int = _option(0, "How many reverse proxies in front set X-Forwarded-*. Exact, or 0.", 0, 9)
    brand: str = _option("Pennypost", "The name shown on every page.")
    timezone: str = _option("UTC", "Zone of times until the browser has told its own (IANA name).")
    page_size: int = _option(50, "Messages on one list page.", 10, 200)
    upload_limit_mb: int = _option(25, "Most megabytes of files in one letter.", 1, 1000)
    undo_seconds: int = _option(
        10, "Seconds a letter waits in which its writer can undo sending, unless they chose. 0: none.", 0, 30
    )
    session_idle_minutes: int = _option(720, "Quiet minutes until a private computer is signed out.", 5, 43200)
    shared_idle_minutes: int = _option(5, "Quiet minutes until a shared computer is signed out.", 1, 60)
    session_max_hours: int = _option(168, "Hours until everybody has to sign in again.", 1, 8760)
    passkeys: bool = _option(
        True, "Let a passkey stand for the password. Needs `trusted_hosts`, and HTTPS or the name `localhost`."
    )
    second_factor: SecondFactor = _option(
        "off", "A code from a phone besides the password: `off`, `offered`, or `required`. Needs `secret_key`."
    )
    second_factor_dir: str = _option(
        "", "Where second factors are kept; give it a backup. Empty: `second-factors` in `state_dir`."
    )
    image_proxy: bool = _option(
        True,
        "Fetch remote images, once a reader agrees, through this server. Off: by the reader's browser.",
    )
    image_networks: str = _option(
        "", "Networks images may be fetched from although they are not public (`10.1.0.0/16, ...`)."
    )
    connect_timeout: int = _option(10, "Seconds to wait for a mail server to answer a connection.", 1, 120)
    command_timeout: int = _option(30, "Seconds to wait for a mail server to answer a command.", 1, 600)
    connections_per_user: int = _option(2, "IMAP connections one user may hold at once.", 1, 10)
    connections_total: int = _option(500, "IMAP connections of the whole process.", 2, 20000)
    connection_idle_seconds: int = _option(300, "Quiet seconds until an IMAP connection is closed.", 10, 1700)
    streams: int = _option(300, "Open pages that are told at once what other devices do. Each takes a thread.", 0, 5000)
    threads: int = _option(32, "Requests served at the same time.", 2, 1000)
    domains: Mapping[str, MailServer] = field(default_factory=dict, metadata={"help": "", "low": None, "high": None})

    def server_for(self, domain: str) -> MailServer | None:
        """The mail server of an address's domain (lower case), from the map first; None when nobody named one."""
        if domain in self.domains:
            return self.domains[domain]
        return _server(self._own(), "") if self.imap_host else None

    @property
    def networks(self) -> tuple[Network, ...]:
        """image_networks, parsed. Raises ValueError."""
        names = (name.strip() for name in self.image_networks.split(","))
        return tuple(ipaddress.ip_network(name) for name in names if name)

    def authserv_ids(self) -> tuple[str, ...]:
        """The names of our own server in Authentication-Results (RFC 8601 2.2), lower case."""
        return tuple(name.strip().lower() for name in self.authserv_id.split(",") if name.strip())

    def _own(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _SERVER_KEYS}


_SERVER_KEYS: Final = (
    "imap_host", "imap_port", "imap_tls", "smtp_host", "smtp_port", "smtp_tls", "ca_file", "login", "sent_copy",
)  # fmt: skip
_CHOICES: Final = {
    "imap_tls": ("implicit", "starttls"),
    "smtp_tls": ("implicit", "starttls"),
    "login": ("address", "local"),
    "second_factor": ("off", "offered", "required"),
}


def load(environ: Mapping[str, str] | None = None, file: Path | None = None) -> Settings:
    """Read the settings: defaults, then the TOML file (argument or PENNYPOST_CONFIG), then the environment.

    Raises ConfigError with one clear line.
    """
    environ = os.environ if environ is None else environ
    if file is None and environ.get(PREFIX + "CONFIG"):
        file = Path(environ[PREFIX + "CONFIG"])
    given: dict[str, Any] = _read_file(file) if file else {}
    for item in fields(Settings):
        value = environ.get(PREFIX + item.name.upper())
        if value is not None and item.name != "domains":
            given[item.name] = value
    known = {item.name for item in fields(Settings)}
    unknown = sorted({PREFIX + n.upper() for n in given if n not in known} | _unknown_variables(environ, known))
    if unknown:
        raise ConfigError(f"{unknown[0]}: there is no such setting")
    values = {name: _typed(name, value) for name, value in given.items() if name != "domains"}
    settings = Settings(**values, domains=_domains(given.get("domains", {}), values))
    _check(settings)
    return settings


def _unknown_variables(environ: Mapping[str, str], known: set[str]) -> set[str]:
    allowed = {PREFIX + name.upper() for name in known} | {PREFIX + "CONFIG", PREFIX + "CORPUS", PREFIX + "DOMAINS"}
    return {name for name in environ if name.startswith(PREFIX) and name not in allowed}


def _read_file(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as stream:
            return tomllib.load(stream)
    except OSError as error:
        raise ConfigError(f"PENNYPOST_CONFIG: cannot read {file}: {error.strerror}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"PENNYPOST_CONFIG: {file} is not TOML: {error}") from None


def _typed(name: str, value: Any) -> Any:
    item = next(f for f in fields(Settings) if f.name == name)
    label = PREFIX + name.upper()
    if isinstance(item.default, bool):
        return _boolean(label, value)
    if isinstance(item.default, int):
        return _integer(label, value, item.metadata["low"], item.metadata["high"])
    if not isinstance(value, str):
        raise ConfigError(f"{label}: should be text, not {value!r}")
    value = value.strip()
    if name in _CHOICES and value not in _CHOICES[name]:
        raise ConfigError(f"{label}: should be {' or '.join(_CHOICES[name])}, not {value!r}")
    return value


def _boolean(label: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word not in {"1", "true", "yes", "on", "0", "false", "no", "off"}:
        raise ConfigError(f"{label}: should be true or false, not {value!r}")
    return word in {"1", "true", "yes", "on"}


def _integer(label: str, value: Any, low: int, high: int) -> int:
    try:
        number = int(str(value).strip())
    except ValueError:
        raise ConfigError(f"{label}: should be a whole number, not {value!r}") from None
    if isinstance(value, bool) or not low <= number <= high:
        raise ConfigError(f"{label}: should be from {low} to {high}, not {value}")
    return number


def _domains(given: Any, values: Mapping[str, Any]) -> dict[str, MailServer]:
    if not isinstance(given, dict):
        raise ConfigError('PENNYPOST_CONFIG: domains should be tables like [domains."example.org"]')
    servers: dict[str, MailServer] = {}
    for domain, table in given.items():
        if not isinstance(table, dict):
            raise ConfigError(f'PENNYPOST_CONFIG: [domains."{domain}"] should be a table')
        for key in table:
            if key not in _SERVER_KEYS:
                raise ConfigError(f'PENNYPOST_CONFIG: [domains."{domain}"] has no setting {key}')
        defaults = {f.name: values.get(f.name, f.default) for f in fields(Settings) if f.name in _SERVER_KEYS}
        own = {key: _typed(key, value) for key, value in table.items()}
        # A domain that names its own IMAP host must not inherit another host's submission server.
        if "imap_host" in own and "smtp_host" not in own:
            defaults["smtp_host"] = ""
        servers[domain.lower()] = _server(defaults | own, f'[domains."{domain}"] ')
    return servers


def _server(values: Mapping[str, Any], where: str) -> MailServer:
    if not values["imap_host"]:
        raise ConfigError(f"{where}imap_host: is missing")
    ca_file = Path(values["ca_file"]) if values["ca_file"] else None
    if ca_file and not ca_file.is_file():
        raise ConfigError(f"{where or PREFIX}{'ca_file' if where else 'CA_FILE'}: there is no file {ca_file}")
    return MailServer(
        imap=Endpoint(values["imap_host"], values["imap_port"], cast(Tls, values["imap_tls"]), ca_file),
        smtp=Endpoint(
            values["smtp_host"] or values["imap_host"], values["smtp_port"], cast(Tls, values["smtp_tls"]), ca_file
        ),
        login=values["login"],
        sent_copy=values["sent_copy"],
    )


def _check(settings: Settings) -> None:
    if not settings.imap_host and not settings.domains:
        raise ConfigError(
            "PENNYPOST_IMAP_HOST: name your mail server, for example PENNYPOST_IMAP_HOST=mail.example.org"
        )
    if settings.imap_host:
        _server(settings._own(), "")
    host, _, port = settings.listen.rpartition(":")
    if not host or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise ConfigError(f"PENNYPOST_LISTEN: should look like 127.0.0.1:8025, not {settings.listen!r}")
    try:
        zoneinfo.ZoneInfo(settings.timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigError(f"PENNYPOST_TIMEZONE: there is no zone {settings.timezone!r}") from None
    try:
        settings.networks  # noqa: B018
    except ValueError:
        raise ConfigError("PENNYPOST_IMAGE_NETWORKS: should look like 10.1.0.0/16, 192.168.7.0/24") from None
    if settings.secret_key and len(settings.secret_key) < 32:
        raise ConfigError("PENNYPOST_SECRET_KEY: should be at least 32 characters")
    if settings.second_factor != "off" and not settings.secret_key:
        raise ConfigError("PENNYPOST_SECOND_FACTOR: needs PENNYPOST_SECRET_KEY, which seals what is kept for it")


_INTRO: Final = """# Settings

Made from the table in `webmail/config.py`; `tests/test_config.py` holds the two equal. Change the table, then run
`python -m webmail.config > docs/settings.md`.

A setting comes from the environment, else from the TOML file that `PENNYPOST_CONFIG` names (the same names in lower
case without the prefix), else it has its default. A wrong value stops the start with one line that says which.

| variable | type | default | meaning |
|---|---|---|---|
"""
_OUTRO: Final = """
## Several mail domains

In the TOML file, one table a domain. Each may set `imap_host`, `imap_port`, `imap_tls`, `smtp_host`, `smtp_port`,
`smtp_tls`, `ca_file`, `login` and `sent_copy`; what it leaves out comes from the settings above, except that a domain
with an `imap_host` of its own submits to that host unless it names another. The sign-in form never chooses a host: an
address whose domain is not in the map, with no `imap_host` for all, cannot sign in.

```toml
brand = "Example mail"

[domains."example.org"]
imap_host = "imap.example.org"
smtp_host = "smtp.example.org"

[domains."example.net"]
imap_host = "mail.example.net"
smtp_port = 587
smtp_tls = "starttls"
login = "local"
```
"""


def reference() -> str:
    """docs/settings.md as text."""
    rows = []
    for item in fields(Settings):
        if item.name == "domains":
            continue
        kind = " or ".join(f"`{c}`" for c in _CHOICES.get(item.name, ())) or type(item.default).__name__
        kind = {"str": "text", "int": "number", "bool": "true/false"}.get(kind, kind)
        if item.metadata["low"] is not None:
            kind += f" {item.metadata['low']}-{item.metadata['high']}"
        shown = f"`{str(item.default).lower() if isinstance(item.default, bool) else item.default}`"
        if item.default == "":
            shown = "empty"
        rows.append(f"| `{PREFIX}{item.name.upper()}` | {kind} | {shown} | {item.metadata['help']} |\n")
    return _INTRO + "".join(rows) + _OUTRO


if __name__ == "__main__":
    print(reference(), end="")
