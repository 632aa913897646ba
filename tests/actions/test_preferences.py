"""Settings in the reader's own mailbox: beside the mail, or as a message in a folder; whatever two devices do."""

from __future__ import annotations

import email
import email.policy
import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.actions.conftest import Desk
from tests.servers.dovecot import Dovecot
from tests.servers.people import ALICE, Person, letter
from webmail import errors
from webmail.actions.preferences import keep
from webmail.imap import mailboxes, metadata, notes
from webmail.imap.connection import Connection
from webmail.mail import note
from webmail.mail.address import Address
from webmail.mail.note import Note, Scalar

ME = Address("", ALICE.address)
FAR = 2**52
PLACES: dict[str, dict[str, Any]] = {
    "folder": {},
    "folder below the inbox": {"prefix": "INBOX."},
    "folder with slashes": {"layout": "fs", "prefix": "INBOX."},
    "beside": {"notes": True},
}


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, another_dovecot: Callable[..., Dovecot]) -> Person:
    """Alice on a server of each kind."""
    return another_dovecot(**PLACES[request.param]).person(ALICE)


def kept(conn: Connection) -> Note:
    """What a device that comes now finds."""
    return note.merged(filter(None, (note.parse(each.octets, FAR) for each in notes.read(conn))))


def values(found: Note) -> Mapping[str, Scalar | None]:
    return {key: register.value for key, register in found.items()}


def drawer(person: Person) -> str | None:
    return next((name for name in person.mailboxes() if name.endswith("Pennypost settings")), None)


def test_what_is_kept_is_found_by_another_device_and_nothing_of_it_is_in_the_way(
    desk_of: Callable[..., Desk], place: Person
) -> None:
    one, two = desk_of(place).conn, desk_of(place).conn
    assert notes.read(one) == ()
    keep(one, ME, {"theme": "dark", "signature": 'Ana\n"{5}" ä😀', "image_senders/a@x.org": True})
    keep(two, ME, {"density": "compact", "image_senders/b@x.org": True, "conversation_in/Grüße & co": False})
    keep(one, ME, {"theme": "light", "image_senders/a@x.org": None})
    expected = {
        "theme": "light", "signature": 'Ana\n"{5}" ä😀', "image_senders/a@x.org": None, "density": "compact",
        "image_senders/b@x.org": True, "conversation_in/Grüße & co": False,
    }  # fmt: skip
    assert values(kept(two)) == expected
    assert len(notes.read(two)) == 1, "the older notes are gone"
    assert not any("settings" in m.name for m in mailboxes.list_mailboxes(one))
    with place.imap() as client:
        assert not any("settings" in name for _, _, name in client.list_sub_folders())
    before = notes.read(one)
    keep(one, ME, {"theme": "light"})
    assert notes.read(one) == before, "what is so already is not written again"


def test_two_devices_that_write_at_the_same_time_lose_nothing(desk_of: Callable[..., Desk], place: Person) -> None:
    desks = [desk_of(place) for _ in range(3)]
    failed: list[Exception] = []
    start = threading.Barrier(len(desks))
    for desk in desks:
        # Dovecot 2.3 panics ("Resource deadlock avoided") when several are the first to list a new account's mailboxes.
        mailboxes.list_mailboxes(desk.conn)

    def work(name: int, conn: Connection) -> None:
        try:
            start.wait(10)
            for number in range(6):
                keep(conn, ME, {f"image_senders/{name}-{number}@x.org": True, "theme": "dark" if name else "light"})
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(name, desk.conn)) for name, desk in enumerate(desks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    found = kept(desk_of(place).conn)
    assert {key for key in found if "/" in key} == {f"image_senders/{n}-{m}@x.org" for n in range(3) for m in range(6)}
    keep(desks[0].conn, ME, {"density": "compact"})
    assert len(notes.read(desk_of(place).conn)) == 1, "and the next change leaves one note"


def test_another_program_shows_what_the_message_is(desk_of: Callable[..., Desk], alice: Person) -> None:
    keep(desk_of(alice).conn, ME, {"signature": "Ana"})
    [stored] = alice.messages(drawer(alice) or "")
    message = email.message_from_bytes(stored.raw, policy=email.policy.default)
    assert message["Subject"] == "Settings of Pennypost, your webmail: please keep this message"
    assert message["From"] == message["To"] == ALICE.address
    body = message.get_body(("plain",))
    assert body is not None
    assert "Please leave it where it is" in body.get_content()
    [file] = message.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == ("settings.json", "application/json")
    assert stored.flags == {"\\Seen"}


def test_messages_of_others_in_the_folder_are_neither_believed_nor_removed(
    desk_of: Callable[..., Desk], alice: Person
) -> None:
    conn = desk_of(alice).conn
    keep(conn, ME, {"theme": "dark"})
    folder = drawer(alice) or ""
    own = alice.messages(folder)[0].raw
    strange = [
        letter("Mail that strayed"), b"", b"\r\n", own.replace(b"ewo", b"!!!"), own.replace(b"eyJ", b"AAA"),
        letter("Big", text="x" * 200_000),
    ]  # fmt: skip
    for raw in strange[:1] + strange[2:]:
        alice.append(raw, folder)
    keep(conn, ME, {"density": "compact"})
    assert values(kept(conn)) == {"theme": "dark", "density": "compact"}
    assert len(alice.messages(folder)) == len(strange)
    assert "Mail that strayed" in [m.header("Subject") for m in alice.messages(folder)]


def test_what_a_newer_version_keeps_stays(desk_of: Callable[..., Desk], alice: Person) -> None:
    conn = desk_of(alice).conn
    keep(conn, ME, {"quoting": "top", "theme": "dark"})
    keep(conn, ME, {"theme": "light"})
    assert values(kept(conn)) == {"quoting": "top", "theme": "light"}


def test_r15_a_folder_full_of_notes_is_read_to_a_limit(desk_of: Callable[..., Desk], alice: Person) -> None:
    conn = desk_of(alice).conn
    keep(conn, ME, {"theme": "dark"})
    folder = drawer(alice) or ""
    own = alice.messages(folder)[0].raw
    for _ in range(40):
        alice.append(own, folder)
    assert len(notes.read(conn)) == 20
    keep(conn, ME, {"theme": "light"})
    assert values(kept(conn)) == {"theme": "light"}


def test_a_server_that_learns_to_keep_notes_takes_over_from_the_folder(
    desk_of: Callable[..., Desk], another_dovecot: Callable[..., Dovecot], monkeypatch: pytest.MonkeyPatch
) -> None:
    person = another_dovecot(notes=True).person(ALICE)
    conn = desk_of(person).conn
    with monkeypatch.context() as earlier:
        earlier.setattr(conn, "capabilities", conn.capabilities - {"METADATA", "METADATA-SERVER"})
        keep(conn, ME, {"theme": "dark"})
        assert drawer(person)
    keep(conn, ME, {"density": "compact"})
    assert [each.ref for each in notes.read(conn)] == [None]
    assert values(kept(conn)) == {"theme": "dark", "density": "compact"}
    assert person.messages(drawer(person) or "") == []


def test_a_note_too_large_for_the_server_goes_into_the_folder(
    desk_of: Callable[..., Desk], alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> bool:
        raise errors.TooLarge

    conn = desk_of(alice).conn
    monkeypatch.setattr(metadata, "put", refuse)
    keep(conn, ME, {"theme": "dark"})
    assert values(kept(conn)) == {"theme": "dark"}


def test_a_full_mailbox_says_so_and_keeps_what_was(
    desk_of: Callable[..., Desk], another_dovecot: Callable[..., Dovecot]
) -> None:
    person = another_dovecot(quota=6000).person(ALICE)
    conn = desk_of(person).conn
    keep(conn, ME, {"theme": "dark"})
    with pytest.raises(errors.QuotaExceeded):
        keep(conn, ME, {"signature": "x" * 2000, "display_name": "y" * 3000})
    assert values(kept(conn)) == {"theme": "dark"}
