"""A stress client: mail programs hammer one mailbox over plain IMAP while browsers read, star, move and delete in it.

Every message carries a token in its subject and in its text, so that whatever a page shows or does can be held against
the message that was meant.
"""

from __future__ import annotations

import collections
import contextlib
import imaplib
import itertools
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask
from imapclient import IMAPClient

from tests.flows import seen
from tests.flows.seen import Sight, folder_of
from tests.servers.application import Visitor, text_of
from tests.servers.people import Person, letter

WORK = "Work"
TURNING = "Turning"
"""A folder that is deleted and made again all the time: its UIDs mean other messages each time."""

HAMMERED = ("INBOX", WORK, TURNING)
CARRIED_TO = {"move": "Kept", "delete": "Trash", "archive": "Archive"}
"""Where browsers alone put messages."""

GONE = (404, 409)
SERVER = "the server"


@dataclass
class Ledger:
    """Who did what to which token; threads write, the end compares."""

    tokens: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    made: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)
    carried: dict[str, set[str]] = field(default_factory=lambda: collections.defaultdict(set))
    starred: set[str] = field(default_factory=set)
    names: dict[tuple[str, str], dict[str, str]] = field(default_factory=lambda: collections.defaultdict(dict))
    deeds: collections.Counter[str] = field(default_factory=collections.Counter)
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    turning: threading.Lock = field(default_factory=threading.Lock)
    turned: float = 0.0

    def did(self, what: str) -> None:
        with self.lock:
            self.deeds[what] += 1

    def complain(self, text: str) -> None:
        with self.lock:
            self.wrong.append(text)

    def showed(self, folder: str, pick: str, subject: str, where: str) -> None:
        """What a message is called, and by whom."""
        with self.lock:
            self.names[folder, pick].setdefault(subject, where)

    def misnamed(self) -> list[str]:
        """One UID of one UIDVALIDITY names one message for ever (RFC 9051 2.3.1.1)."""
        return [
            f"{folder}/{pick}: {names}"
            for (folder, pick), names in self.names.items()
            if len(names) > 1 and (folder, pick.partition(".")[0]) not in self.reused()
        ]

    def reused(self) -> set[tuple[str, str]]:
        """Folders with the UIDVALIDITY that the server gave twice (Dovecot 2.3, Maildir, a few in a thousand): nobody
        could tell which message is meant."""
        server = ((key, [where for where in names.values() if where == SERVER]) for key, names in self.names.items())
        return {(folder, pick.partition(".")[0]) for (folder, pick), told in server if len(told) > 1}

    def ambiguous(self) -> set[str]:
        """The tokens in them."""
        twice = self.reused()
        found = ((key, names) for key, names in self.names.items() if (key[0], key[1].partition(".")[0]) in twice)
        return {token_of(subject) for _, names in found for subject in names}


def token_of(subject: str) -> str:
    return subject.removeprefix("Letter ")


class Hammer:
    """A mail program: appends, flags, moves, copies, expunges, rebuilds; never touches a star or a browser's folder."""

    def __init__(self, person: Person, ledger: Ledger, seed: int) -> None:
        self.person, self.ledger, self.chance = person, ledger, random.Random(seed)

    def run(self, over: threading.Event) -> None:
        while not over.is_set():
            # Dovecot hangs up on a client whose open folder is deleted.
            with self.person.imap() as client, contextlib.suppress(imaplib.IMAP4.abort, OSError):
                while not over.is_set():
                    self._try(client)

    def _try(self, client: IMAPClient) -> None:
        try:
            self._once(client)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            pass  # another one has just taken the folder or the message away

    def _once(self, client: IMAPClient) -> None:
        what = self.chance.choice(["append", "append", "append", "flag", "flag", "move", "copy", "expunge", "rebuild"])
        folder = self.chance.choice(HAMMERED)
        if what == "append":
            # What comes into the turning folder after it was counted and before it is deleted would be in no book.
            with self.ledger.turning if folder == TURNING else contextlib.nullcontext():
                self.deliver(client, folder, self.chance.randrange(1, 4))
        elif what == "rebuild":
            with self.ledger.turning:
                # More than one a second, and Dovecot 2.3 gives a UIDVALIDITY twice (Maildir): nobody could tell.
                if time.monotonic() - self.ledger.turned < 1.1:
                    return
                self._rebuild(client)
                self.ledger.turned = time.monotonic()
        else:
            client.select_folder(folder)
            uids = client.search("ALL")
            if uids:
                getattr(self, "_" + what)(client, sorted(self.chance.sample(uids, min(3, len(uids)))))
        self.ledger.did(what)

    def deliver(self, client: IMAPClient, folder: str, count: int) -> None:
        for _ in range(count):
            token = f"T{next(self.ledger.tokens)}"
            told = client.append(folder, letter(f"Letter {token}", text=f"{token}\r\n"))
            with self.ledger.lock:
                self.ledger.made.add(token)
            # [APPENDUID uidvalidity uid] (RFC 4315 3)
            validity, uid = told.decode().partition("APPENDUID ")[2].partition("]")[0].split()
            self.ledger.showed(folder, f"{validity}.{uid}", f"Letter {token}", SERVER)

    def _flag(self, client: IMAPClient, uids: list[int]) -> None:
        change = self.chance.choice([client.add_flags, client.remove_flags])
        change(uids, [self.chance.choice([b"\\Seen", b"\\Answered", b"$Label1"])])

    def _move(self, client: IMAPClient, uids: list[int]) -> None:
        self._take(client, uids)
        client.move(uids, self.chance.choice(HAMMERED[:2]))

    def _copy(self, client: IMAPClient, uids: list[int]) -> None:
        client.copy(uids, self.chance.choice(HAMMERED[:2]))

    def _expunge(self, client: IMAPClient, uids: list[int]) -> None:
        self._take(client, uids)
        client.add_flags(uids, [b"\\Deleted"])
        client.uid_expunge(uids)

    def _rebuild(self, client: IMAPClient) -> None:
        # A client that has it open would lose its connection.
        client.select_folder("INBOX")
        self._take_all(client, TURNING)
        client.delete_folder(TURNING)
        client.create_folder(TURNING)
        self.deliver(client, TURNING, 3)

    def _take_all(self, client: IMAPClient, folder: str) -> None:
        client.select_folder(folder)
        uids = client.search("ALL")
        if uids:
            self._take(client, uids)
        client.select_folder("INBOX")

    def _take(self, client: IMAPClient, uids: list[int]) -> None:
        """Noted before it is done: whoever misses the message afterwards finds it in the books."""
        told = client.fetch(uids, ["BODY.PEEK[HEADER.FIELDS (SUBJECT)]"])
        # NIL: somebody else, who noted it, has just expunged this one.
        heads = [value for data in told.values() for key, value in data.items() if key.startswith(b"BODY[") and value]
        with self.ledger.lock:
            self.ledger.taken |= {token_of(head.partition(b":")[2].strip().decode()) for head in heads}


class Reader:
    """Somebody with a browser: looks, opens, stars, moves and deletes by what the page shows, fresh or not."""

    def __init__(self, app: Flask, person: Person, ledger: Ledger, seed: int) -> None:
        self.visitor, self.ledger, self.chance = Visitor(app), ledger, random.Random(seed)
        self.visitor.sign_in(person)
        self.folder = "INBOX"

    def run(self, over: threading.Event) -> None:
        while not over.is_set():
            page = self._list()
            if page and page.rows:
                for _ in range(self.chance.randrange(1, 4)):
                    self.chance.choice([self._open, self._open, self._star, self._carry, self._mark])(page)

    def _list(self) -> Sight | None:
        self.folder = self.chance.choice(HAMMERED)
        self.visitor.get(f"/m/{self.folder}{self.chance.choice(['', '', '?only=unread'])}")
        page = self._arrived("list")
        if page and page.older and self.chance.random() < 0.3:
            self.visitor.get(page.older)
            page = self._arrived("list")
        return page

    def _arrived(self, what: str) -> Sight | None:
        """The page, or None when folder or message are gone; anything else is a fault."""
        self.ledger.did(what)
        if self.visitor.status in GONE:
            self.ledger.did(f"{what}: gone")
            return None
        if self.visitor.status == 502 and self.visitor.path.startswith(f"/m/{TURNING}"):
            # Deleted in the middle of an answer: Dovecot hangs up, and the page says so.
            self.ledger.did(f"{what}: interrupted")
            return None
        if self.visitor.status != 200:
            said = text_of(self.visitor.html)[-300:]
            self.ledger.complain(f"{what}: status {self.visitor.status} at {self.visitor.path}: {said}")
            return None
        page = seen.look(self.visitor.html)
        for row in page.rows:
            self.ledger.showed(folder_of(row.url), row.pick, row.subject, f"a list ({what})")
        return page

    def _open(self, page: Sight) -> None:
        row = self.chance.choice(page.rows)
        self.visitor.get(row.url)
        found = self._arrived("open")
        if found and found.opened:
            subject, text = found.opened
            self.ledger.showed(folder_of(row.url), row.pick, subject, "a page")
            if text != token_of(subject):
                self.ledger.complain(f"{row.url} opened {found.opened}")

    def _star(self, page: Sight) -> None:
        row = self.chance.choice(page.rows)
        with self.ledger.lock:
            self.ledger.starred.add(token_of(row.subject))
        self._send("star", {"star": row.pick})

    def _mark(self, page: Sight) -> None:
        rows = self.chance.sample(page.rows, min(3, len(page.rows)))
        self._send("mark", {"uid": [row.pick for row in rows], "do": self.chance.choice(["read", "unread"])})

    def _carry(self, page: Sight) -> None:
        how = self.chance.choice(list(CARRIED_TO))
        rows = self.chance.sample(page.rows, self.chance.choice([1, 1, min(3, len(page.rows))]))
        with self.ledger.lock:
            self.ledger.carried[CARRIED_TO[how]] |= {token_of(row.subject) for row in rows}
        self._send(how, {"uid": [row.pick for row in rows], "do": how, "dest": CARRIED_TO["move"]})

    def _send(self, what: str, values: dict[str, object]) -> None:
        # The form of the page that is open now, often not the one the rows were read from: only its token counts.
        try:
            form = self.visitor.form("/m/")
        except StopIteration:
            return
        self.visitor.send(form, action=f"/m/{self.folder}/do", **values)
        self._arrived(what)


def run(app: Flask, person: Person, seconds: float, *, hammers: int = 2, readers: int = 3, seed: int = 0) -> Ledger:
    """Everything at once for so long; what went wrong is in the ledger."""
    ledger, over = Ledger(), threading.Event()
    for folder in (*HAMMERED[1:], CARRIED_TO["move"]):
        person.create(folder)
    first = Hammer(person, ledger, seed)
    with person.imap() as client:
        for folder in HAMMERED:
            first.deliver(client, folder, 15)
    works: list[Callable[[threading.Event], None]] = [first.run]
    works += [Hammer(person, ledger, seed + n).run for n in range(1, hammers)]
    works += [Reader(app, person, ledger, seed + 100 + n).run for n in range(readers)]
    threads = [threading.Thread(target=_guarded, args=(work, over, ledger)) for work in works]
    for thread in threads:
        thread.start()
    end = time.monotonic() + seconds
    while time.monotonic() < end and not ledger.wrong:
        time.sleep(0.1)
    over.set()
    for thread in threads:
        thread.join(60)
    return ledger


def _guarded(work: Callable[[threading.Event], None], over: threading.Event, ledger: Ledger) -> None:
    try:
        work(over)
    except Exception as error:
        ledger.complain(f"{work}: {error!r}")
