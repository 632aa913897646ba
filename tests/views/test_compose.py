"""Writing: what reaches the others, what is filed and marked, and that nothing typed is lost when it fails."""

from __future__ import annotations

import email
import io
from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage, Message
from email.policy import SMTP, default

import pytest
from flask import Flask

from tests.servers.application import Visitor
from tests.servers.dovecot import Dovecot
from tests.servers.people import Person, letter
from tests.servers.proxy import Proxy
from tests.servers.submission import Submission
from webmail.config import Settings

DATA = bytes(range(256)) * 40


def parsed(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def files(message: Message) -> dict[str | None, bytes]:
    return {part.get_filename(): part.get_payload(decode=True) for part in message.walk() if part.get_filename()}  # type: ignore[misc]


def write(visitor: Visitor, **values: object) -> None:
    visitor.get("/write")
    visitor.send(visitor.form("/write"), **({"do": "send"} | values))


def test_a_letter_reaches_bob_and_sent_holds_the_copy(
    visitor: Visitor, alice: Person, bob: Person, submission: Submission
) -> None:
    visitor.sign_in(alice)
    write(visitor, to="Bob <bob@example.org>", cc="x@example.net", bcc="hidden@example.net", subject="Grüße 漢字",
        body="Dear Bob,\n\n  indented\nFrom here on\n.\n-- \nAlice")  # fmt: skip
    assert visitor.path == "/m/INBOX"
    assert "Sent." in visitor.text
    [taken] = submission.accepted
    assert taken.sender == alice.address
    assert set(taken.recipients) == {"bob@example.org", "x@example.net", "hidden@example.net"}
    assert b"hidden@" not in taken.raw
    message = parsed(taken.raw)
    assert message["Subject"] == "Grüße 漢字"
    assert message["Message-ID"].endswith("@example.org>")
    assert message["Date"]
    assert message.get_content_type() == "text/plain"
    assert message["Content-Type"].params["format"] == "flowed"
    assert "  indented" in message.get_content()
    [stored] = bob.messages()
    assert stored.raw.endswith(taken.raw[-40:])
    [copy] = alice.messages("Sent")
    assert copy.flags == {"\\Seen"}
    assert parsed(copy.raw)["Bcc"] == "hidden@example.net"
    assert parsed(copy.raw)["Message-ID"] == message["Message-ID"]


def test_a_reply_quotes_threads_and_marks_the_original(
    visitor: Visitor, alice: Person, bob: Person, submission: Submission
) -> None:
    uid = alice.append(
        letter("Lunch?", sender="Bob <bob@example.org>", message_id="<one@example.org>", text="Tomorrow at noon?\r\n",
            extra="References: <zero@example.org>\r\n")
    )  # fmt: skip
    visitor.sign_in(alice)
    visitor.get(f"/m/INBOX/{alice.uidvalidity()}.{uid}/reply")
    form = visitor.form("/write")
    assert "bob@example.org" in form.value("to")
    assert form.value("subject") == "Re: Lunch?"
    assert "> Tomorrow at noon?" in form.value("body")
    visitor.send(form, do="send", att=(io.BytesIO(DATA), "räksmörgås.bin", "application/octet-stream"))
    message = parsed(submission.accepted[0].raw)
    assert message["In-Reply-To"] == "<one@example.org>"
    assert message["References"] == "<zero@example.org> <one@example.org>"
    assert files(message) == {"räksmörgås.bin": DATA}
    assert "\\Answered" in alice.flags(uid)


def test_reply_to_all_leaves_the_writer_out(visitor: Visitor, alice: Person) -> None:
    uid = alice.append(letter("Plan", sender="bob@example.org", to="alice@example.org, Dana <dana@example.net>",
        extra="Cc: Eve <eve@example.net>\r\n"))  # fmt: skip
    visitor.sign_in(alice)
    visitor.get(f"/m/INBOX/{alice.uidvalidity()}.{uid}/reply-all")
    form = visitor.form("/write")
    everybody = form.value("to") + form.value("cc")
    for address in ("bob@example.org", "dana@example.net", "eve@example.net"):
        assert address in everybody
    assert "alice@example.org" not in everybody


def test_a_forward_takes_the_files_along_and_marks_forwarded(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "bob@example.org", "alice@example.org", "Report"
    message.set_content("Here it is.")
    message.add_attachment(DATA, "application", "pdf", filename="report.pdf")
    message.add_attachment(b"two", "application", "zip", filename="two.zip")
    uid = alice.append(message.as_bytes())
    visitor.sign_in(alice)
    visitor.get(f"/m/INBOX/{alice.uidvalidity()}.{uid}/forward")
    form = visitor.form("/write")
    assert form.value("subject") == "Fwd: Report"
    assert "Here it is." in form.value("body")
    visitor.send(form, do="send", to="x@example.net", keep=[v for k, v in form.fields if k == "keep"][:1])
    assert files(parsed(submission.accepted[0].raw)) == {"report.pdf": DATA}
    assert "$Forwarded" in alice.flags(uid)


def test_an_html_letter_is_quoted_as_text_of_its_cleaned_form(visitor: Visitor, alice: Person) -> None:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "bob@example.org", "alice@example.org", "News"
    message.set_content(
        "<p>Hello</p><script>evil()</script><p style='display:none'>hidden order</p><p>World</p>", "html"
    )
    uid = alice.append(message.as_bytes())
    visitor.sign_in(alice)
    visitor.get(f"/m/INBOX/{alice.uidvalidity()}.{uid}/reply")
    body = visitor.form("/write").value("body")
    assert "> Hello" in body
    assert "evil" not in body


@pytest.mark.parametrize(
    ("to", "says"),
    [
        ("reject@example.net", "User unknown"),
        ("datafail@example.net", "refused"),
        ("not an address", "not an address"),
        ("", "no recipient"),
    ],
)
def test_what_is_refused_brings_everything_back_and_sends_nothing(
    visitor: Visitor, alice: Person, submission: Submission, to: str, says: str
) -> None:
    visitor.sign_in(alice)
    write(visitor, to=to, cc="", subject="Kept", body="All of\nthis", att=(io.BytesIO(DATA), "kept.bin"))
    assert visitor.status >= 400
    assert says.lower() in visitor.text.lower()
    form = visitor.form("/write")
    assert form.value("to") == to
    assert (form.value("subject"), form.value("body")) == ("Kept", "All of\nthis")
    assert submission.accepted == []
    assert alice.messages("Sent") == []
    [draft] = alice.messages("Drafts")
    assert files(parsed(draft.raw)) == {"kept.bin": DATA}
    visitor.send(form, do="send", to="bob@example.org")
    assert files(parsed(submission.accepted[0].raw)) == {"kept.bin": DATA}
    assert alice.messages("Drafts") == []


def test_one_bad_recipient_of_two_is_named_and_the_other_gets_it(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    visitor.sign_in(alice)
    write(visitor, to="reject@example.net, bob@example.org", subject="Two", body="x")
    assert "refused reject@example.net" in visitor.text
    assert submission.accepted[0].recipients == ("bob@example.org",)


def test_a_dead_submission_server_loses_nothing(
    settings: Settings, make_app: Callable[[Settings], Flask], alice: Person
) -> None:
    visitor = Visitor(make_app(replace(settings, smtp_port=1)))
    visitor.sign_in(alice)
    write(visitor, to="bob@example.org", subject="Kept", body="Body")
    assert visitor.status == 502
    assert visitor.form("/write").value("body") == "Body"
    assert "in Drafts" in visitor.text
    assert len(alice.messages("Drafts")) == 1


def test_lost_after_the_final_dot_is_told_honestly_and_not_repeated(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    visitor.sign_in(alice)
    write(visitor, to="drop@example.net", subject="Maybe", body="Body")
    assert "may have been sent" in visitor.text
    form = visitor.form("/write")
    assert [value for _, value, _ in form.buttons if value in ("sent", "again")] == ["sent", "again"]
    visitor.send(form, do="send")
    assert "may have been sent" in visitor.text, "Send alone is no answer to that question"
    assert len(submission.accepted) == 1
    assert len(alice.messages("Drafts")) == 1
    visitor.send(visitor.form("/write"), do="sent")
    assert "Marked as sent." in visitor.text
    assert len(submission.accepted) == 1
    assert alice.messages("Drafts") == []
    assert [copy.header("Subject") for copy in alice.messages("Sent")] == ["Maybe"]


def test_one_that_may_have_been_sent_goes_again_only_when_told_and_keeps_its_message_id(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    visitor.sign_in(alice)
    write(visitor, to="vanish@example.net", subject="Maybe", body="Body")
    form = visitor.form("/write")
    visitor.send(form, do="again", to="bob@example.org")
    assert "Sent." in visitor.text
    [taken] = submission.accepted
    assert parsed(taken.raw)["Message-ID"] == form.value("message_id")
    assert alice.messages("Drafts") == []
    assert len(alice.messages("Sent")) == 1


def test_a_full_mailbox_says_so_before_anything_is_sent_and_does_not_stop_the_letter(
    another_dovecot: Callable[..., Dovecot], settings: Settings, make_app: Callable[[Settings], Flask],
    submission: Submission,
) -> None:  # fmt: skip
    server = another_dovecot(quota=40_000)
    alice = server.person(next(iter(server.people.values())))
    visitor = Visitor(make_app(replace(settings, imap_port=server.port)))
    visitor.sign_in(alice)
    write(visitor, to="bob@example.org", subject="Big", body="x" * 100, att=(io.BytesIO(b"z" * 80_000), "big.bin"))
    assert visitor.status == 507
    assert submission.accepted == []
    assert "Send without a copy" in visitor.text
    form = visitor.form("/write")
    assert form.value("body") == "x" * 100
    visitor.send(form, do="bare", att=(io.BytesIO(b"z" * 80_000), "big.bin"))
    assert "Sent. Its copy could not be put into Sent." in visitor.text
    [taken] = submission.accepted
    assert files(parsed(taken.raw)) == {"big.bin": b"z" * 80_000}


def test_a_full_mailbox_and_a_refusal_keep_the_text_in_the_form(
    another_dovecot: Callable[..., Dovecot], settings: Settings, make_app: Callable[[Settings], Flask],
    submission: Submission,
) -> None:  # fmt: skip
    server = another_dovecot(quota=40_000)
    alice = server.person(next(iter(server.people.values())))
    visitor = Visitor(make_app(replace(settings, imap_port=server.port)))
    visitor.sign_in(alice)
    write(visitor, to="reject@example.net", subject="Big", body="My words " * 9000)
    assert "only in this form" in visitor.text
    assert submission.accepted == []
    assert visitor.form("/write").value("body") == ("My words " * 9000)


def test_an_upload_over_the_limit_keeps_the_text(
    settings: Settings, make_app: Callable[[Settings], Flask], alice: Person, submission: Submission
) -> None:
    visitor = Visitor(make_app(replace(settings, upload_limit_mb=1)))
    visitor.sign_in(alice)
    write(visitor, to="bob@example.org", subject="Kept", body="Body", att=(io.BytesIO(b"x" * 3_000_000), "big.bin"))
    assert visitor.status == 413
    assert visitor.form("/write").value("body") == "Body"
    assert submission.accepted == []


def test_thirty_megabytes_with_the_usual_limit_is_a_clear_page(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    write(visitor, to="bob@example.org", subject="Kept", body="Body", att=(io.BytesIO(b"x" * 30_000_000), "big.bin"))
    assert visitor.status == 413
    assert "25 MB" in visitor.text
    assert visitor.form("/write").value("subject") == "Kept"


def test_sending_the_same_form_twice_sends_one_letter(visitor: Visitor, alice: Person, submission: Submission) -> None:
    visitor.sign_in(alice)
    visitor.get("/write")
    form = visitor.form("/write")
    for _ in range(2):
        visitor.send(form, do="send", to="bob@example.org", subject="Once", body="x")
    assert len(submission.accepted) == 1
    assert "not sent twice" in visitor.text
    assert len(alice.messages("Sent")) == 1


@pytest.mark.parametrize(
    "field", ["subject", "to", "cc", "bcc", "body", "message_id", "in_reply_to", "references", "mode"]
)
@pytest.mark.parametrize(
    "piece", ["\r\nBcc: evil@example.net", "\nX-Evil: 1", "\0", "\r", "=?utf-8?q?a=0D=0ABcc:_evil?=", "\u202e\u2066"]
)
def test_r10_line_breaks_in_any_field_make_no_header(
    visitor: Visitor, alice: Person, submission: Submission, field: str, piece: str
) -> None:
    visitor.sign_in(alice)
    values = {"to": "bob@example.org", "subject": "Plain", "body": "text"}
    values[field] = values.get(field, "") + piece
    write(visitor, **values)
    assert visitor.status < 500
    for taken in submission.accepted:
        assert set(taken.recipients) <= {"bob@example.org"} | (
            {"evil@example.net"} if field in ("to", "cc", "bcc") else set()
        )
        names = {name.lower() for name in parsed(taken.raw)} - ({"cc"} if field == "cc" else set())
        assert names <= {"from", "to", "subject", "date", "message-id", "mime-version", "content-type",
            "content-transfer-encoding", "in-reply-to", "references"}  # fmt: skip


def test_a_received_subject_that_decodes_to_a_header_stays_a_subject(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    uid = alice.append(letter("=?utf-8?q?a=0D=0ABcc:_evil@example.net?=", sender="bob@example.org"))
    visitor.sign_in(alice)
    visitor.get(f"/m/INBOX/{alice.uidvalidity()}.{uid}/reply")
    visitor.send(visitor.form("/write"), do="send")
    [taken] = submission.accepted
    assert taken.recipients == ("bob@example.org",)
    assert parsed(taken.raw)["Bcc"] is None


def test_r13_an_old_form_token_sends_nothing_and_keeps_the_text(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    visitor.sign_in(alice)
    visitor.get("/write")
    visitor.send(visitor.form("/write"), do="send", to="bob@example.org", body="My words", csrf_token="old")
    assert visitor.status == 400
    assert visitor.form("/write").value("body") == "My words"
    assert submission.accepted == []


def test_the_imap_server_dying_while_writing_keeps_the_text(
    settings: Settings, make_app: Callable[[Settings], Flask], alice: Person, dovecot: Dovecot,
    proxy: Callable[[int], Proxy], submission: Submission,
) -> None:  # fmt: skip
    between = proxy(dovecot.port)
    visitor = Visitor(make_app(replace(settings, imap_port=between.port, command_timeout=2, connect_timeout=2)))
    visitor.sign_in(alice)
    visitor.get("/write")
    form = visitor.form("/write")
    between.refuse()
    between.reset()
    visitor.send(form, do="send", to="bob@example.org", subject="Kept", body="My words")
    assert visitor.status in (502, 504)
    assert visitor.form("/write").value("body") == "My words"
    assert submission.accepted == []


def test_a_letter_whose_file_is_gone_does_not_go_out_without_it(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "bob@example.org", "alice@example.org", "Report"
    message.set_content("Here it is.")
    message.add_attachment(DATA, "application", "pdf", filename="report.pdf")
    uid = alice.append(message.as_bytes())
    visitor.sign_in(alice)
    visitor.get(f"/m/INBOX/{alice.uidvalidity()}.{uid}/forward")
    form = visitor.form("/write")
    alice.expunge(uid)
    visitor.send(form, do="send", to="x@example.net", body="My words")
    assert visitor.status == 409
    assert "A file of it is no longer where it was" in visitor.text
    assert submission.accepted == []
    assert visitor.form("/write").value("body") == "My words"
