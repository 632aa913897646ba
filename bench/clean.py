"""What cleaning costs, in CPU milliseconds (median of runs): `python -m bench.clean [--json FILE] [--compare]`.

One line each: name, value, goal, met or short. "first": nothing is remembered of any letter before, as after a start.
"corpus": for 100 KB of the real newsletters of PENNYPOST_CORPUS, which are less alike. --compare adds the engines that
docs/decisions/0001 weighs, without goals; each of those runs in a process of its own that is killed when its time is
over.
"""

from __future__ import annotations

import multiprocessing
import statistics
import sys
import warnings
from collections.abc import Callable
from time import process_time

from bench._table import Table, options
from bench.newsletters import letters
from webmail.sanitize import css, sheet
from webmail.sanitize.html import clean
from webmail.sanitize.links import link_text
from webmail.sanitize.to_text import to_text

KB = 1024
LIMIT = 30.0  # seconds until a compared engine is killed

HEAD = """<!doctype html><html lang=en><head><meta charset=utf-8><title>News</title><style>
body{margin:0;padding:0}.wrap{width:100%} @media only screen and (max-width:600px){.col{width:100%!important}}
a{color:#0867ec} p{margin:0 0 16px} .foot td{color:#9a9ea6;font-size:14px}</style></head>
<body bgcolor=#f4f5f6 style="margin:0;padding:0;background-color:#f4f5f6"><div
style="display:none;max-height:0;overflow:hidden">What is new this week&nbsp;&zwnj;&nbsp;&zwnj;</div>
<table width=100% cellpadding=0 cellspacing=0><tr><td>
<!--[if mso]><table><tr><td width="600"><![endif]-->"""
STORY = """<table role="presentation" border="0" cellpadding="0" cellspacing="0" width="600" align="center"
 style="border-collapse:separate;width:100%;max-width:600px;background:#ffffff;border:1px solid #eaebed">
<tr><td align="center" valign="top" class="col" style="padding:24px;font-family:Helvetica,'Segoe UI',sans-serif;
font-size:16px;line-height:1.3;color:#{n:06x}"><img src="https://img.example/{n}.png" srcset="https://img.example/{n}@2x.png
 2x" width="280" height="140" alt="Offer {n}" style="display:block;border:0;max-width:100%"><p style="margin:0 0 16px">
Story {n}: <b>twelve</b> things &amp; more that nobody asked about, told at length for {n} readers.</p>
<a href="https://click.example/?u={n}&amp;k=abc" style="border-radius:4px;padding:12px {p}px;color:#fff;
background-color:#0867ec;text-decoration:none;display:inline-block">Read on</a></td></tr></table>
<div style="height:{p}px;line-height:{p}px">&nbsp;</div>
"""
FOOT = """<img src=https://t.example/open.gif width=1 height=1></td></tr></table></body></html>"""


def newsletter(size: int) -> str:
    """A newsletter of about size characters: nested tables, inline styles, remote pictures, a counting pixel."""
    stories: list[str] = []
    length = len(HEAD) + len(FOOT)
    while length < size:
        stories.append(STORY.format(n=len(stories), p=len(stories) % 40 + 8))
        length += len(stories[-1])
    return HEAD + "".join(stories) + FOOT


def milliseconds(work: Callable[[], object], runs: int) -> float:
    """Median CPU time of this process."""
    times = []
    for _ in range(runs):
        begun = process_time()
        work()
        times.append((process_time() - begun) * 1000)
    return statistics.median(times)


def ours(html: str) -> Callable[[], object]:
    return lambda: clean(html, inline=lambda _: None, remote=None)


def first(html: str) -> Callable[[], object]:
    def work() -> None:
        for remembered in (css._remembered, css._declaration, sheet._selectors_remembered, sheet._condition):
            remembered.cache_clear()
        clean(html, inline=lambda _: None, remote=None)

    return work


def per_100_kb(how: Callable[[str], Callable[[], object]]) -> float:
    """Milliseconds for the letters of newsletters.py, each on its own, scaled to 100 KB."""
    found = [source for _, source in letters()]
    size = sum(len(source) for source in found)
    return sum(milliseconds(how(source), 7) for source in found) * 100 * KB / size if size else 0.0


def goals() -> list[tuple[str, float, float]]:
    """(name, milliseconds, goal)."""
    text = ("A line of a letter with https://www.example.org/path?q=1 in it, and bob@example.org.\n" * 130)[: 10 * KB]
    page = str(clean(newsletter(100 * KB), inline=lambda _: None, remote=None).html)
    return [
        ("clean_newsletter_10kb_ms", milliseconds(ours(newsletter(10 * KB)), 25), 1),
        ("clean_newsletter_100kb_ms", milliseconds(ours(newsletter(100 * KB)), 9), 10),
        ("clean_newsletter_100kb_first_ms", milliseconds(first(newsletter(100 * KB)), 9), 10),
        ("clean_newsletter_1mb_ms", milliseconds(ours(newsletter(KB * KB)), 3), 100),
        ("clean_corpus_100kb_ms", per_100_kb(ours), 10),
        ("clean_corpus_100kb_first_ms", per_100_kb(first), 10),
        ("clean_nested_div_100kb_ms", milliseconds(ours("<div>" * 20_000), 5), 250),
        ("link_text_10kb_ms", milliseconds(lambda: link_text(text), 9), 25),
        ("to_text_100kb_ms", milliseconds(lambda: to_text(page), 5), 100),
    ]


# --- what the decision was made with ----------------------------------------------------------------------------------


def with_bleach(html: str) -> None:
    import bleach
    from bleach.css_sanitizer import CSSSanitizer

    from webmail.sanitize.properties import GRAMMAR
    from webmail.sanitize.rules import ELEMENTS

    names = [
        "style",
        "href",
        "src",
        "alt",
        "width",
        "height",
        "align",
        "valign",
        "border",
        "cellpadding",
        "cellspacing",
    ]
    css = CSSSanitizer(allowed_css_properties=list(GRAMMAR))
    bleach.clean(html, tags=set(ELEMENTS), attributes=names, css_sanitizer=css, strip=True)


def with_nh3(html: str) -> None:
    """nh3 as it comes with the same elements, without our judges."""
    import nh3

    from webmail.sanitize.rules import ELEMENTS

    nh3.clean(html, tags=set(ELEMENTS), attributes={"*": {"style", "width", "height"}, "a": {"href"}, "img": {"src"}})


def compared() -> list[tuple[str, float | None]]:
    """(name, milliseconds), None when it was killed after LIMIT seconds."""
    div = "<div>" * 20_000
    cases: list[tuple[str, Callable[[str], None], str, int]] = [
        ("bleach_css_newsletter_10kb_ms", with_bleach, newsletter(10 * KB), 9),
        ("bleach_css_newsletter_100kb_ms", with_bleach, newsletter(100 * KB), 5),
        ("bleach_css_newsletter_1mb_ms", with_bleach, newsletter(KB * KB), 1),
        ("bleach_css_nested_div_100kb_ms", with_bleach, div, 1),
        ("nh3_alone_newsletter_100kb_ms", with_nh3, newsletter(100 * KB), 9),
        ("nh3_alone_newsletter_1mb_ms", with_nh3, newsletter(KB * KB), 3),
        ("nh3_alone_nested_div_100kb_ms", with_nh3, div, 3),
        ("nh3_alone_nested_div_300kb_ms", with_nh3, div * 3, 1),
    ]
    return [(name, killable(work, html, runs)) for name, work, html, runs in cases]


def killable(work: Callable[[str], None], html: str, runs: int) -> float | None:
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(sender, work, html, runs))
    process.start()
    value = receiver.recv() if receiver.poll(LIMIT) else None
    process.kill()
    process.join()
    return value


def _child(sender: object, work: Callable[[str], None], html: str, runs: int) -> None:
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(200_000)  # bleach's serializer recurses; without it a deep message ends in RecursionError
    sender.send(milliseconds(lambda: work(html), runs))  # type: ignore[attr-defined]


def main() -> int:
    parser = options(__doc__)
    parser.add_argument("--compare", action="store_true")
    chosen = parser.parse_args()
    table = Table(chosen.json)
    for name, value, goal in goals():
        table.add(name, value, goal)
    if chosen.compare:
        for name, compare in compared():
            print(f"{name} {'killed' if compare is None else f'{compare:.2f}'} - -")
    return 0


if __name__ == "__main__":
    sys.exit(main())
