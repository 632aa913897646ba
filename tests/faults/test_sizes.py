"""A very large message, very many messages, very many folders: what a page costs does not grow with them."""

from __future__ import annotations

import base64
import hashlib
import html
import os
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.box import PLAIN, Box
from tests.faults.pages import address, folder, rows, subjects
from tests.faults.served import Served
from tests.servers.application import Visitor
from tests.servers.dovecot import Dovecot
from tests.servers.people import ALICE, Person
from tests.servers.proxy import Proxy
from tests.servers.scripted import Scripted
from webmail.config import Settings
from webmail.imap import ordering, threads
from webmail.mail.preferences import Preferences

At = Callable[..., Visitor]
Start = Callable[..., Scripted]

MB = 1_000_000

# --- a message of 100 MB ----------------------------------------------------------------------------------------------

_LINE = bytes(range(57))
_LINES = 1_290_000


@pytest.fixture
def heavy(dovecot: Dovecot, alice: Person) -> str:
    """Alice has a letter with a file of 73 MB, 100 MB as it travels; the path of its page."""
    if shutil.disk_usage(dovecot.folder).free < 500 * MB:
        pytest.skip("not enough disk for a message of 100 MB")
    head = (
        b"From: dora@example.net\r\nTo: alice@example.org\r\nSubject: The film\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nHere it is.\r\n"
        b"--b\r\nContent-Type: video/mp4; name=film.mp4\r\nContent-Transfer-Encoding: base64\r\n"
        b"Content-Disposition: attachment; filename=film.mp4\r\n\r\n"
    )
    file = dovecot.maildir(alice) / "new" / f"{int(time.time())}.M1P1.localhost"
    with alice.imap() as client:
        client.select_folder("INBOX")
    line = base64.b64encode(_LINE) + b"\r\n"
    with file.with_suffix(".part").open("wb") as stream:
        stream.write(head)
        for _ in range(_LINES // 10_000):
            stream.write(line * 10_000)
        stream.write(b"--b--\r\n")
    size = stream_size(file.with_suffix(".part"))
    assert size > 100 * MB
    owner = file.parent.stat()
    if os.getuid() == 0:
        os.chown(file.with_suffix(".part"), owner.st_uid, owner.st_gid)
    # The name tells Dovecot both sizes, as it would after delivery (Maildir++).
    file.with_suffix(".part").rename(f"{file},S={size},W={size}")
    return address(alice, 1)


def stream_size(path: Path) -> int:
    return path.stat().st_size


def test_the_text_of_a_message_of_100_mb_is_there_without_its_file(
    at: At, proxy: Callable[[int], Proxy], dovecot: Dovecot, alice: Person, heavy: str
) -> None:
    """100 MB message: header and text by BODYSTRUCTURE and partial FETCH; less than 1 MB travels."""
    way = proxy(dovecot.port)
    visitor = at(way.port, command_timeout=30)
    visitor.sign_in(alice)
    assert subjects(visitor.html) == ["The film"]
    visitor.get(heavy)
    assert "Here it is." in visitor.text
    assert "film.mp4" in visitor.text
    assert re.search(r"7\d MB", visitor.text)
    visitor.get(heavy + "/reply")
    assert "> Here it is." in visitor.form("/write").value("body")
    assert way.carried["server"] < MB


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="reads the memory of a process from /proc")
def test_a_file_of_73_mb_streams_through(settings: Settings, alice: Person, heavy: str) -> None:
    """100 MB message: download streamed, worker RSS < +50 MB; other pages come while it is under way."""
    with Served(settings) as site:
        assert "The film" in site.sign_in(alice)
        assert "Here it is." in site.read(heavy)
        before = site.memory[0]
        site.forget_peak()
        digest = hashlib.sha256()
        with site.open(heavy + "/part/2?dl=1") as answer:
            digest.update(answer.read(MB))
            assert "The film" in site.read(folder())
            while piece := answer.read(MB):
                digest.update(piece)
        now, peak = site.memory
    expected = hashlib.sha256()
    for _ in range(_LINES // 10_000):
        expected.update(_LINE * 10_000)
    assert digest.digest() == expected.digest()
    assert max(now, peak) - before < 50 * MB


# --- very many --------------------------------------------------------------------------------------------------------


def guest(port: int) -> Person:
    return Person(ALICE, "localhost", port, None)  # type: ignore[arg-type]


@pytest.mark.parametrize("more", ["", " LIST-EXTENDED LIST-STATUS SPECIAL-USE"], ids=["plain", "with LIST-STATUS"])
def test_ten_thousand_folders_bring_no_storm_of_status(at: At, scripted: Start, more: str) -> None:
    """10 k folders: counts are lazy or batched; a page asks for few of them, and each page for as few."""
    box = Box([1])
    box.list_lines += [f'* LIST () "/" "Projects/{n // 100:02d}/{n:05d}"' for n in range(10_000)]
    server = scripted(box.answers, capabilities=PLAIN + more)
    visitor = at(server.port, command_timeout=20)
    visitor.sign_in(guest(server.port))
    assert subjects(visitor.html) == ["Number 1"]
    assert "All folders (10,000 more)" in visitor.text
    assert "09999" not in visitor.html, "a page does not grow with them"
    counted = [command for command in server.commands if b"STATUS" in command.raw]
    assert len(counted) <= 10
    since = len(server.commands)
    visitor.get(rows(visitor)["Number 1"])
    assert "Words of letter 1." in visitor.text
    assert len(server.commands) - since <= 20
    assert len(server.asked("LIST")) <= 4


@pytest.mark.parametrize("together", [False, True], ids=["letter by letter", "by conversation"])
def test_a_million_messages_are_looked_at_through_a_window(
    at: At, scripted: Start, monkeypatch: pytest.MonkeyPatch, together: bool
) -> None:
    """1 M messages on a server without THREAD and ESEARCH: window by UID or sequence range, never FETCH 1:* nor a
    SEARCH of everything; the page is small. Conversations are made of the newest."""
    monkeypatch.setattr(Preferences, "together", lambda self, mailbox: together)
    box = Box(range(1, 1_000_001))
    server = scripted(box.answers, capabilities=PLAIN)
    visitor = at(server.port, page_size=20)
    visitor.sign_in(guest(server.port))
    assert subjects(visitor.html) == [f"Number {n}" for n in range(1_000_000, 999_980, -1)]
    assert "1,000,000" in visitor.text
    assert ("Conversations are found among the newest 2,000 messages" in visitor.text) is together
    visitor.get(rows(visitor)["Number 999990"])
    assert "Words of letter 999990." in visitor.text
    visitor.get(f"{folder()}?before=500001")
    assert subjects(visitor.html)[0] == "Number 500000"
    older, newer = (re.search(rf'href="([^"]+)"[^>]*rel="{rel}"', visitor.html) for rel in ("next", "prev"))
    assert older
    assert newer
    visitor.get(html.unescape(older[1]))
    assert subjects(visitor.html)[0] == "Number 499980"
    visitor.get(html.unescape(newer[1]))
    assert subjects(visitor.html)[-1] == "Number 500001"
    assert len(visitor.html) < 200_000
    longest = 2300 if together else 600
    for command in server.commands:
        assert not re.search(rb"\b1:\*|SEARCH (RETURN \([^)]*\) )?ALL\b", command.raw, re.I), command.raw
        for low, high in re.findall(rb"(?:FETCH|SEARCH) (\d+):(\d+)", command.raw):
            assert int(high) - int(low) < longest, command.raw
        for low in re.findall(rb" (\d+):\*", command.raw):
            assert int(low) > 1_000_000 - longest, command.raw


def test_below_the_newest_each_letter_of_a_large_folder_is_still_shown_once(
    at: At, scripted: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same by going down from the first page to the last one, with less of it."""
    monkeypatch.setattr(ordering, "PART", 120)
    monkeypatch.setattr(threads, "MOST_READ", 50)
    monkeypatch.setattr(Preferences, "together", lambda self, mailbox: True)
    server = scripted(Box(range(1, 151)).answers, capabilities=PLAIN)
    visitor = at(server.port, page_size=20)
    visitor.sign_in(guest(server.port))
    found = subjects(visitor.html)
    while older := re.search(r'href="([^"]+)"[^>]*rel="next"', visitor.html):
        visitor.get(html.unescape(older[1]))
        found += subjects(visitor.html)
    assert found == [f"Number {n}" for n in range(150, 0, -1)]
