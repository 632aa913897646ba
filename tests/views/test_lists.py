"""Lists without script: conversations as rows, orders, filters, and what the page admits."""

from __future__ import annotations

import html
import re

import pytest

from tests.servers.application import Visitor
from tests.servers.people import Person, letter
from tests.views.test_mailbox import subjects
from tests.views.test_saving import take_away
from webmail.imap import ordering, sorting, threads


@pytest.fixture
def talk(alice: Person) -> Person:
    """Lunch by three letters (UIDs 1, 3, 4; 3 is read), and Tea."""
    alice.append_all([
        letter("Lunch", message_id="<1@x>"),
        letter("Tea", sender="Erik <erik@example.net>", to="list@example.org", message_id="<2@x>"),
        letter("Lunch", sender="alice@example.org", message_id="<3@x>", extra="References: <1@x>\r\n"),
        letter("Lunch", message_id="<4@x>", extra="References: <1@x> <3@x>\r\n"),
    ])  # fmt: skip
    alice.mark(3, "\\Seen")
    return alice


def picked(visitor: Visitor) -> list[str]:
    return re.findall(r'name="uid" value="\d+\.([^"]+)"', visitor.html)


def pick(visitor: Visitor, uids: str) -> str:
    found = re.search(rf'name="uid" value="(\d+\.{uids})"', visitor.html)
    assert found
    return found[1]


def uids(person: Person, folder: str = "INBOX") -> list[int]:
    return [message.uid for message in person.messages(folder)]


def test_a_row_names_its_letters_and_acting_takes_those_that_were_seen(visitor: Visitor, talk: Person) -> None:
    visitor.sign_in(talk)
    assert picked(visitor) == ["4,3,1", "2"]
    assert "Dora, me" in visitor.text
    form, chosen = visitor.form("/m/INBOX/do"), pick(visitor, "4,3,1")
    talk.append(letter("Lunch", message_id="<5@x>", extra="References: <1@x>\r\n"))
    visitor.send(form, do="archive", uid=[chosen])
    assert "3 messages moved to Archive." in visitor.text
    assert uids(talk) == [2, 5]


def test_a_star_is_set_on_the_newest_and_taken_from_all(visitor: Visitor, talk: Person) -> None:
    visitor.sign_in(talk)
    star = re.search(r'name="star" value="(\d+\.4)"', visitor.html)
    assert star
    visitor.send(visitor.form("/m/INBOX/do"), star=star[1])
    assert "\\Flagged" in talk.flags(4)
    talk.mark(1, "\\Flagged")
    visitor.get("/m/INBOX")
    stars = re.search(r'name="unstar" value="(\d+\.4,1)"', visitor.html)
    assert stars
    visitor.send(visitor.form("/m/INBOX/do"), unstar=stars[1])
    assert not any("\\Flagged" in message.flags for message in talk.messages())


def test_picks_that_we_did_not_make_are_refused(visitor: Visitor, talk: Person) -> None:
    visitor.sign_in(talk)
    form = visitor.form("/m/INBOX/do")
    for wrong in ("7.1,", "7.1,x", "7.1,,2", "7.1,-2", "7.1,99999999999"):
        visitor.send(form, do="archive", uid=[wrong])
        assert visitor.status == 400
    assert len(talk.messages()) == 4


def test_orders_and_filters_go_together(visitor: Visitor, talk: Person) -> None:
    visitor.sign_in(talk)
    seen = {}
    for query in (
        "sort=sender",
        "sort=oldest",
        "only=mine",
        "only=mine&sort=size",
        "only=unread&sort=subject",
        "sort=no",
    ):
        visitor.get(f"/m/INBOX?{query}")
        seen[query] = picked(visitor)
    assert (seen["sort=sender"][0], seen["sort=sender"][-1]) == ("3", "2")
    assert seen["sort=oldest"] == ["2", "4,3,1"]
    assert seen["only=mine"] == ["4,3,1"]
    assert sorted(seen["only=mine&sort=size"]) == ["1", "3", "4"]
    assert (sorted(seen["only=unread&sort=subject"][:2]), seen["only=unread&sort=subject"][2]) == (["1", "4"], "2")
    assert seen["sort=no"] == ["4,3,1", "2"]
    visitor.get("/m/INBOX?only=starred&sort=size")
    assert "Nothing starred here" in visitor.text


def test_links_to_orders_that_nobody_knows_lead_somewhere(visitor: Visitor, talk: Person) -> None:
    visitor.sign_in(talk)
    for query in ("before=2&walk=77.1", "before=2&walk=9999999999999999999.1", "walk=1.99999999999&sort=size",
                  "before=1&walk=0.0", "before=4&walk=77.4000000000&sort=sender", "walk=%0d%0a"):  # fmt: skip
        visitor.get(f"/m/INBOX?{query}")
        assert visitor.status == 200
        assert picked(visitor)


@pytest.mark.parametrize("query", ["", "?sort=size", "?only=unread", "?sort=unread"])
def test_links_lead_over_every_row_once(visitor: Visitor, alice: Person, query: str) -> None:
    alice.append_all(
        letter(f"Number {n}", message_id=f"<{n}@x>", extra=f"References: <{n - 5}@x>\r\n" if n % 2 else "")
        for n in range(120)
    )
    visitor.sign_in(alice)
    visitor.get(f"/m/INBOX{query}")
    found = picked(visitor)
    while older := re.search(r'href="([^"]+)"[^>]*rel="next"', visitor.html):
        visitor.get(html.unescape(older[1]))
        found += picked(visitor)
    assert sorted(int(uid) for one in found for uid in one.split(",")) == list(range(1, 121))


def test_what_the_server_cannot_do_is_said(visitor: Visitor, talk: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    take_away(monkeypatch, {"SORT", "THREAD=REFS", "THREAD=REFERENCES"})
    monkeypatch.setattr(sorting, "MOST_SORTED_HERE", 3)
    monkeypatch.setattr(threads, "MOST_READ", 3)
    visitor.sign_in(talk)
    assert "Conversations are found among the newest 3 messages" in visitor.text
    assert picked(visitor) == ["4,3", "2", "1"]
    visitor.get("/m/INBOX?sort=size")
    assert "The newest 3 messages are sorted" in visitor.text


def test_where_only_a_part_was_asked_for_no_number_is_claimed(
    visitor: Visitor, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordering, "PART", 60)
    alice.append_all(letter(f"Number {n}", message_id=f"<{n}@x>") for n in range(70))
    visitor.sign_in(alice)
    assert re.search(r'class="num">1–50</span>', visitor.html)
    older = re.search(r'href="([^"]+)"[^>]*rel="next"', visitor.html)
    assert older
    visitor.get(html.unescape(older[1]))
    assert re.search(r'class="num">51–70 of 70</span>', visitor.html)


def test_conversations_are_switched_off_for_one_folder(visitor: Visitor, talk: Person) -> None:
    visitor.sign_in(talk)
    visitor.send(visitor.form("/m/INBOX/do"), action="/m/INBOX/conversations", on="0")
    assert picked(visitor) == ["4", "3", "2", "1"]
    assert subjects(visitor.html) == ["Lunch", "Lunch", "Tea", "Lunch"]


@pytest.mark.parametrize("together", ["0", "1"])
def test_what_is_pinned_stands_first_under_a_heading_of_its_own_and_nowhere_else(
    visitor: Visitor, alice: Person, together: str
) -> None:
    alice.append_all(letter(f"Letter {n}") for n in range(60))
    visitor.sign_in(alice)
    visitor.send(visitor.form("/m/INBOX/do"), action="/settings/folder/INBOX", on=together)
    visitor.get("/m/INBOX")
    assert ">Pinned<" not in visitor.html, "no filter for what there is none of"
    validity = alice.uidvalidity()
    visitor.send(visitor.form("/m/INBOX/do"), do="pin", uid=[f"{validity}.1", f"{validity}.3"])
    first = subjects(visitor.html)
    assert first[:3] == ["Letter 2", "Letter 0", "Letter 59"]
    assert re.search(r'<h2 class="day">Pinned</h2>\s*<ul class="rows pinned">', visitor.html)
    older = re.search(r'href="([^"]+)" rel="next"', visitor.html)
    assert older
    visitor.get(html.unescape(older[1]))
    assert sorted(first + subjects(visitor.html)) == sorted(f"Letter {n}" for n in range(60))
    assert '<ul class="rows pinned">' not in visitor.html
    newer = re.search(r'href="([^"]+)" rel="prev"', visitor.html)
    assert newer
    visitor.get(html.unescape(newer[1]))
    assert subjects(visitor.html)[:3] == first[:3]
    visitor.get("/m/INBOX?only=pinned")
    assert subjects(visitor.html) == ["Letter 2", "Letter 0"]
    visitor.get("/m/INBOX?sort=oldest")
    assert subjects(visitor.html)[:3] == ["Letter 0", "Letter 1", "Letter 2"], (
        "an order that was asked for is that order"
    )
    for odd in ("x", "1.x", "0", "1" * 30, "1." * 300):
        visitor.get(f"/m/INBOX?before=20&pins={odd}")
        assert visitor.status == 200
