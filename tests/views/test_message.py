"""Reading one message: what is shown, what is blocked, and who gets to know of it."""

from __future__ import annotations

import re
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from tests.servers.application import Visitor, text_of
from tests.servers.people import Person, letter

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
                    "0000000d49444154789c63606060600000000500"
                    "01a5f645400000000049454e44ae426082")  # fmt: skip


def html_mail(html: str, text: str | None = None, subject: str = "News") -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "News <news@example.net>", "alice@example.org", subject
    if text is None:
        message.set_content(html, subtype="html")
    else:
        message.set_content(text)
        message.add_alternative(html, subtype="html")
    return message.as_bytes()


def open_first(visitor: Visitor, person: Person) -> str:
    visitor.sign_in(person)
    found = re.search(r'class="open" href="([^"]+)"', visitor.html)
    assert found
    visitor.get(found[1].replace("&amp;", "&"))
    return visitor.html


def pane(visitor: Visitor) -> str:
    """The text of the reading pane alone; the list beside it repeats first words."""
    return text_of(visitor.client.get(visitor.path, headers={"X-Part": "message"}).get_data(as_text=True))


def frame_url(html: str) -> str:
    found = re.search(r'<iframe[^>]* src="([^"]+)"', html)
    assert found
    return found[1].replace("&amp;", "&")


def test_a_plain_letter_shows_every_address_and_its_text(visitor: Visitor, alice: Person) -> None:
    alice.append(
        letter(
            "Minutes", sender="Nora Lindqvist <nora@example.org>",
            to="alice@example.org, Dana <dana@example.net>, pavel@example.net, mira@example.net",
            text="See https://example.org/x?a=1&b=2 for more.\r\n\r\nOn Monday, Ana wrote:\r\n> an old line\r\n",
        )
    )  # fmt: skip
    open_first(visitor, alice)
    for word in ("Minutes", "Nora Lindqvist", "nora@example.org", "dana@example.net", "pavel@example.net"):
        assert word in visitor.text
    assert 'href="https://example.org/x?a=1&amp;b=2"' in visitor.html
    assert re.search(r'<details class="quote".*an old line', visitor.html, re.DOTALL)
    assert "<iframe" not in visitor.html


def test_reading_marks_it_read_on_the_server_and_looking_at_the_list_does_not(visitor: Visitor, alice: Person) -> None:
    uid = alice.append(letter("One"))
    visitor.sign_in(alice)
    assert "\\Seen" not in alice.flags(uid)
    open_first(visitor, alice)
    assert "\\Seen" in alice.flags(uid)


@pytest.mark.parametrize("headers", [{"Sec-Purpose": "prefetch"}, {"Sec-Fetch-Site": "cross-site"}])
def test_r13_a_prefetch_or_a_foreign_page_does_not_read(
    visitor: Visitor, alice: Person, headers: dict[str, str]
) -> None:
    uid = alice.append(letter("One"))
    visitor.sign_in(alice)
    visitor.get(f"/m/INBOX/{alice.uidvalidity()}.{uid}", headers=headers)
    assert visitor.status == 200
    assert "\\Seen" not in alice.flags(uid)


def test_r1_html_is_not_in_the_page_but_in_a_sandboxed_frame_without_network(visitor: Visitor, alice: Person) -> None:
    alice.append(html_mail("<p>Hello <b>there</b></p><script>top.location='x'</script>"))
    page = open_first(visitor, alice)
    assert "there" not in pane(visitor)
    tag = re.search(r"<iframe[^>]*>", page)
    assert tag
    assert 'sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"' in tag[0]
    answer = visitor.get(frame_url(page))
    policy = answer.headers["Content-Security-Policy"]
    assert "<b>there</b>" in visitor.html
    assert "location" not in visitor.html
    for word in ("default-src 'none'", "script-src 'none'", "sandbox ", "form-action 'none'", "frame-ancestors 'self'"):
        assert word in policy
    assert "allow-scripts" not in policy + tag[0]
    assert "http" not in policy


def test_r5_remote_images_wait_for_consent_and_the_bar_says_how_many(visitor: Visitor, alice: Person) -> None:
    alice.append(html_mail(
        '<p>x</p><img src="https://pics.example/a.png" width="600" height="200">'
        '<img src="https://track.example/p.gif?u=1" width="1" height="1">'
    ))  # fmt: skip
    page = open_first(visitor, alice)
    assert "2 remote images are hidden" in visitor.text
    assert "tracker" in visitor.text
    assert "pics.example" in visitor.text
    visitor.get(frame_url(page))
    assert "pics.example" not in visitor.html
    visitor.page = None
    open_first_again = re.search(r'action="([^"]*/images[^"]*)"', page)
    assert open_first_again
    visitor.get(frame_url(page).replace("/body", ""))
    visitor.send(visitor.form(open_first_again[1].split("?")[0]))
    assert "Remote images are shown" in visitor.text
    answer = visitor.get(frame_url(visitor.html))
    assert re.search(r'src="/m/INBOX/[^"]*/image/0\?images=', visitor.html)
    assert "pics.example" not in visitor.html
    assert "https:" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_consent_cannot_be_given_by_a_link_nor_borrowed_from_another_message(visitor: Visitor, alice: Person) -> None:
    alice.append(html_mail('<img src="https://pics.example/a.png">', subject="First"))
    uid = alice.append(html_mail('<img src="https://pics.example/b.png">', subject="Second"))
    page = open_first(visitor, alice)
    assert "Second" in visitor.text
    action = re.search(r'action="([^"]*/images[^"]*)"', page)
    assert action
    visitor.send(visitor.form(action[1].split("?")[0]))
    token = re.search(r"images=([^&\"]+)", frame_url(visitor.html))
    assert token
    first = f"/m/INBOX/{alice.uidvalidity()}.{uid - 1}/body"
    for forged in ("1", "once", token[1]):
        visitor.get(f"{first}?images={forged}")
        assert "pics.example" not in visitor.html


def test_inline_images_come_from_our_own_host(visitor: Visitor, alice: Person) -> None:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "a@example.net", "alice@example.org", "Pic"
    message.set_content('<p>Look</p><img src="cid:pic@1" alt="us">', subtype="html")
    message.add_related(PNG, "image", "png", cid="<pic@1>")
    alice.append(message.as_bytes())
    page = open_first(visitor, alice)
    visitor.get(frame_url(page))
    source = re.search(r'<img[^>]* src="([^"]+)"', visitor.html)
    assert source
    answer = visitor.get(source[1].replace("&amp;", "&"))
    assert answer.content_type == "image/png"
    assert answer.data == PNG


def test_text_and_html_can_be_switched(visitor: Visitor, alice: Person) -> None:
    alice.append(html_mail("<p>The fancy one</p>", text="The plain one"))
    page = open_first(visitor, alice)
    assert "<iframe" in page
    assert "The plain one" not in pane(visitor)
    visitor.get(f"{visitor.path.split('?')[0]}?view=plain")
    assert "The plain one" in pane(visitor)
    assert "<iframe" not in visitor.html


CANARY = "'\"><x-c>${7*7}{{7*7}}"


def test_asvs_1_2_1_a_canary_in_every_header_shows_as_text(visitor: Visitor, alice: Person) -> None:
    from email.header import Header

    coded = Header(CANARY, "utf-8").encode()
    raw = (
        f"From: {coded} <a@example.net>\r\nTo: {coded} <b@example.net>\r\nCc: {coded} <c@example.net>\r\n"
        f"Reply-To: {coded} <d@example.net>\r\nSubject: {coded}\r\nDate: {CANARY}\r\nMessage-ID: <{CANARY}@x>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n"
        f'{CANARY}\r\n--b\r\nContent-Type: application/x; name="{coded}"\r\n'
        f'Content-Disposition: attachment; filename="{coded}"\r\n\r\nx\r\n--b--\r\n'
    )
    alice.append(raw.encode())
    visitor.sign_in(alice)
    assert "<x-c>" not in visitor.html
    open_first(visitor, alice)
    assert "<x-c>" not in visitor.html
    assert "&lt;x-c&gt;" in visitor.html
    assert "49" not in re.sub(r"\d{2,}\.\d+|v=\w+|:\d\d", "", visitor.text)


def test_a_spoofed_name_does_not_hide_the_address(visitor: Visitor, alice: Person) -> None:
    alice.append(letter("Urgent", sender='"security@bank.example" <thief@evil.example>'))
    open_first(visitor, alice)
    assert "thief@evil.example" in visitor.text


def test_the_message_is_gone(visitor: Visitor, alice: Person) -> None:
    uid = alice.append(letter("One"))
    visitor.sign_in(alice)
    alice.expunge(uid)
    visitor.get(f"/m/INBOX/{alice.uidvalidity()}.{uid}")
    assert visitor.status == 404
    assert "no longer here" in visitor.text


def test_the_folder_was_rebuilt(visitor: Visitor, alice: Person) -> None:
    uid = alice.append(letter("One"))
    visitor.sign_in(alice)
    visitor.get(f"/m/INBOX/{alice.uidvalidity() + 1}.{uid}")
    assert visitor.status == 409
    assert "rebuilt" in visitor.text


@pytest.mark.parametrize(
    "raw",
    [b"\r\n", b"no header at all, just words\r\n", b"Subject: only a subject\r\n\r\n",
     b"\xff\xfe\x00: \xff\r\n\r\n\xff\x00",
     b"From: \xe9\xe8 <a@b>\r\nSubject: caf\xe9\r\n\r\nna\xefve\r\n", b"Subject: =?utf-8?b?////?=\r\n\r\n",
     b"Content-Type: multipart/mixed; boundary=x\r\n\r\nno boundary here\r\n",
     b"Content-Type: text/html; charset=x-nobody\r\n\r\n<p>odd\r\n",
     b"Date: 1 Jan 99999999999\r\nFrom: " + b"a" * 5000 + b"\r\n\r\n"],
)  # fmt: skip
def test_broken_messages_open_and_are_never_blank(visitor: Visitor, alice: Person, raw: bytes) -> None:
    alice.append(raw.replace(b"\x00", b""))
    page = open_first(visitor, alice)
    assert visitor.status == 200
    assert "(no subject)" in visitor.text or re.search(r"<h1[^>]*>\s*\S", page)
    visitor.get(re.sub(r"\?.*", "", visitor.path) + "/source.txt")
    assert visitor.status == 200


def test_the_pane_alone_is_the_same_as_in_the_page(visitor: Visitor, alice: Person) -> None:
    alice.append(letter("One", text="The words.\r\n"))
    page = open_first(visitor, alice)
    answer = visitor.get(visitor.path, headers={"X-Part": "message"})
    pane = answer.get_data(as_text=True)
    assert "<html" not in pane
    assert "The words." in pane
    strip = re.compile(r'name="csrf_token" value="[^"]*"')
    assert strip.sub("", pane).strip() in strip.sub("", page)


def test_a_flag_set_by_another_device_shows_on_the_next_page(visitor: Visitor, alice: Person) -> None:
    uid = alice.append(letter("One"), flags=["\\Seen"])
    visitor.sign_in(alice)
    assert 'aria-pressed="true"' not in visitor.html
    alice.mark(uid, "\\Flagged")
    alice.mark(uid, "\\Seen", remove=True)
    visitor.get("/m/INBOX")
    assert 'aria-pressed="true"' in visitor.html
    assert "row unread" in visitor.html


def test_r6_a_link_that_lies_and_a_form_that_asks_are_named(visitor: Visitor, alice: Person) -> None:
    alice.append(html_mail('<a href="https://evil.example/x">www.bank.example</a><form><input name="pin"></form>'))
    open_first(visitor, alice)
    assert "names one site and leads to another" in visitor.text
    assert "Never type a password into a message" in visitor.text


def test_r5_a_picture_of_our_own_site_is_not_loaded_even_after_consent(visitor: Visitor, alice: Person) -> None:
    alice.append(html_mail('<img src="http://localhost/logout"><img src="https://pics.example/a.png">'))
    page = open_first(visitor, alice)
    action = re.search(r'action="([^"]*/images[^"]*)"', page)
    assert action
    visitor.send(visitor.form(action[1].split("?")[0]))
    visitor.get(frame_url(visitor.html))
    assert "/image/0" in visitor.html
    assert "logout" not in visitor.html
