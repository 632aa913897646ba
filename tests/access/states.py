"""Every page, and every state of a page that looks different: how somebody gets there, by name."""

from __future__ import annotations

import re

from playwright.sync_api import Route, expect

from tests.access.walk import State, Walk, Way
from tests.flows.hands import SAVED
from tests.servers.people import letter

# --- nobody is signed in ----------------------------------------------------------------------------------------------


def _refused(walk: Walk) -> None:
    walk.go("/login")
    walk.sign_in("wrong")
    expect(walk.page.locator("#error")).to_be_visible()


def _shared(walk: Walk) -> None:
    walk.go("/login")
    walk.page.get_by_label("This is a public or shared computer").check()


OUTSIDE = (
    State("sign in", lambda walk: walk.go("/login")),
    State("sign in, shared computer", _shared),
    State("sign in, refused", _refused),
    State("signed out", lambda walk: walk.go("/bye")),
    State("signed out, was quiet", lambda walk: walk.go("/bye?why=quiet")),
    State("no such page", lambda walk: walk.go("/nothing-here")),
)


# --- the list ---------------------------------------------------------------------------------------------------------


def _enter(walk: Walk) -> None:
    walk.go("/login")
    walk.sign_in()
    walk.page.wait_for_url("**/m/INBOX")
    expect(walk.page.locator(".row").first).to_be_visible()


def _inbox(walk: Walk) -> None:
    walk.go("/m/INBOX")


def _menu(css: str, *rows: int, path: str = "/m/INBOX") -> Way:
    def way(walk: Walk) -> None:
        walk.go(path)
        walk.choose(*rows)
        walk.open(css)

    return way


def _keyed(key: str, seen: str, path: str = "/m/INBOX", rows: tuple[int, ...] = ()) -> Way:
    def way(walk: Walk) -> None:
        walk.go(path)
        walk.choose(*rows)
        walk.page.keyboard.press(key)
        expect(walk.page.locator(seen)).to_be_visible()

    return way


def _chosen(walk: Walk) -> None:
    _inbox(walk)
    walk.choose(0, 2, 3)


def _starred(walk: Walk) -> None:
    _inbox(walk)
    walk.page.locator("button.star").nth(4).click()
    expect(walk.page.locator("#toast")).to_be_visible()


def _deed_fails(walk: Walk) -> None:
    _inbox(walk)
    walk.page.route("**/do", lambda route: route.abort())
    walk.page.locator("button.star").nth(4).click()
    expect(walk.page.locator(".toast.bad")).to_be_visible()
    walk.page.unroute("**/do")


def _offline(walk: Walk) -> None:
    _inbox(walk)
    walk.page.evaluate("dispatchEvent(new Event('offline'))")
    expect(walk.page.locator("#offline")).to_be_visible()


def _arrived(walk: Walk) -> None:
    _inbox(walk)
    walk.page.locator(".row .open").first.focus()
    walk.person.append(letter("Comes while somebody looks"))
    expect(walk.page.locator(".fresh .btn")).to_be_visible()


def _drawer(walk: Walk) -> None:
    _inbox(walk)
    walk.page.get_by_role("link", name="Folders", exact=True).click()
    expect(walk.page.get_by_role("link", name="Close folders")).to_be_visible()


LIST = (
    State("inbox", _enter),
    State("account menu", _menu("summary.av")),
    State("order of the list", _menu(".sort summary")),
    State("rows selected", _chosen),
    State("rows selected, move", _menu('.bulk summary[data-keys="v"]', 1)),
    State("rows selected, label", _menu('.bulk summary[data-keys="l"]', 1)),
    State("rows selected, snooze", _menu('.bulk summary[data-keys="b"]', 1)),
    State("rows selected, more", _menu(".bulk summary:not([data-keys])", 1)),
    State("done, with undo", _starred),
    State("not done", _deed_fails),
    State("offline", _offline),
    State("new messages wait", _arrived),
    State("folder drawer", _drawer, narrow=True),
    State("filtered, nothing left", lambda walk: walk.go("/m/Trash?only=starred")),
    State("empty folder", lambda walk: walk.go("/m/Elsewhere?only=unread")),
    State("no such folder", lambda walk: walk.go("/m/Nowhere")),
    State("keys", _keyed("?", "dialog")),
    State("command menu", _keyed("Control+k", "dialog")),
    State("delete for ever?", _keyed("#", "dialog", "/m/Trash", (0,))),
)


# --- a message --------------------------------------------------------------------------------------------------------


def _reading(subject: str, more: str = "") -> Way:
    return lambda walk: walk.read(subject, more)


def _within(subject: str, css: str) -> Way:
    def way(walk: Walk) -> None:
        walk.read(subject)
        walk.open(css)

    return way


def _unfolded(walk: Walk) -> None:
    walk.read("Re: Draft budget, second pass")
    walk.page.get_by_role("button", name="Unfold all").click()
    expect(walk.page.locator(".told[open] iframe").first).to_be_visible()


def _bare(subject: str, more: str) -> Way:
    """A page that runs no script, with its policy taken away: else nobody could ask it anything."""

    def answer(route: Route) -> None:
        came = route.fetch()
        free = {name: value for name, value in came.headers.items() if name.lower() != "content-security-policy"}
        route.fulfill(response=came, headers=free)

    def way(walk: Walk) -> None:
        walk.page.route(f"**{more}", answer)
        walk.read(subject, more)
        walk.page.unroute(f"**{more}")

    return way


def _details(walk: Walk) -> None:
    walk.read("Three books for a wet week")
    for summary in walk.page.locator("#message article summary").all():
        summary.click()


PLAIN = "Thank you"
SHOP = "Three books for a wet week"
POSTCARD = "A postcard from the lighthouse"

MESSAGE = (
    State("message", _reading(PLAIN)),
    State("message, move", _within(PLAIN, '.bar summary[data-keys="v"]')),
    State("message, label", _within(PLAIN, '.bar summary[data-keys="l"]')),
    State("message, snooze", _within(PLAIN, '.bar summary[data-keys="b"]')),
    State("message, more", _within(PLAIN, ".bar summary:not([data-keys])")),
    State("message, move by thumb", _within(PLAIN, "form.thumb summary"), narrow=True),
    State("designed letter", _reading(SHOP)),
    State("designed letter, everything unfolded", _details),
    # The same document as in the frame, where a main of its own would stand in the main of the page.
    State("letter on its own page", _bare(SHOP, "/body"), without=("landmark-one-main", "region")),
    State("pictures inside", _reading(POSTCARD)),
    State("hostile letter", _reading("You have won (keep JavaScript on)")),
    State("warned of", _reading("Quick favour, are you at your desk?")),
    State("conversation", _reading("Re: Draft budget, second pass")),
    State("conversation, unfolded", _unfolded),
    State("files", _reading("Sheet music for the second half")),
    State("invitation", _reading("Invitation: garden planning")),
    State("cancelled", _reading("Cancelled: summer school")),
    State("cards of people", _reading("My new number, and the piano tuner's")),
    State("bounce", _reading("Undelivered Mail Returned to Sender")),
    State("message inside", _reading("Fwd: The tap on plot 9")),
    State("winmail.dat", _reading("Die Rechnung")),
    State("right to left", _reading("موعد التدريب يوم الخميس")),
    State("no such message", lambda walk: walk.go(re.sub(r"\d+$", "99999", walk.paths[PLAIN]))),
    State("source", _reading(PLAIN, "/source")),
    State("printout", _bare(PLAIN, "/print")),
    State("redirect", _reading(PLAIN, "/redirect")),
    State("leave a list", _reading("[Choir] Stairs are slippery", "/unsubscribe")),
    State("known sender", _reading("Ladder", "/known")),
    State("all like it", _reading("Ladder", "/all-like-it")),
)


# --- writing ----------------------------------------------------------------------------------------------------------


def _write(walk: Walk) -> None:
    walk.page.on("dialog", lambda dialog: dialog.accept())
    walk.go("/write")


def _addressed(walk: Walk) -> None:
    _write(walk)
    walk.page.locator(".cc summary").click()
    entry = walk.page.get_by_role("combobox", name="To")
    entry.press_sequentially("dora@example.net, nobody at all, ")
    expect(walk.page.locator(".chip")).to_have_count(2)
    entry.press_sequentially("no")
    expect(walk.page.get_by_role("option").first).to_be_visible()


def _nobody(walk: Walk) -> None:
    _write(walk)
    walk.page.get_by_label("Message", exact=True).fill("To nobody.")
    walk.button("Send").click()
    expect(walk.page.locator("#problem")).to_be_visible()


def _doubts(walk: Walk) -> None:
    _write(walk)
    walk.page.get_by_role("combobox", name="To").fill("dora@example.net,")
    walk.page.get_by_label("Message", exact=True).fill("See the attached file.")
    walk.button("Send").click()
    expect(walk.page.get_by_role("button", name="Send anyway")).to_be_visible()


def _rich(walk: Walk) -> None:
    _write(walk)
    walk.page.get_by_role("button", name="Formatting", exact=True).click()
    expect(walk.page.locator(".rich")).to_be_visible()
    walk.page.locator(".rich").press_sequentially("Bold words")
    expect(walk.page.get_by_text(SAVED)).to_be_visible()
    walk.page.get_by_role("button", name="Link", exact=True).click()


def _attached(walk: Walk) -> None:
    _write(walk)
    file = {"name": "Fahrplan.txt", "mimeType": "text/plain", "buffer": b"10:00"}
    walk.page.locator("#files").set_input_files([file])  # type: ignore[list-item]
    expect(walk.page.get_by_role("button", name="Remove Fahrplan.txt")).to_be_visible()


def _sent(walk: Walk) -> None:
    _write(walk)
    walk.page.get_by_role("combobox", name="To").fill("dora@example.net,")
    walk.page.get_by_label("Subject").fill("Waits a moment")
    walk.page.get_by_label("Message", exact=True).fill("Bye.")
    walk.button("Send").click()
    expect(walk.page.locator(".outbox").first).to_be_visible()


def _writing(css: str) -> Way:
    def way(walk: Walk) -> None:
        _write(walk)
        walk.open(css)

    return way


WRITE = (
    State("new letter", _write),
    State("new letter, people suggested", _addressed),
    State("new letter, refused", _nobody),
    State("new letter, a question", _doubts),
    State("new letter, formatted", _rich),
    State("new letter, a file", _attached),
    State("new letter, more", _writing(".sendbar .rare summary")),
    State("new letter, discard", _writing(".sendbar .menu:last-child summary")),
    State("answer", _reading(PLAIN, "/reply")),
    State("answer to a designed letter", _reading(SHOP, "/reply")),
    State("on its way", _sent),
    State("outbox", lambda walk: walk.go("/outbox")),
)


# --- everything else --------------------------------------------------------------------------------------------------


def _found(words: str) -> Way:
    def way(walk: Walk) -> None:
        walk.go("/m/INBOX")
        walk.page.locator("#seek").fill(words)
        walk.page.locator("#seek").press("Enter")
        walk.page.wait_for_url("**/search/*")
        walk.page.wait_for_load_state()

    return way


def _fields(walk: Walk) -> None:
    _found("choir")(walk)
    for summary in walk.page.locator(".extras summary").all():
        summary.click()


def _bad_folder(walk: Walk) -> None:
    walk.go("/folders")
    walk.page.get_by_label("Name", exact=True).fill("Choir")
    walk.button("Make the folder").click()
    expect(walk.page.locator(".note").first).to_be_visible()


def _snoozed(walk: Walk) -> None:
    walk.go("/m/Allotment")
    walk.choose(0)
    walk.page.keyboard.press("b")
    walk.page.locator(".bulk .snoozebox button").first.click()
    expect(walk.page.locator("#toast")).to_be_visible()
    walk.go("/snoozed")


def _pile(walk: Walk) -> None:
    walk.go("/m/INBOX/clean-up")
    walk.page.locator(".piles button").first.click()
    walk.page.wait_for_load_state()


def _second_factor(walk: Walk) -> None:
    walk.go("/second-factor")
    walk.button("Set it up").click()
    expect(walk.page.get_by_role("button", name="Turn on")).to_be_visible()


REST = (
    State("search", _found("choir")),
    State("search, nothing found", _found("zzzqqq")),
    State("search, date not understood", _found("after:someday")),
    State("search by fields", _fields),
    State("folders", lambda walk: walk.go("/folders")),
    State("folders, refused", _bad_folder),
    State("folder", lambda walk: walk.go("/folders/Choir")),
    State("snoozed", _snoozed),
    State("clean up", lambda walk: walk.go("/m/INBOX/clean-up")),
    State("clean up, a pile", _pile),
    State("people", lambda walk: walk.go("/people")),
    State("settings", lambda walk: walk.go("/settings")),
    State("sessions", lambda walk: walk.go("/settings/sessions")),
    State("passkeys", lambda walk: walk.go("/passkeys")),
    State("second factor", lambda walk: walk.go("/second-factor")),
    State("second factor, set up", _second_factor),
    State("about the server", lambda walk: walk.go("/server")),
)

EVERY = (*OUTSIDE, *LIST, *MESSAGE, *WRITE, *REST)
