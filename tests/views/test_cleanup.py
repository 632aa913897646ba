"""A pile is counted exactly before it goes, goes whole, and comes back."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.servers.application import Visitor
from tests.servers.people import Person, letter
from tests.views.deeds import press_undo, state, subjects
from webmail.imap import survey

LIST = "List-Id: The choir <choir.example.org>\r\n"
LEAVE = "List-Unsubscribe: <mailto:leave@example.org>\r\n"


def fill(alice: Person) -> None:
    alice.append_all([letter(f"Choir {n}", extra=LIST + LEAVE) for n in range(3)])
    alice.append(letter("Not the choir", extra="List-Id: <old-choir.example.org>\r\n"))
    alice.append(letter("From Bob", sender="Bob <BOB@example.net>"), flags=["\\Seen"])
    alice.append(letter("Also Bob", sender="Bob B. <bob@example.net>"))
    alice.append(letter("Not Bob", sender="Jim Bob <jimbob@example.net>"))
    alice.append(letter("Not Bob either", sender='"bob@example.net" <eve@example.com>'))
    alice.append(letter("Large", text="x" * 70 + "\r\n" + ("y" * 70 + "\r\n") * 2000))
    alice.append(letter("Old"), when=datetime.now(UTC) - timedelta(days=500))


def lines(html: str) -> dict[str, str]:
    """Value of each button, and how many messages it would clear."""
    found = re.findall(
        r'>([\d,]+)<span class="vh"> messages</span></span> <span class="num size">.*?value="([^"]*)"', html, re.DOTALL
    )
    return {value: count for count, value in found}


def choose(visitor: Visitor, by: str, what: str) -> None:
    visitor.get(f"/m/INBOX/clean-up?by={by}")
    visitor.send(visitor.form("/m/INBOX/clean-up"), what=what)


def test_piles_are_counted_and_nothing_is_done(visitor: Visitor, alice: Person) -> None:
    fill(alice)
    visitor.sign_in(alice)
    before = state(alice)
    visitor.get("/m/INBOX/clean-up")
    assert "10 messages counted." in visitor.text
    assert lines(visitor.html) == {
        "dora@example.net": "6", "bob@example.net": "2", "jimbob@example.net": "1", "eve@example.com": "1",
    }  # fmt: skip
    assert lines(visitor.get("/m/INBOX/clean-up?by=list").get_data(as_text=True)) == {
        "choir.example.org": "3", "old-choir.example.org": "1",
    }  # fmt: skip
    assert lines(visitor.get("/m/INBOX/clean-up?by=size").get_data(as_text=True)) == {"100000": "1"}
    ages = lines(visitor.get("/m/INBOX/clean-up?by=age").get_data(as_text=True))
    assert list(ages.values()) == ["1"] * 4, "older than a month, three, half a year, a year"
    for by, what in (
        ("sender", "bob@example.net"),
        ("list", "choir.example.org"),
        ("size", "100000"),
        ("age", min(ages)),
    ):
        choose(visitor, by, what)
        assert "/clean-up" in visitor.path
        assert "bob" not in visitor.path, "names of people stand in no address"
    assert state(alice) == before


PILES = (
    ("sender", "bob@example.net", ["Also Bob", "From Bob"]),
    ("list", "choir.example.org", ["Choir 0", "Choir 1", "Choir 2"]),
    ("size", "100000", ["Large"]),
)


@pytest.mark.parametrize(("by", "what", "gone"), PILES, ids=[by for by, _, _ in PILES])
def test_a_pile_goes_whole_and_comes_back(visitor: Visitor, alice: Person, by: str, what: str, gone: list[str]) -> None:
    fill(alice)
    visitor.sign_in(alice)
    before = state(alice)
    for do, folder in (("delete", "Trash"), ("archive", "Archive")):
        choose(visitor, by, what)
        assert f"Clear {len(gone)} message" in visitor.text
        alice.append(letter("Meanwhile", sender="bob@example.net", extra=LIST))
        visitor.send(visitor.form("/m/INBOX/clean-up"), do=do)
        assert f"moved to {folder}." in visitor.text
        assert subjects(alice, folder) == gone
        assert "Meanwhile" in subjects(alice), "what came after the question stays"
        press_undo(visitor)
        alice.expunge(next(m.uid for m in alice.messages() if m.header("Subject") == "Meanwhile"))
        assert state(alice) == before
    choose(visitor, by, what)
    visitor.send(visitor.form("/m/INBOX/clean-up"), do="read")
    assert {s for m in alice.messages() if "\\Seen" in m.flags and (s := str(m.header("Subject")))} == {
        *gone,
        "From Bob",
    }
    press_undo(visitor)
    assert state(alice) == before


def test_all_of_a_list_goes_from_beside_unsubscribe(visitor: Visitor, alice: Person) -> None:
    fill(alice)
    uid = next(m.uid for m in alice.messages() if m.header("Subject") == "Choir 1")
    visitor.sign_in(alice)
    visitor.get(f"/m/INBOX/{alice.uidvalidity()}.{uid}")
    assert "Delete all from this list" in visitor.text
    path = re.search(r'href="(/m/INBOX/[\d.]+/all-like-it)"', visitor.html)
    assert path
    visitor.get(path[1])
    assert "Clear 3 messages? They are from the list choir.example.org" in visitor.text
    visitor.send(visitor.form("/m/INBOX/clean-up"), do="delete")
    assert subjects(alice, "Trash") == ["Choir 0", "Choir 1", "Choir 2"]
    bob = next(m.uid for m in alice.messages() if m.header("Subject") == "Also Bob")
    visitor.get(f"/m/INBOX/{alice.uidvalidity()}.{bob}/all-like-it")
    assert "Clear 2 messages? They are from bob@example.net" in visitor.text


def test_of_a_huge_folder_the_newest_are_counted_and_a_pile_is_all_of_it(
    visitor: Visitor, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey, "COUNTED", 4)
    fill(alice)
    visitor.sign_in(alice)
    visitor.get("/m/INBOX/clean-up")
    assert "Of 10 messages the newest 4 were counted here." in visitor.text
    assert lines(visitor.html)["dora@example.net"] == "2"
    visitor.send(visitor.form("/m/INBOX/clean-up"), what="dora@example.net")
    assert "Clear 6 messages?" in visitor.text


@pytest.mark.parametrize(
    "data",
    [
        {}, {"by": "sender"}, {"by": "nobody", "what": "x"}, {"by": "size", "what": "-1"},
        {"by": "size", "what": "9" * 50}, {"by": "age", "what": "yesterday"}, {"by": "list", "what": "x" * 2000},
        {"by": "sender", "what": "a\r\nA1 LOGOUT"}, {"by": "sender", "what": "x", "do": "delete"},
        {"by": "sender", "what": "x", "do": "erase", "sure": "1.1"},
    ],
    ids=str,
)  # fmt: skip
def test_nonsense_is_refused(visitor: Visitor, alice: Person, data: dict[str, str]) -> None:
    alice.append(letter("One"))
    visitor.sign_in(alice)
    visitor.get("/m/INBOX/clean-up")
    form = visitor.form("/m/INBOX/clean-up")
    visitor.send(form, **({"by": "", "what": ""} | data))
    assert visitor.status == 400
    assert subjects(alice) == ["One"]


def test_odd_names_are_found_again_and_a_pile_of_none_is_said(visitor: Visitor, alice: Person) -> None:
    odd = b'From: "<script>" <"a b\\"c"@example.net>\r\nList-Id: <x"y.z>\r\nSubject: Odd\r\n\r\n'
    alice.append(odd)
    alice.append("From: jürgen@exämple.net\r\nSubject: Wide\r\n\r\n".encode())
    visitor.sign_in(alice)
    for by in ("sender", "list"):
        visitor.get(f"/m/INBOX/clean-up?by={by}")
        for what in [button.replace("&#34;", '"').replace("&lt;", "<") for button in lines(visitor.html)]:
            choose(visitor, by, what)
            assert "Clear 1 message?" in visitor.text, what
    choose(visitor, "sender", "nobody@example.net")
    assert "Nothing to clear" in visitor.text
