"""The command that wakes for those who are not signed in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.people import Person, letter

ROOT = Path(__file__).parent.parent
DUE, TO_COME = "Snoozed.2020-07-20 07-00 +0200", "Snoozed.2520-07-20 07-00 +0200"


def wake(dovecot: Dovecot, authority: Authority, *arguments: str, given: str, **more: str) -> tuple[int, str]:
    """Run it as a crontab does."""
    site = {
        "PENNYPOST_IMAP_HOST": "localhost", "PENNYPOST_IMAP_PORT": str(dovecot.port),
        "PENNYPOST_CA_FILE": str(authority.ca_file),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "webmail", "wake", *arguments], input=given, text=True, capture_output=True, cwd=ROOT,
        env={"PATH": os.environ["PATH"], **site, **more}, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_the_command_brings_back_what_is_due_and_nothing_else(
    dovecot: Dovecot, authority: Authority, alice: Person
) -> None:
    for name in (DUE, TO_COME):
        alice.create(name)
        alice.append(letter(name), name, ["\\Seen"])
    assert wake(dovecot, authority, alice.address, given=f"{alice.password}\n") == (0, "1 letter came back.\n")
    [back] = alice.messages()
    assert (back.raw, back.flags) == (letter(DUE), {"$Woken"})
    assert [name for name in alice.mailboxes() if "20 07" in name] == [TO_COME]
    secret = {"WAKE_PASSWORD": alice.password}
    assert wake(dovecot, authority, alice.address, given="", **secret) == (0, "0 letters came back.\n")


def test_it_says_in_a_line_why_it_could_not(dovecot: Dovecot, authority: Authority, alice: Person) -> None:
    code, said = wake(dovecot, authority, alice.address, given="wrong\n")
    assert (code, said) == (1, "pennypost: the mail server does not take this login and password\n")
    code, said = wake(dovecot, authority, alice.address, given=f"{alice.password}\n", PENNYPOST_IMAP_PORT="1")
    assert (code, said.count("\n")) == (1, 1)
    assert "ServerUnreachable" in said
    code, said = wake(dovecot, authority, alice.address, given="x\n", PENNYPOST_IMAP_HOST="")
    assert code == 2
    assert alice.password not in said
