"""The page that tells what the mail server offers, and what each thing does here."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from tests.servers.application import Live, Visitor, settings_for
from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.people import ALICE, Person, letter
from tests.servers.scripted import Scripted
from tests.servers.submission import Submission
from webmail.config import Settings
from webmail.features import FEATURES

MakeApp = Callable[[Settings], Flask]
PLACES = ("h1", ".facts", ".offers", ".said")


def rows(visitor: Visitor) -> dict[str, tuple[str, str]]:
    """Of the table: capability words -> state and what follows."""
    found = re.findall(
        r'<bdi dir="ltr">([^<]*)</bdi></span></th>\s*<td>(.*?)</td>\s*<td>(.*?)</td>', visitor.html, re.DOTALL
    )
    return {words: (re.sub(r"<[^>]*>|\s+", " ", state).strip(), unescape(text)) for words, state, text in found}


@pytest.fixture
def at(make_app: MakeApp, settings: Settings) -> Callable[[Scripted], Visitor]:
    """Alice, signed in at a scripted server, with this page open."""

    def enter(server: Scripted) -> Visitor:
        visitor = Visitor(make_app(replace(settings, imap_port=server.port)))
        visitor.get("/login")
        visitor.send(visitor.form("/login"), follow=False, user=ALICE.address, password=ALICE.password)
        visitor.get("/server")
        return visitor

    return enter


def test_alice_reads_what_her_server_offers(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    visitor.get("/server")
    assert visitor.status == 200
    assert "It calls itself Dovecot" in visitor.text
    assert f"localhost, port {alice.port}" in visitor.text
    assert "TLS 1.3" in visitor.text
    told = rows(visitor)
    assert len(told) == len(FEATURES)
    assert told["MOVE"] == ("In use", "A message is never in two folders.")
    assert told["SORT ESORT"][0] == "Ready"
    assert told["BINARY"][0] == "Left alone"
    assert told["REPLACE"][0] == "Not offered"
    assert "never none" in told["REPLACE"][1]
    assert "CONTEXT=SEARCH" in visitor.text, "the raw words, for the administrator"


def test_every_page_leads_there(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    assert 'href="/server"' in visitor.html


def test_who_is_not_signed_in_is_told_nothing(visitor: Visitor) -> None:
    assert visitor.get("/server", follow=False).status_code == 303


def test_the_sizes_of_folders_are_added_up_when_asked_for(visitor: Visitor, alice: Person) -> None:
    alice.append(letter(text="x" * 70_000))
    alice.append(letter(text="x" * 7000), "Archive")
    visitor.sign_in(alice)
    visitor.get("/server")
    assert "Folders by size" not in visitor.text
    assert "/server?sizes=1" in visitor.html
    visitor.get("/server?sizes=1")
    assert re.search(r"Inbox 70 KB Archive 7 KB", visitor.text)


def test_a_full_mailbox_shows_how_full(
    another_dovecot: Callable[..., Dovecot], make_app: MakeApp, submission: Submission, authority: Authority,
    tmp_path: Path,
) -> None:  # fmt: skip
    server = another_dovecot(quota=100 * 1024)
    person = server.person(ALICE)
    person.append(letter(text="x" * 51_000))
    visitor = Visitor(make_app(settings_for(server.port, submission.port, authority.ca_file, tmp_path)))
    visitor.sign_in(person)
    visitor.get("/server")
    assert re.search(r"Room 5\d KB of 102 KB used", visitor.text)
    assert re.search(r"5\d % full", visitor.text)


def test_a_server_that_offers_nothing_gets_a_page_too(
    at: Callable[[Scripted], Visitor], scripted: Callable[..., Scripted]
) -> None:
    visitor = at(scripted(capabilities="IMAP4rev1 AUTH=PLAIN SASL-IR"))
    assert visitor.status == 200
    assert "It calls itself" not in visitor.text
    assert {state for state, _ in rows(visitor).values()} == {"Not offered"}
    assert "sizes=1" not in visitor.html


def test_what_is_offered_but_known_not_to_work_is_named(
    at: Callable[[Scripted], Visitor], scripted: Callable[..., Scripted]
) -> None:
    visitor = at(scripted(greeting="* OK Hoodiecrow ready", capabilities="IMAP4rev1 AUTH=PLAIN SASL-IR CONDSTORE"))
    assert "CONDSTORE: offered, but known not to work" in visitor.text
    assert rows(visitor)["CONDSTORE QRESYNC"][0] == "Not offered"


def test_r28_a_servers_own_words_are_text_cut_and_cleaned(
    at: Callable[[Scripted], Visitor], scripted: Callable[..., Scripted]
) -> None:
    name = "<b onclick=x>\N{RIGHT-TO-LEFT OVERRIDE}" + "z" * 5000
    said = f'* ID ("name" "{name}" "version" NIL)\n{{tag}} OK done'
    visitor = at(scripted({"ID": said}, capabilities="IMAP4rev1 AUTH=PLAIN SASL-IR ID <i>X</i>"))
    assert visitor.status == 200
    assert "<b onclick" not in visitor.html
    assert "<i>" not in visitor.html.lower()
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in visitor.html
    assert "z" * 300 not in visitor.html


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("script", [True, False])
def test_the_page_fits_narrow_and_wide(browser: Browser, live: Live, alice: Person, width: int, script: bool) -> None:
    context = browser.new_context(
        service_workers="block", java_script_enabled=script, viewport={"width": width, "height": 800}
    )
    page = context.new_page()
    page.goto(live.url)
    page.get_by_label("Email address").fill(alice.address)
    page.get_by_label("Password").fill(alice.password)
    page.get_by_role("button", name="Sign in").click()
    page.locator("details.account > summary").click()
    page.get_by_role("link", name="About this mail server").click()
    expect(page.get_by_role("heading", name="Mail server", level=1)).to_be_visible()
    page.get_by_text("For the administrator").click()
    expect(page.get_by_text("I18NLEVEL=1")).to_be_visible()
    if shots := os.environ.get("SHOTS"):
        page.screenshot(path=f"{shots}/server-{width}-{script}.png")
    widest = max(page.locator(f"{place} >> visible=true").first.bounding_box()["width"] for place in PLACES)  # type: ignore[index]
    assert widest <= width
    context.close()
