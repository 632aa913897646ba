"""Who really wrote this, leaving a list, and receipts: what a reader is told, and what leaves this server."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from email import message_from_bytes

import pytest
from flask import Flask

from tests.servers.application import Form, Visitor, forms_of
from tests.servers.authority import Authority
from tests.servers.people import Person, letter
from tests.servers.submission import Submission
from tests.servers.web import Web, answer
from tests.views.test_message import open_first, pane
from webmail.config import Settings

HOST = "127.0.0.1"
OURS = "Authentication-Results: mx.example.org; "
SIGNED = (
    "DKIM-Signature: v=1; a=rsa-sha256; d=example.net; s=k; h=from:list-unsubscribe:list-unsubscribe-post; b=aa\r\n"
)
CLICK = "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, authserv_id="mx.example.org")


@pytest.fixture
def web(authority: Authority) -> Iterator[Web]:
    """A list's server on loopback."""
    server = Web(authority)
    server.pages["/u"] = answer(200)
    yield server
    server.stop()


@pytest.fixture
def near(settings: Settings, make_app: Callable[[Settings], Flask]) -> Visitor:
    """Somebody whose webmail may speak to loopback, which is not public."""
    return Visitor(make_app(replace(settings, image_networks="127.0.0.0/8")))


def newsletter(url: str, extra: str = OURS + "dkim=pass header.d=example.net\r\n" + SIGNED + CLICK) -> bytes:
    return letter("News", extra=f"List-Unsubscribe: <{url}>, <mailto:leave@example.net?subject=bye>\r\n" + extra)


def form_of(visitor: Visitor, name: str) -> Form:
    return next(form for form in forms_of(visitor.html) if form.action.endswith(name))


def ask_to_leave(visitor: Visitor, person: Person) -> str:
    found = re.search(r'class="leave" href="([^"]+)"', open_first(visitor, person))
    assert found
    visitor.get(found[1])
    return visitor.html


def test_a_domain_that_our_server_verified_is_named_in_one_line(visitor: Visitor, alice: Person) -> None:
    alice.append(letter(extra=OURS + "dmarc=pass header.from=example.net\r\n"))
    page = open_first(visitor, alice)
    assert "Your mail server verified that this comes from example.net." in visitor.text
    assert '<div class="trust note warn"' not in page


def test_results_that_came_with_the_message_claim_nothing(visitor: Visitor, alice: Person) -> None:
    forged = "Authentication-Results: evil.example; dmarc=pass header.from=example.net\r\n"
    alice.append(letter(extra=forged))
    open_first(visitor, alice)
    assert "verified" not in pane(visitor)


def test_without_a_name_of_our_server_nothing_is_said(
    settings: Settings, make_app: Callable[[Settings], Flask], alice: Person
) -> None:
    alice.append(letter(extra=OURS + "dmarc=pass header.from=example.net\r\n"))
    visitor = Visitor(make_app(replace(settings, authserv_id="")))
    open_first(visitor, alice)
    assert "verified" not in pane(visitor)


def test_a_failed_check_warns(visitor: Visitor, alice: Person) -> None:
    alice.append(letter(extra=OURS + "dmarc=fail header.from=example.net\r\n"))
    page = open_first(visitor, alice)
    assert "that check failed" in visitor.text
    assert '<div class="trust note warn"' in page


def test_r19_a_name_that_shows_another_address_warns(visitor: Visitor, alice: Person) -> None:
    alice.append(letter(sender='"service@bank.example" <x@evil.example>'))
    open_first(visitor, alice)
    assert "shows service@bank.example, which is not the sender's address" in visitor.text


def test_a_signed_message_is_named_for_what_was_not_checked(visitor: Visitor, alice: Person) -> None:
    text = "-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\nHello\r\n"
    alice.append(letter(text=text))
    open_first(visitor, alice)
    assert "It is signed (PGP). Pennypost did not check the signature." in visitor.text


def test_a_first_letter_and_a_known_sender_are_told_apart_after_the_page(visitor: Visitor, alice: Person) -> None:
    alice.append(letter("One", sender="Nora Lind <nora@example.net>"))
    page = open_first(visitor, alice)
    found = re.search(r'data-src="([^"]+)"', page)
    assert found
    first = visitor.client.get(found[1], headers={"X-Part": "met"}).get_data(as_text=True)
    assert "first letter from this address" in first
    uid = alice.append(letter("Two", sender="Nora Lind <nora@examp1e.net>"))
    url = f"/m/INBOX/{alice.uidvalidity()}.{uid}/known"
    assert "looks like Nora Lind &lt;nora@example.net&gt;" in visitor.client.get(url).get_data(as_text=True)
    visitor.get(f"/m/INBOX/{alice.uidvalidity()}.{uid - 1}/known")
    assert "looks like" not in visitor.text
    again = alice.append(letter("Three", sender="Nora Lind <nora@example.net>"))
    visitor.get(f"/m/INBOX/{alice.uidvalidity()}.{again}/known")
    assert "You know this address" in visitor.text


def test_somebody_written_to_is_known(visitor: Visitor, alice: Person) -> None:
    alice.create("Sent")
    alice.append(letter("To Dora", sender="alice@example.org", to="dora@example.net"), mailbox="Sent")
    uid = alice.append(letter("Back"))
    visitor.sign_in(alice)
    visitor.get(f"/m/INBOX/{alice.uidvalidity()}.{uid}/known")
    assert "You know this address" in visitor.text


def test_r22_a_signed_offer_is_taken_by_one_post_after_asking(near: Visitor, alice: Person, web: Web) -> None:
    alice.append(newsletter(web.url("/u?x=1", HOST)))
    ask_to_leave(near, alice)
    assert web.asked == []
    assert f"will tell <b>{HOST}</b>, once" in near.html
    near.send(form_of(near, "unsubscribe"))
    assert "took your wish to leave this list" in near.text
    [(method, path, headers, body)] = web.asked
    assert (method, path, body) == ("POST", "/u?x=1", b"List-Unsubscribe=One-Click")
    assert "cookie" not in headers
    assert "alice" not in str(headers)


def test_a_redirect_is_not_followed_and_told(near: Visitor, alice: Person, web: Web) -> None:
    web.pages["/u"] = answer(302, Location=web.url("/other", HOST))
    alice.append(newsletter(web.url("/u", HOST)))
    ask_to_leave(near, alice)
    near.send(form_of(near, "unsubscribe"))
    assert "did not take the wish (answer 302)" in near.text
    assert len(web.asked) == 1


@pytest.mark.parametrize(
    "extra",
    [
        SIGNED + CLICK,
        OURS + "dkim=fail header.d=example.net\r\n" + SIGNED + CLICK,
        "Authentication-Results: evil.example; dkim=pass header.d=example.net\r\n" + SIGNED + CLICK,
        OURS + "dkim=pass header.d=example.net\r\n" + SIGNED.replace(":list-unsubscribe-post", "") + CLICK,
        OURS + "dkim=pass header.d=example.net\r\n" + SIGNED,
        OURS + "dkim=pass header.d=example.net\r\n" + SIGNED + CLICK + "List-Unsubscribe: <https://evil.example/>\r\n",
    ],
)
def test_r22_without_a_valid_signature_over_both_fields_only_the_person_goes(
    near: Visitor, alice: Person, web: Web, extra: str
) -> None:
    alice.append(newsletter(web.url("/u", HOST), extra))
    page = ask_to_leave(near, alice)
    assert 'target="_blank" rel="noopener noreferrer nofollow"' in page
    assert not re.search(r'action="[^"]+unsubscribe"', page)
    near.client.post(near.path, data={"csrf_token": near.form("/write").value("csrf_token")}, follow_redirects=True)
    assert web.asked == []


def test_r23_a_private_address_is_not_spoken_to(visitor: Visitor, alice: Person, web: Web) -> None:
    alice.append(newsletter(web.url("/u", HOST)))
    ask_to_leave(visitor, alice)
    visitor.send(form_of(visitor, "unsubscribe"))
    assert "Nothing was sent" in visitor.text
    assert web.asked == []


def test_r21_a_mailto_becomes_a_draft_that_nobody_sends(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    uris = "<mailto:leave@example.net?subject=bye&cc=boss@example.net&attach=/etc/passwd>"
    alice.append(letter("News", extra=f"List-Unsubscribe: {uris}\r\n"))
    ask_to_leave(visitor, alice)
    visitor.send(visitor.form("/write"), do="save")
    assert visitor.form("/write").value("to") == "leave@example.net"
    assert visitor.form("/write").value("subject") == "bye"
    assert "boss@example.net" not in visitor.html
    assert submission.accepted == []


def test_a_receipt_is_sent_once_and_only_when_the_reader_says_so(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    uid = alice.append(
        letter("Contract", message_id="<c@x>", extra="Disposition-Notification-To: dora@example.net\r\n")
    )
    open_first(visitor, alice)
    assert "The sender asks for a receipt." in visitor.text
    assert submission.accepted == []
    asked = form_of(visitor, "receipt")
    visitor.send(asked, do="send")
    assert "The receipt was sent." in visitor.text
    assert "asks for a receipt" not in pane(visitor)
    visitor.send(asked, do="send")
    [sent] = submission.accepted
    assert (sent.sender, list(sent.recipients)) == ("<>", ["dora@example.net"])
    report = message_from_bytes(sent.raw)
    assert report.get_content_type() == "multipart/report"
    assert "manual-action/MDN-sent-manually; displayed" in sent.raw.decode()
    assert "Original-Message-ID: <c@x>" in sent.raw.decode()
    assert "$MDNSent" in alice.flags(uid)


def test_a_declined_receipt_is_never_asked_for_again_on_any_device(
    visitor: Visitor, alice: Person, submission: Submission, app: Flask
) -> None:
    uid = alice.append(letter(extra="Disposition-Notification-To: dora@example.net\r\n"))
    open_first(visitor, alice)
    visitor.send(form_of(visitor, "receipt"), do="no")
    assert "No receipt was sent" in visitor.text
    assert "$MDNSent" in alice.flags(uid)
    other = Visitor(app)
    open_first(other, alice)
    assert "asks for a receipt" not in pane(other)
    assert submission.accepted == []


def test_a_receipt_that_goes_elsewhere_comes_with_a_warning(visitor: Visitor, alice: Person) -> None:
    alice.append(letter(extra="Disposition-Notification-To: spy@evil.example\r\n"))
    open_first(visitor, alice)
    assert "to go to spy@evil.example, which is not where it came from" in visitor.text


def test_r25_what_is_encrypted_stays_closed_and_no_part_reaches_into_another(visitor: Visitor, alice: Person) -> None:
    """An open quote of an address in one part, the secret in the next: each part is cleaned alone, and we open none."""
    alice.append(
        b"From: Eve <eve@example.net>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b'--b\r\nContent-Type: text/html\r\n\r\n<p>Before</p><img src="http://eve.example.net/?\r\n'
        b'--b\r\nContent-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=c\r\n\r\n'
        b"--c\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
        b"--c\r\nContent-Type: application/octet-stream\r\n\r\n-----BEGIN PGP MESSAGE-----\r\nthe-secret\r\n--c--\r\n"
        b'--b\r\nContent-Type: text/html\r\n\r\n">After<p>\r\n--b--\r\n'
    )
    visitor.sign_in(alice)
    page = open_first(visitor, alice)
    frame = re.search(r'<iframe[^>]* src="([^"]+)"', page)
    assert frame
    body = visitor.get(frame[1]).get_data(as_text=True)
    assert "Before" in body
    for text in (page, body):
        assert "the-secret" not in text
        assert "eve.example.net/?" not in text
