"""Drafts: saved, taken up again, sent, discarded, and met in two windows."""

from __future__ import annotations

import io

from tests.servers.application import Visitor
from tests.servers.people import Person, letter
from tests.servers.submission import Submission
from tests.views.test_compose import DATA, files, parsed


def test_a_draft_is_saved_taken_up_and_sent_as_an_answer(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    uid = alice.append(letter("Lunch?", sender="bob@example.org", message_id="<one@example.org>"))
    visitor.sign_in(alice)
    visitor.get(f"/m/INBOX/{alice.uidvalidity()}.{uid}/reply")
    visitor.send(visitor.form("/write"), do="save", bcc="x@example.net", body="Half a",
        att=(io.BytesIO(DATA), "a.bin"))  # fmt: skip
    assert "Saved in Drafts" in visitor.text
    [draft] = alice.messages("Drafts")
    assert {"\\Draft", "\\Seen"} <= draft.flags
    form = visitor.form("/write")
    assert form.value("body") == "Half a"
    visitor.send(
        form,
        do="save",
        body="Half a sentence that goes on for quite a while so that it has to be folded somewhere. " * 3,
    )
    assert len(alice.messages("Drafts")) == 1
    form = visitor.form("/write")
    assert form.value("bcc") == "x@example.net"
    assert form.value("body").startswith(
        "Half a sentence that goes on for quite a while so that it has to be folded somewhere."
    )
    assert "\n" not in form.value("body").strip()
    visitor.send(form, do="send")
    assert alice.messages("Drafts") == []
    message = parsed(submission.accepted[0].raw)
    assert message["In-Reply-To"] == "<one@example.org>"
    assert not [name for name in message if name.lower().startswith("x-")]
    assert files(message) == {"a.bin": DATA}
    assert "\\Answered" in alice.flags(uid)


def test_a_kept_file_can_be_taken_off_and_a_draft_discarded(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    visitor.get("/write")
    visitor.send(visitor.form("/write"), do="attach", subject="Two files",
        att=[(io.BytesIO(b"one"), "one.bin"), (io.BytesIO(b"two"), "two.bin")])  # fmt: skip
    form = visitor.form("/write")
    keep = [value for name, value in form.fields if name == "keep"]
    assert len(keep) == 2
    visitor.send(form, detach=keep[0])
    [draft] = alice.messages("Drafts")
    assert files(parsed(draft.raw)) == {"two.bin": b"two"}
    visitor.send(visitor.form("/write"), do="discard")
    assert alice.messages("Drafts") == []
    assert "discarded" in visitor.text


def test_discarding_never_removes_what_is_no_draft(visitor: Visitor, alice: Person) -> None:
    uid = alice.append(letter("Keep me"))
    visitor.sign_in(alice)
    visitor.get("/write")
    visitor.send(visitor.form("/write"), do="discard", draft=f"INBOX/{alice.uidvalidity()}.{uid}")
    assert len(alice.messages()) == 1


def test_going_back_to_a_draft_that_was_sent_says_so(visitor: Visitor, alice: Person, submission: Submission) -> None:
    visitor.sign_in(alice)
    visitor.get("/write")
    visitor.send(visitor.form("/write"), do="save", to="bob@example.org", subject="Draft")
    edit = visitor.path
    visitor.send(visitor.form("/write"), do="send")
    visitor.get(edit)
    assert visitor.path == "/m/Drafts"
    assert "This draft was sent, discarded or saved again" in visitor.text


def test_newer_words_in_another_window_stay_in_drafts_when_the_letter_was_sent_already(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    visitor.sign_in(alice)
    visitor.get("/write")
    visitor.send(visitor.form("/write"), do="save", to="bob@example.org", subject="One", body="First words")
    first = visitor.form("/write")
    visitor.send(first, do="send")
    visitor.send(first, do="save", body="Newer words")
    visitor.send(visitor.form("/write"), do="send")
    assert "not sent twice" in visitor.text
    assert len(submission.accepted) == 1
    assert any(b"Newer words" in draft.raw for draft in alice.messages("Drafts"))
