"""How a message is shown: plain or as designed, remembered for it; in its own language and direction."""

from __future__ import annotations

from tests.servers.application import Visitor
from tests.servers.people import Person

HEAD = b"From: a@example.net\r\nTo: alice@example.org\r\nSubject: Hi\r\nMIME-Version: 1.0\r\n"


def test_html_without_a_text_part_can_be_read_as_plain_text_and_that_is_remembered(
    visitor: Visitor, alice: Person
) -> None:
    html = b"<p>Only <b>designed</b> words</p><div style='display:none'>unseen</div>"
    alice.append(HEAD + b"Content-Type: text/html\r\n\r\n" + html + b"\r\n")
    alice.append(HEAD + b"Content-Type: text/html\r\n\r\n<p>Other</p>\r\n")
    visitor.sign_in(alice)
    here = f"/m/INBOX/{alice.uidvalidity()}"
    visitor.get(f"{here}.1")
    assert ("<iframe" in visitor.html, "Show as plain text" in visitor.text) == (True, True)
    visitor.get(f"{here}.1?view=plain")
    assert ("<iframe" in visitor.html, "Show as designed" in visitor.text) == (False, True)
    assert "Only designed words" in visitor.text
    assert "unseen" not in visitor.html.partition('class="letter"')[2]  # R27
    visitor.get(f"{here}.1")
    assert "Only designed words" in visitor.text
    visitor.get(f"{here}.2")
    assert "<iframe" in visitor.html
    visitor.get(f"{here}.1?view=html")
    assert "<iframe" in visitor.html
    visitor.get(f"{here}.1?view=nonsense")
    assert (visitor.status, "<iframe" in visitor.html) == (200, True)


def test_the_frame_and_the_text_carry_the_language_of_the_message(visitor: Visitor, alice: Person) -> None:
    told = b"Content-Language: ar, en\r\n"
    alice.append(HEAD + told + b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>words</p>\r\n")
    alice.append(HEAD + b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\nwords\r\n")
    alice.append(HEAD + b'Content-Language: "><script>\r\nContent-Type: text/html\r\n\r\n<p>words</p>\r\n')
    visitor.sign_in(alice)
    here = f"/m/INBOX/{alice.uidvalidity()}"
    visitor.get(f"{here}.1")
    assert "/body?lang=ar" in visitor.html
    visitor.get(f"{here}.1/body?lang=ar")
    assert 'dir="auto" lang="ar">' in visitor.html
    visitor.get(f"{here}.2")
    assert 'class="letter" lang="ja"' in visitor.html
    visitor.get(f"{here}.3")
    assert "lang=%22" not in visitor.html
    visitor.get(f"{here}.3/body?lang=%22%3E%3Cscript%3E")
    assert 'dir="auto" lang="">' in visitor.html
