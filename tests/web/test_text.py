"""Browsers of text know no script and no style sheet: what only these make useful, or hide, is not in the page."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final

from flask import Flask

from tests.servers.application import Visitor
from tests.servers.people import Person, letter
from tests.web.every import routes
from webmail.web.converters import Pick

EMPTY: Final = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})

KNOWN: Final = frozenset({"toast", "keys"})
"""Undo of a deed that was read already, and a line about keys."""

FOR_SCRIPT: Final = frozenset({"shell.offline", "passkey.show"})
"""Pages that nobody sees without script, or that say that they need it."""


class Reader(HTMLParser):
    """Collects what a page says within what is hidden, and its buttons that do nothing by themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.shown: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        classes = set((told.get("class") or "").split())
        away = "hidden" in told or "needs-script" in classes
        away = away and not KNOWN & (classes | {told.get("id")})
        if tag == "button" and told.get("type") == "button":
            self.shown.append(f"button {told}")
        if tag not in EMPTY:
            self.open.append((tag, away))
        elif tag == "input" and told.get("type") != "hidden" and any(away for _, away in self.open):
            self.shown.append(f"field {told}")

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and any(away for _, away in self.open):
            self.shown.append(data.strip())


def test_nothing_that_needs_script_is_in_the_text_of_a_page(visitor: Visitor, app: Flask, alice: Person) -> None:
    pick = Pick(alice.uidvalidity(), alice.append(letter("Tulips")))  # type: ignore[arg-type]
    visitor.sign_in(alice)
    found, pages = {}, 0
    for route in (one for one in routes(app, pick) if one.method == "GET" and one.endpoint not in FOR_SCRIPT):
        answer = visitor.client.get(route.path, buffered=True)
        if answer.mimetype != "text/html" or answer.status_code != 200:
            continue
        pages += 1
        reader = Reader()
        reader.feed(answer.get_data(as_text=True))
        if reader.shown:
            found[route.path] = reader.shown
    assert found == {}
    assert pages > 15


def test_what_attach_is_called_is_written_once(visitor: Visitor, alice: Person) -> None:
    """A browser of text prints what others hide, and the short name stood beside the long one."""
    visitor.sign_in(alice)
    page = visitor.get("/write").get_data(as_text=True)
    assert page.count(">Attach") == 1
    assert 'aria-label="Attach files, 25 MB at most"' in page


def test_lynx_is_told_in_its_own_word_to_keep_nothing(visitor: Visitor, alice: Person) -> None:
    """It knows no-cache but not no-store: without it a new letter began with the words of the one before."""
    visitor.sign_in(alice)
    for path in ("/m/INBOX", "/write"):
        assert "no-cache" in visitor.get(path).headers["Cache-Control"]
