"""Drafts: never fewer than one, and nothing but drafts is ever removed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.actions.conftest import Desk, draft
from tests.servers.dovecot import Dovecot
from tests.servers.people import Person, letter
from webmail import errors
from webmail.actions import drafts
from webmail.imap import move
from webmail.mail.address import Address
from webmail.mail.ids import MailboxName, MessageRef, Uid, UidValidity

DeskOf = Callable[..., Desk]


def ref(person: Person, mailbox: str, uid: int) -> MessageRef:
    return MessageRef(MailboxName(mailbox), UidValidity(person.uidvalidity(mailbox)), Uid(uid))


def test_saving_replaces_the_one_before(desk_of: DeskOf, alice: Person) -> None:
    desk, what = desk_of(alice), draft(bcc=(Address("", "x@example.net"),))
    first = drafts.save(desk.conn, what, None)
    second = drafts.save(desk.conn, replace(what, text="More words\n"), first)
    assert second not in (None, first)
    [stored] = alice.messages("Drafts")
    assert stored.uid == second.uid
    assert stored.flags == {"\\Draft", "\\Seen"}
    assert stored.header("Bcc") == "x@example.net"
    assert b"More words" in stored.raw


@pytest.mark.parametrize("mailbox", ["INBOX", "Sent", "Trash", "Archive"])
def test_only_drafts_are_removed(desk_of: DeskOf, alice: Person, mailbox: str) -> None:
    uid = alice.append(letter("Keep me"), mailbox, ["\\Draft"])
    desk = desk_of(alice)
    drafts.remove(desk.conn, ref(alice, mailbox, uid))
    drafts.save(desk.conn, draft(), ref(alice, mailbox, uid))
    assert [m.uid for m in alice.messages(mailbox)] == [uid]


def test_one_draft_is_removed_and_its_neighbours_stay(desk_of: DeskOf, alice: Person) -> None:
    uids = alice.append_all([letter(f"Draft {n}") for n in range(3)], "Drafts", ["\\Draft"])
    alice.mark(uids[2], "\\Deleted", mailbox="Drafts")
    drafts.remove(desk_of(alice).conn, ref(alice, "Drafts", uids[1]))
    assert [m.uid for m in alice.messages("Drafts")] == [uids[0], uids[2]], "R9: UID EXPUNGE of that one alone"


def test_a_draft_that_is_gone_or_renumbered_is_no_error_and_takes_no_other_with_it(
    desk_of: DeskOf, alice: Person
) -> None:
    uid = alice.append(letter("Draft"), "Drafts", ["\\Draft"])
    desk, there = desk_of(alice), ref(alice, "Drafts", uid)
    drafts.remove(desk.conn, replace(there, uidvalidity=UidValidity(there.uidvalidity + 1)))
    drafts.remove(desk.conn, replace(there, uid=Uid(uid + 7)))
    assert [m.uid for m in alice.messages("Drafts")] == [uid]
    drafts.remove(desk.conn, there)
    drafts.remove(desk.conn, there)
    assert alice.messages("Drafts") == []


def test_the_drafts_folder_is_made_when_it_is_missing(desk_of: DeskOf, alice: Person) -> None:
    with alice.imap() as client:
        for name in ("Drafts",):
            if client.folder_exists(name):
                client.delete_folder(name)
    assert drafts.save(desk_of(alice).conn, draft(), None) is not None
    assert len(alice.messages("Drafts")) == 1


def test_drafts_are_found_by_name_where_the_server_tells_no_roles(
    desk_of: DeskOf, another_dovecot: Callable[..., Dovecot]
) -> None:
    server = another_dovecot(special_use=False, prefix="INBOX.")
    alice = server.person(next(iter(server.people.values())))
    desk = desk_of(alice)
    first = drafts.save(desk.conn, draft(), None)
    drafts.save(desk.conn, draft(), first)
    assert len(alice.messages("INBOX.Drafts")) == 1


def test_a_full_mailbox_leaves_the_old_draft(desk_of: DeskOf, another_dovecot: Callable[..., Dovecot]) -> None:
    server = another_dovecot(quota=20_000)
    alice = server.person(next(iter(server.people.values())))
    desk = desk_of(alice)
    first = drafts.save(desk.conn, draft(text="Short\n"), None)
    with pytest.raises(errors.QuotaExceeded):
        drafts.save(desk.conn, draft(text="Long words\n" * 4000), first)
    [stored] = alice.messages("Drafts")
    assert b"Short" in stored.raw


def test_a_saved_letter_is_saved_even_when_the_old_one_cannot_be_removed(
    desk_of: DeskOf, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_of(alice)
    first = drafts.save(desk.conn, draft(), None)

    def refuse(*_: object) -> bool:
        raise errors.MailboxReadOnly

    monkeypatch.setattr(move, "expunge", refuse)
    assert drafts.save(desk.conn, draft(), first) not in (None, first)
    assert len(alice.messages("Drafts")) == 2
