"""Signing in to a real Dovecot, and to a scripted server, with a token in place of a password (RFC 7628, XOAUTH2)."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest

from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.people import ALICE, BOB
from tests.servers.provider import Provider
from tests.servers.scripted import Scripted
from tests.servers.wire import Command, Wire
from webmail import errors
from webmail.config import Endpoint
from webmail.imap.connection import Connection, dial, tls_context
from webmail.imap.pool import Account, Pool
from webmail.mail import sasl
from webmail.mail.sasl import Token


class Wallet:
    """A Bearer with these tokens, one after the other."""

    name = "a secret name"

    def __init__(self, *tokens: str) -> None:
        self.tokens, self.refused = [Token(each) for each in tokens], 0

    def token(self, refused: Token | None = None) -> Token:
        if refused is not None and refused == self.tokens[0]:
            self.refused += 1
            if len(self.tokens) == 1:
                raise errors.GrantEnded
            self.tokens.pop(0)
        return self.tokens[0]


def dialled(port: int, authority: Authority, token: str, login: str = ALICE.login) -> Connection:
    endpoint = Endpoint("localhost", port, "implicit", authority.ca_file)
    context = tls_context(authority.ca_file)
    return dial(endpoint, login, Token(token), context=context, connect_timeout=5, read_timeout=5)


def test_dovecot_takes_a_token_and_the_pool_shows_another_when_it_is_refused(
    another_dovecot: Callable[..., Dovecot], provider: Provider, authority: Authority
) -> None:
    server = another_dovecot(introspection=provider.introspection)
    provider.give(ALICE.login, "good")
    conn = dialled(server.port, authority, "good")
    conn.noop()
    conn.logout()
    for token, login in (("bad", ALICE.login), ("good", BOB.login)):
        with pytest.raises(errors.SignInRefused):
            dialled(server.port, authority, token, login)
    pool, endpoint = Pool(), Endpoint("localhost", server.port, "implicit", authority.ca_file)
    wallet = Wallet("old", "good")
    pool.sign_in(Account(endpoint, ALICE.login, wallet))
    assert wallet.refused == 1
    wallet.tokens = [Token("bad")]
    pool.run(Account(endpoint, ALICE.login, wallet), lambda conn: conn.noop())
    assert wallet.refused == 1, "a connection that stands needs no token"
    pool.forget(Account(endpoint, ALICE.login, wallet))
    with pytest.raises(errors.GrantEnded):
        pool.sign_in(Account(endpoint, ALICE.login, wallet))
    pool.close()


@pytest.mark.parametrize("initial", [True, False])
@pytest.mark.parametrize(("name", "surrender"), [("XOAUTH2", b""), ("OAUTHBEARER", b"AQ==")])
def test_the_servers_objection_is_answered_before_it_says_no(
    scripted: Callable[..., Scripted], authority: Authority, name: str, surrender: bytes, initial: bool
) -> None:
    """RFC 7628 3.2.3; who stays silent waits for ever."""
    heard: list[bytes] = []

    def objecting(wire: Wire, command: Command) -> None:
        if not initial:
            wire.send(b"+ \r\n")
            heard.append(wire.line())
        wire.send(b"+ " + base64.b64encode(b'{"status":"401"}') + b"\r\n")
        heard.append(wire.line())
        wire.send(command.tag + b" NO [AUTHENTICATIONFAILED] no\r\n")

    ir = " SASL-IR" if initial else ""
    server = scripted({"AUTHENTICATE": objecting}, capabilities=f"IMAP4rev1 AUTH={name}{ir}")
    with pytest.raises(errors.SignInRefused):
        dialled(server.port, authority, "some-token")
    assert heard[-1].strip() == surrender


@pytest.mark.parametrize("login", ["a\x01b@x.org", "a\r\nb@x.org", "a\0b@x.org", "a\x7f"])
def test_r9_no_login_ends_a_field_of_the_response(login: str) -> None:
    for name in sasl.MECHANISMS:
        with pytest.raises(errors.UnsafeText):
            sasl.response(name, login, Token("t"), "h", 993)


@pytest.mark.parametrize("token", ["", "a b", "a\x01auth=Bearer x", "a\r\n", "ü", "a" * 20_000])
def test_r9_no_token_ends_a_field_of_the_response(token: str) -> None:
    for name in sasl.MECHANISMS:
        with pytest.raises(errors.UnsafeText):
            sasl.response(name, "alice@example.org", Token(token), "h", 993)


def test_what_goes_over_the_wire() -> None:
    """The examples of RFC 7628 4.1 and of Google's description of XOAUTH2."""
    token = Token("vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==")
    assert base64.b64encode(sasl.response("OAUTHBEARER", "user@example.com", token, "server.example.com", 143)) == (
        b"bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyIHZGOWRmdDRxbVRjMk52"
        b"YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB"
    )
    assert sasl.response("XOAUTH2", "someuser@example.com", Token("ya29.vF9"), "h", 1) == (
        b"user=someuser@example.com\x01auth=Bearer ya29.vF9\x01\x01"
    )
    assert b"a=a=2Cb=3Dc," in sasl.response("OAUTHBEARER", "a,b=c", Token("t"), "h", 1)
    assert sasl.mechanism({"PLAIN", "XOAUTH2", "OAUTHBEARER"}) == "OAUTHBEARER"
    with pytest.raises(errors.ServerRefused):
        sasl.mechanism({"PLAIN"})
