"""Our own reading of MIME, for messages whose server structure is of no use."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmail.errors import PartMissing
from webmail.mail import mime, parts
from webmail.mail.ids import PartId
from webmail.mail.message import Part


def mail(*lines: str) -> Part:
    return mime.parse("\r\n".join(lines).encode())[1]


def outline(root: Part) -> list[tuple[str, str]]:
    return [(part.id, part.type) for part in root.walk()]


MIXED = 'Content-Type: multipart/mixed; boundary="b"'


def test_a_plain_message_is_its_own_only_part() -> None:
    header, root = mime.parse(b"Subject: x\r\n\r\nhello\r\n")
    assert header == b"Subject: x\r\n\r\n"
    assert (root.id, root.type, root.content) == ("1", "text/plain", b"hello\r\n")


def test_section_numbers_are_those_of_imap() -> None:
    """RFC 9051 6.4.5, so that a repaired message and one the server understood have the same links."""
    root = mail(
        MIXED, "", "preamble", "--b", "", "one",
        "--b", "Content-Type: multipart/alternative; boundary=c", "",
        "--c", "", "two one", "--c", "Content-Type: text/html", "", "two two", "--c--",
        "--b", "Content-Type: message/rfc822", "", "Subject: inner", "Content-Type: multipart/mixed; boundary=d", "",
        "--d", "", "three one", "--d--",
        "--b", "Content-Type: message/rfc822", "", "Subject: plain", "", "four",
        "--b--", "epilogue",
    )  # fmt: skip
    assert outline(root) == [
        ("TEXT", "multipart/mixed"),
        ("1", "text/plain"),
        ("2", "multipart/alternative"),
        ("2.1", "text/plain"),
        ("2.2", "text/html"),
        ("3", "message/rfc822"),
        ("3.TEXT", "multipart/mixed"),
        ("3.1", "text/plain"),
        ("4", "message/rfc822"),
        ("4.1", "text/plain"),
    ]
    assert parts.find(root, PartId("3.1")).content == b"three one"
    assert parts.find(root, PartId("4")).filename == "plain.eml"
    with pytest.raises(PartMissing):
        parts.find(root, PartId("5"))


def test_the_line_end_before_a_delimiter_is_not_content() -> None:
    root = mail(MIXED, "", "--b", "", "one", "", "--b", "", "", "--b--")
    assert [part.content for part in root.children] == [b"one\r\n", b""]


def test_an_inner_part_never_reaches_beyond_the_outer_boundary() -> None:
    """R16: a scanner that sees the end here, and a client that does not, is how attachments are smuggled."""
    root = mail(
        MIXED, "", "--b", "Content-Type: multipart/mixed; boundary=inner", "", "--inner", "",
        "one", "--b", "", "two", "--inner--", "--b--",
    )  # fmt: skip
    assert [part.content for part in root.walk() if not part.children] == [b"one", b"two\r\n--inner--"]


def test_a_boundary_is_a_whole_line() -> None:
    root = mail(MIXED, "", "--b", "", "--bb", "x --b", "--b-", "--b  ", "", "two", "--b-- ")
    assert [part.content for part in root.children] == [b"--bb\r\nx --b\r\n--b-", b"two"]


def test_a_multipart_without_its_delimiter_is_shown_as_text() -> None:
    root = mail(MIXED, "", "all that is left")
    assert outline(root) == [("TEXT", "multipart/mixed"), ("1", "text/plain")]
    assert root.children[0].content == b"all that is left"


def test_a_misspelt_boundary_is_found_where_parts_plainly_begin() -> None:
    root = mail(MIXED, "", "--bee", "Content-Type: text/html", "", "<p>", "--bee--")
    assert [(part.type, part.content) for part in root.children] == [("text/html", b"<p>")]


def test_a_missing_end_and_a_missing_blank_line_lose_nothing() -> None:
    root = mail("Subject: x", "Hello without a blank line", "more")
    assert root.content == b"Hello without a blank line\r\nmore"
    assert mail(MIXED, "", "--b", "", "cut sho").children[0].content == b"cut sho"


def test_damage_in_the_header_is_skipped() -> None:
    assert mail("Subject: x", "damage!", MIXED, "", "--b", "", "in", "--b--").children[0].content == b"in"


def test_digests_hold_messages() -> None:
    root = mail("Content-Type: multipart/digest; boundary=b", "", "--b", "", "Subject: one", "", "body", "--b--")
    assert outline(root)[1:] == [("1", "message/rfc822"), ("1.1", "text/plain")]


def test_an_encoded_message_inside_is_read_all_the_same() -> None:
    root = mail("Content-Type: message/rfc822", "Content-Transfer-Encoding: base64", "", "U3ViamVjdDogaW4NCg0KYm9keQ==")
    assert (root.filename, root.children[0].content) == ("in.eml", b"body")


def test_names_types_and_ids_of_a_part() -> None:
    root = mail(
        "Content-Type: IMAGE/PNG; name*=utf-8''caf%C3%A9.png",
        'Content-Disposition: INLINE; filename="../x\u202e.png"',
        "Content-ID: <a@b>",
        "Content-Transfer-Encoding: base64",
        "",
        "aGk=",
    )
    assert (root.type, root.disposition, root.content_id, root.content) == ("image/png", "inline", "a@b", b"hi")
    assert root.filename == "_x.png"


def test_at_most_a_thousand_parts() -> None:
    """R15: the last one keeps the rest."""
    root = mail(MIXED, "", *["--b\r\n\r\nx"] * 5000)
    count = sum(1 for _ in root.walk())
    assert count <= parts.MOST_PARTS + 1
    assert root.children[-1].content is not None
    assert len(root.children) < 5000


@pytest.mark.parametrize("times", [100, 3000])
def test_at_most_fifty_deep(times: int) -> None:
    """R15: the standard library gives up with a RecursionError."""
    opening = [f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}" for n in range(times)]
    root = mail(*opening, "", "core")
    depth, part = 0, root
    while part.children:
        depth, part = depth + 1, part.children[0]
    assert depth == parts.DEEPEST
    assert part.content is not None
    assert part.content.endswith(b"core")
    assert parts.choose(root).attachments or parts.choose(root).text


def test_messages_within_messages_end_somewhere() -> None:
    root = mail(*["Content-Type: message/rfc822\r\n"] * 500, "core")
    assert sum(1 for _ in root.walk()) < 10


@pytest.mark.parametrize(
    "bomb",
    [
        b"--\n" * 1_000_000,
        b"a: b\n" * 600_000,
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * 500_000,
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b \t" * 500_000,
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--c\ncontent-" * 200_000,
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"\r" * 2_000_000,
        b"Content-Type: multipart/mixed; boundary=\"" + b"b" * 200_000,
        b"X\n" * 1_000_000,
    ],
)  # fmt: skip
def test_bombs_take_no_time(bomb: bytes) -> None:
    """R15."""
    begun = time.process_time()
    mime.parse(bomb)
    assert time.process_time() - begun < 3


LINES = st.sampled_from(
    [
        MIXED,
        "Content-Type: multipart/alternative; boundary=c",
        "Content-Type: text/html",
        "Content-Type: message/rfc822",
        "Content-Transfer-Encoding: base64",
        "Content-Disposition: attachment; filename=x",
        "",
        "",
        "--b",
        "--c",
        "--b--",
        "--c--",
        "aGk=",
        "text",
        "Subject: x",
        " folded",
        "begin",
        "Content-ID: <x>",
    ]
)


@given(st.lists(LINES, max_size=40), st.sampled_from(["\r\n", "\n", "\r"]))
def test_whatever_the_structure_every_leaf_is_shown_or_listed(lines: list[str], end: str) -> None:
    root = mime.parse(end.join(lines).encode())[1]
    leaves = [part.id for part in _leaves(root)]
    shown = parts.settle(parts.choose(root), None)
    bodies = [part.id for part in (shown.text, shown.html, *shown.more) if part]
    assert set(leaves) == {*bodies, *(part.id for part in shown.attachments)}
    assert len(set(leaves)) == len(leaves)
    assert not mime.suspicious(b"Content-Type: text/plain\r\n\r\n", mime.parse(b"\r\nx")[1])


def _leaves(part: Part) -> list[Part]:
    if not part.type.startswith("multipart/"):
        return [part]
    return [leaf for child in part.children for leaf in _leaves(child)]


@given(st.binary(max_size=1500))
def test_random_octets_never_raise(source: bytes) -> None:
    header, root = mime.parse(source)
    assert source.find(header) >= 0
    for part in root.walk():
        parts.text_of(part, b"").encode()


def test_a_structure_that_contradicts_its_header_is_suspicious() -> None:
    """R16."""
    header = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
    text, html = Part(PartId("1"), "text/plain"), Part(PartId("1"), "text/html")
    good = Part(PartId("TEXT"), "multipart/mixed", params={"boundary": "b"}, children=(text,))
    assert not mime.suspicious(header, good)
    assert not mime.suspicious(header, Part(PartId("TEXT"), "multipart/mixed", children=(text,)))
    assert mime.suspicious(
        header, Part(PartId("TEXT"), "multipart/mixed", params={"boundary": "other"}, children=(text,))
    )
    assert mime.suspicious(header, Part(PartId("TEXT"), "multipart/mixed", params={"boundary": "b"}))
    assert mime.suspicious(header, text)
    assert mime.suspicious(b"Content-Type: multipart/mixed\r\n\r\n", good)
    assert mime.suspicious(b"Content-Type: text/plain\r\n\r\n", good)
    assert mime.suspicious(b"Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\n", text)
    assert mime.suspicious(b"Content-Type: image/png\r\n\r\n", html)
    assert not mime.suspicious(b"Content-Type: text/html\r\n\r\n", html)
    assert not mime.suspicious(b"Subject: x\r\n\r\n", text)
