"""Sending: once, however often it is asked for, and what goes wrong behind "sent" never undoes it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.actions.conftest import Desk, draft
from tests.servers.application import Visitor
from tests.servers.dovecot import Dovecot
from tests.servers.people import Person, letter
from tests.servers.proxy import Proxy
from tests.servers.submission import Submission
from webmail import errors
from webmail.actions import drafts, recover, send
from webmail.actions.means import Sent
from webmail.journal import State
from webmail.mail.address import Address
from webmail.mail.draft import Draft
from webmail.mail.ids import MailboxName, MessageRef, Uid, UidValidity
from webmail.web.letter import origin_of

DeskOf = Callable[..., Desk]
DANA = Address("Dana", "dana@example.net")


def sent(desk: Desk, what: Draft, *, draft_ref: MessageRef | None = None, origin: MessageRef | None = None) -> Sent:
    return send.send(desk.means, what, draft_ref=draft_ref, origin=origin, forwarded=False)


def saved(desk: Desk, what: Draft) -> MessageRef:
    ref = drafts.save(desk.conn, what, None)
    assert ref is not None
    return ref


def locked(server: Dovecot, person: Person, folder: str) -> None:
    """A folder that its owner may only look at."""
    with person.imap() as client:
        client.select_folder(folder)
    server.grant(person.identity, folder, "lr")


def test_a_letter_goes_out_is_filed_marks_its_original_and_clears_its_draft(
    desk_of: DeskOf, alice: Person, submission: Submission
) -> None:
    desk, what = desk_of(alice), draft(bcc=(DANA,))
    uid = alice.append(letter("Question"))
    origin = MessageRef(MailboxName("INBOX"), UidValidity(alice.uidvalidity()), Uid(uid))
    assert sent(desk, what, draft_ref=saved(desk, what), origin=origin) == Sent()
    [taken] = submission.accepted
    assert taken.recipients == ("bob@example.org", "dana@example.net")
    assert taken.sender == alice.address
    assert b"dana@" not in taken.raw, "R10: nobody sees Bcc"
    [copy] = alice.messages("Sent")
    assert copy.header("Bcc") == "Dana <dana@example.net>"
    assert alice.messages("Drafts") == []
    assert "\\Answered" in alice.flags(uid)


def test_two_posts_at_once_make_one_delivery(
    visitor: Visitor, alice: Person, bob: Person, submission: Submission
) -> None:
    """A double click: both requests are under way at the same time."""
    visitor.sign_in(alice)
    visitor.get("/write")
    form = visitor.form("/write")
    data = form.filled(do="send", to="slow@example.net, bob@example.org", subject="Once", body="x")
    submission.slow_seconds = 0.7
    cookies = [visitor.client.get_cookie(name) for name in ("pennypost", "pennypost-key")]
    statuses: list[int] = []

    def post() -> None:
        client = visitor.app.test_client()
        for cookie in cookies:
            assert cookie is not None
            client.set_cookie(cookie.key, cookie.value)
        statuses.append(client.post("/write", data=data).status_code)

    threads = [threading.Thread(target=post) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(statuses) == [303, 409, 409, 409]
    assert len(submission.accepted) == 1
    assert len(bob.messages()) == 1
    assert len(alice.messages("Sent")) == 1
    assert alice.messages("Drafts") == []


def test_the_same_letter_later_is_known_by_its_copy_in_sent(
    desk_of: DeskOf, alice: Person, submission: Submission, tmp_path: Path
) -> None:
    """The state directory was deleted."""
    desk, what = desk_of(alice), draft()
    assert not sent(desk, what).again
    other = desk.elsewhere(tmp_path / "new")
    assert sent(other, what, draft_ref=saved(desk, what)).again
    assert len(submission.accepted) == 1
    assert len(alice.messages("Drafts")) == 1, "it may hold newer words than what was sent"


def test_two_people_may_have_the_same_message_id(
    desk_of: DeskOf, alice: Person, charlie: Person, submission: Submission
) -> None:
    """Charlie got Alice's letter, so he knows its Message-ID; it is no way to stop hers."""
    what = draft()
    assert not sent(desk_of(charlie), what).again
    assert not sent(desk_of(alice), what).again
    assert len(submission.accepted) == 2


def test_where_there_is_no_room_for_a_second_copy_the_first_one_moves_into_sent(
    desk_of: DeskOf, another_dovecot: Callable[..., Dovecot], submission: Submission
) -> None:
    server = another_dovecot(quota=30_000)
    alice = server.person(next(iter(server.people.values())))
    desk, what = desk_of(alice), draft(text="Many words\n" * 1800)
    assert sent(desk, what) == Sent()
    assert sent(desk, what).again
    assert len(submission.accepted) == 1
    assert len(alice.messages("Sent")) == 1
    assert alice.messages("Drafts") == []


def test_what_cannot_be_filed_is_sent_once_and_keeps_its_draft(
    desk_of: DeskOf, another_dovecot: Callable[..., Dovecot], submission: Submission
) -> None:
    server = another_dovecot(acl=True)
    alice = server.person(next(iter(server.people.values())))
    locked(server, alice, "Sent")
    desk, what = desk_of(alice), draft()
    for again in (False, True):
        assert sent(desk, what) == Sent(filed=again, again=again)
        [kept] = alice.messages("Drafts")
        assert "$Submitted" in kept.flags, "the copy tells it, should the journal be lost"
    assert len(submission.accepted) == 1
    server.grant(alice.identity, "Sent", "lrwstipekxa")
    assert recover.sweep(desk.means, origin_of) == []
    assert alice.messages("Drafts") == []
    assert len(alice.messages("Sent")) == 1
    assert len(submission.accepted) == 1


def test_a_letter_that_cannot_be_kept_is_not_sent_unless_its_writer_says_so(
    desk_of: DeskOf, another_dovecot: Callable[..., Dovecot], submission: Submission
) -> None:
    server = another_dovecot(acl=True)
    alice = server.person(next(iter(server.people.values())))
    locked(server, alice, "Drafts")
    desk, what = desk_of(alice), draft()
    with pytest.raises(errors.NoCopy):
        sent(desk, what)
    assert submission.accepted == []
    assert send.send(desk.means, what, draft_ref=None, origin=None, forwarded=False, copy=False) == Sent()
    assert len(submission.accepted) == len(alice.messages("Sent")) == 1


def test_a_journal_that_cannot_be_written_stops_the_letter_before_it_goes(
    desk_of: DeskOf, alice: Person, submission: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_of(alice)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(desk.journal, "_write", full)
    with pytest.raises(errors.NotNoted):
        sent(desk, draft())
    assert submission.accepted == []


def test_a_disk_without_room_for_the_letter_stops_it_before_it_goes(
    desk_of: DeskOf, alice: Person, submission: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, what = desk_of(alice), draft()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("tempfile.SpooledTemporaryFile.write", full)
        with pytest.raises(errors.NoRoom):
            sent(desk, what)
    assert submission.accepted == []
    [kept] = alice.messages("Drafts")
    assert "$SubmitPending" not in kept.flags
    assert sent(desk, what) == Sent()
    assert len(submission.accepted) == 1


def test_a_copy_that_cannot_be_read_to_its_end_is_not_handed_over(
    desk_of: DeskOf, alice: Person, dovecot: Dovecot, submission: Submission, proxy: Callable[[int], Proxy]
) -> None:
    """Removed by another device after it was stored; or the line is cut while it comes."""
    desk, what = desk_of(alice), draft()
    prepared = send.prepare(desk.means, what, draft_ref=None, origin=None, forwarded=False)
    assert prepared is not None
    assert prepared.ref is not None
    alice.expunge(prepared.ref.uid, "Drafts")
    with pytest.raises(errors.MessageMissing):
        send.submit(desk.means, prepared)
    entry = desk.journal.get(desk.means.account, prepared.key)
    assert (entry and entry.state, entry and entry.why) == (State.FAILED, "MessageMissing")
    between = proxy(dovecot.port)
    desk, what = desk_of(alice, port=between.port), draft(text="Many words\n" * 70_000)
    prepared = send.prepare(desk.means, what, draft_ref=None, origin=None, forwarded=False)
    assert prepared is not None
    carried = between.carried["server"]

    def cut() -> None:
        while between.carried["server"] < carried + 300_000:
            time.sleep(0.001)
        between.refuse()
        between.reset()

    cutter = threading.Thread(target=cut)
    cutter.start()
    with pytest.raises(errors.MailError):
        send.submit(desk.means, prepared)
    cutter.join()
    assert submission.accepted == []
    between.pass_on()
    assert sent(desk, what) == Sent()
    assert len(submission.accepted) == 1


def test_a_copy_that_is_gone_behind_sent_is_filed_from_what_was_sent(
    desk_of: DeskOf, alice: Person, submission: Submission
) -> None:
    desk, what = desk_of(alice), draft()
    prepared = send.prepare(desk.means, what, draft_ref=None, origin=None, forwarded=False)
    assert prepared is not None
    assert prepared.ref is not None
    uid = prepared.ref.uid
    means = replace(desk.means, step=lambda step: alice.expunge(uid, "Drafts") if step == "answered" else None)
    assert send.submit(means, prepared) == Sent()
    [taken], [copy] = submission.accepted, alice.messages("Sent")
    assert taken.raw == copy.raw


def test_a_copy_in_doubt_is_asked_about_although_the_journal_is_lost(
    desk_of: DeskOf, alice: Person, submission: Submission, tmp_path: Path
) -> None:
    desk, what = desk_of(alice), draft(to=(Address("", "drop@example.net"),))
    with pytest.raises(errors.SubmissionUnknown):
        sent(desk, what)
    other = desk.elsewhere(tmp_path / "new")
    with pytest.raises(errors.SubmissionUnknown):
        sent(other, what)
    assert len(submission.accepted) == 1
    [left] = recover.sweep(desk.elsewhere(tmp_path / "newer").means, origin_of)
    assert (left.state, left.copy and left.copy.header.subject) == (State.UNKNOWN, "Hello")


def test_what_may_have_been_sent_is_settled_by_a_copy_that_turns_up(
    desk_of: DeskOf, alice: Person, submission: Submission
) -> None:
    """The writer is among the recipients."""
    me = Address("", alice.address)
    desk, what = desk_of(alice), draft(to=(Address("", "drop@example.net"), me))
    with pytest.raises(errors.SubmissionUnknown):
        sent(desk, what)
    assert recover.sweep(desk.means, origin_of) == []
    assert alice.messages("Drafts") == []
    assert len(alice.messages("Sent")) == 1
    assert sent(desk, what).again
    assert len(submission.accepted) == 1


def test_a_server_that_files_by_itself_gets_no_second_copy(
    desk_of: DeskOf, alice: Person, submission: Submission
) -> None:
    desk, what = desk_of(alice, sent_copy=False), draft()
    assert sent(desk, what) == Sent()
    assert sent(desk, what).again
    assert alice.messages("Sent") == []
    assert len(submission.accepted) == 1


def test_the_imap_server_may_die_behind_sent(
    desk_of: DeskOf, alice: Person, dovecot: Dovecot, submission: Submission, proxy: Callable[[int], Proxy]
) -> None:
    between = proxy(dovecot.port)
    desk, what = desk_of(alice, port=between.port), draft(to=(Address("", "slow@example.net"),))
    submission.slow_seconds = 0.5

    def die() -> None:
        between.refuse()
        between.reset()

    def when_it_was_taken() -> None:
        while not submission.accepted:
            time.sleep(0.01)
        die()

    threading.Thread(target=when_it_was_taken, daemon=True).start()
    origin = MessageRef(MailboxName("INBOX"), UidValidity(1), Uid(1))
    assert sent(desk, what, origin=origin) == Sent(filed=False)
    assert len(submission.accepted) == 1
    between.pass_on()
    assert recover.sweep(desk.means, origin_of) == []
    assert len(alice.messages("Sent")) == 1
    assert alice.messages("Drafts") == []


@pytest.mark.parametrize(
    ("to", "error"),
    [
        ("reject", errors.RecipientsRefused),
        ("datafail", errors.SubmissionRefused),
        ("vanish", errors.SubmissionUnknown),
    ],
)
def test_a_letter_that_was_not_taken_may_be_sent_again(
    desk_of: DeskOf, alice: Person, submission: Submission, to: str, error: type[Exception]
) -> None:
    desk, what = desk_of(alice), draft(to=(Address("", f"{to}@example.net"),))
    with pytest.raises(error):
        sent(desk, what)
    assert submission.accepted == []
    assert alice.messages("Sent") == []
    [kept] = alice.messages("Drafts")
    assert ("$SubmitPending" in kept.flags) == (to == "vanish")
    prepared = send.prepare(
        desk.means, replace(what, to=(DANA,)), draft_ref=None, origin=None, forwarded=False, insist=to == "vanish"
    )
    assert prepared is not None
    assert send.submit(desk.means, prepared, after=(State.HELD, State.UNKNOWN)) == Sent()


def test_one_person_named_twice_gets_one_letter_and_nobody_gets_none(
    desk_of: DeskOf, alice: Person, submission: Submission
) -> None:
    desk = desk_of(alice)
    with pytest.raises(errors.NoRecipients):
        sent(desk, draft(to=()))
    sent(desk, draft(to=(DANA,), cc=(DANA,), bcc=(DANA, Address("", "x@bücher.example"))))
    assert submission.accepted[0].recipients == ("dana@example.net", "x@xn--bcher-kva.example")


@pytest.mark.parametrize(
    "given", [{"subject": "a\r\nBcc: x@y.example"}, {"subject": "a\0"}, {"message_id": "<a\r\nX: y>"}]
)
def test_r10_unsafe_text_is_refused_before_anything_is_asked(
    desk_of: DeskOf, alice: Person, submission: Submission, given: dict[str, str]
) -> None:
    with pytest.raises(errors.UnsafeText):
        sent(desk_of(alice), draft(**given))
    assert submission.accepted == []
