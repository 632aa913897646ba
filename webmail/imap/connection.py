"""One authenticated IMAP socket: dialling, TLS, signing in, and the only place that writes a command."""

from __future__ import annotations

import base64
import functools
import imaplib
import ipaddress
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from webmail import errors, meter
from webmail.config import Endpoint
from webmail.imap import decode, faults, news, quirks, wire
from webmail.imap.client import Client, Reply
from webmail.imap.state import State
from webmail.imap.table import Table
from webmail.mail import sasl
from webmail.mail.ids import MailboxName
from webmail.mail.mailbox import Namespaces

_OPENING: Final = (b"SELECT", b"EXAMINE")
_SIGN_OF_LIFE: Final = 10.0
"""Seconds for the first octet of the first answer on a kept connection (half-open TCP: the other end is gone)."""

_HARMLESS: Final = frozenset({
    b"NOOP", b"SELECT", b"EXAMINE", b"LIST", b"STATUS", b"FETCH", b"UID FETCH", b"SEARCH", b"UID SEARCH", b"ENABLE",
    b"NOTIFY", b"NAMESPACE", b"MYRIGHTS", b"LSUB", b"UID SORT", b"UID THREAD", b"GETQUOTAROOT", b"GETMETADATA",
    b"LOGOUT", b"IDLE", b"UNSELECT", b"ESEARCH",
})  # fmt: skip
_ASKING: Final = (b"NOOP", b"IDLE")

_LONGEST_LINE: Final = 8000
"""Octets of a token in a command; servers need not read longer lines (RFC 9051 4), but longer answers."""

_ID: Final = b'("name" "Pennypost")'


class Connection:
    """One signed-in connection. Not thread-safe: used under a lease of the pool.

    capabilities: upper case, as after login. quirks: what this server is known for. state: what is known of the
    account. box: the mailbox that selection.select left open, as heard of since; former: the one before it; left_open:
    what the server has open, also when the box is no longer believed. folders, namespaces, many_mailboxes: what
    mailboxes.py learnt on this connection; notified: the server reports on all mailboxes unasked (RFC 5465). exact: it
    speaks of UIDs and MODSEQ (RFC 7162), None when nobody asked yet. broken: a command did not come to its end, so
    nothing on this socket can be understood any more. at_work: it does a long piece of work by itself. Of the lease
    under way, asked: news was asked for, None without a lease; box_sure: the box was opened under it; changed:
    something that may change mail was sent.
    """

    def __init__(self, client: Client, capabilities: frozenset[str], oddities: quirks.Quirks, patience: float) -> None:
        self._client = client
        self._patience = patience
        self.capabilities = capabilities
        self.quirks = oddities
        self.state = State()
        self.box: news.Box | None = None
        self.former: news.Box | None = None
        self.box_at = 0.0
        self.left_open: MailboxName | None = None
        self.box_sure = False
        self.changed = False
        self.folders: Table | None = None
        self.folders_at = 0.0
        self.notified: bool | None = None
        self.exact: bool | None = None
        self.asked: bool | None = None
        self.namespaces: Namespaces | None = None
        self.many_mailboxes: bool | None = None
        self.broken = False
        self.closed = False
        self.at_work = False
        # Told of every command.
        self.meter = meter.SILENT

    def command(
        self,
        name: bytes,
        *args: wire.Word,
        otherwise: type[errors.MailError] | None = errors.ServerRefused,
        seconds: float | None = None,
    ) -> Reply:
        """Send one command and read its answer.

        name: a constant such as b"UID FETCH". args: constants or what wire.py made; all pass its guard before a byte
        is written (R9). otherwise: the class for a NO or BAD without a better code, None to get the Reply instead.
        seconds: total time, four read timeouts when None. Raises that class, UnsafeText, ServerTooSlow,
        ConnectionLost, ProtocolBroken; after the last three the connection is broken.
        """
        if self.closed or self.broken:
            raise errors.ConnectionLost("this connection is over")
        checked = [wire.guard(arg) for arg in (name, *args)]
        seconds = 4 * self._patience if seconds is None else seconds
        self.changed = self.changed or name not in _HARMLESS
        reply = self._settle(name, lambda: self._client.run(checked, seconds))
        if reply.status != "OK" and otherwise is not None:
            raise faults.refusal(reply.text, otherwise)
        return reply

    def together(self, commands: Sequence[Sequence[bytes]]) -> Iterator[Reply]:
        """Send commands that change nothing in one piece, and read the answers one after the other (RFC 9051 5.5).

        commands: names and arguments as for command, none with a word that waits. Until the last answer was read there
        can be no other command; who leaves before leaves a connection that is broken. Raises as command does.
        """
        if self.closed or self.broken:
            raise errors.ConnectionLost("this connection is over")
        checked = [[wire.guard(word) for word in words] for words in commands]
        if any(self._client.waits(word) or words[0] not in _HARMLESS for words in checked for word in words):
            raise errors.UnsafeText
        replies = self._client.run_together(commands, 4 * self._patience)
        for number, words in enumerate(commands, 1):
            reply = self._settle(words[0], lambda: next(replies))
            self.broken = self.broken or number < len(commands)
            yield reply

    def waits(self, word: wire.Word) -> bool:
        """Whether the server has to be asked before this word is sent: nothing can be sent behind it then."""
        return self._client.waits(word)

    def _settle(self, name: bytes, talk: Callable[[], Reply]) -> Reply:
        asking = name in _ASKING or self._client.idling
        self.broken = True
        began, outcome = time.monotonic(), "LOST"
        try:
            with faults.translated():
                reply = talk()
            outcome = reply.status
        finally:
            self.meter.command(name, time.monotonic() - began, outcome)
        # BYE beside a tagged answer: this answer holds, but there will be no other.
        self.broken = "BYE" in reply.data
        self._hear(name, reply.data)
        if asking and "NO" in reply.data:
            # Dovecot, when the open mailbox was deleted and made again: "* NO Internal error".
            self.forget_mailbox()
        return reply

    def _hear(self, name: bytes, data: Mapping[str, Sequence[Any]]) -> None:
        if self.box is not None and name not in _OPENING:
            fetching = name.endswith(b"FETCH")
            news.hear(self.box, self.state, data, self.exists, fetching=fetching, exact=bool(self.exact))
        # What LIST was asked for, mailboxes.py reads itself.
        if self.folders is not None and name != b"LIST":
            news.counted(self.folders, self.state, data, self.box.name if self.box else None)
            if "LIST" in data:
                # Also when all of it is known: Dovecot puts its first report together half a second after NOTIFY, and
                # what becomes of mailboxes between that and its delivery stands in no report at all.
                if news.renamed(self.folders, self.state, data):
                    self.forget_mailbox()
                self.folders = None

    def begin(self, reused: bool) -> None:
        """A lease begins. reused: nobody knows whether the other end is still there, so it gets less time to show."""
        self.asked, self.box_sure, self.changed = False, False, False
        self._client.link.sign_of_life = _SIGN_OF_LIFE if reused else None

    def noop(self, seconds: float | None = None) -> None:
        """Ask for news (RFC 9051 6.1.2); also finds out whether anybody is there."""
        self.command(b"NOOP", seconds=seconds)
        self.asked = None if self.asked is None else True

    def refresh(self) -> None:
        """Ask for news, unless that was done under this lease.

        While thousands of messages are marked, the news would be a line for each of them: then the mailbox is left
        instead, so that whoever wants it opens it as it is now (RFC 3691). Not by the connection that marks them.
        """
        if self.asked:
            return
        box = self.box
        if not self.state.busy or self.at_work or box is None or "UNSELECT" not in self.capabilities:
            self.noop()
            return
        self.forget_mailbox()
        if self.folders is not None and box.name in self.folders:
            self.folders[box.name] = replace(self.folders[box.name], unseen=None)
        self.command(b"UNSELECT", otherwise=None)
        self.left_open = None
        self.asked = None if self.asked is None else True

    def idle(self, seconds: float) -> None:
        """Let the server speak unasked (RFC 2177) until the next command. seconds: to wait for its consent."""
        if not (self.closed or self.broken or self._client.idling):
            self._settle(b"IDLE", lambda: self._client.start_idling(seconds))

    @property
    def idling(self) -> bool:
        """Whether the server was told to speak unasked."""
        return self._client.idling

    def fileno(self) -> int:
        """The socket's number, for select; -1 when it is closed."""
        return self._client.link.fileno()

    @property
    def tls(self) -> str:
        """The version that this connection speaks, such as "TLSv1.3"."""
        return self._client.link.tls

    @property
    def exists(self) -> int:
        """Messages in the selected mailbox, as of the last answer."""
        return self._client.link.exists

    @property
    def removed(self) -> int:
        """EXPUNGE responses so far: when it grew during a command, sequence numbers of before it are wrong."""
        return self._client.link.removed

    def forget_mailbox(self) -> None:
        """A SELECT is coming: what was selected no longer is, whatever the answer (RFC 9051 6.3.2)."""
        self.former, self.box = self.box or self.former, None
        self._client.link.exists = 0

    def stirred(self) -> bool:
        """Whether something arrived while nobody asked: news, BYE, or the end of the stream."""
        return self._client.stirred()

    def logout(self) -> None:
        """Say goodbye, wait a second for the answer, close. Never raises."""
        if not (self.closed or self.broken):
            try:
                self.command(b"LOGOUT", otherwise=None, seconds=1.0)
            except errors.MailError:
                pass  # It is closed either way.
        self.close()

    def close(self) -> None:
        """Close the socket without a word. Never raises."""
        self.closed = True
        self._client.link.shutdown()


@functools.lru_cache(maxsize=16)
def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """The context for all connections to servers that this authority vouches for (None: the system's authorities).

    Shared, because one costs 0.9 MB and 38 ms. TLS 1.2 or newer, certificate and host name checked (R11).
    """
    context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def dial(
    endpoint: Endpoint,
    login: str,
    password: str | sasl.Token,
    *,
    context: ssl.SSLContext,
    connect_timeout: float,
    read_timeout: float,
    origin: str = "",
) -> Connection:
    """Connect, begin TLS, sign in, learn what the server can do. Timeouts in seconds; both together bound the whole.

    origin: the user's network address, told to a server that trusts us; "" tells nothing.
    Raises UnsafeText, SignInRefused, ServerBusy, ServerUnreachable, CertificateRefused, ServerTooSlow, ConnectionLost,
    ProtocolBroken, ServerRefused.
    """
    end = time.monotonic() + connect_timeout + read_timeout
    name = wire.text(login)
    secret = wire.text(password) if isinstance(password, str) else password
    client = greeted(endpoint, context, connect_timeout, read_timeout)
    try:
        with faults.translated():
            capabilities = client.greeted()
            if endpoint.tls == "starttls":
                capabilities = start_tls(client, capabilities, end)
            if client.preauthenticated():
                # Whoever came would be let in without a password.
                raise errors.ProtocolBroken("PREAUTH")
            if origin and "ID" in capabilities:
                client.run([b"ID", _told_origin(origin)], _left(end))
            if isinstance(secret, sasl.Token):
                signed_in = _show(client, capabilities, endpoint, login, secret, end)
            else:
                signed_in = _sign_in(client, capabilities, name, secret, end)
            capabilities = _capabilities(signed_in) or _ask_capabilities(client, end)
            client.may_push_literals = bool(capabilities & {"LITERAL+", "LITERAL-"})
            identity = _identify(client, capabilities, end)
    except BaseException:
        client.link.shutdown()
        raise
    oddities = quirks.detect(identity, capabilities, client.greeting)
    return Connection(client, capabilities - oddities.not_kept, oddities, read_timeout)


def greeted(endpoint: Endpoint, context: ssl.SSLContext, connect_timeout: float, read_timeout: float) -> Client:
    """Connect and hear the greeting. Raises as dial does."""
    with faults.translated():
        try:
            return Client(endpoint, context, connect_timeout, read_timeout)
        except imaplib.IMAP4.error as error:
            said = error.args[0] if error.args else b""
            if isinstance(said, bytes) and said[:5].upper() == b"* BYE":
                # Too many connections, or going down: Dovecot and Cyrus say so in place of a greeting.
                raise faults.refusal(said[5:].strip(), errors.ServerBusy) from None
            raise


def start_tls(client: Client, capabilities: frozenset[str], end: float) -> frozenset[str]:
    """Upgrade, or refuse: there is no signing in without TLS (R11). Returns the capabilities told under TLS."""
    if "STARTTLS" not in capabilities or client.preauthenticated():
        raise errors.CertificateRefused("the server does not offer STARTTLS")
    reply = client.run([b"STARTTLS"], _left(end))
    if reply.status != "OK":
        raise errors.CertificateRefused(reply.text.decode("utf-8", "replace"))
    client.link.secure()
    return _ask_capabilities(client, end)


def _sign_in(
    client: Client, capabilities: frozenset[str], login: wire.Literal, password: wire.Literal, end: float
) -> Reply:
    """SASL PLAIN (RFC 4616) carries every login and password; LOGIN, with literals, only where that is not offered."""
    secret = base64.b64encode(b"\0" + login + b"\0" + password)
    if "AUTH=PLAIN" in capabilities and "SASL-IR" in capabilities:
        reply = client.run([b"AUTHENTICATE", b"PLAIN", secret], _left(end))
    elif "AUTH=PLAIN" in capabilities:
        reply = client.run([b"AUTHENTICATE", b"PLAIN"], _left(end), secret)
    elif "LOGINDISABLED" not in capabilities:
        reply = client.run([b"LOGIN", login, password], _left(end))
    else:
        raise errors.ServerRefused("the server offers neither AUTH=PLAIN nor LOGIN")
    if reply.status != "OK":
        raise faults.refusal(reply.text, errors.SignInRefused if reply.status == "NO" else errors.ServerRefused)
    return reply


def _show(
    client: Client, capabilities: frozenset[str], endpoint: Endpoint, login: str, token: sasl.Token, end: float
) -> Reply:
    """A token in place of a password (RFC 7628, XOAUTH2). What the server has against it comes as a challenge, which
    has to be answered before it says no."""
    kind = sasl.mechanism([name.removeprefix("AUTH=") for name in capabilities if name.startswith("AUTH=")])
    shown = base64.b64encode(sasl.response(kind, login, token, endpoint.host, endpoint.port))
    words = [b"AUTHENTICATE", kind.encode()]
    if "SASL-IR" in capabilities and len(shown) < _LONGEST_LINE:
        reply = client.run([*words, shown], _left(end), sasl.surrender(kind))
    else:
        reply = client.run(words, _left(end), shown, sasl.surrender(kind))
    if reply.status != "OK":
        raise faults.refusal(reply.text, errors.SignInRefused)
    return reply


def _ask_capabilities(client: Client, end: float) -> frozenset[str]:
    return _capabilities(client.run([b"CAPABILITY"], _left(end)))


def _capabilities(reply: Reply) -> frozenset[str]:
    told = reply.data.get("CAPABILITY") or [b""]
    return frozenset(bytes(told[-1]).decode("ascii", "replace").upper().split())


def _identify(client: Client, capabilities: frozenset[str], end: float) -> Mapping[str, str]:
    """Exchange names (RFC 2971): what quirks.py knows servers by."""
    if "ID" not in capabilities:
        return {}
    return decode.identity(client.run([b"ID", _ID], _left(end)).data.get("ID", ()))


def _told_origin(origin: str) -> bytes:
    """Where the user is, as Dovecot, Cyrus and others read it: it then throttles who guesses, not all of us. A server
    that does not trust us takes no notice."""
    return b'("name" "Pennypost" "x-originating-ip" "%s")' % str(ipaddress.ip_address(origin)).encode("ascii")


def _left(end: float) -> float:
    return max(0.01, end - time.monotonic())
