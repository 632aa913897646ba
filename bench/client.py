"""What a visit weighs, and how long it takes on a slow telephone: 1.6 Mbit/s x 0.9, 562 ms for each request, a
processor four times slower, 390 x 844.

python -m bench.client [--rounds N] [--json FILE]. Octets and requests are exact (tests/flows/test_budgets.py holds them
to their limits); times are medians, each beside that of the last run, which lies in BENCH_CACHE.
"""

from __future__ import annotations

import json
import shutil
import statistics
from typing import Any, Final

from playwright.sync_api import Browser, Page, sync_playwright

from bench._mail import kept, people
from bench._servers import WebServer, servers
from bench._table import Table, options
from tests.flows.traffic import Asked, Traffic, everyday, weight
from tests.servers.people import Identity, Person

LETTERS: Final = 60
SLOW: Final = {"offline": False, "latency": 562, "downloadThroughput": 180_000, "uploadThroughput": 84_375}
WATCH: Final = """(() => {
  globalThis.seen = { row: 0, text: 0, blocked: 0, shifted: 0 };
  const look = () => {
    for (const [name, what] of [["row", "#list .row"], ["text", "#message .text"]]) {
      if (seen[name] || !document.querySelector(what)) continue;
      requestAnimationFrame(() => setTimeout(() => { seen[name] ||= performance.now(); }));
    }
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
  new PerformanceObserver((list) => {
    for (const it of list.getEntries()) seen.blocked += Math.max(0, it.duration - 50);
  }).observe({ type: "longtask", buffered: true });
  new PerformanceObserver((list) => {
    for (const it of list.getEntries()) seen.shifted += it.value;
  }).observe({ type: "layout-shift", buffered: true });
})()"""
GOALS: Final[dict[str, float | None]] = {
    "client_door_kb": 15, "client_door_requests": 5, "client_inbox_kb": 25, "client_inbox_requests": 4,
    "client_again_kb": 8, "client_again_requests": 2, "client_open_pane_kb": 4, "client_open_pane_requests": 1,
    "client_first_open_script_kb": None, "client_first_row_ms": 1500, "client_again_row_ms": 1000,
    "client_open_text_ms": 800, "client_blocked_ms": 100, "client_again_blocked_ms": 100, "client_shift_x": 0.01,
    "client_elements": 1000,
}  # fmt: skip


def main() -> None:
    """Print the table."""
    parser = options(str(__doc__))
    parser.add_argument("--rounds", type=int, default=11)
    told = parser.parse_args()
    who = people(1)
    with servers(who) as (mail, web), sync_playwright() as playwright:
        person = mail.person(who[0])
        for number in range(LETTERS):
            person.append(everyday(number, person.address), flags=() if number % 10 == 9 else ("\\Seen",))
        names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
        found = next(filter(None, map(shutil.which, names)))
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        try:
            measured = _weights(browser, web, person)
            rounds = [_round(browser, web, person) for _ in range(told.rounds)]
        finally:
            browser.close()
    for name in rounds[0]:
        measured[name] = statistics.median(one[name] for one in rounds)
    _print(Table(told.json), measured)


def _print(table: Table, measured: dict[str, float]) -> None:
    file = kept() / "client.json"
    before = json.loads(file.read_text("utf-8")) if file.exists() else {}
    for name, goal in GOALS.items():
        table.add(name, measured[name], goal)
        if name in before:
            stem, _, unit = name.rpartition("_")
            table.add(f"{stem}_before_{unit}", before[name])
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(measured), "utf-8")


def _visit(browser: Browser, *, phone: bool) -> Page:
    size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 900}
    # What a worker passes on is not counted as octets of the page.
    worker = "allow" if phone else "block"
    context = browser.new_context(viewport=size, is_mobile=phone, has_touch=phone, service_workers=worker)  # type: ignore[arg-type]
    context.set_default_timeout(60_000)
    context.add_init_script(WATCH)
    return context.new_page()


def _sign_in(page: Page, web: WebServer, person: Identity | Person) -> None:
    page.get_by_label("Email address").fill(person.address)
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/m/INBOX")
    page.wait_for_timeout(1000)


def _weights(browser: Browser, web: WebServer, person: Person) -> dict[str, float]:
    page = _visit(browser, phone=False)
    traffic = Traffic(page)
    measured: dict[str, float] = {}

    def weigh(name: str, asked: list[Asked]) -> None:
        measured[f"client_{name}_kb"], measured[f"client_{name}_requests"] = weight(asked), len(asked)

    page.goto(f"http://127.0.0.1:{web.port}/login", wait_until="networkidle")
    weigh("door", traffic.take())
    _sign_in(page, web, person)
    weigh("inbox", traffic.take())
    measured["client_elements"] = page.evaluate("document.querySelectorAll('*').length")
    measured["client_shift_x"] = page.evaluate("seen.shifted")
    page.reload()
    page.wait_for_timeout(1000)
    weigh("again", traffic.take())
    page.locator("#list .row:not(.unread) .open").first.click()
    page.wait_for_selector("#message .conv")
    page.wait_for_timeout(1000)
    opened = traffic.take()
    weigh("open_pane", [one for one in opened if one.path.startswith("/m/") and one.coding])
    measured["client_first_open_script_kb"] = weight([one for one in opened if one.path.startswith("/static/")])
    page.context.close()
    return measured


def _seen(page: Page, name: str) -> dict[str, Any]:
    page.wait_for_function(f"() => seen.{name} > 0")
    page.wait_for_timeout(2500)
    found: dict[str, Any] = page.evaluate("seen")
    return found


def _round(browser: Browser, web: WebServer, person: Person) -> dict[str, float]:
    """Times of one visit of a telephone that has never been here."""
    page = _visit(browser, phone=True)
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", SLOW)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto(f"http://127.0.0.1:{web.port}/login")
    _sign_in(page, web, person)
    first = _seen(page, "row")
    page.goto(f"http://127.0.0.1:{web.port}/m/INBOX")
    again = _seen(page, "row")
    page.locator("#list .row:not(.unread) .open").first.click()
    page.wait_for_url("**/m/INBOX/*")
    opened = _seen(page, "text")
    page.context.close()
    return {
        "client_first_row_ms": first["row"], "client_blocked_ms": first["blocked"], "client_again_row_ms": again["row"],
        "client_again_blocked_ms": again["blocked"], "client_open_text_ms": opened["text"],
    }  # fmt: skip


if __name__ == "__main__":
    main()
