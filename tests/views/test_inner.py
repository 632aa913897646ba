"""Messages inside messages open as messages: their own people, words, pictures and files."""

from __future__ import annotations

import re
from email.message import EmailMessage
from email.policy import SMTP

from tests.servers.application import Visitor
from tests.servers.people import Person
from tests.views.test_message import PNG, frame_url, open_first


def message(subject: str, text: str, sender: str = "Ina <ina@example.net>") -> EmailMessage:
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = sender, "Otto <otto@example.net>", subject
    made["Date"] = "Tue, 03 Mar 2026 10:00:00 +0100"
    made.set_content(text)
    return made


def forwarded(*inner: EmailMessage) -> bytes:
    outer = message("Forwarded", "See below.", "Dora <dora@example.net>")
    for each in inner:
        outer.add_attachment(each)
    return outer.as_bytes()


def opened(visitor: Visitor, alice: Person, raw: bytes) -> str:
    """The page of the first message inside."""
    alice.append(raw)
    open_first(visitor, alice)
    return follow(visitor)


def follow(visitor: Visitor) -> str:
    found = re.search(r'class="nm" href="([^"]+/message)"', visitor.html)
    assert found
    visitor.get(found[1])
    return visitor.html


def test_it_shows_who_wrote_to_whom_and_what(visitor: Visitor, alice: Person) -> None:
    opened(visitor, alice, forwarded(message("Inner words", "Dear Otto,\n\nsee https://example.org/x")))
    for words in ("Inner words", "Ina", "ina@example.net", "to Otto", "Dear Otto,", "Nobody checked who wrote it."):
        assert words in visitor.text
    assert 'href="https://example.org/x"' in visitor.html
    assert "See below." not in visitor.text


def test_its_html_is_cleaned_and_its_pictures_are_its_own(visitor: Visitor, alice: Person) -> None:
    """R1, R5: the same walls, and remote images never, for nobody agreed to those."""
    inner = message("Inner", "plain")
    inner.add_alternative(
        '<p>Bold <b>words</b><img src="cid:pic"><img src="cid:outer"><img src="https://pics.example/a.png">'
        "<script>alert(1)</script></p>", subtype="html"
    )  # fmt: skip
    inner.get_payload()[1].add_related(PNG, "image", "png", cid="<pic>")
    outer = message("Forwarded", "See below.")
    outer.add_attachment(inner)
    outer.add_attachment(PNG, "image", "png", filename="o.png", cid="<outer>")
    page = opened(visitor, alice, outer.as_bytes())
    answer = visitor.get(frame_url(page))
    assert "<b>words</b>" in visitor.html
    assert "alert" not in visitor.html
    assert "pics.example" not in visitor.html
    pictures = re.findall(r'<img[^>]* src="([^"]+)"', visitor.html)
    assert [visitor.client.get(url).data for url in pictures] == [PNG]
    assert "script-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_its_files_are_listed_and_a_message_in_it_opens_too(visitor: Visitor, alice: Person) -> None:
    deepest = message("Deepest", "Found me.")
    middle = message("Middle", "One more.")
    middle.add_attachment(b"a,b\r\n1,2\r\n", "text", "csv", filename="table.csv")
    middle.add_attachment(deepest)
    opened(visitor, alice, forwarded(middle))
    assert "table.csv" in visitor.text
    download = re.search(
        r'class="ib" href="([^"]+)" download[^>]*><svg[^>]*>.*?</svg><span class="vh">Download table.csv', visitor.html
    )
    assert download
    assert visitor.client.get(download[1].replace("&amp;", "&")).data == b"a,b\r\n1,2\r\n"
    follow(visitor)
    assert "Found me." in visitor.text


def test_each_message_of_a_digest_opens(visitor: Visitor, alice: Person) -> None:
    raw = (
        b"From: List <list@example.net>\r\nTo: alice@example.org\r\nSubject: Digest\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/digest; boundary="b"\r\n\r\n'
        b"--b\r\n\r\nFrom: a@example.net\r\nSubject: First\r\n\r\nWords of the first.\r\n"
        b"--b\r\n\r\nFrom: b@example.net\r\nSubject: Second\r\n\r\nWords of the second.\r\n--b--\r\n"
    )
    alice.append(raw)
    open_first(visitor, alice)
    urls = re.findall(r'class="nm" href="([^"]+/message)"', visitor.html)
    texts = []
    for url in urls:
        visitor.get(url)
        texts.append(visitor.text)
    assert len(texts) == 2
    assert "Words of the first." in texts[0]
    assert "Words of the second." in texts[1]


def test_what_is_no_message_opens_as_none(visitor: Visitor, alice: Person) -> None:
    alice.append(forwarded(message("Inner", "x")))
    visitor.sign_in(alice)
    for part in ("1", "7", "2.9"):
        assert visitor.get(f"/m/INBOX/{alice.uidvalidity()}.1/part/{part}/message").status_code == 404
    assert visitor.get(f"/m/INBOX/{alice.uidvalidity()}.1/part/2/message").status_code == 200
