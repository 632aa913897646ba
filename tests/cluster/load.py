"""People who read and write through the balancer, and pages that they have open. What goes wrong is counted."""

from __future__ import annotations

import http.client
import random
import re
import secrets
import threading
import time
import urllib.parse
from collections import Counter
from dataclasses import dataclass, field

from tests.cluster.topology import Topology
from tests.deploy.outside import Visitor
from tests.servers.application import forms_of
from tests.servers.people import Person
from webmail.actions.recover import LATEST
from webmail.journal import State

RETRY = 3.0
"""Seconds after which a browser connects a lost stream again: what our streams tell it."""

CLOSED = 5.0
"""Those after which live.js tries again when the answer was no stream."""


@dataclass
class Tally:
    """requests: answered. wrong: what came in place of the answer, by kind of request. asked: users who were sent to
    the sign-in page. gaps: seconds without a stream. told: letters that were said to be on their way; unsure: those
    whose answer was an error."""

    requests: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    asked: int = 0
    gaps: list[float] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)
    seconds: list[float] = field(default_factory=list)

    def said(self) -> str:
        """In a line."""
        longest = max(self.gaps, default=0)
        ordered = sorted(self.seconds) or [0.0]
        return (
            f"{self.requests} requests, {sum(self.wrong.values())} wrong {dict(self.wrong)}, asked to sign in "
            f"{self.asked}, {len(self.told)} letters told, {len(self.unsure)} unsure, {len(self.gaps)} streams resumed"
            f", longest gap {longest:.1f} s, p50 {ordered[len(ordered) // 2] * 1000:.0f} ms, "
            f"p99 {ordered[len(ordered) * 99 // 100] * 1000:.0f} ms, longest {ordered[-1]:.1f} s"
        )


class User(threading.Thread):
    """One person: a page that is open, lists and letters that are read, now and then a letter that is written."""

    def __init__(self, topology: Topology, person: Person, tally: Tally, lock: threading.Lock, pause: float) -> None:
        super().__init__(daemon=True)
        self._mark = f"load-{secrets.token_hex(3)}"
        self._person, self._tally, self._lock, self._pause = person, tally, lock, pause
        self._visitor = Visitor(topology.secure, topology.authority)
        self._left = threading.Event()
        self._quiet = threading.Event()
        self._chance = random.Random(person.login)
        self._page = threading.Thread(target=self._listen, daemon=True)
        self.heard = threading.Event()

    def sign_in(self) -> None:
        """The only time that a password is typed."""
        self._visitor.sign_in(self._person)

    def run(self) -> None:
        """Until told to stop; writing ends earlier."""
        self._page.start()
        count = 0
        while not self._left.is_set():
            count += 1
            self._ask("list", "/m/INBOX")
            if count % 3 == 0 and not self._quiet.is_set():
                self._write(f"{self._mark}-{count}")
            self._left.wait(self._pause * self._chance.uniform(0.5, 1.5))

    def quiet(self) -> None:
        """Write no more; the page stays open."""
        self._quiet.set()

    def leave(self) -> None:
        """Close the page."""
        self._left.set()

    def _ask(
        self, kind: str, path: str, form: dict[str, str] | bytes | None = None, **more: str
    ) -> tuple[int, str, bytes]:
        """Status, where it leads, and what was said; status 0 when there was no answer."""
        began = time.monotonic()
        try:
            status, headers, said = self._visitor.ask(path, form, **more)
            where = headers.get("Location") or ""
        except (OSError, http.client.HTTPException) as error:
            status, where, said = 0, type(error).__name__, b""
        with self._lock:
            self._tally.requests += 1
            self._tally.seconds.append(time.monotonic() - began)
            if where.startswith("/login") or status == 401:
                self._tally.asked += 1
            if status == 0 or status >= 400:
                self._tally.wrong[f"{kind} {status or where}"] += 1
        return status, where, said

    def _write(self, subject: str) -> None:
        status, _, said = self._ask("form", "/write")
        forms = [form for form in forms_of(said.decode("utf-8", "replace")) if form.action == "/write"]
        if status != 200 or not forms:
            return
        fields = forms[0].filled(to="sink@example.net", subject=subject, body=f"the words of {subject}", do="send")
        body = urllib.parse.urlencode(fields, doseq=True).encode()
        with self._lock:
            self._tally.unsure.add(subject)
        status, where, _ = self._ask("send", "/write", body, Content_Type="application/x-www-form-urlencoded")
        if status == 303 and not where.startswith("/login"):
            with self._lock:
                self._tally.unsure.discard(subject)
                self._tally.told.add(subject)

    # --- the open page ------------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        last, lost = "", 0.0
        while not self._left.is_set():
            wait = CLOSED
            line = self._visitor.connect(20)
            try:
                kept = "; ".join(f"{name}={value}" for name, value in list(self._visitor.cookies.items()))
                line.request(
                    "GET", "/events?m=INBOX", headers={"Cookie": kept} | ({"Last-Event-ID": last} if last else {})
                )
                answer = line.getresponse()
                if answer.status == 200:
                    wait = RETRY
                    if answer.readline() and lost:
                        with self._lock:
                            self._tally.gaps.append(time.monotonic() - lost)
                    lost = 0.0
                    self.heard.set()
                    last = self._read(answer, last)
                answer.close()
            except (OSError, http.client.HTTPException):
                wait = RETRY
            finally:
                line.close()
            lost = lost or time.monotonic()
            self._left.wait(wait)

    def _read(self, answer: http.client.HTTPResponse, last: str) -> str:
        while not self._left.is_set():
            said = answer.readline()
            if not said:
                break
            found = re.match(rb"id: (\S+)", said)
            last = found[1].decode() if found else last
        return last


@dataclass
class Crowd:
    """All of them. A with-block is the time in which they are there."""

    topology: Topology
    pause: float = 0.4
    tally: Tally = field(default_factory=Tally)
    lock: threading.Lock = field(default_factory=threading.Lock)
    users: list[User] = field(default_factory=list)

    def __enter__(self) -> Crowd:
        for identity in self.topology.people:
            person = self.topology.dovecot.person(identity)
            self.users.append(User(self.topology, person, self.tally, self.lock, self.pause))
            self.users[-1].sign_in()
        for user in self.users:
            user.start()
        for user in self.users:
            assert user.heard.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        for user in self.users:
            user.leave()
        for user in self.users:
            user.join(30)

    def settled(self, seconds: float = 100) -> Counter[str]:
        """Nobody writes any more; how often each letter was delivered, once none is on its way. On a machine that is
        busy with other tests a letter may be tried for the fourth time (outbox.py), after a minute and 20 seconds."""
        for user in self.users:
            user.quiet()
        time.sleep(self.pause * 3)
        end = time.monotonic() + seconds
        while left := [each for each in self.on_their_way() if not self._asked_about(each)]:
            assert time.monotonic() < end, f"{left} {self.tally.said()}"
            time.sleep(0.3)
        return self.delivered()

    def _asked_about(self, entry: str) -> bool:
        """Only its writer decides now: nobody knows, or nobody could be told when it goes, or that was too long ago."""
        state, _, _, _, due = entry.split("|")
        old = int(due) + LATEST < time.time()
        return state in (State.UNKNOWN, State.FAILED) or (state == State.HELD and old)

    def on_their_way(self) -> list[str]:
        """The entries of all letters that are not done."""
        with self.topology.valkey.client as client:
            return [each for place in client.scan_iter("pennypost:sends:*") for each in client.hvals(place)]

    def delivered(self) -> Counter[str]:
        """Of each letter, where they arrive."""
        raws = [taken.raw for taken in list(self.topology.submission.accepted)]
        return Counter(found[1].decode() for raw in raws if (found := re.search(rb"(?m)^Subject: (load-\S+)", raw)))

    def right(self, count: Counter[str]) -> set[str]:
        """None doubled, nobody asked to sign in, none lost: one that was promised is delivered, or (returned) lies in
        Drafts and its writer is asked about it. That is so of one whose machine died in the middle of handing it over,
        or while nobody could be told that it had it; what is no more than that is for the test to say.
        """
        assert [name for name, times in count.items() if times > 1] == [], self.tally.said()
        assert self.tally.asked == 0, self.tally.said()
        missing = self.tally.told - count.keys()
        asked = [each for each in self.on_their_way() if self._asked_about(each)]
        assert len(missing) <= len(asked), f"{missing} {asked} {self.tally.said()}"
        for name in missing:
            assert any(name in person for person in self._drafts()), f"{name} {self.tally.said()}"
        return missing

    def _drafts(self) -> list[set[str | None]]:
        people = [self.topology.dovecot.person(identity) for identity in self.topology.people]
        return [{message.header("Subject") for message in person.messages("Drafts")} for person in people]
