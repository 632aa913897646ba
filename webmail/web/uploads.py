"""Files that travel with the form of a letter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from os import SEEK_END
from typing import Final

from werkzeug.datastructures import FileStorage

from webmail.mail.draft import Attachment

_CHUNK: Final = 256 << 10
_TYPE: Final = re.compile(r"[a-z]+/[a-z0-9.+-]{1,80}")


class Posted:
    """A file of this post, on disk when it is large (mail/draft.py, Octets)."""

    def __init__(self, file: FileStorage) -> None:
        self._stream = file.stream
        self.size = self._stream.seek(0, SEEK_END)

    def chunks(self) -> Iterator[bytes]:
        """From its beginning: a letter that was not sent is saved with the same files."""
        self._stream.seek(0)
        return iter(lambda: self._stream.read(_CHUNK), b"")


def uploads(files: Sequence[FileStorage]) -> list[Attachment]:
    """Files of this post that arrived whole."""
    found = []
    for file in files:
        if not file.filename or getattr(file.stream, "overflowed", False):
            continue
        found.append(Attachment(file.filename, media_type(file.mimetype), Posted(file)))
    return found


def media_type(told: str) -> str:
    """What a browser says a file is."""
    return told if _TYPE.fullmatch(told) else "application/octet-stream"
