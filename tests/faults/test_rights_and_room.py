"""What the server does not allow: changing a folder, storing more, connecting more often. Nothing is lost by it."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

import pytest

from tests.faults.pages import act, address, folder, listed, picks, says, subjects, works, write
from tests.servers.application import Visitor, forms_of
from tests.servers.dovecot import Dovecot
from tests.servers.people import ALICE, Person, letter
from tests.servers.proxy import Rewriter
from tests.servers.submission import Submission
from webmail import errors

At = Callable[..., Visitor]
Another = Callable[..., Dovecot]

# --- read-only --------------------------------------------------------------------------------------------------------


@pytest.fixture
def archive(another_dovecot: Another) -> tuple[Dovecot, Person]:
    """Alice, whose folder "Records" holds two letters and may only be looked at."""
    server = another_dovecot(acl=True)
    alice = server.person(ALICE)
    alice.create("Records")
    alice.append_all([letter("Of 1990", text="Old words.\r\n"), letter("Of 1991")], "Records")
    alice.append(letter("New"))
    server.grant(alice, "Records", "lr")
    return server, alice


def buttons(visitor: Visitor) -> set[str]:
    """What the buttons of the page would do to messages."""
    return {word for form in forms_of(visitor.html) for name, value, _ in form.buttons for word in (name, value)} & {
        "archive", "delete", "junk", "read", "unread", "move", "star", "unstar",
    }  # fmt: skip


def test_a_folder_that_may_only_be_looked_at_is_read_and_has_no_buttons(
    archive: tuple[Dovecot, Person], at: At
) -> None:
    """Read-only mailbox / ACL "lr": buttons off, reading works, and reading marks nothing behind anybody's back."""
    server, alice = archive
    visitor = at(server.port)
    visitor.sign_in(alice)
    assert {"archive", "delete", "star"} <= buttons(visitor)
    works(visitor, "Of 1991", "Of 1990", mailbox="Records")
    assert not buttons(visitor)
    assert 'type="checkbox"' not in visitor.html
    uid = alice.messages("Records")[0].uid
    visitor.get(address(alice, uid, "Records"))
    assert visitor.status == 200
    assert "Old words." in visitor.text
    assert not buttons(visitor)
    assert alice.flags(uid, "Records") == frozenset()
    visitor.get(address(alice, uid, "Records", "/reply"))
    assert "> Old words." in visitor.form("/write").value("body")


@pytest.mark.parametrize("do", ["archive", "delete", "junk", "read", "unread", "move", "star"])
def test_a_button_from_before_the_right_was_taken_away_is_refused_in_words(
    archive: tuple[Dovecot, Person], at: At, do: str
) -> None:
    """Read-only mailbox / ACL: no silent failure of a flag or a move."""
    server, alice = archive
    server.grant(alice, "Records", "lrswitek")
    visitor = at(server.port)
    visitor.sign_in(alice)
    visitor.get(folder("Records"))
    chosen = picks(visitor.html)
    server.grant(alice, "Records", "lr")
    act(visitor, do, *chosen, mailbox="Records", **({"dest": "Archive"} if do == "move" else {}))
    says(visitor, errors.MailboxReadOnly)
    assert [message.flags for message in alice.messages("Records")] == [frozenset(), frozenset()]
    works(visitor, "Of 1991", "Of 1990", mailbox="Records")
    assert not buttons(visitor), "what was refused is not offered again"


def test_of_what_a_search_found_only_what_may_be_changed_is_and_the_rest_is_named(
    archive: tuple[Dovecot, Person], at: At
) -> None:
    """ACL "lr" on one of several folders: the others are done, that one is told of, and Undo is about what was done."""
    server, alice = archive
    alice.append(letter("Of today"))
    visitor = at(server.port)
    visitor.sign_in(alice)
    visitor.send(visitor.form("/search"), q="of", **{"in": ""})
    form, rows = visitor.form("/found/do"), re.findall(r'name="uid" value="([^"]+)"', visitor.html)
    assert len(rows) == 3
    visitor.send(form, do="archive", uid=rows)
    assert "Message moved to Archive." in visitor.text
    assert "Not changed: 2 messages in Records." in visitor.text
    assert (listed(alice), listed(alice, "Records"), listed(alice, "Archive")) == (
        ["New"], ["Of 1990", "Of 1991"], ["Of today"],
    )  # fmt: skip
    visitor.send(visitor.form("/jobs/"), action=re.findall(r'formaction="([^"]+undo[^"]*)"', visitor.html)[0])
    assert listed(alice) == ["New", "Of today"]
    visitor.send(form, do="archive", uid=[row for row in rows if row.startswith("Records/")])
    says(visitor, errors.MailboxReadOnly)


def test_a_folder_that_keeps_no_star_says_so(archive: tuple[Dovecot, Person], at: At) -> None:
    """PERMANENTFLAGS honoured: \\Seen may stay ("lrs"), \\Flagged may not, and that is told."""
    server, alice = archive
    server.grant(alice, "Records", "lrs")
    visitor = at(server.port)
    visitor.sign_in(alice)
    visitor.get(folder("Records"))
    chosen = picks(visitor.html)
    act(visitor, "read", *chosen, mailbox="Records")
    assert "2 messages marked as read." in visitor.text
    assert all(message.flags == {"\\Seen"} for message in alice.messages("Records"))
    act(visitor, "star", *chosen, mailbox="Records")
    says(visitor, errors.MailboxReadOnly)


def test_nothing_can_be_moved_into_a_folder_that_takes_nothing(archive: tuple[Dovecot, Person], at: At) -> None:
    """ACL "lr" on the destination: the message stays where it is."""
    server, alice = archive
    visitor = at(server.port)
    visitor.sign_in(alice)
    act(visitor, "move", *picks(visitor.html), dest="Records")
    says(visitor, errors.MailboxReadOnly)
    works(visitor, "New")
    assert listed(alice, "Records") == ["Of 1990", "Of 1991"]


def test_a_folder_that_may_not_even_be_opened_is_not_there(archive: tuple[Dovecot, Person], at: At) -> None:
    """ACL "l": listed, not readable."""
    server, alice = archive
    server.grant(alice, "Records", "l")
    visitor = at(server.port)
    visitor.sign_in(alice)
    visitor.get(folder("Records"))
    says(visitor, errors.MailboxMissing)
    works(visitor, "New")


# --- quota ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def full(another_dovecot: Another) -> tuple[Dovecot, Person]:
    """Alice, who has room for a few hundred octets more."""
    server = another_dovecot(quota=30_000)
    alice = server.person(ALICE)
    alice.append(letter("Large", text="x" * 70 + "\r\n" + "line\r\n" * 4700))
    return server, alice


WORDS = "My words, an hour of them.\n" * 100


def test_a_draft_for_which_there_is_no_room_stays_in_the_form_and_can_be_sent(
    full: tuple[Dovecot, Person], at: At, submission: Submission
) -> None:
    """Quota full on APPEND: told in plain words; text kept; sending still possible; the unfiled copy is told too."""
    server, alice = full
    visitor = at(server.port)
    visitor.sign_in(alice)
    write(visitor, do="save", to="bob@example.org", subject="Kept", body=WORDS)
    assert visitor.status == 507
    assert "Not saved." in visitor.text
    assert "The mail server has no room for more." in visitor.text
    assert visitor.form("/write").value("body") == WORDS
    visitor.send(visitor.form("/write"), do="send")
    assert visitor.status == 507
    assert "Send without a copy" in visitor.text
    assert submission.accepted == []
    visitor.send(visitor.form("/write"), do="bare")
    assert "Sent. Its copy could not be put into Sent." in visitor.text
    assert [taken.recipients for taken in submission.accepted] == [("bob@example.org",)]
    works(visitor, "Large")


@pytest.mark.parametrize("do", ["archive", "delete", "move"])
def test_a_full_mailbox_keeps_what_would_be_copied(
    full: tuple[Dovecot, Person], at: At, rewriter: Callable[..., Rewriter], do: str
) -> None:
    """Quota full on COPY (a server without MOVE): plain words, and the message stays where it is, unmarked."""
    server, alice = full
    way = rewriter(server.port, server=lambda line: line.replace(b" MOVE", b"") if b"CAPABILITY" in line else line)
    visitor = at(way.port)
    visitor.sign_in(alice)
    act(visitor, do, *picks(visitor.html), **({"dest": "Archive"} if do == "move" else {}))
    says(visitor, errors.QuotaExceeded)
    assert [message.flags for message in alice.messages()] == [frozenset()]
    works(visitor, "Large")


def test_a_full_mailbox_lets_large_mail_be_moved_to_trash(full: tuple[Dovecot, Person], at: At) -> None:
    """Quota full and MOVE: it takes no room, so that what the words advise can be done."""
    server, alice = full
    visitor = at(server.port)
    visitor.sign_in(alice)
    act(visitor, "delete", *picks(visitor.html))
    assert "Message moved to Trash." in visitor.text
    assert listed(alice, "Trash") == ["Large"]


# --- connections ------------------------------------------------------------------------------------------------------


def test_four_pages_at_once_of_somebody_who_may_have_two_connections(another_dovecot: Another, at: At) -> None:
    """Too many connections (mail_max_userip_connections 2): the pool queues, and every page comes."""
    server = another_dovecot(max_connections=2)
    alice = server.person(ALICE)
    alice.append_all([letter(f"Number {n}", text=f"Words of letter {n}.\r\n") for n in range(4)])
    visitor = at(server.port)
    visitor.sign_in(alice)
    tabs = [Visitor(visitor.app) for _ in range(4)]
    for tab in tabs:
        tab.sign_in(alice)
    wrong: list[str] = []

    def read(number: int) -> None:
        for _ in range(4):
            tabs[number].get(folder())
            links = re.findall(r'class="open" href="([^"]+)"', tabs[number].html)
            if tabs[number].status != 200 or len(links) != 4:
                wrong.append(tabs[number].text)
                continue
            tabs[number].get(links[number].replace("&amp;", "&"))
            if f"Words of letter {3 - number}." not in tabs[number].text:
                wrong.append(tabs[number].text)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []
    assert server.sessions(alice) <= 2


def test_somebody_whose_other_devices_hold_every_connection_is_told_and_loses_nothing(
    another_dovecot: Another, at: At
) -> None:
    """Too many connections: clear text, the sign-in stays, the letter stays in its form, and later it works."""
    server = another_dovecot(max_connections=2)
    alice = server.person(ALICE)
    alice.append(letter("First"))
    visitor = at(server.port)
    visitor.sign_in(alice)
    visitor.get("/write")
    form = visitor.form("/write")
    server.kick(alice)
    with alice.imap(), alice.imap():
        visitor.get(folder())
        says(visitor, errors.ServerBusy)
        visitor.send(form, do="save", subject="Kept", body="My words")
        assert visitor.status == 503
        assert visitor.form("/write").value("body") == "My words"
        assert "too many devices are connected" in visitor.text
        newcomer = Visitor(visitor.app)
        newcomer.sign_in(alice)
        assert newcomer.status == 503
        assert newcomer.form("/login").value("user") == alice.address
    visitor.send(visitor.form("/write"), do="save")
    assert "Saved in Drafts" in visitor.text
    works(visitor, "First")
    assert subjects(visitor.html)
