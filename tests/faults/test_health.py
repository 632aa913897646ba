"""Reading and sending are two servers: when one is away the other goes on."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.faults.pages import act, address, listed, picks, says, works, write
from tests.servers.application import Visitor
from tests.servers.dovecot import Dovecot, free_ports
from tests.servers.people import ALICE, Person, letter
from tests.servers.submission import Submission
from webmail import errors

At = Callable[..., Visitor]


def test_mail_is_read_filed_and_drafted_while_nothing_can_be_sent(at: At, dovecot: Dovecot, alice: Person) -> None:
    """IMAP and SMTP on different health: reading works while SMTP is down; the letter waits in Drafts."""
    uid = alice.append(letter("Question", sender="bob@example.org"))
    visitor = at(dovecot.port, smtp_port=free_ports(1)[0])
    visitor.sign_in(alice)
    works(visitor, "Question")
    visitor.get(address(alice, uid))
    assert "Good morning." in visitor.text
    visitor.get(address(alice, uid, more="/reply"))
    visitor.send(visitor.form("/write"), do="save", body="My words")
    assert "Saved in Drafts" in visitor.text
    visitor.send(visitor.form("/write"), do="send")
    assert visitor.status == 502
    assert "Your letter is in Drafts." in visitor.text
    assert visitor.form("/write").value("body") == "My words"
    assert listed(alice, "Drafts") == ["Re: Question"]
    visitor.get("/m/INBOX")
    act(visitor, "archive", *picks(visitor.html))
    assert "Message moved to Archive." in visitor.text


def test_while_nothing_can_be_read_no_letter_is_lost_and_the_sign_in_outlives_it(
    at: At, another_dovecot: Callable[..., Dovecot], submission: Submission
) -> None:
    """IMAP and SMTP on different health, the reverse: SMTP up, IMAP down; told at once, and it goes on afterwards."""
    server = another_dovecot()
    alice = server.person(ALICE)
    visitor = at(server.port)
    visitor.sign_in(alice)
    visitor.get("/write")
    server.halt()
    began = time.monotonic()
    for do in ("save", "send"):
        visitor.send(visitor.form("/write"), do=do, to="bob@example.org", subject="Kept", body="My words")
        assert visitor.status == 502
        assert visitor.form("/write").value("body") == "My words"
    visitor.get("/m/INBOX")
    says(visitor, errors.ServerUnreachable)
    assert time.monotonic() - began < 10
    server.resume()
    write(visitor, to="bob@example.org", subject="Kept", body="My words")
    assert "Sent." in visitor.text
    assert len(submission.accepted) == 1
    assert listed(alice, "Sent") == ["Kept"]


@pytest.mark.parametrize("do", ["send", "save"])
def test_a_letter_opens_blank_while_the_mail_server_is_away(
    at: At, another_dovecot: Callable[..., Dovecot], do: str
) -> None:
    """IMAP down: writing can begin; the form shows without folders."""
    server = another_dovecot()
    visitor = at(server.port)
    visitor.sign_in(server.person(ALICE))
    server.halt()
    write(visitor, do=do, to="bob@example.org", subject="Kept", body="My words")
    assert visitor.status == 502
    assert visitor.form("/write").value("body") == "My words"
