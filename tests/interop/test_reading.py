"""Signing in, the folders, the list, and opening what lies there: the same sentences on every server."""

from __future__ import annotations

import re

from tests.interop.device import Device
from tests.interop.letters import DATA, PNG, newsletter, plain, with_file
from tests.interop.pages import folders, link, open_row, pane, subjects, unread, url
from tests.interop.servers import Place
from tests.servers.application import Visitor


def test_signing_in_opens_the_inbox(visitor: Visitor, phone: Device) -> None:
    """The password has a space, letters outside ASCII, a quote and a backslash."""
    visitor.sign_in(phone.person)
    assert visitor.path == "/m/INBOX"
    assert phone.address in visitor.text


def test_a_wrong_password_is_refused(visitor: Visitor, phone: Device) -> None:
    visitor.get("/login")
    visitor.send(visitor.form("/login"), user=phone.address, password="wrong")
    assert visitor.status == 401
    assert visitor.path == "/login"
    visitor.get("/m/INBOX")
    assert visitor.path.startswith("/login")


def test_folders_have_their_roles(visitor: Visitor, phone: Device, place: Place) -> None:
    """By what the server says of them, else by their names; each role once."""
    visitor.sign_in(phone.person)
    expected = {role: phone.folder(role) for role in place.kind.fresh}
    assert folders(visitor) == {"Inbox": "INBOX", **expected}


def test_folders_show_how_much_is_unread(visitor: Visitor, phone: Device) -> None:
    phone.put_all([plain("One"), plain("Two")])
    visitor.sign_in(phone.person)
    assert re.search(r"Inbox</span>.*?2<span class=\"vh\"> unread", visitor.html, re.DOTALL)


def test_names_in_every_script(visitor: Visitor, phone: Device) -> None:
    """Modified UTF-7 on the wire (RFC 3501 5.1.3)."""
    for name in ("Ärger", "日本語", "A & B"):
        phone.create(name)
        phone.put(plain(f"In {len(name)}"), name)
    visitor.sign_in(phone.person)
    for name in ("Ärger", "日本語", "A & B"):
        assert name in folders(visitor)
        visitor.get(url(phone, name))
        assert subjects(visitor) == [f"In {len(name)}"]


def test_a_folder_below_a_folder(visitor: Visitor, phone: Device) -> None:
    phone.create("Choir")
    below = f"Choir{phone.person.separator}Scores"
    phone.create(below)
    phone.put(plain("Ave verum"), below)
    visitor.sign_in(phone.person)
    assert folders(visitor)["Scores"] == phone.folder(below)
    visitor.get(url(phone, below))
    assert subjects(visitor) == ["Ave verum"]


def test_a_long_list_is_paged(visitor: Visitor, phone: Device) -> None:
    phone.put_all([plain(f"Number {n}") for n in range(65)])
    visitor.sign_in(phone.person)
    assert "1–50 of 65" in visitor.text
    assert subjects(visitor) == [f"Number {n}" for n in range(64, 14, -1)]
    visitor.get(link(visitor, r'href="([^"]+)"[^>]*rel="next"'))
    assert subjects(visitor) == [f"Number {n}" for n in range(14, -1, -1)]
    visitor.get(link(visitor, r'href="([^"]+)"[^>]*rel="prev"'))
    assert len(subjects(visitor)) == 50


def test_first_words_in_the_list(visitor: Visitor, phone: Device) -> None:
    phone.put(plain("Ferry", "The 07:40 is full.\n"))
    phone.put(newsletter("News"))
    visitor.sign_in(phone.person)
    assert "The 07:40 is full." in visitor.text
    assert "The news as text." in visitor.text


def test_unread_and_starred_alone(visitor: Visitor, phone: Device) -> None:
    phone.put(plain("Read"), flags=["\\Seen"])
    phone.put(plain("New"))
    phone.put(plain("Star"), flags=["\\Seen", "\\Flagged"])
    visitor.sign_in(phone.person)
    visitor.get(url(phone, rest="?only=unread"))
    assert subjects(visitor) == ["New"]
    visitor.get(url(phone, rest="?only=starred"))
    assert subjects(visitor) == ["Star"]


def test_a_plain_letter_opens_and_is_read(visitor: Visitor, phone: Device) -> None:
    uid = phone.put(plain("Minutes", "Where we met.\n"))
    visitor.sign_in(phone.person)
    assert unread(visitor, "Minutes")
    assert "\\Seen" not in phone.flags(uid)
    open_row(visitor, "Minutes")
    assert "Where we met." in pane(visitor)
    assert "\\Seen" in phone.flags(uid)
    visitor.get("/m/INBOX")
    assert not unread(visitor, "Minutes")


def test_an_html_letter_opens_cleaned(visitor: Visitor, phone: Device) -> None:
    phone.put(newsletter("News"))
    visitor.sign_in(phone.person)
    open_row(visitor, "News")
    assert "1 remote image is hidden" in visitor.text
    visitor.get(link(visitor, r'<iframe[^>]* src="([^"]+)"'))
    assert "<b>fancy</b>" in visitor.html
    assert "alert" not in visitor.html
    answer = visitor.get(link(visitor, r'<img[^>]* src="([^"]+)"'))
    assert answer.data == PNG


def test_an_attachment_is_downloaded(visitor: Visitor, phone: Device) -> None:
    phone.put(with_file("The chairs"))
    visitor.sign_in(phone.person)
    open_row(visitor, "The chairs")
    assert "Stühle.ods" in pane(visitor)
    answer = visitor.get(link(visitor, r'<a class="ib" href="([^"]+)" download>.*?Download Stühle'))
    assert answer.data == DATA
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_the_source_and_the_file_of_a_letter(visitor: Visitor, phone: Device) -> None:
    raw = plain("Odd one", "A line.\n")
    pick = phone.pick(phone.put(raw))
    visitor.sign_in(phone.person)
    visitor.get(url(phone, rest=f"/{pick}/source.txt"))
    assert "Subject: Odd one" in visitor.text
    assert visitor.get(url(phone, rest=f"/{pick}/eml")).data == raw
