"""Redirecting: who gets the message, what of it changes, and that it happens once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes

import pytest
from flask import Flask

from tests.servers.application import Visitor
from tests.servers.people import Person, letter
from tests.servers.submission import Submission
from webmail.config import Settings

RAW = letter("Plan", sender="Dora <dora@example.net>", message_id="<plan@example.net>",
    extra="Bcc: secret@hidden.example\r\nX-Sign: a\r\n  b\r\n", text="Grüße\r\n.dot\r\n")  # fmt: skip


def ask(visitor: Visitor, alice: Person, raw: bytes = RAW, mailbox: str = "INBOX") -> int:
    uid = alice.append(raw, mailbox)
    visitor.sign_in(alice)
    visitor.get(f"/m/{mailbox}/{alice.uidvalidity(mailbox)}.{uid}")
    assert "/redirect" in visitor.html
    visitor.get(f"/m/{mailbox}/{alice.uidvalidity(mailbox)}.{uid}/redirect")
    return uid


def test_the_message_goes_on_as_it_is_and_no_blind_copy_is_told(
    visitor: Visitor, alice: Person, bob: Person, submission: Submission
) -> None:
    uid = ask(visitor, alice)
    assert "Redirect this message?" in visitor.text
    assert submission.accepted == []
    form = visitor.form(visitor.path)
    visitor.send(form, to="Bob <bob@example.org>, x@example.net")
    assert "Redirected." in visitor.text
    [taken] = submission.accepted
    assert taken.recipients == ("bob@example.org", "x@example.net")
    assert taken.sender == alice.address
    rest = RAW.replace(b"Bcc: secret@hidden.example\r\n", b"")
    assert taken.raw.endswith(rest)
    assert b"secret" not in taken.raw
    block = message_from_bytes(taken.raw)
    assert block.keys()[:4] == ["Resent-From", "Resent-To", "Resent-Date", "Resent-Message-ID"]
    assert (block["Resent-From"], block["Message-ID"]) == (alice.address, "<plan@example.net>")
    assert "$Forwarded" in alice.flags(uid)
    [stored] = bob.messages()
    assert stored.raw.endswith(rest)
    # Back, and the button again.
    visitor.send(form, to="Bob <bob@example.org>, x@example.net")
    assert "had been redirected already" in visitor.text
    assert len(submission.accepted) == 1
    assert "Sent" not in alice.mailboxes() or alice.messages("Sent") == []


def test_ones_own_letter_goes_on_without_whom_it_went_to_unseen(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    alice.create("Sent")
    ask(visitor, alice, letter(extra="Bcc: first@hidden.example,\r\n second@hidden.example\r\n"), "Sent")
    visitor.send(visitor.form(visitor.path), to="x@example.net")
    [taken] = submission.accepted
    assert b"hidden.example" not in taken.raw


@pytest.mark.parametrize(
    ("to", "says"),
    [
        ("", "Type the address"),
        ("good@x.test, not an address", "This is not an address: not an address"),
        ("reject@example.net", "User unknown"),
        ("datafail@example.net", "refused"),
        ("vanish@example.net", "may have been sent"),
    ],
)
def test_what_fails_is_said_and_what_was_typed_stays(
    visitor: Visitor, alice: Person, submission: Submission, to: str, says: str
) -> None:
    uid = ask(visitor, alice)
    visitor.send(visitor.form(visitor.path), to=to)
    assert visitor.status >= 400
    assert says in visitor.text
    assert visitor.form(visitor.path).value("to") == to
    assert submission.accepted == []
    assert "$Forwarded" not in alice.flags(uid)
    if to.startswith("vanish"):
        # Nobody knows: the same page does not send a second time.
        visitor.send(visitor.form(visitor.path), to="x@example.net")
        assert submission.accepted == []
    else:
        visitor.send(visitor.form(visitor.path), to="x@example.net")
        assert len(submission.accepted) == 1


def test_of_three_recipients_the_refused_one_is_named(visitor: Visitor, alice: Person, submission: Submission) -> None:
    ask(visitor, alice)
    visitor.send(visitor.form(visitor.path), to="a@example.net, reject@example.net, b@example.net")
    assert "The server refused reject@example.net; everybody else will get it." in visitor.text
    assert submission.accepted[0].recipients == ("a@example.net", "b@example.net")


def test_what_mail_servers_do_not_pass_on_is_offered_as_an_attachment(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    """R10."""
    ask(visitor, alice, letter(text="x" * 2000 + "\r\n"))
    visitor.send(visitor.form(visitor.path), to="x@example.net")
    assert visitor.status == 400
    assert "cannot go out as it is" in visitor.text
    assert submission.accepted == []
    assert "/forward-eml" in visitor.html


def test_a_message_over_the_limit_is_not_read_to_its_end(
    settings: Settings, make_app: Callable[[Settings], Flask], alice: Person, submission: Submission
) -> None:
    """R15."""
    visitor = Visitor(make_app(replace(settings, upload_limit_mb=1)))
    ask(visitor, alice, letter(text=("x" * 70 + "\r\n") * 30_000))
    visitor.send(visitor.form(visitor.path), to="x@example.net")
    assert visitor.status == 413
    assert submission.accepted == []


def test_a_message_that_is_gone_is_said_to_be(visitor: Visitor, alice: Person, submission: Submission) -> None:
    uid = ask(visitor, alice)
    form, path = visitor.form(visitor.path), visitor.path
    alice.expunge(uid)
    visitor.send(form, action=path, to="x@example.net")
    assert visitor.status == 404
    assert submission.accepted == []
