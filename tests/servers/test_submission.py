"""The submission server refuses what it should: otherwise no test of sending could fail."""

from __future__ import annotations

import base64
import smtplib

import pytest

from tests.servers.authority import Authority
from tests.servers.people import ALICE, BOB, Identity, Person, letter
from tests.servers.submission import Submission


def sign_in(submission: Submission, authority: Authority, who: Identity = ALICE) -> smtplib.SMTP_SSL:
    client = smtplib.SMTP_SSL("localhost", submission.port, context=authority.client_context(), timeout=10)
    client.ehlo()
    # smtplib's own login cannot carry letters outside ASCII.
    secret = base64.b64encode(f"\0{who.login}\0{who.password}".encode()).decode()
    assert client.docmd("AUTH", f"PLAIN {secret}")[0] == 235
    return client


def test_a_wrong_password_is_refused(submission: Submission, authority: Authority) -> None:
    with smtplib.SMTP_SSL("localhost", submission.port, context=authority.client_context(), timeout=10) as client:
        with pytest.raises(smtplib.SMTPAuthenticationError, match="535"):
            client.login(ALICE.login, "wrong")
        with pytest.raises(smtplib.SMTPSenderRefused, match="530"):
            client.sendmail(ALICE.address, [BOB.address], letter())
    assert submission.refused_logins == [ALICE.login, ALICE.login]  # PLAIN, then LOGIN
    assert submission.accepted == []


def test_mail_is_kept_exactly_and_reaches_bob(submission: Submission, authority: Authority, bob: Person) -> None:
    raw = letter("To bob", text="A line.\r\n.A line with a dot.\r\nÄ\r\n")
    with sign_in(submission, authority) as client:
        assert client.sendmail(ALICE.address, [BOB.address, "someone@example.com"], raw) == {}
    (taken,) = submission.accepted
    assert (taken.login, taken.sender, taken.recipients) == (
        ALICE.login,
        ALICE.address,
        (BOB.address, "someone@example.com"),
    )
    assert taken.raw == raw
    (received,) = bob.messages()
    assert received.raw.endswith(raw)
    assert received.header("Return-Path") == f"<{ALICE.address}>"


def test_starttls_is_the_only_way_to_sign_in_on_the_other_port(submission: Submission, authority: Authority) -> None:
    with smtplib.SMTP("localhost", submission.starttls_port, timeout=10) as client:
        client.ehlo()
        assert not client.has_extn("AUTH")
        client.starttls(context=authority.client_context())
        client.login(ALICE.login, ALICE.password)
        client.sendmail(ALICE.address, ["someone@example.com"], letter())
    assert len(submission.accepted) == 1


@pytest.mark.parametrize(("word", "code"), [("reject", 550), ("tempfail", 451), ("notowned", 553)])
def test_some_recipients_are_refused(submission: Submission, authority: Authority, word: str, code: int) -> None:
    with sign_in(submission, authority) as client:
        refused = client.sendmail(ALICE.address, [f"{word}@example.com", "good@example.com"], letter())
    assert refused[f"{word}@example.com"][0] == code
    assert submission.accepted[0].recipients == ("good@example.com",)


@pytest.mark.parametrize(("word", "code"), [("datafail", 554), ("later", 452)])
def test_some_messages_are_refused_after_data(
    submission: Submission, authority: Authority, word: str, code: int
) -> None:
    with sign_in(submission, authority) as client, pytest.raises(smtplib.SMTPDataError) as caught:
        client.sendmail(ALICE.address, [f"{word}@example.com"], letter())
    assert caught.value.smtp_code == code
    assert submission.accepted == []


@pytest.mark.parametrize(("word", "taken"), [("drop", 1), ("vanish", 0)])
def test_the_answer_to_data_can_be_lost(submission: Submission, authority: Authority, word: str, taken: int) -> None:
    client = sign_in(submission, authority, BOB)
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
        client.sendmail(BOB.address, [f"{word}@example.com"], letter())
    client.close()
    assert len(submission.accepted) == taken


def test_a_message_over_the_limit_is_refused(submission: Submission, authority: Authority) -> None:
    submission.size_limit = 5000
    with sign_in(submission, authority) as client, pytest.raises(smtplib.SMTPSenderRefused, match="552"):
        client.sendmail(ALICE.address, [BOB.address], letter(text="x\r\n" * 5000))


def test_a_line_over_998_octets_is_refused(submission: Submission, authority: Authority) -> None:
    with sign_in(submission, authority) as client, pytest.raises(smtplib.SMTPDataError, match="500"):
        client.sendmail(ALICE.address, [BOB.address], letter(text="x" * 1200 + "\r\n"))
    assert submission.accepted == []
