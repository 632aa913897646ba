"""Marking a whole folder as read, as the page does it: in sets, with undo kept. The value is ours divided by raw.

raw: the same sets over a bare socket, each one UID STORE +FLAGS.SILENT, as a program would that keeps nothing for undo
and asks nobody whether the messages are still there. Everything is unread before each run; ours goes through HTTP, from
pressing the button to the answer that says it is done. first: until the page has an answer, whatever is left to do.
other: list pages that the same reader opens meanwhile, divided by those that are opened in peace. processor: the same
in processor time of the web server, what the job itself takes in that time included.
"""

from __future__ import annotations

import re
import statistics
import sys
import time

from bench._http import Browser
from bench._imap import Bare
from bench._mail import fill, people
from bench._servers import WebServer, servers
from bench._table import Table, options
from webmail.actions.deeds import SET

GOAL = 1.5
ROUNDS, CALM = 3, 40


def main(arguments: list[str]) -> int:
    """Run it."""
    parser = options(__doc__ or "")
    parser.add_argument("--size", type=int, default=20_000, help="messages")
    given = parser.parse_args(arguments)
    [person] = people(1)
    with servers([person]) as (mail, web):  # in a Maildir, where marking is slowest
        alice = mail.person(person)
        fill(alice, given.size)
        browser, bare = Browser(web.port), Bare(alice)
        browser.sign_in(alice)
        bare.command(b"SELECT INBOX")
        raw, ours, first, others, busy = [], [], [], [], list[float]()
        for _ in range(ROUNDS):
            raw.append(_raw(bare, given.size))
            told, whole, _ = _ours(browser, bare, web, pages=0)
            first.append(told)
            ours.append(whole)
            # Once more with pages meanwhile, which the whole then waits for.
            _, _, other = _ours(browser, bare, web, pages=3)
            others += [spent for spent, _ in other]
            busy += [spent for _, spent in other]
        before = web.processor()
        calm = statistics.median(_page(browser) for _ in range(CALM))
        quiet = (web.processor() - before) / CALM
        table = Table(given.json)
        table.add("acting_read_x_raw", min(ours) / min(raw), GOAL)
        table.add("acting_first_answer_ms", 1000 * statistics.median(first))
        if others:
            table.add("acting_other_page_x", statistics.median(others) / calm)
            table.add("acting_other_page_processor_x", statistics.mean(busy) / quiet)
        return 0


def _unread(bare: Bare) -> None:
    bare.command(b"UID STORE 1:* -FLAGS.SILENT (\\Seen)")


def _raw(bare: Bare, size: int) -> float:
    _unread(bare)
    start = time.perf_counter()
    for low in range(1, size + 1, SET):
        bare.command(b"UID STORE %d:%d +FLAGS.SILENT (\\Seen)" % (low, min(size, low + SET - 1)))
    return time.perf_counter() - start


def _ours(browser: Browser, bare: Bare, web: WebServer, pages: int) -> tuple[float, float, list[tuple[float, float]]]:
    """Seconds to the first answer, to the end, and of so many list pages in between, each with processor seconds."""
    _unread(bare)
    page = browser.get("/m/INBOX").body
    fields = {name: _field(page, name) for name in ("csrf_token", "whole")} | {"do": "read"}
    _page(browser)  # which hears that all is unread again
    seen: list[tuple[float, float]] = []
    start = time.perf_counter()
    told = browser.post("/m/INBOX/do", fields, X_Part="toast").body
    first = time.perf_counter() - start
    job = re.search(r'data-job="([^"]+)"', told)
    while job and "data-moving" in told:
        if len(seen) < pages:
            before = web.processor()
            seen.append((_page(browser), web.processor() - before))
        told = browser.get(job[1], X_Part="toast").body
        time.sleep(0.01)
    whole = time.perf_counter() - start
    if "marked as read." not in told:
        raise RuntimeError(told)
    return first, whole, seen


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
