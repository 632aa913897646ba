"""Whose decoding is cheaper (`python bench/coding.py`), and whether compression pays (the same with `--cyrus HOST PORT
CA_FILE LOGIN PASSWORD`).

What docs/decisions/0007 and 0008 were decided by: a file of 25 MB read as BODY and as BINARY (RFC 3516), and pages of a
list with and without COMPRESS=DEFLATE (RFC 4978), on a Dovecot of its own or on a server that is given. One line each:
what, milliseconds of wall time, of our CPU and of the server's CPU, kilobytes that came over the wire.
"""

from __future__ import annotations

import argparse
import os
import socket
import ssl
import statistics
import sys
import tempfile
import textwrap
import time
import zlib
from base64 import encodebytes
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.people import ALICE, letter
from webmail import errors
from webmail.config import Endpoint
from webmail.imap import append, fetch, mailboxes
from webmail.imap.connection import Connection, dial, tls_context
from webmail.imap.selection import select
from webmail.mail.ids import MailboxName, MessageRef, Uid, UidValidity
from webmail.mail.message import Part
from webmail.mail.transfer import decoded_chunks

INBOX = MailboxName("INBOX")
PLACE = MailboxName("Bench")
FILE = os.urandom(1 << 20) * 25
TICK = os.sysconf("SC_CLK_TCK")
FIELDS = (
    b"(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (FROM TO CC SUBJECT DATE MESSAGE-ID REFERENCES)])"
)


def with_file() -> bytes:
    """A message with the file as its second part."""
    lines = encodebytes(FILE).replace(b"\n", b"\r\n")
    return (
        b'Subject: file\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
        b"--b\r\n\r\nx\r\n--b\r\n"
        b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + lines
        + b"\r\n--b--\r\n"
    )


# --- BINARY -----------------------------------------------------------------------------------------------------------


def as_body(conn: Connection, ref: MessageRef, part: Part) -> Iterator[bytes]:
    """As the webmail does it."""
    return decoded_chunks("base64", fetch.part_chunks(conn, ref, part))


def as_binary(size: int) -> Callable[[Connection, MessageRef, Part], Iterator[bytes]]:
    """Decoded by the server, in pieces of that many octets."""

    def chunks(conn: Connection, ref: MessageRef, part: Part) -> Iterator[bytes]:
        def at(position: int) -> bytes:
            item = b"(BINARY.PEEK[2]<%d.%d>)" % (position, size)
            told = conn.command(b"UID FETCH", b"%d" % ref.uid, item).data["FETCH"]
            return next((bytes(one[1]) for one in told if isinstance(one, tuple)), b"")

        return fetch.pieces(at, size)

    return chunks


def reading(server: Dovecot, conn: Connection, ref: MessageRef) -> None:
    part = fetch.message(conn, ref).root.children[1]
    for name, way in (
        ("BODY.PEEK, 256 KiB, decoded here", as_body),
        ("BINARY.PEEK, 256 KiB", as_binary(256 << 10)),
        ("BINARY.PEEK, 1 MiB", as_binary(1 << 20)),
        ("BINARY.PEEK, 25 MiB at once", as_binary(32 << 20)),
    ):
        rounds = []
        for _ in range(3):
            start = time.monotonic(), time.process_time(), server_cpu(server)
            octets = sum(len(chunk) for chunk in way(conn, ref, part))
            assert octets == len(FILE), octets
            rounds.append((time.monotonic() - start[0], time.process_time() - start[1], server_cpu(server) - start[2]))
        report(name, rounds)
    start_size = time.monotonic()
    conn.command(b"UID FETCH", b"%d" % ref.uid, b"(BINARY.SIZE[2])")
    print(f"BINARY.SIZE[2]: {(time.monotonic() - start_size) * 1000:.0f} ms")


def server_cpu(server: Dovecot) -> float:
    """Seconds of CPU of Alice's imap processes."""
    lines = [line.split("\t") for line in server.doveadm("-f", "tab", "who", "-1", ALICE.login).splitlines()[1:]]
    total = 0
    for fields in lines:
        stat = Path(f"/proc/{fields[2]}/stat").read_text().rpartition(")")[2].split()
        total += int(stat[11]) + int(stat[12])
    return total / TICK


def report(name: str, rounds: list[tuple[float, float, float]]) -> None:
    wall, ours, theirs = (statistics.median(column) * 1000 for column in zip(*rounds, strict=True))
    print(f"{name}: wall {wall:.0f} ms, our CPU {ours:.0f} ms, server CPU {theirs:.0f} ms", flush=True)


# --- COMPRESS ---------------------------------------------------------------------------------------------------------


class Line:
    """A bare connection, so that nothing but the wire is measured. came: octets received, before they are unpacked."""

    def __init__(self, host: str, port: int, ca: str, login: str, password: str) -> None:
        context = ssl.create_default_context(cafile=ca)
        self.sock = context.wrap_socket(socket.create_connection((host, port)), server_hostname=host)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.packed: tuple[zlib._Compress, zlib._Decompress] | None = None
        self.came = self.asked = 0
        while not self.sock.recv(65536).endswith(b"\r\n"):
            pass
        self.ask(f'LOGIN {login} "{password}"'.encode())

    def ask(self, command: bytes) -> bytes:
        """The whole answer to one command."""
        self.asked += 1
        tag = b"T%d" % self.asked
        out = tag + b" " + command + b"\r\n"
        if self.packed:
            out = self.packed[0].compress(out) + self.packed[0].flush(zlib.Z_SYNC_FLUSH)
        self.sock.sendall(out)
        said = bytearray(b"\r\n")
        while not (said.endswith(b"\r\n") and b"\r\n" + tag + b" " in said[-1000:]):
            # Cyrus leaves Nagle's algorithm on: a late acknowledgement of ours would cost 40 ms in every longer answer.
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            data = self.sock.recv(65536)
            assert data, "the server hung up"
            self.came += len(data)
            said += self.packed[1].decompress(data) if self.packed else data
        assert b"\r\n" + tag + b" OK" in said[-1000:], said[-200:]
        return bytes(said)


def compressing(host: str, port: int, ca: str, login: str, password: str, name: str) -> None:
    for packed in (False, True):
        line = Line(host, port, ca, login, password)
        if packed:
            line.ask(b"COMPRESS DEFLATE")
            line.packed = zlib.compressobj(6, wbits=-15), zlib.decompressobj(-15)
        line.ask(b"SELECT " + PLACE.encode())
        for what, command, runs in (
            ("50 rows", b"FETCH 1:50 " + FIELDS, 200),
            ("NOOP", b"NOOP", 500),
            ("a text of 1 MB", b"FETCH 51 BODY.PEEK[]", 10),
        ):
            came = line.came
            line.ask(command)
            # Of the first answer: the same one again compresses to nothing.
            size, before = line.came - came, imapd_cpu(name)
            walls, start = [], time.process_time()
            for _ in range(runs):
                begun = time.perf_counter()
                line.ask(command)
                walls.append(time.perf_counter() - begun)
            ours = (time.process_time() - start) / runs * 1000
            theirs = (imapd_cpu(name) - before) / runs * 1000
            print(
                f"{'DEFLATE' if packed else 'plain'}, {what}: median {statistics.median(walls) * 1000:.2f} ms, our CPU "
                f"{ours:.2f} ms, server CPU {theirs:.2f} ms, {size / 1000:.1f} kB",
                flush=True,
            )
        line.sock.close()


def imapd_cpu(name: str) -> float:
    """Seconds of CPU of all processes of that name."""
    total = 0
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if (place / "comm").read_text().strip() == name:
                stat = (place / "stat").read_text().rpartition(")")[2].split()
                total += int(stat[11]) + int(stat[12])
        except OSError:
            continue
    return total / TICK


def mails(connect: Callable[[], Connection]) -> None:
    """A mailbox of 50 ordinary letters and one long text, made when it is not there."""
    conn = connect()
    try:
        select(conn, PLACE)
        return
    except errors.MailboxMissing:
        mailboxes.create(conn, PLACE)
    now = datetime.now(UTC)
    names = ("Anna Lindqvist", "Tomasz Wieczorek", "billing@shop.example", "Build robot", "Jörg Müller")
    rows = [
        letter(f"Re: {names[n % 5]} and the plan for week {n}",
               sender=f'"{names[n % 5]}" <someone{n}@host{n % 7}.example>',
               message_id=f"<{os.urandom(12).hex()}@host{n % 7}.example>",
               extra=f"References: <{os.urandom(12).hex()}@host.example> <{os.urandom(12).hex()}@host.example>\r\n")
        for n in range(50)
    ]  # fmt: skip
    words = Path(__file__).read_text().split()
    text = " ".join(words[int.from_bytes(os.urandom(2)) % len(words)] for _ in range(150_000))
    for raw in (*rows, letter("long", text="\r\n".join(textwrap.wrap(text, 76)) + "\r\n")):
        append.append(conn, PLACE, raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), ["\\Seen"], now)
    conn.logout()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cyrus", nargs=5, metavar=("HOST", "PORT", "CA", "LOGIN", "PASSWORD"))
    given = parser.parse_args().cyrus
    if given:
        host, port, ca, login, password = given
        endpoint = Endpoint(host, int(port), "implicit", Path(ca))
        mails(lambda: signed_in(endpoint, login, password))
        compressing(host, int(port), ca, login, password, "imapd")
        return
    authority = Authority(Path(tempfile.mkdtemp()))
    server = Dovecot(authority).start()
    try:
        person = server.person(ALICE)
        uid = person.append(with_file())
        ref = MessageRef(INBOX, UidValidity(person.uidvalidity()), Uid(uid))
        endpoint = Endpoint(server.host, server.port, "implicit", authority.ca_file)
        conn = signed_in(endpoint, person.login, person.password)
        reading(server, conn, ref)
        conn.logout()
    finally:
        server.stop()


def signed_in(endpoint: Endpoint, login: str, password: str) -> Connection:
    context = tls_context(endpoint.ca_file)
    return dial(endpoint, login, password, context=context, connect_timeout=10, read_timeout=60)


if __name__ == "__main__":
    main()
