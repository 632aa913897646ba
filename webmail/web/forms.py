"""Uploads within bounds: text fields always arrive, files over the limit are read away instead of kept (R15)."""

from __future__ import annotations

import tempfile
from typing import IO, Any, Final

from flask import Request, current_app, g, request
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from webmail import errors
from webmail.web import limits

_SPOOL: Final = 512 * 1024
FIELD_LIMIT: Final = 8 * 1024 * 1024


class BoundedFile(tempfile.SpooledTemporaryFile[bytes]):
    """An upload that stops growing when all files of its request reach the limit, and remembers that it did."""

    def __init__(self, limit: int) -> None:
        super().__init__(max_size=_SPOOL, mode="w+b")
        self._limit = limit
        self.overflowed = False

    def write(self, data: Any) -> int:
        """Keep what fits; the rest is accepted and dropped, so that the fields behind it are still read."""
        g.uploaded = g.get("uploaded", 0) + len(data)
        if g.uploaded > self._limit:
            self.overflowed = g.upload_overflowed = True
            return len(data)
        try:
            if not self.overflowed:
                super().write(data)
        except OSError:
            # The disk is full. The file is lost, the text behind it is not.
            self.overflowed = g.upload_failed = True
        return len(data)


class LetterRequest(Request):
    """Request whose files are BoundedFile. MAX_CONTENT_LENGTH still ends what is far over any sense."""

    max_form_memory_size = FIELD_LIMIT
    max_form_parts = 2000

    def _get_file_stream(
        self, total_content_length: int | None, content_type: str | None, filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:  # fmt: skip
        # Nobody who is not signed in fills our disk: of a letter whose session ended, the text alone is carried on.
        kept = current_user.is_authenticated and not (filename and _too_often())
        return BoundedFile(int(current_app.config["UPLOAD_LIMIT"]) if kept else 0)


def _too_often() -> bool:
    """Whether this reader has uploaded enough for now; asked once a request, of which all is counted."""
    if "upload_refused" not in g:
        g.upload_refused = None
        try:
            limits.uploading(request.content_length or 0)
        except errors.TooOften as error:
            g.upload_refused = error
    return g.upload_refused is not None


def upload_refused() -> errors.TooOften | None:
    """Why no file of this request was kept, when that is why."""
    refused: errors.TooOften | None = g.get("upload_refused")
    return refused


def upload_overflowed() -> bool:
    """True when some file of this request was over the limit and its content was dropped."""
    return bool(g.get("upload_overflowed", False))


def upload_failed() -> bool:
    """True when there was no room for some file of this request."""
    return bool(g.get("upload_failed", False))


def text(form: MultiDict[str, str], name: str, default: str = "") -> str:
    """One text field with canonical line ends (browsers send CRLF)."""
    return form.get(name, default).replace("\r\n", "\n").replace("\r", "\n")


def line(form: MultiDict[str, str], name: str, default: str = "") -> str:
    """One single-line field; line breaks become spaces, as a browser's own field does it."""
    return " ".join(text(form, name, default).split("\n")).strip()


def addresses(form: MultiDict[str, str], name: str) -> str:
    """A field of addresses; the lines of a pasted list get commas between them."""
    return ", ".join(piece.strip(" ,") for piece in text(form, name).split("\n") if piece.strip(" ,"))
