"""The servers that misbehave really misbehave, and only when they are told to."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable

import pytest
from imapclient import IMAPClient

from tests.servers.answers import Bye, Close, Drip, Reset, Stall, Turns, Upgrade
from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.people import Person, letter
from tests.servers.proxy import Proxy
from tests.servers.scripted import Scripted

Script = Callable[..., Scripted]
InFront = Callable[[int], Proxy]


def connect(port: int, authority: Authority, timeout: float = 5) -> IMAPClient:
    return IMAPClient("localhost", port, ssl_context=authority.client_context(), timeout=timeout)


def drain(sock: socket.socket) -> None:
    while sock.recv(1000):
        pass


# --- certificates -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["expired", "wrong_host", "self_signed"])
def test_bad_certificates_are_bad(scripted: Script, authority: Authority, kind: str) -> None:
    server = scripted(context=getattr(authority, kind)().server_context())
    with pytest.raises(ssl.SSLCertVerificationError):
        connect(server.port, authority)
    assert server.received == b""


def test_the_good_certificate_is_good_for_strict_clients(scripted: Script, authority: Authority) -> None:
    context = authority.client_context()
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    with socket.create_connection(("127.0.0.1", scripted().port), timeout=5) as sock:
        context.wrap_socket(sock, server_hostname="127.0.0.1").close()


# --- scripted server --------------------------------------------------------------------------------------------------


def test_a_scripted_server_is_healthy_by_itself(scripted: Script, authority: Authority) -> None:
    server = scripted()
    with connect(server.port, authority) as client:
        client.login("alice", "secret")
        assert client.list_folders() == [((b"\\HasNoChildren",), b"/", "INBOX")]
        assert client.select_folder("INBOX")[b"UIDVALIDITY"] == 7
        assert client.search("ALL") == []
        client.idle()
        client.idle_done()
    assert server.names()[-3:] == ["UID SEARCH", "IDLE", "LOGOUT"]
    assert b"alice" in server.received


def test_commands_are_split_with_their_literals(scripted: Script, authority: Authority) -> None:
    server = scripted({"APPEND": "{tag} OK [APPENDUID 7 1] appended"})
    with connect(server.port, authority) as client:
        client.login("alice", "secret")
        client.append("INBOX", b"a {5}\r\nA1 LOGOUT\r\n")
        client._imap.send(b"X1 NOOP {3+}\r\nab\n tail\r\n")
        client._imap.readline()
    appended, odd = server.asked("APPEND")[0], server.asked("NOOP")[0]
    assert (appended.literals, appended.synchronizing) == ((b"a {5}\r\nA1 LOGOUT\r\n",), (True,))
    assert (odd.literals, odd.synchronizing) == ((b"ab\n",), (False,))
    assert odd.raw == b"X1 NOOP {3+}\r\nab\n tail\r\n"
    assert server.asked("LOGOUT")


def test_an_answer_can_change_from_turn_to_turn(scripted: Script, authority: Authority) -> None:
    server = scripted({"UID SEARCH": Turns("* SEARCH 1\n{tag} OK done", Drip("* SEARCH 2\n{tag} OK done"))})
    with connect(server.port, authority) as client:
        assert [client.search("ALL") for _ in range(3)] == [[1], [2], [2]]


@pytest.mark.parametrize("fault", [Bye(), Close("* SEARCH 1 2"), Reset()])
def test_a_conversation_can_break_off(scripted: Script, authority: Authority, fault: object) -> None:
    client = connect(scripted({"UID SEARCH": fault}).port, authority)
    with pytest.raises((IMAPClient.AbortError, OSError)):
        client.search("ALL")
    client.shutdown()


def test_a_server_can_fall_silent(scripted: Script, authority: Authority) -> None:
    client = connect(scripted({"NOOP": Stall()}).port, authority, timeout=0.3)
    with pytest.raises(TimeoutError):
        client.noop()
    client.shutdown()


def test_what_is_said_before_tls_is_really_said(scripted: Script, authority: Authority) -> None:
    server = scripted({"STARTTLS": Upgrade(early=b"* OK injected\r\n")}, tls="starttls")
    with socket.create_connection(("localhost", server.port), timeout=5) as sock:
        assert sock.recv(100) == b"* OK ready\r\n"
        sock.sendall(b"a STARTTLS\r\n")
        assert sock.recv(100) == b"a OK begin TLS\r\n* OK injected\r\n"
        authority.client_context().wrap_socket(sock, server_hostname="localhost").close()


def test_a_mistake_in_a_script_fails_the_test(authority: Authority) -> None:
    server = Scripted(authority.good().server_context(), {"NOOP": lambda wire, command: 1 / 0}).start()
    client = connect(server.port, authority)
    with pytest.raises((IMAPClient.AbortError, OSError)):
        client.noop()
    client.shutdown()
    with pytest.raises(ZeroDivisionError):
        server.stop()


# --- proxy ------------------------------------------------------------------------------------------------------------


def behind(proxy: Proxy, person: Person, timeout: float = 5) -> IMAPClient:
    client = IMAPClient("localhost", proxy.port, ssl_context=person.context, timeout=timeout)
    client.login(person.login, person.password)
    return client


def test_the_proxy_carries_everything(proxy: InFront, dovecot: Dovecot, alice: Person) -> None:
    between = proxy(dovecot.port)
    with behind(between, alice) as client:
        client.append("INBOX", letter(text="x" * 60 + "\r\n" + "y\r\n" * 200_000))
        client.select_folder("INBOX")
        assert len(client.fetch([1], ["BODY.PEEK[]"])[1][b"BODY[]"]) > 600_000
    assert between.connections == 1
    assert min(between.carried.values()) > 600_000


def test_the_proxy_cuts_after_so_many_octets(proxy: InFront, dovecot: Dovecot, alice: Person) -> None:
    alice.append(letter(text="y\r\n" * 200_000))
    between = proxy(dovecot.port)
    client = behind(between, alice)
    client.select_folder("INBOX")
    before = between.carried["server"]
    between.cut(after=5000)
    with pytest.raises((IMAPClient.AbortError, OSError)):
        client.fetch([1], ["BODY.PEEK[]"])
    client.shutdown()
    assert between.carried["server"] == before + 5000
    between.pass_on()
    behind(between, alice).logout()


def test_the_proxy_stalls_and_goes_on(proxy: InFront, dovecot: Dovecot, alice: Person) -> None:
    between = proxy(dovecot.port)
    client = behind(between, alice, timeout=0.3)
    between.stall()
    with pytest.raises(TimeoutError):
        client.noop()
    client.shutdown()
    between.pass_on()
    between.delay(0.1)
    second = behind(between, alice)
    began = time.monotonic()
    second.noop()
    assert time.monotonic() - began >= 0.1
    second.logout()


def test_the_proxy_ends_open_connections(proxy: InFront, dovecot: Dovecot, alice: Person) -> None:
    between = proxy(dovecot.port)
    client = behind(between, alice)
    between.drop()
    with pytest.raises((IMAPClient.AbortError, OSError)):
        client.noop()
    client.shutdown()


def test_the_proxy_resets_open_connections(proxy: InFront, dovecot: Dovecot) -> None:
    between = proxy(dovecot.starttls_port)
    with socket.create_connection(("127.0.0.1", between.port), timeout=5) as sock:
        assert sock.recv(4) == b"* OK"
        between.reset()
        with pytest.raises(ConnectionResetError):
            drain(sock)


def test_the_proxy_refuses_new_connections(proxy: InFront, dovecot: Dovecot, alice: Person) -> None:
    between = proxy(dovecot.port)
    between.refuse()
    with pytest.raises(OSError, match=r".+"):
        behind(between, alice)
