"""Send and archive: what was answered goes to Archive once the answer is on its way. One Undo is about both while that
waits."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from flask import flash, g, get_flashed_messages
from werkzeug.wrappers import Response

from webmail import errors
from webmail.actions import which
from webmail.actions.deeds import DEEDS
from webmail.actions.order import Among, Order
from webmail.languages import N_
from webmail.mail.mailbox import Mailbox, Role
from webmail.views import _acts, _told
from webmail.web import session
from webmail.web.errors import sentence_for
from webmail.web.letter import Letter
from webmail.web.words import _

_STAYS: Final = frozenset({Role.ARCHIVE, Role.DRAFTS, Role.SENT, Role.JUNK, Role.TRASH})
SENT: Final = N_("Sent.")
_HELD: Final = "held_letter"


def offered(written: Letter, folders: Sequence[Mailbox]) -> bool:
    """Whether it answers a message that can be put away. One that is passed on is not done with by that."""
    origin = written.marks
    if origin is None or not written.mode.startswith("reply"):
        return False
    here = next((one for one in folders if one.name == origin.mailbox), None)
    return here is not None and here.role not in _STAYS


def holds(key: str) -> None:
    """This request's letter waits for its seconds."""
    setattr(g, _HELD, key)


def undone(key: str) -> bool:
    """The letter was taken back; so what was put away with it comes back too. False where there is nothing, or it is
    not where it was put."""
    job = _acts.jobs().beside(session.current().record_key, key)
    if job is None or not job.can_undo:
        return False
    job.letter = ""
    with suppress(errors.MailError):
        return _acts.undo(job).undone.back > 0
    return False


def with_original(written: Letter, answer: Response | tuple[str, int]) -> Response | tuple[str, int]:
    """The answer of sending, with the original put away where the letter is sent or on its way. The mark on it finds it
    there too (actions/filing.py). What cannot be put away is told; the letter goes all the same."""
    origin, said = written.marks, [str(text) for text in get_flashed_messages()]
    if not isinstance(answer, Response) or origin is None:
        return answer
    held = str(g.get(_HELD, ""))
    name = "answering" if held else "answered" if said == [_(SENT)] else "archive"
    among = Among(origin.mailbox, origin.uidvalidity, which.these((origin.uid,)))
    order = Order((among,), DEEDS["archive"], name)
    try:
        job = _acts.begin(order, large=False)
        job.letter, told = held, _told.told(job)
    except errors.MailError as error:
        sentence = sentence_for(error)
        told = f"{sentence.stopped} {_('The message that you answered is where it was.')}"
    # Of two lines the page shows one: what is to be known of the sending comes before what can be seen.
    flash(told if said in ([], [_(SENT)]) else " ".join(said))
    return answer
