"""Every state of a letter that is read, and of one that is written: how somebody gets there, by name."""

from __future__ import annotations

import re

from playwright.sync_api import Route, expect

from tests.access.walk import State, Walk, Way
from tests.flows.hands import SAVED

# --- read --------------------------------------------------------------------------------------------------------


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
    State("new letter, send later", _writing(".later summary")),
    State("new letter, more", _writing(".sendbar .rare summary")),
    State("new letter, discard", _writing(".sendbar .menu:last-child summary")),
    State("answer", _reading(PLAIN, "/reply")),
    State("answer to a designed letter", _reading(SHOP, "/reply")),
    State("on its way", _sent),
    State("outbox", lambda walk: walk.go("/outbox")),
)


def _ended(walk: Walk) -> None:
    """Signed out elsewhere while a letter was written."""
    _write(walk)
    walk.page.context.clear_cookies()
    walk.page.get_by_label("Message", exact=True).fill("My words")
    walk.page.keyboard.press("Control+s")
    expect(walk.page.get_by_role("dialog", name="You were signed out")).to_be_visible()


LAST = (State("new letter, signed out meanwhile", _ended),)
"""After it nobody is signed in any more."""
