"""Where the share sheet of a device leads: a letter begins with what was shared. Nothing is sent or saved by it."""

from __future__ import annotations

from contextlib import suppress

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from webmail import errors
from webmail.mail.names import clean_line
from webmail.mail.reply import signed
from webmail.views import _drafts, _identity
from webmail.web import begun, handed, session, uploads
from webmail.web.letter import Letter
from webmail.web.services import services
from webmail.web.words import _

blueprint = Blueprint("share", __name__)

_LONGEST_NAME = 300


@blueprint.get("/share")
def show() -> Response:
    """Nothing was shared: a blank letter."""
    return redirect(url_for("compose.new"), 303)


@blueprint.post("/share")
def take() -> Response:
    """Title, text and address become subject and words; files wait where those of a letter wait that is not saved."""
    handed.check()
    given = handed.fields()
    files = [file for file in request.files.getlist("att") if file.filename]
    keep = tuple(f"u{token}" for token in map(_kept, files) if token)
    if len(keep) < len(files):
        flash(_("Not every file fits into a letter. The others are here."), "handed")
    body = signed(given["body"] and given["body"] + "\n", _identity.signature(_identity.own()[0]))
    return redirect(begun.url(Letter(subject=given["subject"], body=body, keep=keep)), 303)


def _kept(file: FileStorage) -> str:
    """Its token, or "" for one that did not arrive whole, or for which there is no room."""
    if getattr(file.stream, "overflowed", False):
        return ""
    name = clean_line(file.filename or "")[:_LONGEST_NAME] or "file"
    owner, kind = session.current().address, uploads.media_type(file.mimetype)
    with suppress(errors.TooLarge, errors.NoRoom):
        return services().spool.take(owner, name, kind, file.stream.read, _drafts.limit())
    return ""
