"""Twenty newsletters side by side: as they were sent, in an empty page without a network, and as ours shows them.

`python -m bench.newsletters [FOLDER] [--json FILE]`: one line for each letter and width, the share of pixels that
differ in percent (value), no goal: what differs is explained in docs/sanitizing.md. FOLDER gets a contact sheet
(index.html and the pictures). The letters come from PENNYPOST_CORPUS, or the corpus beside the checkout.
"""

from __future__ import annotations

import base64
import html
import os
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader
from playwright.sync_api import Browser, sync_playwright

from bench._table import Table, options
from webmail.sanitize.html import clean

ROOT: Final = Path(__file__).resolve().parents[1]
CORPUS: Final = Path(os.environ.get("PENNYPOST_CORPUS") or ROOT.parent / "shared" / "corpus")
BROWSERS: Final = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
WIDTHS: Final = (800, 390)
PLAIN: Final = "<style>html{font:100%/1.5 system-ui,sans-serif}body{margin:0}</style>"
LETTERS: Final = (
    "cerberus/cerberus-fluid.html", "cerberus/cerberus-hybrid.html", "cerberus/cerberus-responsive.html",
    "cerberus/archived-versions/version 2/template-with-media-queries.html",
    "cerberus/archived-versions/version 2/template-without-media-queries.html",
    "konsav-templates/explorational.html", "konsav-templates/general.html", "konsav-templates/promotional.html",
    "leemunroe-template/email-inlined.html", "leemunroe-template/email.html", "mimekit/html/blocked.html",
    "mimekit/html/papercut-4.4.html", "mimekit/html/papercut.html", "mimekit/html/xamarin3.html",
    "mimekit/text/homedepot-check-inside-now.html", "mimekit/text/planet-fitness.html",
    "talon/html_replies/ms_outlook_2003.html", "talon/html_replies/ms_outlook_2007.html",
    "talon/html_replies/ms_outlook_2010.html", "talon/html_replies/gmail.html",
)  # fmt: skip

# Both are compared pixel by pixel in the browser; a pixel differs when a channel does by more than 32 of 255. What one
# is longer than the other is missing in it.
COMPARE: Final = """async ([one, other]) => {
  const read = async data => createImageBitmap(await (await fetch('data:image/png;base64,' + data)).blob());
  const images = [await read(one), await read(other)];
  const width = images[0].width, height = Math.max(images[0].height, images[1].height);
  const pixels = images.map(image => {
    const context = new OffscreenCanvas(width, height).getContext('2d');
    context.fillStyle = '#f0f'; context.fillRect(0, image.height, width, height);
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, width, height).data;
  });
  let different = 0;
  for (let i = 0; i < pixels[0].length; i += 4)
    different += [0, 1, 2].some(c => Math.abs(pixels[0][i + c] - pixels[1][i + c]) > 32);
  return 100 * different / (width * height);
}"""

INDEX: Final = """<!doctype html><meta charset=utf-8><title>Newsletters</title>
<style>body{font:14px sans-serif}section{display:flex;gap:8px;align-items:start;margin:24px 0}img{border:1px solid #999}
h2{margin:32px 0 0}</style>"""


@dataclass(frozen=True, slots=True)
class Pair:
    """Pictures (PNG) of one letter at one width. different: percent of pixels."""

    name: str
    width: int
    original: bytes
    ours: bytes
    different: float


def letters() -> Iterator[tuple[str, str]]:
    """(name, HTML) of those that are there."""
    for place in LETTERS:
        path = CORPUS / place
        if path.is_file():
            yield path.stem, path.read_bytes().decode("utf-8", "replace")


def frame(source: str) -> str:
    """The letter as the page of the reader shows it, on white paper, with its pictures."""
    environment = Environment(loader=FileSystemLoader(ROOT / "templates"), autoescape=True)
    environment.globals["night_media"] = lambda _theme: ""
    found = clean(source, inline=lambda _: None, remote=lambda url: url)
    return environment.get_template("message/frame.html").render(
        body=found.html, night=found.night, looks=found.looks, lang="", theme="light"
    )


def pictures(browser: Browser, source: str, width: int) -> bytes:
    """A page without scripts and without a network."""
    context = browser.new_context(viewport={"width": width, "height": 600}, java_script_enabled=False)
    page = context.new_page()
    page.route("**/*", lambda route: route.abort())
    page.set_content(source)
    taken = page.screenshot(full_page=True)
    context.close()
    return taken


def pairs(browser: Browser) -> Iterator[Pair]:
    judge = browser.new_page()
    for name, source in letters():
        ours = frame(source)
        # The frame brings its own letters and no margin; an empty page would bring Times and 8 pixels.
        original = re.sub(r"(?i)(<head[^>]*>|^(?![\s\S]*<head))", lambda found: found[0] + PLAIN, source, count=1)
        for width in WIDTHS:
            taken = [pictures(browser, each, width) for each in (original, ours)]
            encoded = [base64.b64encode(each).decode() for each in taken]
            yield Pair(name, width, taken[0], taken[1], judge.evaluate(COMPARE, encoded))


def contact_sheet(found: list[Pair], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    parts = [INDEX]
    for pair in found:
        for kind, data in (("original", pair.original), ("ours", pair.ours)):
            (folder / f"{pair.name}-{pair.width}-{kind}.png").write_bytes(data)
        where = html.escape(f"{pair.name}-{pair.width}")
        parts.append(
            f"<h2>{where}: {pair.different:.1f} %</h2><section><img width={pair.width // 2} src='{where}-original.png'>"
            f"<img width={pair.width // 2} src='{where}-ours.png'></section>"
        )
    (folder / "index.html").write_text("\n".join(parts))


def main() -> int:
    parser = options(__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    chosen = parser.parse_args()
    table = Table(chosen.json)
    if not any(True for _ in letters()):
        print(f"no newsletters at {CORPUS}; set PENNYPOST_CORPUS to their folder", file=sys.stderr)
        return 0
    chromium = next(
        filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"))),
        None,
    )
    if chromium is None:
        print("no Chromium (package chromium)", file=sys.stderr)
        return 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(args=["--no-sandbox", "--disable-gpu"], executable_path=chromium)
        found = []
        for pair in pairs(browser):
            table.add(f"newsletter_{pair.name}_{pair.width}px_percent", pair.different)
            found.append(pair)
        browser.close()
    if chosen.folder:
        contact_sheet(found, chosen.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
