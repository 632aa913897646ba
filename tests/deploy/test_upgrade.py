"""Another version on the same socket and the same state, under a tab that stays open: forward, and back."""

from __future__ import annotations

import http.client
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.deploy.outside import ROOT
from tests.deploy.test_restart import Reader, Unit
from tests.flows.hands import SAVED, sign_in, wait_for
from tests.flows.test_live import rows
from tests.servers.people import Person, letter
from tests.servers.submission import Submission
from webmail.config import Settings

_UNKNOWN = b"retry: 3000\n\nevent: newer\ndata: 1\n\nevent: counts\ndata: {}\n\nevent: mail\ndata: {}\n\n"

CHANGES = {
    "pyproject.toml": [(r'(?m)^version = ".*"', 'version = "99.0"')],
    "static/js/dom.js": [(r"\Z", '\nexport const newer = "newer";\n')],
    "static/js/shortcuts.js": [(r"\./commands\.js", "./menu.js")],
    "static/css/base.css": [(r"\Z", "\n.newer { color: red; }\n")],
    "templates/compose/show.html": [
        (r"page\.hidden\.items\(\)", "page.hidden.items()|reverse"),
        (r"<div data-hidden hidden>", '<div data-hidden hidden><input type="hidden" name="newer" value="1">'),
    ],
    "webmail/web/live.py": [
        # A kind of event that nobody knows, a known one that lacks all its fields, and fields beside the known ones.
        (r"(?m)^START = .*", f"START = {_UNKNOWN!r}".replace("\\", r"\\")),
        (r"text = json\.dumps\(data,", 'text = json.dumps({**data, "newer": [1]},'),
    ],
}  # fmt: skip
"""What differs in the newer version: places in files, and what stands there instead."""


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this tree in which a file of each kind is another one, and a script has another name."""
    tree = tmp_path_factory.mktemp("newer")
    for name in ("webmail", "templates", "static", "translations"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("app.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tree / name)
    for name, changes in CHANGES.items():
        text = (tree / name).read_text("utf-8")
        for old, new in changes:
            text, count = re.subn(old, new, text)
            assert count, f"{old} is not in {name}"
        (tree / name).write_text(text, "utf-8")
    (tree / "static/js/commands.js").rename(tree / "static/js/menu.js")
    return tree


@pytest.fixture
def unit(settings: Settings, tmp_path: Path) -> Iterator[Unit]:
    made = Unit(settings, tmp_path / "served.log")
    yield made
    if made.process is not None and made.process.poll() is None:
        made.stop()
    made.socket.close()


def deploy(unit: Unit, tree: Path) -> None:
    unit.stop()
    unit.tree = tree
    unit.start()


def assets(unit: Unit) -> str:
    """The hash in the addresses of its files."""
    line = http.client.HTTPConnection("localhost", unit.port, timeout=60)
    line.request("GET", "/login")
    found = re.search(rb"/static/(\w{16})/", line.getresponse().read())
    line.close()
    assert found
    return found[1].decode()


@pytest.fixture
def tolerated() -> tuple[str, ...]:
    # The menu of commands is no longer under the name that an old tab asks for.
    return ("Failed to load resource", "Failed to fetch dynamically imported module")


@pytest.mark.slow
@pytest.mark.parametrize("back", [False, True], ids=["forward", "back"])
def test_an_open_tab_goes_on_under_another_version(
    unit: Unit, newer: Path, context: BrowserContext, alice: Person, submission: Submission, back: bool
) -> None:
    first, second = (newer, ROOT) if back else (ROOT, newer)
    alice.append_all([letter(subject) for subject in ("Water", "Coffee", "Tea")])
    unit.tree = first
    unit.start()
    page = context.new_page()
    with page.expect_response("**/events?*"):
        sign_in(page, unit, alice)  # type: ignore[arg-type]
    before = assets(unit)
    writing = context.new_page()
    writing.goto(f"{unit.url}/write")
    writing.get_by_role("combobox", name="To", exact=True).fill("charlie@example.org, ")
    writing.get_by_label("Subject").fill("Across")
    expect(writing.get_by_text(SAVED)).to_be_visible()
    held = Reader(unit.port, alice)
    assert held.send("charlie@example.org", "Held") == 303
    page.bring_to_front()
    page.evaluate("window.same = true")

    unit.stop()
    assert [b"Held" in one.raw for one in submission.accepted] == [True]
    alice.append(letter("During"))
    unit.tree = second
    unit.start()
    assert assets(unit) != before
    expect(rows(page)).to_have_text(["During", "Tea", "Coffee", "Water"])
    alice.append(letter("After"))
    expect(rows(page)).to_have_text(["After", "During", "Tea", "Coffee", "Water"])

    # The script of an open letter is fetched now, under the old address.
    rows(page).filter(has_text="During").click()
    expect(page.get_by_role("heading", name="During")).to_be_visible()
    star = page.locator("#list .row").filter(has_text="Tea").locator(".star")
    star.click()
    wait_for(lambda: [one for one in alice.messages() if "\\Flagged" in one.flags])
    page.keyboard.press("e")
    expect(page.locator("#toast")).to_contain_text("moved to Archive")
    page.locator("#toast").get_by_role("button", name="Undo").click()
    expect(page.locator("#toast")).to_contain_text("Undone.")
    # One that is there no more changes nothing else.
    page.keyboard.press("Control+k")
    page.wait_for_timeout(300)
    assert page.evaluate("window.same"), "the page was never loaded anew"

    writing.bring_to_front()
    writing.locator("textarea[name=body]").fill("Written under the other version")
    writing.get_by_role("button", name="Send", exact=True).click()
    writing.wait_for_url("**/m/**")
    deploy(unit, first)
    sent = [one.raw for one in submission.accepted]
    assert [b"Across" in raw for raw in sent] == [False, True]
    assert b"Written under the other version" in sent[1]
    page.goto(unit.url)
    expect(rows(page).first).to_have_text("After")


@pytest.mark.slow
def test_a_file_of_before_is_todays_and_not_kept_and_one_that_is_gone_is_no_script(unit: Unit, newer: Path) -> None:
    unit.start()
    before = assets(unit)
    deploy(unit, newer)
    for name, status in (("main", 200), ("commands", 404)):
        line = http.client.HTTPConnection("localhost", unit.port, timeout=60)
        line.request("GET", f"/static/{before}/js/{name}.js")
        answer = line.getresponse()
        assert answer.status == status
        answer.read()
        line.close()
        assert "max-age" not in answer.headers["Cache-Control"], "it is another file than its address says"


@pytest.mark.slow
def test_a_form_without_script_posts_to_another_version(
    unit: Unit, newer: Path, alice: Person, submission: Submission
) -> None:
    unit.start()
    reader = Reader(unit.port, alice)
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', reader.ask("/write")[1]))
    deploy(unit, newer)
    typed = {"do": "send", "to": "charlie@example.org", "subject": "Plain", "body": "Words"}
    assert reader.ask("/write", **(form | typed))[0] == 303
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', reader.ask("/write")[1]))
    assert form["newer"] == "1"
    deploy(unit, ROOT)
    assert reader.ask("/write", **(form | typed | {"subject": "Back"}))[0] == 303
    unit.stop()
    assert [b"Back" in one.raw for one in submission.accepted] == [False, True]
