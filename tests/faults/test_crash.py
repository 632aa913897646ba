"""kill -9 at every step of sending: never delivered twice, delivered when its writer was told so, and never lost.

Without SOAK_SENDS those cases of the table that can differ; with it (scripts/soak) every combination, and then so many
letters with a kill at a random moment.
"""

from __future__ import annotations

import itertools
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.faults.crash import Nursery, Report
from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.people import ALICE, Identity, Person
from tests.servers.proxy import Rewriter
from tests.servers.submission import Submission
from webmail.journal import FileJournal, State

SENDS = int(os.environ.get("SOAK_SENDS", "0"))

BEFORE = ("claim", "copy", "copied", "due", "submit", "sending", "@data", "@arrived")
STEPS = ("", *BEFORE, "@taken", "refused", "answered", "accepted", "file", "mark", "clear", "done")
"""Where the process is killed. "": nowhere. "@": when the submission server is so far."""

SMTP = ("ok", "later", "tempfail", "datafail", "reject", "cut", "vanish", "drop")
"""What the submission server does: nothing; 4xx after the dot and before; 5xx the same; the line is cut before the dot,
after it with the message not taken, and after it with the message taken."""

APPEND = ("ok", "no Sent", "hang Sent", "no Drafts", "hang Drafts")


@dataclass(frozen=True)
class Case:
    """One letter."""

    kill: str
    smtp: str
    append: str
    held: bool

    def __str__(self) -> str:
        route = "held" if self.held else "at once"
        return f"kill at {self.kill or '-'}, smtp {self.smtp}, append {self.append}, {route}"


@dataclass
class Bench:
    """Everything that cases need, for one person. wrong: what must not be."""

    person: Person
    submission: Submission
    dovecot: Dovecot
    authority: Authority
    ports: dict[str, int]
    nursery: Nursery
    folder: Path
    outcomes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def fresh(self) -> None:
        """Empty folders, no journal."""
        self.dovecot.wipe(self.person.identity)
        self.submission.clear()
        self.state = self.folder / f"state-{random.getrandbits(64):x}"

    def run(self, case: Case, *, after: float = 0.0) -> None:
        """One letter, the crash, the restart, and its writer who presses Send once more. after: seconds until a kill at
        a random moment."""
        self.fresh()
        message_id = f"<{random.getrandbits(128):032x}@example.org>"
        text = f"the words of {message_id}"
        uid = self.person.append(_draft(self.person.address, f"{case.smtp}@example.net", message_id, text), "Drafts",
            ("\\Draft", "\\Seen"))  # fmt: skip
        pick = f"{self.person.uidvalidity('Drafts')}.{uid}"
        self.submission.interrupt = lambda when: self._interrupt(case, when)
        timer = threading.Timer(after, self.nursery.kill) if after else None
        if timer:
            timer.start()
        first = self._process(case, self.ports[case.append], do="send", pick=pick,
            kill=case.kill if not case.kill.startswith("@") else "")  # fmt: skip
        if timer:
            timer.cancel()
            timer.join()
        self.submission.interrupt = lambda when: None
        self._check(case, "after the crash", first, message_id, text)
        second = self._process(case, self.ports["ok"], do="look")
        self._check(case, "after the restart", second, message_id, text)
        self.outcomes[f"{first.told or 'killed'} -> {second.told or 'nothing to say'}"] += 1
        drafts = self.person.messages("Drafts")
        if drafts:
            again = f"{self.person.uidvalidity('Drafts')}.{drafts[-1].uid}"
            third = self._process(case, self.ports["ok"], do="send", pick=again)
            self._check(case, "after Send was pressed again", third, message_id, text)
        self._settled(case, second, message_id)

    def measured(self) -> float:
        """Seconds that a letter takes now when nothing goes wrong."""
        self.fresh()
        uid = self.person.append(_draft(self.person.address, "ok@example.net", "<1@example.org>", "x"), "Drafts",
            ("\\Draft", "\\Seen"))  # fmt: skip
        begun = time.monotonic()
        pick = f"{self.person.uidvalidity('Drafts')}.{uid}"
        self._process(Case("", "ok", "ok", False), self.ports["ok"], do="send", pick=pick, kill="")
        self.seconds = time.monotonic() - begun
        return self.seconds

    def _process(self, case: Case, port: int, **more: object) -> Report:
        return self.nursery.run(
            imap_port=port, smtp_port=self.submission.port, ca_file=str(self.authority.ca_file),
            state_dir=str(self.state), person=self.person.login, held=case.held, **more,
        )  # fmt: skip

    def _interrupt(self, case: Case, when: str) -> None:
        if case.kill == "@" + when:
            self.nursery.kill()

    def _check(self, case: Case, when: str, report: Report, message_id: str, text: str) -> None:
        taken = self._deliveries(message_id)
        sent, drafts = self._holding("Sent", text), self._holding("Drafts", text)
        for true, what in [
            (taken <= 1, f"delivered {taken} times"),
            (taken == 1 or report.told != "sent", "its writer was told that it was sent, and it was not"),
            (sent + drafts >= 1, "its text is neither in Drafts nor in Sent"),
            (sent <= 1, f"{sent} copies in Sent"),
            (taken == 1 or not sent, "a copy in Sent of what was not sent"),
        ]:
            if not true:
                self.wrong.append(f"{case}, {when}: {what} ({report.told or 'nothing'} told)")

    def _settled(self, case: Case, report: Report, message_id: str) -> None:
        """Whatever was accepted, and known to be, is done at the end: filed, and its draft gone."""
        entries = list(FileJournal(self.state / "sends")._directory.glob("*/*.open"))
        states = {FileJournal(self.state / "sends")._read(path) for path in entries}
        if any(entry and entry.state in (State.ACCEPTED, State.SENDING) for entry in states):
            self.wrong.append(f"{case}: not finished after the restart ({report.told} told)")

    def _deliveries(self, message_id: str) -> int:
        return sum(message_id.encode() in taken.raw for taken in self.submission.accepted)

    def _holding(self, folder: str, text: str) -> int:
        return sum(text.encode() in message.raw for message in self.person.messages(folder))


def _draft(sender: str, to: str, message_id: str, text: str) -> bytes:
    return (
        f"From: {sender}\r\nTo: {to}\r\nSubject: A letter\r\nMessage-ID: {message_id}\r\n"
        f"Date: Mon, 30 Nov 2026 12:00:00 +0000\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    ).encode()


def _refused(folder: str) -> object:
    """A folder that is not there in place of the one that is meant: a real NO."""

    def rewrite(line: bytes) -> bytes:
        meant = f'APPEND "{folder}"'.encode()
        return line.replace(meant, b'APPEND "missing.folder"') if meant in line else line

    return rewrite


def _silent(folder: str) -> object:
    """APPEND is heard and never answered."""

    def rewrite(line: bytes) -> bytes | None:
        if f'APPEND "{folder}"'.encode() not in line:
            return line
        time.sleep(3)
        return None

    return rewrite


@pytest.fixture
def bench(authority: Authority, dovecot: Dovecot, submission: Submission, tmp_path: Path) -> Iterator[Bench]:
    """For Alice."""
    server, client = authority.good().server_context(), authority.client_context()
    rewriters = {
        "no Sent": _refused("Sent"), "hang Sent": _silent("Sent"),
        "no Drafts": _refused("Drafts"), "hang Drafts": _silent("Drafts"),
    }  # fmt: skip
    proxies = {name: Rewriter(dovecot.port, server, client, {"client": how}) for name, how in rewriters.items()}  # type: ignore[dict-item]
    ports = {name: each.start().port for name, each in proxies.items()} | {"ok": dovecot.port}
    identity: Identity = ALICE
    with Nursery() as nursery:
        yield Bench(dovecot.person(identity), submission, dovecot, authority, ports, nursery, tmp_path)
    for each in proxies.values():
        each.stop()


def _share(cases: list[Case]) -> list[Case]:
    """SOAK_SHARE=2/3: the second third of them, for three processes side by side; mixed, each some of all."""
    which, of = map(int, os.environ.get("SOAK_SHARE", "1/1").split("/"))
    random.Random(7).shuffle(cases)
    return cases[which - 1 :: of]


def _progress(done: int, all: int, begun: float, bench: Bench) -> None:
    """Every ten cases of a long run one line, for whoever waits."""
    if all and done % 10 == 0:
        print(f"{done} of {all}, {time.monotonic() - begun:.0f} s, wrong: {bench.wrong}", flush=True)


def telling() -> list[Case]:
    """Those that can differ: a step before the handing over with two servers each, one behind it with every way in
    which the copy can fail; every server and every APPEND without a crash. The routes take turns."""
    pairs = [(step, smtp, "ok") for at, step in enumerate(BEFORE) for smtp in ("ok", SMTP[1 + at % 7])]
    pairs += [(step, "ok", how) for step in ("claim", "copy") for how in ("no Drafts", "hang Drafts")]
    pairs += [("refused", smtp, "ok") for smtp in SMTP[1:]]
    pairs += [(step, "ok", how) for step in ("@taken", "answered", "accepted", "file") for how in APPEND[:3]]
    pairs += [(step, "ok", "ok") for step in ("mark", "clear", "done")]
    pairs += [("", smtp, "ok") for smtp in SMTP] + [("", "ok", how) for how in APPEND[1:]]
    return [Case(*pair, held=at % 2 == 0) for at, pair in enumerate(pairs)]


def everything() -> list[Case]:
    """Every combination, on both routes."""
    return [Case(*one) for one in itertools.product(STEPS, SMTP, APPEND, (False, True))]


@pytest.mark.timeout(1200 + 30 * SENDS)
@pytest.mark.asvs("2.3.1", "2.3.3", "2.3.4")
def test_killed_at_any_step_a_letter_is_sent_at_most_once_and_never_lost(bench: Bench) -> None:
    cases = _share(everything()) if SENDS else telling()[::2]  # scripts/soak has them all
    begun = time.monotonic()
    for done, case in enumerate(cases, 1):
        bench.run(case)
        _progress(done, len(cases) if SENDS else 0, begun, bench)
    print(f"\ncrash: {len(cases)} cases in {time.monotonic() - begun:.0f} s; {dict(bench.outcomes.most_common())}")
    assert not bench.wrong, "\n".join(bench.wrong[:40])


@pytest.mark.timeout(1200 + 30 * SENDS)
def test_killed_at_random_moments_none_is_lost_and_none_doubled(bench: Bench) -> None:
    chance = random.Random(int(os.environ.get("SOAK_SEED", "1")))
    begun = time.monotonic()
    for done in range(SENDS or 5):
        case = Case("", chance.choice(("ok", "ok", "ok", *SMTP)), "ok", chance.random() < 0.5)
        # How long a letter takes is not the same everywhere, nor all the time.
        usual = bench.seconds if done % 10 else bench.measured()
        bench.run(case, after=chance.uniform(0.05, 1.1) * usual)
        _progress(done + 1, SENDS, begun, bench)
    print(f"\ncrash: {SENDS or 5} letters in {time.monotonic() - begun:.0f} s; {dict(bench.outcomes.most_common())}")
    assert not bench.wrong, "\n".join(bench.wrong[:40])
