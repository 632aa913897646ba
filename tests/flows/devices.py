"""Devices of one person that a test can drive by numbers: any folder, any message, whatever is there at that moment."""

from __future__ import annotations

import contextlib
import datetime
import imaplib
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final, TypeVar

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from tests.flows import seen
from tests.flows.seen import Sight
from tests.servers.application import Form, Visitor
from tests.servers.people import Person, letter
from tests.servers.witness import Witness
from webmail.mail.ids import MailboxName
from webmail.web.converters import mailbox_from_url, mailbox_to_url

T = TypeVar("T")

NAMES: Final = ("Choir", "Lists", "Lists.Club", "R&AOk-ponse", "Two Words", "Archive.2025", "A&-B")
"""Raw names of folders that are made; "." is the separator of the test server."""

_GONE: Final = (imaplib.IMAP4.abort, OSError)
_OLD: Final = datetime.datetime(2019, 5, 17, 12, tzinfo=datetime.UTC)


def chosen(things: Sequence[T], numbers: Sequence[int]) -> list[T]:
    """The things that these numbers stand for, whatever their size; each once."""
    return [things[n] for n in dict.fromkeys(number % len(things) for number in numbers)] if things else []


class Computer:
    """A mail program that keeps one plain IMAP connection open for ever, and does what is asked at once."""

    def __init__(self, person: Person, journal: Callable[[str], None]) -> None:
        self.person, self.journal = person, journal
        self._stack = ExitStack()
        self._client: IMAPClient | None = None
        self._tokens = itertools.count(1)

    def close(self) -> None:
        self._client = None
        self._stack.close()

    @property
    def client(self) -> IMAPClient:
        if self._client is None:
            self._client = self._stack.enter_context(self.person.imap())
            self._client.folder_encode = False
        return self._client

    def do(self, name: str, *arguments: object) -> None:
        """Run one of the methods below. A connection that was ended from outside is made again; a refusal is noted."""
        for _ in range(2):
            try:
                getattr(self, name)(*arguments)
                return
            except _GONE:
                self.close()
            except IMAPClientError as error:
                self.journal(f"computer: {name} refused: {error}")
                return

    # --- what it can do -----------------------------------------------------------------------------------------------

    def deliver(self, folder: int | str, count: int, flags: Sequence[str] = (), old: bool = False) -> None:
        name = self._folder(folder)
        self._said(f"delivers {count} to {name} {list(flags)}")
        self._append(name, count, flags, _OLD if old else None)

    def flag(self, folder: int | str, picks: Sequence[int], flag: str, add: bool) -> None:
        name, uids = self._some(folder, picks)
        if uids:
            self._said(f"{'+' if add else '-'}{flag} in {name} on {uids}")
            (self.client.add_flags if add else self.client.remove_flags)(uids, [flag.encode()])

    def move(self, folder: int | str, picks: Sequence[int], destination: int, copy: bool) -> None:
        name, uids = self._some(folder, picks)
        if uids:
            target = self._folder(destination)
            self._said(f"{'copies' if copy else 'moves'} {uids} from {name} to {target}")
            (self.client.copy if copy else self.client.move)(uids, target)

    def expunge(self, folder: int | str, picks: Sequence[int]) -> None:
        """Without picks: all that is marked as deleted."""
        name, uids = self._some(folder, picks)
        self._said(f"expunges {uids or 'what is marked'} in {name}")
        if uids:
            self.client.add_flags(uids, [b"\\Deleted"])
            self.client.uid_expunge(uids)
        else:
            self.client.expunge()

    def empty(self, folder: int | str) -> None:
        name, uids = self._some(folder, range(1000))
        if uids:
            self._said(f"empties {name}")
            self.client.add_flags(uids, [b"\\Deleted"])
            self.client.expunge()

    def create(self, name: int) -> None:
        [made] = chosen(NAMES, [name])
        self._said(f"creates {made}")
        self.client.create_folder(made.encode())

    def rename(self, folder: int | str, name: int) -> None:
        for old in self._own(folder):
            [new] = chosen(NAMES, [name])
            self._said(f"renames {old} to {new}")
            self._leave()
            self.client.rename_folder(old, new.encode())

    def remove(self, folder: int | str) -> None:
        for name in self._own(folder):
            self._said(f"deletes {name}")
            self._leave()
            self.client.delete_folder(name)

    def rebuild(self, folder: int | str, count: int) -> None:
        """Delete and make again: the same name and the same UIDs mean other messages now."""
        for name in self._own(folder):
            self._said(f"rebuilds {name} with {count}")
            self._leave()
            self.client.delete_folder(name)
            self.client.create_folder(name)
            self._append(name, count)

    def swap(self, one: int | str, other: int | str) -> None:
        """Two folders change names, so that both names stay and both mean the other's messages."""
        first, second = self._own(one), self._own(other)
        if first and second and first != second:
            self._said(f"swaps {first[0]} and {second[0]}")
            self._leave()
            self.client.rename_folder(first[0], b"between")
            self.client.rename_folder(second[0], first[0])
            self.client.rename_folder(b"between", second[0])

    # --- inside -------------------------------------------------------------------------------------------------------

    def _said(self, text: str) -> None:
        self.journal(f"computer: {text}")

    def _append(
        self, name: bytes, count: int, flags: Sequence[str] = (), when: datetime.datetime | None = None
    ) -> None:
        for _ in range(count):
            token = f"T{next(self._tokens)}"
            raw = letter(f"Letter {token}", text=f"{token}\r\n")
            self.client.append(name, raw, [flag.encode() for flag in flags], when)

    def _folders(self) -> list[bytes]:
        told = self.client.list_folders()
        return sorted(name for flags, _, name in told if not {b"\\Noselect", b"\\NonExistent"} & set(flags))

    def _folder(self, number: int | str) -> bytes:
        """INBOX for every second number: that is where most happens. A raw name is itself."""
        if isinstance(number, str):
            return number.encode()
        return b"INBOX" if number % 2 == 0 else chosen(self._folders(), [number // 2])[0]

    def _own(self, number: int | str) -> list[bytes]:
        """A folder that may be renamed or deleted; none when there is none."""
        own = [name for name in self._folders() if name.decode() in NAMES]
        return [name for name in own if name.decode() == number] if isinstance(number, str) else chosen(own, [number])

    def _some(self, folder: int | str, picks: Sequence[int]) -> tuple[bytes, list[int]]:
        """The folder, opened, and the messages that the numbers mean, counted from the newest."""
        name = self._folder(folder)
        self.client.select_folder(name)
        return name, sorted(chosen(sorted(self.client.search("ALL"), reverse=True), picks))

    def _leave(self) -> None:
        with contextlib.suppress(IMAPClientError):
            self.client.unselect_folder()


class Browser:
    """One sign-in to our pages. What it does it does to what its page showed, however old that is."""

    def __init__(self, visitor: Visitor, person: Person, name: str, journal: Callable[[str], None]) -> None:
        self.visitor, self.name, self.journal = visitor, name, journal
        visitor.sign_in(person)
        self.page: Sight = seen.look(visitor.html)

    def do(self, name: str, *arguments: object) -> None:
        """Run one of the methods below; the page must come, or say that folder or message are gone or rebuilt."""
        getattr(self, name)(*arguments)
        assert self.visitor.status in (200, 404, 409), f"{self.name}: {self.visitor.status} at {self.visitor.path}"
        if self.visitor.status != 200:
            self._said(f"was answered {self.visitor.status}")
            self._go("/m/INBOX")
        self.page = seen.look(self.visitor.html)

    @property
    def folder(self) -> str:
        """The raw name of the folder that it shows."""
        return mailbox_from_url(seen.folder_of(self.visitor.path))

    def back(self, folder: str) -> None:
        """To a folder by its raw name; to the inbox when it is gone."""
        self.do("_go", f"/m/{mailbox_to_url(MailboxName(folder))}")

    def go(self, folder: int, only: str) -> None:
        url = f"/m/{'INBOX' if folder % 2 == 0 else chosen(sorted(self.page.counts), [folder // 2])[0]}"
        self._go(url + (f"?only={only}" if only else ""))

    def turn(self, older: bool) -> None:
        """To the next page or the one before."""
        self._go((self.page.older if older else self.page.newer) or "/m/INBOX")

    def open(self, row: int) -> None:
        for found in chosen(self.page.rows, [row]):
            self._go(found.url)
            if self.visitor.status == 200:
                opened = seen.look(self.visitor.html).opened
                token = found.subject.removeprefix("Letter ")
                assert opened == (found.subject, token), f"{self.name}: {found} opens as {opened}"

    def star(self, row: int) -> None:
        for found in chosen(self.page.rows, [row]):
            self._send({"unstar" if found.starred else "star": found.pick})

    def act(self, what: str, rows: Sequence[int], destination: int) -> None:
        """what: a value of the buttons above the list."""
        picks = [found.pick for found in chosen(self.page.rows, rows)]
        target = chosen(self.page.targets, [destination])
        if picks and (target or what != "move"):
            self._send({"uid": picks, "do": what, "dest": target})

    # --- inside -------------------------------------------------------------------------------------------------------

    def _said(self, text: str) -> None:
        self.journal(f"{self.name}: {text}")

    def _go(self, url: str) -> None:
        self._said(f"opens {url}")
        self.visitor.get(url)

    def _send(self, values: dict[str, object]) -> None:
        form = next(self._forms(), None)
        if form:
            self._said(f"sends {values} to {form.action}")
            self.visitor.send(form, **values)

    def _forms(self) -> Iterator[Form]:
        with contextlib.suppress(StopIteration):
            yield self.visitor.form("/m/")


class Phone:
    """mbsync, with a new device whenever it gives up on what became of a folder."""

    def __init__(self, person: Person, ca_file: Path, folder: Path, journal: Callable[[str], None]) -> None:
        self._made = (Witness(person, ca_file, folder / f"phone-{n}") for n in itertools.count())
        self.journal = journal
        self.device = next(self._made)

    def sync(self, marks: Sequence[tuple[int, str]] = ()) -> None:
        """Change some letters of its own files (S read, F star, T deleted) and copy both ways."""
        for number, mark in marks:
            for found in chosen(self.device.look(), [number]):
                self.journal(f"phone: {mark} on {found.subject} in {found.folder}")
                self.device.mark(found, **({"remove": mark} if mark in found.path.name else {"add": mark}))
        try:
            self.device.sync()
            self.journal("phone: synchronized")
        except RuntimeError as error:
            self.journal(f"phone: replaced: {error}")
            self.device = next(self._made)
