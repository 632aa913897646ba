"""`pennypost check`, asked as an administrator asks, about real servers: right ones, wrong ones, and poor ones."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot, free_ports
from tests.servers.people import Person
from tests.servers.scripted import Scripted
from tests.servers.submission import Submission

ROOT = Path(__file__).parent.parent


def check(*arguments: str, given: str = "", **settings: str) -> tuple[int, str]:
    """Run it, the password through a pipe. Lines that were folded are whole again."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PENNYPOST_")}
    done = subprocess.run(
        [sys.executable, "-m", "webmail", "check", *arguments], input=given, text=True, capture_output=True, cwd=ROOT,
        env=kept | {f"PENNYPOST_{name}": value for name, value in settings.items()}, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, re.sub(r"\n {9}", " ", done.stdout + done.stderr)


def lines(said: str, kind: str) -> list[str]:
    return re.findall(rf"^  {kind} +(.*)$", said, re.M)


@pytest.fixture
def ways(dovecot: Dovecot, submission: Submission, authority: Authority) -> list[str]:
    """The arguments that lead to the servers of the people."""
    return [
        "localhost", "--imap-port", str(dovecot.port), "--smtp-port", str(submission.port), "--ca-file",
        str(authority.ca_file),
    ]  # fmt: skip


def test_it_says_what_will_work_and_writes_nothing(ways: list[str], alice: Person, submission: Submission) -> None:
    before = alice.mailboxes()
    code, said = check(*ways, "--user", alice.address, given=f"{alice.password}\n")
    assert code == 0, said
    assert lines(said, "FAILS") == []
    fine = lines(said, "ok")
    for words in (
        "It answers, with TLS 1.3 and a certificate for its name", "in 29 days", "It greets: ", "It takes passwords",
        "Login and password are right; the server is Dovecot", "Sent: Sent (the server says so)", "Drafts: Drafts",
        "Trash: Trash", "Junk: Junk", "Labels, pins and muted talks", "Moving in one step: A message is never in two",
        "Removing exactly these", "takes the same login and password",
    ):  # fmt: skip
        assert [line for line in fine if words in line], (words, said)
    assert "This will work" in said
    assert alice.password not in said
    assert (alice.mailboxes(), submission.accepted) == (before, [])


def test_without_a_user_it_looks_at_the_doors_only(ways: list[str]) -> None:
    code, said = check(*ways)
    assert code == 0, said
    assert "Signed in" not in said
    assert "--user ADDRESS" in said


def test_without_a_host_it_asks_those_of_the_settings(
    dovecot: Dovecot, submission: Submission, authority: Authority, alice: Person
) -> None:
    site = {
        "IMAP_HOST": "localhost", "IMAP_PORT": str(dovecot.starttls_port), "IMAP_TLS": "starttls",
        "SMTP_PORT": str(submission.port), "CA_FILE": str(authority.ca_file),
    }  # fmt: skip
    code, said = check("--user", alice.address, given=f"{alice.password}\n", **site)
    assert code == 0, said
    assert "TLS by STARTTLS" in said
    assert check(IMAP_HOST="")[0] == 2


def test_a_wrong_password_is_said_twice_and_is_nowhere_else(ways: list[str], alice: Person) -> None:
    code, said = check(*ways, "--user", alice.address, given="canarywrong\n")
    assert code == 1
    [reading, sending] = lines(said, "FAILS")
    assert "does not take this login and password" in reading
    assert "does not take the login and password" in sending
    assert "canarywrong" not in said


@pytest.mark.parametrize(
    ("kind", "says"),
    [("expired", "has ended"), ("wrong_host", "for another name"), ("self_signed", "obody we know vouches")],
)
def test_a_certificate_that_proves_nothing_is_said_in_words(
    ways: list[str], scripted: Callable[..., Scripted], authority: Authority, kind: str, says: str
) -> None:
    server = scripted(context=getattr(authority, kind)().server_context())
    for option in ("--imap-port", "--smtp-port"):
        code, said = check(*ways, option, str(server.port))
        assert code == 1
        [failed] = lines(said, "FAILS")
        assert says in failed, option


def test_an_authority_that_nobody_named_is_said_in_words(ways: list[str]) -> None:
    code, said = check(*ways[: ways.index("--ca-file")])
    assert code == 1
    assert [line[:40] for line in lines(said, "FAILS")] == ["Nobody we know vouches for its certifica"] * 2


def test_a_port_of_another_kind_is_said_in_words(ways: list[str], dovecot: Dovecot, submission: Submission) -> None:
    [closed] = free_ports(1)
    for arguments, says in (
        (["--imap-port", str(closed)], "Nobody answers there"),
        (["--imap-port", str(dovecot.starttls_port)], "TLS does not begin there in the way"),
        (["--imap-tls", "starttls"], "begin there in another way"),
        (["--imap-port", str(submission.port)], "does not speak this protocol"),
        (["--smtp-port", str(dovecot.port)], "does not speak this protocol ([CAPABILITY"),
        (["--imap-port", "ten"], "PENNYPOST_IMAP_PORT"),
    ):
        code, said = check(*ways, *arguments)
        assert code == (2 if "ten" in arguments else 1), said
        assert says in said, said


def test_a_poor_server_works_and_it_is_said_how_it_is_done_without(
    ways: list[str], scripted: Callable[..., Scripted], alice: Person
) -> None:
    poor = scripted(
        {"SELECT": "* 0 EXISTS\n* OK [UIDVALIDITY 1]\n* OK [PERMANENTFLAGS (\\Seen)]\n{tag} OK [READ-WRITE] in"},
        capabilities="IMAP4rev1 AUTH=PLAIN SASL-IR",
    )
    code, said = check(*ways, "--imap-port", str(poor.port), "--user", alice.address, given=f"{alice.password}\n")
    assert code == 0, said
    less = lines(said, "note")
    for words in (
        "What another device marked is never taken along", "not offered: UIDPLUS", "not offered: MOVE",
        "Sent: there is none; it is made", "keeps no keywords of ours",
    ):  # fmt: skip
        assert [line for line in less if words in line], (words, said)


def test_a_full_mailbox_and_shared_names_are_told(
    ways: list[str], another_dovecot: Callable[..., Dovecot], alice: Person
) -> None:
    server = another_dovecot(prefix="INBOX.", quota=50_000_000, special_use=False)
    code, said = check(*ways, "--imap-port", str(server.port), "--user", alice.address, given=f"{alice.password}\n")
    assert code == 0, said
    assert "one's own are below INBOX." in said
    assert "of 50 MB are used" in said
    assert "(by its name)" in said


def test_words_of_a_server_cannot_paint_the_terminal(
    ways: list[str], scripted: Callable[..., Scripted], alice: Person
) -> None:
    rude = scripted(greeting="* OK \x1b[31mready\x1b]0;mine\x07")
    code, said = check(*ways, "--imap-port", str(rude.port))
    assert code == 0
    assert "\x1b" not in said
    assert "\x07" not in said
