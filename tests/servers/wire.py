"""One connection of a server that is written out line by line. For faults that a real server will not commit."""

from __future__ import annotations

import re
import socket
import ssl
import struct
import threading
from dataclasses import dataclass, field

LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r\n\Z")


class Gone(Exception):
    """The client closed the connection."""


@dataclass(frozen=True)
class Command:
    """One command as the client wrote it.

    name: upper case, "UID FETCH" for the UID commands. arguments: the rest, with every literal in its place as sent.
    literals: their octets, in order. synchronizing: for each literal whether the client waited for "+".
    """

    tag: bytes
    name: str
    arguments: bytes
    raw: bytes
    literals: tuple[bytes, ...] = ()
    synchronizing: tuple[bool, ...] = ()

    @property
    def words(self) -> list[str]:
        """The arguments split at spaces: enough for commands without quoted spaces."""
        return self.arguments.decode("utf-8", "replace").split()


@dataclass
class Wire:
    """Reading and writing one connection, and remembering all of it."""

    sock: socket.socket
    context: ssl.SSLContext
    ended: threading.Event
    received: bytearray = field(default_factory=bytearray)
    pending: bytearray = field(default_factory=bytearray)
    secure: bool = False

    def send(self, data: bytes) -> None:
        try:
            self.sock.sendall(data)
        except OSError as lost:
            raise Gone from lost

    def line(self) -> bytes:
        """Up to and with the next LF."""
        while b"\n" not in self.pending:
            self._more()
        return self.exactly(self.pending.index(b"\n") + 1)

    def exactly(self, count: int) -> bytes:
        while len(self.pending) < count:
            self._more()
        taken = bytes(self.pending[:count])
        del self.pending[:count]
        return taken

    def command(self) -> Command:
        """The next command with all its literals; answers "+" to those that wait for it (RFC 9051 4.3)."""
        line, literals, waited = self.line(), [], []
        raw = line
        # Only the line counts: a literal may itself end in "{5}".
        while found := LITERAL.search(line):
            waits = not found[2]
            if waits:
                self.send(b"+ go ahead\r\n")
            waited.append(waits)
            literals.append(self.exactly(int(found[1])))
            line = self.line()
            raw += literals[-1] + line
        tag, _, rest = raw.rstrip(b"\r\n").partition(b" ")
        name, _, arguments = rest.partition(b" ")
        if name.upper() == b"UID":
            second, _, arguments = arguments.partition(b" ")
            name = b"UID " + second
        upper = name.upper().decode("ascii", "replace")
        return Command(tag, upper, arguments, raw, tuple(literals), tuple(waited))

    def upgrade(self) -> None:
        """STARTTLS: from here on TLS. What the client sent too early stays in `pending`, as with careless servers."""
        try:
            self.sock = self.context.wrap_socket(self.sock, server_side=True)
        except OSError as lost:
            raise Gone from lost
        self.secure = True

    def reset(self) -> None:
        """Close with RST instead of FIN, as a firewall does."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()
        raise Gone

    def close(self) -> None:
        """Half close first, so that what was sent arrives before the end."""
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the client was faster
        self.sock.close()

    def _more(self) -> None:
        try:
            data = self.sock.recv(65536)
        except OSError as lost:
            raise Gone from lost
        if not data:
            raise Gone
        self.received += data
        self.pending += data
