"""What a search found, as values for its page: one folder at length, or the newest of many."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import partial
from typing import Any, Final, TypeVar

from flask import request, url_for

from webmail import errors
from webmail.imap import find, sweep
from webmail.imap.connection import Connection
from webmail.imap.find import Hits
from webmail.mail import flags, scope
from webmail.mail.conditions import Node, leaves
from webmail.mail.ids import MailboxName, MessageRef, Uid
from webmail.mail.labels import Label, labels
from webmail.mail.mailbox import Mailbox, Role
from webmail.mail.program import Asker, is_exact
from webmail.web import asked, converters, filters, listing, rows, session
from webmail.web.asked import Asked
from webmail.web.nav import places, way
from webmail.web.rows import Choice, Day, Moment
from webmail.web.services import services

T = TypeVar("T")


Borrow = Callable[[Callable[[Connection], Any]], Any]
"""Runs work on the reader's connection, and gives what the work gives."""

DO: Final = "act.found"
"""Takes what is done to rows, of whatever folders."""

SHORT, SHORTER, MANY = 5, 3, 50
"""Rows of each folder where several are searched, and where more than so many are."""


@dataclass(frozen=True, slots=True)
class Section:
    """What one folder holds. summary: how many. note: how that was found out, or "". url: all of it, where only the
    newest are here. role: of the folder. upto: the newest message that the page knows of, for whoever does something to
    all that is found; "" where that cannot be. failed: why it could not be searched, or "".
    """

    title: str
    summary: str
    days: tuple[Day, ...] = ()
    note: str = ""
    url: str | None = None
    position: str = ""
    older_url: str | None = None
    newer_url: str | None = None
    can_change: bool = False
    role: str = ""
    upto: str = ""
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """What can be done to what was found, as the bar of a list has it (web/rows.py)."""

    can_archive: bool
    can_delete: bool
    can_junk: bool
    is_junk: bool
    targets: tuple[Choice, ...]
    more_targets: bool
    labels: tuple[Label, ...]
    snoozes: tuple[Moment, ...]
    can_keep: bool = True
    can_print: bool = False
    is_trash: bool = False
    is_asleep: bool = False


def bar(folders: Sequence[Mailbox], role: str | None) -> Bar:
    """role: of the one folder, None where there are several. Those may allow different things; what one of them does
    not is said when it is tried, and done in the others."""
    targets, more = places(folders, MailboxName(""))
    return Bar(
        role != Role.ARCHIVE, role != Role.TRASH, role not in (Role.DRAFTS, Role.SENT), role == Role.JUNK,
        tuple(Choice(way(each), converters.mailbox_to_url(each.name)) for each in targets), more,
        labels(flags.TAGS), listing.snoozes(),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One folder further. done: folders so far, of total. found: messages so far.

    section: None where nothing was found. name: of the folder, as addresses have it.
    """

    name: str
    done: int
    total: int
    found: int
    section: Section | None


@dataclass(frozen=True, slots=True)
class Offer:
    """Everything that was found. count: so many, "" where nobody counted."""

    count: str = ""


def asker() -> Asker:
    """Who asks, and what time it is there."""
    return Asker(session.current().address, datetime.now(filters.zone_of(request)), fuzzy=True)


def alone(conn: Connection, mailbox: Mailbox, root: Node, who: Asker, before: Uid | None, after: Uid | None) -> Hits:
    """One page of one folder."""
    size = services().settings.page_size
    return find.page(conn, mailbox.name, scope.within(root, mailbox), who, size=size, before=before, after=after)


def section(hits: Hits, mailbox: Mailbox, told: Asked, *, paged: bool) -> Section:
    """The folder's rows. paged: with its pages, else the newest and a link to all."""
    zone, token = filters.zone_of(request), asked.token(told)
    here = Asked(told.text, converters.mailbox_to_url(mailbox.name))
    # A folder that is one of several was only looked into: nobody asked what may be changed there.
    can_change = not paged or not hits.selected.read_only

    def page_url(**place: Any) -> str:
        return url_for("search.show", token=asked.token(here), **place)

    return Section(
        title=way(mailbox),
        summary=_summary(hits, paged=paged),
        days=_days(hits, mailbox, can_change, asked.token(here) if paged else token, zone),
        note=_note(hits),
        url=page_url() if not paged and hits.older is not None else None,
        position=_position(hits) if paged else "",
        older_url=page_url(before=hits.older) if paged and hits.older else None,
        newer_url=page_url(after=hits.newer) if paged and hits.newer else None,
        can_change=can_change,
        role=mailbox.role or "",
        upto=_upto(hits) if can_change else "",
    )


def _upto(hits: Hits) -> str:
    """A server that cannot search for such letters cannot find all of them either."""
    newest = max((row.ref.uid for row in hits.rows), default=1)
    if hits.reads:
        return ""
    last = MessageRef(hits.selected.name, hits.selected.uidvalidity, Uid(max(newest, (hits.selected.uidnext or 1) - 1)))
    return converters.ref_to_text(last)


def _days(hits: Hits, mailbox: Mailbox, can_change: bool, token: str, zone: tzinfo) -> tuple[Day, ...]:
    now, who = datetime.now(zone), session.current()
    look = rows.Look(
        who.record_key, now.date(), str(zone), mailbox.role in (Role.SENT, Role.DRAFTS), can_change, who.address,
        url_for("message.show", mailbox=mailbox.name, pick=rows.PICK, found=token),
        mailbox.name,
    )  # fmt: skip
    return rows.days(hits.rows, look, now=now, zone=zone, current=None)


def _summary(hits: Hits, *, paged: bool) -> str:
    if not hits.loose:
        return f"{filters.number(hits.total)} found"
    count = filters.number(len(hits.rows))
    whole = hits.older is None and hits.newer is None
    return f"{count} found" if whole else f"{count} here" if paged else f"{count} or more found"


def _note(hits: Hits) -> str:
    if not hits.loose:
        return ""
    looked, total = filters.number(hits.looked), filters.number(hits.total)
    if hits.reads:
        return (
            "Your mail server does not search for letters outside ASCII. So messages are read here, the beginning of "
            f"each: {looked} of {total} for this page."
        )
    if hits.older is None and hits.newer is None:
        return ""
    return f"Mail servers cannot search for files. So messages are looked at here: {looked} of {total} for this page."


def _position(hits: Hits) -> str:
    if hits.loose or not hits.rows:
        return ""
    last = hits.first + len(hits.rows) - 1
    return f"{filters.number(hits.first)}\u2013{filters.number(last)} of {filters.number(hits.total)}"


def offer(root: Node, last: Step, before: int) -> Offer | None:
    """All that the folders of this page hold, when all were searched. before: found on the pages before it."""
    if last.done < last.total or last.found <= before:
        return None
    exact = all(is_exact(leaf) for leaf in leaves(root))
    return Offer(filters.number(last.found - before) if exact else "")


# --- many folders -----------------------------------------------------------------------------------------------------


def walk(
    chosen: Sequence[tuple[Mailbox, Node]], told: Asked, who: Asker, borrow: Borrow,
    begin: int = 0, found: int = 0, *, ahead: bool = False,
) -> Iterator[Step]:  # fmt: skip
    """Folder after folder, each under a lease of its own, so that the reader's other pages never wait for all of them.

    begin: how many were done before, found: what they held. ahead: the next folder is searched while this one is drawn;
    borrow then has to work in another thread.
    """
    search = _Search(chosen, who, borrow)
    tasks = (partial(search.hits, number) for number in range(begin, len(chosen)))
    for number, hits_of in enumerate(_one_ahead(tasks) if ahead else tasks, begin):
        mailbox, shown = chosen[number][0], None
        try:
            hits = hits_of()
        except errors.MailError as error:
            shown = _failed(mailbox, error)
        else:
            if hits is not None and (hits.rows or (hits.loose and hits.older)):
                found += len(hits.rows) if hits.loose else hits.total
                shown = section(hits, mailbox, told, paged=False)
        yield Step(converters.mailbox_to_url(mailbox.name), number + 1, len(chosen), found, shown)


def _one_ahead(tasks: Iterable[Callable[[], T]]) -> Iterator[Callable[[], T]]:
    """The results in order; while somebody looks at one, the next is worked out."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="search") as worker:
        before: Future[T] | None = None
        for task in tasks:
            coming = worker.submit(task)
            if before is not None:
                yield before.result
            before = coming
        if before is not None:
            yield before.result


@dataclass(slots=True)
class _Search:
    """known: what one command told of several folders; sweeps: the server does that."""

    chosen: Sequence[tuple[Mailbox, Node]]
    who: Asker
    borrow: Borrow
    known: Mapping[MailboxName, find.Swept] = field(default_factory=dict)
    sweeps: bool | None = None

    def hits(self, number: int) -> Hits | None:
        """Of one folder the newest; None where it is known that there are none. Raises the errors of the wire."""
        mailbox, root = self.chosen[number]
        if self.sweeps is None or (self.sweeps and mailbox.name not in self.known):
            self._sweep(number)
        swept = self.known.get(mailbox.name)
        if mailbox.messages == 0 or (swept is not None and not swept.total):
            return None

        size = SHORTER if len(self.chosen) > MANY else SHORT

        def page(conn: Connection) -> Hits:
            return find.page(conn, mailbox.name, root, self.who, size=size, read_only=True, swept=swept)

        found: Hits = self.borrow(page)
        return found

    def _sweep(self, number: int) -> None:
        """From this folder on, those that are asked for the same."""
        root = self.chosen[number][1]
        names = [box.name for box, asked_for in self.chosen[number : number + sweep.MOST] if asked_for == root]
        self.known = self.borrow(lambda conn: sweep.sweep(conn, names, root, self.who))
        self.sweeps = bool(self.known)


def _failed(mailbox: Mailbox, error: errors.MailError) -> Section:
    said = error.server_text or "it did not answer as it should."
    return Section(" / ".join(mailbox.path), "", failed=f"This folder could not be searched. The mail server: {said}")


def until(steps: Iterator[Step], seconds: float) -> tuple[list[Section], Step | None]:
    """What is found in that time, one folder at least, and the last step."""
    end, found, last = time.monotonic() + seconds, list[Section](), None
    for last in steps:
        if last.section is not None:
            found.append(last.section)
        if time.monotonic() >= end:
            break
    return found, last
