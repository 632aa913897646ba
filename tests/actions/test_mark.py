"""Flags that people set: on the messages they chose, and on no other."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.actions.conftest import Desk
from tests.servers.people import Person, letter
from webmail import errors
from webmail.actions import mark
from webmail.mail.ids import MailboxName, MessageRef, Uid, UidValidity

DeskOf = Callable[..., Desk]
INBOX = MailboxName("INBOX")


@pytest.mark.parametrize(("deed", "flag"), [(mark.read, "\\Seen"), (mark.star, "\\Flagged")])
def test_a_flag_is_set_and_taken_away_and_the_others_stay(
    desk_of: DeskOf, alice: Person, deed: Callable[..., None], flag: str
) -> None:
    uids = [Uid(uid) for uid in alice.append_all([letter(str(n)) for n in range(3)], flags=["\\Answered"])]
    desk, validity = desk_of(alice), UidValidity(alice.uidvalidity())
    deed(desk.conn, INBOX, validity, uids[:2])
    assert [flag in alice.flags(uid) for uid in uids] == [True, True, False]
    deed(desk.conn, INBOX, validity, uids[1:], False)
    assert [flag in alice.flags(uid) for uid in uids] == [True, False, False]
    assert all("\\Answered" in alice.flags(uid) for uid in uids)


@pytest.mark.parametrize(("forwarded", "flag"), [(False, "\\Answered"), (True, "$Forwarded")])
def test_what_was_answered_or_passed_on_is_marked(desk_of: DeskOf, alice: Person, forwarded: bool, flag: str) -> None:
    uid = alice.append(letter("One"))
    mark.answered(
        desk_of(alice).conn, MessageRef(INBOX, UidValidity(alice.uidvalidity()), Uid(uid)), forwarded=forwarded
    )
    assert alice.flags(uid) == {flag}


def test_a_rebuilt_folder_is_left_alone(desk_of: DeskOf, alice: Person) -> None:
    uid = alice.append(letter("One"))
    with pytest.raises(errors.MailboxRebuilt):
        mark.read(desk_of(alice).conn, INBOX, UidValidity(alice.uidvalidity() + 1), [Uid(uid)])
    assert alice.flags(uid) == frozenset()


def test_a_message_that_is_gone_is_no_error(desk_of: DeskOf, alice: Person) -> None:
    uid = alice.append(letter("One"))
    mark.star(desk_of(alice).conn, INBOX, UidValidity(alice.uidvalidity()), [Uid(uid), Uid(uid + 5)])
    assert alice.flags(uid) == {"\\Flagged"}


def test_a_missing_folder_is_told(desk_of: DeskOf, alice: Person) -> None:
    with pytest.raises(errors.MailboxMissing):
        mark.read(desk_of(alice).conn, MailboxName("Nowhere"), UidValidity(1), [Uid(1)])
