"""One file, uploaded by itself as soon as it is picked: how far it came is seen, and it can be called off."""

from __future__ import annotations

from re import fullmatch
from urllib.parse import unquote

from flask import Blueprint, Response, abort, request

from webmail import errors
from webmail.mail.names import clean_line
from webmail.sanitize.written import from_text, words, written
from webmail.views import _drafts, _file
from webmail.web import forms, limits, session
from webmail.web.services import services
from webmail.web.uploads import media_type

blueprint = Blueprint("draft", __name__)

_LONGEST_NAME = 300


@blueprint.post("/write/file")
def upload() -> Response:
    """Take the body as a file; the answer is the value of its `keep` field. X-Name: percent-encoded UTF-8.

    What is too large is refused before it is read. Raises TooLarge, NoRoom.
    """
    most = _drafts.limit()
    if (request.content_length or 0) > most:
        return _too_large()
    try:
        limits.uploading(request.content_length or most)
    except errors.TooOften:
        return Response("too often", 429, {"Connection": "close"}, content_type="text/plain; charset=utf-8")
    name = clean_line(unquote(request.headers.get("X-Name", ""), errors="replace"))[:_LONGEST_NAME]
    owner, kind = session.current().address, media_type(request.mimetype)
    counted = 0

    def read(size: int) -> bytes:
        nonlocal counted
        chunk: bytes = request.stream.read(size)
        counted += len(chunk)
        return chunk

    try:
        token = services().spool.take(owner, name or "attachment", kind, read, most)
    except errors.TooLarge:
        return _too_large()
    if request.content_length is not None and counted != request.content_length:
        # The browser went away in the middle, and half a file is none.
        services().spool.drop(owner, token)
        abort(400)
    return Response(f"u{token}", content_type="text/plain; charset=utf-8")


@blueprint.get("/write/file/<token>")
def uploaded(token: str) -> Response:
    """A picture that waits for the next save, for the editor. Raises PartMissing when it is not here (any more)."""
    if not fullmatch("[0-9a-f]{32}", token):
        raise errors.PartMissing
    file = services().spool.find(session.current().address, token)
    return _file.opened(file.chunks(), file.type, file.name, None)


@blueprint.post("/write/formatting")
def convert() -> Response:
    """Text as HTML, or HTML as the text that would be sent beside it: whichever was posted, as the other."""
    html = forms.text(request.form, "html")
    try:
        made = words(written(html, lambda _: True)) if html else from_text(forms.text(request.form, "body"))
    except errors.TooLarge:
        return _too_large()
    return Response(made, content_type="text/plain; charset=utf-8")


def _too_large() -> Response:
    """What was not read must not be taken for the next request: the connection ends here (RFC 9112 9.6)."""
    return Response("too large", 413, {"Connection": "close"}, content_type="text/plain; charset=utf-8")
