"""UIDVALIDITY changed: old numbers name nothing now, and no page and no button acts on a message by such a number."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faults.box import PLAIN, Box
from tests.faults.pages import address, everything, folder, listed, picks, rows, says, subjects, works
from tests.servers.application import Form, Visitor
from tests.servers.people import ALICE, Person, letter
from tests.servers.scripted import Scripted
from webmail import errors

Rebuilt = tuple[Visitor, Form, list[str], str]


@pytest.fixture
def rebuilt(visitor: Visitor, alice: Person) -> Rebuilt:
    """Alice had two letters in Work when she opened it; then Work was deleted and made again with two others.

    The visitor, the form she sees, its rows, and the address of a letter as it was.
    """
    alice.create("Work")
    uids = alice.append_all([letter("Old one"), letter("Old two")], "Work")
    visitor.sign_in(alice)
    visitor.get(folder("Work"))
    form, chosen, path = visitor.form("/m/Work/do"), picks(visitor.html), address(alice, uids[0], "Work")
    before = alice.uidvalidity("Work")
    while alice.uidvalidity("Work") == before:
        alice.rebuild("Work")
    assert alice.append_all([letter("New one"), letter("New two")], "Work") == uids
    return visitor, form, chosen, path


def untouched(alice: Person) -> bool:
    return [(message.header("Subject"), message.flags) for message in alice.messages("Work")] == [
        ("New one", frozenset()), ("New two", frozenset()),
    ]  # fmt: skip


def test_no_button_acts_on_the_message_that_has_the_number_now(rebuilt: Rebuilt, alice: Person) -> None:
    """UIDVALIDITY change: mismatch = stale, reload, no action on the new UID."""
    visitor, form, chosen, _ = rebuilt
    for do in ("read", "unread", "star", "unstar", "archive", "delete", "junk", "move"):
        values = {do: chosen[0]} if do in ("star", "unstar") else {"do": do, "uid": chosen, "dest": "Archive"}
        visitor.send(form, **values)
        says(visitor, errors.MailboxRebuilt)
        assert untouched(alice), do
    assert [name for name, found in everything(alice).items() if found] == ["Work"]
    works(visitor, "New two", "New one", mailbox="Work")


def test_no_page_opens_the_message_that_has_the_number_now(rebuilt: Rebuilt, alice: Person) -> None:
    """UIDVALIDITY change: every URL carries it."""
    visitor, _, _, path = rebuilt
    for more in ("", "?view=plain", "/body", "/source", "/eml", "/part/1", "/reply", "/reply-all", "/forward", "/edit"):
        visitor.get(path + more)
        says(visitor, errors.MailboxRebuilt)
        assert "New one" not in visitor.text
    assert untouched(alice)


def test_an_answer_to_a_message_of_the_old_folder_is_sent_and_marks_nothing(visitor: Visitor, alice: Person) -> None:
    """UIDVALIDITY change: a pending action (the mark on the original) is dropped, the letter goes out."""
    alice.create("Work")
    uid = alice.append(letter("Question", sender="bob@example.org"), "Work")
    visitor.sign_in(alice)
    visitor.get(address(alice, uid, "Work", "/reply"))
    form, before = visitor.form("/write"), alice.uidvalidity("Work")
    while alice.uidvalidity("Work") == before:
        alice.rebuild("Work")
    assert alice.append(letter("Other"), "Work") == uid
    visitor.send(form, do="send", body="An answer")
    assert "Sent." in visitor.text
    assert alice.flags(uid, "Work") == frozenset()


def test_a_draft_of_the_old_drafts_folder_removes_no_other(visitor: Visitor, alice: Person) -> None:
    """UIDVALIDITY change in Drafts: saving again stores the words and deletes nothing by the old number."""
    visitor.sign_in(alice)
    visitor.get("/write")
    visitor.send(visitor.form("/write"), do="save", subject="Mine", body="My words")
    form, before = visitor.form("/write"), alice.uidvalidity("Drafts")
    old = alice.messages("Drafts")[0].uid
    while alice.uidvalidity("Drafts") == before:
        alice.rebuild("Drafts")
    assert alice.append(letter("Of another device"), "Drafts", ["\\Draft"]) == old
    visitor.send(form, do="save", body="My words, and more")
    assert visitor.form("/write").value("body") == "My words, and more"
    assert listed(alice, "Drafts") == ["Of another device", "Mine"]


def test_the_number_of_a_folder_changes_while_the_server_was_away(
    at: Callable[..., Visitor], scripted: Callable[..., Scripted]
) -> None:
    """UIDVALIDITY change as after a restore from backup: the list is new, old addresses open and change nothing."""
    box = Box([1, 2])
    server = scripted(box.answers, capabilities=PLAIN)
    visitor = at(server.port)
    visitor.sign_in(Person(ALICE, "localhost", server.port, None))  # type: ignore[arg-type]
    assert subjects(visitor.html) == ["Number 2", "Number 1"]
    form, chosen, url = visitor.form("/m/INBOX/do"), picks(visitor.html), rows(visitor)["Number 1"]
    box.validity = 8
    for wire in list(server.wires):
        wire.close()
    visitor.send(form, do="delete", uid=chosen)
    says(visitor, errors.MailboxRebuilt)
    visitor.send(form, star=chosen[0])
    says(visitor, errors.MailboxRebuilt)
    visitor.get(url)
    says(visitor, errors.MailboxRebuilt)
    assert not (server.asked("UID STORE") + server.asked("UID COPY"))
    works(visitor, "Number 2", "Number 1")
    assert picks(visitor.html) == ["8.2", "8.1"]
