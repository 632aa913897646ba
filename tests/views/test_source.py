"""The source page: the header as a table, searched without script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.flows.hands import sign_in
from tests.servers.application import Live, Visitor
from tests.servers.people import Person
from webmail.mail import headers

RAW = (
    b"Received: from a.example by b.example; Mon, 1 Jan 2024 00:00:00 +0000\r\n"
    b"Received: from c.example by a.example; Mon, 1 Jan 2024 00:00:00 +0000\r\n"
    b"From: =?utf-8?q?J=C3=B6rg?= <joerg@example.net>\r\nSubject: Plans\r\n"
    b"X-Odd: <script>alert(1)</script>\r\n\r\nThe words.\r\n"
)


@pytest.fixture
def page_url(alice: Person) -> str:
    return f"/m/INBOX/{alice.uidvalidity()}.{alice.append(RAW)}/source"


def test_every_field_is_there_decoded_and_as_it_came(visitor: Visitor, alice: Person, page_url: str) -> None:
    visitor.sign_in(alice)
    visitor.get(page_url)
    assert visitor.html.count("<dt") == 5
    assert "Jörg <joerg@example.net>" in visitor.text
    assert "=?utf-8?q?J=C3=B6rg?= <joerg@example.net>" in visitor.text
    assert "5 fields" in visitor.text
    assert 'href="' + page_url + '.txt"' in visitor.html
    assert 'href="' + page_url.replace("/source", "/eml") + '"' in visitor.html


def test_r29_a_field_is_text(visitor: Visitor, alice: Person, page_url: str) -> None:
    visitor.sign_in(alice)
    visitor.get(page_url)
    assert "&lt;script&gt;alert(1)" in visitor.html
    assert "<script>alert" not in visitor.html


@pytest.mark.parametrize(("words", "found"), [("RECEIVED", 2), ("c.example", 1), ("jörg", 1), ("=C3=B6", 1), ("no", 0)])
def test_the_form_finds_names_and_values(
    visitor: Visitor, alice: Person, page_url: str, words: str, found: int
) -> None:
    visitor.sign_in(alice)
    visitor.get(page_url)
    assert visitor.form(page_url).method == "get"
    visitor.get(page_url, query_string={"q": words})
    assert visitor.html.count("<dt") == found
    assert f"{found} of 5 fields" in visitor.text


def test_looking_at_the_source_marks_nothing_as_read(visitor: Visitor, alice: Person, page_url: str) -> None:
    visitor.sign_in(alice)
    visitor.get(page_url)
    assert "\\Seen" not in alice.flags(int(page_url.split("/")[3].split(".")[1]))


def test_r15_a_very_long_header_is_cut_and_the_page_says_so(visitor: Visitor, alice: Person) -> None:
    raw = b"".join(b"X-%d: %s\r\n" % (n, b"x" * 900) for n in range(400)) + b"\r\nwords\r\n"
    assert len(raw) > headers.BUDGET
    uid = alice.append(raw)
    visitor.sign_in(alice)
    visitor.get(f"/m/INBOX/{alice.uidvalidity()}.{uid}/source")
    assert "longer than what is read here" in visitor.text
    assert len(visitor.html) < 2 * headers.BUDGET


@pytest.mark.browser
def test_with_script_it_finds_while_one_types_the_same(
    browser: Browser, live: Live, alice: Person, page_url: str
) -> None:
    context = browser.new_context(service_workers="block")
    page = context.new_page()
    sign_in(page, live, alice)
    page.goto(live.url + page_url)
    page.get_by_label("Find in the header").press_sequentially("received")
    expect(page.locator(".fields > div:visible")).to_have_count(2)
    expect(page.get_by_role("status").filter(has_text="2 of 5 fields")).to_be_visible()
    page.get_by_label("Find in the header").press("Enter")
    page.wait_for_url("**/source?q=received")
    expect(page.locator(".fields > div:visible")).to_have_count(2)
    context.close()
