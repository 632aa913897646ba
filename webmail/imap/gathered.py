"""Octets that are brought from the server, or made here, before they go elsewhere: on disk when there are many."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from webmail import errors
from webmail.imap import fetch
from webmail.imap.connection import Connection
from webmail.mail.build import Content
from webmail.mail.draft import Piece
from webmail.mail.ids import MessageRef

_IN_MEMORY: Final = 512 << 10
_LONGEST_HEADER: Final = 4 << 20
_GAP: Final = b"\r\n\r\n"


class Gathered:
    """A file without a name, which is gone when it is closed, however the process ends (mail/draft.py, Octets)."""

    def __init__(self, limit: int) -> None:
        """limit: octets, of which more raise TooLarge."""
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        self._limit = limit
        self.size = 0

    def add(self, octets: bytes) -> None:
        """At the end. Raises UnsafeText for NUL, TooLarge, NoRoom when the disk is full."""
        if octets.find(b"\0") >= 0:
            raise errors.UnsafeText  # before a literal has begun, so that the connection stays of use
        if self.size + len(octets) > self._limit:
            raise errors.TooLarge
        try:
            self._file.seek(self.size)
            self._file.write(octets)
            self._file.flush()
        except OSError:
            raise errors.NoRoom from None
        self.size += len(octets)

    def chunks(self, start: int = 0) -> Iterator[bytes]:
        """From there to the end, however many read at once."""
        while start < self.size:
            self._file.seek(start)
            octets = self._file.read(min(fetch.CHUNK, self.size - start))
            if not octets:
                raise errors.NoRoom
            yield octets
            start += len(octets)

    def header(self) -> bytes:
        """With its empty line. Raises UnsafeText when there is none, or none that ends."""
        return _header(self.chunks())

    def close(self) -> None:
        """Nothing is left of it."""
        self._file.close()


@dataclass(frozen=True, slots=True)
class Rest:
    """What lies behind a place of it (mail/draft.py, Octets)."""

    whole: Gathered
    start: int

    @property
    def size(self) -> int:
        """Octets."""
        return self.whole.size - self.start

    def chunks(self) -> Iterator[bytes]:
        """In pieces, as often as one likes."""
        return self.whole.chunks(self.start)


def contents(conn: Connection, pieces: Iterable[Content], limit: int) -> Gathered:
    """All of them in one. Raises MessageMissing, PartMissing, UnsafeText, TooLarge, NoRoom, the errors of the wire."""
    return _filled(limit, (octets for piece in pieces for octets in _octets(conn, piece)))


def source(conn: Connection, ref: MessageRef, limit: int) -> Gathered:
    """The message as it lies on the server. Raises as contents does."""
    return _filled(limit, fetch.source_chunks(conn, ref))


def header(conn: Connection, ref: MessageRef) -> bytes:
    """Of a message of ours, with its empty line; little more than that is fetched. Raises as contents does."""
    return _header(fetch.source_chunks(conn, ref))


def _header(chunks: Iterable[bytes]) -> bytes:
    octets = bytearray()
    for chunk in chunks:
        octets += chunk
        if (end := octets.find(_GAP)) >= 0:
            return bytes(octets[: end + len(_GAP)])
        if len(octets) > _LONGEST_HEADER:
            break
    raise errors.UnsafeText


def _filled(limit: int, chunks: Iterable[bytes]) -> Gathered:
    with contextlib.ExitStack() as undo:
        whole = Gathered(limit)
        undo.callback(whole.close)
        for chunk in chunks:
            whole.add(chunk)
        undo.pop_all()
        return whole


def _octets(conn: Connection, piece: Content) -> Iterable[bytes]:
    if isinstance(piece, Piece):
        return fetch.section_chunks(conn, piece.ref, piece.part, piece.mime)
    return (piece,) if isinstance(piece, bytes) else piece.chunks()
