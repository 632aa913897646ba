"""Files in a real browser: a PDF shows and can do nothing (R7), a text is readable, each line runs its own way."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page

from demo.mail.files import pdf
from tests.flows.hands import sign_in
from tests.servers.application import Live
from tests.servers.people import Person

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def window(browser_type: BrowserType, browser_type_launch_args: dict[str, Any]) -> Iterator[Browser]:
    """The whole browser: its headless shell has no viewer for PDF."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium with a viewer for PDF (package chromium)")
    browser = browser_type.launch(**{**browser_type_launch_args, "executable_path": found})
    yield browser
    browser.close()


@pytest.fixture
def foreign() -> Iterator[tuple[str, list[str]]]:
    """(address, what was asked of it): a server that a hostile file wants to reach."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", asked
    server.shutdown()
    server.server_close()


def hostile_pdf(url: str) -> bytes:
    """Opening it runs script, follows a link, submits a form, launches a file and loads a picture, if it may."""
    script = f"try{{this.submitForm\\('{url}/script'\\)}}catch\\(e\\){{}} app.launchURL\\('{url}/launch', true\\)"
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R] >> /OpenAction << /S /JavaScript /JS ({script}) "
        f"/Next [<< /S /URI /URI ({url}/uri) >> << /S /SubmitForm /F ({url}/submit) >> << /S /GoToR /F ({url}/go) "
        f"/D [0 /Fit] >> << /S /Launch /F ({url}/file) >>] >> >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Annots [6 0 R] /AA << /O << /S /URI "
        f"/URI ({url}/shown) >> >> /Resources << /Font << /F1 5 0 R >> /XObject << /X 7 0 R >> >> >>",
        "<< /Length 60 >>\nstream\nBT /F1 40 Tf 60 700 Td (SHOWN) Tj ET q 200 0 0 200 60 300 cm /X Do Q\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        "<< /Type /Annot /Subtype /Widget /FT /Tx /T (f) /Rect [60 600 260 630] /V (field) >>",
        f"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceRGB /Length 0 "
        f"/F << /FS /URL /F ({url}/picture) >> >>\nstream\n\nendstream",
    ]
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n".encode()
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, table))


def with_files(*files: tuple[str, str, str, bytes], subject: str = "Files", text: str = "See the files.") -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "a@example.net", "alice@example.org", subject
    message.set_content(text)
    for name, main, sub, data in files:
        message.add_attachment(data, main, sub, filename=name)
    return message.as_bytes()


def opened(context: BrowserContext, page: Page, name: str) -> Page:
    """The tab behind a tile."""
    with context.expect_page() as event:
        page.click(f'.file .nm:has-text("{name}")')
    event.value.wait_for_load_state()
    return event.value


def test_r7_a_pdf_shows_in_a_tab_and_reaches_nobody(
    window: Browser, live: Live, alice: Person, foreign: tuple[str, list[str]]
) -> None:
    url, asked = foreign
    page_in_front = b"<!doctype html><script>document.title='ran';fetch('%b/ran')</script>" % url.encode()
    files = {
        "good.pdf": pdf("Good", "words"),
        "hostile.pdf": hostile_pdf(url),
        "both.pdf": page_in_front + pdf("Both", "words"),
        "page.pdf": page_in_front,
    }
    uid = alice.append(with_files(*((name, "application", "pdf", data) for name, data in files.items())))
    context = window.new_context()
    page = context.new_page()
    sign_in(page, live, alice)
    page.goto(f"{live.url}/m/INBOX/{alice.uidvalidity()}.{uid}")
    for name in list(files)[:3]:
        tab = opened(context, page, name)
        tab.wait_for_timeout(1200)
        viewer = [frame for frame in tab.frames if frame.url.startswith("chrome-extension://")]
        assert len(viewer) == 1, name
        assert tab.title() != "ran", name
        tab.close()
    with page.expect_download() as download:
        page.evaluate("url => { location.href = url }", page.get_attribute('.file .nm:has-text("page.pdf")', "href"))
    assert download.value.suggested_filename == "page.pdf"
    assert asked == []
    context.close()


JAPANESE = "日本語の手紙です。"
ARABIC = "مرحبا بكم."
MIXED = "English line first.\nשלום עולם.\nEnglish again.\n"

_EDGES = """([selector, line]) => {
  const box = document.querySelector(selector), walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  let node; while ((node = walker.nextNode()) && !node.data.includes(line)) ;
  const at = node.data.indexOf(line), rect = (n) => {
    const range = document.createRange(); range.setStart(node, at + n); range.setEnd(node, at + n + 1);
    return range.getBoundingClientRect(); };
  const all = box.getBoundingClientRect();
  return {first: rect(0).left - all.left, last: rect(line.length - 1).left - all.left, width: all.width};
}"""


def test_a_text_is_readable_and_each_line_finds_its_own_direction(window: Browser, live: Live, alice: Person) -> None:
    note = ("brief.txt", "text", "plain", JAPANESE.encode("iso-2022-jp"))
    uid = alice.append(with_files(note, subject=ARABIC, text=MIXED))
    context = window.new_context()
    page = context.new_page()
    sign_in(page, live, alice)
    page.goto(f"{live.url}/m/INBOX/{alice.uidvalidity()}.{uid}")

    subject = page.evaluate(_EDGES, ["#subject", ARABIC])
    assert subject["last"] < subject["first"]  # the full stop stands on the left
    english = page.evaluate(_EDGES, [".letter .text", "English line first."])
    hebrew = page.evaluate(_EDGES, [".letter .text", "שלום עולם."])
    assert english["first"] < 5 < english["last"]
    assert hebrew["last"] < hebrew["first"]
    assert hebrew["first"] > hebrew["width"] / 2
    assert page.evaluate(_EDGES, [".letter .text", "English again."])["first"] < 5

    assert opened(context, page, "brief.txt").inner_text("body").strip() == JAPANESE
    context.close()
