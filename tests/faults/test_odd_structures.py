"""R16: a server tells of a message what it is not. No page is empty, none fails, and the download is what was sent.

The messages are real ones; what BODYSTRUCTURE says of them is nonsense of every kind we could think of, and then what
chance makes of sound ones (the same each time).
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from tests.faults.box import PLAIN, Box
from tests.servers.application import Visitor, text_of
from tests.servers.people import ALICE, Person
from tests.servers.scripted import Scripted

_TEXT = b'("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "8BIT" 40 1 NIL NIL NIL NIL)'
_HTML = b'("TEXT" "HTML" ("CHARSET" "utf-8") NIL NIL "QUOTED-PRINTABLE" 40 1 NIL NIL NIL NIL)'
_FILE = (
    b'("APPLICATION" "PDF" ("NAME" "a.pdf") "<a@x>" NIL "BASE64" 400 NIL ("attachment" ("filename" "a.pdf")) NIL NIL)'
)
_ENVELOPE = b"(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"
_INNER = b'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 400 ' + _ENVELOPE + b" " + _TEXT + b" 9 NIL NIL NIL NIL)"
_SOUND = (
    _TEXT,
    _HTML,
    b"(" + _TEXT + _HTML + b' "ALTERNATIVE" ("BOUNDARY" "b") NIL NIL NIL)',
    b"(" + _TEXT + _FILE + _INNER + b' "MIXED" ("BOUNDARY" "b") NIL NIL NIL)',
)
_NONSENSE = (
    b"NIL", b"()", b"(NIL)", b'"text"', b"7", b"(())", b"((((((((", b"(" * 300 + b")" * 300, b"(NIL NIL NIL)",
    b'("TEXT")', b'("TEXT" "PLAIN")', b'("TEXT" "PLAIN" NIL NIL NIL NIL NIL NIL)', b'("" "" NIL NIL NIL "7BIT" 3 1)',
    b'("TEXT" "PLAIN" "CHARSET" NIL NIL "8BIT" 40 1)', b'("TEXT" "PLAIN" ("CHARSET") NIL NIL "8BIT" -5 1)',
    b'("TEXT" "PLAIN" ("CHARSET" "no-such-thing") NIL NIL "no-such-thing" 0 0)',
    b'("TEXT" "PLAIN" ("CHARSET" "utf-16") NIL NIL "BASE64" 40 1)', b'("MULTIPART" "MIXED" NIL NIL NIL "7BIT" 40)',
    b'("TEXT" "PLAIN" NIL NIL NIL "8BIT" 999999999999999 1)', b'("IMAGE" "PNG" NIL NIL NIL "BASE64" 400)',
    b'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 400)', b'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 400 NIL NIL 3)',
    b'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 400 ' + _ENVELOPE + b" NIL 3)", _INNER, _FILE,
    b"(" + _TEXT + b" NIL " + _HTML + b' "MIXED")', b"(" + _TEXT * 1200 + b' "MIXED" ("BOUNDARY" "b") NIL NIL NIL)',
    b"(" * 70 + _TEXT + b' "MIXED")' * 70, b"(" + _TEXT + b")",
    b'("TEXT" "PLAIN" (("CHARSET" "a") "b") NIL NIL "8BIT" 4 1)',
    b'("TEXT" "HTML" ("CHARSET" {6}\r\nutf-8" "NAME" {3}\r\n\xff\x00\n) NIL NIL "8BIT" 40 1)',
)  # fmt: skip


def _shuffled(chance: random.Random) -> bytes:
    """A sound structure with a few of its words dropped, doubled, or put elsewhere."""
    words = re.findall(rb'"[^"]*"|[()]|[^\s()"]+', chance.choice(_SOUND))
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(words))
        way = chance.randrange(4)
        if way == 0:
            del words[at]
        elif way == 1:
            words.insert(at, words[chance.randrange(len(words))])
        elif way == 2:
            words[at] = chance.choice([b"NIL", b"0", b'""', b"(", b")", b'"multipart"', b'"message"', b'"rfc822"'])
        else:
            other = chance.randrange(len(words))
            words[at], words[other] = words[other], words[at]
        words = words or [b"NIL"]
    return b" ".join(words)


def _letter(uid: int) -> bytes:
    """A plain letter, a letter with HTML, one with a file: in turns."""
    head = b"From: dora@example.net\r\nTo: alice@example.org\r\nSubject: Number %d\r\nMIME-Version: 1.0\r\n" % uid
    words = b"Words of letter %d.\r\n" % uid
    kinds = (
        b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + words,
        b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>" + words + b"</p>\r\n",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n" + words + b"--b\r\n"
        b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0=\r\n--b--\r\n",
    )
    return head + kinds[uid % 3]


def test_r16_whatever_a_server_says_of_a_message_it_opens_and_downloads(
    at: Callable[..., Visitor], scripted: Callable[..., Scripted]
) -> None:
    chance = random.Random(16)
    told = [*_NONSENSE, *(_shuffled(chance) for _ in range(45))]
    box = Box(range(1, len(told) + 1), _letter)
    box.structures = dict(enumerate(told, 1))
    server = scripted(box.answers, capabilities=PLAIN)
    visitor = at(server.port, page_size=10, command_timeout=10)
    visitor.sign_in(Person(ALICE, "localhost", server.port, None))  # type: ignore[arg-type]
    wrong: dict[int, str] = {}
    for uid, structure in box.structures.items():
        page = visitor.get(f"/m/INBOX/7.{uid}", headers={"X-Part": "message"})
        html = page.get_data(as_text=True)
        shows = any(sign in html for sign in ("<iframe", 'class="letter"', 'class="file"', "This message has no text"))
        if page.status_code != 200 or f"Number {uid}" not in text_of(html) or not shows:
            wrong[uid] = f"{page.status_code} {structure[:80]!r}"
        elif uid % 4 == 0 and visitor.get(f"/m/INBOX/7.{uid}/eml").get_data() != _letter(uid):
            wrong[uid] = f"another download {structure[:80]!r}"
    assert wrong == {}
