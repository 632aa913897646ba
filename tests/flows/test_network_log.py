"""R5: what Chromium asks the network for while it shows every letter of the open corpus: our own pages, else nothing.

Judged by the log that Chromium keeps of its own network stack. Its resolver knows no other host, so nothing leaves this
machine. Letters are shown a dozen at a time, each document in the sandboxed frame that it has on its page.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserType, Page

from tests.flows.hands import sign_in
from tests.flows.letters import everything
from tests.mail.test_corpus import CORPUS
from tests.servers.application import Live, Visitor
from tests.servers.people import Person

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        not (CORPUS / "manifest.json").is_file(), reason=f"no corpus at {CORPUS}; set PENNYPOST_CORPUS to its folder"
    ),
]

AT_ONCE, WHOLE = 12, 100
"""Documents in one page; and of so many letters one is opened as a whole page."""

_SHOW = """([addresses, sandbox]) => {
  document.querySelectorAll("iframe").forEach(frame => frame.remove());
  return Promise.all(addresses.map(address => new Promise(loaded => {
    const frame = document.createElement("iframe");
    frame.setAttribute("sandbox", sandbox);
    frame.onload = loaded;
    frame.src = address;
    document.body.prepend(frame);
  })));
}"""
_CONTROL = """<link rel="dns-prefetch" href="https://looked-up.control.test"><link rel="preconnect"
 href="https://connected.control.test"><img src="https://asked.control.test/pixel.png">"""


@pytest.fixture
def logged(browser_type: BrowserType, browser_type_launch_args: dict[str, Any], tmp_path: Path) -> Iterator[Any]:
    """(page, hosts that were asked): the second ends the browser, whose log is complete only then."""
    log = tmp_path / "network.json"
    more = [f"--log-net-log={log}", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    given = {**browser_type_launch_args, "args": [*browser_type_launch_args["args"], *more]}
    browser = browser_type.launch(**given)

    def hosts() -> set[str]:
        browser.close()
        return hosts_in(log)

    yield browser.new_page(), hosts
    if browser.is_connected():
        browser.close()


def hosts_in(log: Path) -> set[str]:
    """Every host that the log names as one to be asked for, looked up or connected to."""
    found: set[str] = set()
    for event in json.loads(log.read_text())["events"]:
        told = event.get("params", {})
        for word in ("url", "host", "origin", "group_id", "destination"):
            value = told.get(word)
            if isinstance(value, str) and (host := host_of(value)):
                found.add(host)
    # What the resolver makes of every other name; the request that asked for it is in the log by its address.
    return found - {"~notfound"}


def host_of(word: str) -> str:
    """The host of an address, or of host:port; "" for what names none (about:blank, data:)."""
    address = re.search(r"[a-z]+://[^\s<>\"]+", word)
    if address:
        return urlsplit(address[0]).hostname or ""
    bare = re.fullmatch(r"([A-Za-z0-9.-]+\.[A-Za-z0-9-]+)(?::\d+)?", word)
    return bare[1] if bare else ""


def frames(visitor: Visitor, alice: Person, uids: list[int]) -> Iterator[tuple[str, str]]:
    """(address of the document, sandbox of its frame) of every letter with HTML; nobody agrees to load pictures."""
    validity = alice.uidvalidity()
    for uid in uids:
        page = visitor.get(f"/m/INBOX/{validity}.{uid}", headers={"X-Part": "message"}).get_data(as_text=True)
        if found := re.search(r'<iframe[^>]* src="([^"]+)" sandbox="([^"]+)"', page):
            yield html.unescape(found[1]), html.unescape(found[2])


@pytest.mark.asvs("1.3.6")
def test_r5_opening_every_letter_of_the_corpus_asks_nobody_else_for_anything(
    logged: Any, visitor: Visitor, live: Live, alice: Person
) -> None:
    page: Page = logged[0]
    asked: set[str] = set()
    page.context.on("request", lambda request: asked.add(host_of(request.url)))
    # What has no HTML is printed by our own template; some of those are opened as whole pages.
    letters = [raw for number, (_, raw) in enumerate(everything()) if b"text/html" in raw.lower() or number % 10 == 0]
    uids = alice.append_all(letters)
    visitor.sign_in(alice)
    documents = list(frames(visitor, alice, uids))
    assert len(documents) > 150
    sign_in(page, live, alice)
    for at in range(0, len(documents), AT_ONCE):
        chunk = documents[at : at + AT_ONCE]
        page.evaluate(_SHOW, [[live.url + address for address, _ in chunk], chunk[0][1]])
    validity = alice.uidvalidity()
    for uid in uids[::WHOLE]:
        page.goto(f"{live.url}/m/INBOX/{validity}.{uid}", wait_until="load")
    page.wait_for_timeout(1000)
    assert asked - {""} == {"127.0.0.1"}
    # What the log would have told: at the least a picture. Whether names are looked up in advance is up to the browser.
    assert page.context.browser
    other = page.context.browser.new_context(service_workers="block").new_page()
    other.set_content(_CONTROL)
    other.wait_for_timeout(1000)
    foreign = logged[1]() - {"127.0.0.1", ""}
    control = {host for host in foreign if host.endswith(".control.test")}
    assert "asked.control.test" in control
    assert foreign - control == set()
