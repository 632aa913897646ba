"""One message: header, structure, parts, source; and what happens when it is gone."""

from __future__ import annotations

import base64
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from tests.servers.answers import Stall
from tests.servers.people import Person, letter
from tests.servers.scripted import Scripted
from webmail import errors
from webmail.imap import fetch
from webmail.imap.connection import Connection
from webmail.mail import mime, parts
from webmail.mail.flags import FLAGGED
from webmail.mail.ids import MailboxName, MessageRef, PartId, Uid, UidValidity
from webmail.mail.message import Part

INBOX = MailboxName("INBOX")


def put(person: Person, raw: bytes, **options: Any) -> MessageRef:
    return MessageRef(INBOX, UidValidity(person.uidvalidity()), Uid(person.append(raw, **options)))


NESTED = b"""From: a@example.org\r
Subject: nested\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary=o\r
\r
--o\r
Content-Type: multipart/alternative; boundary=a\r
\r
--a\r
Content-Type: text/plain; charset=utf-8\r
\r
plain\r
--a\r
Content-Type: text/html; charset=utf-8\r
\r
<p>html\r
--a--\r
--o\r
Content-Type: message/rfc822\r
\r
Subject: inner\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary=i\r
\r
--i\r
Content-Type: text/plain\r
\r
inner text\r
--i\r
Content-Type: application/pdf; name="=?utf-8?q?B=C3=A4r.pdf?="\r
Content-Transfer-Encoding: base64\r
Content-ID: <pdf@x>\r
Content-Disposition: attachment; filename*0*=utf-8''B%C3%A4; filename*1="r.pdf"\r
\r
aGVsbG8=\r
--i--\r
--o\r
Content-Type: message/rfc822\r
\r
Subject: simple\r
\r
simple text\r
--o--\r
"""


def test_a_message_is_told_with_its_structure(conn: Connection, alice: Person) -> None:
    ref = put(alice, NESTED, flags=[FLAGGED])
    message = fetch.message(conn, ref)
    assert message.ref == ref
    assert message.flags == {FLAGGED}
    assert message.size == len(NESTED)
    assert message.header.startswith(b"From: a@example.org\r\n")
    assert not message.repaired
    assert [(part.id, part.type) for part in message.root.walk()] == [
        ("TEXT", "multipart/mixed"),
        ("1", "multipart/alternative"),
        ("1.1", "text/plain"),
        ("1.2", "text/html"),
        ("2", "message/rfc822"),
        ("2.TEXT", "multipart/mixed"),
        ("2.1", "text/plain"),
        ("2.2", "application/pdf"),
        ("3", "message/rfc822"),
        ("3.1", "text/plain"),
    ]
    pdf = parts.find(message.root, PartId("2.2"))
    assert (pdf.filename, pdf.content_id, pdf.disposition, pdf.encoding) == ("Bär.pdf", "pdf@x", "attachment", "base64")
    assert parts.find(message.root, PartId("2")).filename == "inner.eml"


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("1.1", b"plain"),
        ("1.2", b"<p>html"),
        ("2.1", b"inner text"),
        ("2.2", b"aGVsbG8="),
        ("3.1", b"simple text"),
        ("3", b"Subject: simple\r\n\r\nsimple text"),
    ],
)
def test_each_part_is_fetched_by_its_number(conn: Connection, alice: Person, part: str, expected: bytes) -> None:
    ref = put(alice, NESTED)
    found = parts.find(fetch.message(conn, ref).root, PartId(part))
    assert fetch.part(conn, ref, found, 1000) == expected


def test_our_own_parser_numbers_parts_as_the_server_does(conn: Connection, alice: Person) -> None:
    told = fetch.message(conn, put(alice, NESTED)).root
    ours = mime.parse(NESTED)[1]
    assert [(p.id, p.type, p.filename) for p in told.walk()] == [(p.id, p.type, p.filename) for p in ours.walk()]


def test_a_message_of_one_part_has_part_1(conn: Connection, alice: Person) -> None:
    ref = put(alice, letter(text="Grüße\r\n"))
    root = fetch.message(conn, ref).root
    assert (root.id, root.type, root.charset) == ("1", "text/plain", "utf-8")
    assert fetch.part(conn, ref, root, 1000).decode() == "Grüße\r\n"


def test_reading_marks_nothing(conn: Connection, alice: Person) -> None:
    """R13: GET uses PEEK."""
    ref = put(alice, NESTED)
    root = fetch.message(conn, ref).root
    fetch.part(conn, ref, parts.find(root, PartId("1.1")), 1000)
    b"".join(fetch.source_chunks(conn, ref))
    assert alice.flags(ref.uid) == set()


def test_the_source_is_what_was_stored(conn: Connection, alice: Person) -> None:
    assert b"".join(fetch.source_chunks(conn, put(alice, NESTED))) == NESTED


def test_an_empty_part_is_empty(conn: Connection, alice: Person) -> None:
    ref = put(alice, b"Subject: x\r\n\r\n")
    assert fetch.part(conn, ref, fetch.message(conn, ref).root, 10) == b""


def test_a_part_that_is_not_there(connect: Any, scripted: Callable[..., Scripted]) -> None:
    """NIL says so; Dovecot says that it is empty."""
    server = scripted({"SELECT": OPEN, "UID FETCH": "* 1 FETCH (UID 1 BODY[9]<0> NIL)\n{tag} OK done"})
    with pytest.raises(errors.PartMissing):
        fetch.part(connect(server), MessageRef(INBOX, UidValidity(7), Uid(1)), Part(PartId("9"), "text/plain"), 10)


def test_a_part_over_the_limit_is_refused_before_it_is_fetched(conn: Connection, alice: Person) -> None:
    ref = put(alice, letter(text="x" * 900))
    root = fetch.message(conn, ref).root
    with pytest.raises(errors.TooLarge):
        fetch.part(conn, ref, root, 100)
    lying = Part(root.id, root.type, size=1)
    with pytest.raises(errors.TooLarge):
        fetch.part(conn, ref, lying, 100)


def test_a_large_attachment_passes_in_pieces(conn: Connection, alice: Person) -> None:
    """100 MB would behave the same: what is kept does not depend on the size."""
    content = base64.encodebytes(bytes(range(256)) * 60_000).replace(b"\n", b"\r\n")
    ref = put(alice, b"Subject: big\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n" + content)
    root = fetch.message(conn, ref).root
    assert root.size > 20 << 20
    tracemalloc.start()
    total = sum(len(chunk) for chunk in fetch.part_chunks(conn, ref, root))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == len(content)
    assert peak < 4 << 20


@pytest.mark.parametrize("size", [1, 7, 15, 16, 1000])
def test_pieces_of_any_size_add_up(conn: Connection, alice: Person, size: int) -> None:
    ref = put(alice, b"Subject: x\r\n\r\n0123456789abcdef")
    root = fetch.message(conn, ref).root
    assert b"".join(fetch.part_chunks(conn, ref, root, size)) == b"0123456789abcdef"


def test_a_single_piece_can_be_asked_for(conn: Connection, alice: Person, monkeypatch: Any) -> None:
    """So that a download need not hold its connection between two pieces."""
    monkeypatch.setattr(fetch, "CHUNK", 4)
    ref = put(alice, b"Subject: x\r\n\r\n0123456789")
    root = fetch.message(conn, ref).root
    assert [fetch.piece(conn, ref, root, at) for at in (0, 4, 8, 12)] == [b"0123", b"4567", b"89", b""]
    assert fetch.piece(conn, ref, None, 8) == b" x\r\n"
    assert fetch.piece(conn, ref, Part(PartId("1"), "text/plain", content=b"abcdef"), 4) == b"ef"


def test_a_message_that_was_deleted_elsewhere(conn: Connection, alice: Person) -> None:
    ref = put(alice, letter())
    fetch.message(conn, ref)
    alice.expunge(ref.uid)
    with pytest.raises(errors.MessageMissing):
        fetch.message(conn, ref)
    with pytest.raises(errors.MessageMissing):
        list(fetch.source_chunks(conn, ref))
    conn.noop()


def test_a_message_that_came_after_this_connection_had_looked(conn: Connection, alice: Person) -> None:
    """Another connection listed it; this one has the mailbox open from before."""
    put(alice, letter("old"))
    fetch.page(conn, INBOX)
    ref = put(alice, letter("new"))
    assert b"new" in fetch.message(conn, ref).header


def test_a_link_from_before_the_mailbox_was_rebuilt(conn: Connection, alice: Person) -> None:
    ref = put(alice, letter())
    with pytest.raises(errors.MailboxRebuilt):
        fetch.message(conn, MessageRef(INBOX, UidValidity(ref.uidvalidity + 1), ref.uid))


def test_a_mailbox_that_is_gone(conn: Connection) -> None:
    with pytest.raises(errors.MailboxMissing):
        fetch.message(conn, MessageRef(MailboxName("Nowhere"), UidValidity(1), Uid(1)))
    assert conn.box is None


# --- structures that are of no use (R16) ------------------------------------------------------------------------------


def test_r16_a_structure_that_contradicts_the_header_is_not_believed(
    connect: Any, scripted: Callable[..., Scripted]
) -> None:
    """Courier reports a multipart without MIME-Version as one text/plain."""
    source = NESTED.replace(b"MIME-Version: 1.0\r\n", b"", 1)
    server = scripted(one(source, 'BODYSTRUCTURE ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 800 40)'))
    message = fetch.message(connect(server), MessageRef(INBOX, UidValidity(7), Uid(1)))
    assert message.repaired
    shown = parts.choose(message.root)
    assert shown.text is not None
    assert shown.text.content == b"plain"
    assert len(shown.attachments) == 2


@pytest.mark.parametrize(
    "structure",
    [
        "BODYSTRUCTURE ()",
        "BODYSTRUCTURE NIL",
        "BODYSTRUCTURE (() NIL NIL)",
        'BODYSTRUCTURE ("text")',
        'BODYSTRUCTURE ("text" "plain" "x" 5 5 5 5 5',
        'BODYSTRUCTURE ("a"b" "c")',
        "BODYSTRUCTURE " + "(" * 200 + '"text" "plain" NIL NIL NIL "7bit" 1 1' + ")" * 200,
        "BODYSTRUCTURE " + "(" * 5000,
        "BODYSTRUCTURE (" + '("text" "plain" NIL NIL NIL "7bit" 1 1)' * 1100 + ' "mixed")',
        "",
    ],
)
def test_a_structure_that_cannot_be_read_is_replaced_by_our_own(
    connect: Any, scripted: Callable[..., Scripted], structure: str
) -> None:
    message = fetch.message(connect(scripted(one(NESTED, structure))), MessageRef(INBOX, UidValidity(7), Uid(1)))
    assert message.repaired
    assert [part.id for part in message.root.walk()][:4] == ["TEXT", "1", "1.1", "1.2"]
    assert message.flags == {FLAGGED}


def test_parts_of_a_repaired_message_answer_without_the_server(connect: Any, scripted: Callable[..., Scripted]) -> None:
    conn, ref = connect(scripted(one(NESTED, "BODYSTRUCTURE ()"))), MessageRef(INBOX, UidValidity(7), Uid(1))
    pdf = parts.find(fetch.message(conn, ref).root, PartId("2.2"))
    conn.close()
    octets = fetch.part(conn, ref, pdf, 100)
    assert parts.decode_content(pdf, octets) == b"hello"
    assert b"".join(fetch.part_chunks(conn, ref, pdf, 2)) == b"hello"
    with pytest.raises(errors.TooLarge):
        fetch.part(conn, ref, pdf, 3)


def test_a_server_that_refuses_the_structure_still_shows_the_message(
    connect: Any, scripted: Callable[..., Scripted]
) -> None:
    answers = one(NESTED, "")
    plain = answers["UID FETCH"]

    def fetching(wire: Any, command: Any) -> None:
        if b"BODYSTRUCTURE" in command.arguments:
            wire.send(command.tag + b" NO [SERVERBUG] no\r\n")
        else:
            plain(wire, command)

    server = scripted(answers | {"UID FETCH": fetching})
    assert fetch.message(connect(server), MessageRef(INBOX, UidValidity(7), Uid(1))).repaired


def test_r15_a_source_over_the_budget_is_not_parsed(
    connect: Any, scripted: Callable[..., Scripted], monkeypatch: Any
) -> None:
    monkeypatch.setattr(fetch, "LARGEST_SOURCE", 100)
    conn = connect(scripted(one(NESTED, "BODYSTRUCTURE ()")))
    with pytest.raises(errors.TooLarge):
        fetch.message(conn, MessageRef(INBOX, UidValidity(7), Uid(1)))
    conn.noop()


def test_a_half_literal_is_never_half_a_message(connect: Any, scripted: Callable[..., Scripted]) -> None:
    half = b"* 1 FETCH (UID 1 BODY[1]<0> {5000}\r\n" + b"x" * 100
    conn = connect(scripted({"SELECT": OPEN, "UID FETCH": (half, Stall())}), read_timeout=0.3)
    with pytest.raises(errors.ServerTooSlow):
        fetch.part(conn, MessageRef(INBOX, UidValidity(7), Uid(1)), Part(PartId("1"), "text/plain", size=5000), 10_000)
    assert conn.broken


def test_a_literal_longer_than_it_says_is_nonsense(connect: Any, scripted: Callable[..., Scripted]) -> None:
    lying = b"* 1 FETCH (UID 1 BODY[1]<0> {5}\r\nhello world)\r\n{tag} OK done\r\n"
    conn = connect(scripted({"SELECT": OPEN, "UID FETCH": lying}))
    with pytest.raises(errors.ProtocolBroken):
        fetch.part(conn, MessageRef(INBOX, UidValidity(7), Uid(1)), Part(PartId("1"), "text/plain", size=5000), 10_000)
    assert conn.broken


OPEN = "* 1 EXISTS\n* OK [UIDVALIDITY 7] valid\n{tag} OK [READ-WRITE] selected"


def one(source: bytes, structure: str) -> dict[str, Any]:
    """A server with one message and its own idea of the structure."""
    head = source[: source.index(b"\r\n\r\n") + 4]

    def fetching(wire: Any, command: Any) -> None:
        items = b"UID 1 FLAGS (\\Flagged) RFC822.SIZE %d" % len(source)
        if b"HEADER" in command.arguments:
            extra = b" " + structure.encode() if structure and b"BODYSTRUCTURE" in command.arguments else b""
            items += b" BODY[HEADER]<0> {%d}\r\n" % len(head) + head + extra
        else:
            start, size = map(int, command.arguments.partition(b"<")[2].partition(b">")[0].split(b"."))
            piece = source[start : start + size]
            items += b" BODY[]<%d> {%d}\r\n" % (start, len(piece)) + piece
        wire.send(b"* 1 FETCH (" + items + b")\r\n" + command.tag + b" OK done\r\n")

    return {"SELECT": OPEN, "UID FETCH": fetching}
