"""The event stream of an open page: what happens in its mailbox, for as long as the sign-in lasts."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Protocol

from flask import request

from webmail.errors import MailError, ServerBusy, SignInRefused
from webmail.imap.connection import Connection
from webmail.mail.ids import MailboxName
from webmail.web import live, session
from webmail.web.services import services


class Greeting(Protocol):
    """What a stream begins with. position: where it stands; known: nothing was missed since the last stream."""

    def __call__(self, conn: Connection, position: str, *, known: bool) -> bytes: ...


def listening(mailbox: MailboxName, greet: Greeting, seconds: float) -> Iterator[bytes | None]:
    """Lines of an event stream: the greeting, then every event; None after so many seconds without one.

    It ends with the sign-in, which it does not keep alive, and with the server.
    """
    mine, staying, given = session.account(), session.staying(), request.headers.get("Last-Event-ID", "")
    pool, watcher, endings, key = services().pool, services().watcher, services().endings, session.current().record_key

    def lines() -> Iterator[bytes | None]:
        try:
            with watcher.listen(mine, mailbox) as page, endings.awaiting(key, page.log.nudge):
                log = page.log
                number = log.last
                epoch, _, last = given.partition("-")
                missed = int(last) if epoch == log.epoch and last.isdecimal() and log.knows(int(last)) else None
                greeting = partial(greet, position=f"{log.epoch}-{number}", known=not given or missed is not None)
                yield pool.run(mine, greeting)
                number = number if missed is None else missed
                while staying() and not (watcher.closed or page.over):
                    events = log.after(number, seconds)
                    for number, event in events:
                        yield live.line(f"{log.epoch}-{number}", event)
                    if not events:
                        yield None
                why = "restart" if watcher.closed else "busy" if page.over else "signed-out"
                yield live.message("ended", {"why": why})
        except ServerBusy:
            yield live.START + live.message("ended", {"why": "busy"})
        except SignInRefused:
            # The page asks once more, is told so, and that ends the sign-in.
            yield live.START + live.message("ended", {"why": "signed-out"})
        except MailError:
            # The stream is lost; the browser asks again after a moment.
            return

    return lines()
