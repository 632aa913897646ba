"""What a real browser asked for, and how many octets came: heads and bodies as they were on the wire."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from playwright.sync_api import Page

# A list of fifty rows in words of everyday letters; no two rows are alike.
_NAMES: Final = (
    "Nora Lindqvist", "Dora Doe", "Erik Ekberg", "Miguel Santos", "Yuki Tanaka", "Anna Kowalska", "Finance department",
    "Railway tickets", "Carla Clark", "Ahmed Hassan", "The weekly round-up", "Ingrid Moen",
)  # fmt: skip
_SAID: Final = (
    "the meeting was moved to friday because of a train budget report attached please look at page four and tell me "
    "whether these figures match what we agreed last week in berlin otherwise I will call you tomorrow morning about "
    "an invoice garden school trip tickets holiday dinner photos thanks for your help with kitchen window repair "
    "service contract draft version numbers customer feedback delivery address change password order confirmation "
    "newsletter summer festival"
)
_WORDS: Final = _SAID.split()


def everyday(number: int, to: str) -> bytes:
    """A letter. Of ten one is unread where the caller sets flags so."""
    step = 7 * number + 3
    name = _NAMES[number % len(_NAMES)]
    words = [_WORDS[(step * (k + 2) + k * k) % len(_WORDS)] for k in range(90)]
    return (
        f"From: {name} <{name.split()[0].lower()}{number}@example{number % 7}.net>\r\nTo: <{to}>\r\n"
        f"Subject: {' '.join(words[: 3 + number % 6]).capitalize()}\r\n"
        f"Date: Mon, {number % 28 + 1} Jun 2026 {number % 24:02}:{step % 60:02}:00 +0000\r\n"
        f"Message-ID: <{number}.everyday@example.net>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        f"{' '.join(words).capitalize()}.\r\n"
    ).encode()


@dataclass(frozen=True)
class Asked:
    """One request that went over the network. octets: of its answer. coding: its Content-Encoding, or ""."""

    method: str
    path: str
    octets: int
    coding: str


class Traffic:
    """Listens to a page through the devtools protocol. The stream of news is not counted: it has no end."""

    def __init__(self, page: Page) -> None:
        self.asked: list[Asked] = []
        self._open: dict[str, dict[str, Any]] = {}
        self.devtools = page.context.new_cdp_session(page)
        hear: dict[str, Callable[[dict[str, Any]], None]] = {
            "Network.requestWillBeSent": self._begins,
            "Network.requestServedFromCache": lambda told: self._open.pop(told["requestId"], None) and None,
            "Network.responseReceived": self._answered,
            "Network.loadingFinished": self._ends,
        }
        for name, what in hear.items():
            self.devtools.on(name, what)
        self.devtools.send("Network.enable")

    def _begins(self, told: dict[str, Any]) -> None:
        before = told.get("redirectResponse")
        if before:
            self._end(told["requestId"], before["encodedDataLength"])
        url = told["request"]["url"].split("/", 3)
        if url[0].startswith("http"):
            self._open[told["requestId"]] = {"method": told["request"]["method"], "path": "/" + url[3], "coding": ""}

    def _answered(self, told: dict[str, Any]) -> None:
        if told["response"].get("fromDiskCache"):
            self._open.pop(told["requestId"], None)
        elif told["requestId"] in self._open:
            heads = {name.lower(): value for name, value in told["response"]["headers"].items()}
            self._open[told["requestId"]]["coding"] = heads.get("content-encoding", "")

    def _ends(self, told: dict[str, Any]) -> None:
        self._end(told["requestId"], told["encodedDataLength"])

    def _end(self, request: str, octets: float) -> None:
        told = self._open.pop(request, None)
        if told:
            self.asked.append(Asked(octets=int(octets), **told))

    def take(self) -> list[Asked]:
        """What was asked for since the last time."""
        taken, self.asked = self.asked, []
        return taken


def weight(asked: list[Asked]) -> float:
    """Kilobytes (1,000 octets) of all of them."""
    return sum(one.octets for one in asked) / 1000
