"""The socket under IMAPClient: reads with a time limit and a size limit, and keeps count of the selected mailbox."""

from __future__ import annotations

import imaplib
import socket
import ssl
import time
from typing import Any, Final

from webmail import errors, reach
from webmail.config import Network
from webmail.imap import decode, faults

MOST_OCTETS: Final = 64 << 20
"""Octets of the answer to one command (R15); what is larger is fetched in pieces."""

LONGEST_LINE: Final = 16 << 20
"""UID SEARCH without ESEARCH answers a million UIDs in one line of 8 MB."""

_PIECE: Final = 1 << 16

_QUICKACK: Final[int | None] = getattr(socket, "TCP_QUICKACK", None)


class Stream(imaplib.IMAP4):
    """imaplib's parser over our own buffer.

    Its own reader waits anew for every octet, so a server that drips is waited for without end; it allocates whatever
    size a literal claims; and it forgets the order of EXISTS and EXPUNGE, without which messages cannot be counted.

    deadline: time.monotonic() when the command under way has had its time. exists: messages in the selected mailbox.
    sign_of_life: seconds that the next octet may take before the other end counts as gone, None for no such doubt.
    removed: how many messages were ever told to be gone (EXPUNGE, or VANISHED of RFC 7162).
    """

    def __init__(
        self,
        host: str,
        port: int,
        context: ssl.SSLContext,
        *,
        implicit: bool,
        connect_timeout: float,
        read_timeout: float,
        within: tuple[Network, ...] | None = None,
    ) -> None:
        self.context = context
        self.within = within
        self.implicit = implicit
        self.connect_timeout = connect_timeout
        self.read_timeout = read_timeout
        self.deadline = time.monotonic() + connect_timeout + read_timeout
        self.exists = 0
        self.removed = 0
        self.sign_of_life: float | None = None
        self._buffer = bytearray()
        self._allowance = MOST_OCTETS
        self._waits: tuple[Any, float] | None = None
        super().__init__(host, port)

    def pending(self) -> bool:
        """Octets that have arrived and were not asked for."""
        return bool(self._buffer) or (isinstance(self.sock, ssl.SSLSocket) and self.sock.pending() > 0)

    @property
    def tls(self) -> str:
        """The version of TLS, "" before it began."""
        return (self.sock.version() or "") if isinstance(self.sock, ssl.SSLSocket) else ""

    @property
    def ends(self) -> float:
        """When the certificate of the other end does, as time.time() counts; 0 before TLS began."""
        told = self.sock.getpeercert() if isinstance(self.sock, ssl.SSLSocket) else None
        return float(ssl.cert_time_to_seconds(str(told["notAfter"]))) if told else 0.0

    def begin(self, seconds: float) -> None:
        """A command starts: it has this long for all of its answer, and MOST_OCTETS of it."""
        self.deadline = time.monotonic() + seconds
        self._allowance = MOST_OCTETS

    # --- what imaplib calls -------------------------------------------------------------------------------------------

    def open(self, host: str = "", port: int = 993, timeout: float | None = None) -> None:
        """Connect, TLS first where it is implicit. Raises the errors of connection.dial."""
        self.host, self.port = host, port
        end = time.monotonic() + self.connect_timeout
        self.sock = _connected(host, port, end, self.within)
        if self.implicit:
            self.secure(end)

    def secure(self, end: float | None = None) -> None:
        """Begin TLS on the connected socket: certificate and host name are checked by the context (R11)."""
        if self._buffer:
            # Octets sent before the handshake would be read as if they came through it.
            raise errors.ProtocolBroken("data before TLS")
        end = time.monotonic() + self.connect_timeout if end is None else end
        self.sock.settimeout(max(0.01, end - time.monotonic()))
        try:
            self.sock = self.context.wrap_socket(self.sock, server_hostname=self.host)
        except ssl.SSLError as error:
            self.sock.close()
            raise faults.tls_fault(error) from None
        except OSError:
            self.sock.close()
            raise

    def read(self, size: int) -> bytes:
        """Exactly that many octets."""
        if size > self._allowance:
            raise errors.ProtocolBroken("literal over the limit")
        while len(self._buffer) < size:
            self._receive()
        return self._take(size)

    def readline(self) -> bytes:
        """One line, ended by CRLF; a bare LF, which Mailutils imap4d sends after AUTHENTICATE, is taken for one."""
        seen = 0
        while (end := self._buffer.find(b"\n", seen)) < 0:
            seen = len(self._buffer)
            if seen > LONGEST_LINE:
                raise errors.ProtocolBroken("line over the limit")
            self._receive()
        line = self._take(end + 1)
        return line if line.endswith(b"\r\n") else line[:-1] + b"\r\n"

    def send(self, data: Any) -> None:
        """All of it; each piece of 64 KiB has the read timeout, the whole has the command's."""
        view = memoryview(data)
        for start in range(0, len(view), _PIECE):
            self._wait(self._patience())
            try:
                self.sock.sendall(view[start : start + _PIECE])
            except TimeoutError:
                raise errors.ServerTooSlow from None
            except (OSError, ValueError) as error:
                raise errors.ConnectionLost(str(error)) from None

    def fileno(self) -> int:
        """The socket's number; -1 when it is closed."""
        return self.sock.fileno()

    def shutdown(self) -> None:
        """Close the socket; never raises."""
        try:
            self.sock.close()
        except OSError:
            pass  # It is gone either way.

    # --- inside -------------------------------------------------------------------------------------------------------

    def _receive(self) -> None:
        patience = self._patience()
        self._wait(patience if self.sign_of_life is None else min(patience, self.sign_of_life))
        try:
            # Cyrus leaves Nagle's algorithm on: what is longer than one segment waits for our acknowledgement, which
            # Linux holds back for 40 ms. The option lasts for a few segments only.
            if _QUICKACK is not None:
                self.sock.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
            data = self.sock.recv(_PIECE)
        except TimeoutError:
            if self.sign_of_life is not None:
                raise errors.ConnectionLost("no sign of life") from None
            raise errors.ServerTooSlow from None
        except (OSError, ValueError) as error:
            raise errors.ConnectionLost(str(error)) from None
        if not data:
            raise errors.ConnectionLost("end of stream")
        self.sign_of_life = None
        self._allowance -= len(data)
        if self._allowance < 0:
            raise errors.ProtocolBroken("answer over the limit")
        self._buffer += data

    def _wait(self, seconds: float) -> None:
        """Said to the socket only when it is news: each time costs a turn of Python's lock, and most are the same."""
        if self._waits != (self.sock, seconds):
            self.sock.settimeout(seconds)
            self._waits = self.sock, seconds

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _patience(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise errors.ServerTooSlow
        return min(self.read_timeout, left)

    def _get_line(self) -> bytes:
        """A line with nothing behind its star is passed over; imaplib gives up at it."""
        line: bytes = super()._get_line()  # type: ignore[misc]
        while line.strip() == b"*":
            line = super()._get_line()  # type: ignore[misc]
        return line

    def _append_untagged(self, typ: str, dat: Any) -> None:
        """imaplib hands over every untagged response here, in order (RFC 9051 7.4.1, 7.5.1)."""
        if typ == "EXISTS" and isinstance(dat, bytes) and dat.isdigit():
            self.exists = int(dat)
        elif typ == "EXPUNGE" or (typ == "VANISHED" and isinstance(dat, bytes) and not dat.startswith(b"(")):
            gone = 1 if typ == "EXPUNGE" else len(decode.expanded(dat))
            self.exists = max(0, self.exists - gone)
            self.removed += gone
        super()._append_untagged(typ, dat)  # type: ignore[misc]

    def _get_capabilities(self) -> None:
        """The greeting usually brings them (RFC 9051 7.1): that saves a round trip."""
        greeted = self.untagged_responses.pop("CAPABILITY", None)
        if greeted and isinstance(greeted[-1], bytes):
            self.capabilities = tuple(greeted[-1].decode("ascii").upper().split())
        else:
            super()._get_capabilities()  # type: ignore[misc]


def _connected(host: str, port: int, end: float, within: tuple[Network, ...] | None) -> socket.socket:
    """A TCP connection to the first address that answers; all of them together have until `end` (R33)."""
    try:
        places = reach.of_server(host, port, within)
    except (OSError, UnicodeError) as error:
        raise errors.ServerUnreachable(str(error)) from None
    failed: errors.MailError = errors.ServerUnreachable("no address")
    for family, kind, protocol, _, place in places:
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(max(0.01, end - time.monotonic()))
            sock.connect(place)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except TimeoutError:
            sock.close()
            failed = errors.ServerTooSlow()
        except OSError as error:
            sock.close()
            failed = errors.ServerUnreachable(str(error))
        else:
            return sock
    raise failed
