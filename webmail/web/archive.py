"""Many files as one, on their way: a ZIP archive that is never whole in memory nor on disk."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from io import RawIOBase
from typing import Any

Octets = Iterable[bytes]


class _Outlet(RawIOBase):
    """What zipfile writes to: it cannot seek, and forgets what was taken."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, octets: Any, /) -> int:
        self._waiting.append(bytes(octets))
        return len(octets)

    def taken(self) -> bytes:
        taken = b"".join(self._waiting)
        self._waiting.clear()
        return taken


def zipped(files: Iterable[tuple[str, Octets]], when: datetime) -> Iterator[bytes]:
    """The archive in pieces, stored and not packed: most attachments are packed already. files: (name, octets); a name
    that came before gets a number. An error in one ends the stream, so that no browser takes it for whole.
    """
    outlet, known = _Outlet(), set[str]()
    # Years that ZIP can tell (APPNOTE 4.4.6).
    date = (min(max(when.year, 1980), 2107), when.month, when.day, when.hour, when.minute, when.second)
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_STORED) as archive:
        for name, octets in files:
            info = zipfile.ZipInfo(_another(name, known), date)
            info.external_attr = 0o644 << 16
            with archive.open(info, "w", force_zip64=True) as entry:
                for piece in octets:
                    entry.write(piece)
                    yield outlet.taken()
    yield outlet.taken()


def _another(name: str, known: set[str]) -> str:
    """As in report.pdf, report (2).pdf; letters of either case are the same on many disks."""
    stem, dot, extension = name.rpartition(".")
    wanted, number = name, 1
    while wanted.lower() in known:
        number += 1
        wanted = f"{stem} ({number}){dot}{extension}" if stem else f"{name} ({number})"
    known.add(wanted.lower())
    return wanted
