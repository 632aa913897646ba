"""Address fields in a real browser: suggestions, chips, pasting, by keyboard; and the script reads as the server."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.flows.hands import sign_in
from tests.servers.application import Live
from tests.servers.people import Person, letter
from tests.servers.submission import Submission
from webmail.errors import BadAddress
from webmail.mail.address import parse_typed, valid

LISTS = [
    "bob@x.test", "Bob <bob@x.test>, c@y.test", "a@x.test; b@x.test\nc@x.test\r\n", "a@x.test b@x.test",
    '"Sharer, Bob" <bob@x.test>, c@y.test', 'Bob "The \\"B\\"" S <bob@x.test>', "Friends: a@b, C <c@d>;, e@f",
    "bob@x.test (Bob)", "Müller <m@müller.example>", ",,; \n", "", "root@localhost", "undisclosed-recipients:;",
    "<a@b.test>", "a@b.test,", '"john doe"@x.test', "例 <u@例え.テスト>", "Re: beans <a@b.test>",
]  # fmt: skip
SPECS = [
    "a@b", "a.b@c.test", "a..b@c", ".a@b", "a@-b.test", "a@b-.test", "a@b..c", "a b@c", '"a b"@c', "a@[192.0.2.1]",
    "ä@ö.test", "a@b_c.test", "a@उदाहरण.परीक्षा", "a@", "@b", "", "a,b@c", "a@b.test.", "x" * 65 + "@y.test", "a\0@b",
]  # fmt: skip


def paste(page: Page, text: str) -> None:
    page.evaluate(
        """text => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", text);
          const event = new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true});
          document.activeElement.dispatchEvent(event);
        }""",
        text,
    )


def value(page: Page, name: str = "to") -> str:
    return str(page.evaluate("name => document.querySelector(`[name=${name}]`).value", name))


def test_people_are_chosen_and_taken_away_by_keyboard_alone(
    page: Page, live: Live, alice: Person, submission: Submission
) -> None:
    alice.create("Sent")
    for to in ('"Sharer, Bob" <bob@example.org>', "Bodil Öst <bodil@example.net>", "Dan <dan@example.net>"):
        alice.append(letter(to=to, sender=alice.address), "Sent")
    alice.append(letter(to="bob@example.org", sender=alice.address), "Sent")
    sign_in(page, live, alice)
    page.goto(f"{live.url}/write")
    entry = page.get_by_role("combobox", name="To")
    expect(entry).to_be_focused()
    keys, said = page.keyboard, page.locator("#status")
    expect(entry).to_have_attribute("aria-expanded", "false")

    # The likeliest first; letters without their dots find those with them.
    keys.type("bo")
    options = page.get_by_role("option")
    expect(options).to_have_count(2)
    expect(entry).to_have_attribute("aria-expanded", "true")
    chosen = page.get_by_role("option", selected=True)
    expect(chosen).to_contain_text("Sharer, Bob")
    assert entry.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    keys.press("ArrowDown")
    expect(chosen).to_contain_text("bodil@example.net")
    keys.press("ArrowDown")
    expect(chosen).to_have_count(0)
    keys.press("ArrowDown")
    keys.press("Enter")
    assert value(page) == '"Sharer, Bob" <bob@example.org>'
    expect(said).to_contain_text("Sharer, Bob added.")
    keys.type("ost")
    expect(chosen).to_contain_text("bodil@example.net")
    keys.press("Tab")
    expect(entry).to_be_focused()
    assert value(page) == '"Sharer, Bob" <bob@example.org>, Bodil Öst <bodil@example.net>'
    keys.type("bob")
    expect(options).to_have_count(0)  # who is there already is not suggested
    keys.press("Control+a")
    keys.type("dan")
    expect(chosen).to_contain_text("dan@example.net")
    keys.press("Escape")
    expect(options).to_have_count(0)
    expect(entry).to_have_value("dan")
    assert value(page).endswith(", dan")  # what is typed is in the letter, should it be saved now

    # What is typed itself: ended by a comma; wrong, it says so in words, and can be mended.
    keys.press("Control+a")
    keys.type("x@example.net,nonsense;")
    wrong = page.get_by_role("button", name="nonsense – not an address")
    expect(wrong).to_be_visible()
    expect(said).to_contain_text("not an address")
    keys.press("ArrowLeft")
    expect(wrong).to_be_focused()
    keys.press("Enter")
    expect(entry).to_have_value("nonsense")
    keys.type("y@example.net")
    keys.press("Enter")
    assert value(page).endswith("x@example.net, y@example.net")
    keys.press("Backspace")
    expect(said).to_contain_text("y@example.net removed.")
    keys.press("ArrowLeft")
    keys.press("ArrowLeft")
    keys.press("Delete")
    expect(said).to_contain_text("Bodil Öst removed.")
    assert value(page) == '"Sharer, Bob" <bob@example.org>, x@example.net'

    # A list of fifty with all that lists have in them.
    entry.focus()
    crowd = [f'"P, {n}" <p{n}@example.net>' if n % 2 else f"p{n}@example.net" for n in range(50)]
    paste(page, ", ".join(crowd[:20]) + ";" + "\r\n".join(crowd[20:40]) + "\nTeam: " + ",".join(crowd[40:]) + ";")
    expect(said).to_contain_text("50 addresses added.")
    assert [person.address for person in parse_typed(value(page))][2:] == [f"p{n}@example.net" for n in range(50)]
    expect(page.locator(".chip")).to_have_count(52)
    posing = "m@p\u0430ypal.example"  # the first "a" is Cyrillic
    paste(page, posing + ",")
    expect(page.locator(".chip").last).to_contain_text("m@xn--pypal-4ve.example – letters of several alphabets")
    keys.press("Backspace")

    keys.press("Tab")
    keys.press("Tab")
    page.get_by_label("Subject").focus()
    keys.type("To many")
    keys.press("Control+Enter")
    expect(page.get_by_text("52 people will see each other's addresses.")).to_be_visible()
    expect(page.get_by_role("link", name="Go on writing")).to_be_focused()
    expect(page.locator(".chip")).to_have_count(52)
    keys.press("Tab")
    keys.press("Enter")
    expect(page.get_by_text("Sent.", exact=True).first).to_be_visible()
    assert len(submission.accepted[0].recipients) == 52


def test_the_script_cuts_lists_as_the_server_does(page: Page, live: Live, alice: Person) -> None:
    sign_in(page, live, alice)
    page.goto(f"{live.url}/write")
    module = page.evaluate(
        "() => { window.a = globalThis[Symbol.for('pennypost')].addresses; return Object.keys(window.a); }"
    )
    assert set(module) == {"open", "read", "shown", "valid", "written"}
    for text in LISTS:
        read = page.evaluate("text => a.read(text).map(one => [one.name, one.address])", text)
        again = page.evaluate(
            "text => a.read(a.read(text).map(a.written).join(', ')).map(o => [o.name, o.address])", text
        )
        try:
            people = [[person.name, person.address] for person in parse_typed(text)]
        except BadAddress as error:
            people = [["", raw] for raw in error.refused]
        assert read == people == again, text
    for spec in SPECS:
        assert page.evaluate("spec => a.valid(spec)", spec) == (valid(spec) or len(spec.split("@")[0]) > 64), spec
