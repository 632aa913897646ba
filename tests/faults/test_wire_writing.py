"""The wire fails while something is being changed. Nothing is done twice, nothing is lost, and the page is honest."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.faults.pages import act, folder, listed, picks, says, subjects, works, write
from tests.servers.application import Visitor
from tests.servers.dovecot import Dovecot
from tests.servers.people import Person, letter
from tests.servers.proxy import Proxy, Rewriter
from tests.servers.submission import Submission
from webmail import errors

At = Callable[..., Visitor]
InFront = Callable[[int], Proxy]
Reads = Callable[..., Rewriter]


class Mishap:
    """Lets a command through to the server and ends the connection in place of the answer, or before the command.

    word: what the command begins with behind its tag. times: how often that happens. met: how often it came.
    """

    def __init__(self, word: bytes, *, before: bool = False, times: int = 1) -> None:
        self.word, self.before, self.times, self.met = word, before, times, 0
        self._ending = False

    def client(self, line: bytes) -> bytes | None:
        """What the webmail says."""
        if line.split(b" ", 1)[-1].upper().startswith(self.word):
            self.met += 1
            if self.met <= self.times:
                self._ending = not self.before
                return None if self.before else line
        return line

    def server(self, line: bytes) -> bytes | None:
        """What the server says."""
        if self._ending and not line.startswith(b"+"):  # a server that asks for the rest has not answered yet
            self._ending = False
            return None
        return line


@pytest.fixture
def shaken(at: At, rewriter: Reads, dovecot: Dovecot, alice: Person) -> Callable[..., tuple[Visitor, Mishap]]:
    """Alice with three letters, her inbox open, and what is going to happen to one of her commands."""

    def start(word: bytes, **more: object) -> tuple[Visitor, Mishap]:
        alice.append_all([letter("One"), letter("Two"), letter("Three")])
        mishap = Mishap(word, **more)  # type: ignore[arg-type]
        visitor = at(rewriter(dovecot.port, client=mishap.client, server=mishap.server).port)
        visitor.sign_in(alice)
        assert subjects(visitor.html) == ["Three", "Two", "One"]
        return visitor, mishap

    return start


Shaken = Callable[..., tuple[Visitor, Mishap]]


def test_a_change_on_a_connection_that_ended_meanwhile_is_simply_made(
    at: At, proxy: InFront, dovecot: Dovecot, alice: Person
) -> None:
    """IMAP restarts, kick: a write that has not begun begins on a new connection."""
    way = proxy(dovecot.port)
    alice.append_all([letter("One"), letter("Two")])
    visitor = at(way.port)
    visitor.sign_in(alice)
    for end in (lambda: dovecot.kick(alice), way.reset, way.half_close):
        chosen = picks(visitor.html)[0]
        end()
        act(visitor, "star", chosen)
        assert "Message starred." in visitor.text
    dovecot.restart()
    act(visitor, "archive", picks(visitor.html)[0])
    assert "Message moved to Archive." in visitor.text
    assert listed(alice, "Archive") == ["Two"]


@pytest.mark.parametrize(("do", "word", "place"), [
    ("archive", b"UID MOVE", "Archive"), ("delete", b"UID MOVE", "Trash"), ("star", b"UID STORE", "INBOX"),
])  # fmt: skip
def test_a_change_whose_answer_is_lost_is_not_made_again(
    shaken: Shaken, alice: Person, do: str, word: bytes, place: str
) -> None:
    """IMAP restarts mid request: writes only if provably not applied, else the page says to look and try again."""
    visitor, mishap = shaken(word)
    act(visitor, do, picks(visitor.html)[0])
    says(visitor, errors.ConnectionLost)
    assert mishap.met == 1
    assert sorted(filter(None, listed(alice) + (listed(alice, place) if place != "INBOX" else []))) == [
        "One", "Three", "Two",
    ]  # fmt: skip
    visitor.get(folder(place))
    assert "Three" in subjects(visitor.html)


@pytest.mark.parametrize(("do", "word"), [("archive", b"UID MOVE"), ("star", b"UID STORE")])
def test_a_change_that_never_reached_the_server_changed_nothing(
    shaken: Shaken, alice: Person, do: str, word: bytes
) -> None:
    """IMAP restarts mid request: the command was lost on its way; the page says so, a second click does it."""
    visitor, _ = shaken(word, before=True)
    chosen = picks(visitor.html)[0]
    act(visitor, do, chosen)
    says(visitor, errors.ConnectionLost)
    assert listed(alice) == ["One", "Two", "Three"]
    works(visitor, "Three", "Two", "One")
    act(visitor, do, chosen)
    assert visitor.status == 200
    assert (listed(alice) == ["One", "Two"]) == (do == "archive")


def test_a_draft_whose_answer_is_lost_comes_back_in_the_form(shaken: Shaken, alice: Person) -> None:
    """P cut on APPEND: nobody knows whether it was stored; the text is in the form, and it was not stored twice."""
    visitor, mishap = shaken(b"APPEND")
    write(visitor, do="save", to="bob@example.org", subject="Half written", body="My words, an hour of them.")
    assert visitor.status == 502
    assert "Not saved." in visitor.text
    assert "What you typed is still here" in visitor.text
    assert mishap.met == 1
    assert visitor.form("/write").value("body") == "My words, an hour of them."
    assert visitor.form("/write").value("subject") == "Half written"
    assert listed(alice, "Drafts") == ["Half written"]


def test_a_draft_whose_answer_was_lost_is_one_draft_after_saving_again(shaken: Shaken, alice: Person) -> None:
    """P cut on APPEND: the copy that nobody knew of is found by its Message-ID; drafts do not pile up."""
    visitor, _ = shaken(b"APPEND")
    write(visitor, do="save", to="bob@example.org", subject="Half written", body="My words")
    visitor.send(visitor.form("/write"), do="save", body="My words, and more")
    assert "Saved in Drafts" in visitor.text
    assert listed(alice, "Drafts") == ["Half written"]


@pytest.mark.parametrize("before", [True, False], ids=["lost", "answer lost"])
def test_a_letter_that_was_sent_stays_sent_when_its_copy_meets_the_end(
    shaken: Shaken, alice: Person, submission: Submission, before: bool
) -> None:
    """SMTP accepts, APPEND to Sent is cut: "Sent", said honestly, never a second time, and filed when it can be."""
    visitor, _ = shaken(b'APPEND "SENT"', before=before)
    write(visitor, to="bob@example.org", subject="Once", body="x")
    assert visitor.status == 200
    assert "Sent. Its copy could not be put into Sent." in visitor.text
    assert [taken.recipients for taken in submission.accepted] == [("bob@example.org",)]
    deadline = time.monotonic() + 20
    while (listed(alice, "Sent"), listed(alice, "Drafts")) != (["Once"], []):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert len(submission.accepted) == 1


def test_sending_when_the_mail_server_fell_silent_keeps_the_letter(
    at: At, proxy: InFront, dovecot: Dovecot, alice: Person, submission: Submission
) -> None:
    """Stall: the letter that is being sent comes back in its form, unsent."""
    way = proxy(dovecot.port)
    visitor = at(way.port, command_timeout=1)
    visitor.sign_in(alice)
    visitor.get("/write")
    form = visitor.form("/write")
    way.stall()
    visitor.send(form, do="send", to="bob@example.org", subject="Kept", body="My words")
    assert visitor.status == 504
    assert visitor.form("/write").value("body") == "My words"
    assert "only in this form" in visitor.text
    assert submission.accepted == []
    way.drop()
    way.pass_on()
    visitor.send(visitor.form("/write"), do="send")
    assert "Sent." in visitor.text
    assert len(submission.accepted) == 1
