"""The stream: what another device does reaches an open page by itself, exactly, and without a connection more."""

from __future__ import annotations

import contextlib
import http.client
import json
import queue
import re
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from tests.imap.lending import wait_until
from tests.servers.application import Live, Visitor
from tests.servers.dovecot import Dovecot
from tests.servers.people import ALICE, Person, letter
from webmail.config import Settings
from webmail.imap.watch import Watcher


class Stream:
    """An open page's stream, read in a thread."""

    def __init__(self, live: Live, visitor: Visitor, query: str = "m=INBOX", last: str | None = None) -> None:
        host, port = live.url.removeprefix("http://").split(":")
        self.link = http.client.HTTPConnection(host, int(port), timeout=30)
        cookies = "; ".join(f"{cookie.key}={cookie.value}" for cookie in (visitor.client._cookies or {}).values())
        headers = {"Cookie": cookies} | ({"Last-Event-ID": last} if last else {})
        self.link.request("GET", f"/events?{query}", headers=headers)
        # http.client forgets the socket once the answer has no end.
        self.socket = self.link.sock
        self.answer = self.link.getresponse()
        self.last = ""
        self.said: queue.Queue[tuple[str, Any]] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        kind = ""
        try:
            for raw in self.answer:
                word, _, rest = raw.decode().rstrip("\n").partition(": ")
                if word == "id":
                    self.last = rest
                elif word == "event":
                    kind = rest
                elif word == "data":
                    self.said.put((kind, json.loads(rest)))
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            pass  # the test closed it
        self.answer.close()
        self.said.put(("over", None))

    def until(self, true: Callable[[str, Any], bool], seconds: float = 10) -> list[tuple[str, Any]]:
        """Everything up to the first event that meets the condition."""
        seen: list[tuple[str, Any]] = []
        while not seen or not true(*seen[-1]):
            seen.append(self.said.get(timeout=seconds))
        return seen

    def counts(self, folder: str, unread: int, total: int) -> list[tuple[str, Any]]:
        """Everything until a folder has these counts."""
        wanted = {"unread": unread, "total": total}
        return self.until(lambda kind, data: kind == "counts" and data["folders"].get(folder) == wanted)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


@pytest.fixture
def listen(live: Live, visitor: Visitor, alice: Person) -> Iterator[Callable[..., Stream]]:
    """Alice signs in and opens pages."""
    opened: list[Stream] = []
    for number in range(3):
        alice.append(letter(f"number {number}"))
    visitor.sign_in(alice)

    def start(*args: Any, **options: Any) -> Stream:
        opened.append(Stream(live, visitor, *args, **options))
        return opened[-1]

    yield start
    for stream in opened:
        stream.close()


def mail(events: list[tuple[str, Any]]) -> dict[str, Any]:
    """All that `mail` events told, together."""
    told: dict[str, Any] = {"added": [], "flags": {}, "removed": []}
    for kind, data in events:
        if kind == "mail":
            told["added"] += data.get("added", [])
            told["flags"] |= data.get("flags", {})
            told["removed"] += data.get("removed", [])
    return told


def watcher(app: Flask) -> Watcher:
    found: Watcher = app.extensions["pennypost"].watcher
    return found


def test_another_device_delivers_reads_and_removes(listen: Callable[..., Stream], alice: Person) -> None:
    stream = listen()
    assert stream.answer.headers["Content-Type"].startswith("text/event-stream")
    stream.counts("INBOX", 3, 3)
    uid = alice.append(letter("new"))
    assert mail(stream.counts("INBOX", 4, 4))["added"] == [uid]
    alice.mark(uid, "\\Seen")
    assert mail(stream.counts("INBOX", 3, 4))["flags"] == {str(uid): ["\\Seen"]}
    alice.expunge(1)
    assert mail(stream.counts("INBOX", 2, 3))["removed"] == [1]


def test_other_folders_tell_their_counts_and_that_they_changed(listen: Callable[..., Stream], alice: Person) -> None:
    stream = listen()
    stream.counts("Archive", 0, 0)
    alice.append(letter("old"), "Archive")
    stream.counts("Archive", 1, 1)
    stream.until(lambda kind, data: kind == "changed" and data == {"m": "Archive"})
    alice.create("Projects")
    stream.until(lambda kind, _: kind == "folders")


def test_what_this_person_does_here_reaches_the_other_tab(
    listen: Callable[..., Stream], visitor: Visitor, alice: Person
) -> None:
    stream = listen()
    stream.counts("INBOX", 3, 3)
    visitor.get(f"/m/INBOX/{alice.uidvalidity()}.2")
    assert mail(stream.counts("INBOX", 2, 3))["flags"] == {"2": ["\\Seen"]}


def test_what_happened_between_the_page_and_its_stream_is_told(
    listen: Callable[..., Stream], visitor: Visitor, alice: Person
) -> None:
    visitor.get("/m/INBOX")
    at = re.search(r'data-at="(\w+)"', visitor.html)
    assert at
    told = listen(f"m=INBOX&at={at[1]}").counts("INBOX", 3, 3)
    alice.append(letter("in the gap"))
    told = listen(f"m=INBOX&at={at[1]}").until(lambda kind, _: kind == "changed")
    assert told[-1] == ("changed", {"m": "INBOX"})


def test_a_stream_goes_on_where_it_was_lost(listen: Callable[..., Stream], alice: Person) -> None:
    first, other = listen(), listen()
    first.counts("INBOX", 3, 3)
    first.close()
    uid = alice.append(letter("missed"))
    other.counts("INBOX", 4, 4)
    assert mail(listen(last=first.last).until(lambda kind, _: kind == "mail"))["added"] == [uid]


def test_a_stream_that_missed_too_much_says_so(listen: Callable[..., Stream]) -> None:
    listen(last="0badc0de-7").until(lambda kind, data: kind == "changed" and data == {"m": "INBOX"})


def test_r12_signing_out_ends_the_stream(listen: Callable[..., Stream], visitor: Visitor) -> None:
    stream = listen()
    stream.counts("INBOX", 3, 3)
    visitor.get("/m/INBOX")
    visitor.send(visitor.form("/logout"))
    assert stream.until(lambda kind, _: kind == "ended")[-1][1] == {"why": "signed-out"}
    stream.until(lambda kind, _: kind == "over")


def test_a_deploy_ends_the_stream_politely(listen: Callable[..., Stream], app: Flask) -> None:
    stream = listen()
    stream.counts("INBOX", 3, 3)
    watcher(app).close()
    assert stream.until(lambda kind, _: kind == "ended")[-1][1] == {"why": "restart"}


def test_r15_one_stream_too_many_is_told_to_ask_instead(
    make_app: Callable[[Settings], Flask], settings: Settings, alice: Person
) -> None:
    live = Live(make_app(replace(settings, streams=1))).start()
    visitor = Visitor(live.app)
    visitor.sign_in(alice)
    first = Stream(live, visitor)
    first.until(lambda kind, _: kind == "counts")
    second = Stream(live, visitor)
    assert second.until(lambda kind, _: kind == "ended")[-1][1] == {"why": "busy"}
    first.close()
    live.stop()


def test_r15_one_person_who_opens_streams_without_end_ends_their_own(listen: Callable[..., Stream], app: Flask) -> None:
    first = listen()
    first.counts("INBOX", 3, 3)
    for _ in range(12):
        listen().counts("INBOX", 3, 3)
    assert first.until(lambda kind, _: kind == "ended")[-1][1] == {"why": "busy"}
    wait_until(lambda: watcher(app)._pages == 12)


def test_all_tabs_share_one_connection(
    make_app: Callable[[Settings], Flask], settings: Settings, another_dovecot: Callable[..., Dovecot]
) -> None:
    dovecot = another_dovecot(max_connections=1)
    alice = dovecot.person(ALICE)
    live = Live(make_app(replace(settings, imap_port=dovecot.port, connections_per_user=1))).start()
    visitor = Visitor(live.app)
    visitor.sign_in(alice)
    streams = [Stream(live, visitor) for _ in range(4)]
    for stream in streams:
        stream.until(lambda kind, _: kind == "counts")
    assert visitor.get("/m/INBOX").status_code == 200
    assert watcher(live.app)._pool._count == 1
    for stream in streams:
        stream.close()
    live.stop()


def test_the_stream_survives_the_mail_server(
    make_app: Callable[[Settings], Flask], settings: Settings, another_dovecot: Callable[..., Dovecot]
) -> None:
    dovecot = another_dovecot()
    alice = dovecot.person(ALICE)
    live = Live(make_app(replace(settings, imap_port=dovecot.port))).start()
    visitor = Visitor(live.app)
    visitor.sign_in(alice)
    stream = Stream(live, visitor)
    stream.counts("INBOX", 0, 0)
    dovecot.restart()
    alice.append(letter("after the storm"))
    stream.counts("INBOX", 1, 1)
    stream.close()
    live.stop()


def test_a_stream_does_not_keep_a_sign_in_alive(
    listen: Callable[..., Stream], app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = app.extensions["pennypost"].store
    touched: list[str] = []
    monkeypatch.setattr(store, "touch", touched.append)
    monkeypatch.setattr("webmail.web.session._TOUCH_SECONDS", -1)
    stream = listen()
    stream.counts("INBOX", 3, 3)
    assert touched == []


def test_who_left_is_no_longer_watched(listen: Callable[..., Stream], app: Flask, alice: Person) -> None:
    stream = listen()
    stream.counts("INBOX", 3, 3)
    stream.close()
    uid = 0

    def gone() -> bool:
        nonlocal uid
        # The end of a connection shows when something is written to it.
        uid = alice.append(letter("anybody there?"))
        return not watcher(app)._watches

    wait_until(gone, 30)
