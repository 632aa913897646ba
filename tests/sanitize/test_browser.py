"""The verdict of a real Chromium on every vector, in a page that has no other wall: no CSP, no sandbox (R1 stays out).

Each vector is shown twice over: as part of a page through innerHTML (and once more from what the browser made of it,
for mutations), and as a document of its own from a server. Then everything in it is hovered, focused and clicked.
"""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from webmail.sanitize.html import clean

from .vectors import numbered

pytestmark = pytest.mark.browser

VECTORS = [vector for _, vector in numbered()]
FRAMES_AT_ONCE = 60

PAGE = """<!doctype html><meta charset=utf-8><title>verdict</title><link rel=icon href="data:,">
<style>body{margin:0;padding:300px}.box,iframe{display:flow-root;width:600px;height:200px;border:0}</style>
<script>
var hits = new Set(), hit = n => { hits.add(n); return true };
window.alert = window.confirm = window.prompt = window.print = () => hits.add(-1);
window.open = () => null;
</script><body><script>
// Kept before a message can give its own names to them.
var home = document.body, make = document.createElement.bind(document);
</script>"""

# The message's own document. The real frame has more walls (R1, R4: overflow, containment); here nothing may need them.
DOCUMENT = """<!doctype html><meta charset=utf-8><link rel=icon href="data:,">
<style>body{margin:0;padding:300px}main{display:flow-root;width:600px}</style>
<style>%s</style><main>%s</main>"""

PROBE = """
root => {
  const wrong = [];
  const document_ = root.ownerDocument, window_ = document_.defaultView;
  window_.open = () => null;
  window_.alert = window_.confirm = window_.prompt = () => top.hits.add(-1);
  document_.addEventListener('click', e => {
    const link = e.target.closest && e.target.closest('a[href],area[href]');
    if (link && /^(https?|mailto|tel):/.test(link.href)) e.preventDefault();
  });
  const all = [...root.querySelectorAll('*')];
  const edge = root.getBoundingClientRect();
  for (const e of all) {
    const name = e.localName, style = window_.getComputedStyle(e), rect = e.getBoundingClientRect();
    if (e.namespaceURI !== 'http://www.w3.org/1999/xhtml') wrong.push('namespace ' + name);
    if (/^(script|style|link|meta|base|iframe|object|embed|form|input|button|select|textarea|template)$/.test(name))
      wrong.push('element ' + name);
    for (const a of e.attributes)
      if (/^(on.*|id|name|srcset|background|ping|srcdoc|is|slot|contenteditable)$/.test(a.name) ||
          (a.name === 'class' && !/^(((ink|ground)-[0-9a-f]{6}|(look|size)-\\d{1,3})( |$))+$/.test(a.value)))
        wrong.push('attribute ' + a.name);
    if (name === 'a' && e.hasAttribute('href')) {
      if (!/^(https?|mailto|tel):$/.test(e.protocol)) wrong.push('leads to ' + e.href);
      if (e.rel !== 'noopener noreferrer nofollow' || e.target !== '_blank') wrong.push('open door ' + e.outerHTML);
    }
    if (style.position !== 'static' || style.transform !== 'none' || style.zIndex !== 'auto')
      wrong.push('position ' + style.position + style.transform + style.zIndex);
    if (style.backgroundImage !== 'none' || style.animationName !== 'none') wrong.push('paint');
    if (rect.width && rect.height && (rect.left < edge.left - 1 || rect.top < edge.top - 1))
      wrong.push('box at ' + (rect.left - edge.left) + ',' + (rect.top - edge.top));
  }
  for (const e of all.slice(0, 60))
    try {
      for (const kind of ['mouseover', 'mouseenter', 'mousedown', 'mouseup'])
        e.dispatchEvent(new MouseEvent(kind, {bubbles: true, cancelable: true}));
      if (e.focus) e.focus();
      if (e.click) e.click(); else e.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}));
    } catch (error) { /* a vector may have broken its own page */ }
  return wrong;
}
"""

# A hostile document may never finish loading; the others are not kept waiting for long.
LOADED = """([frames, patience]) => new Promise(done => {
  home.innerHTML = frames;
  const all = [...home.querySelectorAll('iframe')];
  let left = all.length;
  for (const frame of all) frame.addEventListener('load', () => --left || done(), {once: true});
  setTimeout(done, patience);
})"""


@dataclass
class Verdict:
    """scripts: numbers of vectors whose script ran. requests: addresses asked. wrong: number -> what was seen."""

    scripts: set[int] = field(default_factory=set)
    requests: set[str] = field(default_factory=set)
    wrong: dict[int, list[str]] = field(default_factory=dict)

    def note(self, number: int, wrong: Sequence[str]) -> None:
        if wrong:
            self.wrong.setdefault(number, []).extend(wrong)


class Documents:
    """Serves PAGE at / and the messages at /document/<number>."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.sheets: list[str] = []
        documents = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                found = re.fullmatch(r"/document/(\d+)", self.path)
                text = documents.document(int(found[1])) if found else PAGE
                self.send_response(200 if found or self.path == "/" else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(text.encode("utf-8", "replace"))

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def document(self, number: int) -> str:
        return DOCUMENT % (self.sheets[number] if self.sheets else "", self.messages[number])


@pytest.fixture(scope="module")
def documents() -> Iterator[Documents]:
    served = Documents()
    yield served
    served.server.shutdown()
    served.server.server_close()


@pytest.fixture
def judge(documents: Documents, browser: Browser) -> Iterator[Callable[..., Verdict]]:
    context = browser.new_context()

    def judged(
        messages: list[str], sheets: Sequence[str] = (), *, alone: bool = True, patience: int = 60_000
    ) -> Verdict:
        documents.messages, documents.sheets = messages, list(sheets)
        verdict = Verdict()
        page = context.new_page()
        page.route("**/*", lambda route: _only_ours(route, documents.address, verdict))
        page.on("dialog", lambda dialog: dialog.dismiss())
        page.goto(documents.address)
        _as_parts(page, messages, verdict)
        for start in range(0, len(messages), FRAMES_AT_ONCE) if alone else ():
            numbers = range(start, min(start + FRAMES_AT_ONCE, len(messages)))
            _as_documents(page, numbers, documents.address, verdict, patience)
        page.close()
        return verdict

    yield judged
    context.close()


def _only_ours(route: Route, address: str, verdict: Verdict) -> None:
    url = route.request.url
    if url == address or re.fullmatch(re.escape(address) + r"document/\d+", url):
        route.continue_()
    else:
        verdict.requests.add(url)
        route.abort("aborted")


def _as_parts(page: Page, messages: list[str], verdict: Verdict) -> None:
    page.evaluate(
        """messages => {
        window.boxes = messages.map(text => {
            const first = make('div'), second = make('div');
            first.className = second.className = 'box';
            home.append(first, second);
            first.innerHTML = text;
            second.innerHTML = first.innerHTML;
            return [first, second];
        });
    }""",
        messages,
    )
    page.wait_for_timeout(400)
    found = page.evaluate(f"() => boxes.map(pair => pair.flatMap({PROBE}))")
    for number, wrong in enumerate(found):
        verdict.note(number, wrong)
    page.wait_for_timeout(200)
    verdict.scripts |= set(page.evaluate("() => [...hits]"))


def _as_documents(page: Page, numbers: range, address: str, verdict: Verdict, patience: int) -> None:
    """patience: ms to wait for all."""
    page.goto(address)
    frames = "".join(f'<iframe src="/document/{number}" data-number="{number}"></iframe>' for number in numbers)
    page.evaluate(LOADED, [frames, patience])
    page.wait_for_timeout(400)
    found = page.evaluate(f"""() => [...home.querySelectorAll('iframe[data-number]')].map(frame => {{
        const number = Number(frame.dataset.number);
        try {{
            const root = frame.contentDocument.querySelector('main');
            return [number, root ? ({PROBE})(root) : ['the document is gone']];
        }} catch (error) {{ return [number, ['left our host']] }}
    }})""")
    for number, wrong in found:
        verdict.note(number, wrong)
    page.wait_for_timeout(200)
    verdict.scripts |= set(page.evaluate("() => [...hits]"))


def _named(numbers: Sequence[int]) -> list[str]:
    return [f"{number}: {VECTORS[number]!r}" for number in numbers]


def cleaned(message: str, *, remote: Callable[[str], str] | None = None) -> str:
    return str(clean(message, inline=lambda _: None, remote=remote).html)


def test_there_are_enough_vectors() -> None:
    assert len(VECTORS) >= 120


def test_the_harness_catches_the_vectors_when_nothing_is_cleaned(judge: Callable[..., Verdict]) -> None:
    """A judge who never says guilty is no judge: script, requests and stray boxes must all show here."""
    verdict = judge(VECTORS, patience=5_000)
    assert len(verdict.scripts) >= 70
    assert len({url for url in verdict.requests if "evil.test" in url}) >= 50
    found = " ".join(wrong for all_wrong in verdict.wrong.values() for wrong in all_wrong)
    for kind in ("box at -", "position fixed", "element form", "leads to javascript:", "namespace svg", "attribute id"):
        assert kind in found, kind


@pytest.mark.asvs("1.3.4", "1.3.5")
def test_r2_r4_r5_nothing_of_any_vector_runs_loads_or_leaves_its_box(judge: Callable[..., Verdict]) -> None:
    """R2, R4, R5, R6, R26: no script, no request, no box outside, no form control, no id; nor by the sheets of ours."""
    found = [clean(vector, inline=lambda _: None, remote=None) for vector in VECTORS]
    sheets = [each.looks + each.night for each in found]
    assert sum("look-" in sheet or "size-" in sheet for sheet in sheets) >= 10
    assert not any("<" in sheet for sheet in sheets)
    verdict = judge([str(each.html) for each in found], sheets)
    assert _named(sorted(verdict.scripts)) == []
    assert verdict.requests == set()
    assert {number: (VECTORS[number], wrong) for number, wrong in verdict.wrong.items()} == {}


def test_a_hostile_message_stays_harmless_when_it_is_escaped_once_and_cleaned_twice(
    judge: Callable[..., Verdict],
) -> None:
    """1.1.1: decoded once. Text that looks like a tag stays text, however often it passes."""
    verdict = judge([cleaned(cleaned(html.escape(vector))) for vector in VECTORS], alone=False)
    assert (verdict.scripts, verdict.requests, verdict.wrong) == (set(), set(), {})


def test_with_consent_only_pictures_of_the_message_are_asked_for(judge: Callable[..., Verdict]) -> None:
    """R5: http(s) in img src after consent, and still no background, stylesheet, pixel or page."""
    verdict = judge([cleaned(vector, remote=str) for vector in VECTORS], alone=False)
    allowed = {number for number, vector in enumerate(VECTORS) if re.search(r"<(?:img|image)\b[^>]*\bsrc=", vector)}
    asked = {int(re.search(r"evil\.test/(\d+)", url)[1]) for url in verdict.requests}  # type: ignore[index]
    assert verdict.scripts == set()
    assert asked
    assert asked <= allowed
    assert not any(_is_pixel(VECTORS[number]) for number in asked)


def _is_pixel(vector: str) -> bool:
    return "width=1 height=1" in vector or "display:none" in vector
