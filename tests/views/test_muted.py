"""Muting a conversation, and what becomes of its answers."""

from __future__ import annotations

from tests.servers.application import Visitor
from tests.servers.people import Person, letter
from tests.views.deeds import picks, press_undo, state


def test_answers_in_a_muted_conversation_leave_the_inbox_unread(visitor: Visitor, alice: Person) -> None:
    alice.append(letter("Plan", message_id="<a@x>"), flags=["\\Seen"])
    alice.append(letter("Old", message_id="<o@x>"), "Archive", ["$Muted"])
    visitor.sign_in(alice)
    visitor.send(visitor.form("/m/INBOX/do"), do="mute", uid=picks(visitor.html))
    alice.append(letter("Re: Plan", message_id="<b@x>", extra="References: <a@x>\r\n"))
    alice.append(letter("Re: Old", message_id="<p@x>", extra="In-Reply-To: <o@x>\r\n"))
    alice.append(letter("Plan", message_id="<c@x>"))
    visitor.get("/m/INBOX")
    assert len(picks(visitor.html)) == 2, "gone before the page is drawn"
    assert [(m.header("Message-ID"), sorted(m.flags)) for m in alice.messages()] == [
        ("<a@x>", ["$Muted", "\\Seen"]), ("<c@x>", []),
    ]  # fmt: skip
    assert [sorted(m.flags) for m in alice.messages("Archive")] == [["$Muted"]] * 3


def test_muting_means_the_whole_conversation_in_every_folder_and_is_undone_in_all(
    visitor: Visitor, alice: Person
) -> None:
    alice.append(letter("Plan", message_id="<a@x>"), "Archive")
    alice.append(letter("Re: Plan", message_id="<b@x>", extra="References: <a@x>\r\n"), "Sent")
    alice.append(letter("Re: Plan", message_id="<c@x>", extra="References: <a@x> <b@x>\r\n"))
    alice.append(letter("Plan", message_id="<d@x>"))
    visitor.sign_in(alice)
    before = state(alice)
    visitor.send(visitor.form("/m/INBOX/do"), do="mute", uid=[f"{alice.uidvalidity()}.1"])
    assert "3 messages muted." in visitor.text
    assert [sorted(m.flags) for box in ("INBOX", "Archive", "Sent") for m in alice.messages(box)] == [
        ["$Muted"], [], ["$Muted"], ["$Muted"],
    ]  # fmt: skip
    press_undo(visitor)
    assert state(alice) == before
