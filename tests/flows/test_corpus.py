"""Every message of the open corpus on a real Dovecot, listed and opened: a page with the agreed facts."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from tests.mail.test_corpus import CORPUS, excepted, manifest, of_kind, squash
from tests.servers.application import Visitor, text_of
from tests.servers.people import Person

pytestmark = [
    pytest.mark.skipif(
        not (CORPUS / "manifest.json").is_file(), reason=f"no corpus at {CORPUS}; set PENNYPOST_CORPUS to its folder"
    ),
    pytest.mark.timeout(600),
]


def as_mail(path: Path) -> bytes:
    raw = path.read_bytes()
    if raw.startswith(b"From "):
        raw = raw.partition(b"\n")[2]
    # Dovecot keeps no NUL (RFC 9051 4.3.1) and wants canonical line ends.
    return re.sub(rb"\r?\n", b"\r\n", raw).replace(b"\0", b"")


def faults(name: str, status: int, page: str) -> list[str]:
    """What is wrong with the page of this message; nothing, for a good one."""
    facts, text = manifest()[name], squash(text_of(page))
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


def test_every_corpus_message_opens_with_its_facts(visitor: Visitor, alice: Person) -> None:
    names = of_kind("eml")
    uids = dict(zip(alice.append_all([as_mail(CORPUS / name) for name in names]), names, strict=True))
    visitor.sign_in(alice)
    listed: set[int] = set()
    while True:
        assert visitor.status == 200
        listed |= {int(uid) for uid in re.findall(r'name="uid" value="\d+\.(\d+)"', visitor.html)}
        older = re.search(r'href="([^"]+)"[^>]*rel="next"', visitor.html)
        if older is None:
            break
        visitor.get(html.unescape(older[1]))
    assert listed == set(uids)
    validity, wrong = alice.uidvalidity(), {}
    for uid, name in uids.items():
        answer = visitor.get(f"/m/INBOX/{validity}.{uid}", headers={"X-Part": "message"})
        found = faults(name, answer.status_code, answer.get_data(as_text=True))
        frame = re.search(r'<iframe[^>]* src="([^"]+)"', answer.get_data(as_text=True))
        if frame and visitor.get(html.unescape(frame[1])).status_code != 200:
            found.append("the frame does not open")
        if found:
            wrong[name] = found
    assert wrong == {}
