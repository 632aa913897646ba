"""Dialling: who is let in, who is turned away, and how long that may take."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.servers.answers import Bye, Close, Drip, Flood, Reset, Stall, Turns, Upgrade
from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.people import Person
from tests.servers.scripted import Scripted
from webmail import errors
from webmail.config import Endpoint
from webmail.imap.connection import Connection, dial, tls_context
from webmail.imap.wire import Literal

# --- people and a real server -----------------------------------------------------------------------------------------


def test_alice_signs_in_and_learns_what_the_server_can_do(connect: Any, alice: Person) -> None:
    conn = connect(alice)
    assert {"UIDPLUS", "MOVE", "ESEARCH"} <= conn.capabilities
    assert not any(word.startswith("AUTH=") for word in conn.capabilities), "the list from after the login"
    assert conn.quirks.name == "dovecot"
    conn.noop()


def test_bob_signs_in_with_spaces_quotes_and_foreign_letters_in_his_password(connect: Any, bob: Person) -> None:
    connect(bob).noop()


def test_a_wrong_password_is_refused(connect: Any, alice: Person) -> None:
    with pytest.raises(errors.SignInRefused) as refused:
        connect(alice, password="wrong")
    assert "alice" not in repr(refused.value)
    assert refused.value.permanent


def test_starttls_is_used_where_the_administrator_says_so(
    dovecot: Dovecot, alice: Person, authority: Authority
) -> None:
    endpoint = Endpoint(dovecot.host, dovecot.starttls_port, "starttls", authority.ca_file)
    conn = sign_in(endpoint, alice.login, alice.password)
    conn.noop()
    conn.logout()
    assert conn.closed


def test_nothing_is_logged_that_is_mail_or_a_password(connect: Any, alice: Person, caplog: Any) -> None:
    """R17."""
    alice.append(b"Subject: canary-subject\r\n\r\nx\r\n")
    with caplog.at_level(logging.DEBUG):
        conn = connect(alice)
        conn.command(b"EXAMINE", b"INBOX")
        conn.command(b"FETCH", b"1", b"BODY.PEEK[]")
        conn.logout()
    assert not any(word in caplog.text for word in ("canary", alice.password, alice.login, "AUTHENTICATE"))


def sign_in(endpoint: Endpoint, login: str = "alice", password: str = "secret", **times: float) -> Connection:
    times = {"connect_timeout": 3, "read_timeout": 3} | times
    return dial(endpoint, login, password, context=tls_context(endpoint.ca_file), **times)


# --- certificates (R11) -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "reason"), [("expired", "expired"), ("wrong_host", "wrong-host"), ("self_signed", "unknown-issuer")]
)
@pytest.mark.asvs("12.3.2")
def test_r11_a_certificate_that_proves_nothing_is_refused_before_anything_is_sent(
    scripted: Callable[..., Scripted], connect: Any, authority: Authority, kind: str, reason: str
) -> None:
    server = scripted(context=getattr(authority, kind)().server_context())
    with pytest.raises(errors.CertificateRefused) as refused:
        connect(server)
    assert refused.value.reason == reason
    assert server.received == b""


@pytest.mark.asvs("12.3.1")
def test_r11_a_server_that_takes_starttls_away_gets_no_password(
    scripted: Callable[..., Scripted], authority: Authority
) -> None:
    server = scripted(tls="none")
    with pytest.raises(errors.CertificateRefused):
        sign_in(Endpoint(server.host, server.port, "starttls", authority.ca_file))
    assert {"LOGIN", "AUTHENTICATE"}.isdisjoint(server.names())


def test_r11_a_server_that_says_no_to_starttls_gets_no_password(
    scripted: Callable[..., Scripted], authority: Authority
) -> None:
    server = scripted({"STARTTLS": "{tag} NO not today"}, tls="starttls")
    with pytest.raises(errors.CertificateRefused):
        sign_in(Endpoint(server.host, server.port, "starttls", authority.ca_file))
    assert server.names()[-1] == "STARTTLS"


def test_r11_what_was_slipped_in_before_tls_is_not_believed(
    scripted: Callable[..., Scripted], authority: Authority
) -> None:
    early = b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n"
    server = scripted({"STARTTLS": Upgrade(early=early)}, tls="starttls")
    with pytest.raises((errors.ProtocolBroken, errors.ConnectionLost)):
        sign_in(Endpoint(server.host, server.port, "starttls", authority.ca_file))
    assert "AUTHENTICATE" not in server.names()


def test_r11_nobody_is_let_in_without_a_password(connect: Any, scripted: Callable[..., Scripted]) -> None:
    with pytest.raises(errors.ProtocolBroken):
        connect(scripted(greeting="* PREAUTH welcome, whoever you are"))


@pytest.mark.asvs("12.1.1")
def test_r11_tls_before_1_2_is_not_spoken() -> None:
    assert tls_context(None).minimum_version.name == "TLSv1_2"
    assert tls_context(None).check_hostname


def test_contexts_are_shared(authority: Authority) -> None:
    assert tls_context(authority.ca_file) is tls_context(authority.ca_file)


def test_a_port_that_does_not_speak_tls_is_refused(scripted: Callable[..., Scripted], connect: Any) -> None:
    with pytest.raises(errors.MailError) as refused:
        connect(scripted(tls="none"))
    assert isinstance(refused.value, errors.CertificateRefused | errors.ConnectionLost)


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("NO [AUTHENTICATIONFAILED] wrong", errors.SignInRefused),
        ("NO login failed", errors.SignInRefused),
        ("NO [UNAVAILABLE] directory is down", errors.ServerBusy),
        ("NO [LIMIT] too many connections", errors.ServerBusy),
        ("NO [INUSE] locked", errors.ServerBusy),
        ("NO [EXPIRED] change it first", errors.SignInRefused),
        ("BAD what", errors.ServerRefused),
    ],
)
def test_what_the_server_says_to_a_login_has_one_meaning(
    connect: Any, scripted: Callable[..., Scripted], said: str, expected: type[errors.MailError]
) -> None:
    with pytest.raises(errors.MailError) as refused:
        connect(scripted({"AUTHENTICATE": f"{{tag}} {said}"}))
    assert type(refused.value) is expected
    assert said.split(" ", 1)[1] in refused.value.server_text


def test_a_full_server_says_bye_in_place_of_hello(connect: Any, scripted: Callable[..., Scripted]) -> None:
    with pytest.raises(errors.ServerBusy):
        connect(scripted(greeting=Bye("Too many connections")))


def test_no_way_to_sign_in_is_told(connect: Any, scripted: Callable[..., Scripted]) -> None:
    with pytest.raises(errors.ServerRefused):
        connect(scripted(capabilities="IMAP4rev1 LOGINDISABLED"))


def test_without_an_initial_response_the_password_waits_for_the_challenge(
    connect: Any, scripted: Callable[..., Scripted]
) -> None:
    server = scripted(capabilities="IMAP4rev1 AUTH=PLAIN")
    connect(server).noop()
    assert server.asked("AUTHENTICATE")[0].arguments == b"PLAIN"


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(errors.ServerUnreachable):
        sign_in(Endpoint("localhost", port))


def test_no_such_host() -> None:
    with pytest.raises(errors.ServerUnreachable):
        sign_in(Endpoint("nowhere.invalid", 993))


def test_a_host_name_that_is_none() -> None:
    with pytest.raises(errors.ServerUnreachable):
        sign_in(Endpoint("a" * 70 + "..example", 993))


@pytest.mark.parametrize("greeting", ["HTTP/1.1 400 Bad Request", "* OK [", "\x00\x00", "", "* 5 FETCH ()"])
def test_something_else_answers(connect: Any, scripted: Callable[..., Scripted], greeting: str | bytes) -> None:
    server = scripted({"CAPABILITY": "* CAPABILITY POP3\n{tag} OK done"}, greeting=greeting)
    with pytest.raises(errors.ProtocolBroken):
        connect(server, read_timeout=1)


# --- time (R33) -------------------------------------------------------------------------------------------------------


def elapsed(work: Callable[[], Any]) -> float:
    start = time.monotonic()
    with pytest.raises(errors.ServerTooSlow):
        work()
    return time.monotonic() - start


def test_r33_a_server_that_never_greets(connect: Any, scripted: Callable[..., Scripted]) -> None:
    server = scripted(greeting=Stall())
    assert elapsed(lambda: connect(server, connect_timeout=0.5, read_timeout=0.5)) < 2


def test_r33_a_port_that_never_begins_tls(authority: Authority) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = Endpoint("localhost", silent.getsockname()[1], "implicit", authority.ca_file)
        assert elapsed(lambda: sign_in(endpoint, connect_timeout=0.5, read_timeout=0.5)) < 2


def test_r33_a_login_that_never_ends(connect: Any, scripted: Callable[..., Scripted]) -> None:
    server = scripted({"AUTHENTICATE": Stall()})
    assert elapsed(lambda: connect(server, connect_timeout=0.5, read_timeout=0.5)) < 2


def test_r33_a_greeting_that_drips_is_not_waited_for_without_end(
    connect: Any, scripted: Callable[..., Scripted]
) -> None:
    server = scripted(greeting=Drip("* OK " + "x" * 1000, step=1, pause=0.1))
    assert elapsed(lambda: connect(server, connect_timeout=0.5, read_timeout=0.5)) < 2


def test_r33_a_stalled_command_breaks_the_connection(connect: Any, scripted: Callable[..., Scripted]) -> None:
    conn = connect(scripted({"NOOP": Stall()}), read_timeout=0.3)
    assert elapsed(conn.noop) < 2
    assert conn.broken
    with pytest.raises(errors.ConnectionLost):
        conn.noop()


def test_r33_a_literal_that_stalls_breaks_the_connection(connect: Any, scripted: Callable[..., Scripted]) -> None:
    conn = connect(scripted({"FETCH": ("* 1 FETCH (BODY[] {100}", b"only this", Stall())}), read_timeout=0.3)
    assert elapsed(lambda: conn.command(b"FETCH", b"1", b"BODY.PEEK[]")) < 2
    assert conn.broken


def test_r33_an_answer_that_drips_ends_with_the_time_of_its_command(
    connect: Any, scripted: Callable[..., Scripted]
) -> None:
    conn = connect(scripted({"NOOP": Drip("* OK " + "still here " * 1000, step=2, pause=0.05)}), read_timeout=5)
    assert elapsed(lambda: conn.noop(0.5)) < 2


# --- endings and nonsense ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "end", [Close(), Reset(), Bye(), Close("* OK and"), Close("* 1 FETCH (BODY[] {100}\nhalf of it")]
)
def test_an_end_in_the_middle_is_a_lost_connection(connect: Any, scripted: Callable[..., Scripted], end: Any) -> None:
    conn = connect(scripted({"NOOP": end}))
    with pytest.raises(errors.ConnectionLost):
        conn.noop()
    assert conn.broken


@pytest.mark.parametrize(
    "nonsense",
    [
        "what?",
        "* ",
        "{tag} MAYBE",
        "NOBODY OK done",
        "* 1 FETCH (BODY[] {99999999999}",
        "* 1 FETCH (BODY[] {-1}\n{tag}",
        b"* \xff\xfe\r\n",
    ],
)
def test_nonsense_breaks_the_connection_and_nothing_else(
    connect: Any, scripted: Callable[..., Scripted], nonsense: str | bytes
) -> None:
    conn = connect(scripted({"NOOP": (nonsense, Close())}))
    with pytest.raises((errors.ProtocolBroken, errors.ConnectionLost)):
        conn.noop()
    assert conn.broken


def test_a_bare_line_feed_ends_a_line_too(connect: Any, scripted: Callable[..., Scripted]) -> None:
    """Mailutils imap4d answers AUTHENTICATE so."""
    connect(scripted({"NOOP": b"* OK bare\n{tag} OK done\n"}, greeting=b"* OK ready\n")).noop()


def test_r15_an_endless_answer_is_cut_off(connect: Any, scripted: Callable[..., Scripted], monkeypatch: Any) -> None:
    monkeypatch.setattr("webmail.imap.stream.MOST_OCTETS", 1 << 20)
    conn = connect(scripted({"NOOP": Flood(b"* OK " + b"x" * 60000 + b"\r\n")}))
    with pytest.raises(errors.ProtocolBroken):
        conn.noop()


def test_r15_an_endless_line_is_cut_off(connect: Any, scripted: Callable[..., Scripted], monkeypatch: Any) -> None:
    monkeypatch.setattr("webmail.imap.stream.LONGEST_LINE", 1 << 20)
    conn = connect(scripted({"NOOP": Flood(b"x" * 60000)}))
    with pytest.raises(errors.ProtocolBroken):
        conn.noop()


def test_goodbye_after_an_answer_leaves_the_answer_whole(connect: Any, scripted: Callable[..., Scripted]) -> None:
    conn = connect(scripted({"NOOP": ("{tag} OK done\n* BYE going down", Close())}))
    conn.noop()
    with pytest.raises(errors.ConnectionLost):
        conn.noop()


def test_a_refusal_leaves_the_connection_usable(connect: Any, scripted: Callable[..., Scripted]) -> None:
    conn = connect(scripted({"NOOP": Turns("{tag} NO not now", "{tag} BAD what", "{tag} OK done")}))
    for _ in range(2):
        with pytest.raises(errors.ServerRefused):
            conn.noop()
    conn.noop()


def test_a_literal_refused_before_it_is_sent_ends_the_command(connect: Any, alice: Person) -> None:
    """Larger than 4096 octets waits for the go-ahead: a NO in its place is the answer."""
    conn = connect(alice)
    with pytest.raises(errors.MailboxMissing):
        conn.command(b"APPEND", b'"No.Such"', b"()", Literal(b"x" * 5000))
    conn.noop()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("NO [ALREADYEXISTS] there", errors.MailboxExists),
        ("NO [NONEXISTENT] gone", errors.MailboxMissing),
        ("NO [TRYCREATE] make it", errors.MailboxMissing),
        ("NO [OVERQUOTA] full", errors.QuotaExceeded),
        ("NO Quota exceeded (mailbox for user is full)", errors.QuotaExceeded),
        ("NO [NOPERM] not yours", errors.MailboxReadOnly),
        ("NO [READ-ONLY] look only", errors.MailboxReadOnly),
        ("NO [CANNOT] never", errors.ServerRefused),
        ("NO [LIMIT] slowly", errors.ServerBusy),
        ("NO [TOOBIG] large", errors.TooLarge),
        ("no [overquota] in small letters", errors.ProtocolBroken),
        ("NO [overquota] in small letters", errors.QuotaExceeded),
        ("NO", errors.ProtocolBroken),
    ],
)
def test_every_response_code_has_its_class(
    connect: Any, scripted: Callable[..., Scripted], said: str, expected: type[errors.MailError]
) -> None:
    conn = connect(scripted({"NOOP": (f"{{tag}} {said}", Close())}))
    with pytest.raises(errors.MailError) as refused:
        conn.noop()
    assert type(refused.value) is expected


def test_the_servers_words_are_kept_short_and_apart(connect: Any, scripted: Callable[..., Scripted]) -> None:
    conn = connect(scripted({"NOOP": "{tag} NO <script>" + "x" * 5000}))
    with pytest.raises(errors.ServerRefused) as refused:
        conn.noop()
    assert refused.value.server_text.startswith("<script>")
    assert len(refused.value.server_text) <= 300


def test_logout_never_raises_and_never_waits_long(connect: Any, scripted: Callable[..., Scripted]) -> None:
    for answer in (Stall(), Close(), "{tag} NO stay", "* BYE\n{tag} OK done"):
        conn = connect(scripted({"LOGOUT": answer}))
        start = time.monotonic()
        conn.logout()
        assert conn.closed
        assert time.monotonic() - start < 8, "the time limit of a command is ten"


def test_dialling_leaves_no_thread_and_no_socket(connect: Any, scripted: Callable[..., Scripted]) -> None:
    before = threading.active_count()
    server = scripted({"AUTHENTICATE": "{tag} NO"})
    with pytest.raises(errors.MailError):
        connect(server)
    assert threading.active_count() <= before + 2, "only the scripted server's own"
