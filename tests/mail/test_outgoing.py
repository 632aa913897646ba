"""What goes to others is cut out of the copy in Drafts: the same octets, less what is its writer's own."""

from __future__ import annotations

import email
from datetime import UTC, datetime
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmail import errors
from webmail.mail import outgoing
from webmail.mail.address import Address, wire
from webmail.mail.build import build
from webmail.mail.draft import Attachment, Draft
from webmail.mail.headers import Headers

BOB, DANA = Address("Bob, with comma", "bob@example.org"), Address("Ðana", "dana@bücher.example")
OWN = ((outgoing.MARK, "0" * 64), (outgoing.ORIGIN, "reply INBOX/1.2"))


def letter(**given: object) -> Draft:
    usual: dict[str, object] = {
        "sender": Address("Alice", "alice@example.org"), "to": (BOB,), "cc": (), "bcc": (DANA,), "subject": "Grüße",
        "text": "Bcc: nobody\n\nX-Pennypost-Send: in the body\n", "in_reply_to": None, "references": (),
        "message_id": "<1@example.org>", "date": datetime(2026, 7, 14, tzinfo=UTC), "attachments": (), "extra": OWN,
    }  # fmt: skip
    return Draft(**(usual | given))  # type: ignore[arg-type]


def test_r10_blind_copies_and_our_own_fields_never_go_out() -> None:
    stored = build(letter(), keep_bcc=True)
    out = outgoing.submitted(stored)
    assert out == build(letter(extra=()))
    assert outgoing.filed(stored) == build(letter(extra=()), keep_bcc=True)
    assert stored.partition(b"\r\n\r\n")[2] == out.partition(b"\r\n\r\n")[2]
    assert [
        name for name in email.message_from_bytes(out, policy=default) if name.lower() in ("bcc", "x-pennypost-send")
    ] == []


def test_a_letter_to_nobody_in_sight_says_so() -> None:
    out = outgoing.submitted(build(letter(to=()), keep_bcc=True))
    assert email.message_from_bytes(out, policy=default)["To"] == "undisclosed-recipients:;"
    assert b"dana" not in out


def test_many_blind_copies_over_many_lines_leave_nothing_behind() -> None:
    many = tuple(Address(f"Person {n} with a rather long name", f"p{n}@hidden.example") for n in range(300))
    out = outgoing.submitted(build(letter(bcc=many), keep_bcc=True))
    assert b"hidden" not in out


@pytest.mark.parametrize("name", ["Bcc", "BCC", "bcc ", "Resent-Bcc", "bCc"])
def test_a_draft_of_another_program_keeps_its_blind_copies_to_itself(name: str) -> None:
    stored = (
        f"From: a@example.org\r\nTo: b@example.org\r\n{name}: secret@example.net,\r\n\tmore@example.net\r\n\r\nx\r\n"
    )
    out = outgoing.submitted(stored.encode())
    assert out == b"From: a@example.org\r\nTo: b@example.org\r\n\r\nx\r\n"


@pytest.mark.parametrize(
    "broken", [b"no header at all", b"From: a@b\r\nnonsense\r\n\r\nx", b"\r\n\r\n", b" folded\r\n\r\n"]
)
def test_what_has_no_clear_header_is_not_sent(broken: bytes) -> None:
    with pytest.raises(errors.UnsafeText):
        outgoing.submitted(broken)


_LOCAL = st.text("abcxyz0189.!#$%&'*+/=?^_`{|}~-äß漢", min_size=1, max_size=20)
_NAME = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=40)


@given(st.lists(st.tuples(_NAME, _LOCAL), min_size=1, max_size=8))
def test_who_gets_a_letter_read_back_is_who_was_meant(people: list[tuple[str, str]]) -> None:
    meant = tuple(Address(name, f"{local}@example.org") for name, local in people)
    draft = letter(to=meant[:1], cc=meant[1:3], bcc=meant[3:])
    try:
        stored = build(draft, keep_bcc=True)
    except (errors.UnsafeText, errors.BadAddress):
        return
    header = Headers.parse(stored)
    assert outgoing.recipients(header) == tuple(dict.fromkeys(wire(person.address) for person in meant))
    assert outgoing.sender(header) == "alice@example.org"


def test_an_attachment_is_carried_untouched() -> None:
    stored = build(
        letter(attachments=(Attachment("a.bin", "application/octet-stream", bytes(range(256)) * 99),)), keep_bcc=True
    )
    assert outgoing.submitted(stored) == build(
        letter(extra=(), attachments=(Attachment("a.bin", "application/octet-stream", bytes(range(256)) * 99),))
    )
