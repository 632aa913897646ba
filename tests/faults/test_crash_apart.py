"""kill -9 while a message is redirected or a receipt is sent: what has no copy in Drafts goes out at most once, too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.crash import Nursery, Report
from tests.servers.authority import Authority
from tests.servers.people import Person, letter
from tests.servers.submission import Submission

BEFORE = ("submit", "sending", "@data")
BEHIND = ("@taken", "answered", "accepted")
RunOf = Callable[..., Report]


@pytest.fixture
def run(authority: Authority, alice: Person, submission: Submission, tmp_path: Path) -> Iterator[RunOf]:
    """run(kill, state=…, do=…): one process of the site from its birth to its end."""
    with Nursery() as nursery:

        def run(kill: str, state: str, **case: object) -> Report:
            submission.interrupt = lambda when: nursery.kill() if kill == f"@{when}" else None
            return nursery.run(
                imap_port=alice.port, smtp_port=submission.port, ca_file=str(authority.ca_file), person=alice.login,
                state_dir=str(tmp_path / state.replace("@", "at ")), kill="" if kill.startswith("@") else kill, **case,
            )  # fmt: skip

        yield run


def test_a_redirect_that_was_killed_is_not_repeated_by_its_page(
    run: RunOf, alice: Person, submission: Submission
) -> None:
    uid = alice.append(letter("Plan", sender="Dora <dora@example.net>"))
    pick = f"{alice.uidvalidity()}.{uid}"
    for at, kill in enumerate((*BEFORE, *BEHIND, "mark")):
        submission.clear()
        case = {"do": "redirect", "pick": pick, "to": "x@example.net", "id": f"<{at:032x}@example.org>"}
        assert run(kill, kill, **case).killed, kill
        assert len(submission.accepted) == (kill in (*BEHIND, "mark")), kill
        again = run("", kill, **case)
        assert len(submission.accepted) == (kill in ("submit", *BEHIND, "mark")), kill
        assert again.told == ("sent" if kill in ("submit", "accepted", "mark") else "unknown"), again
        once_more = run("", kill, **case)
        assert (once_more.told, len(submission.accepted) <= 1) == (again.told, True), kill


def test_a_receipt_that_was_killed_is_not_sent_again(run: RunOf, alice: Person, submission: Submission) -> None:
    """The mark is taken away again, as if the mailbox kept none."""
    for kill in ("sending", *BEHIND):
        submission.clear()
        uid = alice.append(letter(kill, extra="Disposition-Notification-To: dora@example.net\r\n"))
        case = {"do": "receipt", "pick": f"{alice.uidvalidity()}.{uid}"}
        assert run(kill, kill, **case, asks=True).killed, kill
        alice.mark(uid, "$MDNSent", remove=True)
        assert run("", kill, **case).told == "", "it is not asked for any more"
        assert len(submission.accepted) == (kill in BEHIND), kill
