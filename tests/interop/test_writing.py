"""Drafts, sending and answering: what arrives, what is filed, what is marked."""

from __future__ import annotations

import io

from tests.interop.device import Device
from tests.interop.letters import DATA, plain, with_file
from tests.interop.pages import folders, link, open_row, press, url
from tests.servers.application import Visitor
from tests.views.test_compose import files, parsed


def test_saving_a_draft(visitor: Visitor, phone: Device) -> None:
    visitor.sign_in(phone.person)
    save(visitor, subject="Plan", bcc="x@example.net", body="Half a sentence")
    assert "Saved in Drafts" in visitor.text
    [draft] = phone.stored("Drafts")
    assert draft.flags >= {"\\Draft", "\\Seen"}
    assert draft.header("Bcc") == "x@example.net"
    visitor.get("/m/INBOX")
    assert folders(visitor)["Drafts"] == phone.folder("Drafts")


def test_editing_a_draft(visitor: Visitor, phone: Device) -> None:
    """Opened again from the Drafts folder; saving leaves one draft."""
    visitor.sign_in(phone.person)
    save(visitor, subject="Plan", body="First words", att=(io.BytesIO(DATA), "plan.bin"))
    visitor.get(url(phone, "Drafts"))
    open_row(visitor, "Plan")
    visitor.get(link(visitor, r'href="([^"]+)"[^>]*>(?:(?!</a>).)*Go on writing'))
    form = visitor.form("/write")
    assert (form.value("subject"), form.value("body").strip()) == ("Plan", "First words")
    visitor.send(form, do="save", body="Second words")
    [draft] = phone.stored("Drafts")
    assert b"Second words" in draft.raw
    assert files(parsed(draft.raw)) == {"plan.bin": DATA}


def test_discarding_a_draft(visitor: Visitor, phone: Device) -> None:
    visitor.sign_in(phone.person)
    save(visitor, subject="One", body="Keep")
    save(visitor, subject="Two", body="Throw away")
    visitor.send(visitor.form("/write"), do="discard")
    assert phone.subjects("Drafts") == ["One"]


def test_sending_a_draft(visitor: Visitor, phone: Device, friend: Device) -> None:
    visitor.sign_in(phone.person)
    save(visitor, to=friend.address, subject="Plan", body="Words")
    visitor.send(visitor.form("/write"), do="send")
    assert (phone.subjects("Drafts"), phone.subjects("Sent"), friend.subjects()) == ([], ["Plan"], ["Plan"])


def test_sending_with_a_file(visitor: Visitor, phone: Device, friend: Device) -> None:
    """The copy is in Sent exactly once, read, with Bcc; sending the same form again sends nothing."""
    visitor.sign_in(phone.person)
    visitor.get("/write")
    form = visitor.form("/write")
    words = {"to": friend.address, "bcc": "hidden@example.net", "subject": "Grüße 漢字", "body": "Dear\n.\nFrom me"}
    visitor.send(form, do="send", **words, att=(io.BytesIO(DATA), "räksmörgås.bin"))
    assert "Sent." in visitor.text
    [copy] = phone.stored("Sent")
    assert copy.flags == {"\\Seen"}
    assert parsed(copy.raw)["Bcc"] == "hidden@example.net"
    [arrived] = friend.stored()
    assert parsed(arrived.raw)["Subject"] == "Grüße 漢字"
    assert files(parsed(arrived.raw)) == files(parsed(copy.raw)) == {"räksmörgås.bin": DATA}
    assert b"hidden@" not in arrived.raw
    visitor.send(form, do="send", **words)
    assert "not sent twice" in visitor.text
    assert (len(phone.stored("Sent")), len(friend.stored())) == (1, 1)
    assert folders(visitor)["Sent"] == phone.folder("Sent")


def test_answering(visitor: Visitor, phone: Device, friend: Device) -> None:
    """\\Answered is on the original, and is still there after it was archived."""
    uid = phone.put(plain("Lunch?", "Tomorrow at noon?\n", sender=f"Friend <{friend.address}>", to=phone.address))
    asked = phone.stored()[0].header("Message-ID")
    visitor.sign_in(phone.person)
    visitor.get(url(phone, rest=f"/{phone.pick(uid)}/reply"))
    form = visitor.form("/write")
    assert friend.address in form.value("to")
    assert "> Tomorrow at noon?" in form.value("body")
    visitor.send(form, do="send")
    [arrived] = friend.stored()
    assert arrived.header("Subject") == "Re: Lunch?"
    assert arrived.header("In-Reply-To") == asked
    assert "\\Answered" in phone.flags(uid)
    press(visitor, phone, "archive", [phone.pick(uid)])
    assert "\\Answered" in phone.stored("Archive")[0].flags


def test_passing_on_with_its_file(visitor: Visitor, phone: Device, friend: Device) -> None:
    uid = phone.put(with_file("The chairs"))
    visitor.sign_in(phone.person)
    visitor.get(url(phone, rest=f"/{phone.pick(uid)}/forward"))
    visitor.send(visitor.form("/write"), do="send", to=friend.address)
    [arrived] = friend.stored()
    assert arrived.header("Subject") == "Fwd: The chairs"
    assert files(parsed(arrived.raw)) == {"Stühle.ods": DATA}
    assert ("$Forwarded" in phone.flags(uid)) == phone.keeps_keywords()


def save(visitor: Visitor, **words: object) -> None:
    """A new letter, saved."""
    visitor.get("/write")
    visitor.send(visitor.form("/write"), do="save", **words)
