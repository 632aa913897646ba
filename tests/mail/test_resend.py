"""A message that goes on as it is."""

from __future__ import annotations

import email
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmail.errors import BadAddress, UnsafeText
from webmail.mail.address import Address
from webmail.mail.resend import public, resent

from .people import ALICE, BOB, CHARLIE, NOON

RAW = (
    b"Return-Path: <list@lists.test>\r\nReceived: from a\r\n by b\r\nFrom: x@y.test\r\nbCC : hidden@z.test,\r\n"
    b"\tother@z.test\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nX-Pennypost-Origin: reply INBOX/1.2\r\n"
    b"DKIM-Signature: v=1;\r\n  b=abc\r\n\r\nBcc: this is text\r\n.\r\n\xe4\r\n"
)


def sent(raw: bytes = RAW) -> bytes:
    return resent(raw, ALICE, (BOB, CHARLIE), message_id="<new@pennypost.test>", date=NOON)


def test_what_was_for_its_owner_alone_stays_behind_and_nothing_else() -> None:
    assert public(RAW) == (
        b"Received: from a\r\n by b\r\nFrom: x@y.test\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
        b"DKIM-Signature: v=1;\r\n  b=abc\r\n\r\nBcc: this is text\r\n.\r\n\xe4\r\n"
    )
    assert public(b"Bcc: a@b\r\n") == b""
    assert public(b"\r\nBcc: text\r\n") == b"\r\nBcc: text\r\n"
    assert public(b"Bcc: a@b\n\nBcc: text\n") == b"\nBcc: text\n"


def test_resent_fields_stand_above_the_message() -> None:
    """RFC 5322 3.6.6."""
    octets = sent()
    assert octets.endswith(public(RAW))
    message = email.message_from_bytes(octets, policy=default)
    assert message.keys()[:4] == ["Resent-From", "Resent-To", "Resent-Date", "Resent-Message-ID"]
    assert message["Resent-To"].addresses[1].addr_spec == CHARLIE.address
    assert (message["From"], message["Resent-Message-ID"]) == ("x@y.test", "<new@pennypost.test>")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no header\r\n",
        b" Subject: folded into ours\r\n\r\n",
        b"\r\nonly text\r\n",
        b"From x@y Mon Jan 1\r\nSubject: x\r\n\r\n",
        b"Subject: x\n\nbare\n",
        b"Subject: x\r\n\r\na\rb\r\n",
        b"Subject: x\r\n\r\n\0\r\n",
        b"Subject: x\r\n\r\n" + b"x" * 1001 + b"\r\n",
    ],
)
def test_r10_what_cannot_go_out_as_it_is_does_not_go_out(raw: bytes) -> None:
    with pytest.raises(UnsafeText):
        sent(raw)


def test_a_line_as_long_as_lines_may_be_goes_out() -> None:
    assert sent(b"Subject: x\r\n\r\n" + b"x" * 998 + b"\r\n")


def test_r10_addresses_and_names_cannot_end_a_field() -> None:
    with pytest.raises(BadAddress):
        resent(RAW, ALICE, (Address("", "no address"),), message_id="<n@x>", date=NOON)
    with pytest.raises(UnsafeText):
        resent(RAW, ALICE, (Address("a\r\nBcc: x@y", "b@c.test"),), message_id="<n@x>", date=NOON)
    with pytest.raises(UnsafeText):
        resent(RAW, ALICE, (BOB,), message_id="no id", date=NOON)


@given(st.binary(max_size=300), st.sampled_from([b"Bcc", b"BCC ", b"bcc", b"Resent-Bcc"]))
def test_no_blind_copy_is_ever_told(rest: bytes, name: bytes) -> None:
    raw = b"Subject: x\r\n" + name + b": secret@hidden.test\r\n" + rest.replace(b"secret", b"")
    head = email.message_from_bytes(public(raw))
    assert b"secret" not in public(raw)
    assert "bcc" not in {key.strip().lower() for key in head.keys()}  # noqa: SIM118
