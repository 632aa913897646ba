"""Printing: whole letters on a page of their own, one or several, with and without script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.flows.hands import sign_in
from tests.servers.application import Live, Visitor
from tests.servers.people import Person, letter
from tests.views.test_message import html_mail, open_first
from tests.views.test_part import with_file

# The dialog itself cannot be seen from here, and a window that opens may be there before anything can be put into it:
# what is asked of it, and when, is seen by the page that asks.
ASKED = """
window.asked = [];
const open = window.open;
window.open = (...how) => new Proxy(open.apply(window, how), {
  get(page, name) {
    return name === "print" ? () => asked.push(page.document.readyState) : page[name];
  },
});
"""


def url(person: Person, *uids: int) -> str:
    if len(uids) == 1:
        return f"/m/INBOX/{person.uidvalidity()}.{uids[0]}/print"
    return "/m/INBOX/print?" + "&".join(f"uid={person.uidvalidity()}.{uid}" for uid in uids)


def test_the_menu_leads_to_a_page_with_header_body_and_file_names(visitor: Visitor, alice: Person) -> None:
    alice.append(with_file(b"x" * 3000, "application/pdf", "plan.pdf"))
    page = open_first(visitor, alice)
    found = re.search(r'<a href="([^"]+/print)" target="_blank"', page)
    assert found
    visitor.get(found[1])
    for words in ("File", "a@example.net", "alice@example.org", "See the file.", "plan.pdf", "3 KB"):
        assert words in visitor.text


def test_everything_is_unfolded(visitor: Visitor, alice: Person) -> None:
    uid = alice.append(
        letter("Re: x", text="Yes.\r\n\r\nOn Monday, Ana wrote:\r\n> an old line\r\n>> an older one\r\n")
    )
    visitor.sign_in(alice)
    visitor.get(url(alice, uid))
    assert "an older one" in visitor.text
    assert "<details" not in visitor.html


def test_r1_the_page_has_the_walls_of_a_frame_and_nothing_a_letter_could_want(visitor: Visitor, alice: Person) -> None:
    uid = alice.append(html_mail("<p>Hello <b>there</b></p><script>1</script><img src='https://pics.example/a.png'>"))
    visitor.sign_in(alice)
    answer = visitor.get(url(alice, uid))
    policy = answer.headers["Content-Security-Policy"]
    assert "<b>there</b>" in visitor.html
    for word in ("sandbox ", "default-src 'none'", "script-src 'none'", "form-action 'none'", "img-src 'self' data:;"):
        assert word in policy
    assert "allow-scripts" not in policy
    for nothing in ("<script", "<form", "csrf", "pics.example"):
        assert nothing not in visitor.html


def test_printing_marks_nothing_as_read(visitor: Visitor, alice: Person) -> None:
    uid = alice.append(letter("One"))
    visitor.sign_in(alice)
    visitor.get(url(alice, uid))
    assert "\\Seen" not in alice.flags(uid)


def test_what_is_ticked_in_the_list_prints_in_one_run(visitor: Visitor, alice: Person) -> None:
    uids = [alice.append(letter(f"Letter {n}", text=f"words {n}\r\n")) for n in range(3)]
    visitor.sign_in(alice)
    picks = [f"{alice.uidvalidity()}.{uid}" for uid in (uids[2], uids[0])]
    visitor.send(visitor.form("/m/INBOX/do"), uid=picks, do="print")
    assert visitor.path.startswith("/m/INBOX/print?uid=")
    assert "csrf" not in visitor.path
    assert visitor.html.count("<article>") == 2
    assert visitor.text.index("words 2") < visitor.text.index("words 0")
    assert "words 1" not in visitor.text


def test_what_was_deleted_meanwhile_is_named(visitor: Visitor, alice: Person) -> None:
    here, gone = alice.append(letter("Here")), alice.append(letter("Gone"))
    visitor.sign_in(alice)
    alice.expunge(gone)
    visitor.get(url(alice, here, gone))
    assert visitor.status == 200
    assert "1 message is no longer here" in visitor.text


def test_r15_a_run_has_an_end_and_says_so(visitor: Visitor, alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webmail.views.printout.MOST", 2)
    uids = [alice.append(letter(f"Letter {n}")) for n in range(3)]
    visitor.sign_in(alice)
    visitor.get(url(alice, *uids))
    assert visitor.html.count("<article>") == 2
    assert "1 of the chosen messages is not in this run" in visitor.text


@pytest.mark.parametrize("query", ["", "?uid=", "?uid=x", "?uid=1.1&uid=../2"])
def test_a_request_that_no_page_makes_is_refused(visitor: Visitor, alice: Person, query: str) -> None:
    visitor.sign_in(alice)
    visitor.get("/m/INBOX/print" + query)
    assert visitor.status == 400


@pytest.mark.browser
def test_with_script_the_dialog_opens_once_for_a_link_and_for_ticked_rows(
    browser: Browser, live: Live, alice: Person
) -> None:
    for n in range(3):
        alice.append(letter(f"Letter {n}", text=f"words {n}\r\n"))
    context = browser.new_context(service_workers="block", viewport={"width": 1440, "height": 900})
    context.add_init_script(ASKED)
    page = context.new_page()
    sign_in(page, live, alice)
    page.get_by_role("link", name=re.compile("Letter 1")).click()
    expect(page.get_by_role("heading", name="Letter 1")).to_be_visible()
    page.locator("#message summary", has_text="More actions").click()
    with context.expect_page() as opened:
        page.locator("#message").get_by_role("link", name="Print").click()
    expect(opened.value.get_by_text("words 1")).to_be_visible()
    page.wait_for_function("() => window.asked.length")
    for box in page.locator(".pick input").all()[:2]:
        box.check()
    chosen = page.get_by_role("group", name="Selected messages")
    chosen.locator("summary", has_text="More actions").click()
    with context.expect_page() as opened:
        chosen.get_by_role("button", name="Print").click()
    expect(opened.value.locator("article")).to_have_count(2)
    page.wait_for_function("() => window.asked.length > 1")
    assert page.evaluate("window.asked") == ["complete", "complete"]
    context.close()


@pytest.mark.browser
def test_each_letter_begins_a_sheet_and_a_long_newsletter_is_not_cut(
    browser: Browser, live: Live, alice: Person
) -> None:
    rows = "".join(f"<tr><td height=40>row {n}</td></tr>" for n in range(80))
    first = alice.append(html_mail(f"<table width=600>{rows}</table>"))
    second = alice.append(letter("Second"))
    context = browser.new_context(service_workers="block", java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live, alice)
    page.goto(live.url + url(alice, first))
    long = page.pdf(format="A4").count(b"/Type /Page\n")
    page.goto(live.url + url(alice, second))
    short = page.pdf(format="A4").count(b"/Type /Page\n")
    page.goto(live.url + url(alice, first, second))
    both = page.pdf(format="A4").count(b"/Type /Page\n")
    context.close()
    assert long >= 3
    assert (short, both) == (1, long + 1)
