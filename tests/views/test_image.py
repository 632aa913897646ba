"""Remote pictures of a letter: fetched by this site once the reader agrees, and told about in a receipt."""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.flows.hands import sign_in
from tests.mail.test_picture import png
from tests.servers.application import Live, Visitor
from tests.servers.people import Person
from tests.servers.web import Web, answer
from tests.views.test_message import PNG, frame_url, html_mail, open_first
from webmail.remote import Remote
from webmail.web.services import Services


@pytest.fixture
def web(app: Flask) -> Iterator[Web]:
    """Everybody's pictures: every name leads here, as far as our server is concerned."""
    made = Web()
    made.pages["/a.png"] = answer(200, PNG)
    made.pages["/b.png"] = answer(200, png(10, 10))

    def lookup(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", made.port))]

    services: Services = app.extensions["pennypost"]
    here = (ipaddress.ip_network("127.0.0.1/32"),)
    fetcher = Remote(ssl.create_default_context(), most=8, each=6, allowed=here, lookup=lookup)
    app.extensions["pennypost"] = replace(services, remote=fetcher)
    yield made
    made.stop()


def agree(visitor: Visitor, page: str) -> str:
    """Press "Show images"; the page that follows."""
    action = re.search(r'action="([^"]*/images[^"]*)"', page)
    assert action
    visitor.send(visitor.form(action[1].split("?")[0]))
    return visitor.html


def pictures(visitor: Visitor, page: str) -> list[str]:
    visitor.get(frame_url(page))
    return [url.replace("&amp;", "&") for url in re.findall(r'<img[^>]* src="([^"]+)"', visitor.html)]


TWO = (
    '<img src="http://pics.example/a.png?who=you" alt="A"><img src="http://pics.example/b.png">'
    '<img src="http://t.example/p" width=1 height=1>'
)


def test_r5_before_consent_nothing_is_fetched_and_after_it_by_us(visitor: Visitor, alice: Person, web: Web) -> None:
    alice.append(html_mail(TWO))
    page = open_first(visitor, alice)
    assert pictures(visitor, page) == []
    assert web.asked == []
    visitor.get(frame_url(page).replace("/body", ""))
    urls = pictures(visitor, agree(visitor, visitor.html))
    answers = [visitor.client.get(url) for url in urls]
    assert [(each.status_code, each.content_type) for each in answers] == [(200, "image/png")] * 2
    assert answers[0].data == PNG
    assert [path for _, path, _, _ in web.asked] == ["/a.png?who=you", "/b.png"]
    for each in answers:
        assert each.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in each.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in each.headers


def test_the_receipt_says_what_was_kept_out_and_what_was_loaded(visitor: Visitor, alice: Person, web: Web) -> None:
    alice.append(html_mail(TWO + "<script>x()</script><form><input name=a></form>"))
    page = open_first(visitor, alice)
    for words in (
        "2 images from elsewhere. From pics.example.",
        "An invisible image that tells who reads. From t.example.",
        "A program.",
        "Nobody was told that you opened this.",
    ):
        assert words in visitor.text
    agree(visitor, page)
    assert "2 images were fetched by this site in your place. From pics.example." in visitor.text
    assert "An invisible image that tells who reads." in visitor.text


def test_a_letter_that_wants_nothing_has_no_receipt(visitor: Visitor, alice: Person) -> None:
    alice.append(html_mail("<p>Plain words</p>"))
    open_first(visitor, alice)
    assert "Privacy:" not in visitor.text


def test_r23_only_pictures_that_the_letter_names_and_only_with_its_consent(
    visitor: Visitor, alice: Person, bob: Person, web: Web, app: Flask
) -> None:
    alice.append(html_mail(TWO))
    [first, _] = pictures(visitor, agree(visitor, open_first(visitor, alice)))
    assert visitor.client.get(first.replace("/image/0", "/image/2")).status_code == 404
    assert visitor.client.get(first.partition("?")[0]).status_code == 404
    assert visitor.client.get(first + "x").status_code == 404
    stranger = Visitor(app)
    assert stranger.client.get(first).status_code in (302, 303, 401)
    stranger.sign_in(bob)
    assert stranger.client.get(first).status_code == 404
    assert web.asked == []


def test_a_picture_is_found_again_when_the_letter_made_room_for_others(
    visitor: Visitor, alice: Person, web: Web, app: Flask
) -> None:
    alice.append(html_mail(TWO))
    urls = pictures(visitor, agree(visitor, open_first(visitor, alice)))
    services: Services = app.extensions["pennypost"]
    services.drawn.forget(next(iter(services.drawn._entries))[0])
    assert [visitor.client.get(url).status_code for url in urls] == [200, 200]


def test_what_is_no_picture_is_not_passed_on(visitor: Visitor, alice: Person, web: Web) -> None:
    web.pages["/a.png"] = answer(200, b"<script>alert(1)</script>", Content_Type="image/png")
    alice.append(html_mail(TWO))
    [first, second] = pictures(visitor, agree(visitor, open_first(visitor, alice)))
    refused = visitor.client.get(first)
    assert (refused.status_code, refused.data) == (404, b"")
    assert visitor.client.get(second).status_code == 200


def test_r5_in_a_browser_only_our_own_host_is_asked(browser: Browser, live: Live, alice: Person, web: Web) -> None:
    alice.append(html_mail(TWO))
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    try:
        sign_in(page, live, alice)
        page.locator(".row .open").first.click()
        page.get_by_role("button", name="Show images").click()
        shown = page.frame_locator("#message iframe").locator('img[alt="A"]')
        shown.wait_for()
        page.wait_for_function(
            "() => document.querySelector('#message iframe').contentDocument.querySelector('img').naturalWidth > 0"
        )
        assert hosts == {live.url.removeprefix("http://")}
        assert len(web.asked) == 2
    finally:
        page.close()


@pytest.mark.parametrize("given", [{"image_proxy": False}])
def test_where_the_administrator_wants_it_the_browser_asks_itself(
    make_app: Any, settings: Any, alice: Person, given: dict[str, Any]
) -> None:
    visitor = Visitor(make_app(replace(settings, **given)))
    alice.append(html_mail('<img src="http://pics.example/a.png">'))
    page = agree(visitor, open_first(visitor, alice))
    assert "1 image was fetched by your browser. From pics.example." in visitor.text
    answer_ = visitor.get(frame_url(page))
    assert 'src="http://pics.example/a.png"' in visitor.html
    assert answer_.headers["Referrer-Policy"] == "no-referrer"
    assert "http:" in answer_.headers["Content-Security-Policy"]
