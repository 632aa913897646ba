"""Every page, and every state of a page that looks different: how somebody gets there, by name."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.access.letters import LAST, MESSAGE, WRITE
from tests.access.walk import State, Walk, Way
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


def _quiet(walk: Walk) -> None:
    """Fifty seconds before the sign-in ends, and the clock stands."""
    _inbox(walk)
    walk.page.evaluate(
        "() => { const now = Date.now() + Number(document.body.dataset.idle) * 1000 - 50_000; Date.now = () => now; }"
    )
    expect(walk.page.get_by_role("alertdialog", name="Are you still there?")).to_be_visible()


def _everything(walk: Walk) -> None:
    _chosen(walk)
    walk.page.locator("[name=whole]").check(force=True)
    walk.open(".bulk summary:not([data-keys])")


def _under_way(walk: Walk) -> None:
    """The mail server falls silent in the middle of it."""
    _everything(walk)
    walk.line.stall(after=400)
    walk.button("Mute conversation").click()
    expect(walk.page.locator("#toast").get_by_role("button", name="Stop")).to_be_visible(timeout=20_000)


def _unfinished(walk: Walk) -> None:
    """The mail server goes away in the middle of it."""
    _everything(walk)
    walk.line.cut(after=400)
    walk.button("Mute conversation").click()
    expect(walk.page.locator("#toast").get_by_role("button", name="Go on")).to_be_visible(timeout=40_000)


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
    State("under way", _under_way),
    State("not finished", _unfinished),
    State("offline", _offline),
    State("about to be signed out", _quiet),
    State("new messages wait", _arrived),
    State("folder drawer", _drawer, narrow=True),
    State("filtered, nothing left", lambda walk: walk.go("/m/Trash?only=starred")),
    State("empty folder", lambda walk: walk.go("/m/Elsewhere?only=unread")),
    State("no such folder", lambda walk: walk.go("/m/Nowhere")),
    State("keys", _keyed("?", "dialog")),
    State("command menu", _keyed("Control+k", "dialog")),
    State("delete for ever?", _keyed("#", "dialog", "/m/Trash", (0,))),
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


def _all_found(walk: Walk) -> None:
    _found("the")(walk)
    walk.choose(0)
    walk.page.locator("#offer input").check(force=True)
    walk.page.locator('.bulk [name=do][value="read"]').click()
    expect(walk.page.get_by_role("button", name="No", exact=True)).to_be_visible()


REST = (
    State("search", _found("choir")),
    State("search, nothing found", _found("zzzqqq")),
    State("search, date not understood", _found("after:someday")),
    State("search by fields", _fields),
    State("search, everything found", _all_found),
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

EVERY = (*OUTSIDE, *LIST, *MESSAGE, *WRITE, *REST, *LAST)
