"""Marking a whole folder as read, as the page does it: in sets, with undo kept. The value is ours divided by raw.

raw: the same sets over a bare socket, each one UID STORE +FLAGS.SILENT, as a program would that keeps nothing for undo
and asks nobody whether the messages are still there. Everything is unread before each run; ours goes through HTTP, from
pressing the button to the answer that says it is done. first: until the page has an answer, whatever is left to do.
other: a list page that the same reader opens meanwhile, divided by one that is opened in peace.
"""

from __future__ import annotations

import re
import statistics
import sys
import time

from bench._http import Browser
from bench._imap import Bare
from bench._mail import fill, people
from bench._servers import servers
from bench._table import Table, options
from webmail.actions.deeds import SET

GOAL = 1.5
ROUNDS = 3


def main(arguments: list[str]) -> int:
    """Run it."""
    parser = options(__doc__ or "")
    parser.add_argument("--size", type=int, default=20_000, help="messages")
    given = parser.parse_args(arguments)
    [person] = people(1)
    with servers([person]) as (mail, web):
        alice = mail.person(person)
        fill(alice, given.size)
        browser, bare = Browser(web.port), Bare(alice)
        browser.sign_in(alice)
        bare.command(b"SELECT INBOX")
        raw, ours, first, others = [], [], [], []
        for _ in range(ROUNDS):
            raw.append(_raw(bare, given.size))
            told, whole, other = _ours(browser, bare)
            first.append(told)
            ours.append(whole)
            others += other
        calm = statistics.median(_page(browser) for _ in range(9))
        table = Table(given.json)
        table.add("acting_read_x_raw", min(ours) / min(raw), GOAL)
        table.add("acting_first_answer_ms", 1000 * statistics.median(first))
        table.add("acting_other_page_x_calm", statistics.median(others) / calm if others else 1.0)
        return 0


def _unread(bare: Bare) -> None:
    bare.command(b"UID STORE 1:* -FLAGS.SILENT (\\Seen)")


def _raw(bare: Bare, size: int) -> float:
    _unread(bare)
    start = time.perf_counter()
    for low in range(1, size + 1, SET):
        bare.command(b"UID STORE %d:%d +FLAGS.SILENT (\\Seen)" % (low, min(size, low + SET - 1)))
    return time.perf_counter() - start


def _ours(browser: Browser, bare: Bare) -> tuple[float, float, list[float]]:
    """Seconds to the first answer, to the end, and of list pages in between."""
    _unread(bare)
    page = browser.get("/m/INBOX").body
    fields = {name: _field(page, name) for name in ("csrf_token", "whole")} | {"do": "read"}
    pages: list[float] = []
    start = time.perf_counter()
    told = browser.post("/m/INBOX/do", fields, X_Part="toast").body
    first = time.perf_counter() - start
    job = re.search(r'data-job="([^"]+)"', told)
    while job and "data-moving" in told:
        if not pages:
            pages.append(_page(browser))
        told = browser.get(job[1], X_Part="toast").body
        time.sleep(0.01)
    whole = time.perf_counter() - start
    if "marked as read." not in told:
        raise RuntimeError(told)
    return first, whole, pages


def _page(browser: Browser) -> float:
    start = time.perf_counter()
    browser.get("/m/INBOX")
    return time.perf_counter() - start


def _field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    if found is None:
        raise RuntimeError(f"no {name}")
    return found[1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
