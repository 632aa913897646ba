"""One authenticated IMAP socket: dialling, TLS, signing in, and the only place that writes a command."""

from __future__ import annotations

import base64
import functools
import imaplib
import select
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from imapclient import IMAPClient

from webmail import errors
from webmail.config import Endpoint
from webmail.imap import decode, faults, quirks, wire
from webmail.imap.stream import Stream

_NO_WAIT: Final = 4096
"""Octets of the longest literal sent without asking first: what LITERAL- allows (RFC 7888 5). A larger one waits for
the go-ahead even under LITERAL+, so that a full mailbox refuses it before it has travelled."""

_ID: Final = b'("name" "Pennypost")'


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one command. status: OK, NO or BAD. text: what follows it, with its response code.

    data: untagged responses by type, as imaplib keeps them: octets, or (octets, literal) pairs.
    """

    status: str
    text: bytes
    data: Mapping[str, Sequence[Any]]

    @property
    def code(self) -> str:
        """The response code, upper case, or ""."""
        return faults.code(self.text)


class Connection:
    """One signed-in connection. Not thread-safe: used under a lease of the pool.

    capabilities: upper case, as after login. quirks: what this server is known for. selected: what selection.select
    left open. namespace, many_mailboxes: what mailboxes.py learnt on this connection.
    broken: a command did not come to its end, so nothing on this socket can be understood any more.
    """

    def __init__(self, client: _Client, capabilities: frozenset[str], oddities: quirks.Quirks, patience: float) -> None:
        self._client = client
        self._patience = patience
        self.capabilities = capabilities
        self.quirks = oddities
        self.selected: decode.Selected | None = None
        self.selected_at = 0.0
        self.namespace: tuple[str, str | None] | None = None
        self.many_mailboxes: bool | None = None
        self.broken = False
        self.closed = False

    def command(
        self,
        name: bytes,
        *args: bytes,
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
        self.broken = True
        with faults.translated():
            reply = self._client.run(checked, 4 * self._patience if seconds is None else seconds)
        # BYE beside a tagged answer: this answer holds, but there will be no other.
        self.broken = "BYE" in reply.data
        if reply.status != "OK" and otherwise is not None:
            raise faults.refusal(reply.text, otherwise)
        return reply

    def noop(self, seconds: float | None = None) -> None:
        """Ask for news (RFC 9051 6.1.2); also finds out whether anybody is there."""
        self.command(b"NOOP", seconds=seconds)

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
        self.selected = None
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


class _Client(IMAPClient):  # type: ignore[misc]
    """IMAPClient with our socket, and one way to send a command in place of imaplib's.

    imaplib cannot send two literals, quotes nothing, and IMAPClient 4.1.0 lets CR LF through in LOGIN, SEARCH, FETCH,
    STORE, APPEND and ID; so no command method of either is used.
    """

    def __init__(
        self, endpoint: Endpoint, context: ssl.SSLContext, connect_timeout: float, read_timeout: float
    ) -> None:
        self._stream_options = (context, endpoint.tls == "implicit", connect_timeout, read_timeout)
        self.may_push_literals = False
        super().__init__(endpoint.host, endpoint.port, ssl=False, timeout=read_timeout)
        # IMAPClient turns imaplib's debugging on; it formats every line, and lines are mail (R17).
        self._imap.debug = 0

    def _create_IMAP4(self) -> Stream:  # noqa: N802
        context, implicit, connect_timeout, read_timeout = self._stream_options
        return Stream(
            self.host, self.port, context, implicit=implicit, connect_timeout=connect_timeout, read_timeout=read_timeout
        )

    @property
    def link(self) -> Stream:
        """The socket, typed."""
        stream: Stream = self._imap
        return stream

    def run(self, words: Sequence[bytes], seconds: float, answer: bytes | None = None) -> Reply:
        """One command with guarded words. answer: what to say to the server's challenge (RFC 9051 6.2.2)."""
        stream: Any = self.link
        stream.begin(seconds)
        if "BYE" in stream.untagged_responses:
            raise errors.ConnectionLost(str(stream.untagged_responses["BYE"][-1]))
        stream.untagged_responses.clear()
        tag: bytes = stream._new_tag()
        out = bytearray(tag)
        for word in words:
            # What closes a list stands next to what it closes, also behind a literal (RFC 4469 5, RFC 5464 5).
            out += b"" if word == wire.CLOSE else b" "
            if isinstance(word, wire.Literal):
                pushed = self.may_push_literals and len(word) <= _NO_WAIT
                out += b"{%d%s}\r\n" % (len(word), b"+" if pushed else b"")
                if not pushed:
                    stream.send(out)
                    out.clear()
                    if not self._go_ahead(tag):
                        break
                    stream.send(word)
                    continue
            out += word
        else:
            stream.send(out + b"\r\n")
            if answer is not None and self._go_ahead(tag):
                stream.send(answer + b"\r\n")
        status, said = stream._get_tagged_response(tag, expect_bye=words[0] == b"LOGOUT")
        return Reply(status, said[-1] or b"", dict(stream.untagged_responses))

    def _go_ahead(self, tag: bytes) -> bool:
        """Wait for "+"; False when the server ended the command instead."""
        stream: Any = self.link
        while stream._get_response():
            if stream.tagged_commands[tag]:
                return False
        return True

    def stirred(self) -> bool:
        stream = self.link
        if stream.pending():
            return True
        poll = select.poll()
        poll.register(stream.sock, select.POLLIN | select.POLLHUP | select.POLLERR)
        return bool(poll.poll(0))

    def preauthenticated(self) -> bool:
        return bool(self._imap.state != "NONAUTH")

    @property
    def greeting(self) -> bytes:
        """The first line of the server."""
        return bytes(self._imap.welcome or b"")

    def greeted(self) -> frozenset[str]:
        """Capabilities before login, upper case."""
        return frozenset(self._imap.capabilities)


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
    password: str,
    *,
    context: ssl.SSLContext,
    connect_timeout: float,
    read_timeout: float,
) -> Connection:
    """Connect, begin TLS, sign in, learn what the server can do. Timeouts in seconds; both together bound the whole.

    Raises UnsafeText, SignInRefused, ServerBusy, ServerUnreachable, CertificateRefused, ServerTooSlow, ConnectionLost,
    ProtocolBroken, ServerRefused.
    """
    end = time.monotonic() + connect_timeout + read_timeout
    name, secret = wire.text(login), wire.text(password)
    client = _greeted(endpoint, context, connect_timeout, read_timeout)
    try:
        with faults.translated():
            capabilities = client.greeted()
            if endpoint.tls == "starttls":
                capabilities = _start_tls(client, capabilities, end)
            if client.preauthenticated():
                # Whoever came would be let in without a password.
                raise errors.ProtocolBroken("PREAUTH")
            signed_in = _sign_in(client, capabilities, name, secret, end)
            capabilities = _capabilities(signed_in) or _ask_capabilities(client, end)
            client.may_push_literals = bool(capabilities & {"LITERAL+", "LITERAL-"})
            identity = _identify(client, capabilities, end)
    except BaseException:
        client.link.shutdown()
        raise
    oddities = quirks.detect(identity, capabilities, client.greeting)
    return Connection(client, capabilities - oddities.not_kept, oddities, read_timeout)


def _greeted(endpoint: Endpoint, context: ssl.SSLContext, connect_timeout: float, read_timeout: float) -> _Client:
    with faults.translated():
        try:
            return _Client(endpoint, context, connect_timeout, read_timeout)
        except imaplib.IMAP4.error as error:
            said = error.args[0] if error.args else b""
            if isinstance(said, bytes) and said[:5].upper() == b"* BYE":
                # Too many connections, or going down: Dovecot and Cyrus say so in place of a greeting.
                raise faults.refusal(said[5:].strip(), errors.ServerBusy) from None
            raise


def _start_tls(client: _Client, capabilities: frozenset[str], end: float) -> frozenset[str]:
    """Upgrade, or refuse: there is no signing in without TLS (R11). Returns the capabilities told under TLS."""
    if "STARTTLS" not in capabilities or client.preauthenticated():
        raise errors.CertificateRefused("the server does not offer STARTTLS")
    reply = client.run([b"STARTTLS"], _left(end))
    if reply.status != "OK":
        raise errors.CertificateRefused(reply.text.decode("utf-8", "replace"))
    client.link.secure()
    return _ask_capabilities(client, end)


def _sign_in(
    client: _Client, capabilities: frozenset[str], login: wire.Literal, password: wire.Literal, end: float
) -> Reply:
    """SASL PLAIN (RFC 4616) carries every login and password; LOGIN, with literals, only where that is not offered."""
    secret = base64.b64encode(b"\0" + login + b"\0" + password)
    if "AUTH=PLAIN" in capabilities and "SASL-IR" in capabilities:
        reply = client.run([b"AUTHENTICATE", b"PLAIN", secret], _left(end))
    elif "AUTH=PLAIN" in capabilities:
        reply = client.run([b"AUTHENTICATE", b"PLAIN"], _left(end), answer=secret)
    elif "LOGINDISABLED" not in capabilities:
        reply = client.run([b"LOGIN", login, password], _left(end))
    else:
        raise errors.ServerRefused("the server offers neither AUTH=PLAIN nor LOGIN")
    if reply.status != "OK":
        raise faults.refusal(reply.text, errors.SignInRefused if reply.status == "NO" else errors.ServerRefused)
    return reply


def _ask_capabilities(client: _Client, end: float) -> frozenset[str]:
    return _capabilities(client.run([b"CAPABILITY"], _left(end)))


def _capabilities(reply: Reply) -> frozenset[str]:
    told = reply.data.get("CAPABILITY") or [b""]
    return frozenset(bytes(told[-1]).decode("ascii", "replace").upper().split())


def _identify(client: _Client, capabilities: frozenset[str], end: float) -> Mapping[str, str]:
    """Exchange names (RFC 2971): what quirks.py knows servers by."""
    if "ID" not in capabilities:
        return {}
    return decode.identity(client.run([b"ID", _ID], _left(end)).data.get("ID", ()))


def _left(end: float) -> float:
    return max(0.01, end - time.monotonic())
