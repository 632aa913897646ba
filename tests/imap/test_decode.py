"""Answers to mail values: what servers say, and what they should not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmail import errors
from webmail.imap import decode
from webmail.imap.structure import Unusable, structure
from webmail.mail.flags import SEEN
from webmail.mail.ids import MailboxName


def listed(*lines: Any) -> list[Any]:
    return decode.mailboxes({"LIST": list(lines)})


@pytest.mark.parametrize(
    ("line", "name", "delimiter"),
    [
        (b'(\\HasNoChildren) "/" INBOX', "INBOX", "/"),
        (b'() "." inbox', "INBOX", "."),
        (b'() "." "Inbox"', "INBOX", "."),
        (b"() NIL Flat", "Flat", None),
        (b'() nil "Flat"', "Flat", None),
        (b'() "" Flat', "Flat", None),
        (b'() "\\\\" "a\\\\b"', "a\\b", "\\"),
        (b'() "/" "with \\"quotes\\""', 'with "quotes"', "/"),
        (b'() "/" 2024', "2024", "/"),
        (b'() "/" 007', "007", "/"),
        (b'() "/" "NIL"', "NIL", "/"),
        (b'() "/" [Gmail]/All', "[Gmail]/All", "/"),
        (b'() "/" &AMQ-rger', "&AMQ-rger", "/"),
        (b'() "/" "a & b"', "a & b", "/"),
        (b'() "/" "&broken"', "&broken", "/"),
        ('() "/" "Ärger"'.encode(), "Ärger".encode().decode("latin-1"), "/"),
        (b'() "/" unquoted with spaces', "unquoted with spaces", "/"),
        (b'() "/" "new" ("CHILDINFO" ("SUBSCRIBED"))', "new", "/"),
        (b'() "/" new ("OLDNAME" ("old"))', "new", "/"),
        (b'()  "/"  "two spaces"', "two spaces", "/"),
        ((b'() "/" {8}', b'a "lit" \xe4'), 'a "lit" \xe4', "/"),
    ],
)
def test_names_are_kept_to_the_octet(line: Any, name: str, delimiter: str | None) -> None:
    data = [line, b""] if isinstance(line, tuple) else [line]
    (found,) = listed(*data)
    assert (found.name, found.delimiter) == (name, delimiter)


def test_attributes_compare_without_case() -> None:
    (found,) = listed(b'(\\NoSelect \\SENT) "/" x')
    assert found.attributes == {"\\noselect", "\\sent"}
    assert not found.selectable


@pytest.mark.parametrize("line", [b"", b"()", b"nonsense", b'() "/"', b'() "/" ""', None, b"(", b'("/" x'])
def test_a_line_that_is_none_is_passed_over(line: Any) -> None:
    assert [found.name for found in listed(line, b'() "/" a')] == ["a"]


def test_a_mailbox_listed_twice_is_one() -> None:
    assert len(listed(b'() "/" a', b'() "/" "a"', b'() "/" INBOX', b'() "/" Inbox')) == 2


def test_counts_are_found_however_the_name_is_written() -> None:
    data = {
        "LIST": [b'() "/" "a"', b'() "/" INBOX', (b'() "/" {1}', b"b"), b"", b'() "/" c'],
        "STATUS": [b"a (MESSAGES 5 UNSEEN 2)", b'"Inbox" (unseen 1 messages 3)', (b"{1}", b"b"), b" (MESSAGES 7)"],
    }
    assert [(m.name, m.messages, m.unseen) for m in decode.mailboxes(data)] == [
        ("a", 5, 2),
        ("INBOX", 3, 1),
        ("b", 7, None),
        ("c", None, None),
    ]


@given(
    st.lists(st.one_of(st.binary(max_size=60), st.tuples(st.binary(max_size=40), st.binary(max_size=10))), max_size=6)
)
def test_no_list_answer_raises(lines: list[Any]) -> None:
    decode.mailboxes({"LIST": lines, "STATUS": lines})


TEMPLATE = [b"1 (UID 5 FLAGS (", b"\\Seen", b') INTERNALDATE "', b"01-Jan-2026 00:00:00 +0000", b'" RFC822.SIZE 9)']


@given(st.lists(st.one_of(st.sampled_from(TEMPLATE), st.binary(max_size=20)), max_size=8).map(b"".join))
def test_no_fetch_answer_raises(line: bytes) -> None:
    for one in decode.fetched([line]):
        assert isinstance(one.sequence, int)


@given(st.recursive(st.none() | st.binary(max_size=9) | st.integers(), lambda inner: st.lists(inner, max_size=6)))
def test_no_structure_raises_anything_else(told: Any) -> None:
    try:
        structure(told)
    except Unusable:
        pass


_NAMES = ["COPYUID", "APPENDUID", "ID", "NAMESPACE", "SEARCH", "MYRIGHTS"]


@given(st.dictionaries(st.sampled_from(_NAMES), st.lists(st.binary(max_size=30))))
def test_no_other_answer_raises(data: dict[str, list[bytes]]) -> None:
    for read in (
        decode.copyuid, decode.appenduid, decode.namespaces, decode.numbers, decode.count, decode.myrights,
    ):  # fmt: skip
        try:
            read(data)
        except errors.ProtocolBroken:
            pass
    decode.identity(data.get("ID", []))
    decode.selected(MailboxName("x"), 0, "", data)


def test_flags_are_spelled_our_way_and_recent_is_nobodys() -> None:
    (one,) = decode.fetched([b"3 (FLAGS (\\SEEN \\recent $forwarded 7 own))"])
    assert one.flags == {SEEN, "$Forwarded", "7", "own"}
    assert one.uid is None


def test_arrival_is_told_in_utc() -> None:
    (one,) = decode.fetched([b'3 (UID 1 INTERNALDATE " 1-Jan-2026 12:00:00 +0530")'])
    assert one.arrived == datetime(2026, 1, 1, 6, 30, tzinfo=UTC)
    assert one.arrived.tzinfo is UTC


def test_previews_of_both_drafts_are_read() -> None:
    assert decode.fetched([b'1 (PREVIEW "a b")'])[0].preview == b"a b"
    assert decode.fetched([b'1 (PREVIEW (FUZZY "a b"))'])[0].preview == b"a b"
    assert decode.fetched([(b"1 (PREVIEW {3}", "ä!".encode()), b")"])[0].preview == "ä!".encode()
    assert decode.fetched([b"1 (PREVIEW NIL)"])[0].preview is None


def test_sets_are_read_in_their_order() -> None:
    """RFC 9051 7.1: COPYUID pairs its two sets by position."""
    assert decode.expanded(b"1:3,9,7:5") == [1, 2, 3, 9, 7, 6, 5]
    assert decode.copyuid({"COPYUID": [b"38505 304,319:320 3956:3958"]}) == (38505, {304: 3956, 319: 3957, 320: 3958})
    assert decode.copyuid({"COPYUID": [b"38505 304,319:320 3956"]}) is None
    assert decode.copyuid({}) is None


@pytest.mark.parametrize("bomb", [b"1:4294967295", b"1:2,", b",", b"1:2000000,1:2000000"])
def test_r15_a_set_is_no_bomb(bomb: bytes) -> None:
    with pytest.raises(errors.ProtocolBroken):
        decode.expanded(bomb)


def test_search_answers_old_and_new() -> None:
    assert decode.numbers({"SEARCH": [b"3 1", b"2"]}) == [1, 2, 3]
    assert decode.numbers({"SEARCH": [None]}) == []
    assert decode.numbers({"ESEARCH": [b'(TAG "A1") UID ALL 1:2,5']}) == [1, 2, 5]
    assert decode.numbers({"ESEARCH": [b'(TAG "A1") UID']}) == []
    assert decode.count({"ESEARCH": [b'(TAG "A1") COUNT 17']}) == 17


def test_select_without_permanentflags_keeps_every_flag() -> None:
    """RFC 9051 7.1."""
    told = decode.selected(MailboxName("x"), 3, "READ-WRITE", {"UIDVALIDITY": [b"9"]})
    assert SEEN in told.permanent_flags
    assert not told.keywords
    assert (told.uidvalidity, told.uidnext, told.messages, told.read_only) == (9, None, 3, False)


def test_select_with_permanentflags() -> None:
    data = {"PERMANENTFLAGS": [b"(\\seen \\*)"], "UIDNEXT": [b"44"]}
    told = decode.selected(MailboxName("x"), 0, "READ-ONLY", data)
    assert (told.permanent_flags, told.keywords, told.uidnext, told.read_only) == ({SEEN}, True, 44, True)
