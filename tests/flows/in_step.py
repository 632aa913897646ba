"""Whether our pages show what the server says: the truth over a fresh connection, and every page held against it."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from imapclient.exceptions import IMAPClientError

from tests.flows import seen
from tests.flows.seen import Row, Sight
from tests.servers.application import Visitor
from tests.servers.people import Person
from webmail.mail.ids import MailboxName
from webmail.web.converters import mailbox_to_url

SILENT = {"Sent", "Trash", "Archive"}
"""Folders with a role that shows no count; of Drafts every message counts."""

CATCHES_UP = 3.0
"""Seconds until a number beside another folder must be right: Dovecot gathers news of those for half a second."""


@dataclass(frozen=True)
class Letter:
    """One message on the server."""

    uid: int
    subject: str
    flags: frozenset[str]
    arrived: datetime.datetime

    @property
    def unread(self) -> bool:
        return "\\Seen" not in self.flags

    @property
    def starred(self) -> bool:
        return "\\Flagged" in self.flags


@dataclass(frozen=True)
class Box:
    """One folder on the server.

    name: raw. letters: highest UID first, as our pages share them out.

    there: False for one that Dovecot lists with children after it was deleted itself, and refuses to open.
    """

    name: str
    uidvalidity: int
    letters: tuple[Letter, ...]
    there: bool = True

    @property
    def url(self) -> str:
        return mailbox_to_url(MailboxName(self.name))

    @property
    def unread(self) -> int:
        return sum(letter.unread for letter in self.letters)

    @property
    def count(self) -> int:
        """The number that belongs beside its name."""
        if self.name in SILENT:
            return 0
        return len(self.letters) if self.name == "Drafts" else self.unread

    @property
    def summary(self) -> str:
        """What belongs beside its heading."""
        if not self.letters:
            return "empty"
        return f"{self.unread} unread of {len(self.letters)}" if self.unread else f"{len(self.letters)} in all"


Truth = dict[str, Box]

_SUBJECT = "BODY.PEEK[HEADER.FIELDS (SUBJECT)]"


def truth(person: Person) -> Truth:
    """Everything this person has, by raw folder name, asked over a connection that has never seen it before."""
    boxes: Truth = {}
    with person.imap() as client:
        client.folder_encode = False
        for flags, _, name in client.list_folders():
            if {b"\\Noselect", b"\\NonExistent"} & set(flags):
                continue
            try:
                chosen = client.select_folder(name, readonly=True)
            except IMAPClientError:
                boxes[name.decode()] = Box(name.decode(), 0, (), there=False)
                continue
            told = client.fetch(client.search("ALL"), ["FLAGS", "INTERNALDATE", _SUBJECT])
            letters = [_letter(uid, data) for uid, data in sorted(told.items(), reverse=True)]
            boxes[name.decode()] = Box(name.decode(), chosen[b"UIDVALIDITY"], tuple(letters))
    return boxes


def _letter(uid: int, data: dict[bytes, Any]) -> Letter:
    head: bytes = next(value for key, value in data.items() if key.startswith(b"BODY["))
    flags = frozenset(flag.decode() for flag in data[b"FLAGS"])
    return Letter(uid, head.partition(b":")[2].strip().decode(), flags, data[b"INTERNALDATE"])


NAMES_CATCH_UP = 12.0
"""Seconds until a folder that was made, renamed or deleted must be seen: Dovecot 2.3 loses some reports of these."""


def differences(visitor: Visitor, boxes: Truth, first: str = "INBOX") -> list[str]:
    """Where the pages of this visitor and the server disagree; nothing, when all is well.

    A list must be right at the first look. Numbers beside other folders may catch up for CATCHES_UP seconds, the names
    of folders for NAMES_CATCH_UP.
    first: the folder to begin with; a connection that has it open sees less than one that opens it anew.
    """
    order = sorted(boxes.values(), key=lambda box: (box.name != first, box.name))
    wrong = [each for box in order for each in _lists(visitor, box)]
    begun = time.monotonic()
    while late := _folders(visitor, boxes):
        named = seen.look(visitor.html).counts.keys() == {box.url for box in order}
        if time.monotonic() - begun > (CATCHES_UP if named else NAMES_CATCH_UP):
            break
        time.sleep(0.1)
    return wrong + late


def folder_differs(visitor: Visitor, boxes: Truth, name: str) -> list[str]:
    """The same for the lists of one folder, which may be gone."""
    return list(_lists(visitor, boxes.get(name) or Box(name, 0, (), there=False)))


def _lists(visitor: Visitor, box: Box) -> Iterator[str]:
    """All pages of a folder, and of its two filters."""
    facts = {letter.uid: letter for letter in box.letters}
    if not box.there:
        if visitor.get(f"/m/{box.url}").status_code != 404:
            yield f"{box.name}: status {visitor.status}, and it is not there"
        return
    for only, chosen in _FILTERS.items():
        wanted = [letter.uid for letter in box.letters if chosen(letter)]
        where, pages = f"{box.name} ({only or 'all'})", []
        url: str | None = f"/m/{box.url}" + (f"?only={only}" if only else "")
        while url and len(pages) <= len(wanted):
            visitor.get(url)
            if visitor.status != 200:
                yield f"{where}: status {visitor.status} at {url}"
                return
            pages.append(seen.look(visitor.html))
            url = pages[-1].older
        yield from _pages(where, pages, wanted)
        for page in pages:
            yield from _order(where, facts, [row.uid for row in page.rows])
            yield from _rows(where, box, facts, page.rows)
            if page.summary != box.summary:
                yield f"{where}: the heading says {page.summary!r}, not {box.summary!r}"
        yield from _way_back(where, visitor, pages[-1], wanted)


_FILTERS: dict[str, Callable[[Letter], bool]] = {
    "": lambda letter: True, "unread": lambda letter: letter.unread, "starred": lambda letter: letter.starred,
}  # fmt: skip


def _pages(where: str, pages: list[Sight], wanted: list[int]) -> Iterator[str]:
    """No row lost, none twice, every page where it belongs and saying so."""
    shown = [uid for page in pages for uid in sorted((row.uid for row in page.rows), reverse=True)]
    if shown != wanted:
        yield f"{where}: shows {shown}, not {wanted}"
        return
    if pages[0].newer:
        yield f"{where}: the first page offers newer ones"
    first = 1
    for page in pages:
        last = first + len(page.rows) - 1
        position = f"{first}\u2013{last} of {len(wanted)}" if page.rows else ""
        if page.position != position:
            yield f"{where}: says to be at {page.position!r}, not {position!r}"
        first = last + 1


def _order(where: str, facts: dict[int, Letter], uids: list[int]) -> Iterator[str]:
    """Inside a page the latest arrival comes first."""
    if all(uid in facts for uid in uids) and uids != sorted(uids, key=lambda u: (facts[u].arrived, u), reverse=True):
        came = [f"{uid} at {facts[uid].arrived:%H:%M:%S}" for uid in uids]
        yield f"{where}: has {', '.join(came)}: not in the order of their arrival"


def _rows(where: str, box: Box, facts: dict[int, Letter], rows: tuple[Row, ...]) -> Iterator[str]:
    for row in rows:
        letter = facts.get(row.uid)
        shown = (row.uidvalidity, row.subject, row.unread, row.starred)
        if letter and shown != (box.uidvalidity, letter.subject, letter.unread, letter.starred):
            yield f"{where}: row {shown} is {box.uidvalidity} {letter}"


def _way_back(where: str, visitor: Visitor, page: Sight, wanted: list[int]) -> Iterator[str]:
    """From the last page by "newer" to the first: every row again, where it belongs."""
    shown = sorted((row.uid for row in page.rows), reverse=True)
    for _ in wanted:
        if not page.newer:
            break
        visitor.get(page.newer)
        page = seen.look(visitor.html)
        shown = sorted((row.uid for row in page.rows), reverse=True) + shown
    if shown != wanted:
        yield f"{where}: back from the last page shows {shown}, not {wanted}"


def _folders(visitor: Visitor, boxes: Truth) -> list[str]:
    """The folder list, its numbers, the places to move to, and the number in the window's title."""
    visitor.get("/m/INBOX")
    page, counts = seen.look(visitor.html), {box.url: box.count for box in boxes.values()}
    wrong = []
    if page.counts != counts:
        wrong.append(f"folders: {_unequal(page.counts, counts)}")
    if set(page.targets) != set(counts) - {"INBOX"}:
        wrong.append(f"places to move to: {page.targets}")
    title = (f"({boxes['INBOX'].unread}) " if boxes["INBOX"].unread else "") + "Inbox \u2013 "
    if not page.title.startswith(title):
        wrong.append(f"title: {page.title!r} does not begin {title!r}")
    return wrong


def _unequal(shown: dict[str, int], wanted: dict[str, int]) -> str:
    names = sorted(shown.keys() | wanted.keys())
    told = [f"{n} shows {shown.get(n)}, has {wanted.get(n)}" for n in names if shown.get(n) != wanted.get(n)]
    return "; ".join(told)


def wrongly_opened(visitor: Visitor, box: Box, letter: Letter) -> list[str]:
    """Open this message and hold it against the server, with the list beside it. It is read afterwards."""
    visitor.get(f"/m/{box.url}/{box.uidvalidity}.{letter.uid}")
    page = seen.look(visitor.html) if visitor.status == 200 else None
    where = f"{box.name}, message {letter.uid}"
    if page is None or page.opened is None:
        return [f"{where}: status {visitor.status}"]
    subject, text = page.opened
    wrong = []
    if subject != letter.subject or text.split() != letter.subject.split()[-1:]:
        wrong.append(f"{where}: shows {page.opened}, not {letter.subject!r}")
    beside = [row for row in page.rows if row.uid == letter.uid]
    if [(row.subject, row.unread, row.starred) for row in beside] != [(letter.subject, False, letter.starred)]:
        wrong.append(f"{where}: beside it {beside}")
    return wrong
