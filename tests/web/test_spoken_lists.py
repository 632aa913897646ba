"""Pages with lists, and what is told of deeds, in a language nobody speaks: what shows no accents is not marked."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from flask import Flask

from tests.servers.application import Visitor, forms_of
from tests.servers.people import Person, letter
from tests.views.deeds import press_undo
from tests.words import pseudo
from tests.words.pseudo import LONG
from tests.words.unmarked import ATTRIBUTES

_PLAIN = re.compile(r"\b[a-z]*[aeiou][a-z]*\b", re.ASCII | re.IGNORECASE)
"""Words as English has them: in that language every vowel has its accent (tests/words/pseudo.py)."""

_DATES = re.compile(r"\b(?:(?:Sun|Mon|Tues|Wednes|Thurs|Fri|Satur)day|Sun|Tue|Sat|January|February|March|April|June|"
    r"August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Aug|Sep|Oct|Nov|Dec|AM)\b")  # fmt: skip
_OURS = {"pennypost", "alice", "example", "org", "byte", "bytes", "utc"}
"""The site, the reader, a unit and a zone."""

_UNSAID = {"script", "style", "kbd", "time", "template", "noscript"}


class _Words(HTMLParser):
    """What a page says, and what it reads out."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.read_out: list[str] = []
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSAID:
            self._within.append(tag)
        self.read_out += [value for name, value in attrs if name in ATTRIBUTES and value]

    def handle_endtag(self, tag: str) -> None:
        if self._within and self._within[-1] == tag:
            self._within.pop()

    def handle_data(self, data: str) -> None:
        if not self._within:
            self.text.append(data)


def unsaid(html: str) -> list[str]:
    """Words of a page that are not of its language."""
    assert f'lang="{LONG.tag}"' in html
    words = _Words()
    words.feed(html)
    text = _DATES.sub("", " ".join((*words.text, *words.read_out)))
    return [word for word in _PLAIN.findall(text) if word.lower() not in _OURS]


@pytest.fixture
def visitor(app: Flask, alice: Person) -> Visitor:
    """Alice, whose browser asks for that language."""
    pseudo.install(app, LONG)
    visitor = Visitor(app)
    visitor.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = LONG.tag
    visitor.sign_in(alice)
    return visitor


def test_every_page_with_a_list_speaks(visitor: Visitor, alice: Person) -> None:
    alice.append_all([letter(f"Zz {n}", sender="Zz <zz@zz.zz>", text="Zz\r\n") for n in range(120)])
    alice.mark(1, "\\Seen", "\\Flagged", "$label1")
    alice.mark(2, "$Pinned", "$Muted")
    alice.append(letter("", sender="zz@zz.zz", to="zz@zz.zz", text="Zz\r\n"), "Sent")
    alice.create("Zz")
    addresses = [
        "/m/INBOX", "/m/INBOX?sort=unread", "/m/INBOX?sort=sender", "/m/INBOX?only=files", "/m/Sent", "/m/Zz",
        "/m/INBOX/clean-up", "/m/INBOX/clean-up?by=size", "/m/INBOX/clean-up?by=age", "/search", "/snoozed", "/outbox",
        "/folders", "/folders/INBOX", "/folders/Zz",
    ]  # fmt: skip
    assert {at: words for at in addresses if (words := unsaid(visitor.get(at).get_data(as_text=True)))} == {}
    for asked in ("zz", "subject:zz -is:starred older_than:1d", "before:zz larger:zz", "before:2030 in:zz zz"):
        visitor.get("/m/INBOX")
        visitor.send(visitor.form("/search"), q=asked)
        typed = {"before", "larger", "in"}
        assert [word for word in unsaid(visitor.html) if word not in typed] == [], asked


def test_what_was_done_is_told_in_whole_sentences(visitor: Visitor, alice: Person) -> None:
    alice.append_all([letter(f"Zz {n}", sender="Zz <zz@zz.zz>", text="Zz\r\n") for n in range(4)])
    validity = alice.uidvalidity()
    for uid, do, more in [
        (1, "archive", {}), (2, "snooze", {"until": "2030-01-01T08:00"}), (3, "move", {"dest": "Trash"}),
        (4, "label", {"name": "Zz"}), (4, "label", {"name": pseudo.said("Later")}), (4, "star", {}), (9, "read", {}),
        (4, "snooze", {}), (4, "snooze", {"until": "zz"}), (4, "move", {}), (4, "erase", {}),
    ]:  # fmt: skip
        visitor.get("/m/INBOX")
        visitor.send(visitor.form("/m/INBOX/do"), uid=f"{validity}.{uid}", do=do, **more)
        assert unsaid(visitor.html) == [], (do, more)
    assert unsaid(visitor.get("/snoozed").get_data(as_text=True)) == []
    assert "$label5" in alice.flags(4), "a label that every program knows, by its name in this language"


def test_all_that_was_found_is_asked_about_done_and_taken_back_in_words(visitor: Visitor, alice: Person) -> None:
    alice.append_all([letter(f"Zz {n}", sender="Zz <zz@zz.zz>", text="Zz\r\n") for n in range(60)])
    alice.append(letter("Zz", sender="Zz <zz@zz.zz>", text="Zz\r\n"), "Sent")
    visitor.get("/search")
    visitor.send(visitor.form("/search"), q="zz", **{"in": ""})
    visitor.send(visitor.form("/found/do"), do="archive", whole="found")
    assert "%" not in visitor.text
    assert unsaid(visitor.html) == []
    buttons = (url for form in forms_of(visitor.html) for _, _, url in form.buttons)
    visitor.send(visitor.form("/jobs/"), action=next(url for url in buttons if url.split("?")[0].endswith("/on")))
    assert len(alice.messages("Archive")) == 61
    assert unsaid(visitor.html) == []
    press_undo(visitor)
    assert unsaid(visitor.html) == []
