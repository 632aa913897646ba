"""A person who reads at the webmail and at the wire: the same deeds both ways, each timed."""

from __future__ import annotations

import html
import re
import statistics
from collections.abc import Callable, Iterator
from itertools import count, islice
from time import perf_counter

from bench._http import Browser
from bench._imap import Bare
from tests.servers.application import forms_of
from tests.servers.people import Person

WARM = 5
_ROW = re.compile(
    r'<li class="row(?P<unread> unread)?[^>]*>.*?<a class="open" href="(?P<link>[^"]*\.(?P<uid>\d+)[^"]*)"', re.S
)
_OLDER = re.compile(r'href="(?P<link>[^"]+)" rel="next"')


def timed(work: Callable[[], object]) -> float:
    """Milliseconds of one call."""
    begun = perf_counter()
    work()
    return (perf_counter() - begun) * 1000


def medians(rounds: int, ways: dict[str, Callable[[int], float]]) -> dict[str, float]:
    """Each way once a round, taken in turns so that a busy minute hits all alike; the median of each.

    A way gets the number of the round and answers with its milliseconds.
    """
    times: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(-WARM, rounds):
        for name, way in ways.items():
            spent = way(number + WARM)
            if number >= 0:
                times[name].append(spent)
    return {name: statistics.median(values) for name, values in times.items()}


class Reader:
    """Signed in, with the inbox open. Messages are named by UID."""

    def __init__(self, port: int, person: Person, mailbox: str = "INBOX") -> None:
        self.person = person
        self.path = f"/m/{mailbox}"
        self.browser = Browser(port)
        self.browser.sign_in(person)
        page = self.browser.get(self.path).body
        found = re.search(r'name="uid" value="(\d+)\.\d+[,"]', page)
        self.validity = found[1] if found else ""
        self.token = dict(forms_of(page)[-1].fields)["csrf_token"]

    def page(self, query: str = "", **headers: str) -> float:
        """Milliseconds of a list page."""
        return timed(lambda: self.browser.get(self.path + query, **headers))

    def open(self, link: str, **headers: str) -> float:
        """Milliseconds of opening a message by the link of its row."""
        return timed(lambda: self.browser.get(link, **headers))

    def walk(self, query: str = "") -> Iterator[tuple[int, str, bool]]:
        """Every message, newest first, page after page: (uid, link of its row, whether it is unread)."""
        path: str | None = self.path + query
        while path:
            page = self.browser.get(path).body
            yield from rows_of(page)
            path = older_of(page)

    def deeds(self) -> Iterator[tuple[str, str]]:
        """A list, and four letters of it, over and over: what ("list" or "open"), and its address."""
        links = [link for _, link, _ in islice(self.walk(), 20)]
        for at in count():
            yield ("open", links[at % len(links)]) if at % 5 else ("list", self.path)

    def star(self, uid: int, on: bool) -> float:
        """Milliseconds of setting or taking the star, without the page that is shown then."""
        fields = {"csrf_token": self.token, "star" if on else "unstar": f"{self.validity}.{uid}"}
        return timed(lambda: self.browser.post(self.path + "/do", fields))

    def starred(self, uid: int) -> bool:
        """What the list page says now."""
        page = self.browser.get(self.path).body
        return re.search(rf'name="unstar" value="{self.validity}\.{uid}"', page) is not None


def rows_of(page: str) -> list[tuple[int, str, bool]]:
    """The rows of a list page: (uid, link, whether it is unread)."""
    return [(int(row["uid"]), html.unescape(row["link"]), bool(row["unread"])) for row in _ROW.finditer(page)]


def older_of(page: str) -> str | None:
    """Where its link "Older" leads; None on the last page."""
    found = _OLDER.search(page)
    return html.unescape(found["link"]) if found else None


class Device:
    """Another device of theirs, which changes flags."""

    def __init__(self, person: Person, mailbox: str = "INBOX") -> None:
        self.bare = Bare(person)
        self.bare.command(f"SELECT {mailbox}".encode())

    def star(self, uid: int, on: bool) -> None:
        self.bare.command(f"UID STORE {uid} {'+' if on else '-'}FLAGS.SILENT (\\Flagged)".encode())
