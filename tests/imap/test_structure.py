"""BODYSTRUCTURE to parts: numbers, names, budgets."""

from __future__ import annotations

from typing import Any

import pytest

from webmail.imap import decode
from webmail.imap.structure import Unusable, structure
from webmail.mail.message import Part


def told(text: str) -> Part:
    """As it comes off the wire, through IMAPClient's parser."""
    return structure(decode.fetched([b"1 (BODYSTRUCTURE " + text.encode() + b")"])[0].structure)


def outline(part: Part) -> list[tuple[str, str]]:
    return [(each.id, each.type) for each in part.walk()]


TEXT = '("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 10 1 NIL NIL NIL NIL)'


def test_a_single_part() -> None:
    part = told(TEXT)
    assert outline(part) == [("1", "text/plain")]
    assert (part.encoding, part.size, part.charset) == ("7bit", 10, "US-ASCII")


def test_a_forwarded_multipart_is_numbered_through() -> None:
    """RFC 9051 6.4.5: the parts of a multipart in message part 2 are 2.1 and 2.2."""
    inner = f'({TEXT} {TEXT} "MIXED" ("BOUNDARY" "i") NIL NIL)'
    envelope = '(NIL "=?utf-8?q?Gr=C3=BC=C3=9Fe?=" NIL NIL NIL NIL NIL NIL NIL NIL)'
    message = f'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 99 {envelope} {inner} 9 NIL ("attachment" NIL) NIL)'
    part = told(f'({TEXT} {message} "MIXED" ("BOUNDARY" "o") NIL NIL NIL)')
    assert outline(part) == [
        ("TEXT", "multipart/mixed"),
        ("1", "text/plain"),
        ("2", "message/rfc822"),
        ("2.TEXT", "multipart/mixed"),
        ("2.1", "text/plain"),
        ("2.2", "text/plain"),
    ]
    assert part.children[1].filename == "Grüße.eml"
    assert part.children[1].disposition == "attachment"


def test_a_message_that_is_nothing_but_a_message() -> None:
    message = f'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 99 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) {TEXT} 9)'
    assert outline(told(message)) == [("1", "message/rfc822"), ("1.1", "text/plain")]


@pytest.mark.parametrize(
    ("params", "disposition", "name"),
    [
        ('("NAME" "a.txt")', "NIL", "a.txt"),
        ("NIL", '("attachment" ("filename" "b.txt"))', "b.txt"),
        ('("NAME" "a.txt")', '("attachment" ("filename" "b.txt"))', "b.txt"),
        ('("name*" "utf-8\'\'%C3%A4.txt")', "NIL", "ä.txt"),
        ("NIL", '("attachment" ("filename*0*" "utf-8\'\'%C3%A4" "filename*1" "b.txt"))', "äb.txt"),
        ('("name" "=?iso-8859-1?q?=E4.txt?=")', "NIL", "ä.txt"),
        ('("name" "../../etc/passwd")', "NIL", "_.._etc_passwd"),
        ('("name" "")', "NIL", None),
        ('("name" 5)', "NIL", "5"),
        ("NIL", '"attachment"', None),
        ("NIL", "(NIL NIL)", None),
    ],
)
def test_names_in_every_writing(params: str, disposition: str, name: str | None) -> None:
    part = told(f'("APPLICATION" "X" {params} "<id@x>" NIL "BASE64" 10 NIL {disposition} NIL NIL)')
    assert part.filename == name
    assert part.content_id == "id@x"


def test_raw_8_bit_names_are_read() -> None:
    octets = b'1 (BODYSTRUCTURE ("A" "B" ("name" {6}'
    parsed = decode.fetched([(octets, "ä.txt".encode()), b') NIL NIL "base64" 1))'])
    assert structure(parsed[0].structure).filename == "ä.txt"


@pytest.mark.parametrize(
    "text",
    ["NIL", "()", '("text")', "(NIL NIL NIL NIL NIL NIL NIL)", "(5 5 5 5 5 5 5)", '((("a") "x") "mixed")', '"x"', "7"],
)
def test_nonsense_is_unusable_or_harmless(text: str) -> None:
    found = decode.fetched([b"1 (UID 1 BODYSTRUCTURE " + text.encode() + b")"])[0]
    try:
        part = structure(found.structure)
    except Unusable:
        return
    assert part.type


def nest(levels: int) -> Any:
    body: Any = (b"text", b"plain", None, None, None, b"7bit", 1, 1)
    for _ in range(levels):
        body = ([body], b"mixed")
    return body


def test_r15_depth_has_a_budget() -> None:
    assert len(list(structure(nest(50)).walk())) == 51
    with pytest.raises(Unusable):
        structure(nest(51))


def test_r15_the_number_of_parts_has_a_budget() -> None:
    leaf = (b"text", b"plain", None, None, None, b"7bit", 1, 1)
    assert len(structure(([leaf] * 999, b"mixed")).children) == 999
    with pytest.raises(Unusable):
        structure(([leaf] * 1000, b"mixed"))
