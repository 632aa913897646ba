"""winmail.dat on the page: a tile that says so, what is inside when asked, files under the rules for every file."""

from __future__ import annotations

import re
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from demo.mail.winmail import BINARY, file, message, packed, text, winmail
from tests.servers.application import Visitor
from tests.servers.people import Person
from tests.views.test_message import PNG
from webmail.mail import tnef

HTML = (
    b"<p>Dear Alice</p><script>alert(1)</script><img src='cid:pic@1'><img src='https://evil.example/x.png'>"
    b"<img src='cid:other'>"
)


def wrapped(data: bytes, body: str = "") -> bytes:
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = "Otto <otto@example.net>", "alice@example.org", "Outside"
    if body:
        made.set_content(body)
    made.add_attachment(data, "application", "ms-tnef", filename="winmail.dat")
    return made.as_bytes()


def test_it_opens_when_asked_and_its_files_obey_r7_and_r8(visitor: Visitor, alice: Person) -> None:
    inner = winmail("Forwarded plan", [text(0x1000, "inner words")], [file("deep.txt", "Grüße".encode())])
    data = winmail(
        "Inside",
        [(0x1013, BINARY, HTML)],
        [
            file("pic.png", PNG, text(0x370E, "image/png"), text(0x3712, "pic@1")),
            file("../page.html", b"<script>alert(1)</script>", text(0x370E, "text/html")),
            file("plan.pdf", b"%PDF-1.7", text(0x370E, "application/pdf")),
            message("", inner),
        ],
    )
    alice.append(wrapped(data))
    visitor.sign_in(alice)
    here = f"/m/INBOX/{alice.uidvalidity()}.1"
    visitor.get(here)
    assert "Outlook packed the text of this message in a file" in visitor.text
    assert "from Outlook, opens here" in visitor.text
    opened = re.search(r'href="([^"]+/winmail)"', visitor.html)
    assert opened
    root = opened[1]

    visitor.get(root)
    assert visitor.status == 200
    assert '<h1 id="subject" dir="auto">Inside</h1>' in visitor.html
    assert "Otto" in visitor.text
    assert "pic.png" not in visitor.text  # it stands in the letter
    assert ("_page.html" in visitor.text, "Forwarded plan" in visitor.text) == (True, True)

    answer = visitor.get(f"{root}/body")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "<script" not in answer.text.partition("<body>")[2]
    assert "evil.example" not in answer.text
    assert f"{root}/1" in answer.text

    kinds = {1: "image/png", 2: "application/octet-stream", 3: "application/pdf"}
    for number, kind in kinds.items():
        answer = visitor.get(f"{root}/{number}")
        assert answer.content_type == kind
        assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        saved = visitor.get(f"{root}/{number}?dl=1")
        assert (saved.content_type, saved.data) == ("application/octet-stream", answer.data)
        assert saved.headers["Content-Disposition"].startswith("attachment")
    assert "/" not in visitor.get(f"{root}/2").headers["Content-Disposition"]

    visitor.get(f"{root}/4/message")
    assert ("Forwarded plan" in visitor.text, "inner words" in visitor.text) == (True, True)
    assert visitor.get(f"{root}/4.1").data == b"Gr\xc3\xbc\xc3\x9fe"
    assert visitor.get(f"{root}/4?dl=1").data == inner
    for nothing in ("9", "4.9", "1.1", "1/message", "9/body", "4/body"):
        assert visitor.get(f"{root}/{nothing}").status_code == 404, nothing


def test_one_that_is_damaged_or_none_says_so(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    whole = winmail("Half", [packed(rb"{\rtf1 Only words\par}")], [file("long.bin", bytes(5000))])
    uids = [alice.append(wrapped(data, "See the file.")) for data in (whole[:-100], b"not at all", b"")]
    here = f"/m/INBOX/{alice.uidvalidity()}"
    visitor.get(f"{here}.{uids[0]}/part/2/winmail")
    assert ("damaged or cut off" in visitor.text, "Only words" in visitor.text) == (True, True)
    for uid in uids[1:]:
        visitor.get(f"{here}.{uid}/part/2/winmail")
        assert (visitor.status, "damaged or cut off" in visitor.text) == (200, True)
    assert visitor.get(f"{here}.{uids[0]}/part/1/winmail").status_code == 404


@pytest.mark.parametrize("size", [60_000, 200_000])
def test_r15_one_over_the_limit_is_only_downloaded(
    visitor: Visitor, alice: Person, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(tnef, "LARGEST", 50_000)
    data = winmail("Large", []) + bytes(size)
    uid = alice.append(wrapped(data, "See the file."))
    visitor.sign_in(alice)
    here = f"/m/INBOX/{alice.uidvalidity()}.{uid}/part/2"
    visitor.get(f"{here}/winmail")
    assert (visitor.status, "too large" in visitor.text) == (413, True)
    assert visitor.get(f"{here}?dl=1").data == data
