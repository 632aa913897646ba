"""Asking for confirmation: by readers (RFC 8098), by the mail server (RFC 3461); kept in drafts, held, recovered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from flask import Flask

from tests.servers.application import Visitor
from tests.servers.people import Person
from tests.servers.submission import Submission
from tests.views.test_compose import parsed, write
from tests.views.test_outbox import press
from tests.views.test_settings import choose
from webmail.config import Settings

WISHES = {"receipt": "1", "report": "1"}
TOLD = ("NOTIFY=SUCCESS,FAILURE",)


def ticked(visitor: Visitor) -> list[str]:
    return [name for name, _ in visitor.form("/write").fields if name in WISHES]


def test_both_wishes_are_off_and_the_second_is_offered_where_the_server_can(
    settings: Settings, make_app: Callable[[Settings], Flask], alice: Person, submission: Submission
) -> None:
    for dsn in (False, True):
        submission.dsn = dsn
        visitor = Visitor(make_app(replace(settings, state_dir=f"{settings.state_dir}-{dsn}")))
        visitor.sign_in(alice)
        visitor.get("/write")
        assert "Ask readers to confirm" in visitor.text
        assert ("Tell me when it is delivered" in visitor.text) == dsn
        assert ticked(visitor) == []
        write(visitor, to="bob@example.org, x@example.net", subject="Plain", body="Words")
        [taken] = submission.accepted
        assert taken.wishes == ("", "")
        assert "Disposition-Notification-To" not in parsed(taken.raw)
        assert not any("RET=" in option for option in taken.options)
        submission.accepted.clear()


def test_wishes_stay_in_the_draft_hold_while_it_waits_and_are_what_the_servers_hear(
    settings: Settings, make_app: Callable[[Settings], Flask], alice: Person, submission: Submission
) -> None:
    submission.dsn = True
    visitor = Visitor(make_app(replace(settings, undo_seconds=30)))
    visitor.sign_in(alice)
    choose(visitor, identities="alice@work.example")
    values = {"to": "bob@example.org, x@example.net", "subject": "Sure?", "body": "Words", "from": "alice@work.example"}
    write(visitor, **values, **WISHES, do="save")
    assert ticked(visitor) == ["receipt", "report"]
    visitor.send(visitor.form("/write"), do="send")
    press(visitor, "undo")
    assert ticked(visitor) == ["receipt", "report"], "taken back with its wishes"
    visitor.send(visitor.form("/write"), do="send")
    assert not submission.accepted
    press(visitor, "now")
    [taken] = submission.accepted
    message = parsed(taken.raw)
    assert message["Disposition-Notification-To"] == "<alice@work.example>"
    assert message.get_all("Disposition-Notification-To") == ["<alice@work.example>"]
    assert not [name for name in message if name.lower().startswith("x-pennypost-")]
    assert taken.wishes == TOLD * 2
    assert "RET=HDRS" in taken.options
    visitor.get(f"/m/Sent/{alice.uidvalidity('Sent')}.{alice.messages('Sent')[0].uid}")
    assert "receipt" not in visitor.text.lower(), "one's own wish is not put to oneself"
    assert not [name for name in parsed(alice.messages("Sent")[0].raw) if name.lower().startswith("x-pennypost-")]


def test_a_wish_that_is_taken_back_is_gone_from_the_draft_and_from_the_letter(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    submission.dsn = True
    visitor.sign_in(alice)
    write(visitor, to="bob@example.org", subject="Sure?", body="Words", **WISHES, do="save")
    assert b"Disposition-Notification-To: <alice@example.org>" in alice.messages("Drafts")[0].raw
    form = visitor.form("/write")
    form.fields = [(name, value) for name, value in form.fields if name not in WISHES]
    visitor.send(form, do="save", body="Other words")
    assert ticked(visitor) == []
    [draft] = alice.messages("Drafts")
    assert b"Disposition-Notification-To" not in draft.raw
    assert b"X-Pennypost-Report" not in draft.raw
    visitor.send(visitor.form("/write"), do="send")
    assert submission.accepted[0].wishes == ("",)


def test_a_refused_letter_that_is_tried_again_from_the_outbox_keeps_its_wishes(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    """Read back from its copy in Drafts, as after a crash."""
    submission.dsn = True
    submission.only = frozenset()
    visitor.sign_in(alice)
    write(visitor, to="bob@example.org", subject="Sure?", body="Words", **WISHES)
    assert visitor.status == 400
    assert ticked(visitor) == ["receipt", "report"]
    submission.only = None
    visitor.get("/outbox")
    press(visitor, "again")
    [taken] = submission.accepted
    assert taken.wishes == TOLD
    assert parsed(taken.raw)["Disposition-Notification-To"] == "<alice@example.org>"


def test_the_wish_of_another_programs_draft_is_seen_here(visitor: Visitor, alice: Person) -> None:
    uid = alice.append(
        b"From: alice@example.org\r\nTo: bob@example.org\r\nSubject: Theirs\r\nMessage-ID: <t@example.org>\r\n"
        b"Disposition-Notification-To: Alice <alice@example.org>\r\n\r\nWords\r\n",
        "Drafts",
    )
    visitor.sign_in(alice)
    visitor.get(f"/m/Drafts/{alice.uidvalidity('Drafts')}.{uid}/edit")
    assert ticked(visitor) == ["receipt"]
