"""What the reader of this request has chosen: read from the mailbox once, then kept in memory while it is true.

It is read again when the mail server says that somebody wrote, when the last connection of the account was closed, and
after a few minutes in any case. So a page costs no IMAP command for it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from flask import Flask, g, request
from flask_login import current_user

from webmail import errors
from webmail.imap import notes
from webmail.imap.log import Log
from webmail.mail import note, preferences
from webmail.mail.note import Note, Scalar
from webmail.mail.preferences import Preferences
from webmail.web import session
from webmail.web.services import services

_TRUE_FOR: Final = 300.0
_TRY_AGAIN: Final = 30.0
"""Seconds that a note is believed, and until one that could not be read is asked for again."""

_OBJECTS: Final = 2000
_BY_ITSELF: Final = frozenset({"events.stream"})


@dataclass(frozen=True, slots=True)
class _Kept:
    """epoch, noted: of the account's log when it was read. until: on the monotonic clock."""

    note: Note
    chosen: Preferences
    epoch: str
    noted: int
    until: float

    def true(self, log: Log) -> bool:
        return (self.epoch, self.noted) == (log.epoch, log.noted) and time.monotonic() < self.until


def install(app: Flask) -> None:
    """Every page knows what its reader has chosen, also how to look."""
    app.before_request(_look)
    app.context_processor(_looks)


def current() -> Preferences:
    """What the reader has chosen; the defaults for nobody, and while the mail server does not tell.

    Borrows the connection when nothing is known: not to be called by who has it.
    """
    if "preferences" not in g:
        g.preferences = _asked() if current_user.is_authenticated else Preferences()
    return cast(Preferences, g.preferences)


def known() -> Preferences:
    """What is known of them without asking anybody, for pages that say that something failed, too."""
    if "preferences" in g or not current_user or not current_user.is_authenticated:
        return cast(Preferences, g.get("preferences") or Preferences())
    kept = cast(_Kept | None, services().preferences.get(_key()))
    return _with_held(kept) if kept else Preferences()


def undo_seconds() -> int:
    """How long a letter can be taken back after Send; 0 for not at all, AS_SITE where that was not chosen."""
    return current().undo_send


def own_addresses() -> frozenset[str]:
    """Everything the reader writes as, in small letters. Asks as current() does."""
    return frozenset({session.current().address.lower(), *(one.who.address.lower() for one in current().people)})


def learn(known: Note) -> None:
    """Take over what was just kept in the mailbox."""
    _remember(known, _TRUE_FOR)
    _forget()


def hold(changes: Mapping[str, Scalar | None]) -> None:
    """Changes that last as long as this sign-in and are written nowhere: for shared computers."""
    held = note.changed(_held(), changes, int(time.time() * 1000))
    services().preferences.put(_place(), held, _OBJECTS + 2 * len(note.dump(held, preferences.KNOWN)))
    _forget()


def _forget() -> None:
    g.pop("preferences", None)
    g.pop("language", None)


def _look() -> None:
    """Before a page is made, and not for a page's own small questions."""
    if request.method in ("GET", "HEAD") and request.endpoint and request.endpoint not in session.PUBLIC | _BY_ITSELF:
        current()
        g.pop("language", None)


def _asked() -> Preferences:
    pool, mine = services().pool, session.account()
    kept = cast(_Kept | None, services().preferences.get(_key()))
    if kept is None or not kept.true(pool.log(mine)):
        try:
            found = session.borrow(notes.read)
        except session.SessionEnded:
            raise
        except errors.MailError:
            # The page says what is wrong with the server. Until it is well again: what was known.
            kept = _remember(kept.note if kept else {}, _TRY_AGAIN)
        else:
            now = int(time.time() * 1000)
            told = (note.parse(each.octets, now) for each in found)
            kept = _remember(note.merged(each for each in told if each), _TRUE_FOR)
    return _with_held(kept)


def _remember(read: Note, seconds: float) -> _Kept:
    log = services().pool.log(session.account())
    kept = _Kept(read, preferences.read(read), log.epoch, log.noted, time.monotonic() + seconds)
    services().preferences.put(_key(), kept, _OBJECTS + 6 * len(note.dump(read, preferences.KNOWN)))
    return kept


def _with_held(kept: _Kept) -> Preferences:
    held = _held()
    return preferences.read({**kept.note, **held}) if held else kept.chosen


def _held() -> Note:
    return cast(Note, services().preferences.get(_place()) or {})


def _key() -> tuple[Any, ...]:
    return ("account", services().pool.key(session.account()))


def _place() -> tuple[str, str]:
    return (session.current().record_key, "held")


def _looks() -> dict[str, Any]:
    """How a page looks: empty where nothing was chosen. Asks nothing, because words about an error look so too."""
    chosen = cast(Preferences, g.get("preferences") or Preferences())
    # A sign-in may end in the middle of a request, whose page says so.
    private = current_user.is_authenticated and not session.current().shared
    return {
        "theme": "" if chosen.theme == "system" else chosen.theme,
        "density": "" if chosen.density == "comfortable" else chosen.density,
        "text_size": "" if chosen.text_size == 16 else chosen.text_size,
        # For those who have chosen nothing yet, on a computer that is theirs.
        "newcomer": private and "preferences" in g and chosen == Preferences(),
        "swipes": f"{chosen.swipe_right} {chosen.swipe_left}",
    }
