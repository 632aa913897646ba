"""The settings: one table (fields of Settings), read once from a TOML file and the environment, then passed down."""

from __future__ import annotations

import ipaddress
import os
import tomllib
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final, Literal, cast

from webmail import looks, providers, typed
from webmail.languages import OFFERED
from webmail.mailserver import Endpoint as Endpoint
from webmail.mailserver import MailServer as MailServer
from webmail.mailserver import Tls as Tls
from webmail.providers import OAuthClient
from webmail.typed import Network as Network

SharedComputers = Literal["ask", "always"]
SecondFactor = Literal["off", "offered", "required"]
LogFormat = Literal["text", "json"]

PREFIX: Final = "PENNYPOST_"


class ConfigError(Exception):
    """A setting that cannot be used. str() is one line that names the setting and what is wrong with it."""


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
    login: str = _option(
        "address", "What the server calls a user: the whole `address`, its `local` part, or a pattern of `{address}`, "
        "`{local}` and `{domain}`, such as `{local}.{domain}`.",
    )  # fmt: skip
    sent_copy: bool = _option(True, "Put a copy of sent mail into Sent. Turn off where the server does that itself.")
    trusts_us: bool = _option(
        False, "The mail server trusts this machine to tell where its users come from (IMAP ID `x-originating-ip`; "
        "Dovecot: `login_trusted_networks`).",
    )  # fmt: skip
    any_domain: bool = _option(
        False, "Find the servers of addresses whose domain has no table in the file, as its owner publishes them. With "
        "it no `imap_host` for all.",
    )  # fmt: skip
    server_networks: str = _option(
        "", "Networks that servers found so may lie in although not public (`10.1.0.0/16, ...`), by any port."
    )
    nameservers: str = _option(
        "", "DNS servers to find them with, comma separated (`::1`, `127.0.0.1:5353`). Empty: the system's."
    )
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
    language: str = _option("en", "Language of pages for browsers that ask for none of those offered.")
    icon: str = _option("", "PNG file shown instead of our icon: square, 192 to 1024 pixels, at most 200 kB.")
    accent: str = _option(
        "", "Colour of links and buttons, such as `#14578c`. Its contrast is checked at the start. Empty: our blue."
    )
    accent_dark: str = _option("", "The same for dark pages. Empty: `accent`, as much lighter as it has to be.")
    support_url: str = _option("", "Where people find help, linked from sign-in: `https:`, `mailto:` or `tel:`.")
    support_text: str = _option("Get help from the people who run this site", "The words of that link.")
    timezone: str = _option("UTC", "Zone of times until the browser has told its own (IANA name).")
    join_assets: bool = _option(
        True,
        "Join scripts and style sheets, so that a page asks for few. Off: each file as it is written now.",
    )
    page_size: int = _option(50, "Messages on one list page.", 10, 200)
    upload_limit_mb: int = _option(25, "Most megabytes of files in one letter.", 1, 1000)
    undo_seconds: int = _option(
        10, "Seconds a letter waits in which its writer can undo sending, unless they chose. 0: none.", 0, 30
    )
    session_idle_minutes: int = _option(720, "Quiet minutes until a private computer is signed out.", 5, 43200)
    shared_idle_minutes: int = _option(5, "Quiet minutes until a shared computer is signed out.", 1, 60)
    shared_computers: SharedComputers = _option("ask", "Whether a computer is shared: `ask` at sign-in, or `always`.")
    shared_networks: str = _option(
        "", "Networks whose computers are always shared (`10.7.0.0/16, ...`), by the browser's address."
    )
    keep_days: int = _option(
        30, "Days until who chose to be kept signed in has to sign in again. 0: nobody can choose it.", 0, 90
    )
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
    limit_sign_in: int = _option(
        10, "Refused sign-ins of one account from one network address in 15 minutes; then one more each 15 minutes "
        "divided by this. 0: no limit, as for all that follow.", 0, 1000,
    )  # fmt: skip
    limit_sign_in_address: int = _option(
        50, "Refused sign-ins from one network address (IPv6: one /64) in 15 minutes.", 0, 100000
    )
    limit_sign_in_account: int = _option(
        100, "Refused sign-ins of one account in an hour from wherever; over it, an address has two tries in 15 "
        "minutes.", 0, 100000,
    )  # fmt: skip
    limit_sign_in_all: int = _option(600, "Refused sign-ins of everybody in a minute.", 0, 1000000)
    limit_send: int = _option(500, "Recipients one user may write to in an hour.", 0, 1000000)
    limit_search: int = _option(120, "Searches of one user in a minute.", 0, 100000)
    limit_upload_mb: int = _option(2000, "Megabytes one user may upload in an hour.", 0, 1000000)
    connect_timeout: int = _option(10, "Seconds to wait for a mail server to answer a connection.", 1, 120)
    command_timeout: int = _option(30, "Seconds to wait for a mail server to answer a command.", 1, 600)
    connections_per_user: int = _option(2, "IMAP connections one user may hold at once.", 1, 10)
    connections_total: int = _option(500, "IMAP connections of the whole process.", 2, 20000)
    connection_idle_seconds: int = _option(300, "Quiet seconds until an IMAP connection is closed.", 10, 1700)
    streams: int = _option(300, "Open pages that are told at once what other devices do. Each takes a thread.", 0, 5000)
    threads: int = _option(32, "Requests served at the same time.", 2, 1000)
    log_format: LogFormat = _option(
        "text", "How the log on standard error is written: `text`, or `json`, an object a line."
    )
    log_requests: bool = _option(False, "A line for each request: page, status, milliseconds, number; no address.")
    metrics_token: str = _option("", "What Prometheus has to show at `/metrics`. Empty: there is no such address.")
    shared: str = _option(
        "", "Redis or Valkey in which several machines share sign-ins, limits and letters on their way "
        "(`rediss://:password@host:6379/0`, `unix:///path`). Needs `secret_key`, the same on all. Empty: files here.",
    )  # fmt: skip
    drain_seconds: int = _option(
        0,
        "Seconds for which a process that is told to stop still answers, so that a balancer can look elsewhere.",
        0,
        60,
    )
    domains: Mapping[str, MailServer] = field(default_factory=dict, metadata={"help": "", "low": None, "high": None})
    oauth: OAuthClient | None = field(default=None, metadata={"help": "", "low": None, "high": None})

    def server_for(self, domain: str) -> MailServer | None:
        """The mail server of an address's domain (lower case), from the map first; None when nobody named one."""
        if domain in self.domains:
            return self.domains[domain]
        return _server(self._own(), "") if self.imap_host else None

    def kept_key(self) -> str:
        """secret_key, or the one that the site made for itself (app.py). Raises OSError where it has not yet."""
        return self.secret_key or Path(self.state_dir, "secret-key").absolute().read_text("ascii").strip()

    def oauth_clients(self) -> tuple[OAuthClient, ...]:
        """Every provider that lets somebody in here."""
        ours = [server.oauth for server in self.domains.values()] + [self.oauth if self.imap_host else None]
        return tuple(dict.fromkeys(client for client in ours if client))

    @property
    def passwords(self) -> bool:
        """Whether anybody signs in with one."""
        return bool(self.imap_host and not self.oauth) or any(not each.oauth for each in self.domains.values())

    @property
    def networks(self) -> tuple[Network, ...]:
        """image_networks, parsed. Raises ValueError."""
        return typed.networks(self.image_networks)

    @property
    def found_within(self) -> tuple[Network, ...]:
        """server_networks, parsed. Raises ValueError."""
        return typed.networks(self.server_networks)

    @property
    def resolvers(self) -> tuple[tuple[str, int], ...]:
        """nameservers, parsed: address and port. Raises ValueError."""
        return typed.resolvers(self.nameservers)

    def always_shared(self, address: str | None) -> bool:
        """Whether a browser at this network address is at a shared computer, whatever its user says."""
        if self.shared_computers == "always" or not self.shared_networks:
            return self.shared_computers == "always"
        try:
            at = ipaddress.ip_address(address or "")
        except ValueError:
            return True
        at = getattr(at, "ipv4_mapped", None) or at
        return any(at in network for network in typed.networks(self.shared_networks))

    def authserv_ids(self) -> tuple[str, ...]:
        """The names of our own server in Authentication-Results (RFC 8601 2.2), lower case."""
        return tuple(name.strip().lower() for name in self.authserv_id.split(",") if name.strip())

    def _own(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in (*_SERVER_KEYS, "oauth")}


_TABLES: Final = ("domains", "oauth")
_SERVER_KEYS: Final = (
    "imap_host", "imap_port", "imap_tls", "smtp_host", "smtp_port", "smtp_tls", "ca_file", "login", "sent_copy",
    "trusts_us",
)  # fmt: skip
CHOICES: Final = {
    "imap_tls": ("implicit", "starttls"),
    "smtp_tls": ("implicit", "starttls"),
    "shared_computers": ("ask", "always"),
    "second_factor": ("off", "offered", "required"),
    "log_format": ("text", "json"),
    "language": tuple(one.tag for one in OFFERED),
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
        if value is not None and item.name not in _TABLES:
            given[item.name] = value
    known = {item.name for item in fields(Settings)}
    unknown = sorted({PREFIX + n.upper() for n in given if n not in known} | _unknown_variables(environ, known))
    if unknown:
        raise ConfigError(f"{unknown[0]}: there is no such setting")
    values = {name: _typed(name, value) for name, value in given.items() if name not in _TABLES}
    if "oauth" in given:
        values = providers.servers_of(given["oauth"]) | values
        values["oauth"] = _oauth(given["oauth"], "[oauth] ")
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
    try:
        if isinstance(item.default, bool):
            return typed.boolean(value)
        if isinstance(item.default, int):
            return typed.integer(value, item.metadata["low"], item.metadata["high"])
    except ValueError as error:
        raise ConfigError(f"{label}: {error}") from None
    if not isinstance(value, str):
        raise ConfigError(f"{label}: should be text, not {value!r}")
    value = value.strip()
    if name in CHOICES and value not in CHOICES[name]:
        raise ConfigError(f"{label}: should be {' or '.join(CHOICES[name])}, not {value!r}")
    if name == "login" and not typed.login_pattern(value):
        raise ConfigError(f"{label}: should be address, local, or a pattern with {{local}} or {{address}}")
    return value


def _domains(given: Any, values: Mapping[str, Any]) -> dict[str, MailServer]:
    if not isinstance(given, dict):
        raise ConfigError('PENNYPOST_CONFIG: domains should be tables like [domains."example.org"]')
    servers: dict[str, MailServer] = {}
    for domain, table in given.items():
        if not isinstance(table, dict):
            raise ConfigError(f'PENNYPOST_CONFIG: [domains."{domain}"] should be a table')
        for key in table:
            if key not in (*_SERVER_KEYS, "oauth"):
                raise ConfigError(f'PENNYPOST_CONFIG: [domains."{domain}"] has no setting {key}')
        defaults = {f.name: values.get(f.name, f.default) for f in fields(Settings) if f.name in _SERVER_KEYS}
        own = {key: _typed(key, value) for key, value in table.items() if key != "oauth"}
        own = providers.servers_of(table.get("oauth")) | own
        # A domain that names its own IMAP host must not inherit another host's submission server.
        if "imap_host" in own and "smtp_host" not in own:
            defaults["smtp_host"] = ""
        defaults["oauth"] = None if "imap_host" in own else values.get("oauth")
        if "oauth" in table:
            own["oauth"] = _oauth(table["oauth"], f'[domains."{domain}".oauth] ')
        servers[domain.lower()] = _server(defaults | own, f'[domains."{domain}"] ')
    return servers


def _oauth(table: Any, where: str) -> OAuthClient:
    try:
        return providers.client_of(table)
    except providers.BadTable as error:
        raise ConfigError(f"{where}{error}") from None


def _server(values: Mapping[str, Any], where: str) -> MailServer:
    if not values["imap_host"]:
        raise ConfigError(f"{where}imap_host: is missing")
    ca_file = Path(values["ca_file"]) if values["ca_file"] else None
    if ca_file and not ca_file.is_file():
        raise ConfigError(f"{where or PREFIX}{'ca_file' if where else 'CA_FILE'}: there is no file {ca_file}")
    oauth = values.get("oauth")
    if oauth and not oauth.ca_file:
        oauth = replace(oauth, ca_file=ca_file)
    return MailServer(
        imap=Endpoint(values["imap_host"], values["imap_port"], cast(Tls, values["imap_tls"]), ca_file),
        smtp=Endpoint(
            values["smtp_host"] or values["imap_host"], values["smtp_port"], cast(Tls, values["smtp_tls"]), ca_file
        ),
        login=values["login"],
        sent_copy=values["sent_copy"],
        trusts_us=values["trusts_us"],
        oauth=oauth,
    )


def _check(settings: Settings) -> None:
    if settings.imap_host and settings.any_domain:
        raise ConfigError(
            "PENNYPOST_ANY_DOMAIN: with PENNYPOST_IMAP_HOST no domain is left to look up; name that host in [domains]"
        )
    if not (settings.imap_host or settings.domains or settings.any_domain):
        raise ConfigError(
            "PENNYPOST_IMAP_HOST: name your mail server, for example PENNYPOST_IMAP_HOST=mail.example.org"
        )
    if settings.imap_host:
        _server(settings._own(), "")
    if settings.oauth_clients() and not settings.trusted_hosts:
        raise ConfigError("PENNYPOST_TRUSTED_HOSTS: is needed for OAuth: providers send people back to that host")
    host, _, port = settings.listen.rpartition(":")
    if not host or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise ConfigError(f"PENNYPOST_LISTEN: should look like 127.0.0.1:8025, not {settings.listen!r}")
    try:
        zoneinfo.ZoneInfo(settings.timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigError(f"PENNYPOST_TIMEZONE: there is no zone {settings.timezone!r}") from None
    try:
        looks.check(settings.accent, settings.accent_dark, settings.icon, settings.support_url)
    except looks.BadLook as error:
        raise ConfigError(f"{PREFIX}{error}") from None
    for name, parse in (
        ("image_networks", typed.networks), ("server_networks", typed.networks), ("shared_networks", typed.networks),
        ("nameservers", typed.resolvers),
    ):  # fmt: skip
        try:
            parse(getattr(settings, name))
        except ValueError as error:
            raise ConfigError(f"{PREFIX}{name.upper()}: {error}") from None
    if settings.secret_key and len(settings.secret_key) < 32:
        raise ConfigError("PENNYPOST_SECRET_KEY: should be at least 32 characters")
    if settings.shared and not typed.shared(settings.shared):
        raise ConfigError(
            "PENNYPOST_SHARED: should begin with redis://, rediss:// or unix:// and name a host or a path"
        )
    if settings.shared and not settings.secret_key:
        raise ConfigError("PENNYPOST_SHARED: needs PENNYPOST_SECRET_KEY, the same on all machines")
    if settings.metrics_token and not typed.token(settings.metrics_token):
        raise ConfigError(
            "PENNYPOST_METRICS_TOKEN: should be 24 letters and digits or more, as of openssl rand -hex 24"
        )
    if settings.second_factor != "off" and not settings.secret_key:
        raise ConfigError("PENNYPOST_SECOND_FACTOR: needs PENNYPOST_SECRET_KEY, which seals what is kept for it")
