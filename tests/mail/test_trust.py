"""Reading what servers and strangers say about a sender: RFC 8601 with patience, names and letters with suspicion."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmail.mail import authentication, lookalike, receipt, trust, unsubscribe
from webmail.mail.address import Address
from webmail.mail.authentication import Standing
from webmail.mail.headers import Headers
from webmail.mail.ids import PartId
from webmail.mail.message import Part
from webmail.mail.trust import Kind

IDS = ("mx.example.org",)
TEXT = Part(PartId("1"), "text/plain")


def header(*lines: str) -> Headers:
    return Headers.parse("\r\n".join((*lines, "", "")).encode())


def told(results: str, sender: str = "a@example.net") -> authentication.Verdict:
    return authentication.verdict(header(f"From: {sender}", f"Authentication-Results: mx.example.org; {results}"), IDS)


@pytest.mark.parametrize(
    ("results", "standing"),
    [
        ("dkim=pass header.d=example.net", Standing.VERIFIED),
        ("dkim=pass header.i=@example.net", Standing.VERIFIED),
        ("spf=pass smtp.mailfrom=bounce@example.net", Standing.VERIFIED),
        ("spf=pass smtp.helo=example.net", Standing.NONE),
        ("dkim=pass header.d=mailer.example", Standing.OTHER),
        ("dkim=pass header.d=net", Standing.OTHER),
        ("dkim=pass header.d=evil.example.net", Standing.OTHER),
        ("dkim=fail header.d=example.net", Standing.FAILED),
        ("dmarc=fail header.from=example.net; dkim=pass header.d=mailer.example", Standing.FAILED),
        ("dmarc=pass header.from=other.example", Standing.NONE),
        ("none", Standing.UNCHECKED),
        ("spf=none", Standing.NONE),
        ('dkim=pass (2048 bit; "quoted) ) reason="a; dkim=pass header.d=x" header.d=example.net', Standing.VERIFIED),
    ],
)
def test_rfc_8601_a_result_speaks_for_the_domain_it_is_about(results: str, standing: Standing) -> None:
    assert told(results).standing is standing


def test_a_parent_speaks_for_its_sub_domain() -> None:
    assert told("dkim=pass header.d=example.net", "a@news.example.net").standing is Standing.VERIFIED


def test_two_domains_in_from_are_never_verified() -> None:
    assert told("dmarc=pass header.from=example.net", "a@example.net, b@evil.example").standing is not Standing.VERIFIED


def test_only_the_topmost_block_of_our_own_server_counts() -> None:
    read = header(
        "Authentication-Results: evil.example; dmarc=pass header.from=example.net",
        "Authentication-Results: mx.example.org; dkim=fail header.d=example.net",
        "Received: from outside by mx.example.org; today",
        "Authentication-Results: mx.example.org; dkim=pass header.d=example.net",
        "From: a@example.net",
    )
    assert authentication.verdict(read, IDS).standing is Standing.FAILED
    assert authentication.verdict(read, ()).standing is Standing.UNCHECKED


@given(st.text(alphabet='abc.=;"\\()@ 1-\t', max_size=200))
def test_no_field_is_too_odd_to_be_read(value: str) -> None:
    authentication.parse(value)
    unsubscribe.offer(header(f"List-Unsubscribe: <{value}>", f"DKIM-Signature: {value}"), IDS)


@given(st.text(max_size=60))
def test_no_name_is_too_odd_to_be_compared(text: str) -> None:
    lookalike.mixed(text)
    lookalike.posing(text)
    assert not lookalike.alike(text, text)


def test_r6_domains_of_mixed_or_posing_letters_are_seen_and_foreign_ones_are_not() -> None:
    assert lookalike.posing("p\u0430ypal.example")
    assert lookalike.posing("xn--80ak6aa92e.com")
    for honest in ("münchen.example", "пример.example", "例え.example", "example.org", "xn--mnchen-3ya.de"):
        assert not lookalike.posing(honest), honest


def test_r19_what_a_sender_hides_or_shows_is_found() -> None:
    def kinds(*lines: str) -> set[Kind]:
        return {found.kind for found in trust.findings(header(*lines), TEXT)}

    assert kinds("From: Nora <n@example.net>", "Reply-To: n@lists.example.net") == set()
    assert kinds("From: n@example.net", "Reply-To: n@evil.example") == {Kind.REPLY_ELSEWHERE}
    assert kinds('From: "paypal.com" <n@evil.example>') == {Kind.NAME_POSES}
    assert kinds('From: "n@example.net" <n@example.net>') == set()
    assert kinds("From: =?utf-8?q?cod=E2=80=AEexe?= <n@example.net>") == {Kind.HIDDEN_MARKS}
    assert kinds("From: N\u043era <n@example.net>") == {Kind.MIXED_SCRIPTS}
    assert kinds("From: a@example.net, b@example.net") == {Kind.SEVERAL_SENDERS}


def test_signed_and_encrypted_mail_is_told_by_its_structure() -> None:
    def part(type: str, **params: str) -> Part:
        return Part(PartId("1"), type, {name.replace("_", "-"): value for name, value in params.items()})

    assert trust.sealed(part("multipart/signed", protocol="application/pgp-signature")) == (Kind.PGP_SIGNED,)
    assert trust.sealed(part("multipart/signed", protocol="application/pkcs7-signature")) == (Kind.SMIME_SIGNED,)
    assert trust.sealed(part("multipart/encrypted")) == (Kind.PGP_ENCRYPTED,)
    assert trust.sealed(part("application/pkcs7-mime", smime_type="signed-data")) == (Kind.SMIME_SIGNED,)
    assert trust.sealed(part("application/pkcs7-mime", smime_type="enveloped-data")) == (Kind.SMIME_ENCRYPTED,)
    assert trust.sealed(TEXT, "> -----BEGIN PGP MESSAGE-----\n") == ()


def test_who_resembles_a_known_sender_is_named_and_a_known_one_is_not() -> None:
    nora = Address("Nora Lindqvist", "nora@example.net")
    for other in ("nora@examp1e.net", "nora@exarnple.net", "nora@exmaple.net"):
        assert trust.resembles(Address("", other), (nora,)) == nora
    assert trust.resembles(Address("Lindqvist, Nora".replace(",", ""), "x@evil.example"), (nora,)) == nora
    assert trust.resembles(Address("Nora", "x@evil.example"), (nora,)) is None
    assert trust.resembles(nora, (nora,)) is None


@pytest.mark.parametrize(
    "uri", ["http://example.net/u", "https://a@example.net/u", "javascript:1", "https://host/u", "x"]
)
def test_only_an_https_address_is_offered(uri: str) -> None:
    assert unsubscribe.offer(header(f"List-Unsubscribe: <{uri}>"), IDS) is None


def test_a_receipt_is_no_question_for_machines_and_own_mail() -> None:
    wish = "Disposition-Notification-To: n@example.net"
    assert receipt.asked(header("From: n@example.net", wish), "me@example.org") is not None
    assert (
        receipt.asked(header("From: n@example.net", wish, "Auto-Submitted: auto-generated"), "me@example.org") is None
    )
    assert receipt.asked(header("From: me@example.org", wish), "me@example.org") is None
