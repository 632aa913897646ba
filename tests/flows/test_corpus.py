"""Every file of the open corpus on a real Dovecot, listed, opened and downloaded: a page with the agreed facts, and
files that are what the page says (R16).
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from urllib.parse import unquote

import pytest

from tests.flows.letters import WRAPPED, everything
from tests.mail.test_corpus import CORPUS, excepted, manifest, of_kind, squash
from tests.servers.application import Visitor, text_of
from tests.servers.people import Person

pytestmark = [
    pytest.mark.skipif(
        not (CORPUS / "manifest.json").is_file(), reason=f"no corpus at {CORPUS}; set PENNYPOST_CORPUS to its folder"
    ),
    pytest.mark.timeout(600),
]


_FILE = re.compile(r'<li class="file">.*?<b dir="auto">(.*?)</b><span>([^<,]*).*?href="([^"]+dl=1[^"]*)"', re.DOTALL)

WITHOUT_WORDS: dict[str, str] = {}
"""HTML files of which next to nothing can be seen, and why."""


def faults(name: str, status: int, page: str) -> list[str]:
    """What is wrong with the page of this message; nothing, for a good one."""
    facts, text = manifest().get(name, {}), squash(text_of(page))
    if status != 200:
        return [f"status {status}"]
    found = []
    title = re.search(r'<h1[^>]*id="subject"[^>]*>(.*?)</h1>', page, re.DOTALL)
    subject = squash(html.unescape(re.sub("<[^>]*>", "", title[1]))) if title else None
    if facts.get("subject") is not None and "\ufffd" not in facts["subject"]:
        wanted = squash(facts["subject"]) or "(no subject)"
        if subject != wanted:
            found.append(f"subject {subject!r} is not {wanted!r}")
    for field in ("from", "to", "cc"):
        if not excepted(name, field):
            found += [
                f"{field} lacks {a['address']}"
                for a in facts.get(field) or []
                if "\ufffd" not in a["address"] and squash(a["address"]) not in text
            ]
    if facts.get("attachments") is not None and not excepted(name, "attachments"):
        for attachment in facts["attachments"]:
            # A picture that the HTML shows is not listed a second time: then there is a frame.
            if attachment.get("name") and 'class="file"' not in page and "<iframe" not in page:
                found.append(f"no file for {attachment['name']!r}")
    head = facts.get("text_head")
    if head and facts.get("has_html") is False and not excepted(name, "text_head") and "\ufffd" not in head:
        # The line "-- " before a signature is drawn, not written.
        words = [word for word in squash(head).split()[:4] if word != "--"]
        if not all(word.strip("<>_*") in text for word in words):
            found.append(f"text lacks {words}")
    if not text:
        found.append("blank page")
    return found


def file_faults(visitor: Visitor, page: str) -> list[str]:
    """Where the page says one thing of a file and the download another: name, size, octets in the archive (R16)."""
    found, octets = [], []
    for name, size, url in _FILE.findall(page):
        answer = visitor.get(html.unescape(url), buffered=True)  # To its end: the thread is free only then.
        told = unquote(answer.headers["Content-Disposition"].partition("filename*=UTF-8''")[2])
        if answer.status_code != 200 or told != html.unescape(name):
            found.append(f"{name!r} is served as {told!r} ({answer.status_code})")
        if answer.mimetype != "application/octet-stream" or answer.headers["X-Content-Type-Options"] != "nosniff":
            found.append(f"{name!r} is served as {answer.mimetype}")
        octets.append(answer.get_data())
        if not _near(size, len(octets[-1])):
            found.append(f"{name!r}: {size} said, {len(octets[-1])} octets came")
    archive = re.search(r'href="([^"]+/files\.zip)"', page)
    if archive and not found:
        with zipfile.ZipFile(io.BytesIO(visitor.get(html.unescape(archive[1]), buffered=True).get_data())) as whole:
            packed = [whole.read(name) for name in whole.namelist()]
        # What is shown and only listed because it was too large is not packed.
        if packed != octets[: len(packed)]:
            found.append("the archive holds other octets than the files")
    return found


def _near(said: str, octets: int) -> bool:
    """Sizes of base64 are told from its length: line ends and padding make a percent or two."""
    number, _, unit = said.partition(" ")
    value = float(number) * {"bytes": 1, "KB": 1000, "MB": 1_000_000}[unit]
    return abs(value - octets) <= max(80, octets * 0.05, {"KB": 510, "MB": 51_000}.get(unit, 0))


def body_faults(visitor: Visitor, name: str, page: str) -> list[str]:
    """The frame opens; a page from the corpus shows its first words in it."""
    frame = re.search(r'<iframe[^>]* src="([^"]+)"', page)
    if frame is None:
        return ["no frame"] if name in of_kind("html") and name not in WITHOUT_WORDS else []
    answer = visitor.get(html.unescape(frame[1]))
    if answer.status_code != 200:
        return ["the frame does not open"]
    if name in of_kind("html") and name not in WITHOUT_WORDS and len(text_of(answer.get_data(as_text=True))) < 40:
        return ["the frame is empty"]
    return []


def test_r16_every_file_of_the_corpus_opens_with_its_facts_and_downloads_as_shown(
    visitor: Visitor, alice: Person
) -> None:
    letters = list(everything())
    assert {name.partition("#")[0] for name, _ in letters} == set(manifest())
    uids = dict(zip(alice.append_all([raw for _, raw in letters]), letters, strict=True))
    visitor.sign_in(alice)
    assert listed(visitor) == set(uids)
    validity, wrong = alice.uidvalidity(), {}
    for uid, (name, _) in uids.items():
        answer = visitor.get(f"/m/INBOX/{validity}.{uid}", headers={"X-Part": "message"})
        page = answer.get_data(as_text=True)
        found = faults(name, answer.status_code, page) + body_faults(visitor, name, page) + file_faults(visitor, page)
        for kind, (_, file) in WRAPPED.items():
            if name in of_kind(kind) and f">{file}<" not in page:
                found.append(f"{file} is not listed")
        if found:
            wrong[name] = found
    assert wrong == {}


def listed(visitor: Visitor) -> set[int]:
    """The UIDs of all rows, page after page; a conversation's row names several."""
    found: set[int] = set()
    while True:
        assert visitor.status == 200
        found |= {
            int(uid) for row in re.findall(r'name="uid" value="\d+\.([\d,]+)"', visitor.html) for uid in row.split(",")
        }
        older = re.search(r'href="([^"]+)"[^>]*rel="next"', visitor.html)
        if older is None:
            return found
        visitor.get(html.unescape(older[1]))
