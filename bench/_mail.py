"""Mailboxes to measure with: letters as long as real ones, put there in bulk, kept between runs where that pays."""

from __future__ import annotations

import functools
import os
import random
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from bench._imap import Bare
from tests.servers.people import Identity, Person

_PEOPLE = ("Dora Doe", "Erik Ek", "=?utf-8?q?Zo=C3=AB_Zander?=", "Finance department", "The weekly round-up of news")
_BATCH = 500
_PARAGRAPH = "Here is what we talked about: the figures of {n}, the open points, and who takes which of them next.\r\n"


def people(count: int, first: str = "user") -> list[Identity]:
    """So many people with accounts."""
    return [Identity(f"{first}{n}@example.org", f"secret-{n}", f"User {n}") for n in range(1, count + 1)]


def plain(number: int, to: str = "user1@example.org") -> bytes:
    """A letter of 2.5 KB: headers as a big provider leaves them, and 1 KB of text. It answers what is not here: a row
    of its own."""
    hour, minute, second = number // 3600 % 24, number // 60 % 60, number % 60
    day = number // 86400 % 28 + 1
    when = f"{day:02d} Feb 2026 {hour:02d}:{minute:02d}:{second:02d} +0100"
    sender = _PEOPLE[number % len(_PEOPLE)]
    head = (
        f"Return-Path: <person{number % 97}@example.net>\r\n"
        f"Received: from mx{number % 9}.example.net (mx{number % 9}.example.net [192.0.2.{number % 250}])\r\n"
        f"\tby mail.example.org (Postfix) with ESMTPS id 4F{number:08X} for <{to}>; {when}\r\n"
        f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.net; s=s1; h=from:to:subject:date;\r\n"
        f"\tbh={'A' * 43}=; b={'b' * 70}\r\n\t {'c' * 70}\r\n\t {'d' * 70}==\r\n"
        f"From: {sender} <person{number % 97}@example.net>\r\n"
        f"To: <{to}>, Carla Clark <carla@example.org>\r\n"
        f"Subject: Re: Report {number} and what follows from it\r\n"
        f"Date: {when}\r\n"
        f"Message-ID: <{number}.{number * 7919 % 1000003}@example.net>\r\n"
        f"In-Reply-To: <{number}.b@example.net>\r\n"
        f"References: <{number}.a@example.net> <{number}.b@example.net>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
        f"X-Mailer: Example Mailer 12.4 ({'x' * 60})\r\n\r\n"
    )
    return (
        head + f"Good morning,\r\n\r\n{_PARAGRAPH.format(n=number)}" + _PARAGRAPH.format(n="last week") * 9
    ).encode()


Make = Callable[[int, str], bytes]


def talks(number: int, to: str = "user1@example.org") -> bytes:
    """A short letter; of two letters one answers one of the fifty before it."""
    above = _above(number)
    head = (
        f"From: {_PEOPLE[number % len(_PEOPLE)]} <person{number % 97}@example.net>\r\nTo: <{to}>\r\n"
        f"Subject: Report {number % 1000}\r\nDate: Mon, 02 Feb 2026 10:00:00 +0100\r\n"
        f"Message-ID: <{number}.t@example.net>\r\n"
    )
    if above:
        head += "References: " + "\r\n ".join(f"<{one}.t@example.net>" for one in above) + "\r\n"
    return (head + "\r\n" + _PARAGRAPH.format(n=number)).encode()


@functools.cache
def _above(number: int) -> tuple[int, ...]:
    """The letters that this one answers, the last eight."""
    chance = random.Random(number)
    if number <= 60 or chance.random() < 0.45:
        return ()
    parent = number - 1 - chance.randrange(50)
    return (*_above(parent), parent)[-8:]


def fill(person: Person, count: int, mailbox: str = "INBOX", make: Make = plain) -> None:
    """So many letters, all read, except that of ten the last is unread."""
    with Bare(person) as bare:
        for batch in _batches(count):
            parts = [f"APPEND {mailbox}".encode()]
            for number in batch:
                raw = make(number, person.address)
                parts.append(b" (%s) {%d+}\r\n%s" % (b"" if number % 10 == 0 else b"\\Seen", len(raw), raw))
            bare.command(b"".join(parts))


def _batches(count: int) -> Iterator[range]:
    for start in range(1, count + 1, _BATCH):
        yield range(start, min(count, start + _BATCH - 1) + 1)


def kept() -> Path:
    """Where large mailboxes wait for the next run: BENCH_CACHE, else a folder of ours among the temporary files.

    Not below the project: the mail server works under another account and must be able to walk there.
    """
    given = os.environ.get("BENCH_CACHE")
    folder = Path(given) if given else Path(tempfile.gettempdir()) / f"pennypost-bench-{os.getuid()}"
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise RuntimeError(f"{folder} is somebody else's: name another one by BENCH_CACHE")
    return folder
