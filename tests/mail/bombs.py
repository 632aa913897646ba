"""Messages made to keep a reader busy: each a few kilobytes of intent and much work for whoever is careless (R15)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Final

_HEAD: Final = (
    b"From: Mallory <mallory@example.net>\r\nTo: alice@example.org\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\n"
    b"Message-ID: <bomb@example.net>\r\nMIME-Version: 1.0\r\n"
)
_PLAIN: Final = b"Content-Type: text/plain; charset=utf-8\r\n"
WORDS: Final = b"These are the words of the letter.\r\n"


def letter(more: bytes, body: bytes, subject: bytes = b"A bomb") -> bytes:
    """A message with these header lines and this body."""
    return _HEAD + b"Subject: " + subject + b"\r\n" + more + b"\r\n" + body


def _text(body: bytes) -> bytes:
    return letter(_PLAIN, body)


def _html(body: bytes) -> bytes:
    return letter(b"Content-Type: text/html; charset=utf-8\r\n", body)


def many_parts(count: int = 10_000) -> bytes:
    part = b"--b\r\nContent-Type: text/plain\r\n\r\n" + WORDS
    return letter(b"Content-Type: multipart/mixed; boundary=b\r\n", part * count + b"--b--\r\n")


def many_files(count: int = 10_000) -> bytes:
    parts = (
        b"--b\r\nContent-Type: image/png; name=p%d.png\r\nContent-ID: <%d@x>\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n" % (n, n)
        for n in range(count)
    )
    shown = b"--b\r\nContent-Type: text/html\r\n\r\n" + b"".join(b'<img src="cid:%d@x">' % n for n in range(count))
    return letter(b"Content-Type: multipart/related; boundary=b\r\n", shown + b"\r\n" + b"".join(parts) + b"--b--\r\n")


def deep_multiparts(levels: int = 1000) -> bytes:
    opened = b"".join(
        b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (n, n + 1) for n in range(levels)
    )
    closed = b"".join(b"--b%d--\r\n" % n for n in range(levels, -1, -1))
    inside = b"--b%d\r\nContent-Type: text/plain\r\n\r\n" % levels + WORDS
    return letter(b"Content-Type: multipart/mixed; boundary=b0\r\n", opened + inside + closed)


def deep_messages(levels: int = 1000) -> bytes:
    inner = b"".join(
        b"From: m@example.net\r\nSubject: Level %d\r\nContent-Type: message/rfc822\r\n\r\n" % n for n in range(levels)
    )
    return letter(b"Content-Type: message/rfc822\r\n", inner + b"Subject: The last\r\n\r\n" + WORDS)


def one_boundary_for_all(levels: int = 1000) -> bytes:
    """Each level names the same boundary: a parser that tries all of them at each line is quadratic."""
    opened = b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" * levels
    return letter(b"Content-Type: multipart/mixed; boundary=b\r\n", opened + b"--b\r\n\r\n" + WORDS + b"--b--\r\n")


def boundaries_that_begin_alike(levels: int = 40, lines: int = 5000) -> bytes:
    opened = b"".join(
        b"--%b\r\nContent-Type: multipart/mixed; boundary=%b\r\n\r\n" % (b"a" * n, b"a" * (n + 1))
        for n in range(1, levels)
    )
    body = b"".join(b"--%b\r\n" % (b"a" * (n % 70 + levels)) for n in range(lines))
    return letter(b"Content-Type: multipart/mixed; boundary=a\r\n", opened + body)


def nothing_but_delimiters(count: int = 300_000) -> bytes:
    return letter(b"Content-Type: multipart/mixed; boundary=b\r\n", b"--b\r\n" * count + b"\r\n" + WORDS)


def boundary_of_a_megabyte() -> bytes:
    long = b"x" * 1_000_000
    return letter(b'Content-Type: multipart/mixed; boundary="%b"\r\n' % long, b"--%b\r\n\r\n%b" % (long, WORDS))


def guessed_boundaries(lines: int = 200_000) -> bytes:
    """No delimiter fits, and each line could be the one that was meant."""
    return letter(b"Content-Type: multipart/mixed; boundary=lost\r\n", b"--x\r\ncontent-\r\n" * lines + WORDS)


def long_header() -> bytes:
    return letter(b"X-Long: " + b"a" * 5_000_000 + b"\r\n" + _PLAIN, WORDS)


def folded_header() -> bytes:
    return letter(b"X-Long: a\r\n" + b" b\r\n" * 1_300_000 + _PLAIN, WORDS)


def many_fields() -> bytes:
    return letter(b"".join(b"X-%d: y\r\n" % n for n in range(400_000)) + _PLAIN, WORDS)


def received(count: int = 2000) -> bytes:
    line = b"Received: from a.example (a.example [192.0.2.1])\r\n by b.example with ESMTPS id %d\r\n"
    trace = b"".join((line + b" for <alice@example.org>; Mon, 2 Mar 2026 10:00:00 +0000\r\n") % n for n in range(count))
    return trace + _text(WORDS)


def addresses(count: int = 20_000) -> bytes:
    people = b",\r\n ".join(b"Person %d <p%d@example.com>" % (n, n) for n in range(count))
    return letter(b"Cc: " + people + b"\r\n" + _PLAIN, WORDS)


def short_addresses() -> bytes:
    return letter(b"Cc: " + b"a@b," * 60_000 + b"\r\n" + _PLAIN, WORDS)


def senders(count: int = 5000) -> bytes:
    people = b",\r\n ".join(b"P%d <p%d@example.com>" % (n, n) for n in range(count))
    return letter(b"From: " + people + b"\r\n" + b"Reply-To: " + people + b"\r\n" + _PLAIN, WORDS)


def address_comments() -> bytes:
    return letter(b"Cc: " + b"(" * 200_000 + b" a@example.com\r\n" + _PLAIN, WORDS)


def address_quotes() -> bytes:
    return letter(b'Cc: "' + b"\\a" * 100_000 + b"\r\nReply-To: " + b'"' * 200_001 + b"\r\n" + _PLAIN, WORDS)


def address_groups() -> bytes:
    return letter(b"Cc: " + b"g:" * 60_000 + b"<" * 60_000 + b";" * 60_000 + b"\r\n" + _PLAIN, WORDS)


def name_in_pieces(count: int = 20_000) -> bytes:
    pieces = b";".join(b"\r\n filename*%d*=%%41" % n for n in range(count))
    part = (
        b"--b\r\n\r\n%b--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment;%b\r\n\r\nx\r\n--b--\r\n"
    )
    return letter(b"Content-Type: multipart/mixed; boundary=b\r\n", part % (WORDS, pieces))


def parameters() -> bytes:
    return letter(b"Content-Type: text/plain" + b";a=b" * 50_000 + b';c="' + b"\\" * 50_001 + b"\r\n", WORDS)


def encoded_words(count: int = 100_000) -> bytes:
    return letter(_PLAIN, WORDS, b"\r\n ".join([b"=?utf-8?q?a?="] * count))


def encoded_words_begun() -> bytes:
    return letter(_PLAIN, WORDS, b"=?utf-8?q?" * 20_000)


def encoded_words_of_many_charsets() -> bytes:
    names = (b"utf-8", b"iso-8859-1", b"koi8-r", b"iso-2022-jp", b"gb2312", b"none")
    return letter(_PLAIN, WORDS, b" ".join(b"=?%b?b?4pyT?=" % names[n % 6] for n in range(2000)))


def references(count: int = 100_000) -> bytes:
    return letter(b"References: " + b" ".join(b"<%d@x>" % n for n in range(count)) + b"\r\n" + _PLAIN, WORDS)


def verdicts() -> bytes:
    one = b"Authentication-Results: mx.example.org; dkim=pass header.d=example.net" + b"; spf=pass (c)" * 300 + b"\r\n"
    return one * 40 + _text(WORDS)


def ways_to_leave() -> bytes:
    ways = b",".join(b"<https://x.example/%d>" % n for n in range(10_000))
    return letter(b"List-Unsubscribe: " + ways + b"\r\n" + _PLAIN, WORDS)


def long_html() -> bytes:
    return _html(b"<p>Words, words, words.</p>\r\n" * 360_000)


def html_of_tags() -> bytes:
    return _html(b"<b><i>" * 400_000)


def html_in_base64() -> bytes:
    body = b64encode(b"<p>Words</p>" * 300_000)
    lines = b"\r\n".join(body[at : at + 76] for at in range(0, len(body), 76))
    return letter(b"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n", lines)


def short_lines() -> bytes:
    return _text(b"\r\n" * 900_000 + WORDS)


def one_line() -> bytes:
    return _text(b"word " * 380_000)


def quoted_deeply() -> bytes:
    return _text(WORDS + b"\r\n".join(b">" * (n % 900) + b" x" for n in range(4000)))


def quoted_in_turns() -> bytes:
    return _text((b"> one\r\ntwo\r\n") * 80_000)


def addresses_in_the_text() -> bytes:
    return _text(b"http://a.b/?" * 50_000 + b"a@b.c." * 100_000 + b"@" * 200_000)


def flowed() -> bytes:
    return letter(b"Content-Type: text/plain; format=flowed; delsp=yes\r\n", b"a \r\n" * 400_000)


def signatures() -> bytes:
    return _text(b"-- \r\n" * 300_000)


def headers_of_quotes() -> bytes:
    return _text((b"From: a\r\nSent: b\r\nTo: c\r\nOn x wrote:\r\n") * 30_000)


def broken_base64() -> bytes:
    return letter(_PLAIN + b"Content-Transfer-Encoding: base64\r\n", b"QUJD=\r\n" * 200_000 + b"=" * 200_000)


def broken_quoted_printable() -> bytes:
    spaces = b"=" + b" " * 1_000_000 + b"=\t" * 100_000
    return letter(_PLAIN + b"Content-Transfer-Encoding: quoted-printable\r\n", spaces)


def uuencoded() -> bytes:
    return letter(_PLAIN + b"Content-Transfer-Encoding: x-uuencode\r\n", b"begin 644 a\n" + b"M\n" * 400_000)


def escapes_of_iso_2022() -> bytes:
    return letter(b"Content-Type: text/plain; charset=iso-2022-jp\r\n", b"\x1b$B\x1b(B" * 200_000)


def foreign_octets() -> bytes:
    return letter(b"Content-Type: text/plain\r\n", bytes(range(128, 256)) * 12_000)


def foreign_header() -> bytes:
    return letter(b"X-A: " + bytes(range(128, 256)) * 1500 + b"\r\nCc: " + b"\xe4" * 60_000 + b"\r\n" + _PLAIN, WORDS)


def signed_empty() -> bytes:
    """Ten thousand alternatives, none of them a text."""
    part = b"--b\r\nContent-Type: application/x\r\n\r\n\r\n"
    return letter(b"Content-Type: multipart/alternative; boundary=b\r\n", part * 900 + b"--b--\r\n")


ALL: Final[dict[str, Callable[[], bytes]]] = {
    name: make
    for name, make in list(globals().items())
    if getattr(make, "__module__", "") == __name__ and not name.startswith("_") and name != "letter"
}
