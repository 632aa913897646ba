"""A notification says as much as its reader chose, and nothing at all on a shared computer."""

from __future__ import annotations

from tests.servers.application import Visitor
from tests.servers.people import Person, letter


def words(visitor: Visitor) -> str:
    return str((visitor.get("/arrived").json or {})["words"])


def test_sender_and_subject_are_told_only_to_whom_chose_so(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    assert words(visitor) == ""
    visitor.get("/settings")
    visitor.send(visitor.form("/settings"), notices="words")
    assert words(visitor) == "", "there is nothing unread"
    alice.append(letter("An older one"))
    alice.append(letter("Ferry times"))
    alice.append(letter("Already read"), "INBOX", ["\\Seen"])
    assert words(visitor).endswith(": Ferry times")
    shared = Visitor(visitor.app)
    shared.sign_in(alice, shared="1")
    assert words(shared) == ""
