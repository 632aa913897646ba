"""The journal of sending: one of two passes, nothing is lost, and nothing in it can be read."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from webmail import errors
from webmail.journal import Entry, FileJournal, Journal, State, account_key, letter_key
from webmail.shared.journal import SharedJournal
from webmail.shared.node import Node

Make = Callable[[], Journal]

ACCOUNT = account_key("mail.example.org", "alice@example.org")
LETTER = letter_key(ACCOUNT, "<1@example.org>")
FRESH = (None, State.FAILED)


@pytest.fixture(params=["files", "shared"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """Makes the journal of another process, of either kind; all of one kind see the same."""
    made: list[FileJournal | SharedJournal] = []

    def one() -> Journal:
        if request.param == "files":
            made.append(FileJournal(tmp_path))
        else:
            link = request.getfixturevalue("link_to")(request.getfixturevalue("valkey").url)
            made.append(SharedJournal(link, Node(link)))
        return made[-1]

    yield one
    for journal in made:
        journal.close()


def test_of_many_that_claim_one_letter_at_once_one_passes(make: Make) -> None:
    """Threads of two processes: each has its own journal on what both see."""
    journals = [make(), make()]
    passed: list[int] = []

    def claim(number: int) -> None:
        if journals[number % 2].note(ACCOUNT, LETTER, State.HELD, after=FRESH) is None:
            passed.append(number)

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(passed) == 1
    found = journals[0].get(ACCOUNT, LETTER)
    assert found is not None
    assert found.state is State.HELD


def test_a_letter_goes_its_way_and_what_is_done_stays_done(make: Make) -> None:
    journal = make()
    for state, after in [
        (State.HELD, FRESH), (State.SENDING, (State.HELD,)), (State.ACCEPTED, (State.SENDING,)),
        (State.DONE, (State.ACCEPTED,)),
    ]:  # fmt: skip
        assert journal.note(ACCOUNT, LETTER, state, after=after) is None
    assert journal.waiting(ACCOUNT) == {}
    for state in (State.HELD, State.SENDING, State.UNKNOWN):
        found = journal.note(ACCOUNT, LETTER, state, after=(*FRESH, State.HELD, State.UNKNOWN))
        assert found is not None
        assert found.state is State.DONE
    journal.forget(ACCOUNT, LETTER)
    assert journal.get(ACCOUNT, LETTER) is None


def test_who_died_is_known_at_once_and_who_lives_is_not_taken_for_dead(tmp_path: Path) -> None:
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom webmail.journal import FileJournal, State\n"
        "FileJournal(Path(sys.argv[1])).note(sys.argv[2], sys.argv[3], State.SENDING, after=(None,))\n"
        "print('written', flush=True)\ntime.sleep(60)\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path), ACCOUNT, LETTER],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[1],
    )
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == b"written\n"
        journal = FileJournal(tmp_path)
        [entry] = journal.waiting(ACCOUNT).values()
        assert not journal.abandoned(entry)
        assert not journal.own(entry)
        os.kill(child.pid, signal.SIGKILL)
        child.wait(10)
        assert journal.abandoned(entry)
        assert FileJournal(tmp_path).abandoned(entry), "a new process tidies, and still knows"
    finally:
        child.kill()
        child.wait(10)
        assert child.stdout is not None
        child.stdout.close()


def test_a_forked_child_is_somebody_else(make: Make) -> None:
    journal = make()
    journal.note(ACCOUNT, LETTER, State.SENDING, after=(None,))
    [entry] = journal.waiting(ACCOUNT).values()
    assert journal.own(entry)
    journal.close()  # type: ignore[attr-defined]
    assert journal.abandoned(entry)


def test_what_another_hands_over_is_left_alone_until_it_is_no_more(make: Make) -> None:
    """SENDING is left by who wrote it; by others for UNKNOWN alone, and only then."""
    mine, theirs = make(), make()
    theirs.note(ACCOUNT, LETTER, State.SENDING, after=(None,))
    assert theirs.sends(ACCOUNT, LETTER)
    assert not mine.sends(ACCOUNT, LETTER)
    for state in (State.ACCEPTED, State.FAILED, State.UNKNOWN):
        found = mine.note(ACCOUNT, LETTER, state, after=(State.SENDING,))
        assert found is not None
        assert found.state is State.SENDING
    theirs.close()  # type: ignore[attr-defined]
    assert mine.note(ACCOUNT, LETTER, State.FAILED, after=(State.SENDING,)) is not None
    assert mine.note(ACCOUNT, LETTER, State.UNKNOWN, after=(State.SENDING,)) is None


def test_of_several_that_take_over_one_gets_it(make: Make) -> None:
    dead, others = make(), [make() for _ in range(4)]
    dead.note(ACCOUNT, LETTER, State.HELD, after=(None,))
    dead.promise(ACCOUNT, LETTER, 1_800_000_000)
    dead.close()  # type: ignore[attr-defined]
    [found] = others[0].waiting(ACCOUNT).values()
    assert found.due == 1_800_000_000
    assert others[0].abandoned(found)
    taken = [other.take(ACCOUNT, LETTER, found) for other in others]
    assert taken == [True, False, False, False]
    [now] = others[1].waiting(ACCOUNT).values()
    assert others[0].own(now)
    assert not others[1].abandoned(now)
    assert now.due == found.due


def test_a_promise_is_made_only_for_what_one_holds(make: Make) -> None:
    mine, theirs = make(), make()
    theirs.note(ACCOUNT, LETTER, State.HELD, after=(None,))
    mine.promise(ACCOUNT, LETTER, 5)
    theirs.note(ACCOUNT, LETTER, State.FAILED, after=(State.HELD,))
    theirs.promise(ACCOUNT, LETTER, 5)
    found = mine.get(ACCOUNT, LETTER)
    assert found is not None
    assert found.due == 0


def test_r12_names_and_contents_say_nothing_of_who_and_what(tmp_path: Path) -> None:
    FileJournal(tmp_path).note(ACCOUNT, LETTER, State.FAILED, after=(None,), why="RecipientsRefused")
    told = b"".join(str(path).encode() + (path.read_bytes() if path.is_file() else b"") for path in tmp_path.rglob("*"))
    assert b"example.org" not in told
    assert b"alice" not in told
    assert b"@" not in told
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.rglob("*"))


@pytest.mark.parametrize("broken", [b"", b"{", b"[]", b'{"state": "sent"}', b"\xff\xfe", b'{"state":"held"}'])
def test_an_entry_that_cannot_be_read_is_a_letter_that_may_have_been_sent(tmp_path: Path, broken: bytes) -> None:
    journal = FileJournal(tmp_path)
    journal.note(ACCOUNT, LETTER, State.SENDING, after=(None,))
    (tmp_path / ACCOUNT / f"{LETTER}.open").write_bytes(broken)
    found = journal.get(ACCOUNT, LETTER)
    assert found is not None
    assert found.state is State.UNKNOWN
    assert journal.abandoned(found)


def test_a_directory_that_cannot_be_written_is_said_before_a_letter_of_a_dead_process_is_taken(tmp_path: Path) -> None:
    before, journal = FileJournal(tmp_path), FileJournal(tmp_path)
    before.note(ACCOUNT, LETTER, State.HELD, after=(None,))
    before.close()
    entry = journal.get(ACCOUNT, LETTER)
    assert entry is not None
    (tmp_path / "lock").unlink()
    (tmp_path / "lock").mkdir()
    with pytest.raises(errors.NotNoted):
        journal.take(ACCOUNT, LETTER, entry)
    assert journal.get(ACCOUNT, LETTER) == entry


def test_a_disk_that_is_full_is_said_before_anything_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = FileJournal(tmp_path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(errors.NotNoted):
        journal.note(ACCOUNT, LETTER, State.HELD, after=(None,))
    monkeypatch.undo()
    assert journal.get(ACCOUNT, LETTER) is None


def test_r8_a_name_that_is_no_digest_reaches_no_file(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path)
    for name in ("../x", "", "A" * 64, LETTER + "/"):
        with pytest.raises(ValueError, match="digest"):
            journal.get(ACCOUNT, name)
    assert journal.abandoned(Entry(State.HELD, 0, "../../etc/passwd"))
