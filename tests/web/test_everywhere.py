"""What holds on every page, whoever wrote what is on it: text stays text, addresses lead where they may, the way out is
there; and the server itself speaks to mail servers only."""

from __future__ import annotations

import html
import logging
import re
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from flask import Flask

import app as wiring
from tests.servers.application import Visitor
from tests.servers.authority import Authority
from tests.servers.people import Person
from tests.servers.scripted import Scripted
from tests.servers.submission import Submission
from tests.web.every import routes
from webmail.config import Settings
from webmail.web.converters import Pick

MakeApp = Callable[[Settings], Flask]

CANARY = "'\"><x-c>&lt;x-c&gt;</script></title></textarea>"
SUBJECT = f"Meeting {CANARY}"
FOLDER = "Odd'\"><x-c>"
"""No delimiter of any server in it."""

IN_A_FOLDER = {"mailbox.show", "message.show", "compose.answer", "source.show", "folder.show", "cleanup.show"}
"""Pages that name the folder: looked at in the one with the odd name too."""

RAW = (
    'From: "{c}" <sender@example.net>\r\nReply-To: "{c}" <reply@example.net>\r\nTo: "{c}" <alice@example.org>\r\n'
    'Cc: "{c}" <copy@example.net>\r\nSubject: {s}\r\nMessage-ID: <\'">x-c@example.net>\r\n'
    'Date: Mon, 1 Jun 2026 10:00:00 +0000\r\n'
    'List-Id: {c} <list.example.net>\r\nList-Unsubscribe: <mailto:x@example.net?subject=%3Cx-c%3E>\r\n'
    'List-Post: <mailto:list@example.net>\r\nX-Priority: {c}\r\nIn-Reply-To: <{c}>\r\nReferences: <{c}>\r\n'
    'Disposition-Notification-To: "{c}" <reply@example.net>\r\nAuthentication-Results: {c}\r\n'
    'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n'
    '--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nText {c} http://example.net/{u}\r\n> {c}\r\n'
    '--b\r\nContent-Type: {t}; name="{q}"\r\nContent-Description: {c}\r\n'
    'Content-Disposition: attachment; filename="{q}"\r\n\r\nx\r\n'
    '--b\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\n'
    'BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:{c}\r\n'
    'DTSTART:20300601T100000Z\r\nSUMMARY:{c}\r\nLOCATION:{c}\r\nORGANIZER;CN="<x-c>":mailto:o@example.net\r\n'
    'ATTENDEE;CN="<x-c>":mailto:alice@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n'
    '--b\r\nContent-Type: text/vcard\r\n\r\n'
    'BEGIN:VCARD\r\nVERSION:4.0\r\nFN:{c}\r\nEMAIL:c@example.net\r\nORG:{c}\r\nEND:VCARD\r\n'
    '--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: "{c}" <in@example.net>\r\nSubject: {s}\r\n\r\n{c}\r\n--b--\r\n'
)  # fmt: skip


def odd_letter() -> bytes:
    """A letter with the canary in everything that a page could print."""
    quoted = CANARY.replace('"', '\\"')
    filled = RAW.replace("{s}", SUBJECT).replace("{t}", "image/x-c").replace("{q}", quoted).replace("{u}", CANARY)
    return re.sub(r'"\{c\}"', f'"{quoted}"', filled).replace("{c}", CANARY).encode()


@pytest.fixture
def pick(alice: Person) -> Pick:
    """The odd letter, in a folder of an odd name and in INBOX, and as a draft; odd drafts and marks beside it."""
    alice.create(FOLDER)
    alice.append(odd_letter(), FOLDER)
    alice.append(odd_letter(), "Drafts", ["\\Draft"])
    alice.append(odd_letter(), "Sent", ["\\Seen"])
    return Pick(alice.uidvalidity(), alice.append(odd_letter(), "INBOX", ["odd'label"]))  # type: ignore[arg-type]


def is_page(answer: Any) -> bool:
    return answer.mimetype == "text/html" and answer.status_code < 500


def choose(visitor: Visitor) -> None:
    """The canary in every choice of the reader's that is text: name, signature, a search that is kept."""
    page = visitor.get("/settings").get_data(as_text=True)
    [token] = set(re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', page))
    words = dict.fromkeys(re.findall(r'<(?:input|textarea)[^>]* name="([a-z_/]+)"', page), CANARY)
    assert len(words) > 5
    for name in words:
        visitor.client.post("/settings", data={"csrf_token": token, name: CANARY})
    found = visitor.client.post("/search", data={"csrf_token": token, "q": f'subject:"Meeting" {CANARY}'})
    assert found.status_code in (200, 303)
    if found.status_code == 303:
        assert "<x-c>" not in visitor.get(found.headers["Location"]).get_data(as_text=True)


@pytest.mark.asvs("1.2.1", "1.2.2", "3.2.2", "3.7.2", "7.4.4", "1.1.1")
def test_r29_what_anybody_wrote_is_text_on_every_page_and_every_page_has_its_way_out(
    visitor: Visitor, app: Flask, alice: Person, pick: Pick, submission: Submission
) -> None:
    visitor.sign_in(alice)
    choose(visitor)
    shown, ways_out = 0, dict[str, bool]()
    folder_pick = Pick(alice.uidvalidity(FOLDER), alice.messages(FOLDER)[0].uid)  # type: ignore[arg-type]
    there = [route for route in routes(app, folder_pick, FOLDER) if route.endpoint in IN_A_FOLDER]
    asked = [*routes(app, pick), *there]
    for route in asked:
        if route.method != "GET" or route.endpoint == "static":
            continue
        answer = visitor.client.get(route.path, buffered=True)
        if "Location" in answer.headers:
            assert urlsplit(answer.headers["Location"]).netloc == "", route
        if not is_page(answer):
            assert answer.status_code < 500, route
            continue
        page = answer.get_data(as_text=True)
        assert not re.search(r"<x-c\b", page, re.I), route
        assert page.count("</title>") <= 1 + page.count("<svg"), route
        shown += "&lt;x-c&gt;" in page
        for address in re.findall(r'\b(?:href|src|action|formaction)="([^"]*)"', page):
            plain = html.unescape(address)
            assert re.match(r"(?:https?://|mailto:|tel:|/|#|\?|$)", plain), (route, plain)
            assert not plain.startswith("//"), (route, plain)
        framed = "sandbox" in answer.headers["Content-Security-Policy"]
        if answer.status_code == 200 and route.private and "<body" in page and not framed:
            ways_out.setdefault(route.endpoint, 'action="/logout"' in page)
    assert shown > 15, "pages that print what others wrote"
    assert {endpoint for endpoint, there in ways_out.items() if not there} == set()
    assert len(ways_out) > 10


def test_r29_a_folder_that_nobody_has_is_text(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    answer = visitor.client.get("/m/" + quote(CANARY, safe=""))
    assert answer.status_code in (400, 404)
    assert "<x-c" not in answer.get_data(as_text=True)


# --- whom the server itself speaks to ---------------------------------------------------------------------------------


_heard: list[tuple[str, int]] = []
_hearing = threading.Event()
_hooked = threading.Event()
_earlier: set[int | None] = set()


@pytest.fixture
def dialled() -> Iterator[list[tuple[str, int]]]:
    """Every address that this process connects to, but for threads that earlier tests left, who look for their servers.
    Ask for it before anything that starts a thread. An audit hook is never taken away again, so it looks at a flag."""

    def hook(event: str, args: tuple[Any, ...]) -> None:
        ours = _hearing.is_set() and threading.get_ident() not in _earlier
        if ours and event == "socket.connect" and isinstance(args[1], tuple):
            _heard.append(args[1][:2])

    if not _hooked.is_set():
        sys.addaudithook(hook)
        _hooked.set()
    _heard.clear()
    _earlier.clear()
    _earlier.update(one.ident for one in threading.enumerate() if one is not threading.current_thread())
    _hearing.set()
    yield _heard
    _hearing.clear()


@pytest.mark.asvs("1.3.6", "13.2.4", "15.3.2")
def test_r23_with_a_letter_full_of_addresses_only_the_mail_servers_are_asked(
    dialled: list[tuple[str, int]], visitor: Visitor, app: Flask, alice: Person, settings: Settings,
    submission: Submission,
) -> None:  # fmt: skip
    raw = (
        b"From: Bob <bob@example.net>\r\nSubject: Addresses\r\nList-Unsubscribe: <http://127.0.0.1:9/leave>\r\n"
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n"
        b'<link rel=stylesheet href="http://127.0.0.1:9/a.css"><img src="http://127.0.0.1:9/a.png"><a href="http://127.0.0.1:9/">x</a>'
        b'<style>@import "http://127.0.0.1:9/b.css"; p { background: url(http://127.0.0.1:9/c.png) }</style>'
    )
    pick = Pick(alice.uidvalidity(), alice.append(raw))  # type: ignore[arg-type]
    mine = {settings.imap_port, settings.smtp_port}
    dialled.clear()
    visitor.sign_in(alice)
    for route in routes(app, pick):
        if route.method == "GET":
            visitor.client.get(route.path, buffered=True)
    visitor.get("/write")
    visitor.send(visitor.form("/write"), do="send", to="bob@example.org", subject="x", body="http://127.0.0.1:9/")
    assert submission.accepted
    assert {port for _, port in dialled} == mine, "and there were some"


# --- signing in -------------------------------------------------------------------------------------------------------


@pytest.mark.asvs("6.2.6", "6.2.7")
def test_r26_a_password_manager_finds_its_field_and_may_paste(visitor: Visitor) -> None:
    page = visitor.get("/login").get_data(as_text=True)
    [field] = re.findall(r'<input[^>]* name="password"[^>]*>', page)
    assert 'type="password"' in field
    assert 'autocomplete="current-password"' in field
    for word in ("maxlength", "pattern", "readonly", "onpaste", 'autocomplete="off"'):
        assert word not in field


@pytest.mark.asvs("6.2.8", "6.2.9")
@pytest.mark.parametrize("password", ["x" * 300, " spaces are kept ", "pässwörd 漢字 🔑", "a\\b\"c'd%41&amp;+"])
def test_r9_a_password_reaches_the_mail_server_exactly_as_it_was_typed(
    settings: Settings, make_app: MakeApp, scripted: Callable[..., Scripted], password: str
) -> None:
    import base64

    server = scripted()
    visitor = Visitor(make_app(replace(settings, imap_port=server.port)))
    visitor.get("/login")
    visitor.send(visitor.form("/login"), user="alice@example.org", password=password)
    [asked] = server.asked("AUTHENTICATE")
    assert base64.b64decode(asked.words[1]) == f"\0alice@example.org\0{password}".encode()


# --- what is logged, and how it runs ----------------------------------------------------------------------------------


@pytest.mark.asvs("16.3.1", "16.3.4", "16.4.1")
def test_r17_every_sign_in_leaves_one_line_taken_or_not_and_why(
    settings: Settings, make_app: MakeApp, alice: Person, authority: Authority, caplog: pytest.LogCaptureFixture,
    scripted: Callable[..., Scripted],
) -> None:  # fmt: skip
    def lines() -> list[str]:
        found = [record.getMessage() for record in caplog.records if record.name == "pennypost"]
        caplog.clear()
        return [line for line in found if line.startswith("sign-in")]

    caplog.set_level(logging.INFO, "pennypost")
    visitor = Visitor(make_app(settings))
    visitor.get("/login")
    visitor.send(visitor.form("/login"), user="alice@example.org\r\nsign-in from 9.9.9.9: taken", password="wrong")
    assert lines() == ["sign-in from 127.0.0.1: UnknownDomain"]
    visitor.send(visitor.form("/login"), user=alice.address, password="wrong")
    assert lines() == ["sign-in from 127.0.0.1: SignInRefused"]
    visitor.sign_in(alice)
    assert lines() == ["sign-in from 127.0.0.1: taken"]
    server = scripted(context=authority.expired().server_context())
    strict = Visitor(make_app(replace(settings, imap_port=server.port)))
    strict.get("/login")
    strict.send(strict.form("/login"), user=alice.address, password=alice.password)
    [line] = lines()
    assert "ertificate" in line or "Tls" in line


@pytest.mark.asvs("13.4.2")
def test_nothing_is_debugged_whatever_the_environment_says(
    settings: Settings, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    made = make_app(settings)
    assert not made.debug
    assert not made.config.get("PROPAGATE_EXCEPTIONS")
    assert not wiring.Server(made, settings).cfg.reload


@pytest.mark.asvs("15.3.5")
@pytest.mark.parametrize("name", ["uid[]", "uid[0]", "do[x]", "UID"])
def test_a_field_of_another_shape_is_none_of_ours(visitor: Visitor, alice: Person, pick: Pick, name: str) -> None:
    visitor.sign_in(alice)
    token = re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', visitor.html)[0]
    before = {one.uid for one in alice.messages()}
    answer = visitor.client.post("/m/INBOX/do", data={"csrf_token": token, "do": "delete", name: "1.1"})
    assert answer.status_code < 500
    assert {one.uid for one in alice.messages()} == before
