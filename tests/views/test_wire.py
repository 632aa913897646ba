"""R9, R10 and ASVS 1.3.11: whatever is typed into a form or a URL, the wire carries the commands of that page and no
other. A scripted server with one message reads along."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from tests.servers.answers import EMPTY_MAILBOX
from tests.servers.application import Visitor
from tests.servers.people import ALICE, BOB, Identity
from tests.servers.scripted import Scripted
from tests.servers.submission import Submission
from tests.servers.wire import Command, Wire
from tests.web.every import token_of
from webmail.config import Settings

MakeApp = Callable[[Settings], Flask]

PIECES = [
    "\r\nX1 DELETE INBOX", "\n", "\r", "\0", '"', "\\", '\\"', "{5+}", "{5}\r\nhello", '" X1 NOOP "', "a b",
    "()[]%*", "\u00e4\u20ac", "\x7f\x01\u2028",
]  # fmt: skip

SOURCE = (
    b"From: a@example.net\r\nTo: alice@example.org\r\nSubject: One\r\nMessage-ID: <one@example.net>\r\n\r\nWords.\r\n"
)
HEADER, BODY = SOURCE.split(b"\r\n\r\n")[0] + b"\r\n\r\n", b"Words.\r\n"
STRUCTURE = b'("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" %d 1)' % len(BODY)

READING = {"LIST", "STATUS", "SELECT", "EXAMINE", "NOOP", "FETCH", "UID FETCH", "SEARCH", "UID SEARCH", "NAMESPACE"}
SIGNING_IN = {"AUTHENTICATE", "CAPABILITY", "ID"}
CHANGING = {"UID STORE", "UID MOVE"}
SAVING = {"APPEND", "UID STORE", "UID EXPUNGE"}


def fetched(wire: Wire, command: Command) -> None:
    """One message, whichever of its sections is asked for."""
    items = [b'UID 1 FLAGS () INTERNALDATE "%s" RFC822.SIZE %d' % (WHEN[0], len(SOURCE))]
    if b"BODYSTRUCTURE" in command.arguments:
        items.append(b"BODYSTRUCTURE " + STRUCTURE)
    for section, start in re.findall(rb"BODY\.PEEK(\[[^\]]*\])(?:<(\d+)\.\d+>)?", command.arguments):
        whole = HEADER if b"HEADER" in section else SOURCE if section == b"[]" else BODY
        part = whole[int(start or 0) :]
        items.append(b"BODY%s%s {%d}\r\n%s" % (section, b"<%s>" % start if start else b"", len(part), part))
    wire.send(b"* 1 FETCH (" + b" ".join(items) + b")\r\n" + command.tag + b" OK done\r\n")


WHEN = [b"03-Mar-2026 10:00:00 +0000"]
FOLDERS = "".join(
    f'* LIST (\\HasNoChildren {use}) "/" {name}\n'
    for name, use in (
        ("INBOX", ""),
        ("Drafts", "\\Drafts"),
        ("Sent", "\\Sent"),
        ("Trash", "\\Trash"),
        ("Archive", "\\Archive"),
    )
)
ANSWERS = {
    "LIST": FOLDERS + "{tag} OK done",
    "SELECT": EMPTY_MAILBOX.replace("0 EXISTS", "1 EXISTS").replace("UIDNEXT 1", "UIDNEXT 2"),
    "EXAMINE": EMPTY_MAILBOX.replace("0 EXISTS", "1 EXISTS").replace("READ-WRITE", "READ-ONLY"),
    "FETCH": fetched,
    "UID FETCH": fetched,
    "SEARCH": "* SEARCH\n{tag} OK done",
    "UID SEARCH": "* SEARCH\n{tag} OK done",
    "UID STORE": "{tag} OK done",
    "UID MOVE": "{tag} OK done",
    "UID EXPUNGE": "{tag} OK done",
    "APPEND": "{tag} OK [APPENDUID 7 1] done",
}


@pytest.fixture
def server(scripted: Callable[..., Scripted]) -> Scripted:
    return scripted(ANSWERS)


@pytest.fixture
def inside(server: Scripted, settings: Settings, make_app: MakeApp, submission: Submission) -> Visitor:
    """Alice, signed in at the scripted server."""
    visitor = Visitor(make_app(replace(settings, imap_port=server.port)))
    enter(visitor, ALICE.address, ALICE.password)
    assert visitor.status == 200
    assert ">One<" in visitor.html
    return visitor


def enter(visitor: Visitor, user: str, password: str) -> None:
    visitor.get("/login")
    visitor.send(visitor.form("/login"), user=user, password=password)


def check(server: Scripted, since: int, allowed: set[str]) -> None:
    """Every tagged command since then is one the page sends for harmless input, under one of our own tags."""
    for command in server.commands[since:]:
        assert command.name in allowed, command.raw
        assert re.fullmatch(rb"[A-Z]{4}\d+", command.tag), command.raw
        line = command.raw
        for literal in command.literals:
            line = line.replace(literal, b"", 1)
        assert not any(bad in line for bad in (b"\0", b"\nX1", b"\rX1")), command.raw
    assert not server.faults


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.asvs("1.3.11")
def test_r9_address_and_password_make_one_sign_in_or_none(
    server: Scripted, settings: Settings, make_app: MakeApp, piece: str
) -> None:
    visitor = Visitor(make_app(replace(settings, imap_port=server.port)))
    for user, password in (
        (f"alice{piece}@example.org", "x"), (f"alice@example.org{piece}", "x"), (f"{piece}@example.org", "x"),
        (ALICE.address, f"a{piece}b"), (ALICE.address, piece),
    ):  # fmt: skip
        since = len(server.commands)
        enter(visitor, user, password)
        assert visitor.status in (200, 400, 401)
        check(server, since, SIGNING_IN | READING | {"LOGOUT"})
        for command in server.commands[since:]:
            if command.name == "AUTHENTICATE":
                _, login, secret = base64.b64decode(command.words[1]).split(b"\0")
                assert login.decode() in (user, user.strip())
                assert secret.decode() == password
        if visitor.status == 200:
            visitor.send(visitor.form("/logout"))


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.asvs("1.3.11")
def test_r9_every_piece_of_a_url_makes_the_commands_of_its_page_or_none(
    inside: Visitor, server: Scripted, piece: str
) -> None:
    typed = quote(piece, safe="")
    ours = "".join(f"~{octet:02X}" for octet in piece.encode())
    since = len(server.commands)
    for path in (
        f"/m/{typed}", f"/m/INBOX{typed}", f"/m/{ours}", f"/m/INBOX{ours}", f"/m/{ours}/7.1", f"/m/{ours}/7.1/source",
        f"/m/INBOX/7.1{typed}", f"/m/INBOX/7{typed}.1", f"/m/INBOX/{typed}", f"/m/INBOX/7.1/part/1{typed}",
        f"/m/INBOX/7.1/part/{typed}", f"/m/INBOX/7.1/{typed}", f"/m/INBOX/7.1/reply{typed}",
        f"/m/INBOX/7.1?images={typed}", f"/m/INBOX/7.1?view={typed}", f"/m/INBOX/7.1/part/1?dl={typed}",
        f"/m/INBOX?only={typed}", f"/m/INBOX?before={typed}", f"/m/INBOX?before=1{typed}", f"/m/INBOX?after=1{typed}",
        f"/login?next={typed}",
    ):  # fmt: skip
        inside.get(path)
        assert inside.status < 500, path
    check(server, since, READING | {"UID STORE"})
    stored = [command.arguments for command in server.commands[since:] if command.name == "UID STORE"]
    assert set(stored) <= {b"1 +FLAGS (\\Seen)"}, "opening a message marks it read"


@pytest.mark.parametrize("piece", PIECES)
def test_r9_every_field_of_the_list_makes_the_commands_of_its_page_or_none(
    inside: Visitor, server: Scripted, piece: str
) -> None:
    since, token = len(server.commands), token_of(inside.html)
    for fields in (
        {"do": "read", "uid": f"7.1{piece}"}, {"do": "read", "uid": piece}, {"star": piece}, {"star": f"7{piece}.1"},
        {"do": piece, "uid": "7.1"}, {"do": f"delete{piece}", "uid": "7.1"},
        {"do": "move", "uid": "7.1", "dest": piece}, {"do": "move", "uid": "7.1", "dest": f"Trash{piece}"},
        {"star": "7.1", "stay": f"7.1{piece}"},
        {"do": "move", "uid": "7.1", "dest": "".join(f"~{octet:02X}" for octet in piece.encode())},
        {"do": "read", "uid": "7.1", "only": piece, "before": piece, "after": f"1{piece}"},
    ):  # fmt: skip
        answer = inside.client.post("/m/INBOX/do", data=fields | {"csrf_token": token})
        assert answer.status_code in (303, 400, 404), fields
    check(server, since, READING | CHANGING)
    for command in server.asked("UID MOVE"):
        assert command.raw.count(b"\r\n") == 1 + len(command.literals)


FIELDS = (
    "to", "cc", "bcc", "subject", "body", "message_id", "mode", "draft", "origin", "in_reply_to", "references", "keep",
    "do", "detach",
)  # fmt: skip


@pytest.mark.parametrize("piece", PIECES[:11])
@pytest.mark.asvs("1.3.11")
def test_r9_r10_every_field_of_a_letter_stays_inside_its_command(
    inside: Visitor, server: Scripted, submission: Submission, piece: str
) -> None:
    inside.get("/write")
    form = inside.form("/write")
    since = len(server.commands)
    harmless = {
        "to": "bob@example.org",
        "subject": "Plain",
        "body": "text",
        "draft": "Drafts/7.1",
        "origin": "INBOX/7.1",
    }
    for number, field in enumerate(FIELDS, PIECES.index(piece)):
        values: dict[str, Any] = {"do": ("send", "save")[number % 2]} | harmless
        values[field] = values.get(field, "") + piece
        message_id = {} if field == "message_id" else {"message_id": f"<{secrets.token_hex(8)}@x>"}
        inside.send(form, **(values | message_id))
        assert inside.status < 500, field
    # What was left undone is seen to beside the requests, by a connection of its own.
    check(server, since, READING | SAVING | SIGNING_IN)
    for taken in submission.accepted:
        assert taken.sender == ALICE.address
        assert set(taken.recipients) <= {"bob@example.org", "bob@example.orga", "bob@example.org\u00e4\u20ac"}
        head = taken.raw.split(b"\r\n\r\n")[0]
        names = {line.split(b":")[0].lower() for line in head.split(b"\r\n") if line[:1] not in (b" ", b"\t")}
        assert names <= {b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"mime-version", b"content-type",
            b"content-transfer-encoding", b"in-reply-to", b"references"}  # fmt: skip
        assert not re.search(rb"\0|\r(?!\n)|(?<!\r)\n", taken.raw)
    for command in server.asked("APPEND"):
        waiting = b'"Drafts" (\\Draft \\Seen $SubmitPending) "'
        assert command.arguments.startswith((waiting, b'"Drafts" (\\Draft \\Seen) "', b'"Sent" (\\Seen) "'))
        assert len(command.literals) == 1


@pytest.mark.parametrize("field", ["to", "cc", "bcc", "subject", "body"])
def test_r10_each_post_is_one_submission_however_the_text_ends_its_data(
    inside: Visitor, submission: Submission, field: str
) -> None:
    """SMTP smuggling (VU#302671): a dot alone on a line, in every spelling of a line end, is text."""
    for number, end in enumerate(("\r\n.\r\n", "\n.\n", "\r.\r", "\n.\r\n", "\r\n.\r", "\r\n.\n")):
        inside.get("/write")
        smuggled = (
            f"x{end}MAIL FROM:<evil@example.net>{end}RCPT TO:<charlie@example.org>{end}DATA{end}Subject: evil{end}"
        )
        values: dict[str, Any] = {"to": "bob@example.org", "subject": f"Plain {number}", "body": "text"}
        values[field] = values.get(field, "") + smuggled
        inside.send(inside.form("/write"), do="send", **values)
    assert len(submission.accepted) <= 6
    for taken in submission.accepted:
        assert taken.sender == ALICE.address
        assert "charlie@example.org" not in taken.recipients or field in ("to", "cc", "bcc")
    if field in ("subject", "body"):
        assert len(submission.accepted) == 6


@pytest.mark.parametrize("who", [ALICE, BOB])
def test_r9_r11_the_submission_login_is_one_answer_whatever_is_in_the_password(
    server: Scripted, settings: Settings, make_app: MakeApp, submission: Submission, who: Identity
) -> None:
    visitor = Visitor(make_app(replace(settings, imap_port=server.port)))
    enter(visitor, who.address, who.password)
    visitor.get("/write")
    visitor.send(visitor.form("/write"), do="send", to="x@example.net", subject="One", body="x")
    assert [taken.login for taken in submission.accepted] == [who.login]
    assert submission.refused_logins == []


@pytest.mark.parametrize(
    "arrived", ["01-Jan-0001 00:00:00 +0000", "31-Dec-9999 23:59:59 +0000", "31-Dec-9999 23:59:59 -1200", "0"]
)
@pytest.mark.parametrize("dated", ["Mon, 01 Jan 0001 00:00:00 +1200", "Fri, 31 Dec 9999 23:59:59 -1200", "31 Dec 9999"])
def test_dates_at_the_ends_of_the_calendar_open(
    inside: Visitor, monkeypatch: pytest.MonkeyPatch, arrived: str, dated: str
) -> None:
    monkeypatch.setitem(globals(), "WHEN", [arrived.encode()])
    monkeypatch.setitem(globals(), "HEADER", HEADER.replace(b"\r\n\r\n", f"\r\nDate: {dated}\r\n\r\n".encode()))
    for zone in ("America/Los_Angeles", "Pacific/Kiritimati"):
        inside.client.set_cookie("tz", zone)
        for path in ("/m/INBOX", "/m/INBOX/7.1", "/m/INBOX/7.1/reply", "/m/INBOX/7.1/forward"):
            inside.get(path)
            assert inside.status == 200, path
            assert "One" in inside.html
