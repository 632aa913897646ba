"""What the pages know of deeds: how to begin one, and the line that tells of it, with its Undo."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeVar, cast

from flask import Flask, current_app, url_for
from flask_login import current_user

from webmail import errors
from webmail.actions.jobs import Job, Jobs
from webmail.actions.order import Order, Run, State
from webmail.imap.connection import Connection
from webmail.views import _sending, _told
from webmail.web import session
from webmail.web.errors import sentence_for
from webmail.web.services import services

T = TypeVar("T")

_NAME: Final = "pennypost-jobs"
_MOMENT: Final = 0.7
"""Seconds that an answer waits for a job to end: most are done by then, and there is no progress to show."""


@dataclass(frozen=True, slots=True)
class Toast:
    """One line of what was done. tone: "" or "bad". more: what is safe and what to do, after something went wrong.

    job_url: where it is followed, while it can be stopped or can go on; stop_url, on_url: POST, or "". asks: it waits
    for a yes, and this is the word for it; then on_url is yes and stop_url no. undo_url: POST, or "". count, total: how
    far it came, total 0 where there is nothing to show.
    """

    text: str
    tone: str = ""
    more: str = ""
    server_text: str = ""
    job_url: str = ""
    stop_url: str = ""
    on_url: str = ""
    asks: str = ""
    undo_url: str = ""
    count: int = 0
    total: int = 0


def install(app: Flask) -> None:
    """Make jobs known to the pages, and the last deed to the templates."""
    app.extensions[_NAME] = Jobs()
    app.context_processor(lambda: {"deed_toast": for_page})


def jobs() -> Jobs:
    """Those of this process."""
    return cast(Jobs, current_app.extensions[_NAME])


def find(token: str) -> Job | None:
    """A job of this sign-in (R34)."""
    return jobs().find(session.current().record_key, token)


class _Pooled:
    """Runs work on the connection of the account, also after this request."""

    def __init__(self) -> None:
        self._pool, self._account = services().pool, session.account()

    def __call__(self, work: Callable[[Connection], T], /) -> T:
        return self._pool.run(self._account, work)

    @contextmanager
    def apart(self) -> Iterator[Run]:
        """The same for one long job, on a connection of its own."""
        with self._pool.apart(self._account) as conn:

            def run(work: Callable[[Connection], T], /) -> T:
                conn.asked = False  # each set looks anew what is there
                return work(conn)

            yield run


def begin(order: Order, *, large: bool) -> Job:
    """Do it: at once, or beside the requests. Raises what stopped it."""
    owner = session.current().record_key
    if not large:
        return jobs().now(owner, session.borrow, order)
    pooled = _Pooled()
    job = jobs().start(owner, pooled, order, pooled.apart)
    job.over.wait(_MOMENT)
    return job


def undo(job: Job) -> Job:
    """Take it back, and first the letter that was sent with it, as that will not wait. Raises what stopped it."""
    pooled = _Pooled()
    unsent = bool(job.letter) and _sending.take_back(job.letter) is not None
    back = jobs().undo(job, pooled, pooled.apart)
    back.unsent = back.unsent or unsent
    back.over.wait(_MOMENT)
    return back


def go_on(job: Job) -> None:
    """With what is left."""
    jobs().go_on(job, _Pooled())
    job.over.wait(_MOMENT)


# --- told -------------------------------------------------------------------------------------------------------------


def for_page(notice: str | None) -> tuple[Toast, bool] | None:
    """What stands at the foot of a page, and whether it is news. notice: what the last request had to say.

    The last deed can be undone until the next one, so its button is there also when its line has been read.
    """
    if not current_user.is_authenticated:
        return None
    last = jobs().last(session.current().record_key)
    if last is not None and last.state is State.RUNNING:
        return toast(last), True
    if last is not None and last.can_undo and notice in (None, _told.told(last)):
        news = notice is not None or (last.state is State.FAILED and not last.seen)
        last.seen = True
        return toast(last), news
    return (Toast(notice), True) if notice else None


def toast(job: Job) -> Toast:
    """A job in one line."""
    more = server_text = ""
    if job.error is not None:
        sentence = sentence_for(job.error)
        more, server_text = f"{sentence.stopped} {sentence.text} {sentence.safe}", job.error.server_text
    more = more or _told.refused(job)
    running, asks = job.state is State.RUNNING, job.state is State.ASKED
    waits = asks or (job.state in (State.STOPPED, State.FAILED) and not job.taken_back)
    return Toast(
        _told.told(job), "bad" if job.error else "", more, server_text,
        job_url=url_for("act.job", token=job.token) if running or waits else "",
        stop_url=url_for("act.stop", token=job.token) if running or asks else "",
        on_url=url_for("act.on", token=job.token) if waits else "",
        asks=_told.word(job.order) if asks else "",
        undo_url=url_for("act.undo", token=job.token) if job.can_undo else "",
        count=job.count, total=(job.total or 0) if (running or waits) and not asks else 0,
    )  # fmt: skip


def failed(error: errors.MailError) -> Toast:
    """Nothing was done, in words: what happened, what is safe, what to do."""
    sentence = sentence_for(error)
    return Toast(sentence.stopped, "bad", f"{sentence.text} {sentence.safe}", error.server_text)
