"""What is pinned comes first, once, and costs little."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from tests.imap.mailbox_of import INBOX
from tests.imap.test_listing import asked
from tests.imap.test_walk import made_up, uids_of
from tests.servers.people import Person
from webmail.imap import fetch, pinned
from webmail.imap.connection import Connection
from webmail.imap.orders import How
from webmail.imap.pages import Page
from webmail.mail.flags import FLAGGED, PINNED, SEEN, WOKEN

LISTS = {"plain": How(), "by conversation": How(together=True)}


def walked(conn: Connection, how: How) -> Iterator[Page]:
    """Page after page, as the links lead."""
    page = fetch.raised(conn, fetch.page(conn, INBOX, size=7, how=how))
    yield page
    pins = page.pins
    while page.older is not None:
        walk = (page.walk, page.older_at) if page.walk else (0, 0)
        page = fetch.behind(fetch.page(conn, INBOX, size=7, before=page.older, how=how, walk=walk), pins)
        yield page


@pytest.mark.parametrize("name", LISTS)
def test_pinned_rows_come_first_and_every_letter_is_shown_once_whatever_is_pinned_meanwhile(
    connect: Any, alice: Person, name: str
) -> None:
    conn, how, chance = connect(alice), LISTS[name], random.Random(name)
    numbers = alice.append_all(made_up(chance, n) for n in range(50))
    chosen, back = chance.sample(numbers, 4), chance.sample(numbers, 3)
    there, shown = set(numbers), list[int]()
    with alice.imap() as device:
        device.select_folder("INBOX")
        device.add_flags(chosen, [PINNED])
        device.remove_flags(back, [SEEN])
        device.add_flags(back, [WOKEN])
        for place, page in enumerate(walked(conn, how)):
            if not place:
                above = {uid for row in page.rows[: page.pinned] for uid, _ in row.letters}
                assert set(chosen) <= above
                assert all(PINNED not in told for row in page.rows[page.pinned :] for _, told in row.letters)
                first = page.pinned + page.woken
                assert set(back) <= {uid for row in page.rows[:first] for uid, _ in row.letters}
                assert all(WOKEN not in told for row in page.rows[first:] for _, told in row.letters)
            else:
                assert (page.pinned, page.woken) == (0, 0)
            shown += uids_of(page)
            gone, pin, unpin = chance.sample(sorted(there), 3)
            device.add_flags(pin, [PINNED])
            device.remove_flags(unpin, [PINNED])
            device.add_flags(back[:1] if place else [], [SEEN])
            device.add_flags(pin, [WOKEN])
            device.delete_messages(gone)
            device.uid_expunge(gone)
            there.discard(gone)
            device.append("INBOX", made_up(chance, 50 + len(shown)))
    old = [uid for uid in shown if uid in numbers]
    assert len(old) == len(set(old)), "repeated"
    assert there <= set(shown), "lost"


def test_pins_cost_one_search_more_and_nothing_where_nothing_changed(connect: Any, alice: Person) -> None:
    conn = connect(alice)
    alice.append_all(made_up(random.Random(1), n) for n in range(40))

    def look(size: int = 7) -> Page:
        return fetch.raised(conn, fetch.page(conn, INBOX, size=size))

    look()
    assert asked(conn, look) == 1
    with alice.imap() as device:
        device.select_folder("INBOX")
        device.add_flags([3, 5], [PINNED])
    assert [row.ref.uid for row in look().rows[:3]] == [5, 3, 40]
    assert asked(conn, look) == 1, "an unchanged list costs one NOOP"
    with alice.imap() as device:
        device.select_folder("INBOX")
        device.add_flags([30], [FLAGGED])
    assert asked(conn, look) <= 4, "the pinned are searched, and their flags asked for"
    with alice.imap() as device:
        device.select_folder("INBOX")
        device.add_flags(list(range(1, 41)), [PINNED])
    page = look(50)
    assert (page.pinned, sorted(uids_of(page))) == (pinned.MOST, list(range(1, 41)))
    with alice.imap() as device:
        device.select_folder("INBOX")
        device.remove_flags(list(range(1, 31)), [PINNED, SEEN])
        device.add_flags(list(range(1, 31)), [WOKEN])
    page = look(50)
    assert (page.pinned, page.woken, sorted(uids_of(page))) == (10, 10, list(range(1, 41))), "a pin keeps its place"
