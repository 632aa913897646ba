"""Writing in a real browser: nothing typed is lost, whatever ends first: patience, network, session or tab."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask, Response, request
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.flows.hands import SAVED, begin, edit, wait_for
from tests.servers.application import Live
from tests.servers.dovecot import Dovecot
from tests.servers.people import Person
from tests.servers.proxy import Proxy
from tests.servers.submission import Submission
from tests.views.test_compose import files, parsed
from tests.views.test_saving import drafts
from webmail.config import Settings

pytestmark = pytest.mark.browser

DATA = bytes(range(256)) * 2000


def test_a_letter_that_was_just_saved_is_sent_by_the_first_press(
    context: BrowserContext, live: Live, alice: Person, submission: Submission
) -> None:
    page = context.new_page()
    begin(page, live, alice)
    page.get_by_label("To", exact=True).fill("bob@example.org")
    page.get_by_label("Subject").fill("At once")
    page.get_by_label("Message", exact=True).press_sequentially("now")
    wait_for(lambda: drafts(alice) == ["now"])
    page.wait_for_timeout(500)  # until the page has heard of it, and nothing is left to be saved before sending
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Sent.", exact=True).first).to_be_visible(timeout=20_000)
    assert [taken.recipients for taken in submission.accepted] == [("bob@example.org",)]


def test_what_is_typed_is_in_drafts_once_and_the_page_is_its_own(
    context: BrowserContext, live: Live, alice: Person, submission: Submission
) -> None:
    page = context.new_page()
    begin(page, live, alice)
    page.get_by_label("To", exact=True).fill("bob@example.org")
    page.get_by_label("Subject").fill("Kept")
    page.get_by_label("Message", exact=True).press_sequentially("one two")
    expect(page.locator("[data-saved]")).to_have_text(SAVED)
    wait_for(lambda: drafts(alice) == ["one two"])
    page.get_by_label("Message", exact=True).press_sequentially(" three")
    page.keyboard.press("Control+s")
    wait_for(lambda: drafts(alice) == ["one two three"])
    assert re.search(r"/m/Drafts/\d+\.\d+/edit\?letter=[0-9a-f]{32}$", page.url)
    expect(page.get_by_label("Message", exact=True)).to_be_focused()
    page.reload()
    expect(page.get_by_label("Message", exact=True)).to_have_value("one two three")
    # Leaving in the middle of a word: the last save goes out with the page.
    page.get_by_label("Message", exact=True).press("Control+End")
    page.get_by_label("Message", exact=True).press_sequentially(" fo")
    page.get_by_role("link", name="Close").click()
    wait_for(lambda: drafts(alice) == ["one two three fo"])
    page.goto(edit(live, alice))
    page.get_by_label("Message", exact=True).press("Control+End")
    page.get_by_label("Message", exact=True).press_sequentially("ur")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Message", exact=True)).to_have_count(0)
    assert drafts(alice) == ["one two three four"]
    page.goto(edit(live, alice))
    page.get_by_label("Message", exact=True).press_sequentially("!")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Sent.", exact=True).first).to_be_visible(timeout=20_000)
    assert len(submission.accepted) == 1
    assert alice.messages("Drafts") == []


def test_a_dead_server_is_told_in_words_and_it_heals_by_itself(
    context: BrowserContext, settings: Settings, make_app: Callable[[Settings], Flask], alice: Person, dovecot: Dovecot,
    proxy: Callable[[int], Proxy],
) -> None:  # fmt: skip
    between = proxy(dovecot.port)
    live = Live(make_app(replace(settings, imap_port=between.port, connect_timeout=2, command_timeout=2))).start()
    try:
        page = context.new_page()
        begin(page, live, alice)
        between.refuse()
        between.reset()
        page.get_by_label("Message", exact=True).press_sequentially("words")
        page.keyboard.press("Control+s")
        expect(page.locator("[data-saved]")).to_contain_text("Not saved, kept in this tab")
        between.pass_on()
        expect(page.locator("[data-saved]")).to_have_text(SAVED, timeout=25_000)
        assert drafts(alice) == ["words"]
        context.set_offline(True)
        page.get_by_label("Message", exact=True).press_sequentially(" more")
        page.get_by_label("Subject").focus()
        expect(page.locator("[data-saved]")).to_contain_text("you are offline")
        # The tab crashes or is loaded again, and has what the server has not.
        context.set_offline(False)
        wait_for(lambda: drafts(alice) == ["words more"])
    finally:
        live.stop()


def test_a_tab_that_was_loaded_again_offers_what_it_kept_but_not_on_a_shared_computer(
    browser: Browser, live: Live, alice: Person
) -> None:
    for shared in (False, True):
        context = browser.new_context(service_workers="block")
        page = context.new_page()
        page.goto(live.url)
        page.get_by_label("Email address").fill(alice.address)
        page.get_by_label("Password").fill(alice.password)
        if shared:
            page.get_by_label("This is a public or shared computer").check()
        page.get_by_role("button", name="Sign in").click()
        page.goto(f"{live.url}/write")
        page.route("**/write", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
        page.get_by_label("Message", exact=True).press_sequentially("nowhere else")
        page.keyboard.press("Control+s")
        expect(page.locator("[data-saved]")).to_contain_text("Not saved")
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(f"{live.url}/write")
        kept = page.get_by_role("button", name="Bring it back")
        if shared:
            expect(kept).to_have_count(0)
            assert page.evaluate("JSON.stringify(sessionStorage) + JSON.stringify(localStorage)") == "{}{}"
        else:
            page.unroute("**/write")
            kept.click()
            expect(page.get_by_label("Message", exact=True)).to_have_value("nowhere else")
            expect(page.locator("[data-saved]")).to_have_text(SAVED)
            assert drafts(alice) == ["nowhere else"]
            assert page.evaluate("sessionStorage.length") == 0
        context.close()


@pytest.mark.parametrize("wish", ["send", "save"])
def test_a_session_that_ends_while_writing_asks_for_the_password_over_the_letter(
    context: BrowserContext, live: Live, alice: Person, submission: Submission, tmp_path: Path, wish: str
) -> None:
    (tmp_path / "a.bin").write_bytes(DATA)
    page = context.new_page()
    begin(page, live, alice)
    page.get_by_label("To", exact=True).fill("bob@example.org")
    page.get_by_label("Subject").fill("Signed out")
    page.set_input_files("input[type=file]", tmp_path / "a.bin")
    expect(page.get_by_role("button", name="Remove a.bin")).to_be_visible()
    # Nothing is left to be saved by itself when the session ends: what asks is the press below.
    wait_for(lambda: [files(parsed(draft.raw)) for draft in alice.messages("Drafts")] == [{"a.bin": DATA}])
    expect(page.locator("[data-saved]")).to_have_text(SAVED)
    context.clear_cookies()
    page.get_by_label("Message", exact=True).fill("My words")
    page.keyboard.press("Control+Enter" if wish == "send" else "Control+s")
    sheet = page.get_by_role("dialog", name="You were signed out")
    expect(sheet.get_by_label("Email address")).to_have_value(alice.address)
    sheet.get_by_label("Password").fill("wrong")
    sheet.get_by_role("button", name="Sign in").click()
    expect(sheet.get_by_text("did not accept")).to_be_visible()
    sheet.get_by_label("Password").fill(alice.password)
    sheet.get_by_role("button", name="Sign in").click()
    if wish == "send":
        expect(page.get_by_text("Sent.", exact=True).first).to_be_visible(timeout=15_000)
        [taken] = submission.accepted
        assert b"My words" in taken.raw
        assert files(parsed(taken.raw)) == {"a.bin": DATA}
    else:
        expect(page.locator("[data-saved]")).to_have_text(SAVED)
        expect(page.get_by_label("Message", exact=True)).to_have_value("My words")
        [draft] = alice.messages("Drafts")
        assert files(parsed(draft.raw)) == {"a.bin": DATA}


def test_two_tabs_on_one_draft_are_told_and_both_can_be_kept(
    context: BrowserContext, live: Live, alice: Person
) -> None:
    first = context.new_page()
    begin(first, live, alice)
    first.get_by_label("Message", exact=True).fill("one")
    first.keyboard.press("Control+s")
    expect(first.locator("[data-saved]")).to_have_text(SAVED)
    second = context.new_page()
    second.goto(first.url)
    second.get_by_label("Message", exact=True).fill("two")
    second.keyboard.press("Control+s")
    expect(second.locator("[data-saved]")).to_have_text(SAVED)
    first.get_by_label("Message", exact=True).fill("three")
    first.keyboard.press("Control+s")
    expect(first.get_by_text("there is a newer draft").first).to_be_visible()
    assert drafts(alice) == ["two"]
    with context.expect_page() as other:
        first.get_by_role("link", name="Open the other one").click()
    expect(other.value.get_by_label("Message", exact=True)).to_have_value("two")
    first.get_by_role("button", name="Keep both").click()
    expect(first.locator("[data-saved]")).to_have_text(SAVED)
    expect(first.get_by_label("Message", exact=True)).to_have_value("three")
    assert sorted(drafts(alice)) == ["three", "two"]


def under_way(page: Page, file: Path) -> list[Route]:
    """A file is picked, and stays on its way until its route goes on."""
    held: list[Route] = []
    page.route("**/write/file", lambda route: held.append(route))
    page.set_input_files("input[type=file]", file)
    return held


def test_a_letter_that_is_sent_while_a_file_is_on_its_way_goes_with_it(
    context: BrowserContext, live: Live, alice: Person, submission: Submission, tmp_path: Path
) -> None:
    (tmp_path / "a.bin").write_bytes(DATA)
    page = context.new_page()
    begin(page, live, alice)
    held = under_way(page, tmp_path / "a.bin")
    page.get_by_label("To", exact=True).fill("bob@example.org")
    page.get_by_label("Subject").fill("With a file")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("It is sent as soon as its files are there.")).to_be_visible()
    page.keyboard.press("Control+Enter")
    assert not submission.accepted
    held[0].continue_()
    expect(page.get_by_text("Sent.", exact=True).first).to_be_visible(timeout=15_000)
    [taken] = submission.accepted
    assert files(parsed(taken.raw)) == {"a.bin": DATA}
    assert len(held) == 1


def test_a_file_that_arrives_while_send_is_pressed_is_no_conflict(
    context: BrowserContext, live: Live, alice: Person, submission: Submission, tmp_path: Path
) -> None:
    (tmp_path / "a.bin").write_bytes(DATA)
    page = context.new_page()
    begin(page, live, alice)
    page.get_by_label("To", exact=True).fill("bob@example.org")
    page.get_by_label("Subject").fill("At once")
    page.keyboard.press("Control+s")
    expect(page.locator("[data-saved]")).to_have_text(SAVED)
    held = under_way(page, tmp_path / "a.bin")
    expect(page.get_by_role("progressbar")).to_be_visible()
    # The moment between a press and the form that goes is made long enough for the file and for its save.
    page.evaluate("() => { const at = setTimeout; window.setTimeout = (work, ms) => at(work, ms ?? 1000); }")

    def slow(answer: Response) -> Response:
        if request.headers.get("X-Part") == "draft":
            time.sleep(1.5)
        return answer

    live.app.after_request_funcs[None].append(slow)

    page.keyboard.press("Control+Enter")
    held[0].continue_()
    expect(page.get_by_text("Sent.", exact=True).first).to_be_visible(timeout=15_000)
    [taken] = submission.accepted
    assert files(parsed(taken.raw)) == {"a.bin": DATA}


def test_files_go_one_by_one_are_seen_to_come_and_can_be_called_off(
    context: BrowserContext, live: Live, alice: Person, tmp_path: Path
) -> None:
    names = ("a.bin", "b ü.bin", "c.bin")
    for name in names:
        (tmp_path / name).write_bytes(DATA + name.encode())
    page = context.new_page()
    begin(page, live, alice)
    sent: list[int] = []
    live.app.before_request_funcs[None].append(lambda: sent.append(request.content_length or 0))
    page.set_input_files("input[type=file]", [tmp_path / name for name in names])
    for name in names:
        expect(page.get_by_role("button", name=f"Remove {name}")).to_be_visible()
    expect(page.locator("[data-saved]")).to_have_text(SAVED)
    uploaded = sum(sent)
    for number in range(3):
        page.get_by_label("Message", exact=True).fill(f"words {number}")
        page.keyboard.press("Control+s")
        wait_for(lambda number=number: drafts(alice) == [f"words {number}"])  # type: ignore[misc]
    assert sum(sent) - uploaded < 20_000, "three saves more, and no file again"
    [draft] = alice.messages("Drafts")
    assert files(parsed(draft.raw)) == {name: DATA + name.encode() for name in names}
    page.get_by_role("button", name="Remove b ü.bin").click()
    wait_for(
        lambda: (
            [set(files(parsed(draft.raw))) for draft in alice.messages("Drafts") if draft.raw] == [{"a.bin", "c.bin"}]
        )
    )
    # One that hangs is called off; the letter does not go without it by accident.
    page.route("**/write/file", lambda route: None)
    page.set_input_files("input[type=file]", tmp_path / "b ü.bin")
    expect(page.get_by_role("progressbar", name="Uploading b ü.bin")).to_be_visible()
    page.get_by_label("To", exact=True).fill("bob@example.org")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("It is sent as soon as its files are there.")).to_be_visible()
    page.get_by_role("button", name="Cancel b ü.bin").click()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    expect(page.get_by_text("Not sent: a file of it was called off")).to_be_visible()
    (tmp_path / "huge.bin").write_bytes(b"x" * 26_000_000)
    page.set_input_files("input[type=file]", tmp_path / "huge.bin")
    expect(page.get_by_text("a letter takes 25 MB at most")).to_be_visible()
    page.keyboard.press("Control+Shift+B")
    expect(page.get_by_label("Bcc", exact=True)).to_be_focused()
    with page.expect_file_chooser():
        page.keyboard.press("Control+Shift+A")
