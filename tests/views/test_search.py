"""The search page: what is typed, how it was understood, what is found in one folder and in all, and what is kept."""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask

from tests.imap.test_find import EXTRAS
from tests.mail.searches import letters
from tests.servers.application import Form, Visitor, forms_of
from tests.servers.people import Person, letter
from tests.views.test_mailbox import subjects
from tests.views.test_saving import take_away
from webmail import errors
from webmail.config import Settings
from webmail.imap import find, sweep
from webmail.mail.preferences import MOST_SEARCHES

MakeApp = Callable[[Settings], Flask]


def search(visitor: Visitor, typed: str, where: str = "") -> None:
    """As from the field of the top bar."""
    visitor.send(visitor.form("/search"), q=typed, **{"in": where})


def chips(visitor: Visitor) -> dict[str, str]:
    """What it was understood as, with the address of the search without it."""
    found = re.findall(r"<li><bdi>([^<]*)</bdi><a href=\"([^\"]+)\"", visitor.html)
    return {html.unescape(label): html.unescape(url) for label, url in found}


def chosen(page: str) -> list[str]:
    """Values of the boxes of all rows; each says its folder."""
    return re.findall(r'name="uid" value="([^"/]+/\d+\.\d+)"', page)


def link(visitor: Visitor, label: str) -> str:
    found = re.search(rf'<a[^>]* href="([^"]+)"[^>]*>(?:<[^>]*>|\s)*{re.escape(html.escape(label))}', visitor.html)
    assert found, label
    return html.unescape(found[1])


def test_what_is_typed_on_a_folder_is_found_there_first_and_then_everywhere(visitor: Visitor, alice: Person) -> None:
    alice.create("Trips")
    alice.append(letter("Ferry times", text="At 07:40.\r\n"), "Trips")
    alice.append_all([letter("Ferry tickets"), letter("Choir")])
    alice.append(letter("Ferry junk"), "Junk")
    visitor.sign_in(alice)
    assert visitor.form("/search").value("in") == "INBOX"
    search(visitor, "ferry", "INBOX")
    assert subjects(visitor.html) == ["Ferry tickets"]
    assert "1 found" in visitor.text
    assert visitor.form("/search").value("q") == "ferry"
    visitor.get(link(visitor, "All folders"))
    assert sorted(subjects(visitor.html)) == ["Ferry tickets", "Ferry times"]
    assert "folders searched, 2 found" in visitor.text
    visitor.get(link(visitor, "Junk and Trash too"))
    assert sorted(subjects(visitor.html)) == ["Ferry junk", "Ferry tickets", "Ferry times"]
    search(visitor, "in:trips ferry", "INBOX")
    assert subjects(visitor.html) == ["Ferry times"], "words about folders count more than where the field stands"
    search(visitor, "ferry -in:trips")
    assert subjects(visitor.html) == ["Ferry tickets"]
    search(visitor, "in:nowhere ferry")
    assert "There is no folder of that name" in visitor.text
    search(visitor, "in:anywhere ferry -in:inbox")
    assert sorted(subjects(visitor.html)) == ["Ferry junk", "Ferry times"]


def test_every_piece_of_a_search_can_be_taken_away(visitor: Visitor, alice: Person) -> None:
    alice.append_all([letter("Report", sender="Bob <bob@example.org>"), letter("Report"), letter("Other")])
    visitor.sign_in(alice)
    search(visitor, "from:bob subject:report -is:starred", "INBOX")
    assert list(chips(visitor)) == ["from bob", "subject has “report”", "not starred"]
    assert subjects(visitor.html) == ["Report"]
    visitor.get(chips(visitor)["from bob"])
    assert subjects(visitor.html) == ["Report", "Report"]
    assert visitor.form("/search").value("q") == "subject:report -is:starred"
    visitor.get(chips(visitor)["not starred"])
    visitor.get(next(iter(chips(visitor).values())))
    assert visitor.path == "/search"


def test_what_made_no_sense_is_said_and_the_rest_is_found(visitor: Visitor, alice: Person) -> None:
    alice.append(letter("Ferry"))
    visitor.sign_in(alice)
    search(visitor, "ferry before:soon is:nice larger:huge from:", "INBOX")
    assert subjects(visitor.html) == ["Ferry"]
    assert "“before:soon” was left out: write a day as 2026-03-31" in visitor.text
    assert "“is:nice” was left out" in visitor.text
    assert "“from:” was left out: nothing stands behind it." in visitor.text
    search(visitor, "before:soon", "INBOX")
    assert visitor.status == 200
    assert "Nothing was searched for" in visitor.text


@pytest.mark.parametrize(
    "typed", ['"><script>alert(1)</script>', "a\r\nA1 DELETE INBOX", "{5}\r\nx", "%s%n", "((((", "\0"]
)
def test_r9_odd_searches_are_searches(visitor: Visitor, alice: Person, typed: str) -> None:
    alice.append(letter("One"))
    visitor.sign_in(alice)
    search(visitor, typed, "INBOX")
    assert visitor.status == 200
    assert "<script>alert" not in visitor.html
    assert alice.mailboxes()
    assert len(alice.messages()) == 1


def test_an_empty_result_says_where_and_what_else_can_be_tried(visitor: Visitor, alice: Person) -> None:
    alice.append(letter("Ferry"), "Sent")
    visitor.sign_in(alice)
    search(visitor, "ferry is:starred", "INBOX")
    assert "Nothing found in Inbox" in visitor.text
    visitor.get(link(visitor, "Search all folders"))
    assert "Nothing found in your folders" in visitor.text
    visitor.get(link(visitor, "Without: starred"))
    assert subjects(visitor.html) == ["Ferry"]


def test_the_form_writes_the_same_language(visitor: Visitor, alice: Person) -> None:
    wanted = next(one for one in letters(datetime.now(UTC)) if b"report.pdf" in one.raw)
    alice.append(wanted.raw)
    alice.append_all([letter("Report"), letter("Other")])
    visitor.sign_in(alice)
    visitor.get("/search")
    form = fields(visitor)
    visitor.send(
        form, words="figures OR ferry", has="attachment", after="2020-01-01", larger="0.001", filename="report"
    )
    assert visitor.form("/search").value("q") == (
        "figures OR ferry filename:report has:attachment after:2020-01-01 larger:1K"
    )
    assert len(subjects(visitor.html)) == 1
    again = fields(visitor)
    assert again.value("after") == "2020-01-01"
    assert again.value("filename") == "report"
    assert "figures OR ferry" in again.value("words")


def fields(visitor: Visitor) -> Form:
    """The form with the fields."""
    return next(form for form in forms_of(visitor.html) if ("form", "1") in form.fields)


def test_pages_of_what_was_found(visitor: Visitor, alice: Person) -> None:
    alice.append_all([letter(f"Report {n}") for n in range(120)])
    visitor.sign_in(alice)
    search(visitor, "subject:report", "INBOX")
    seen = subjects(visitor.html)
    assert "1–50 of 120" in visitor.text
    first = visitor.path
    while 'rel="next"' in visitor.html:
        found = re.search(r'href="([^"]+)"[^>]*rel="next"', visitor.html)
        assert found
        visitor.get(html.unescape(found[1]))
        seen += subjects(visitor.html)
    assert seen == [f"Report {n}" for n in range(119, -1, -1)]
    visitor.get(f"{first}?before=1")
    assert subjects(visitor.html) == seen[:50], "a page that has become empty is no page"


def test_a_found_message_opens_and_leads_back_and_what_was_found_can_be_acted_upon(
    visitor: Visitor, alice: Person
) -> None:
    alice.append_all([letter("Ferry 1"), letter("Ferry 2"), letter("Other")])
    visitor.sign_in(alice)
    search(visitor, "ferry", "INBOX")
    results = visitor.path
    opened = re.search(r'class="open" href="([^"]+)"', visitor.html)
    assert opened
    visitor.get(html.unescape(opened[1]))
    assert "Ferry 2" in visitor.text
    assert link(visitor, "Results") == results
    visitor.get(results)
    visitor.send(visitor.form("/found/do"), uid=chosen(visitor.html), do="archive")
    assert visitor.path == results
    assert "2 messages moved to Archive." in visitor.text
    assert [one.header("Subject") for one in alice.messages()] == ["Other"]


@pytest.mark.asvs("14.2.1")
def test_r17_no_word_of_a_search_stands_in_an_address_or_a_log(
    visitor: Visitor, alice: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    alice.append(letter("Kanarienvogel"))
    visitor.sign_in(alice)
    search(visitor, "kanarienvogel", "INBOX")
    assert subjects(visitor.html) == ["Kanarienvogel"]
    addresses = [visitor.path, *re.findall(r'(?:href|action|data-rest)="([^"]*)"', visitor.html)]
    assert not [url for url in addresses if "kanari" in url.lower()]
    assert "kanari" not in caplog.text.lower()
    assert "anarienvogel" not in re.search(r"<title>.*?</title>", visitor.html)[0]  # type: ignore[index]


def test_r17_the_address_of_a_search_is_of_use_to_its_own_sign_in_alone(
    visitor: Visitor, app: Flask, alice: Person, charlie: Person
) -> None:
    alice.append(letter("Secret plans"))
    visitor.sign_in(alice)
    search(visitor, "plans", "INBOX")
    address = visitor.path
    visitor.get(address)
    assert subjects(visitor.html) == ["Secret plans"], "it can be reloaded"
    other = Visitor(app)
    other.sign_in(charlie)
    other.get(address)
    assert other.status == 200
    assert "belonged to an earlier sign-in" in other.text
    assert "plans" not in other.text
    assert other.form("/search").value("q") == ""
    for broken in ("/search/x", address[:-1], address + "AAAA", "/search/%C3%A4", "/search/" + "A" * 6000):
        visitor.get(broken)
        assert "belonged to an earlier sign-in" in visitor.text


def test_a_restart_of_the_site_changes_nothing(
    visitor: Visitor, alice: Person, settings: Settings, make_app: MakeApp
) -> None:
    alice.append(letter("Ferry"))
    visitor.sign_in(alice)
    search(visitor, "ferry", "INBOX")
    address = visitor.path
    again = Visitor(make_app(settings))
    for name in ("pennypost", "pennypost-key"):
        cookie = visitor.client.get_cookie(name)
        assert cookie is not None
        again.client.set_cookie(name, cookie.value)
    again.get(address)
    assert subjects(again.html) == ["Ferry"]


# --- all folders ------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["all extensions", "none"])
def capable(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the server can do."""
    take_away(monkeypatch, set(EXTRAS) if request.param == "none" else set())


def test_without_script_a_long_search_says_how_far_it_is_and_goes_on(
    visitor: Visitor, alice: Person, monkeypatch: pytest.MonkeyPatch, capable: None
) -> None:
    for number in range(6):
        alice.create(f"Box {number}")
        alice.append(letter(f"Ferry {number}"), f"Box {number}")
    monkeypatch.setattr("webmail.views.search._PATIENCE", 0.0)
    visitor.sign_in(alice)
    search(visitor, "subject:ferry")
    seen, pages = subjects(visitor.html), 1
    assert re.search(r"1 of \d+ folders searched", visitor.text)
    while "Go on" in visitor.text:
        visitor.get(link(visitor, "Go on"))
        seen += subjects(visitor.html)
        pages += 1
    assert sorted(seen) == [f"Ferry {n}" for n in range(6)]
    assert pages > 6
    # All that was found is on all of these pages.
    assert re.search(r'name="whole".*?6</span> found', visitor.html, re.DOTALL)
    alice.append(letter("Ferry too late"), "Box 0")
    ends = re.findall(r'name="upto" value="([^"]+)"', visitor.html)
    visitor.send(visitor.form("/found/do"), do="read", whole="found", upto=ends)
    assert "6 messages in 6 folders are found. Mark read: all of them?" in visitor.text


def test_with_script_the_rest_comes_piece_by_piece(visitor: Visitor, alice: Person, capable: None) -> None:
    for number in range(4):
        alice.create(f"Box {number}")
        alice.append_all([letter(f"Ferry {number}")] * 8, f"Box {number}")
    visitor.sign_in(alice)
    visitor.client.set_cookie("tz", "Europe%2FBerlin")
    search(visitor, "ferry")
    assert subjects(visitor.html) == []
    rest = re.search(r'data-rest="([^"]+)"', visitor.html)
    assert rest
    answer = visitor.client.get(html.unescape(rest[1]))
    pieces = answer.get_data(as_text=True).split("\x1e")
    assert pieces.pop() == ""
    assert [len(subjects(piece)) for piece in pieces if "<section" in piece] == [5] * 4
    assert [int(n) for piece in pieces[:-1] for n in re.findall(r"(\d+) of \d+ folders", piece)] == [
        *range(2, len(pieces) + 1)
    ]
    assert "folders searched, 32 found" in pieces[-1]
    assert "Show all" in pieces[-1] + pieces[-2] + pieces[-3] + pieces[-4] + pieces[-5]
    search(visitor, "nowhere")
    rest = re.search(r'data-rest="([^"]+)"', visitor.html)
    assert rest
    assert "Nothing found in your folders" in visitor.client.get(html.unescape(rest[1])).get_data(as_text=True)


def test_a_folder_that_cannot_be_searched_is_said_and_the_others_are(
    visitor: Visitor, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice.create("Broken")
    alice.append(letter("Ferry"), "Broken")
    alice.append(letter("Ferry"), "Sent")
    page = find.page

    def failing(conn: object, mailbox: str, *rest: object, **more: object) -> object:
        if mailbox == "Broken":
            raise errors.ServerRefused("index is corrupted")
        return page(conn, mailbox, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(find, "page", failing)
    together = sweep.in_turn
    monkeypatch.setattr(
        sweep, "in_turn", lambda *given: {name: hits for name, hits in together(*given).items() if name != "Broken"}
    )
    visitor.sign_in(alice)
    search(visitor, "ferry")
    assert "This folder could not be searched. The mail server: index is corrupted" in visitor.text
    assert subjects(visitor.html) == ["Ferry"]


# --- kept searches ----------------------------------------------------------------------------------------------------


def kept(visitor: Visitor) -> list[str]:
    found = re.search(r'<h2 class="nav-h">Searches</h2>\s*<ul>(.*?)</ul>', visitor.html, re.DOTALL)
    return [html.unescape(name) for name in re.findall(r'class="nm" dir="auto">([^<]*)<', found[1])] if found else []


def test_a_search_is_kept_renamed_and_removed(visitor: Visitor, app: Flask, alice: Person) -> None:
    alice.append_all([letter("Ferry"), letter("Other")])
    alice.append(letter("Ferry elsewhere"), "Sent")
    visitor.sign_in(alice)
    search(visitor, "subject:ferry", "INBOX")
    visitor.send(visitor.form("/search/kept"), name="Boats & <ships>")
    assert kept(visitor) == ["Boats & <ships>"]
    visitor.get("/m/INBOX")
    assert kept(visitor) == ["Boats & <ships>"]
    elsewhere = Visitor(app)
    elsewhere.sign_in(alice)
    assert kept(elsewhere) == ["Boats & <ships>"], "it roams with the reader"
    elsewhere.get(link(elsewhere, "Boats & <ships>"))
    assert subjects(elsewhere.html) == ["Ferry"], "in the folder that it was kept for"
    assert "Kept as" in elsewhere.text
    elsewhere.send(elsewhere.form("/search/kept"), name="Boats")
    assert kept(elsewhere) == ["Boats"]
    elsewhere.get("/settings")
    assert "Boats: subject:ferry in:inbox" in elsewhere.text
    elsewhere.get(link(elsewhere, "Boats"))
    elsewhere.send(elsewhere.form("/search/kept"), do="remove")
    assert kept(elsewhere) == []


def test_no_more_than_so_many_are_kept(visitor: Visitor, alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_SEARCHES == 20
    monkeypatch.setattr("webmail.views.search.MOST_SEARCHES", 2)
    visitor.sign_in(alice)
    search(visitor, "ferry", "INBOX")
    for number in range(3):
        visitor.send(visitor.form("/search/kept"), name=f"Search {number}", was="")
    assert len(kept(visitor)) == 2
    assert "there are 2 already" in visitor.text


def test_on_a_shared_computer_nothing_of_a_search_is_written(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice, shared="1")
    before = alice.mailboxes()
    search(visitor, "ferry", "INBOX")
    visitor.send(visitor.form("/search/kept"), name="Boats")
    assert kept(visitor) == ["Boats"]
    assert alice.mailboxes() == before
