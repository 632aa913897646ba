"""One stream for all tabs and none for nobody; what shows when it ends, fails, or the mail server takes its time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from tests.flows.hands import sign_in
from tests.flows.test_live import LISTEN, heard, icon, inbox, row, rows
from tests.servers.application import Live
from tests.servers.dovecot import Dovecot
from tests.servers.people import Person, letter
from tests.servers.proxy import Proxy
from webmail.config import Settings

__all__ = ["inbox"]

MakeApp = Callable[[Settings], Flask]
# Windows without a screen are always seen; so the page is told otherwise, as the browser would tell it.
HIDE = """(hidden) => {
  for (const [name, value] of [["hidden", hidden], ["visibilityState", hidden ? "hidden" : "visible"]]) {
    Object.defineProperty(document, name, { configurable: true, value });
  }
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def streams(context: BrowserContext) -> dict[str, int]:
    """How many streams the tabs of this browser have opened and closed from now on."""
    seen = {"opened": 0, "closed": 0}

    def count(which: str) -> Callable[[Any], None]:
        def note(request: Any) -> None:
            seen[which] += "/events" in request.url

        return note

    context.on("request", count("opened"))
    for ending in ("requestfailed", "requestfinished"):
        context.on(ending, count("closed"))  # type: ignore[call-overload]
    return seen


def until(page: Page, condition: Callable[[], bool]) -> None:
    """Wait in the browser's own loop, five seconds at most."""
    for _ in range(100):
        if condition():
            return
        page.wait_for_timeout(50)
    assert condition()


def test_two_tabs_have_one_stream_and_both_see_what_happens(
    context: BrowserContext, live: Live, inbox: Page, alice: Person
) -> None:
    seen = streams(context)
    second = context.new_page()
    second.goto(live.url)
    expect(rows(second)).to_have_count(3)
    alice.append(letter("Milk"))
    for page in (inbox, second):
        expect(rows(page)).to_have_text(["Milk", "Tea", "Coffee", "Water"])
        expect(page).to_have_title(re.compile(r"^\(4\)"))
    assert seen["opened"] == 0


def test_a_tab_takes_over_when_the_one_with_the_stream_is_closed(
    context: BrowserContext, live: Live, inbox: Page, alice: Person
) -> None:
    seen = streams(context)
    second = context.new_page()
    second.goto(live.url)
    expect(rows(second)).to_have_count(3)
    inbox.close()
    until(second, lambda: seen["opened"] == 1)
    alice.append(letter("Milk"))
    expect(rows(second).first).to_have_text("Milk")


def test_a_tab_with_another_folder_fetches_its_list_when_that_folder_changes(
    context: BrowserContext, live: Live, inbox: Page, alice: Person
) -> None:
    alice.create("Choir")
    second = context.new_page()
    second.goto(live.url + "/m/Choir")
    expect(second.get_by_role("heading", name="Nothing in this folder")).to_be_visible()
    alice.append(letter("Rehearsal"), "Choir")
    expect(rows(second)).to_have_text(["Rehearsal"])
    expect(rows(inbox)).to_have_count(3)


def test_a_letter_being_written_has_the_counts_beside_it(
    context: BrowserContext, live: Live, inbox: Page, alice: Person
) -> None:
    inbox.goto(live.url + "/write")
    alice.append(letter("Milk"))
    expect(inbox.get_by_role("link", name="Inbox 4 unread")).to_be_visible()
    assert "icon-unread" in icon(inbox)


def test_a_tab_that_nobody_looks_at_lets_its_stream_go_and_catches_up_when_seen(
    context: BrowserContext, live: Live, alice: Person
) -> None:
    alice.append(letter("Water"))
    page = context.new_page()
    page.clock.install()
    seen = streams(context)
    sign_in(page, live, alice)
    alice.append(letter("Tea"))
    expect(rows(page)).to_have_text(["Tea", "Water"])
    page.evaluate(HIDE, True)
    page.clock.run_for("04:00")
    assert seen["closed"] == 0
    page.clock.run_for("01:10")
    until(page, lambda: seen["closed"] == 1)
    alice.append(letter("Milk"))
    page.evaluate(HIDE, False)
    page.clock.run_for("00:01")
    expect(rows(page)).to_have_text(["Milk", "Tea", "Water"])
    expect(page).to_have_title(re.compile(r"^\(3\)"))
    assert seen["opened"] == 2


def test_mail_that_came_to_a_hidden_tab_is_in_the_list_on_return(inbox: Page, alice: Person) -> None:
    row(inbox, "Tea").hover()
    inbox.evaluate(HIDE, True)
    # The counts in the title may come first; what comes on a page that is seen waits behind a button.
    inbox.evaluate(
        "() => document.addEventListener('news', ({ detail }) => detail.type === 'mail' && (window.came = true))"
    )
    alice.append(letter("Milk"))
    expect(inbox).to_have_title(re.compile(r"^\(4\)"))
    inbox.wait_for_function("() => window.came")
    expect(rows(inbox)).to_have_text(["Tea", "Coffee", "Water"])
    inbox.evaluate(HIDE, False)
    expect(rows(inbox)).to_have_text(["Milk", "Tea", "Coffee", "Water"])


def test_signing_out_in_one_tab_ends_the_others(context: BrowserContext, live: Live, inbox: Page) -> None:
    second = context.new_page()
    second.goto(live.url)
    second.locator("summary", has_text="Account").click()
    second.get_by_role("button", name="Sign out").click()
    expect(second.get_by_role("heading", name="Signed out")).to_be_visible()
    expect(inbox.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_letter_stays_where_it_is_when_its_writer_was_signed_out(
    context: BrowserContext, live: Live, inbox: Page
) -> None:
    inbox.goto(live.url + "/write")
    inbox.get_by_label("Message", exact=True).fill("Dear Bob,")
    second = context.new_page()
    second.goto(live.url)
    second.locator("summary", has_text="Account").click()
    second.get_by_role("button", name="Sign out").click()
    expect(inbox.get_by_text("You were signed out. Your letter is still here.")).to_be_visible()
    expect(inbox.get_by_label("Message", exact=True)).to_have_value("Dear Bob,")
    inbox.get_by_role("button", name="Save draft").click()
    expect(inbox.get_by_role("dialog", name="You were signed out")).to_be_visible()


def test_the_offline_bar_comes_and_goes_by_itself(context: BrowserContext, inbox: Page, alice: Person) -> None:
    inbox.evaluate(LISTEN)
    context.set_offline(True)
    bar = inbox.get_by_text("You are offline. This page stays readable")
    expect(bar).to_be_visible()
    expect(rows(inbox)).to_have_count(3)
    alice.append(letter("Milk"))
    context.set_offline(False)
    expect(bar).to_be_hidden()
    assert "Back online." in heard(inbox)
    expect(rows(inbox).first).to_have_text("Milk")


class Between:
    """Something on the way to the application that refuses some addresses."""

    def __init__(self, app: Flask, refused: str) -> None:
        self.app, self.refused = app.wsgi_app, refused
        self.times = 0
        app.wsgi_app = self  # type: ignore[method-assign]

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if self.refused and re.match(self.refused, environ["PATH_INFO"]):
            self.times += 1
            start("503 Service Unavailable", [("Content-Type", "text/plain")])
            return [b"no"]
        return self.app(environ, start)


def test_where_streams_do_not_pass_the_page_asks_every_minute(
    context: BrowserContext, app: Flask, live: Live, alice: Person
) -> None:
    between = Between(app, "/events")
    alice.append(letter("Water"))
    page = context.new_page()
    page.clock.install()
    sign_in(page, live, alice)
    until(page, lambda: between.times == 1)
    alice.append(letter("Milk"))
    page.clock.run_for("01:10")
    expect(rows(page)).to_have_text(["Milk", "Water"])
    expect(page).to_have_title(re.compile(r"^\(2\)"))
    expect(page.get_by_role("link", name="Inbox 2 unread")).to_be_visible()
    assert between.times == 2


def test_a_site_that_does_not_answer_is_said_after_two_tries_and_heals(
    context: BrowserContext, app: Flask, live: Live, alice: Person
) -> None:
    between = Between(app, "")
    alice.append(letter("Water"))
    page = context.new_page()
    page.clock.install()
    sign_in(page, live, alice)
    alice.append(letter("Milk"))
    expect(rows(page)).to_have_text(["Milk", "Water"])
    between.refused = "/"
    page.evaluate(HIDE, True)
    page.clock.run_for("05:10")
    page.evaluate(HIDE, False)
    page.clock.run_for("00:30")
    bar = page.get_by_text("This site does not answer.")
    expect(bar).to_be_visible()
    between.refused = ""
    page.clock.run_for("01:10")
    expect(bar).to_be_hidden()


@pytest.fixture
def slow(
    proxy: Callable[[int], Proxy], dovecot: Dovecot, settings: Settings, make_app: MakeApp
) -> Iterable[tuple[Live, Proxy]]:
    """The application with a proxy before its mail server, and patience."""
    between = proxy(dovecot.port)
    server = Live(make_app(replace(settings, imap_port=between.port, command_timeout=30))).start()
    yield server, between
    between.pass_on()
    server.stop()


def test_a_slow_mail_server_is_said_so_and_can_be_stopped(
    context: BrowserContext, slow: tuple[Live, Proxy], alice: Person
) -> None:
    live, between = slow
    alice.append_all([letter("Water"), letter("Tea")])
    page = context.new_page()
    sign_in(page, live, alice)
    row(page, "Tea").click()
    expect(page.get_by_role("heading", name="Tea", level=1)).to_be_visible()
    page.evaluate(LISTEN)
    between.stall()
    row(page, "Water").click()
    expect(page.get_by_text(re.compile(r"The mail server is slow, [3-9] s so far\."))).to_be_visible()
    assert heard(page) == ["The mail server is slow."]
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("The mail server is slow,")).to_have_count(0)
    expect(page.get_by_role("heading", name="Tea", level=1)).to_be_visible()
    between.pass_on()
    row(page, "Water").click()
    expect(page.get_by_role("heading", name="Water", level=1)).to_be_visible()
