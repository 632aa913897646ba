"""A shared computer in a real browser: quiet minutes, closed tabs, an end from another device."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from tests.flows.hands import SAVED, sign_in, wait_for
from tests.servers.application import Live, Visitor
from tests.servers.people import Person, letter
from webmail.config import Settings

QUIET = re.compile(r"/bye\?why=quiet$")


def enter(page: Page, live: Live, person: Person) -> None:
    """Sign in at a shared computer."""
    page.goto(live.url)
    page.get_by_label("This is a public or shared computer").check()
    expect(page.get_by_label("Keep me signed in")).to_be_hidden()
    page.get_by_label("Email address").fill(person.address)
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/m/INBOX")
    expect(page.get_by_role("heading", name="Inbox", level=1)).to_be_visible()


def records(settings: Settings) -> list[dict[str, object]]:
    return [json.loads(path.read_text()) for path in Path(settings.state_dir, "sign-ins").glob("*.json")]


def test_a_quiet_computer_warns_at_four_minutes_and_signs_all_tabs_out_at_five(
    context: BrowserContext, live: Live, alice: Person, settings: Settings
) -> None:
    context.clock.install()
    page = context.new_page()
    enter(page, live, alice)
    other = context.new_page()
    other.goto(f"{live.url}/write")
    other.get_by_label("Subject").fill("Half a letter")
    expect(other.get_by_text(SAVED)).to_be_visible()
    # Typing never counts as idle: nine times half a minute, and the other tab knows.
    for _ in range(9):
        context.clock.fast_forward(30_000)
        other.get_by_label("Subject").press("End")
    dialog = page.get_by_role("alertdialog", name="Are you still there?")
    expect(dialog).to_be_hidden()
    # Ten times it is put off, by whatever key.
    for number in range(10):
        context.clock.fast_forward(241_000)
        expect(dialog).to_be_visible()
        expect(dialog).to_have_accessible_description(re.compile("signed out in 60 seconds"))
        expect(dialog.get_by_role("button", name="Stay signed in")).to_be_focused()
        expect(dialog.locator(".left")).to_have_text(re.compile(r"^(59|58)$"))
        page.keyboard.press(("Space", "Enter", "x", "Escape", "ArrowDown")[number % 5])
        expect(dialog).to_be_hidden()
        context.clock.run_for(1500)
        expect(other.get_by_role("alertdialog")).to_be_hidden()
    other.get_by_label("Subject").fill("Half a letter and more")
    other.get_by_label("Subject").blur()
    expect(other.get_by_text(SAVED)).to_be_visible()
    context.clock.fast_forward(269_000)
    context.clock.run_for(1500)
    expect(dialog.get_by_role("status")).to_have_text("30 seconds")
    context.clock.fast_forward(30_000)
    for each in (page, other):
        each.wait_for_url(QUIET)
        expect(each.get_by_text("Nothing was done here for a while")).to_be_visible()
    assert records(settings) == []
    assert [b"Half a letter and more" in draft.raw for draft in alice.messages("Drafts")] == [True]
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_computer_that_slept_is_signed_out_by_the_clock_on_the_wall(
    context: BrowserContext, live: Live, alice: Person, settings: Settings
) -> None:
    context.clock.install()
    page = context.new_page()
    enter(page, live, alice)
    context.clock.set_system_time(time.time() + 3600)  # no timer ran meanwhile
    page.mouse.move(200, 200)
    page.mouse.move(220, 230)
    context.clock.run_for(1500)
    page.wait_for_url(QUIET)
    assert records(settings) == []


def left(settings: Settings) -> bool:
    return any(record.get("left") for record in records(settings))


def test_going_on_reloading_and_going_back_sign_nobody_out_but_closing_the_last_tab_does(
    context: BrowserContext, live: Live, alice: Person, settings: Settings
) -> None:
    alice.append(letter("The one", text="words\r\n"))
    page = context.new_page()
    enter(page, live, alice)

    def settled(each: Page) -> None:
        """This page is the last one that spoke."""
        wait_for(lambda: records(settings)[0].get("page") and not left(settings))
        assert each.evaluate("document.readyState") == "complete"

    settled(page)
    page.get_by_role("link", name="The one").click()
    page.reload()
    settled(page)
    page.goto(f"{live.url}/settings")
    settled(page)
    page.go_back()
    settled(page)
    page.goto(f"{live.url}/m/INBOX/{alice.uidvalidity()}.1/source.txt")  # no script
    time.sleep(1)
    assert not left(settings)
    page.go_back()
    settled(page)
    other = context.new_page()
    other.goto(f"{live.url}/m/Sent")
    settled(other)
    with page.expect_response("**/here"):
        other.close()
    wait_for(lambda: not left(settings))
    assert records(settings)[0].get("page"), "the first tab is still there"
    page.close()
    wait_for(lambda: left(settings))
    [path] = Path(settings.state_dir, "sign-ins").glob("*.json")
    record = json.loads(path.read_text())
    path.write_text(json.dumps({**record, "left": record["left"] - 16}))
    again = context.new_page()
    again.goto(f"{live.url}/m/INBOX")
    expect(again.get_by_role("heading", name="Sign in")).to_be_visible()


def test_an_end_from_another_device_reaches_reader_and_writer_at_a_shared_computer_within_five_seconds(
    context: BrowserContext, live: Live, alice: Person, app: Flask, settings: Settings
) -> None:
    alice.append(letter("For her eyes", text="words\r\n"))
    reader, writer = context.new_page(), context.new_page()
    enter(reader, live, alice)
    writer.goto(f"{live.url}/write")
    writer.get_by_label("Subject").fill("A secret")
    expect(writer.get_by_text(SAVED)).to_be_visible()
    phone = Visitor(app)
    phone.sign_in(alice)
    phone.get("/settings/sessions")
    time.sleep(1)  # the stream is open
    began = time.monotonic()
    phone.send(phone.form("/settings/sessions"), do="others")
    for page in (reader, writer):
        page.wait_for_url("**/bye?why=ended", timeout=20_000)
        assert "secret" not in page.content()
    assert time.monotonic() - began < 5
    assert [b"A secret" in draft.raw for draft in alice.messages("Drafts")] == [True]


def test_a_private_page_goes_to_the_sign_in_page_and_a_letter_stays(
    context: BrowserContext, live: Live, alice: Person, app: Flask
) -> None:
    page = context.new_page()
    sign_in(page, live, alice)
    writer = context.new_page()
    writer.goto(f"{live.url}/write")
    phone = Visitor(app)
    phone.sign_in(alice)
    time.sleep(1)
    phone.get("/settings/sessions")
    phone.send(phone.form("/settings/sessions"), do="others")
    page.wait_for_url(re.compile(r"/login\?next="), timeout=20_000)
    expect(writer.get_by_text("You were signed out.")).to_be_visible()
    writer.get_by_label("Subject").fill("goes on")
    sheet = writer.get_by_role("dialog", name="You were signed out")
    expect(sheet).to_be_visible()
    sheet.get_by_label("Password").fill(alice.password)
    sheet.get_by_role("button", name="Sign in").click()
    expect(writer.get_by_text(SAVED)).to_be_visible()
