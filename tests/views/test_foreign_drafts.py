"""Drafts that another program began: they open, and keep what we do not understand."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

import pytest

from tests.servers.application import Visitor
from tests.servers.people import Person, letter
from tests.servers.submission import Submission
from tests.views.saves import Tab
from tests.views.test_compose import DATA, files, parsed
from tests.views.test_message import PNG
from tests.views.test_saving import lesser, words

__all__ = ["lesser"]


def thunderbird() -> bytes:
    html = '<html><body><p>Dear <b>Bob</b>,</p><p><img src="cid:pic@1">words</p></body></html>'
    message = EmailMessage(policy=SMTP)
    message["X-Mozilla-Draft-Info"] = "internal/draft; vcard=0; receipt=0; DSN=0; uuencode=0"
    message["X-Identity-Key"] = "id1"
    message["Fcc"] = "imap://alice%40example.org@localhost/Sent"
    message["Message-ID"], message["Subject"] = "<tb@example.org>", "From Thunderbird"
    message["From"], message["To"] = "alice@example.org", "Bob <bob@example.org>"
    message.set_content(html, "html")
    message.add_related(PNG, "image", "png", cid="<pic@1>", filename="pic.png", disposition="inline")
    message.make_mixed()
    message.add_attachment(DATA, "application", "pdf", filename="plan.pdf")
    return message.as_bytes()


def apple() -> bytes:
    message = EmailMessage(policy=SMTP)
    message["X-Uniform-Type-Identifier"] = "com.apple.mail-draft"
    message["X-Universally-Unique-Identifier"] = "0F5D8A44-1111-4222-8333-444455556666"
    message["Message-Id"], message["Subject"] = "<0F5D8A44@example.org>", "From Mail"
    message["From"], message["To"] = "alice@example.org", "bob@example.org"
    message.set_content("Dear Bob,\n\nwords\n")
    message.add_alternative("<html><body>Dear <b>Bob</b>,<br><br>words</body></html>", "html")
    return message.as_bytes()


def outlook() -> bytes:
    """One HTML part, no Message-ID, and fields that nobody knows."""
    return (
        b"From: alice@example.org\r\nTo: bob@example.org\r\nSubject: From Outlook\r\nX-Unsent: 1\r\nThread-Index: AdX=="
        b"\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=iso-8859-1\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n<html><body><p>Gr=FC=DFe</p></body></html>\r\n"
    )


KNOWN = {
    "thunderbird": (thunderbird, {"X-Mozilla-Draft-Info", "X-Identity-Key", "Fcc"}, {"plan.pdf": DATA}, PNG),
    "apple": (apple, {"X-Uniform-Type-Identifier", "X-Universally-Unique-Identifier"}, {}, b""),
    "outlook": (outlook, {"X-Unsent", "Thread-Index"}, {}, b""),
}


@pytest.mark.parametrize("program", KNOWN)
def test_a_draft_of_another_program_keeps_what_we_do_not_understand(
    visitor: Visitor, alice: Person, program: str, lesser: str
) -> None:
    make, names, attached, picture = KNOWN[program]
    before = parsed(make())
    uid = alice.append(make(), "Drafts", ["\\Draft"])
    visitor.sign_in(alice)
    tab = Tab(visitor, f"/m/Drafts/{alice.uidvalidity('Drafts')}.{uid}/edit")
    assert "gave this draft its formatting" in visitor.text
    for round_ in range(3):
        assert tab.save(subject=f"Mine {round_}", cc="dana@example.net") == 200, tab.text
        [draft] = alice.messages("Drafts")
        now = parsed(draft.raw)
        for name in names:
            assert now[name] == before[name], name
        html, was = now.get_body(("html",)), before.get_body(("html",))
        assert html is not None
        assert was is not None
        assert html.get_content() == was.get_content()
        assert attached.items() <= files(now).items()
        assert not picture or any(part.get_payload(decode=True) == PNG for part in now.walk())
        assert now["Subject"] == f"Mine {round_}"
    # And now somebody changes a word.
    assert tab.save(body="Dear Bob, plain words") == 200
    [draft] = alice.messages("Drafts")
    now = parsed(draft.raw)
    assert now.get_body(("html",)) is None
    assert words(draft.raw) == "Dear Bob, plain words"
    assert attached.items() <= files(now).items()
    assert not picture or any(part.get_payload(decode=True) == PNG for part in now.walk()), "as a file"
    [kept] = alice.messages("Trash")
    assert parsed(kept.raw).get_body(("html",)) is not None
    assert tab.save(body="Dear Bob, more plain words") == 200
    assert len(alice.messages("Trash")) == 1


def test_fields_without_end_of_another_program_are_bounded(visitor: Visitor, alice: Person) -> None:
    many = "".join(f"X-Field-{number}: {'y' * 900}\r\n" for number in range(200))
    uid = alice.append(letter("Many", extra=many + "Dkim-Signature: x\r\nReceived: from y\r\n"), "Drafts")
    visitor.sign_in(alice)
    tab = Tab(visitor, f"/m/Drafts/{alice.uidvalidity('Drafts')}.{uid}/edit")
    assert tab.save(body="words") == 200
    [draft] = alice.messages("Drafts")
    header = draft.raw.partition(b"\r\n\r\n")[0]
    assert len(header) < 20_000
    assert b"X-Field-3:" in header
    assert b"Received:" not in header
    assert b"Dkim" not in header


def body_of(raw: bytes) -> bytes:
    """The octets of what stands before the files."""
    whole, body = parsed(raw), raw.partition(b"\r\n\r\n")[2]
    if whole.get_content_type() == "multipart/mixed":
        body = body.split(f"--{whole.get_boundary()}".encode())[1].partition(b"\r\n\r\n")[2]
    return body.strip()


@pytest.mark.parametrize("program", KNOWN)
def test_a_draft_of_another_program_is_sent_with_its_looks_as_long_as_the_words_stay(
    visitor: Visitor, alice: Person, submission: Submission, program: str
) -> None:
    make, names, attached, _ = KNOWN[program]
    begun = make()
    uid = alice.append(begun, "Drafts", ["\\Draft"])
    visitor.sign_in(alice)
    visitor.get(f"/m/Drafts/{alice.uidvalidity('Drafts')}.{uid}/edit")
    assert "It stays, and is sent, as long as the words stay" in visitor.text
    visitor.send(visitor.form("/write"), do="send", to="bob@example.org", subject="Mine")
    [taken] = submission.accepted
    [sent] = alice.messages("Sent")
    for raw in (taken.raw, sent.raw):
        assert body_of(raw) == body_of(begun), "octet for octet"
        now, was = parsed(raw).get_body(("html",)), parsed(begun).get_body(("html",))
        assert now is not None
        assert was is not None
        assert now.get_content() == was.get_content()
        assert files(parsed(raw)) == files(parsed(begun))
        assert attached.items() <= files(parsed(raw)).items()
    assert parsed(taken.raw)["Subject"] == "Mine"
    assert not any(name in parsed(taken.raw) for name in names), "its writer's own fields stay at home"
    assert alice.messages("Drafts") == []
    assert alice.messages("Trash") == []


def test_changed_words_go_out_plain_with_the_pictures_as_files_and_the_looks_are_in_trash(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    uid = alice.append(thunderbird(), "Drafts", ["\\Draft"])
    visitor.sign_in(alice)
    visitor.get(f"/m/Drafts/{alice.uidvalidity('Drafts')}.{uid}/edit")
    visitor.send(visitor.form("/write"), do="send", body="Dear Bob, plain words")
    [taken] = submission.accepted
    assert parsed(taken.raw).get_body(("html",)) is None
    assert words(taken.raw) == "Dear Bob, plain words"
    assert files(parsed(taken.raw)) == {"pic.png": PNG, "plan.pdf": DATA}
    [kept] = alice.messages("Trash")
    assert b"<b>Bob</b>" in kept.raw
    assert alice.messages("Drafts") == []


def test_looks_that_servers_do_not_pass_on_as_they_are_go_as_the_editor_takes_them_up(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    long = b"<p>" + b"<b>word</b> " * 200 + b"</p>"
    raw = (
        b"From: alice@example.org\r\nTo: bob@example.org\r\nSubject: Long\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + long + b"\r\n"
    )
    uid = alice.append(raw, "Drafts", ["\\Draft"])
    visitor.sign_in(alice)
    visitor.get(f"/m/Drafts/{alice.uidvalidity('Drafts')}.{uid}/edit")
    visitor.send(visitor.form("/write"), do="send")
    [taken] = submission.accepted
    html = parsed(taken.raw).get_body(("html",))
    assert html is not None
    assert html.get_content().count("<b>word</b>") == 200
    assert all(len(line) <= 998 for line in taken.raw.split(b"\r\n"))
    assert len(alice.messages("Trash")) == 1, "what may say more is not removed for good"


def test_a_body_that_cannot_be_told_from_its_files_says_beforehand_that_it_becomes_plain(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "alice@example.org", "bob@example.org", "Between"
    message.set_content("<p>one</p>", "html")
    message.make_mixed()
    message.add_attachment(DATA, "application", "pdf", filename="plan.pdf")
    message.attach(parsed(b"Content-Type: text/html\r\n\r\n<p>two</p>\r\n"))
    uid = alice.append(message.as_bytes(), "Drafts", ["\\Draft"])
    visitor.sign_in(alice)
    visitor.get(f"/m/Drafts/{alice.uidvalidity('Drafts')}.{uid}/edit")
    assert "Saved or sent from here, it becomes plain text" in visitor.text
    visitor.send(visitor.form("/write"), do="send")
    assert files(parsed(submission.accepted[0].raw)) == {"plan.pdf": DATA}
    assert len(alice.messages("Trash")) == 1
