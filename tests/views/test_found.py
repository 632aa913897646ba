"""Acting on what a search found: in one folder, in several at once, on all of it; and one Undo for everything."""

from __future__ import annotations

import re

import pytest

from tests.imap.test_find import deafen
from tests.servers.application import Visitor
from tests.servers.people import Person, letter
from tests.views.deeds import press_undo, state, subjects
from tests.views.test_search import chosen, search

MANY = 60


def upto(visitor: Visitor) -> list[str]:
    return re.findall(r'name="upto" value="([^"]+)"', visitor.html)


def question(visitor: Visitor) -> str:
    """The line of the page that asks."""
    found = re.search(r'<p class="tx">(.*?)</p>', visitor.html, re.DOTALL)
    assert found
    return found[1].strip()


def answer(visitor: Visitor, what: str) -> None:
    """Press yes ("on") or no ("stop")."""
    form = visitor.form("/jobs/")
    path = next(url for url in [form.action, *re.findall(r'formaction="([^"]+)"', visitor.html)] if f"/{what}" in url)
    visitor.send(form, action=path.replace("&amp;", "&"))


@pytest.mark.parametrize(
    ("do", "more", "told"),
    [
        ("archive", {}, "moved to Archive"),
        ("delete", {}, "moved to Trash"),
        ("junk", {}, "moved to Junk"),
        ("read", {}, "marked as read"),
        ("star", {}, "starred"),
        ("pin", {}, "pinned"),
        ("mute", {}, "muted"),
        ("label", {"name": "Boats"}, "labelled Boats"),
        ("move", {"dest": "Trips"}, "moved to Trips"),
        ("copy", {"dest": "Trips"}, "copied to Trips"),
        ("snooze", {"until": "2035-01-01T08:00"}, "snoozed until"),
    ],
)
def test_rows_of_several_folders_are_acted_on_together_and_undone_together(
    visitor: Visitor, alice: Person, do: str, more: dict[str, str], told: str
) -> None:
    for name in ("Trips", "Work"):
        alice.create(name)
    alice.append_all([letter("Ferry 1"), letter("Choir")])
    alice.append_all([letter("Ferry 2"), letter("Ferry 3")], "Work")
    alice.append(letter("Ferry 4"), "Sent")
    visitor.sign_in(alice)
    search(visitor, "ferry")
    results, before = visitor.path, state(alice)
    rows = chosen(visitor.html)
    assert sorted(row.split("/")[0] for row in rows) == ["INBOX", "Sent", "Work", "Work"]
    visitor.send(visitor.form("/found/do"), uid=rows, do=do, **more)
    assert visitor.path == results
    assert re.search(rf"4 messages {told}", visitor.text)
    assert state(alice) != before
    press_undo(visitor)
    assert visitor.path == results, "the reader is where it was done"
    assert "Undone." in visitor.text
    assert state(alice) == before


def test_everything_that_was_found_is_counted_asked_about_and_done_in_every_folder(
    visitor: Visitor, alice: Person
) -> None:
    alice.create("Work")
    alice.append_all([letter(f"Ferry {n}") for n in range(MANY)] + [letter("Choir")])
    alice.append_all([letter(f"Ferry {n}") for n in range(7)], "Work")
    visitor.sign_in(alice)
    search(visitor, "subject:ferry")
    results = visitor.path
    assert re.search(rf'name="whole" value="found".*?{MANY + 7}</span> found', visitor.html, re.DOTALL)
    assert len(upto(visitor)) == 2
    form = visitor.form("/found/do")
    # What arrives after the page was made is not among it.
    alice.append(letter("Ferry too late"))
    before = state(alice)
    ask = {"upto": upto(visitor), "whole": "found"}
    visitor.send(form, do="archive", **ask)
    assert visitor.path.startswith("/jobs/")
    assert question(visitor) == f"{MANY + 7} messages in 2 folders are found. Archive: all of them?"
    assert state(alice) == before, "asking changes nothing"
    answer(visitor, "stop")
    assert visitor.path == results
    assert "Nothing was changed." in visitor.text
    visitor.send(form, do="archive", **ask)
    answer(visitor, "on")
    assert f"{MANY + 7} messages moved to Archive." in visitor.text
    assert subjects(alice) == ["Choir", "Ferry too late"]
    assert subjects(alice, "Work") == []
    press_undo(visitor)
    assert state(alice) == before


def test_everything_found_in_one_folder_is_offered_when_there_are_more_pages_and_files_are_looked_at(
    visitor: Visitor, alice: Person
) -> None:
    filed = letter("Filed").replace(
        b"Content-Type: text/plain", b"Content-Disposition: attachment; filename=a.txt\r\nX: "
    )
    alice.append_all([filed.replace(b"Filed", b"Filed %d" % n) for n in range(3)])
    alice.append_all([letter(f"Ferry {n}") for n in range(MANY)])
    visitor.sign_in(alice)
    search(visitor, "ferry", "INBOX")
    assert re.search(rf'name="whole".*?{MANY}</span> found', visitor.html, re.DOTALL)
    visitor.send(visitor.form("/found/do"), do="read", whole="found", upto=upto(visitor))
    assert question(visitor) == f"{MANY} messages are found. Mark read: all of them?"
    answer(visitor, "on")
    assert f"{MANY} messages marked as read." in visitor.text
    search(visitor, "-has:attachment")
    assert "</span> found" in visitor.html
    visitor.send(visitor.form("/found/do"), do="star", whole="found", upto=upto(visitor))
    assert question(visitor).startswith(str(MANY)), "what IMAP has no key for is looked at, message by message"


def test_all_that_holds_letters_outside_ascii_is_found_where_the_server_cannot_search_for_them(
    visitor: Visitor, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice.create("Work")
    alice.append_all([letter(f"Number {n}", text="K\u00e4se\r\n") for n in range(MANY)] + [letter("Choir")])
    alice.append(letter("Elsewhere", text="K\u00e4se\r\n"), "Work")
    deafen(monkeypatch)
    visitor.sign_in(alice)
    search(visitor, "käse")
    assert "and the newest 2,000 for all" in visitor.text
    assert re.search(r'name="whole".*?num"></span> found', visitor.html, re.DOTALL), "nobody has counted them"
    visitor.send(visitor.form("/found/do"), do="archive", whole="found", upto=upto(visitor))
    assert question(visitor) == f"{MANY + 1} messages in 2 folders are found. Archive: all of them?"
    answer(visitor, "on")
    assert f"{MANY + 1} messages moved to Archive." in visitor.text
    assert subjects(alice) == ["Choir"]


def test_r34_what_is_chosen_has_to_name_a_folder_and_a_message(visitor: Visitor, alice: Person) -> None:
    alice.append(letter("Ferry"))
    visitor.sign_in(alice)
    search(visitor, "ferry")
    form, before = visitor.form("/found/do"), state(alice)
    for odd in ("1.1", "/1.1", "INBOX/x", "INBOX/0.1", "%2e/1.1", "INBOX/1.1/2.2", "IN\r\nBOX/1.1"):
        visitor.send(form, uid=[odd], do="delete")
        assert visitor.status == 400, odd
    visitor.send(form, do="archive")
    assert "Choose a message first" in visitor.text
    validity = alice.uidvalidity()
    visitor.send(form, do="archive", uid=[f"INBOX/{validity}.1", f"INBOX/{validity + 1}.1"])
    assert visitor.status == 409
    visitor.send(form, action="/found/do?found=x", do="archive", uid=[f"INBOX/{validity}.1"])
    assert "This search is not kept any more" in visitor.text
    assert state(alice) == before
