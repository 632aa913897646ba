"""The outbox: time to think again, kept by the server; and what is said of letters that did not simply go."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from tests.servers.application import Form, Visitor, forms_of
from tests.servers.people import Person
from tests.servers.proxy import Proxy
from tests.servers.submission import Submission
from tests.views.test_compose import DATA, files, parsed, write
from tests.views.test_settings import choose
from webmail.actions import recover
from webmail.config import Settings

MakeApp = Callable[[Settings], Flask]


@pytest.fixture
def patient(settings: Settings, make_app: MakeApp) -> Visitor:
    """A visitor of a site that waits longer than any test."""
    return Visitor(make_app(replace(settings, undo_seconds=30)))


def strip(visitor: Visitor) -> Form:
    """The one letter that is on its way."""
    [form] = [form for form in forms_of(visitor.html) if form.action.startswith("/outbox/")]
    return form


def press(visitor: Visitor, word: str) -> None:
    """A button of its line."""
    form = strip(visitor)
    [action] = [action for _, _, action in form.buttons if action.endswith("/" + word)]
    visitor.send(form, action=action)


def eventually(true: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.05)


def test_ten_seconds_can_be_insisted_on_where_the_site_has_other_ones(
    patient: Visitor, alice: Person, submission: Submission
) -> None:
    patient.sign_in(alice)
    choose(patient, undo_send="10")
    write(patient, to="bob@example.org", subject="Ten", body="Words")
    assert re.search(r"Sending in (10|\d) s: Ten", patient.text), patient.text
    press(patient, "undo")
    choose(patient, undo_send="-1")
    write(patient, to="bob@example.org", subject="Thirty", body="Words")
    assert re.search(r"Sending in (30|2\d) s: Thirty", patient.text), patient.text
    press(patient, "undo")


def test_undo_brings_everything_back_and_nothing_was_sent(
    patient: Visitor, alice: Person, submission: Submission
) -> None:
    patient.sign_in(alice)
    write(patient, to="Bob <bob@example.org>", bcc="x@example.net", subject="Hasty <b>", body="Words",
        att=(io.BytesIO(DATA), "a.bin"))  # fmt: skip
    assert patient.path == "/m/INBOX"
    assert re.search(r"Sending in (30|2\d) s: Hasty <b>", patient.text), patient.text
    [copy] = alice.messages("Drafts")
    assert "$SubmitPending" in copy.flags
    patient.get("/m/Drafts/" + f"{alice.uidvalidity('Drafts')}.{copy.uid}/edit")
    assert "about to be sent" in patient.text, "not changed while its time runs"
    press(patient, "undo")
    form = patient.form("/write")
    assert (form.value("to"), form.value("bcc")) == ("Bob <bob@example.org>", "x@example.net")
    assert (form.value("subject"), form.value("body")) == ("Hasty <b>", "Words")
    assert "Taken back" in patient.text
    assert submission.accepted == []
    [copy] = alice.messages("Drafts")
    assert "$SubmitPending" not in copy.flags
    patient.send(form, do="send", subject="Calm")
    press(patient, "now")
    [taken] = submission.accepted
    assert parsed(taken.raw)["Subject"] == "Calm"
    assert files(parsed(taken.raw)) == {"a.bin": DATA}
    assert "Sent." in patient.text
    assert alice.messages("Drafts") == []
    assert len(alice.messages("Sent")) == 1


@pytest.mark.asvs("2.3.4")
def test_it_goes_by_itself_once_however_often_it_was_posted(
    settings: Settings, make_app: MakeApp, alice: Person, submission: Submission
) -> None:
    """Back and Send again, in the time that it waits; then nobody looks any more: the lid is closed."""
    visitor = Visitor(make_app(replace(settings, undo_seconds=2)))
    visitor.sign_in(alice)
    visitor.get("/write")
    form = visitor.form("/write")
    for _ in range(3):
        visitor.send(form, do="send", to="bob@example.org", subject="Once", body="x")
        assert visitor.path == "/m/INBOX"
    assert submission.accepted == []
    eventually(lambda: submission.accepted)
    eventually(lambda: alice.messages("Sent"))
    visitor.send(form, do="send", to="bob@example.org", subject="Once", body="x")
    assert "not sent twice" in visitor.text
    assert len(submission.accepted) == len(alice.messages("Sent")) == 1


def test_too_late_is_said(patient: Visitor, alice: Person, submission: Submission) -> None:
    patient.sign_in(alice)
    write(patient, to="bob@example.org", subject="Gone", body="x")
    form = strip(patient)
    press(patient, "now")
    for _, _, action in form.buttons:
        patient.send(form, action=action)
    assert len(submission.accepted) == 1
    patient.send(form, action=form.buttons[0][2])
    assert "Too late" in patient.text


def test_signing_out_sends_at_once(patient: Visitor, alice: Person, submission: Submission) -> None:
    patient.sign_in(alice)
    write(patient, to="bob@example.org", subject="Last word", body="x")
    patient.send(patient.form("/logout"))
    eventually(lambda: submission.accepted)
    eventually(lambda: not alice.messages("Drafts"))
    assert len(alice.messages("Sent")) == 1


def test_a_process_that_ends_politely_sends_what_it_holds(
    patient: Visitor, alice: Person, submission: Submission
) -> None:
    patient.sign_in(alice)
    write(patient, to="bob@example.org", subject="Before the restart", body="x")
    patient.app.extensions["pennypost-outbox"].close(20)
    assert len(submission.accepted) == 1
    assert len(alice.messages("Sent")) == 1


def crashed(visitor: Visitor) -> None:
    """As if its process had been killed."""
    outbox = visitor.app.extensions["pennypost-outbox"]
    outbox._held.clear()
    outbox.journal.close()


def test_after_a_crash_it_goes_when_its_time_is_up(
    patient: Visitor, settings: Settings, make_app: MakeApp, alice: Person, submission: Submission
) -> None:
    """Its writer was told so, and is here again: the next process has their password."""
    patient.sign_in(alice)
    write(patient, to="bob@example.org", subject="Held", body="x")
    crashed(patient)
    visitor = Visitor(make_app(settings))
    visitor.sign_in(alice)
    eventually(lambda: "Sending in" in (visitor.get("/outbox"), visitor.text)[1])
    assert "Held" in visitor.text
    assert submission.accepted == []
    press(visitor, "now")
    assert len(submission.accepted) == len(alice.messages("Sent")) == 1
    assert alice.messages("Drafts") == []


def test_long_after_a_crash_it_is_a_draft_with_a_notice(
    patient: Visitor, settings: Settings, make_app: MakeApp, alice: Person, submission: Submission,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(recover, "LATEST", -3600)
    patient.sign_in(alice)
    write(patient, to="bob@example.org", subject="Held", body="x")
    crashed(patient)
    visitor = Visitor(make_app(settings))
    visitor.sign_in(alice)
    assert "One letter needs a word from you" in visitor.text
    visitor.get("/outbox")
    assert "Not sent yet: this site was restarted" in visitor.text
    assert "Held" in visitor.text
    press(visitor, "again")
    assert "Sent." in visitor.text
    assert "Nothing waits" in visitor.text
    assert len(submission.accepted) == len(alice.messages("Sent")) == 1
    assert alice.messages("Drafts") == []


def test_what_is_refused_behind_the_writers_back_is_told_address_by_address(
    patient: Visitor, alice: Person, submission: Submission
) -> None:
    patient.sign_in(alice)
    write(patient, to="reject@example.net, tempfail@example.net", subject="Refused", body="x")
    press(patient, "now")
    assert "refused every recipient" in patient.text
    assert "reject@example.net 550" in patient.text or "User unknown" in patient.text
    assert "Greylisted" in patient.text
    assert submission.accepted == []
    press(patient, "dismiss")
    assert "Refused" not in patient.text
    patient.get("/outbox")
    assert "Nothing waits" in patient.text
    [draft] = alice.messages("Drafts")
    assert draft.header("Subject") == "Refused"
    patient.get(f"/m/Drafts/{alice.uidvalidity('Drafts')}.{draft.uid}/edit")
    patient.send(patient.form("/write"), do="send", to="bob@example.org, reject@example.net")
    press(patient, "now")
    assert "The server refused reject@example.net; everybody else will get it." in patient.text
    assert submission.accepted[0].recipients == ("bob@example.org",)


def test_one_that_may_have_been_sent_waits_for_a_word(patient: Visitor, alice: Person, submission: Submission) -> None:
    patient.sign_in(alice)
    write(patient, to="drop@example.net", subject="Maybe", body="x")
    press(patient, "now")
    assert "It may have been sent" in patient.text
    press(patient, "again")
    assert "It may have been sent" in patient.text
    assert len(submission.accepted) == 2, "its writer said so"
    assert len({parsed(taken.raw)["Message-ID"] for taken in submission.accepted}) == 1
    patient.get("/outbox")
    press(patient, "sent")
    assert "Marked as sent" in patient.text
    assert len(submission.accepted) == 2
    assert alice.messages("Drafts") == []
    assert len(alice.messages("Sent")) == 1


def test_the_mail_server_may_be_away_when_the_time_is_up(
    settings: Settings, make_app: MakeApp, alice: Person, submission: Submission, proxy: Callable[[int], Proxy],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("webmail.actions.outbox._AGAIN", (0.5,) * 20)
    between = proxy(settings.imap_port)
    visitor = Visitor(make_app(replace(settings, imap_port=between.port, undo_seconds=30)))
    visitor.sign_in(alice)
    write(visitor, to="bob@example.org", subject="Patience", body="x")
    form = strip(visitor)
    between.refuse()
    between.drop()
    visitor.send(form, action=form.buttons[1][2], follow=False)
    assert submission.accepted == []
    # Between two tries; during one it says that it is being sent.
    eventually(lambda: "Waiting for the mail server" in visitor.get("/outbox").get_data(as_text=True))
    between.pass_on()
    eventually(lambda: submission.accepted)
    eventually(lambda: alice.messages("Sent"))
    assert len(submission.accepted) == 1


def test_a_copy_that_another_device_removed_is_not_sent(
    patient: Visitor, alice: Person, submission: Submission
) -> None:
    patient.sign_in(alice)
    write(patient, to="bob@example.org", subject="Thought better", body="x")
    with alice.imap() as client:
        client.select_folder("Drafts")
        client.delete_messages(client.search())
        client.expunge()
    press(patient, "now")
    assert submission.accepted == []
    assert "no longer here" in patient.text
    press(patient, "dismiss")
    patient.get("/outbox")
    assert "Nothing waits" in patient.text


def test_r13_nobody_elses_letter_can_be_touched(
    patient: Visitor, alice: Person, charlie: Person, submission: Submission
) -> None:
    patient.sign_in(alice)
    write(patient, to="bob@example.org", subject="Mine", body="x")
    mine = strip(patient)
    other = Visitor(patient.app)
    other.sign_in(charlie)
    assert "Mine" not in other.text
    other.get("/write")
    token = other.form("/write").value("csrf_token")
    for _, _, action in mine.buttons:
        other.send(Form(action, "post", [("csrf_token", token)]))
    assert submission.accepted == []
    patient.get("/outbox")
    assert "Mine" in patient.text
    assert patient.client.post("/outbox/" + "0" * 63 + "/undo").status_code in (400, 403, 404)


def test_send_later_is_there_where_the_server_holds_mail_and_nowhere_else(
    settings: Settings, make_app: MakeApp, alice: Person, submission: Submission
) -> None:
    visitor = Visitor(make_app(settings))
    visitor.sign_in(alice)
    visitor.get("/write")
    assert "Send later" not in visitor.text
    visitor.send(visitor.form("/write"), do="later", to="bob@example.org", subject="No", at="2099-01-01T08:00")
    assert "does not hold" in visitor.text
    submission.hold = 7 * 86400
    visitor = Visitor(make_app(settings))
    visitor.sign_in(alice)
    visitor.client.set_cookie("tz", "Asia/Kolkata")
    visitor.get("/write")
    assert "When, by the clock of Asia/Kolkata" in visitor.text
    form = visitor.form("/write")
    for wrong in ("", "yesterday", "2020-01-01T08:00", "2099-01-01T08:00"):
        visitor.send(form, do="later", to="bob@example.org", subject="Later", at=wrong)
        assert "does not hold the letter until then" in visitor.text
        form = visitor.form("/write")
    assert submission.accepted == []
    when = (datetime.now(ZoneInfo("Asia/Kolkata")) + timedelta(hours=3)).replace(second=0, microsecond=0)
    visitor.send(form, do="later", at=f"{when:%Y-%m-%dT%H:%M}")
    assert "Handed to the mail server" in visitor.text
    assert f"{when:%H:%M} (+05:30)" in visitor.text
    [taken] = submission.accepted
    assert f"HOLDUNTIL={when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" in taken.options
    assert len(alice.messages("Sent")) == 1
    assert [draft.header("Subject") for draft in alice.messages("Drafts")] == ["No"]


def test_a_password_that_only_the_imap_server_takes_is_told_and_the_letter_is_there(
    patient: Visitor, alice: Person, submission: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submission, "people", {})
    patient.sign_in(alice)
    write(patient, to="bob@example.org", subject="Locked out", body="x")
    press(patient, "now")
    assert "did not accept your sign-in" in patient.text
    assert submission.accepted == []
    assert [draft.header("Subject") for draft in alice.messages("Drafts")] == ["Locked out"]
    monkeypatch.undo()
    press(patient, "again")
    assert "Sent." in patient.text
    assert len(submission.accepted) == 1


def test_a_clock_that_jumps_sends_nothing_early_and_nothing_never(
    settings: Settings, make_app: MakeApp, alice: Person, submission: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = Visitor(make_app(replace(settings, undo_seconds=3)))
    visitor.sign_in(alice)
    write(visitor, to="bob@example.org", subject="Time", body="x")
    monkeypatch.setattr("webmail.journal.time", SimpleNamespace(time=lambda: 4e9))
    assert submission.accepted == []
    eventually(lambda: submission.accepted)
    eventually(lambda: alice.messages("Sent"))
    assert len(submission.accepted) == 1
