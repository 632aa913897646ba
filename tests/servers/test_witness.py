"""The second device sees what the server has, and what it does arrives there."""

from __future__ import annotations

from collections.abc import Callable

from tests.servers.dovecot import Dovecot
from tests.servers.people import BOB, Person, letter
from tests.servers.witness import Witness


def test_the_second_device_sees_mail_and_changes_it(witness: Callable[[Person], Witness], bob: Person) -> None:
    bob.create("Ärger")
    uid = bob.append(letter("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", message_id="<1@example.net>"), flags=["\\Flagged"])
    device = witness(bob)
    (seen,) = device.sync()
    assert (seen.folder, seen.flags, seen.subject, seen.message_id) == (
        "INBOX", {"\\Flagged"}, "Grüße", "<1@example.net>",
    )  # fmt: skip
    assert "Ärger" in device.folders()
    device.mark(seen, add="SR", remove="F")
    device.sync()
    assert bob.flags(uid) == {"\\Seen", "\\Answered"}


def test_the_second_device_works_below_a_prefix(
    witness: Callable[[Person], Witness], another_dovecot: Callable[..., Dovecot]
) -> None:
    person = another_dovecot(prefix="INBOX.").person(BOB)
    person.append(letter("Sent one"), "INBOX.Sent", ["\\Seen"])
    (seen,) = witness(person).sync()
    assert (seen.folder, seen.flags) == ("Sent", {"\\Seen"})
