"""What the wire costs: a socket that parses nothing, and plain IMAPClient doing what its makers meant it for."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from imapclient import IMAPClient

from tests.servers.people import Person

FIELDS = "FROM TO CC SUBJECT DATE MESSAGE-ID CONTENT-TYPE REFERENCES IN-REPLY-TO"
ROW = ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "PREVIEW", f"BODY.PEEK[HEADER.FIELDS ({FIELDS})]"]
"""What a row of the list is made of. ENVELOPE and BODYSTRUCTURE would say the same for three times the price."""


class Bare:
    """One signed-in IMAP connection over a bare socket: octets out, octets in until the tagged line."""

    def __init__(self, person: Person) -> None:
        plain = socket.create_connection(("127.0.0.1", person.port), timeout=120)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = person.context.wrap_socket(plain, server_hostname="localhost")
        self._count = 0
        self.sock.recv(4096)
        self.command(f"LOGIN {person.login} {person.password}".encode())

    def command(self, line: bytes) -> bytes:
        """Everything the server says up to the end of the command. RuntimeError when it says no."""
        tag = self.send(line)
        told = bytearray()
        while not over(told, tag):
            octets = self.sock.recv(65536)
            if not octets:
                raise RuntimeError(f"{line[:40]!r}: the connection ended")
            told += octets
        if not told[told.rfind(tag) + len(tag) :].startswith(b" OK"):
            raise RuntimeError(f"{line[:80]!r}: {bytes(told[-200:])!r}")
        return bytes(told)

    def send(self, line: bytes) -> bytes:
        """Only send; the tag."""
        self._count += 1
        tag = b"T%07d" % self._count
        self.sock.sendall(tag + b" " + line + b"\r\n")
        return tag

    def close(self) -> None:
        self.sock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def over(told: bytearray, tag: bytes) -> bool:
    """Whether the last line is the tagged one. No letter of ours holds a tag, so literals need not be counted."""
    if not told.endswith(b"\r\n"):
        return False
    return told.startswith(tag, told.rfind(b"\r\n", 0, len(told) - 2) + 2 if told.count(b"\n") > 1 else 0)


@contextmanager
def plain_client(person: Person, mailbox: str = "INBOX") -> Iterator[IMAPClient]:
    """IMAPClient on one warm connection with the mailbox open."""
    with person.imap() as client:
        client.select_folder(mailbox)
        yield client


def rows_by_client(client: IMAPClient, uids: range) -> Any:
    """The floor of a list page, UIDs known."""
    return client.fetch(uids, ROW)


def rows_command(uids: range) -> bytes:
    """The same for the bare socket."""
    return f"UID FETCH {uids[0]}:{uids[-1]} ({' '.join(ROW)})".encode()
