"""Every page of somebody who is signed in takes a turn of lanes.py: where slow mail servers have taken all they may,
it is told so at once."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, g, request
from flask_login import current_user

from webmail.errors import ServerTooSlow
from webmail.web import session
from webmail.web.services import services

_APART: Final = frozenset({"events.stream", "image.show"})
"""These have threads of their own (PENNYPOST_STREAMS), or wait for others than the mail server (remote.py)."""


def install(app: Flask) -> None:
    """After session.install: who is asking is known then."""
    app.before_request(_enter)
    app.after_request(_leave_later)
    app.teardown_request(_leave)


def _enter() -> None:
    if request.endpoint in _APART or request.endpoint in session.PUBLIC or not current_user.is_authenticated:
        return
    who = session.current()
    # A form is not refused: what was typed into it is worth more than a thread.
    turn = services().lanes.enter(
        (who.server.imap, who.login), who.server.imap, sure=request.method not in ("GET", "HEAD")
    )
    if turn is None:
        raise ServerTooSlow
    g.lane = turn


def _leave_later(response: Response) -> Response:
    """What is sent in pieces keeps its thread until the last one is."""
    if "lane" in g and response.is_streamed:
        lanes, turn = services().lanes, g.pop("lane")
        response.call_on_close(lambda: lanes.leave(turn))
    return response


def _leave(_: BaseException | None) -> None:
    if "lane" in g:
        services().lanes.leave(g.pop("lane"))
