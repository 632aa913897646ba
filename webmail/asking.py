"""What `pennypost check` asks a mail server, and the sentences that its answers become."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, Protocol

from webmail import errors, smtp
from webmail.config import Endpoint, MailServer, Settings
from webmail.features import FEATURES
from webmail.imap import about, greeting, mailboxes, selection
from webmail.imap.connection import Connection, dial, tls_context
from webmail.mail import sasl
from webmail.mail.ids import MailboxName
from webmail.mail.mailbox import Mailbox, Role, decode_name
from webmail.mail.names import clean_line

_SOON: Final = 14
"""Days before its end in which a certificate that renews itself would have been renewed."""

_ENCODED: Final = 1.37
"""What Base64 and its line ends make of a file."""

_ROLES: Final = (Role.SENT, Role.DRAFTS, Role.TRASH, Role.JUNK, Role.ARCHIVE)
_CERTIFICATE: Final = {
    "expired": "its certificate has ended, or begins later; renew it, or set the clock of this machine",
    "wrong-host": "its certificate is for another name; use a name that the certificate has",
    "unknown-issuer": "nobody we know vouches for its certificate; with an authority of your own, name it (ca_file)",
}
_MARKS: Final = (
    ("expired", "expired"), ("match", "wrong-host"), ("issuer", "unknown-issuer"), ("self", "unknown-issuer"),
)  # fmt: skip
_FAULTS: Final[tuple[tuple[type[errors.MailError], str], ...]] = (
    (errors.SignInRefused, "the server does not take this login and password"),
    (errors.SubmissionLoginRefused, "it does not take the login and password that the IMAP server takes"),
    (errors.ServerUnreachable, "nobody answers there; look at name, port and firewall"),
    (errors.ServerTooSlow, "it did not answer in time; does TLS begin there in another way (imap_tls, smtp_tls)?"),
    (errors.ServerBusy, "it says that it is busy, or has too many connections of this machine or user"),
    (errors.ConnectionLost, "it hung up; does TLS begin there in another way (imap_tls, smtp_tls)?"),
    (errors.ProtocolBroken, "what answers there does not speak this protocol"),
    (errors.ServerRefused, "it refuses"),
    (errors.SubmissionRefused, "it refuses"),
)


class Sayer(Protocol):
    """Where findings go."""

    def heading(self, words: str) -> None: ...

    def say(self, kind: Literal["ok", "note", "FAILS"], words: str) -> None: ...


def fault(error: errors.MailError) -> str:
    """What went wrong, for an administrator, with the server's own words, cleaned."""
    said = clean_line(error.server_text)
    if isinstance(error, errors.CertificateRefused):
        words = _CERTIFICATE.get(error.reason) or _certificate(said)
    else:
        words = next((words for kind, words in _FAULTS if isinstance(error, kind)), type(error).__name__)
    return f"{words} ({said})" if said else words


def _certificate(said: str) -> str:
    """smtplib and OpenSSL name the reason in words only."""
    if "WRONG_VERSION" in said or "STARTTLS" in said:
        return "TLS does not begin there in the way that the settings say (imap_tls, smtp_tls)"
    for mark, reason in _MARKS:
        if mark in said.lower():
            return _CERTIFICATE[reason]
    return "TLS failed"


@dataclass(slots=True)
class Server:
    """One mail server, asked on behalf of a site with these settings."""

    settings: Settings
    server: MailServer
    report: Sayer

    # --- before signing in --------------------------------------------------------------------------------------------

    def greetings(self) -> None:
        """Connection, TLS, what is offered to whoever comes, of both servers."""
        imap, sending = self.server.imap, self.server.smtp
        self.report.heading(f"Reading mail: IMAP at {imap.host}, port {imap.port}, TLS {_begins(imap)}")
        told = self._try(lambda: greeting.greet(
            imap, context=self._context(imap), connect_timeout=self.settings.connect_timeout,
            read_timeout=self.settings.command_timeout,
        ))  # fmt: skip
        if told:
            self._tls(told.tls, told.ends)
            self.report.say("ok", f"It greets: {clean_line(told.text)}")
            offered = [word.removeprefix("AUTH=") for word in sorted(told.capabilities) if word.startswith("AUTH=")]
            self._ways_in(offered, plain="LOGINDISABLED" not in told.capabilities)
        self.report.heading(f"Sending mail: submission at {sending.host}, port {sending.port}, TLS {_begins(sending)}")
        answer = self._try(lambda: smtp.greet(
            sending, context=self._context(sending), connect_timeout=self.settings.connect_timeout
        ))  # fmt: skip
        if answer:
            self._tls(answer.tls, answer.ends)
            self._ways_in(list(answer.mechanisms), plain=False)

    def _ways_in(self, offered: list[str], *, plain: bool) -> None:
        """plain: there is a command for login and password, besides the mechanisms."""
        known = ", ".join(offered) or "nothing"
        if self.server.oauth:
            usable = any(name in offered for name in sasl.MECHANISMS)
            self.report.say(*(("ok", f"It takes tokens of a provider ({known})") if usable else
                ("FAILS", f"It takes no tokens of a provider: it offers {known}")))  # fmt: skip
        elif "PLAIN" in offered or plain:
            self.report.say("ok", f"It takes passwords ({known if offered else 'LOGIN'})")
        else:
            self.report.say("FAILS", f"It takes no passwords as we send them, inside TLS (PLAIN): it offers {known}")

    def _tls(self, version: str, ends: float) -> None:
        until, days = datetime.fromtimestamp(ends, UTC), int((ends - time.time()) // 86400)
        self.report.say("ok", f"It answers, with {version.replace('TLSv', 'TLS ')} and a certificate for its name")
        self.report.say("note" if days < _SOON else "ok", f"The certificate ends on {until:%Y-%m-%d}, in {days} days")

    # --- signed in ----------------------------------------------------------------------------------------------------

    def signed_in(self, login: str, password: str) -> None:
        """Folders, room, what the server is able to, and what sending allows."""
        self.report.heading(f"Signed in as {login}")
        imap = self.server.imap
        conn = self._try(lambda: dial(
            imap, login, password, context=self._context(imap), connect_timeout=self.settings.connect_timeout,
            read_timeout=self.settings.command_timeout,
        ))  # fmt: skip
        if conn is not None:
            try:
                conn.begin(reused=False)
                self._try(lambda: self._account(conn))
            finally:
                conn.logout()
        sending = self.server.smtp
        offer = self._try(lambda: smtp.offer(
            sending, login, password, context=self._context(sending), connect_timeout=self.settings.connect_timeout,
            command_timeout=self.settings.command_timeout,
        ))  # fmt: skip
        if offer is not None:
            self._offer(offer)

    def _account(self, conn: Connection) -> None:
        told = about.about(conn)
        name = clean_line(" ".join(filter(None, (told.identity.get(key, "") for key in ("name", "version")))))
        self.report.say("ok", f"Login and password are right{f'; the server is {name}' if name else ''}")
        self._folders(conn, mailboxes.list_mailboxes(conn))
        inbox = selection.select(conn, MailboxName("INBOX"))
        if inbox.read_only:
            self.report.say("FAILS", "The inbox can be read, and not changed")
        self.report.say(*(("ok", "Labels, pins and muted talks are kept on the server") if inbox.keywords else
            ("note", "The inbox keeps no keywords of ours: no labels, pins or muted talks")))  # fmt: skip
        self._room(told)
        self.report.heading("What it offers besides")
        for feature in FEATURES:
            offered = bool(conn.capabilities.intersection(feature.words))
            if feature.use != "never":
                words = feature.with_it if offered else f"{feature.without} (not offered: {' or '.join(feature.words)})"
                self.report.say("ok" if offered else "note", f"{feature.title}: {words}")
        if told.not_kept:
            self.report.say("note", f"Left alone, known not to work on this server: {', '.join(sorted(told.not_kept))}")

    def _folders(self, conn: Connection, found: tuple[Mailbox, ...]) -> None:
        spaces = mailboxes.namespaces(conn)
        where = f"below {spaces.prefix}" if spaces.prefix else "at the top"
        shared = [clean_line(decode_name(MailboxName(name))) for name in (*spaces.others, *spaces.shared)]
        self.report.say("ok", f"{len(found)} folders; one's own are {where}" + (
            f", those of others below {', '.join(shared)}" if shared else ""
        ))  # fmt: skip
        for role in _ROLES:
            one = next((mailbox for mailbox in found if mailbox.role is role), None)
            if one is None:
                self.report.say("note", f"{role.title()}: there is none; it is made when it is first needed")
            else:
                how = "the server says so" if f"\\{role}" in one.attributes else "by its name"
                self.report.say("ok", f"{role.title()}: {clean_line('/'.join(one.path))} ({how})")

    def _room(self, told: about.About) -> None:
        room = told.quota
        if room and room.limit is not None and room.used is not None:
            full = room.used >= room.limit
            self.report.say("FAILS" if full else "ok", f"Room: {_size(room.used)} of {_size(room.limit)} are used")
        if told.most_octets is not None:
            self._fits("The IMAP server keeps", told.most_octets)

    def _offer(self, offer: smtp.Offer) -> None:
        self.report.heading("What sending allows")
        self.report.say("ok", "The submission server takes the same login and password")
        if offer.size:
            self._fits("The submission server takes", offer.size)
        else:
            self.report.say("note", "It does not say how large a letter may be: that one is too large shows at its end")
        self.report.say(*(("ok", f"It holds letters back, {_days(offer)} at most (FUTURERELEASE)") if offer.hold else
            ("note", "It holds no letters back (FUTURERELEASE): none can be sent at a later time")))  # fmt: skip
        self.report.say(*(("ok", "It takes addresses in every script (SMTPUTF8)") if offer.utf8 else
            ("note", "It takes no addresses outside ASCII (SMTPUTF8)")))  # fmt: skip
        self.report.say(*(("ok", "It tells what became of a letter, when asked (DSN)") if offer.dsn else
            ("note", "It does not tell what became of a letter (DSN)")))  # fmt: skip
        if self.server.sent_copy:
            self.report.say("ok", "We put a copy into Sent; where the server does that itself, turn sent_copy off")

    def _fits(self, who: str, octets: int) -> None:
        """Whether a letter with as many files as the settings allow passes."""
        ours = self.settings.upload_limit_mb
        if octets >= ours * 1_000_000 * _ENCODED:
            self.report.say("ok", f"{who} letters of {_size(octets)}, enough for {ours} MB of files")
        else:
            fits = max(1, int(octets / _ENCODED / 1_000_000))
            self.report.say("note", f"{who} letters of {_size(octets)} at most. Files may have {ours} MB here: set "
                f"PENNYPOST_UPLOAD_LIMIT_MB={fits}, so that nobody uploads what cannot be sent")  # fmt: skip

    # --- ways ---------------------------------------------------------------------------------------------------------

    def _try(self, ask: Callable[[], Any]) -> Any:
        """The answer; None when there was none, and then it was said why."""
        try:
            return ask()
        except errors.MailError as error:
            self.report.say("FAILS", _upper(fault(error)))
            return None

    def _context(self, endpoint: Endpoint) -> ssl.SSLContext:
        return tls_context(endpoint.ca_file)


def _begins(endpoint: Endpoint) -> str:
    return "from the first octet" if endpoint.tls == "implicit" else "by STARTTLS"


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]


def _days(offer: smtp.Offer) -> str:
    return f"{offer.hold.days} days" if offer.hold.days else f"{int(offer.hold.total_seconds() // 3600)} hours"


def _size(octets: int) -> str:
    value, unit = octets / 1_000_000, "MB"
    return f"{value:.1f} {unit}" if value < 10 else f"{value:,.0f} {unit}"
