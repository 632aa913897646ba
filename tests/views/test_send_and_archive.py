"""Send and archive, by forms: what was answered goes to Archive, is marked there, and comes back by its own Undo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from tests.flows.hands import wait_for
from tests.servers.application import Visitor
from tests.servers.people import Person, letter
from tests.servers.submission import Submission
from tests.views.deeds import press_undo, subjects
from webmail.config import Settings


def answered(visitor: Visitor, person: Person, **values: object) -> None:
    """Answer the only letter in the inbox."""
    [asked] = person.messages()
    visitor.get(f"/m/INBOX/{person.uidvalidity()}.{asked.uid}/reply")
    visitor.send(visitor.form("/write"), **({"do": "archive", "body": "Yes"} | values))


@pytest.mark.parametrize("seconds", [0, 1])
def test_what_is_answered_is_put_away_and_marked_there(
    make_app: Callable[[Settings], Flask], settings: Settings, alice: Person, submission: Submission, seconds: int
) -> None:
    alice.append(letter("Question", sender="Bob <bob@example.org>", message_id="<q@x>"))
    visitor = Visitor(make_app(replace(settings, undo_seconds=seconds)))
    visitor.sign_in(alice)
    answered(visitor, alice)
    assert visitor.path == "/m/INBOX"
    words = (
        "Message moved to Archive, your answer is on its way." if seconds else "Message answered and moved to Archive."
    )
    assert words in visitor.text
    assert subjects(alice, "Archive") == ["Question"]
    wait_for(lambda: len(submission.accepted) == 1)
    wait_for(lambda: "\\Answered" in alice.messages("Archive")[0].flags)
    press_undo(visitor)
    assert "Undone." + (" Your answer has been sent already." if seconds else "") in visitor.text
    assert "\\Answered" in alice.messages()[0].flags


@pytest.mark.parametrize("where", ["the line of the archive", "the line of the letter"])
def test_while_the_answer_waits_one_undo_takes_back_both(
    make_app: Callable[[Settings], Flask], settings: Settings, alice: Person, submission: Submission, where: str
) -> None:
    alice.append(letter("Question", sender="Bob <bob@example.org>", message_id="<q@x>"))
    visitor = Visitor(make_app(replace(settings, undo_seconds=60)))
    visitor.sign_in(alice)
    answered(visitor, alice)
    assert subjects(alice, "Archive") == ["Question"]
    if where == "the line of the archive":
        press_undo(visitor)
        assert "Undone. Your answer was not sent: it is in Drafts." in visitor.text
    else:
        form = visitor.form("/outbox/")
        visitor.send(form, action=form.action.replace("/dismiss", "/undo"))
        assert "What it answers is where it was." in visitor.text
        assert visitor.path.endswith("/edit")
    assert subjects(alice) == ["Question"]
    assert subjects(alice, "Drafts") == ["Re: Question"]
    assert "\\Answered" not in alice.messages()[0].flags
    visitor.get("/m/INBOX")
    assert "Sending in" not in visitor.text
    assert submission.accepted == []


def test_what_is_not_sent_is_not_put_away(visitor: Visitor, alice: Person, submission: Submission) -> None:
    alice.append(letter("Question", sender="Bob <bob@example.org>", message_id="<q@x>"))
    visitor.sign_in(alice)
    answered(visitor, alice, body="See the attached file")
    assert "Not sent yet." in visitor.text
    assert subjects(alice) == ["Question"]
    visitor.send(visitor.form("/write"), do="archive", asked="file")
    assert subjects(alice, "Archive") == ["Question"]
    assert len(submission.accepted) == 1


def test_it_is_offered_for_answers_to_what_can_be_put_away(visitor: Visitor, alice: Person) -> None:
    inbox, away = alice.append(letter("Here")), None
    if "Archive" not in alice.mailboxes():
        alice.create("Archive")
    away = alice.append(letter("Away"), "Archive")
    visitor.sign_in(alice)
    button = 'name="do" value="archive"'
    for mailbox, uid, mode, there in (
        ("INBOX", inbox, "reply", True), ("INBOX", inbox, "forward", False), ("Archive", away, "reply", False),
    ):  # fmt: skip
        visitor.get(f"/m/{mailbox}/{alice.uidvalidity(mailbox)}.{uid}/{mode}")
        assert (button in visitor.html) is there, (mailbox, mode)
    visitor.get("/write")
    assert button not in visitor.html
