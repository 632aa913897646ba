"""The settings page: what is chosen there is kept in the mailbox, shown on every page, and the same on every device."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from tests.servers.application import Visitor, forms_of
from tests.servers.dovecot import Dovecot
from tests.servers.people import ALICE, Person, letter
from tests.views.test_message import html_mail, open_first, pane
from tests.web.every import everything, token_of
from webmail.config import Settings
from webmail.imap.connection import Connection
from webmail.mail.preferences import SECTIONS, SHOWN

FOLDER = "Pennypost settings"


def choose(visitor: Visitor, **values: object) -> None:
    """Change fields of one section on the settings page, without script."""
    visitor.get("/settings")
    name = next(iter(values))
    form = next(f for f in forms_of(visitor.html) if any(key == f"was.{name}" for key, _ in f.fields))
    visitor.send(form, **values)


def switch(visitor: Visitor, on: str) -> None:
    """The button in the menu of a message."""
    assert f'formaction="/m/INBOX/conversations" name="on" value="{on}" data-keys="t"' in visitor.html
    visitor.send(visitor.form("/m/INBOX/do"), action="/m/INBOX/conversations", on=on, stay=stay_of(visitor))


def stay_of(visitor: Visitor) -> str:
    return visitor.path.split("?")[0].rpartition("/")[2]


def kept(person: Person) -> dict[str, object]:
    """What another IMAP client finds in the folder."""
    import email

    found: dict[str, object] = {}
    for message in person.messages(FOLDER):
        [_, part] = email.message_from_bytes(message.raw).get_payload()  # type: ignore[misc]
        found |= json.loads(part.get_payload(decode=True))["values"]  # type: ignore[union-attr, arg-type]
    return {key: value[0] for key, value in found.items()}  # type: ignore[index]


def test_every_setting_is_on_the_page_under_its_section_and_there_is_a_way_there(
    visitor: Visitor, alice: Person
) -> None:
    visitor.sign_in(alice)
    assert 'href="/settings" data-keys=","' in visitor.html
    visitor.get("/settings")
    for title in SECTIONS.values():
        assert title in visitor.text
    for option in SHOWN:
        assert option.label in visitor.text
        assert option.kind == "members" or f'name="{option.name}"' in visitor.html
    assert alice.mailboxes().count(FOLDER) == 0, "looking writes nothing"


def test_a_choice_is_kept_in_the_mailbox_and_shown_on_every_page_of_every_device(
    visitor: Visitor, app: Flask, alice: Person, make_app: Callable[[Settings], Flask], settings: Settings
) -> None:
    elsewhere = Visitor(make_app(replace(settings, state_dir=settings.state_dir + "-other")))
    elsewhere.sign_in(alice)
    assert "data-theme" not in elsewhere.html
    visitor.sign_in(alice)
    choose(visitor, theme="dark", density="compact", text_size="20")
    assert "Saved." in visitor.text
    assert kept(alice) == {"theme": "dark", "density": "compact", "text_size": 20}
    for page in ("/m/INBOX", "/settings", "/write", "/server"):
        visitor.get(page)
        assert '<html lang="en" data-theme="dark" data-density="compact" data-text="20">' in visitor.html, page
    same = Visitor(app)
    same.sign_in(alice)
    assert 'data-theme="dark"' in same.html, "another browser at the same site"
    elsewhere.get("/m/INBOX")
    elsewhere.get("/m/INBOX")
    assert 'data-theme="dark"' in elsewhere.html, "another site heard of it from the mail server"
    choose(visitor, theme="system")
    assert "data-theme" not in visitor.html
    assert FOLDER not in visitor.text


def test_the_same_where_the_server_keeps_notes_beside_the_mail(
    another_dovecot: Callable[..., Dovecot], make_app: Callable[[Settings], Flask], settings: Settings
) -> None:
    server = another_dovecot(notes=True)
    alice = server.person(ALICE)
    visitor, later = (
        Visitor(make_app(replace(settings, imap_port=server.port, state_dir=settings.state_dir + name)))
        for name in ("-one", "-two")
    )
    visitor.sign_in(alice)
    choose(visitor, theme="dark")
    choose(visitor, signature="Ana\nParis")
    assert FOLDER not in alice.mailboxes()
    later.sign_in(alice)
    assert 'data-theme="dark"' in later.html
    later.get("/settings")
    assert later.form("/settings").value("theme") == "dark"
    assert "Ana\nParis" in later.html


@pytest.mark.parametrize("notes", [False, True])
def test_a_page_costs_no_question_about_settings(
    another_dovecot: Callable[..., Dovecot], make_app: Callable[[Settings], Flask], settings: Settings, notes: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    server = another_dovecot(notes=notes)
    alice = server.person(ALICE)
    alice.append(letter("One"), flags=["\\Seen"])
    visitor = Visitor(make_app(replace(settings, imap_port=server.port)))
    visitor.sign_in(alice)
    choose(visitor, theme="dark")
    asked: list[bytes] = []
    command = Connection.command

    def note(conn: Connection, name: bytes, *args: bytes, **more: Any) -> Any:
        asked.append(b" ".join((name, *args[:2])))
        return command(conn, name, *args, **more)

    visitor.get("/m/INBOX")
    monkeypatch.setattr(Connection, "command", note)
    for _ in range(3):
        visitor.get("/m/INBOX")
        assert 'data-theme="dark"' in visitor.html
        open_link = visitor.html.partition('class="open" href="')[2].partition('"')[0]
        visitor.get(open_link)
    words = b"\n".join(asked)
    assert b"METADATA" not in words
    assert b"Pennypost" not in words


def test_a_page_that_was_open_for_long_takes_nothing_back(visitor: Visitor, app: Flask, alice: Person) -> None:
    visitor.sign_in(alice)
    visitor.get("/settings")
    old = next(f for f in forms_of(visitor.html) if any(key == "was.theme" for key, _ in f.fields))
    other = Visitor(app)
    other.sign_in(alice)
    choose(other, theme="dark")
    visitor.send(old, density="compact")
    assert kept(alice) == {"theme": "dark", "density": "compact"}


def test_what_cannot_be_is_refused_with_words_and_what_was_typed_stays(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    choose(visitor, signature="x" * 2001)
    assert visitor.status == 400
    assert "too long: at most 2000 characters" in visitor.text
    assert "x" * 2001 in visitor.html
    choose(visitor, theme="<script>")
    assert visitor.status == 400
    assert "none of the choices" in visitor.text
    assert "<script>" not in visitor.html.replace("<script type", "")
    token = {"csrf_token": token_of(visitor.html)}
    for remove in ("theme/x", "nothing/x", "image_senders/", "image_senders/" + "x" * 400):
        assert visitor.client.post("/settings", data=token | {"remove": remove}).status_code == 400
    assert FOLDER not in alice.mailboxes()


def test_on_a_shared_computer_nothing_is_written_and_all_of_it_holds_until_signing_out(
    visitor: Visitor, app: Flask, alice: Person
) -> None:
    own = Visitor(app)
    own.sign_in(alice)
    choose(own, theme="dark")
    before = everything(alice)
    visitor.sign_in(alice, shared="1")
    assert 'data-theme="dark"' in visitor.html, "they are read"
    visitor.get("/settings")
    assert "This is a shared computer: what you change here holds until you sign out" in visitor.text
    choose(visitor, theme="light", density="compact")
    assert 'data-theme="light" data-density="compact"' in visitor.html
    assert everything(alice) == before
    own.get("/m/INBOX")
    assert 'data-theme="dark"' in own.html
    visitor.send(visitor.form("/logout"))
    visitor.sign_in(alice, shared="1")
    assert 'data-theme="dark"' in visitor.html


HOSTILE = b"""{"pennypost-settings": 1, "values": {"theme": ["<script>", 5], "text_size": ["9\\" onload=x", 5],
"density": [{}, 1], "display_name": ["a\\r\\nBcc: b@x.org", 3], "signature": ["<i>hi", 9],
"conversation_in/\\"><i>": [true, 1], "image_senders/<i>@x.org": [true, 1]}}"""


@pytest.mark.parametrize("octets", [b"{", b"\xff", HOSTILE])
def test_r29_a_hostile_note_breaks_no_page(visitor: Visitor, alice: Person, octets: bytes) -> None:
    from base64 import encodebytes

    alice.create(FOLDER)
    body = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nhi\r\n--b\r\nContent-Type: application/json'
    body += b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encodebytes(octets) + b"\r\n--b--\r\n"
    alice.append(b"Subject: x\r\nMIME-Version: 1.0\r\n" + body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), FOLDER)
    alice.append(letter("Hello"))
    open_first(visitor, alice)
    for page in (visitor.path, "/m/INBOX", "/settings", "/write"):
        visitor.get(page)
        assert visitor.status == 200
        assert '<html lang="en">' in visitor.html
        assert "<i>" not in visitor.html
        assert "Bcc: b@" not in visitor.html


def test_the_letters_of_a_folder_are_shown_one_by_one_by_a_button_and_that_is_kept(
    visitor: Visitor, alice: Person
) -> None:
    alice.append(letter("Plan", message_id="<1@x>"))
    alice.append(letter("Re: Plan", message_id="<2@x>", extra="References: <1@x>\r\n"))
    open_first(visitor, alice)
    assert "2 letters in this conversation" in visitor.text
    where = visitor.path
    switch(visitor, on="0")
    assert visitor.path == where
    assert "letters in this conversation" not in visitor.text
    assert kept(alice) == {"conversation_in/INBOX": False}
    visitor.get("/settings")
    assert "INBOX: one by one" in visitor.text
    visitor.get(where)
    switch(visitor, on="1")
    assert "2 letters in this conversation" in visitor.text
    assert kept(alice) == {"conversation_in/INBOX": None}
    visitor.get("/settings")
    choose(visitor, conversations=[])
    visitor.get(where)
    assert "letters in this conversation" not in visitor.text


def test_mail_is_shown_as_plain_text_where_that_is_chosen_and_the_menu_has_the_other(
    visitor: Visitor, alice: Person
) -> None:
    alice.append(html_mail("<p>The fancy one</p>", text="The plain one"))
    open_first(visitor, alice)
    where = visitor.path
    choose(visitor, view="plain")
    visitor.get(where)
    assert "The plain one" in pane(visitor)
    assert "<iframe" not in visitor.html
    visitor.get(where.split("?")[0] + "?view=html")
    assert "<iframe" in visitor.html
    assert "Show as plain text" in visitor.text


def test_a_newcomer_sees_one_line_of_hints_until_it_is_dismissed_or_anything_was_chosen(
    visitor: Visitor, app: Flask, alice: Person
) -> None:
    shared = Visitor(app)
    shared.sign_in(alice, shared="1")
    assert "New here?" not in shared.text
    visitor.sign_in(alice)
    assert "New here?" in visitor.text
    assert visitor.html.count('role="dialog"') == visitor.html.count("<dialog") == 0
    visitor.get("/m/Sent")
    assert "New here?" not in visitor.text, "in Inbox alone"
    visitor.get("/")
    visitor.send(visitor.form("/settings"))
    assert visitor.path == "/m/INBOX"
    assert "New here?" not in visitor.text
    assert kept(alice) == {"hints": False}
    elsewhere = Visitor(app)
    elsewhere.sign_in(alice)
    assert "New here?" not in elsewhere.text
    visitor.get("/settings")
    visitor.send(visitor.form("/settings"), hints="1", theme="dark")
    visitor.get("/")
    assert "New here?" not in visitor.text, "who has chosen something has found the settings"
