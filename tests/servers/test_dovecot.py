"""The reference server really is what other tests take it for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from tests.servers.dovecot import Dovecot
from tests.servers.people import ALICE, BOB, Person, letter


def test_everybody_signs_in_whatever_the_password_looks_like(alice: Person, bob: Person, charlie: Person) -> None:
    for person in (alice, bob, charlie):
        assert person.mailboxes() == ["Archive", "Drafts", "INBOX", "Junk", "Sent", "Trash"]


def test_a_wrong_password_is_refused(dovecot: Dovecot, alice: Person) -> None:
    client = IMAPClient(alice.host, alice.port, ssl_context=alice.context, timeout=10)
    with pytest.raises(LoginError, match="AUTHENTICATIONFAILED"):
        client.login(ALICE.login, "wrong")
    client.shutdown()


def test_the_other_port_offers_starttls(dovecot: Dovecot, alice: Person) -> None:
    client = IMAPClient("localhost", dovecot.starttls_port, ssl=False, timeout=10)
    assert client.has_capability("STARTTLS")
    client.starttls(alice.context)
    client.login(ALICE.login, ALICE.password)
    client.logout()


def test_a_mailbox_is_new_for_every_test(dovecot: Dovecot, alice: Person) -> None:
    uid = alice.append(letter("First"), flags=["\\Seen", "$Forwarded"])
    assert alice.flags(uid) == {"\\Seen", "$Forwarded"}
    with alice.imap():
        assert dovecot.sessions(alice) == 1
        dovecot.kick(alice)
        assert dovecot.sessions(alice) == 0
    dovecot.wipe(alice)
    assert alice.messages() == []


def test_a_rebuilt_mailbox_has_another_uidvalidity(alice: Person) -> None:
    before = alice.uidvalidity("Archive")
    alice.rebuild("Archive")
    assert alice.uidvalidity("Archive") != before


def test_a_new_password_replaces_the_old_one(another_dovecot: Callable[..., Dovecot]) -> None:
    server = another_dovecot()
    old = server.person(BOB)
    assert old.messages() == []
    server.set_password(BOB.login, "other")
    with pytest.raises(LoginError):
        old.messages()
    assert server.person(server.people[BOB.login]).messages() == []


def test_mail_survives_a_restart(another_dovecot: Callable[..., Dovecot]) -> None:
    server = another_dovecot()
    alice = server.person(ALICE)
    alice.append(letter("Still here"))
    server.restart()
    assert [message.header("Subject") for message in alice.messages()] == ["Still here"]


def test_folders_can_be_separated_by_a_slash_below_a_prefix(another_dovecot: Callable[..., Dovecot]) -> None:
    server = another_dovecot(layout="fs", prefix="INBOX.")
    alice = server.person(ALICE)
    assert (alice.separator, alice.prefix) == ("/", "INBOX/")
    assert "INBOX/Sent" in alice.mailboxes()


def test_a_full_mailbox_refuses(another_dovecot: Callable[..., Dovecot]) -> None:
    alice = another_dovecot(quota=20_000).person(ALICE)
    alice.append(letter("Small"))
    with pytest.raises(Exception, match="OVERQUOTA"):
        alice.append(letter("Large", text="x" * 70 + "\r\n" + "y\r\n" * 10_000))


def test_too_many_connections_are_refused(another_dovecot: Callable[..., Dovecot]) -> None:
    alice = another_dovecot(max_connections=1).person(ALICE)
    with alice.imap(), pytest.raises(LoginError, match="LIMIT"):
        alice.messages()
