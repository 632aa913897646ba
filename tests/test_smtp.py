"""Submission over TLS against a server that checks the login: what is sent, what is refused, what nobody can know."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from tests.servers.authority import Authority, Certificate
from tests.servers.people import ALICE, BOB, letter
from tests.servers.proxy import Proxy
from tests.servers.scripted import Scripted
from tests.servers.submission import Submission
from webmail import errors, smtp
from webmail.config import Endpoint

MESSAGE = letter("Hello", text="One\r\n.\r\n..two\r\nend\r\n")


def submit(server: Any, authority: Authority, to: list[str], **change: Any) -> dict[str, str]:
    given: dict[str, Any] = {
        "endpoint": Endpoint("localhost", getattr(server, "port", 1), "implicit", authority.ca_file),
        "login": ALICE.login,
        "password": ALICE.password,
        "message": MESSAGE,
        "sender": ALICE.address,
        "recipients": to,
        "context": ssl.create_default_context(cafile=str(authority.ca_file)),
        "connect_timeout": 5,
        "command_timeout": 2,
    } | change
    return smtp.submit(**given)


def test_the_exact_bytes_arrive_dots_and_all(submission: Submission, authority: Authority) -> None:
    assert submit(submission, authority, ["bob@example.org", "x@example.net"]) == {}
    [taken] = submission.accepted
    assert taken.raw == MESSAGE
    assert (taken.login, taken.sender) == (ALICE.login, ALICE.address)
    assert taken.recipients == ("bob@example.org", "x@example.net")


@dataclass(frozen=True)
class Cut:
    """A message in pieces of this many octets."""

    octets: bytes
    width: int

    @property
    def size(self) -> int:
        return len(self.octets)

    def chunks(self) -> Iterator[bytes]:
        for start in range(0, self.size, self.width):
            yield self.octets[start : start + self.width]


def test_wherever_a_message_is_cut_the_same_octets_arrive(submission: Submission, authority: Authority) -> None:
    message = b"Subject: dots\r\n\r\n.\r\n..\r\n\r\n.x\r\ny.\r\n.\r\n" + b"z" * 900 + b"\r\n.end"
    for width in (1, 2, 3, 5, 7, 1000):
        submit(submission, authority, ["x@example.net"], message=Cut(message, width))
    assert {taken.raw for taken in submission.accepted} == {message + b"\r\n"}
    assert len(submission.accepted) == 6
    assert submission.accepted[0].options[0] == f"SIZE={len(message)}"


@pytest.mark.parametrize("unsafe", [b"a\rb\r\n", b"a\nb\r\n", b"a\r", b"a\r\r\nb", b"a\0b", b"\n", b"a\r\n\nb"])
def test_r10_wherever_a_message_is_cut_what_could_smuggle_is_seen(
    submission: Submission, authority: Authority, unsafe: bytes
) -> None:
    for width in (1, 2, 3, 100):
        with pytest.raises(errors.UnsafeText):
            submit(submission, authority, ["x@example.net"], message=Cut(b"A: b\r\n\r\n" + unsafe, width))
    assert submission.accepted == []


def test_a_password_of_any_letters_signs_in(submission: Submission, authority: Authority) -> None:
    submit(submission, authority, ["x@example.net"], login=BOB.login, password=BOB.password, sender=BOB.address)
    assert submission.accepted[0].login == BOB.login


def test_starttls_is_taken_and_checked(submission: Submission, authority: Authority) -> None:
    endpoint = Endpoint("localhost", submission.starttls_port, "starttls", authority.ca_file)
    submit(submission, authority, ["x@example.net"], endpoint=endpoint)
    assert len(submission.accepted) == 1


@pytest.mark.asvs("12.3.1")
def test_r11_a_server_that_hides_starttls_gets_nothing(scripted: Callable[..., Scripted], authority: Authority) -> None:
    """A plain server that greets and offers no STARTTLS: no login, no message goes out in the clear."""
    server = scripted({}, greeting=b"220 mail.example.org ESMTP\r\n", tls="none")
    endpoint = Endpoint("localhost", server.port, "starttls", authority.ca_file)
    with pytest.raises(errors.MailError):
        submit(server, authority, ["x@example.net"], endpoint=endpoint)
    assert b"AUTH" not in server.received
    assert b"MAIL" not in server.received


@pytest.mark.parametrize("kind", ["expired", "wrong_host", "self_signed"])
@pytest.mark.asvs("12.3.2")
def test_r11_a_certificate_that_proves_nothing_is_refused(
    kind: str, scripted: Callable[..., Scripted], authority: Authority
) -> None:
    certificate: Certificate = getattr(authority, kind)()
    server = scripted({}, context=certificate.server_context())
    with pytest.raises(errors.CertificateRefused):
        submit(server, authority, ["x@example.net"])
    assert server.received == b""


def test_a_wrong_password_is_told_apart_and_nothing_is_sent(submission: Submission, authority: Authority) -> None:
    with pytest.raises(errors.SubmissionLoginRefused):
        submit(submission, authority, ["x@example.net"], password="wrong")
    assert submission.accepted == []


def test_one_refused_recipient_of_two_is_named_and_the_other_gets_it(
    submission: Submission, authority: Authority
) -> None:
    refused = submit(submission, authority, ["reject@example.net", "x@example.net"])
    assert list(refused) == ["reject@example.net"]
    assert "User unknown" in refused["reject@example.net"]
    assert submission.accepted[0].recipients == ("x@example.net",)


@pytest.mark.parametrize("to", [["reject@example.net"], ["reject@example.net", "tempfail@example.net"]])
def test_when_all_are_refused_nothing_is_sent(submission: Submission, authority: Authority, to: list[str]) -> None:
    with pytest.raises(errors.RecipientsRefused) as error:
        submit(submission, authority, to)
    assert list(error.value.refused) == to
    assert submission.accepted == []


def test_refused_after_data_is_not_sent(submission: Submission, authority: Authority) -> None:
    with pytest.raises(errors.SubmissionRefused) as error:
        submit(submission, authority, ["datafail@example.net"])
    assert "spam" in error.value.server_text
    assert submission.accepted == []


def test_a_foreign_sender_is_refused_before_anything(submission: Submission, authority: Authority) -> None:
    with pytest.raises(errors.SubmissionRefused):
        submit(submission, authority, ["x@example.net"], sender="spoof@example.org")


def test_lost_after_the_final_dot_is_unknown_though_it_was_taken(submission: Submission, authority: Authority) -> None:
    with pytest.raises(errors.SubmissionUnknown):
        submit(submission, authority, ["drop@example.net"])
    assert len(submission.accepted) == 1


def test_silence_after_the_final_dot_is_unknown(submission: Submission, authority: Authority) -> None:
    with pytest.raises(errors.SubmissionUnknown):
        submit(submission, authority, ["slow@example.net"], command_timeout=0.5)


def test_lost_before_the_final_dot_is_not_sent(
    submission: Submission, authority: Authority, proxy: Callable[[int], Proxy]
) -> None:
    between = proxy(submission.port)
    between.cut(after=20_000, side="client")
    with pytest.raises((errors.ConnectionLost, errors.SubmissionUnknown)):
        submit(between, authority, ["x@example.net"], message=letter(text="line\r\n" * 200_000))
    assert submission.accepted == []


def test_too_large_is_told_before_a_byte_of_it_goes(submission: Submission, authority: Authority) -> None:
    submission.size_limit = 1000
    with pytest.raises(errors.TooLarge):
        submit(submission, authority, ["x@example.net"], message=letter(text="x" * 100 + "\r\n" * 900))
    assert submission.accepted == []


@pytest.mark.parametrize(
    "change",
    [
        {"message": MESSAGE + b"\0"},
        {"message": MESSAGE + b"bare\nfeed\r\n"},
        {"message": MESSAGE + b"\r.\r\nsmuggled\r\n"},
        {"message": MESSAGE + b"\n.\r\nMAIL FROM:<x@example.net>\r\n"},
        {"sender": "a@example.org>\r\nRCPT TO:<x@example.net"},
        {"recipients": ["x@example.net\r\nDATA"]},
        {"recipients": ["x@example.net> NOTIFY=NEVER"]},
        {"recipients": ["x@example.net", "y\0@example.net"]},
    ],
)
def test_r10_what_could_be_a_command_is_refused_before_dialling(
    submission: Submission, authority: Authority, change: dict[str, Any]
) -> None:
    with pytest.raises(errors.UnsafeText):
        submit(submission, authority, ["x@example.net"], **change)
    assert submission.accepted == []


def test_a_name_outside_ascii_needs_a_server_that_takes_it(
    submission: Submission, authority: Authority, scripted: Callable[..., Scripted]
) -> None:
    submit(submission, authority, ["jürgen@example.net"])
    assert submission.accepted[0].recipients == ("jürgen@example.net",)


def test_nobody_listens(authority: Authority) -> None:
    with pytest.raises(errors.ServerUnreachable):
        submit(object(), authority, ["x@example.net"])


def test_nobody_to_send_to(submission: Submission, authority: Authority) -> None:
    with pytest.raises(errors.NoRecipients):
        submit(submission, authority, [])


@pytest.mark.parametrize("to", [["jürgen@example.net"], ["x@example.net", "jürgen@example.net"]])
def test_an_address_that_needs_smtputf8_is_named_before_anything_is_sent(
    submission: Submission, authority: Authority, to: list[str]
) -> None:
    submission.utf8, server = False, submission
    with pytest.raises(errors.NeedsSmtpUtf8) as error:
        submit(server, authority, to)
    assert list(error.value.refused) == ["jürgen@example.net"]
    assert server.accepted == []


def test_a_server_that_holds_mail_is_told_until_when(submission: Submission, authority: Authority) -> None:
    submission.hold = 3600
    until = datetime(2026, 12, 1, 8, 0, 0, tzinfo=timezone(timedelta(hours=2)))
    with pytest.raises(errors.NotHeldSoLong):
        submit(submission, authority, ["x@example.net"], hold_until=until.replace(year=2099))
    with pytest.raises(errors.NotHeldSoLong):
        submit(submission, authority, ["x@example.net"], hold_until=until.replace(year=2020))
    assert submission.accepted == []
    soon = datetime.now(timezone(timedelta(hours=2))) + timedelta(minutes=30)
    submit(submission, authority, ["x@example.net"], hold_until=soon)
    [taken] = submission.accepted
    assert f"HOLDUNTIL={soon.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" in taken.options
    assert ask(submission, authority).hold == timedelta(hours=1)


def test_a_server_that_holds_nothing_gets_no_letter_that_should_wait(
    submission: Submission, authority: Authority
) -> None:
    assert ask(submission, authority) == smtp.Offer(size=64 * 1024 * 1024, utf8=True)
    with pytest.raises(errors.NotHeldSoLong):
        submit(
            submission, authority, ["x@example.net"],
            hold_until=datetime.now(UTC) + timedelta(minutes=5),
        )  # fmt: skip
    assert submission.accepted == []


def test_the_answer_to_the_final_dot_is_waited_for_longer_than_any_other(
    submission: Submission, authority: Authority
) -> None:
    submission.slow_seconds = 1.5
    assert submit(submission, authority, ["slow@example.net"], command_timeout=1, final_timeout=20) == {}
    assert len(submission.accepted) == 1


@pytest.mark.parametrize("silent", ["EHLO", "AUTH", "MAIL", "RCPT", "DATA"])
def test_a_server_that_falls_silent_before_the_message_is_left_in_time(
    silent: str, authority: Authority, submission: Submission, proxy: Callable[[int], Proxy]
) -> None:  # fmt: skip
    """Whatever it was silent about, nothing was sent; and QUIT does not wait a second time."""
    after = {"EHLO": 3000, "AUTH": 3300, "MAIL": 3500, "RCPT": 3600, "DATA": 3700}[silent]
    between = proxy(submission.port)
    between.stall("server", after=after)
    begun = time.monotonic()
    try:
        submit(between, authority, ["x@example.net"], connect_timeout=1, command_timeout=1, final_timeout=1)
    except errors.SubmissionUnknown:
        pass
    except errors.MailError:
        assert submission.accepted == []
    assert time.monotonic() - begun < 8


def ask(server: Submission, authority: Authority) -> smtp.Offer:
    return smtp.offer(
        Endpoint("localhost", server.port, "implicit", authority.ca_file), ALICE.login, ALICE.password,
        context=ssl.create_default_context(cafile=str(authority.ca_file)), connect_timeout=5, command_timeout=5,
    )  # fmt: skip
