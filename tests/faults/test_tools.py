"""The faults of this folder really happen, and only when they are told to; older ones: tests/servers/test_faults."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from imapclient import IMAPClient

from tests.servers.dovecot import Dovecot
from tests.servers.people import Person, letter
from tests.servers.proxy import Proxy, Rewriter

InFront = Callable[[int], Proxy]


def behind(way: Proxy, person: Person, timeout: float = 5) -> IMAPClient:
    client = IMAPClient("localhost", way.port, ssl_context=person.context, timeout=timeout)
    client.login(person.login, person.password)
    return client


def test_what_is_said_on_a_lost_connection_vanishes_and_a_new_one_is_carried(
    proxy: InFront, dovecot: Dovecot, alice: Person
) -> None:
    way = proxy(dovecot.port)
    lost = behind(way, alice, timeout=0.3)
    way.lose()
    with pytest.raises(TimeoutError):
        lost.noop()
    lost.shutdown()
    with behind(way, alice) as client:
        client.noop()


def test_a_half_closed_connection_reads_the_end(proxy: InFront, dovecot: Dovecot, alice: Person) -> None:
    way = proxy(dovecot.port)
    client = behind(way, alice)
    way.half_close()
    with pytest.raises((IMAPClient.AbortError, OSError)):
        client.noop()
    client.shutdown()


def test_a_stall_can_wait_for_the_middle_of_an_answer(proxy: InFront, dovecot: Dovecot, alice: Person) -> None:
    alice.append(letter(text="y\r\n" * 200_000))
    way = proxy(dovecot.port)
    client = behind(way, alice, timeout=0.5)
    client.select_folder("INBOX")
    before = way.carried["server"]
    way.stall(after=5000)
    with pytest.raises(TimeoutError):
        client.fetch([1], ["BODY.PEEK[]"])
    assert way.carried["server"] == before + 5000
    client.shutdown()


def test_a_number_of_connections_can_be_cut_and_those_after_them_not(
    proxy: InFront, dovecot: Dovecot, alice: Person
) -> None:
    way = proxy(dovecot.port)
    client = behind(way, alice)
    way.cut(after=10, each=2)
    with pytest.raises((IMAPClient.AbortError, OSError)):
        client.noop()
    client.shutdown()
    with pytest.raises((IMAPClient.AbortError, OSError)):
        behind(way, alice)
    with behind(way, alice) as client:
        client.noop()


def test_lines_are_rewritten_both_ways(rewriter: Callable[..., Rewriter], dovecot: Dovecot, alice: Person) -> None:
    way = rewriter(
        dovecot.port,
        client=lambda line: line.replace(b"NOOP", b"CAPABILITY"),
        server=lambda line: None if b"BYE" in line else line.replace(b" MOVE", b""),
    )
    client = behind(way, alice)
    assert b"MOVE" not in client.capabilities()
    assert b"UIDPLUS" in client.capabilities()
    before = way.heard["server"].count(b"* CAPABILITY")
    client.noop()
    assert way.heard["server"].count(b"* CAPABILITY") == before + 1
    with pytest.raises((IMAPClient.AbortError, OSError)):
        client.logout()
    client.shutdown()
    assert b"NOOP" in way.heard["client"]
    assert b" MOVE" in way.heard["server"]


def test_rights_that_were_not_granted_are_refused(another_dovecot: Callable[..., Dovecot]) -> None:
    server = another_dovecot(acl=True)
    alice = server.person(next(iter(server.people.values())))
    alice.create("Records")
    alice.append(letter("One"), "Records")
    server.grant(alice, "Records", "lr")
    assert [message.header("Subject") for message in alice.messages("Records")] == ["One"]
    with pytest.raises(IMAPClient.Error):
        alice.append(letter("Two"), "Records")
