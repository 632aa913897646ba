"""Every deed by mouse, by key, by finger and without script: seen by a second IMAP client, and undone to exactly what
was: folder, flags, date of arrival and octets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from imapclient import IMAPClient
from playwright.sync_api import Browser, Locator, Page, expect

from tests.flows.hands import sign_in, wait_for
from tests.flows.test_acting import finger
from tests.servers.application import Live
from tests.servers.people import Person, letter

pytestmark = pytest.mark.browser

MORE = "More actions for these messages"
BARS: dict[str, tuple[str, str]] = {
    "read": ("", "Mark read"), "unread": ("", "Mark unread"), "archive": ("", "Archive"), "delete": ("", "Delete"),
    "junk": ("", "Report junk"), "notjunk": ("", "Not junk"), "star": (MORE, "Star"), "unstar": (MORE, "Remove star"),
    "pin": (MORE, "Pin"), "unpin": (MORE, "Unpin"), "mute": (MORE, "Mute conversation"),
    "unmute": (MORE, "Unmute conversation"), "label": ("Label", "Add"), "unlabel": ("Label", "Remove"),
    "move": ("Move or copy to folder", "Move"), "copy": ("Move or copy to folder", "Copy"),
    "snooze": ("Snooze", "Tomorrow"),
}  # fmt: skip
"""Where its button is: in which menu of the bar, and what it says."""

KEYS = {
    "read": "I", "unread": "U", "archive": "e", "delete": "#", "junk": "!", "notjunk": "!", "star": "s", "unstar": "s",
    "mute": "m", "label": "l", "unlabel": "l", "move": "v", "copy": "v", "snooze": "b",
}  # fmt: skip
FLAGS = {
    "read": "\\Seen", "star": "\\Flagged", "pin": "$Pinned", "mute": "$Muted", "label": "$label5",
}  # fmt: skip
LEADS = {"archive": "Archive", "delete": "Trash", "junk": "Junk", "notjunk": "INBOX", "move": "Work", "copy": "Work"}
CHOICES = {"move": "Work", "copy": "Work", "label": "Later", "unlabel": "Later"}

State = Counter[tuple[str, str, frozenset[str], datetime, bytes]]


def exact(client: IMAPClient) -> State:
    """All that a second device sees; UIDs differ after a way back."""
    found: State = Counter()
    for marks, _, folder in client.list_folders():
        if b"\\Noselect" in marks:
            continue
        client.select_folder(folder, readonly=True)
        answer = client.fetch(client.search("ALL"), ["FLAGS", "INTERNALDATE", "BODY.PEEK[]"])
        for data in answer.values():
            octets = data[b"BODY[]"] or b""  # NIL of one that was moved away meanwhile
            subject = re.search(rb"^Subject: (.*)\r\n", octets, re.MULTILINE)
            flags = frozenset(flag.decode() for flag in data[b"FLAGS"]) - {"\\Recent"}
            found[folder, subject[1].decode() if subject else "", flags, data[b"INTERNALDATE"], octets] += 1
    return found


def fill(person: Person) -> None:
    for folder in ("Work", "Junk"):
        if folder not in person.mailboxes():
            person.create(folder)
    now = datetime.now(UTC).replace(microsecond=0)
    for number, (subject, folder, flags) in enumerate((
        ("Bare", "INBOX", ()), ("Marked", "INBOX", ("\\Seen", "\\Flagged", "$Pinned", "$Muted", "$label5")),
        ("Other", "INBOX", ()), ("Spam", "Junk", ("$Junk",)),
    )):  # fmt: skip
        when = now - timedelta(minutes=number + 1)
        person.append(letter(subject, message_id=f"<{subject}@x>"), folder, flags, when)


def subject_of(deed: str) -> str:
    return "Spam" if deed == "notjunk" else "Marked" if deed.startswith("un") else "Bare"


def done(client: IMAPClient, deed: str) -> bool:
    """Whether a second device sees it."""
    there = {(folder, flags) for folder, subject, flags, *_ in exact(client) if subject == subject_of(deed)}
    folders = {folder for folder, _ in there}
    if deed == "copy":
        return folders == {"INBOX", "Work"}
    if deed == "snooze":
        return [folder.startswith("Snoozed.") for folder in folders] == [True]
    if deed in LEADS:
        return folders == {LEADS[deed]}
    flag = FLAGS[deed.removeprefix("un") if deed.startswith("un") else deed]
    return folders == {"INBOX"} and all((flag in flags) is (not deed.startswith("un")) for _, flags in there)


def row(page: Page, deed: str) -> Locator:
    return page.locator("#list .row", has=page.get_by_text(subject_of(deed), exact=True))


def by_bar(page: Page, deed: str, press: Callable[[Locator], None]) -> None:
    """Its row is chosen, then the bar does it."""
    row(page, deed).locator(".pick input").check(force=True)
    menu, button = BARS[deed]
    bar = page.locator(".bulk")
    if menu:
        press(bar.locator("summary", has_text=menu).first if menu != MORE else bar.locator("summary", has_text=MORE))
    if deed in CHOICES:
        bar.locator("details[open] select").select_option(label=CHOICES[deed])
    name: Any = re.compile("^Tomorrow") if deed == "snooze" else button
    press(bar.get_by_role("button", name=name, exact=deed != "snooze").first)


def by_mouse(page: Page, deed: str) -> None:
    if deed in ("star", "unstar"):
        row(page, deed).locator(".star").click()
    elif deed in ("move", "copy"):
        keys: list[Any] = ["Control"] if deed == "copy" else []
        for key in keys:
            page.keyboard.down(key)
        row(page, deed).locator(".open").drag_to(page.locator("#folders").get_by_role("link", name="Work"))
        for key in keys:
            page.keyboard.up(key)
    else:
        by_bar(page, deed, lambda it: it.click())


def by_key(page: Page, deed: str) -> None:
    """What has no key of its own is a control all the same: focus, and Enter."""
    row(page, deed).locator(".open").focus()

    def enter(it: Locator) -> None:
        it.focus()
        page.keyboard.press("Enter")

    if deed not in KEYS:
        page.keyboard.press("x")
        enter(page.locator(".bulk summary", has_text=MORE))
        enter(page.locator(".bulk").get_by_role("button", name=BARS[deed][1], exact=True))
        return
    page.keyboard.press(f"Shift+{KEYS[deed]}" if KEYS[deed].isupper() else KEYS[deed])
    if deed in CHOICES:
        expect(page.locator(".bulk details[open] select")).to_be_focused()
        page.keyboard.type(CHOICES[deed])
        if deed in ("move", "label"):
            page.keyboard.press("Enter")
        else:
            enter(page.locator(".bulk details[open]").get_by_role("button", name=BARS[deed][1], exact=True))
    if deed == "snooze":
        enter(page.locator(".bulk details[open]").get_by_role("button", name=re.compile("^Tomorrow")).first)


def by_finger(page: Page, deed: str) -> None:
    if deed in ("archive", "delete"):
        page.evaluate("scrollTo(0, 0)")
        finger(page, row(page, deed), 0.46 if deed == "archive" else -0.46)
    else:
        by_bar(page, deed, lambda it: it.tap())


def undo_by(page: Page, way: str) -> None:
    if way == "key":
        page.keyboard.press("z")
        return
    button = page.locator("#toast").get_by_role("button", name="Undo")
    if way == "finger":
        button.tap()
    else:
        button.click()


WAYS: dict[str, Callable[[Page, str], None]] = {
    "mouse": by_mouse, "key": by_key, "finger": by_finger, "form": lambda page, deed: by_bar(page, deed, Locator.click),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_every_deed_is_seen_by_another_client_and_undone_to_what_was(
    browser: Browser, live: Live, alice: Person, way: str
) -> None:
    fill(alice)
    kind: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}, "java_script_enabled": way != "form"}
    if way == "finger":
        kind |= {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    context = browser.new_context(service_workers="block", **kind)
    page = context.new_page()
    sign_in(page, live, alice)
    with alice.imap() as second:
        acted(page, second, live, way)
    context.close()


def acted(page: Page, second: IMAPClient, live: Live, way: str) -> None:
    """All of them, one after the other."""
    before = exact(second)
    for deed in (*(name for name in BARS if name != "notjunk"), "notjunk"):
        if deed == "notjunk":
            page.goto(f"{live.url}/m/Junk")
        WAYS[way](page, deed)
        expect(page.locator("#toast").get_by_role("button", name="Undo")).to_be_visible()
        wait_for(lambda deed=deed: done(second, deed), 20)  # type: ignore[misc]
        undo_by(page, way)
        wait_for(lambda: exact(second) == before, 20)
        expect(page.locator("#toast")).to_contain_text("Undone.")
        expect(row(page, deed)).to_have_count(1)
        for box in page.locator(".pick input:checked").all():
            box.evaluate("box => box.click()")
