"""What comes along through the door: a letter that was being written, and where its reader wanted to go."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from flask import Response, make_response, redirect, request, url_for

from webmail.views import _snooze
from webmail.web import session
from webmail.web.forms import text
from webmail.web.services import services

LETTER: Final = (
    "to", "cc", "bcc", "subject", "body", "message_id", "draft", "origin", "mode", "in_reply_to", "references", "keep",
    "revision", "rich", "owner", "from", "receipt", "report", "html", "format",
)  # fmt: skip
CARRY: Final = "letter_"
_NEXT: Final = re.compile(r"/(?:m/|write|people|mailto)[A-Za-z0-9~&+,%=?._/ -]*")


class AtTheDoor(Exception):
    """Back to the sign-in form, with one sentence; what came along stays in it."""

    def __init__(self, address: str, sentence: str, status: int) -> None:
        super().__init__()
        self.address, self.sentence, self.status = address, sentence, status


def carried() -> dict[str, str]:
    """The letter in the form of this request: names as the form has them."""
    form = request.form
    return {name: text(form, name) for name in form if name.removeprefix(CARRY) in LETTER and name.startswith(CARRY)}


def safe_next(path: str) -> str:
    """Only paths that we generate (R24): the folder, message and write pages."""
    return path if _NEXT.fullmatch(path) and "//" not in path and len(path) < 2000 else ""


def inside(cookie_key: str, letter: Mapping[str, str], path: str) -> Response:
    """The first page of who was let in: their letter, where they wanted to go, or the inbox."""
    if letter or path:
        # The inbox, where everybody else comes out, looks by itself.
        _snooze.at_sign_in()
    inbox = url_for("mailbox.show", mailbox="INBOX")
    response = make_response(_resume(letter) if letter else redirect(path or inbox, 303))
    session.set_key_cookie(response, cookie_key)
    return response


def _resume(letter: Mapping[str, str]) -> str:
    """Straight back to the letter; app.py says which page that is, because no view knows another."""
    return services().resume({name.removeprefix(CARRY): value for name, value in letter.items()})
