"""Where the demo's server finds the parts of a message: offsets, section numbers, and messages that are broken."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from demo.imap.addresses import address_list
from demo.imap.describe import envelope, octets, structure
from demo.imap.fields import parameters
from demo.imap.items import Section
from demo.imap.structure import Node, parse

NESTED = (
    b"Subject: outer\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\nbefore\r\n--x\r\n\r\nfirst\r\n"
    b"--x\r\nContent-Type: message/rfc822\r\n\r\n"
    b"Subject: inner\r\nContent-Type: multipart/alternative; boundary=y\r\n\r\n"
    b"--y\r\n\r\nplain\r\n--y\r\nContent-Type: text/html\r\n\r\n<p>\r\n--y--\r\n\r\n--x--\r\nafter\r\n"
)


def test_sections_have_their_exact_octets() -> None:
    root = parse(NESTED)
    assert octets(root, Section((1,))) == b"first"
    assert octets(root, Section((2,), "HEADER")).startswith(b"Subject: inner\r\n")
    assert octets(root, Section((2, 1))) == b"plain"
    assert octets(root, Section((2, 2), "MIME")) == b"Content-Type: text/html\r\n\r\n"
    assert octets(root, Section((), "HEADER.FIELDS", (b"subject",))) == b"Subject: outer\r\n\r\n"
    assert octets(root, Section((7,))) == b""


def test_a_part_without_its_closing_boundary_ends_where_its_parent_does() -> None:
    root = parse(NESTED.replace(b"--y--\r\n", b""))
    assert [len(node.children) for node in (root, root.children[1].children[0])] == [2, 2]
    assert octets(root, Section((2, 2))) == b"<p>\r\n"


def test_a_multipart_without_parts_has_one_empty_text() -> None:
    root = parse(b"Content-Type: multipart/mixed; boundary=x\r\n\r\nnothing\r\n")
    assert b'"text" "plain"' in structure(root, extended=True)


def test_five_thousand_levels_are_no_recursion() -> None:
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(5000))
    assert len(structure(parse(deep), extended=True)) < 100_000
    assert address_list(b"(" * 5000 + b"a@b" + b"<" * 5000) is not None


def test_groups_comments_and_bare_words_are_told_as_addresses() -> None:
    assert address_list(b'team: a@b, "Q, x" <c@d>;') == (
        b'((NIL NIL "team" NIL)(NIL NIL "a" "b")("Q, x" NIL "c" "d")(NIL NIL NIL NIL))'
    )
    assert address_list(b"ana@x.example (Ana)") == b'(("Ana" NIL "ana" "x.example"))'
    assert address_list(b"undisclosed-recipients:;") == b'((NIL NIL "undisclosed-recipients" NIL)(NIL NIL NIL NIL))'
    assert address_list(None) == b"NIL"


def test_continued_parameters_are_joined_and_stay_encoded() -> None:
    head, params = parameters(b"attachment; filename*0*=utf-8''%C3; filename*1*=%A4.txt; size=3")
    assert (head, dict(params)) == (b"attachment", {b"filename*": b"utf-8''%C3%A4.txt", b"size": b"3"})


_TYPES = (b"Content-Type: multipart/mixed; boundary=x\r\n", b"Content-Type: message/rfc822\r\n", b"text\r\n")
_BROKEN = (b"To: a@b (\r\n", b'From: "\r\n', b"Content-Disposition: ;\r\n", b"\x80\xff", b"--", b"x", b":")
_PIECES = st.sampled_from((b"--x\r\n", b"--x--\r\n", b"\r\n", *_TYPES, *_BROKEN))


@given(st.lists(_PIECES, max_size=40).map(b"".join))
def test_whatever_comes_is_described_and_every_part_lies_within_the_message(source: bytes) -> None:
    root = parse(source)
    assert structure(root, extended=True).startswith(b"(")
    assert envelope(root).startswith(b"(")
    waiting: list[Node] = [root]
    while waiting:
        node = waiting.pop()
        assert 0 <= node.start <= node.body <= node.end <= len(source)
        waiting += node.children
