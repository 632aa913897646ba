"""A conversation on the message page: our own answers in their place, the newest unread unfolded, the rest one line."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.flows.hands import sign_in
from tests.servers.application import Live, Visitor
from tests.servers.people import Person, letter
from tests.views.test_message import html_mail


@pytest.fixture
def talk(alice: Person) -> Person:
    """Dora writes, Alice answers, Dora answers twice; nothing but the first is read."""
    alice.append(letter("Lunch", message_id="<1@x>", text="Lunch on Friday?\r\n"), flags=["\\Seen"])
    alice.append(
        letter("Re: Lunch", sender="alice@example.org", to="dora@example.net", message_id="<2@x>",
               text="Gladly, at noon.\r\n", extra="In-Reply-To: <1@x>\r\n"),
        "Sent", ["\\Seen"],
    )  # fmt: skip
    for number, words in ((3, "Noon it is."), (4, "Bring the plans.")):
        head = f"References: <1@x> <{number - 1}@x>\r\n"
        alice.append(letter("Re: Lunch", message_id=f"<{number}@x>", text=f"{words}\r\n", extra=head))
    alice.append(letter("Lunch", message_id="<other@x>", text="Another lunch.\r\n"))
    return alice


def told(html: str) -> list[tuple[str, str]]:
    """Sender and first words of every other letter of the conversation, as the page lists them."""
    html = html.partition('id="message"')[2]
    who = re.findall(r'<span class="who" dir="auto">(?:<span class="vh">Unread. </span>)?([^<]*)', html)
    return list(zip(who, re.findall(r'<span class="first" dir="auto">([^<]*)', html), strict=True))


def open_letter(visitor: Visitor, person: Person, uid: int, folder: str = "INBOX") -> str:
    visitor.get(f"/m/{folder}/{person.uidvalidity(folder)}.{uid}")
    return visitor.html


def test_the_page_shows_the_conversation_with_our_own_answer_in_its_place(visitor: Visitor, talk: Person) -> None:
    visitor.sign_in(talk)
    html = open_letter(visitor, talk, 1)
    assert told(html) == [("me", "Gladly, at noon."), ("Dora Doe", "Noon it is."), ("Dora Doe", "Bring the plans.")]
    assert "4 letters in this conversation" in visitor.text
    assert "Another lunch." not in html[html.index('id="message"') :]


def test_the_newest_unread_letter_is_unfolded_and_the_others_are_a_line(visitor: Visitor, talk: Person) -> None:
    visitor.sign_in(talk)
    unfolded = re.findall(
        r'<details class="told[^"]*" open>.*?class="first"[^>]*>([^<]*)', open_letter(visitor, talk, 1), re.S
    )
    assert unfolded == ["Bring the plans."]


def test_a_letter_from_sent_shows_what_it_answered(visitor: Visitor, talk: Person) -> None:
    visitor.sign_in(talk)
    html = open_letter(visitor, talk, 1, "Sent")
    assert [first for _, first in told(html)] == ["Lunch on Friday?", "Noon it is.", "Bring the plans."]
    assert '<span class="lies">Inbox</span>' in html


def test_what_was_archived_stands_in_its_place(visitor: Visitor, talk: Person) -> None:
    """Whichever of the three folders the letter lies in that is opened."""
    talk.append(
        letter("Re: Lunch", message_id="<5@x>", text="Thank you all.\r\n", extra="References: <1@x> <4@x>\r\n"),
        "Archive", ["\\Seen"],
    )  # fmt: skip
    visitor.sign_in(talk)
    for folder in ("INBOX", "Sent", "Archive"):
        open_letter(visitor, talk, 1, folder)
        assert "5 letters in this conversation" in visitor.text, folder
    assert '<span class="lies">Sent</span>' in visitor.html


def test_a_letter_without_a_conversation_shows_none(visitor: Visitor, talk: Person) -> None:
    visitor.sign_in(talk)
    html = open_letter(visitor, talk, 4)
    assert told(html) == []
    assert "in this conversation" not in visitor.text


def test_unfolding_a_letter_reads_it_and_looking_ahead_does_not(visitor: Visitor, talk: Person) -> None:
    """R13: as opening its page does, and with the same fences."""
    visitor.sign_in(talk)
    path = f"/m/INBOX/{talk.uidvalidity('INBOX')}.2/letter"
    visitor.client.get(path, headers={"Sec-Purpose": "prefetch"})
    visitor.client.head(path)
    assert "\\Seen" not in talk.messages()[1].flags
    answer = visitor.client.get(path)
    assert "Noon it is." in answer.get_data(as_text=True)
    assert "\\Seen" in talk.messages()[1].flags
    assert "script-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_an_html_letter_unfolds_to_its_own_frame(visitor: Visitor, alice: Person) -> None:
    alice.append(html_mail("<p>Bold <b>words</b><script>alert(1)</script></p>"))
    visitor.sign_in(alice)
    visitor.get(f"/m/INBOX/{alice.uidvalidity('INBOX')}.1/letter")
    assert visitor.path.endswith("/body")
    assert "<b>words</b>" in visitor.html
    assert "alert" not in visitor.html


def test_a_long_conversation_folds_its_middle(visitor: Visitor, alice: Person) -> None:
    alice.append_all([
        letter("Long", message_id=f"<{n}@x>", text=f"Letter {n}.\r\n", extra="References: <1@x>\r\n" if n > 1 else "")
        for n in range(1, 13)
    ])  # fmt: skip
    visitor.sign_in(alice)
    html = open_letter(visitor, alice, 12)
    assert "7 more letters" in html
    assert [first for _, first in told(html)] == [f"Letter {n}." for n in range(1, 12)]


def test_in_a_browser_a_line_unfolds_in_place_and_is_read_everywhere(
    browser: Browser, live: Live, talk: Person
) -> None:
    """Frames of folded letters are not fetched: nothing is read that was not seen."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    try:
        sign_in(page, live, talk)
        page.goto(f"{live.url}/m/INBOX/{talk.uidvalidity('INBOX')}.1")
        newest = page.frame_locator(".told[open] iframe").locator("#mail")
        expect(newest).to_contain_text("Bring the plans.")
        assert "\\Seen" not in talk.messages()[1].flags
        page.locator(".told summary", has_text="Noon it is.").click()
        expect(page.frame_locator(".told:has-text('Noon it is.') iframe").locator("#mail")).to_contain_text(
            "Noon it is."
        )
        assert ["\\Seen" in message.flags for message in talk.messages()] == [True, True, True, False]
    finally:
        page.close()
