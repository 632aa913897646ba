"""The whole map of docs/keys.md, key by key: what it says is seen in the page, or by a second IMAP client."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.flows.hands import sign_in, wait_for
from tests.servers.application import Live
from tests.servers.people import Person, letter
from tests.servers.submission import Submission
from tests.views.deeds import state, subjects

pytestmark = pytest.mark.browser

DOCS = Path(__file__).resolve().parents[2] / "docs/keys.md"
LINK = "https://pictures.example.org/a.png"

AT = "[...document.querySelectorAll('#list .row')].indexOf(document.activeElement.closest('.row'))"
ALL = "document.querySelectorAll('#list .row').length"
CHOSEN = "document.querySelectorAll('.pick input:checked').length"
OPEN = "document.querySelector('#message .conv') && document.body.matches('.v-message')"
SHUT = "document.body.matches('.v-list')"
TOLD = "document.querySelectorAll('.told[open]').length"
PANE = "document.activeElement.closest('.pane-nav, .pane-list, .pane-read').className"
DOWN = "document.querySelector('#message').scrollTop"
NOW = "document.activeElement"

Seen = tuple[str, str]
"""A key, and what is true of the page after it."""

PLACES: tuple[Seen, ...] = (
    ("g i", "/m/INBOX"), ("g s", r"/m/Snoozed\?only=starred"), ("g d", "/m/Drafts"), ("g t", "/m/Sent"),
    ("g a", "/m/Archive"), ("g j", "/m/Junk"), ("g r", "/m/Trash"), ("g z", "/snoozed"), (",", "/settings"),
    ("c", "/write"),
)  # fmt: skip
EVERYWHERE: tuple[Seen, ...] = (
    ("/", f"{NOW}.id === 'seek'"),
    ("F6", f"{PANE}.includes('pane-read')"),
    ("Shift+F6", f"{PANE}.includes('pane-list')"),
    ("Ctrl+k", "document.querySelector('dialog[open] [role=combobox]')"),
    ("g f", "document.querySelector('dialog[open] [role=combobox]')?.value === 'go to '"),
    ("?", "document.querySelector('dialog[open] label select')"),
)
LIST: tuple[Seen, ...] = (
    ("g n", "location.search.includes('before=')"), ("g p", "!location.search.includes('before=')"),
    ("j", f"{AT} === 0"), ("j", f"{AT} === 1"), ("k", f"{AT} === 0"),
    ("ArrowDown", f"{AT} === 1"), ("ArrowUp", f"{AT} === 0"),
    ("PageDown", f"{AT} > 3 && {AT} < 30"), ("PageUp", f"{AT} === 0"), ("End", f"{AT} >= 49"), ("Home", f"{AT} === 0"),
    ("x", f"{CHOSEN} === 1"), ("Space", f"{CHOSEN} === 0"),
    ("J", f"{CHOSEN} === 2 && {AT} === 1"), ("Shift+ArrowDown", f"{CHOSEN} === 3 && {AT} === 2"),
    ("Shift+ArrowUp", f"{CHOSEN} === 2 && {AT} === 1"), ("K", f"{CHOSEN} === 1 && {AT} === 0"),
    ("* a", f"{CHOSEN} === {ALL}"), ("* n", f"{CHOSEN} === 0"), ("* u", f"{CHOSEN} === {ALL} - 2"),
    ("* r", f"{CHOSEN} === 2"), ("* s", f"{CHOSEN} === 1"), ("* t", f"{CHOSEN} === {ALL} - 1"),
    ("Ctrl+a", f"{CHOSEN} === {ALL}"), ("* n", f"{CHOSEN} === 0"),
    ("Enter", OPEN), ("u", f"{SHUT} && {AT} === 0"), ("o", OPEN), ("Escape", SHUT),
)  # fmt: skip
DEEDS = {
    "e": "Archive", "#": "Trash", "Delete": "Trash", "Shift+Delete": "Trash", "!": "Junk", "s": "\\Flagged",
    "I": "\\Seen", "m": "$Muted",
}  # fmt: skip
MENUS = {"b": ".snoozebox", "v": "select[name=dest]", "l": "select[name=label]"}
MESSAGE: tuple[Seen, ...] = (
    ("p", f"{NOW}.matches('.told summary')"), ("o", f"{TOLD} === 1"), ("n", f"{NOW}.matches('header.msg')"),
    (";", f"{TOLD} === 2"), (":", f"{TOLD} === 0"),
    ("\\", "document.querySelector('header.msg details').open"),
    ("q", "document.querySelector('.conv > iframe').contentDocument.querySelector('details').open"),
    ("q", "!document.querySelector('.conv > iframe').contentDocument.querySelector('details').open"),
    ("Space", f"{DOWN} > 100"), ("Shift+Space", f"{DOWN} === 0"),
)  # fmt: skip
LEADS: tuple[Seen, ...] = (
    ("r", "/reply$"), ("a", "/reply-all$"), ("f", "/forward$"), ("L", "/reply-list$"), ("V", "/source$"),
    ("h", "/search/"), ("w", "paper="), ("i", "images="),
)  # fmt: skip
TABS: tuple[Seen, ...] = (
    ("R", "/reply$"),
    ("A", "/reply-all$"),
    ("F", "/forward$"),
    ("d", "/write$"),
    ("P", "/print$"),
)
WRITING: tuple[Seen, ...] = (
    ("Ctrl+Shift+c", f"{NOW}.id === 'cc'"), ("Ctrl+Shift+b", f"{NOW}.id === 'bcc'"),
    ("Ctrl+Shift+f", f"{NOW}.id === 'from'"),
)  # fmt: skip
ELSEWHERE = {
    "N",
    "U",
    "z",
    "Ctrl+z",
    "D",
    "[",
    "]",
    "t",
    "Ctrl+Enter",
    "Ctrl+Shift+Enter",
    "Ctrl+s",
    "Ctrl+Shift+a",
    "Ctrl+.",
}
"""Keys that have lines of their own in the tests below."""


def test_every_key_of_the_page_is_walked_and_no_other() -> None:
    walked = {key for table in (PLACES, EVERYWHERE, LIST, MESSAGE, LEADS, TABS, WRITING) for key, _ in table}
    assert set(re.findall(r"^\| `(.+?)` \|", DOCS.read_text("utf-8"), re.MULTILINE)) == (
        walked | set(DEEDS) | set(MENUS) | ELSEWHERE
    )


def press(page: Page, keys: str) -> None:
    """As hands do: a capital letter with Shift."""
    for key in keys.split(" "):
        named = re.sub(r"(^|\+)([A-Z])$", r"\1Shift+\2", key.replace("Ctrl", "Control"))
        page.keyboard.press(named)


def walk(page: Page, table: Iterable[Seen]) -> None:
    """Each key from where the one before has led."""
    for keys, truth in table:
        press(page, keys)
        try:
            # And the keys are heard there: the next comes at once.
            page.wait_for_function(f"() => document.documentElement.dataset.keyed && {truth}", timeout=15_000)
        except Exception as error:
            raise AssertionError(f"{keys}: not {truth}") from error


def lead(page: Page, table: Iterable[Seen], start: Callable[[], object]) -> None:
    """Each key from the same page to another one."""
    for keys, url in table:
        start()
        assert not re.search(url, page.url), "nobody could tell when it is there"
        press(page, keys)
        page.wait_for_url(re.compile(url), timeout=15_000)


def numbered(person: Person, count: int) -> None:
    person.append_all([letter(f"Number {n}", message_id=f"<{n}@x>") for n in range(count)])


def test_keys_that_work_everywhere(page: Page, live: Live, alice: Person) -> None:
    for folder in ("Drafts", "Sent", "Archive", "Junk", "Trash", "Snoozed", "Snoozed.2090-01-01 07.00 +0100"):
        if folder not in alice.mailboxes():
            alice.create(folder)
    numbered(alice, 3)
    sign_in(page, live, alice)
    for keys, truth in EVERYWHERE:
        walk(page, [(keys, truth)])
        if keys not in ("F6", "Shift+F6"):
            press(page, "Escape")
    expect(page.locator("dialog")).to_have_count(0)
    walk(page, [("/", f"{NOW}.id === 'seek'")])
    press(page, "Escape")
    expect(page.locator(".row .open").first).to_be_focused()
    lead(page, PLACES, lambda: page.goto(f"{live.url}/m/Snoozed"))


def test_keys_of_the_list(page: Page, live: Live, alice: Person) -> None:
    numbered(alice, 60)
    newest, next_one = alice.messages()[-1].uid, alice.messages()[-2].uid
    alice.mark(newest, "\\Seen", "\\Flagged")
    alice.mark(next_one, "\\Seen")
    sign_in(page, live, alice)
    walk(page, LIST)
    page.goto(f"{live.url}/m/INBOX")
    page.evaluate("window.here = 1")
    walk(page, [("N", "window.here === undefined")])


def test_keys_of_deeds_and_their_undo(page: Page, live: Live, alice: Person) -> None:
    alice.create("Work")
    numbered(alice, 4)
    sign_in(page, live, alice)
    before = state(alice)
    walk(page, [("j", f"{AT} === 0")])

    def undone(keys: str) -> None:
        expect(page.locator("#toast").get_by_role("button", name="Undo")).to_be_visible()
        press(page, keys)
        wait_for(lambda: state(alice) == before)
        expect(page.locator("#list .row")).to_have_count(4)
        page.get_by_role("link", name=re.compile("Number 3$")).focus()

    for keys, sign in DEEDS.items():
        press(page, keys)
        if sign.isalpha():
            wait_for(lambda folder=sign: subjects(alice, folder) == ["Number 3"])  # type: ignore[misc]
        else:
            wait_for(lambda flag=sign: flag in alice.messages()[3].flags)  # type: ignore[misc]
        expect(page.locator("#toast").get_by_role("button", name="Undo")).to_be_visible()
        undone("Ctrl+z" if keys == "#" else "z")
    press(page, "I")
    wait_for(lambda: "\\Seen" in alice.messages()[3].flags)
    press(page, "U")
    wait_for(lambda: state(alice) == before)

    for keys, field in MENUS.items():
        press(page, keys)
        expect(page.locator(f".bulk details[open] {field}")).to_be_visible()
        press(page, "Escape")
        page.get_by_role("link", name=re.compile("Number 3$")).focus()
    press(page, "v")
    expect(page.locator(".bulk details[open] select")).to_be_focused()
    page.keyboard.type("wor")
    press(page, "Enter")
    wait_for(lambda: subjects(alice, "Work") == ["Number 3"])
    undone("z")

    # In Trash both ask, with the focus on the safe answer; what is gone then is gone.
    alice.append(letter("Old"), "Trash")
    page.goto(f"{live.url}/m/Trash")
    walk(page, [("j", f"{AT} === 0")])
    press(page, "Shift+Delete")
    expect(page.get_by_role("button", name="Keep")).to_be_focused()
    press(page, "Enter")
    assert subjects(alice, "Trash") == ["Old"]


def full(number: int, **more: str) -> bytes:
    """A letter with all that a key could be for: HTML with a quote and a picture from elsewhere, a list, two files."""
    made = EmailMessage()
    made["From"], made["To"] = "Bob Brown <bob@example.org>", "alice@example.org, choir@example.org"
    made["Subject"], made["Date"] = "All of it", f"Tue, 03 Mar 2026 10:0{number}:00 +0100"
    made["Message-ID"], made["List-Post"] = f"<all{number}@x>", "<mailto:choir@example.org>"
    for name, value in more.items():
        made[name.replace("_", "-")] = value
    made.set_content("text")
    long = "<p>" + "many words " * 3000 + "</p>"
    quote = '<blockquote type="cite"><p>Earlier words</p></blockquote>'
    made.add_alternative(f'<p>Yes</p><img src="{LINK}" alt="p" width="50" height="50">{long}{quote}', subtype="html")
    for name in ("one.txt", "two.txt"):
        made.add_attachment(b"x", maintype="text", subtype="plain", filename=name)
    return made.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def test_keys_of_a_message(context: BrowserContext, live: Live, alice: Person) -> None:
    page = context.new_page()
    page.emulate_media(color_scheme="dark")
    numbered(alice, 2)
    first = alice.append(full(1), flags=("\\Seen",))
    alice.append(full(2, In_Reply_To="<all1@x>", References="<all1@x>"), flags=("\\Seen",))
    middle = alice.append(full(3, In_Reply_To="<all2@x>", References="<all1@x> <all2@x>"), flags=("\\Seen",))
    alice.append(letter("Newest"), flags=("\\Seen",))
    assert first < middle
    sign_in(page, live, alice)
    url = f"{live.url}/m/INBOX/{alice.uidvalidity()}.{middle}"

    def start() -> None:
        page.goto(url)
        frame = page.frame_locator(".conv > iframe.body-frame")
        frame.locator("#mail").wait_for()
        page.wait_for_function("() => document.querySelector('.conv > iframe').style.height")

    start()
    walk(page, MESSAGE)
    page.evaluate("document.querySelector('#message').scrollTop = 1e6")
    press(page, "Space")
    expect(page.locator("#subject")).to_have_text("Number 1")

    lead(page, LEADS, start)
    for keys, there in TABS:
        start()
        with context.expect_page() as opened:
            press(page, keys)
        opened.value.wait_for_url(re.compile(there))
        opened.value.close()
        assert page.url == url
    with page.expect_download() as file:
        press(page, "D")
    assert file.value.suggested_filename.endswith(".zip")
    press(page, "t")
    expect(page.locator(".talk")).to_have_count(0)
    page.wait_for_load_state()  # a key pressed before the scripts of the new page is nobody's
    press(page, "t")
    expect(page.locator(".talk")).not_to_have_count(0)


@pytest.mark.parametrize(("key", "opens"), [("[", "Number 3"), ("]", "Number 1")])
def test_archiving_goes_on_to_the_neighbour(page: Page, live: Live, alice: Person, key: str, opens: str) -> None:
    numbered(alice, 5)
    sign_in(page, live, alice)
    before = state(alice)
    page.get_by_role("link", name=re.compile("Number 2$")).click()
    expect(page.locator("#subject")).to_have_text("Number 2")
    press(page, key)
    expect(page.locator("#subject")).to_have_text(opens)
    wait_for(lambda: subjects(alice, "Archive") == ["Number 2"])
    press(page, "z")
    wait_for(lambda: subjects(alice) == [f"Number {n}" for n in range(5)])
    assert len(before) == len(state(alice))


def test_keys_while_writing(page: Page, live: Live, alice: Person, submission: Submission) -> None:
    alice.append(letter("Question", sender="Bob <bob@example.org>", message_id="<q@x>"))
    [asked] = alice.messages()
    sign_in(page, live, alice)
    page.goto(f"{live.url}/settings")
    page.get_by_label("Further addresses to write as").fill("Choir <choir@example.org>")
    page.get_by_label("Further addresses to write as").blur()
    page.wait_for_timeout(500)
    page.goto(f"{live.url}/m/INBOX/{alice.uidvalidity()}.{asked.uid}/reply")
    walk(page, WRITING)
    with page.expect_file_chooser():
        press(page, "Ctrl+Shift+a")
    page.locator("#body").fill("first")
    press(page, "Ctrl+s")
    wait_for(lambda: len(alice.messages("Drafts")) == 1)
    expect(page.locator("[data-saved]")).to_contain_text("Saved")
    press(page, "Escape")
    page.wait_for_url("**/m/INBOX")
    assert len(alice.messages("Drafts")) == 1

    def opened(words: str) -> None:
        expect(page.locator("#body")).to_have_value(re.compile(words))
        expect(page.get_by_role("button", name="Formatting")).to_be_visible()  # its scripts have run

    page.goto(f"{live.url}/write")
    page.locator("#body").fill("second")
    press(page, "Ctrl+.")
    opened("first")
    wait_for(lambda: len(alice.messages("Drafts")) == 2)
    uids = [one.uid for one in alice.messages("Drafts")]
    press(page, "Ctrl+.")
    opened("second")
    assert [one.uid for one in alice.messages("Drafts")] == uids, "what is as it was is not saved again"
    press(page, "Ctrl+.")
    opened("first")

    press(page, "Ctrl+Shift+Enter")
    page.wait_for_url("**/m/INBOX")
    expect(page.locator("#toast")).to_contain_text("answered and moved to Archive.")
    assert subjects(alice, "Archive") == ["Question"]
    wait_for(lambda: len(submission.accepted) == 1)
    wait_for(lambda: "\\Answered" in alice.messages("Archive")[0].flags)
    press(page, "z")
    wait_for(lambda: subjects(alice) == ["Question"])

    page.goto(f"{live.url}/write")
    page.get_by_label("To", exact=True).fill("bob@example.org")
    page.get_by_label("Subject").fill("Third")
    page.locator("#body").fill("third")
    press(page, "Ctrl+Enter")
    wait_for(lambda: len(submission.accepted) == 2)


def test_the_switch_is_the_first_line_and_with_alt_single_signs_need_it(page: Page, live: Live, alice: Person) -> None:
    numbered(alice, 3)
    sign_in(page, live, alice)
    write = page.get_by_role("link", name="Write").first
    expect(write).to_have_attribute("aria-keyshortcuts", "c d")
    walk(page, [("?", "document.querySelector('dialog[open]')")])
    assert page.evaluate("document.querySelector('dialog dl').previousElementSibling.matches('label.switch')")
    switch = page.get_by_label("Use these keys")
    expect(switch.locator("option")).to_have_text(["On", "Off", "With Alt"])
    switch.select_option(label="With Alt")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(write).to_have_attribute("aria-keyshortcuts", "Alt+c Alt+d")
    press(page, "c")
    press(page, "j")
    assert page.evaluate(f"{AT}") == -1
    walk(page, [("Alt+j", f"{AT} === 0"), ("ArrowDown", f"{AT} === 1"), ("Space", f"{CHOSEN} === 1")])
    walk(page, [("Alt+x", f"{CHOSEN} === 0"), ("Alt+J", f"{CHOSEN} === 2")])
    page.reload()
    page.evaluate("window.here = 1")
    page.keyboard.down("Alt")
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.keyboard.up("Alt")
    page.wait_for_function("() => window.here === undefined && document.documentElement.dataset.keyed")
    walk(page, [("Alt+?", "document.querySelector('dialog[open]')")])
    switch.select_option(label="Off")
    page.get_by_role("button", name="Close", exact=True).click()
    assert write.get_attribute("aria-keyshortcuts") is None
    for keys in ("j", "Alt+j", "?", "c", "Alt+c"):
        press(page, keys)
    assert page.evaluate(f"{AT}") == -1
    assert page.url.endswith("/m/INBOX")
