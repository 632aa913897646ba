"""What a browser has on its disk after somebody has read mail: on a shared computer nothing of it. A browser with a
profile of its own is closed before its files are read, every one of them."""

from __future__ import annotations

import gzip
import re
import shutil
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, BrowserType, Page, expect

from tests.flows.hands import SAVED
from tests.servers.application import Live
from tests.servers.people import Person

# Words that stand nowhere else, by where they come from.
CANARIES = {
    "subject": "qzvsubjectwren", "body": "qzvbodywren", "sender": "qzvsenderwren", "file name": "qzvfilenamewren",
    "file": "qzvattachedwren", "search": "qzvsearchwren", "draft": "qzvdraftwren", "recipient": "qzvrecipientwren",
}  # fmt: skip

RAW = (
    f"From: {CANARIES['sender']} <{CANARIES['sender']}@example.net>\r\nTo: alice@example.org\r\n"
    f"Subject: {CANARIES['subject']} and more\r\nDate: Mon, 30 Nov 2026 10:00:00 +0000\r\n"
    "Message-ID: <1@qzv.example.net>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
    f"Content-Type: text/html; charset=utf-8\r\n\r\n<p>{CANARIES['body']} is what it says</p>\r\n--b\r\n"
    f"Content-Type: text/plain; name={CANARIES['file name']}.txt\r\n"
    f"Content-Disposition: attachment; filename={CANARIES['file name']}.txt\r\n\r\n{CANARIES['file']}\r\n--b--\r\n"
).encode()


@pytest.fixture
def profile(
    browser_type: BrowserType, browser_type_launch_args: dict[str, Any], tmp_path: Path
) -> Iterator[Callable[[], tuple[BrowserContext, Path]]]:
    """Starts a whole browser on a new profile; the shell without a window keeps less than what people use."""
    started: list[BrowserContext] = []

    def start() -> tuple[BrowserContext, Path]:
        place = tmp_path / f"profile-{len(started)}"
        whole = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
        given = {**browser_type_launch_args, **({"executable_path": whole} if whole else {})}
        started.append(browser_type.launch_persistent_context(str(place), **given))
        started[-1].set_default_timeout(60_000)
        return started[-1], place

    yield start
    for context in started:
        context.close()


def found_in(place: Path, words: dict[str, str]) -> dict[str, set[str]]:
    """By word, the files that hold it: as octets in UTF-8 and UTF-16, in either case, also where they are deflated."""
    found: dict[str, set[str]] = {}
    for path in (path for path in place.rglob("*") if path.is_file()):
        data = path.read_bytes()
        texts = [data, *_inflated(data)]
        for name, word in words.items():
            signs = [word.lower().encode(), word.lower().encode("utf-16-le")]
            if any(sign in text.lower() for text in texts for sign in signs):
                found.setdefault(name, set()).add(path.relative_to(place).as_posix())
    return found


def _inflated(data: bytes) -> Iterator[bytes]:
    for start in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", data):
        try:
            yield zlib.decompressobj().decompress(data[start.start() :], 1_000_000)
        except zlib.error:
            continue
    for start in re.finditer(rb"\x1f\x8b\x08", data):
        try:
            yield zlib.decompressobj(31).decompress(data[start.start() :], 1_000_000)
        except zlib.error:
            continue


def use(page: Page, live: Live, alice: Person, *, shared: bool) -> None:
    """Everything that leaves traces: read, search, open a file, write, look at the list, and sign out."""
    page.goto(live.url)
    if shared:
        page.get_by_label("This is a public or shared computer").check()
    page.get_by_label("Email address").fill(alice.address)
    page.get_by_label("Password").fill(alice.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/m/INBOX")
    page.get_by_role("link", name=CANARIES["subject"]).first.click()
    expect(page.frame_locator("iframe").get_by_text(CANARIES["body"])).to_be_visible()
    address = page.url
    page.goto(f"{address}/print")
    page.goto(f"{address}/part/2")
    expect(page.get_by_text(CANARIES["file"])).to_be_visible()
    page.goto(f"{live.url}/m/INBOX")
    page.get_by_label("Search mail").fill(CANARIES["search"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/*")
    page.goto(f"{live.url}/write")
    page.get_by_label("To", exact=True).fill(f"{CANARIES['recipient']}@example.net")
    page.get_by_label("Subject").fill(f"{CANARIES['draft']} subject")
    page.locator("textarea[name=body]").fill(f"{CANARIES['draft']} text", force=True)
    expect(page.get_by_text(SAVED)).to_be_visible()
    page.locator("textarea[name=body]").fill(f"{CANARIES['draft']} text, not saved yet", force=True)
    assert not shared or page.evaluate("sessionStorage.length") == 0, "no letter is kept in the tab"
    page.goto(f"{live.url}/m/Drafts")
    page.goto(f"{live.url}/people")
    page.goto(f"{live.url}/m/INBOX")
    page.locator("details.account summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/bye")
    expect(page.get_by_role("heading", name="Signed out")).to_be_visible()
    if shared:
        assert page.evaluate("localStorage.length + sessionStorage.length") == 0
        assert page.evaluate("caches.keys().then((keys) => keys.length)") == 0
        assert page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
        assert page.context.cookies() == [] or {c["name"] for c in page.context.cookies()} <= {"pennypost", "tz"}
        page.go_back()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_r14_after_a_shared_computer_no_file_of_the_browser_holds_a_word_and_after_a_private_one_some_do(
    profile: Callable[[], tuple[BrowserContext, Path]], live: Live, alice: Person
) -> None:
    alice.append(RAW)
    words = {**CANARIES, "password": alice.password, "address": alice.address}
    context, place = profile()
    use(context.pages[0], live, alice, shared=True)
    context.close()
    assert sum(path.stat().st_size for path in place.rglob("*") if path.is_file()) > 100_000, "there is a profile"
    assert "127.0.0.1" in (place / "Default" / "History").read_bytes().decode("latin-1"), "and it has a history"
    # Chromium itself notes for whom nobody wanted a password saved; that is out of a page's reach (decision 35).
    assert found_in(place, words) in ({}, {"address": {"Default/Login Data"}})
    # The same eyes see what a private computer keeps: subjects are titles there.
    context, place = profile()
    use(context.pages[0], live, alice, shared=False)
    context.close()
    found = found_in(place, words)
    assert "Default/History" in found["subject"]
    assert "password" not in found


def test_the_scan_sees_words_however_they_are_written(tmp_path: Path) -> None:
    word = {"it": "qzvword"}
    deflated = (b"head" + zlib.compress(b"the qzvword" * 9), gzip.compress(b"a qzvword"))
    for number, data in enumerate((b"xxQZVword", "a qzvWORD".encode("utf-16-le"), *deflated)):
        place = tmp_path / str(number)
        place.mkdir()
        (place / "f").write_bytes(b"\0" * 7 + data)
        assert found_in(place, word) == {"it": {"f"}}, number
    assert found_in(tmp_path / "0", {"other": "qzvother"}) == {}
