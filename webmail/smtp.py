"""Message submission (RFC 6409) over TLS: the only SMTP socket. smtplib is imported here and nowhere else."""

from __future__ import annotations

import base64
import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final, cast

from webmail import errors, reach
from webmail.config import Endpoint
from webmail.mail import sasl
from webmail.mail.draft import Octets

_BARE: Final = re.compile(rb"\0|\r(?!\n)|(?<!\r)\n")
_LEADING_DOT: Final = re.compile(rb"(?<=\n)\.")
_HOLD: Final = re.compile(r"\s*(\d{1,9})(?:\s|$)")
_GOODBYE: Final = 3.0
_RETURNED: Final = ("RET=HDRS",)
_TOLD: Final = ("NOTIFY=SUCCESS,FAILURE",)
"""The message itself does not come back with the news: its writer has it."""

_MAY_NOT: Final = frozenset({550, 551, 553, 554})
_UNSAFE_ADDRESS: Final = re.compile(r"[\x00-\x20\x7f<>]")


@dataclass(frozen=True, slots=True)
class Offer:
    """What a submission server says it can, to one who is signed in.

    size: octets of the largest message (RFC 1870), 0 when it does not say. utf8: addresses outside ASCII (RFC 6531).
    dsn: it tells what became of a message when asked (RFC 3461). hold: the longest time it holds mail back (RFC 4865),
    zero when it does not.
    """

    size: int = 0
    utf8: bool = False
    dsn: bool = False
    hold: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Greeting:
    """mechanisms: of signing in, upper case. tls: "TLSv1.3". ends: when its certificate does, as time.time() counts."""

    mechanisms: tuple[str, ...]
    tls: str
    ends: float


def greet(endpoint: Endpoint, *, context: ssl.SSLContext, connect_timeout: float) -> Greeting:
    """Connect, begin TLS, hear what is offered before anybody signs in, leave. Raises as submit does."""
    smtp = _connect(endpoint, context, connect_timeout)
    with _kept(smtp, to_its_end=True):
        secure = cast(ssl.SSLSocket, smtp.sock)
        told = secure.getpeercert() or {}
        ends = float(ssl.cert_time_to_seconds(str(told["notAfter"])))
        return Greeting(tuple(smtp.esmtp_features.get("auth", "").upper().split()), secure.version() or "", ends)


def offer(
    endpoint: Endpoint, login: str, password: sasl.Secret, *, context: ssl.SSLContext, connect_timeout: float,
    command_timeout: float,
) -> Offer:  # fmt: skip
    """Ask the server what it can, and leave. Raises as submit does."""
    with _session(endpoint, login, password, context, connect_timeout, command_timeout) as smtp:
        return _offered(smtp)


def submit(
    endpoint: Endpoint, login: str, password: sasl.Secret, message: bytes | Octets, sender: str,
    recipients: Sequence[str], *, context: ssl.SSLContext, connect_timeout: float, command_timeout: float,
    final_timeout: float | None = None, hold_until: datetime | None = None, report: bool = False,
    still: Callable[[], None] = lambda: None,
) -> dict[str, str]:  # fmt: skip
    """Hand one message to the submission server; returns the refused recipients (address -> the server's words).

    message: canonical CRLF octets; what is not bytes is read twice, and must not fail: it lies on this machine. sender,
    recipients: addr-specs. Timeouts in seconds (R33); final_timeout: for the answer to the final dot, which is worth
    waiting for (RFC 5321 4.5.3.2.6 has ten minutes). hold_until: aware; the server shall keep the message so long (RFC
    4865). report: it shall tell what becomes of it (RFC 3461), where it can. still: called before the final dot; with
    what it raises nothing is sent. Raises UnsafeText before anything is sent (R10); ServerUnreachable,
    CertificateRefused, ServerTooSlow, ConnectionLost, SubmissionLoginRefused,
    SubmissionRefused, ProtocolBroken, SenderRefused, RecipientsRefused, NeedsSmtpUtf8, NotHeldSoLong, TooLarge: nothing
    was sent;
    SubmissionUnknown: lost after the final dot, it may have been sent.
    """
    _check(message, sender, recipients)
    with _session(endpoint, login, password, context, connect_timeout, command_timeout) as smtp:
        options = _options(smtp, _size(message), sender, recipients, hold_until)
        told = report and _offered(smtp).dsn
        refused = _envelope(smtp, sender, recipients, [*options, *(_RETURNED if told else ())], _TOLD if told else ())
        _data(smtp, message, final_timeout or command_timeout, still)
        return refused


@contextmanager
def _session(
    endpoint: Endpoint, login: str, password: sasl.Secret, context: ssl.SSLContext, connect_timeout: float,
    command_timeout: float,
) -> Iterator[smtplib.SMTP]:  # fmt: skip
    """A connection that is signed in. Cleanup never changes the outcome: the message was taken, or not, before it."""
    signed_in = partial(_signed_in, endpoint, login, context, connect_timeout, command_timeout)
    smtp = sasl.shown(password, signed_in, errors.SubmissionLoginRefused)
    with _kept(smtp, to_its_end=True):
        yield smtp


def _signed_in(
    endpoint: Endpoint, login: str, context: ssl.SSLContext, connect_timeout: float, command_timeout: float,
    word: str | sasl.Token,
) -> smtplib.SMTP:  # fmt: skip
    """Raises SubmissionLoginRefused and what _connect raises; then it is closed."""
    smtp = _connect(endpoint, context, connect_timeout)
    with _kept(smtp, to_its_end=False):
        _wait(smtp, command_timeout)
        if isinstance(word, sasl.Token):
            _show(smtp, endpoint, login, word)
        else:
            _authenticate(smtp, login, word)
    return smtp


@contextmanager
def _kept(smtp: smtplib.SMTP, *, to_its_end: bool) -> Iterator[None]:
    """What goes wrong on the wire, in our words. Then it is left, and to_its_end also when nothing goes wrong."""
    leaving = patient = True
    try:
        yield
        leaving = to_its_end
    except smtplib.SMTPServerDisconnected as error:
        patient = False
        raise errors.ConnectionLost(str(error)) from None
    except TimeoutError:
        patient = False
        raise errors.ServerTooSlow from None
    except OSError as error:
        patient = False
        raise errors.ConnectionLost(str(error)) from None
    except errors.SubmissionUnknown:
        patient = False
        raise
    finally:
        if leaving:
            _leave(smtp, patient)


def _wait(smtp: smtplib.SMTP, seconds: float) -> None:
    if smtp.sock is not None:
        smtp.sock.settimeout(seconds)


def _check(message: bytes | Octets, sender: str, recipients: Sequence[str]) -> None:
    """Refuse what could smuggle a command or a second message (R10; VU#302671)."""
    if not recipients:
        raise errors.NoRecipients
    if _smuggles(_chunks(message)) or any(_UNSAFE_ADDRESS.search(a) for a in (sender, *recipients)):
        raise errors.UnsafeText


def _smuggles(chunks: Iterable[bytes]) -> bool:
    """NUL, or a line end that is not CRLF, wherever the pieces are cut."""
    held = b""
    for chunk in chunks:
        octets = held + chunk
        held = octets[-1:] if octets.endswith(b"\r") else b""
        if _BARE.search(octets, 0, len(octets) - len(held)):
            return True
    return bool(held)


def _chunks(message: bytes | Octets) -> Iterable[bytes]:
    return (message,) if isinstance(message, bytes) else message.chunks()


def _size(message: bytes | Octets) -> int:
    return len(message) if isinstance(message, bytes) else message.size


class _Dialled(smtplib.SMTP):
    """A session over a socket of ours: to where this endpoint may lie, each address tried once. context: for TLS from
    the beginning. Raises as the socket does, and ServerInside."""

    def __init__(self, endpoint: Endpoint, timeout: float, context: ssl.SSLContext | None = None) -> None:
        self._endpoint, self._context = endpoint, context
        super().__init__(endpoint.host, endpoint.port, "localhost", timeout)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        failed: OSError = OSError("no address")
        for family, kind, protocol, _, place in reach.of_server(host, port, self._endpoint.within):
            plain = socket.socket(family, kind, protocol)
            try:
                plain.settimeout(timeout)
                plain.connect(place)
                return plain if self._context is None else self._context.wrap_socket(plain, server_hostname=host)
            except ssl.SSLError:
                plain.close()
                raise
            except OSError as error:
                plain.close()
                failed = error
        raise failed


def _connect(endpoint: Endpoint, context: ssl.SSLContext, timeout: float) -> smtplib.SMTP:
    try:
        if endpoint.tls == "starttls":
            return _upgraded(_Dialled(endpoint, timeout), context)
        return _greeted(_Dialled(endpoint, timeout, context))
    except ssl.SSLCertVerificationError as error:
        raise errors.CertificateRefused(error.verify_message) from None
    except ssl.SSLError as error:
        raise errors.CertificateRefused(str(error.reason or "")) from None
    except TimeoutError:
        raise errors.ServerTooSlow from None
    except smtplib.SMTPServerDisconnected:
        raise errors.ConnectionLost from None
    except smtplib.SMTPConnectError as error:
        # smtplib's code for a line that begins with no number.
        said = _words(cast(bytes, error.smtp_error))
        raise (errors.ProtocolBroken if error.smtp_code == -1 else errors.SubmissionRefused)(said) from None
    except smtplib.SMTPException as error:
        raise errors.SubmissionRefused(str(error)) from None
    except OSError as error:
        raise errors.ServerUnreachable(str(error.strerror or "")) from None


def _upgraded(smtp: smtplib.SMTP, context: ssl.SSLContext) -> smtplib.SMTP:
    """STARTTLS or nothing: a server that does not offer it raises, and we never carry on in the clear (R11)."""
    try:
        smtp.ehlo()
        smtp.starttls(context=context)
    except BaseException:
        smtp.close()
        raise
    return _greeted(smtp)


def _greeted(smtp: smtplib.SMTP) -> smtplib.SMTP:
    try:
        smtp.ehlo()
    except BaseException:
        smtp.close()
        raise
    return smtp


def _authenticate(smtp: smtplib.SMTP, login: str, password: str) -> None:
    """AUTH PLAIN (RFC 4616) by hand: smtplib's own login cannot carry a non-ASCII password."""
    if "\0" in login + password:
        raise errors.SubmissionLoginRefused
    secret = base64.b64encode(f"\0{login}\0{password}".encode()).decode("ascii")
    code, text = smtp.docmd("AUTH", "PLAIN " + secret)
    if code in (534, 535):
        raise errors.SubmissionLoginRefused(_words(text))
    if code != 235:
        raise errors.SubmissionRefused(_words(text))
    # What is offered, SIZE above all, may change with the login (seen on Dovecot's submission service).
    smtp.ehlo()


def _show(smtp: smtplib.SMTP, endpoint: Endpoint, login: str, token: sasl.Token) -> None:
    """A token (RFC 7628, XOAUTH2). What the server has against it is a challenge: it says no when that is answered."""
    kind = sasl.mechanism(smtp.esmtp_features.get("auth", "").upper().split())
    shown = base64.b64encode(sasl.response(kind, login, token, endpoint.host, endpoint.port)).decode("ascii")
    code, text = smtp.docmd("AUTH", f"{kind} {shown}")
    if code == 334:
        code, text = smtp.docmd(sasl.surrender(kind).decode("ascii"))
    if code in (501, 534, 535, 538):
        raise errors.SubmissionLoginRefused(_words(text))
    if code != 235:
        raise errors.SubmissionRefused(_words(text))
    smtp.ehlo()


def _offered(smtp: smtplib.SMTP) -> Offer:
    limit = smtp.esmtp_features.get("size", "").strip()
    hold = _HOLD.match(smtp.esmtp_features.get("futurerelease", ""))
    return Offer(
        size=int(limit) if limit.isdigit() and len(limit) < 16 else 0,
        utf8=smtp.has_extn("smtputf8"),
        dsn=smtp.has_extn("dsn"),
        hold=timedelta(seconds=int(hold[1])) if hold else timedelta(),
    )


def _options(
    smtp: smtplib.SMTP, octets: int, sender: str, recipients: Sequence[str], hold_until: datetime | None
) -> list[str]:
    offer = _offered(smtp)
    if 0 < offer.size < octets:
        raise errors.TooLarge(str(offer.size))
    options = [f"SIZE={octets}"] if smtp.has_extn("size") else []
    if smtp.has_extn("8bitmime"):
        options.append("BODY=8BITMIME")
    foreign = [a for a in (sender, *recipients) if not a.isascii()]
    if foreign and not offer.utf8:
        raise errors.NeedsSmtpUtf8(dict.fromkeys(foreign, ""))
    if foreign:
        smtp.command_encoding = "utf-8"
        options.append("SMTPUTF8")
    if hold_until is not None:
        if not timedelta() < hold_until - datetime.now(UTC) <= offer.hold:
            raise errors.NotHeldSoLong
        options.append(f"HOLDUNTIL={hold_until.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
    return options


def _envelope(
    smtp: smtplib.SMTP, sender: str, recipients: Sequence[str], options: Sequence[str], wishes: Sequence[str]
) -> dict[str, str]:
    code, text = smtp.mail(sender, options)
    if code in _MAY_NOT:
        raise errors.SenderRefused(sender, _words(text))
    if code == 552:
        raise errors.TooLarge(_words(text))
    if code != 250:
        raise errors.SubmissionRefused(_words(text))
    refused: dict[str, str] = {}
    for address in recipients:
        code, text = smtp.rcpt(address, wishes)
        if code == 421:
            raise errors.ServerBusy(_words(text))
        if code not in (250, 251):
            refused[address] = _words(text)
    if len(refused) == len(set(recipients)):
        raise _nobody(sender, refused)
    return refused


def _nobody(sender: str, refused: dict[str, str]) -> errors.SubmissionRefused:
    """Some servers judge the sender only when they hear a recipient (Postfix by default), and then speak of it."""
    words = next(iter(refused.values()))
    alike = sender not in refused and set(refused.values()) == {words}
    if alike and re.search(r"\bsender address\b", words, re.IGNORECASE):
        return errors.SenderRefused(sender, words)
    return errors.RecipientsRefused(refused)


def _data(smtp: smtplib.SMTP, message: bytes | Octets, final_timeout: float, still: Callable[[], None]) -> None:
    """DATA in two steps, so that "lost before the final dot" and "lost after it" can be told apart."""
    code, text = smtp.docmd("DATA")
    if code != 354:
        raise errors.SubmissionRefused(_words(text))
    for octets in _stuffed(_chunks(message)):
        smtp.send(octets)
    try:
        still()
    except errors.MailError:
        # Without the final dot nothing was sent; a QUIT would be read as a line of it.
        smtp.close()
        raise
    try:
        _wait(smtp, final_timeout)
        smtp.send(b".\r\n")
        code, text = smtp.getreply()
    except (OSError, smtplib.SMTPException):
        raise errors.SubmissionUnknown from None
    if code == 421:
        # The service closes its channel; whether it took the message is not said (seen on Dovecot after a lost relay).
        raise errors.SubmissionUnknown(_words(text))
    if code == 552:
        raise errors.TooLarge(_words(text))
    if code != 250:
        raise errors.SubmissionRefused(_words(text))


def _stuffed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """A dot at the beginning of a line becomes two (RFC 5321 4.5.2), wherever the pieces are cut, and the last line
    ends."""
    last = b"\n"
    for chunk in filter(None, chunks):
        # The octet before tells whether a line begins here; what it was is sent already.
        yield _LEADING_DOT.sub(b"..", last + chunk)[1:]
        last = chunk[-1:]
    if last != b"\n":
        yield b"\r\n"


def _words(text: bytes) -> str:
    return text.decode("utf-8", "replace")


def _leave(smtp: smtplib.SMTP, patient: bool) -> None:
    """QUIT, but no second wait for a server that was silent already."""
    try:
        if patient:
            _wait(smtp, _GOODBYE)
            smtp.quit()
    except (smtplib.SMTPException, OSError):
        pass
    finally:
        smtp.close()
