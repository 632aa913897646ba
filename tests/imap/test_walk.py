"""Sorted, filtered and conversation lists: every letter once, whatever happens meanwhile, at a price that is fixed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from tests.imap.mailbox_of import INBOX, WHEN, validity
from tests.imap.test_listing import answer, asked, row, select_of, texts
from tests.servers.people import Person, letter
from tests.servers.scripted import Scripted
from webmail import errors
from webmail.imap import fetch, ordering, sorting, threads
from webmail.imap.connection import Connection
from webmail.imap.orders import How, Sort
from webmail.imap.pages import Page
from webmail.imap.state import State
from webmail.mail.flags import FLAGGED, SEEN
from webmail.mail.ids import MailboxName, Uid, UidValidity

POOR = {
    "as Dovecot is": frozenset[str](),
    "without THREAD, SORT and ESEARCH": frozenset({"THREAD=REFS", "THREAD=REFERENCES", "SORT", "ESEARCH", "PREVIEW"}),
}
ME = ("alice@example.org",)
MIXED = 'Content-Type: multipart/mixed; boundary="b"\r\n'
LISTS = {
    "by conversation": How(together=True),
    "conversations, oldest first": How("oldest", together=True),
    "unread conversations": How(only="unread", together=True),
    "conversations, unread first": How("unread", together=True),
    "oldest first": How("oldest"),
    "by sender": How("sender"),
    "by subject": How("subject"),
    "by size": How("size"),
    "unread first": How("unread"),
    "starred first": How("starred"),
    "unread by sender": How("sender", "unread"),
    "with files by size": How("size", "files"),
    "to me by subject": How("subject", "mine", mine=ME),
    "with files": How(only="files"),
    "to me": How(only="mine", mine=ME),
}


@pytest.fixture(params=POOR)
def any_conn(request: Any, connect: Any, alice: Person) -> Connection:
    """Alice's connection, to a server that lacks something."""
    made: Connection = connect(alice)
    made.capabilities -= POOR[request.param]
    return made


def made_up(chance: random.Random, number: int) -> bytes:
    """A letter that answers one of the thirty before it, or none; some go to Alice, some have files."""
    parent = chance.randrange(max(0, number - 30), number) if number and chance.random() < 0.6 else None
    extra = "" if parent is None else f"References: <{parent}@x>\r\n"
    extra += MIXED if number % 3 == 0 else ""
    to = "alice@example.org" if number % 2 else "somebody@example.org"
    name = "ABCDEFG"[chance.randrange(7)]
    return letter(
        f"{'Re: ' * (number % 2)}{name}{number % 5}", sender=f"{name} <{name}@example.net>", to=to,
        message_id=f"<{number}@x>", extra=extra, text="x" * chance.randrange(400),
    )  # fmt: skip


def uids_of(page: Page) -> list[int]:
    return [uid for row in page.rows for uid, _ in row.letters]


def walked(conn: Connection, how: How, size: int = 7) -> Iterator[Page]:
    """Page after page, as the links lead."""
    before, walk = None, (0, 0)
    while True:
        page = fetch.page(conn, INBOX, size=size, before=before, how=how, walk=walk)
        yield page
        if page.older is None:
            return
        before, walk = page.older, (page.walk, page.older_at) if page.walk else (0, 0)


def passes(how: How, number: int, flags: set[str]) -> bool:
    """Whether a letter is in the list, by hand."""
    return {
        "all": True, "unread": SEEN not in flags, "starred": FLAGGED in flags, "files": number % 3 == 0,
        "mine": number % 2 == 1,
    }[how.only]  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_whatever_comes_and_goes_every_letter_is_shown_once(any_conn: Connection, alice: Person, name: str) -> None:
    how, chance = LISTS[name], random.Random(name)
    numbers = {uid: n for n, uid in enumerate(alice.append_all(made_up(chance, n) for n in range(50)))}
    read = {uid for uid in numbers if chance.random() < 0.5}
    with alice.imap() as device:
        device.select_folder("INBOX")
        device.add_flags(sorted(read), [SEEN])
    there, shown = set(numbers), list[int]()
    with alice.imap() as device:
        device.select_folder("INBOX")
        for page in walked(any_conn, how, 9):
            shown += uids_of(page)
            gone, marked = chance.sample(sorted(there), 2), chance.choice(sorted(there))
            device.add_flags(marked, [FLAGGED, SEEN] if how.only == "all" else [FLAGGED])
            device.delete_messages(gone)
            device.uid_expunge(gone)
            there -= set(gone)
            device.append("INBOX", made_up(chance, 50 + len(shown)))
    old = [uid for uid in shown if uid in numbers]
    assert len(old) == len(set(old)), "repeated"
    wanted = {uid for uid in there if passes(how, numbers[uid], {SEEN} if uid in read else set())}
    assert wanted <= set(shown), "lost"
    if not how.together:
        assert all(passes(how, numbers[uid], {SEEN} if uid in read else set()) for uid in old)


@pytest.mark.parametrize("seed", range(2))
def test_and_so_it_is_where_the_newest_conversations_are_asked_for_first(
    connect: Any, alice: Person, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(ordering, "PART", 25)
    conn, chance = connect(alice), random.Random(seed)
    there = set(alice.append_all(made_up(chance, n) for n in range(90)))
    old, shown, totals = set(there), list[int](), list[int | None]()
    with alice.imap() as device:
        device.select_folder("INBOX")
        for page in walked(conn, How(together=True), 6):
            shown += uids_of(page)
            totals.append(page.total)
            gone = chance.sample(sorted(there), 2)
            device.delete_messages(gone)
            device.uid_expunge(gone)
            there -= set(gone)
            device.append("INBOX", made_up(chance, 90 + len(shown)))
    mine = [uid for uid in shown if uid in old]
    assert len(mine) == len(set(mine))
    assert there <= set(shown)
    assert totals[0] is None
    assert totals[-1] is not None


def test_without_thread_a_filter_asks_for_no_more_than_the_newest_conversations_and_goes_on_one_by_one(
    connect: Any, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordering, "PART", 30)
    monkeypatch.setattr(threads, "MOST_READ", 25)
    monkeypatch.setattr(ordering, "_SPARE", 0)
    conn, chance, asked = connect(alice), random.Random(3), list[tuple[Any, ...]]()
    conn.capabilities -= POOR["without THREAD, SORT and ESEARCH"]
    command = Connection.command
    monkeypatch.setattr(
        Connection, "command", lambda self, *words, **more: asked.append(words) or command(self, *words, **more)
    )
    numbers = alice.append_all(made_up(chance, n) for n in range(90))
    read = set(chance.sample(numbers, 30))
    with alice.imap() as device:
        device.select_folder("INBOX")
        device.add_flags(sorted(read), [SEEN])
        there, shown = set(numbers) - read, list[int]()
        for page in walked(conn, How(only="unread", together=True)):
            if not shown:
                searches = [words for words in asked if words[0] == b"UID SEARCH"]
                assert searches
                assert all(words[1] == b"UID" or words[1].endswith(b":*") for words in searches), searches
            shown += uids_of(page)
            gone = chance.choice(sorted(there))
            device.delete_messages(gone)
            device.uid_expunge(gone)
            there.discard(gone)
            device.append("INBOX", made_up(chance, 90 + len(shown)))
    old = [uid for uid in shown if uid in numbers]
    assert len(old) == len(set(old)), "repeated"
    assert there <= set(shown), "lost"


def test_the_way_back_leads_over_the_same_rows(any_conn: Connection, alice: Person) -> None:
    chance = random.Random(5)
    alice.append_all(made_up(chance, n) for n in range(50))
    how = How(together=True)
    pages = list(walked(any_conn, how))
    for page, former in zip(pages[:0:-1], pages[-2::-1], strict=True):
        assert page.newer is not None
        back = fetch.page(any_conn, INBOX, size=7, before=page.newer or None, how=how, walk=(page.walk, page.newer_at))
        assert uids_of(back) == uids_of(former)
    assert pages[0].newer is None
    assert [(page.first, page.last) for page in pages[:2]] == [(1, 7), (8, 14)]
    assert pages[-1].last == pages[0].total


def test_an_order_that_is_not_known_any_more_is_found_again_by_its_row(any_conn: Connection, alice: Person) -> None:
    chance = random.Random(6)
    alice.append_all(made_up(chance, n) for n in range(40))
    for how in LISTS.values():
        first = fetch.page(any_conn, INBOX, size=5, how=how)
        if not first.walk:
            continue
        walk = (first.walk, first.older_at)
        second = fetch.page(any_conn, INBOX, size=5, before=first.older, how=how, walk=walk)
        any_conn.state = State()
        again = fetch.page(any_conn, INBOX, size=5, before=first.older, how=how, walk=walk)
        assert uids_of(again) == uids_of(second), how


def test_the_orders_are_what_they_say(any_conn: Connection, alice: Person) -> None:
    days = iter((3, 1, 4, 2))
    for who, subject, text in (("B", "Re: b", "x" * 90), ("a", "c", "x" * 400), ("B", "A", "x"), ("c", "b", "x" * 800)):
        alice.append(letter(subject, sender=f"{who} <{who}@x.org>", text=text), when=WHEN + timedelta(days=next(days)))
    alice.mark(2, SEEN)
    alice.mark(1, FLAGGED)

    def told(sort: Sort) -> list[int]:
        return uids_of(fetch.page(any_conn, INBOX, how=How(sort)))

    assert told("sender") == [2, 3, 1, 4]
    assert told("subject") == [3, 1, 4, 2]
    assert told("size") == [4, 2, 1, 3]
    assert told("oldest") == [2, 4, 1, 3], "inside a page by arrival, as in the plain list"
    assert told("unread") == [4, 3, 1, 2]
    assert told("starred") == [1, 4, 3, 2]


def test_a_row_stands_for_its_conversation(any_conn: Connection, alice: Person) -> None:
    alice.append_all([
        letter("Lunch", sender="Dora Doe <dora@example.net>", message_id="<1@x>"),
        letter("Other", message_id="<2@x>"),
        letter("Re: Lunch", sender="alice@example.org", message_id="<3@x>", extra="References: <1@x>\r\n"),
        letter("Re: Lunch", sender="Dora Doe <dora@example.net>", message_id="<4@x>",
               extra="References: <1@x> <3@x>\r\n"),
    ])  # fmt: skip
    alice.mark(4, SEEN)
    lunch, other = fetch.page(any_conn, INBOX, how=How(together=True)).rows
    assert (lunch.ref.uid, lunch.subject, other.ref.uid, other.talk) == (4, "Re: Lunch", 2, None)
    assert lunch.talk
    assert [uid for uid, _ in lunch.talk.letters] == [4, 3, 1]
    assert [SEEN in flags for _, flags in lunch.talk.letters] == [True, False, False]
    assert [one.address for one in lunch.talk.people] == ["dora@example.net", "alice@example.org"]
    assert (lunch.snippet or "").startswith("Good morning")


def test_drafts_are_never_together(any_conn: Connection, alice: Person) -> None:
    again = letter("Re: Lunch", extra="References: <1@x>\r\n")
    alice.append_all([again, again], "Drafts")
    page = fetch.page(any_conn, MailboxName("Drafts"), how=How(together=True))
    assert [row.talk for row in page.rows] == [None, None]


def test_a_page_costs_the_same_number_of_commands_in_every_mailbox(any_conn: Connection, alice: Person) -> None:
    """And none but the question for news when nothing has changed."""
    chance, counts = random.Random(7), dict[str, list[int]]()
    for size in (30, 120):
        alice.append_all(made_up(chance, n) for n in range(size))
        for name, how in LISTS.items():
            fetch.page(any_conn, INBOX, how=how)
            any_conn.state = State()
            any_conn.state.apart[INBOX] = False
            look = partial(fetch.page, any_conn, INBOX, size=10, how=how)
            counts.setdefault(name, []).append(asked(any_conn, look))
            assert asked(any_conn, look) == 1
    assert all(small == large <= 8 for small, large in counts.values()), counts


def test_a_mark_by_another_device_costs_no_thread_and_no_sort(connect: Any, alice: Person) -> None:
    conn, chance = connect(alice), random.Random(8)
    alice.append_all(made_up(chance, n) for n in range(30))
    for how in (How(together=True), How("sender")):
        fetch.page(conn, INBOX, how=how)
        alice.mark(30, SEEN)
        assert asked(conn, lambda how=how: fetch.page(conn, INBOX, how=how)) == 1
        assert any((Uid(30), frozenset({SEEN})) in row.letters for row in fetch.page(conn, INBOX, how=how).rows)
        alice.mark(30, SEEN, remove=True)


def test_where_not_all_can_be_sorted_or_joined_the_others_follow_and_that_is_said(
    connect: Any, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sorting, "MOST_SORTED_HERE", 3)
    monkeypatch.setattr(threads, "MOST_READ", 3)
    alice.append_all(
        letter("x", sender=f"{who}@x.org", message_id=f"<{n}@x>", extra="References: <0@x>\r\n" if n else "")
        for n, who in enumerate("abdc")
    )
    conn = connect(alice)
    conn.capabilities -= POOR["without THREAD, SORT and ESEARCH"]
    told = fetch.page(conn, INBOX, how=How("sender"))
    assert (uids_of(told), told.considered, told.total) == ([2, 4, 3, 1], 3, 4)
    told = fetch.page(conn, INBOX, how=How(together=True))
    assert ([len(row.letters) for row in told.rows], told.considered) == ([3, 1], 3)


@pytest.mark.parametrize("said", ["{tag} NO [SERVERBUG] no", "{tag} OK done"])
def test_a_server_that_says_nothing_of_conversations_still_shows_its_messages(
    connect: Any, scripted: Callable[..., Scripted], said: str
) -> None:
    server = scripted(
        {"SELECT": select_of(2), "UID THREAD": said, "FETCH": answer(row(1, 1), row(2, 2)), "UID FETCH": texts(1, 2)},
        capabilities="IMAP4rev1 AUTH=PLAIN SASL-IR THREAD=REFS",
    )
    conn = connect(server)
    conn.state.apart[INBOX] = False
    assert sorted(uids_of(fetch.page(conn, INBOX, how=How(together=True)))) == [1, 2]
    assert server.asked("UID THREAD")


def test_a_mailbox_that_was_made_anew_is_not_listed_by_old_links(any_conn: Connection, alice: Person) -> None:
    with pytest.raises(errors.MailboxRebuilt):
        fetch.page(any_conn, INBOX, how=How("size"), uidvalidity=UidValidity(validity(alice) + 1))


def test_an_empty_mailbox_has_an_empty_page_of_every_list(any_conn: Connection, alice: Person) -> None:
    for how in LISTS.values():
        page = fetch.page(any_conn, INBOX, how=how)
        assert (page.rows, page.first, page.total, page.older, page.newer) == ((), 0, 0, None, None)
