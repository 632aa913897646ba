"""Notes of ours beside the mail (RFC 5464), on servers that keep them and on those that do not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.imap.mailbox_of import INBOX
from tests.servers import dovecot as dovecot_module
from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.people import ALICE, Person
from tests.servers.scripted import Scripted
from webmail import errors
from webmail.imap import metadata
from webmail.imap.connection import Connection
from webmail.mail.ids import MailboxName

WORDS = "IMAP4rev1 AUTH=PLAIN SASL-IR LITERAL+ METADATA"
OURS = "/private/vendor/pennypost/"


@pytest.fixture(scope="module")
def keeping(authority: Authority) -> Iterator[Dovecot]:
    """A Dovecot that keeps notes."""
    if dovecot_module.version() >= (2, 4):
        pytest.skip("written for the configuration of Dovecot 2.3")
    server = Dovecot(authority)
    server.start()
    with server._config.open("a") as config:
        config.write("protocol imap {\n  imap_metadata = yes\n}\nmail_attribute_dict = file:%h/notes\n")
    try:
        server.restart()
        yield server
    finally:
        server.stop()


@pytest.fixture
def notes(keeping: Dovecot, connect: Any) -> Connection:
    """Alice's connection to it."""
    keeping.wipe(ALICE)
    made: Connection = connect(keeping.person(ALICE))
    assert "METADATA" in made.capabilities
    return made


@pytest.mark.parametrize("mailbox", [None, INBOX])
@pytest.mark.parametrize(
    "value", [b"dark", b"", b'"quoted" \\ {5}', b"lines\r\n of two", "Grüße".encode(), b"42", b"NIL"]
)
def test_a_note_is_kept_as_it_is(notes: Connection, mailbox: MailboxName | None, value: bytes) -> None:
    assert metadata.put(notes, "theme", value, mailbox)
    # Dovecot takes an empty value for none.
    assert (metadata.get(notes, "theme", mailbox) or b"") == value
    assert metadata.get(notes, "another", mailbox) is None


def test_a_note_is_changed_and_taken_away(notes: Connection) -> None:
    for value in (b"one", b"two", None):
        assert metadata.put(notes, "list/order", value, INBOX)
        assert metadata.get(notes, "list/order", INBOX) == value
    assert metadata.get(notes, "list/order") is None, "the account is another place"


def test_a_note_on_a_mailbox_that_is_missing(notes: Connection) -> None:
    nowhere = MailboxName("Nowhere")
    assert metadata.get(notes, "theme", nowhere) is None
    assert not metadata.put(notes, "theme", b"x", nowhere), "Dovecot refuses without a code"


def test_a_server_that_keeps_none_is_not_asked(conn: Connection, alice: Person) -> None:
    assert "METADATA" not in conn.capabilities
    assert not metadata.put(conn, "theme", b"dark")
    assert metadata.get(conn, "theme") is None


def test_a_server_that_keeps_them_for_the_account_only(connect: Any, scripted: Callable[..., Scripted]) -> None:
    server = scripted({"SETMETADATA": "{tag} OK done"}, capabilities=WORDS.replace("METADATA", "METADATA-SERVER"))
    conn = connect(server)
    assert metadata.put(conn, "theme", b"dark")
    assert not metadata.put(conn, "theme", b"dark", INBOX)
    assert server.asked("SETMETADATA")[0].arguments == b'"" (%btheme {4+}\r\ndark)' % OURS.encode()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (f'"" ({OURS}theme "dark")', b"dark"),
        (f'"" ("{OURS}theme" "dark")', b"dark"),
        (f'"" ({OURS.upper()}THEME {{4}}\ndark)', b"dark"),
        (f'"" ("{OURS}theme" NIL)', None),
        (f'"" ({OURS}other "dark")', None),
        (f'"" ({OURS}theme)', None),
        (f'"" {OURS}theme', None),
        ('"" ((', None),
    ],
)
def test_what_servers_answer(
    connect: Any, scripted: Callable[..., Scripted], said: str, expected: bytes | None
) -> None:
    """Cyrus quotes the name of the entry, others write it as an atom."""
    server = scripted({"GETMETADATA": f"* METADATA {said}\n{{tag}} OK done"}, capabilities=WORDS)
    assert metadata.get(connect(server), "theme") == expected
    assert server.asked("GETMETADATA")[0].arguments == b'(MAXSIZE 32768) "" %btheme' % OURS.encode()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("NO [METADATA MAXSIZE 1024] too long", errors.TooLarge),
        ("NO [TOOBIG] too long", errors.TooLarge),
        ("NO [METADATA TOOMANY] enough", errors.QuotaExceeded),
        ("NO [OVERQUOTA] full", errors.QuotaExceeded),
        ("NO [NONEXISTENT] no such mailbox", errors.MailboxMissing),
    ],
)
def test_a_note_that_cannot_be_kept_says_why(
    connect: Any, scripted: Callable[..., Scripted], said: str, expected: type[errors.MailError]
) -> None:
    conn = connect(scripted({"SETMETADATA": f"{{tag}} {said}"}, capabilities=WORDS))
    with pytest.raises(expected):
        metadata.put(conn, "theme", b"dark")


@pytest.mark.parametrize("said", ["NO [METADATA NOPRIVATE] no", "NO Permission denied", "NO [NOPERM] no", "BAD what"])
def test_a_server_that_keeps_none_of_this_kind(connect: Any, scripted: Callable[..., Scripted], said: str) -> None:
    """Cyrus, unless annotation_allow_undefined is set: Permission denied."""
    server = scripted({"SETMETADATA": f"{{tag}} {said}", "GETMETADATA": f"{{tag}} {said}"}, capabilities=WORDS)
    conn = connect(server)
    assert not metadata.put(conn, "theme", b"dark")
    assert metadata.get(conn, "theme") is None


def test_a_note_that_is_too_long_is_not_sent(connect: Any, scripted: Callable[..., Scripted]) -> None:
    server = scripted(capabilities=WORDS)
    with pytest.raises(errors.TooLarge):
        metadata.put(connect(server), "theme", b"x" * (metadata.LONGEST + 1))
    assert "SETMETADATA" not in server.names()


@pytest.mark.parametrize("name", ["", "Theme", "a b", "a/", "/a", "a\r\nX1 NOOP", "a*", "ä", "a(", 'a"', "a\0"])
def test_r9_a_name_of_a_note_is_ours_or_nothing_is_sent(
    connect: Any, scripted: Callable[..., Scripted], name: str
) -> None:
    server = scripted(capabilities=WORDS)
    conn = connect(server)
    for work in (lambda: metadata.get(conn, name), lambda: metadata.put(conn, name, b"x")):
        with pytest.raises(errors.UnsafeText):
            work()
    assert {"GETMETADATA", "SETMETADATA"}.isdisjoint(server.names())
