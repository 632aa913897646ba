"""Writing, as far as it is about people: lists, files that are whole letters, blind copies, questions, refusals."""

from __future__ import annotations

import io
from email import message_from_bytes
from email.message import Message

import pytest

from tests.servers.application import Visitor, forms_of
from tests.servers.people import Person, letter
from tests.servers.submission import Submission

LIST = "List-Post: <mailto:talk@lists.example>\r\nReply-To: talk@lists.example\r\n"


def open_mode(visitor: Visitor, person: Person, uid: int, mode: str, mailbox: str = "INBOX") -> None:
    visitor.sign_in(person)
    visitor.get(f"/m/{mailbox}/{person.uidvalidity(mailbox)}.{uid}/{mode}")


def inner(raw: bytes) -> Message:
    part = next(part for part in message_from_bytes(raw).walk() if part.get_content_type() == "message/rfc822")
    found = part.get_payload(0)
    assert isinstance(found, Message)
    return found


def test_a_list_gets_an_answer_of_its_own(visitor: Visitor, alice: Person, submission: Submission) -> None:
    uid = alice.append(letter("WG: Re: Plan", sender="bob@example.org", to="talk@lists.example", extra=LIST))
    visitor.sign_in(alice)
    visitor.get(f"/m/INBOX/{alice.uidvalidity()}.{uid}")
    assert "Reply to list" in visitor.text
    open_mode(visitor, alice, uid, "reply")
    assert visitor.form("/write").value("to") == "bob@example.org"
    open_mode(visitor, alice, uid, "reply-list")
    assert "<h1>Reply to list</h1>" in visitor.html
    form = visitor.form("/write")
    assert (form.value("to"), form.value("subject")) == ("talk@lists.example", "Re: Plan")
    visitor.send(form, do="send")
    assert submission.accepted[0].recipients == ("talk@lists.example",)
    assert "\\Answered" in alice.flags(uid)


def test_a_letter_without_a_list_offers_no_answer_to_one(visitor: Visitor, alice: Person) -> None:
    uid = alice.append(letter(extra="List-Post: NO\r\n"))
    visitor.sign_in(alice)
    visitor.get(f"/m/INBOX/{alice.uidvalidity()}.{uid}")
    assert "Reply to list" not in visitor.text


@pytest.mark.parametrize("by_draft", [False, True])
def test_a_letter_goes_along_whole_but_for_its_blind_copies(
    visitor: Visitor, alice: Person, submission: Submission, by_draft: bool
) -> None:
    alice.create("Sent")
    raw = letter("Früher", extra="Bcc: secret@hidden.example\r\nX-Kept: yes\r\n", text="Grüße\r\n")
    raw = raw.replace("Früher".encode(), b"=?utf-8?q?Fr=C3=BCher?=")
    uid = alice.append(raw, "Sent")
    open_mode(visitor, alice, uid, "forward-eml", "Sent")
    form = visitor.form("/write")
    assert form.value("subject") == "Fwd: Früher"
    assert "Früher.eml" in visitor.text
    if by_draft:
        visitor.send(form, do="save", to="x@example.net", bcc="blind@example.net")
        form = visitor.form("/write")
        assert form.value("bcc") == "blind@example.net"
    visitor.send(form, do="send", to="x@example.net", bcc="blind@example.net", body="See the letter.")
    [taken] = submission.accepted
    assert set(taken.recipients) == {"x@example.net", "blind@example.net"}
    assert b"hidden.example" not in taken.raw
    assert b"blind@" not in taken.raw
    assert inner(taken.raw)["X-Kept"] == "yes"
    assert inner(taken.raw).get_payload(decode=True) == "Grüße\r\n".encode()
    assert "$Forwarded" in alice.flags(uid, "Sent")


def test_several_letters_go_along_whole_from_the_list(visitor: Visitor, alice: Person, submission: Submission) -> None:
    name = "Two words"
    alice.create(name)
    extra = "Bcc: secret@hidden.example\r\n"
    uids = [alice.append(letter(f"Number {n}", extra=extra), name) for n in range(3)]
    visitor.sign_in(alice)
    url = "/m/Two words"
    visitor.get(url)
    picks = [f"{alice.uidvalidity(name)}.{uid}" for uid in uids]
    visitor.send(visitor.form(f"{url}/do".replace(" ", "%20")), do="forward", uid=picks[:2])
    form = visitor.form("/write")
    assert form.value("subject") == "Fwd: 2 messages"
    assert "Number 0.eml" in visitor.text
    visitor.send(form, do="save", to="x@example.net")
    visitor.send(visitor.form("/write"), do="send")
    [taken] = submission.accepted
    parts = [part for part in message_from_bytes(taken.raw).walk() if part.get_content_type() == "message/rfc822"]
    assert [part.get_payload(0)["Subject"] for part in parts] == ["Number 0", "Number 1"]  # type: ignore[union-attr, index]
    assert b"hidden.example" not in taken.raw
    visitor.get(url)
    visitor.send(visitor.form(f"{url}/do".replace(" ", "%20")), do="forward", uid=picks[2:])
    assert visitor.path.endswith("/forward-eml")


def test_of_three_recipients_each_refusal_is_told_with_its_address(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    visitor.sign_in(alice)
    visitor.get("/write")
    visitor.send(visitor.form("/write"), do="send", subject="x", to="bob@example.org, reject@a.example",
        cc="reject@b.example")  # fmt: skip
    assert "The server refused reject@a.example, reject@b.example; everybody else will get it." in visitor.text
    assert submission.accepted[0].recipients == ("bob@example.org",)
    visitor.get("/write")
    visitor.send(visitor.form("/write"), do="send", subject="x", to="reject@a.example, notowned@b.example",
        bcc="tempfail@c.example")  # fmt: skip
    for address, words in (("reject@a", "User unknown"), ("notowned@b", "not owned"), ("tempfail@c", "Greylisted")):
        assert f"{address}.example" in visitor.text
        assert words in visitor.text
    assert len(submission.accepted) == 1


def test_a_foreign_domain_goes_out_in_ascii_and_comes_back_in_letters(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    visitor.sign_in(alice)
    visitor.get("/write")
    visitor.send(visitor.form("/write"), do="save", subject="x", to="Jürgen <j@bücher.example>; k@straße.example")
    form = visitor.form("/write")
    assert form.value("to") == "Jürgen <j@bücher.example>, k@straße.example"
    visitor.send(form, do="send")
    [taken] = submission.accepted
    assert taken.recipients == ("j@xn--bcher-kva.example", "k@xn--strae-oqa.example")
    assert b"<j@xn--bcher-kva.example>, k@xn--strae-oqa.example" in taken.raw.replace(b"\r\n ", b" ")


# --- questions ------------------------------------------------------------------------------------------------------


def test_a_letter_that_speaks_of_a_file_is_asked_about_once(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    visitor.sign_in(alice)
    visitor.get("/write")
    visitor.send(visitor.form("/write"), do="send", to="bob@example.org", body="The plan is attached.")
    assert visitor.status == 409
    assert "Not sent yet." in visitor.text
    assert "You wrote “attached”, but no file is attached. It has no subject." in visitor.text
    assert '<a class="btn" href="#write" autofocus' in visitor.html
    assert "Saved in Drafts" in visitor.text
    assert submission.accepted == []
    assert len(alice.messages("Drafts")) == 1
    form = visitor.form("/write")
    assert [value for name, value in form.fields if name == "asked"] == ["file", "subject"]
    # A new question may come, an old one does not.
    many = ", ".join(f"p{n}@example.net" for n in range(21))
    visitor.send(form, do="send", to=many)
    assert "21 people will see each other's addresses." in visitor.text
    assert "attached" not in visitor.text.split("Not sent yet.")[1].split("Go on writing")[0]
    visitor.send(visitor.form("/write"), do="send")
    assert "Sent." in visitor.text
    assert len(submission.accepted) == 1
    assert alice.messages("Drafts") == []


def test_a_file_that_came_with_the_question_is_not_lost(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    visitor.sign_in(alice)
    visitor.get("/write")
    visitor.send(visitor.form("/write"), do="send", to="bob@example.org", att=(io.BytesIO(b"data"), "plan.bin"))
    assert "It has no subject." in visitor.text
    assert "plan.bin" in visitor.text
    visitor.send(visitor.form("/write"), do="send")
    assert b"plan.bin" in submission.accepted[0].raw


def test_an_answer_to_all_names_those_one_never_wrote_with(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    alice.create("Sent")
    alice.append(letter(to="dana@example.net", sender=alice.address), "Sent")
    uid = alice.append(
        letter("Plan", sender="bob@example.org", to="alice@example.org, dana@example.net, eve@evil.example")
    )
    open_mode(visitor, alice, uid, "reply-all")
    visitor.send(visitor.form("/write"), do="send")
    assert "You answer to all, and never wrote with eve@evil.example." in visitor.text
    visitor.send(visitor.form("/write"), do="send")
    assert len(submission.accepted) == 1
    open_mode(visitor, alice, uid, "reply-all")
    form = visitor.form("/write")
    visitor.send(form, do="send", cc="dana@example.net")
    assert len(submission.accepted) == 2


# --- leaving a list by letter ---------------------------------------------------------------------------------------


def test_a_list_is_left_by_a_letter_that_its_reader_sends(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    """R22: the letter is seen before it goes, and nothing of it is hidden."""
    link = "mailto:leave+7@lists.example?subject=unsubscribe%20me&body=please%0D%0Athanks&bcc=spy@example.net"
    uid = alice.append(letter("News", extra=f"List-Unsubscribe: <{link}>\r\n"))
    visitor.sign_in(alice)
    visitor.get(f"/m/INBOX/{alice.uidvalidity()}.{uid}/unsubscribe")
    assert "leave+7@lists.example" in visitor.text
    visitor.send(visitor.form("/write"), do="save")
    assert submission.accepted == []
    form = visitor.form("/write")
    assert [form.value(n) for n in ("to", "bcc", "subject")] == ["leave+7@lists.example", "", "unsubscribe me"]
    assert "please" in form.value("body")
    visitor.send(form, do="send")
    assert "Sent." in visitor.text
    [taken] = submission.accepted
    assert taken.recipients == ("leave+7@lists.example",)
    assert b"Subject: unsubscribe me\r\n" in taken.raw
    assert alice.messages("Drafts") == []
    assert len(alice.messages("Sent")) == 1
    assert forms_of(visitor.html)
