"""What a person sees on our pages, read out of their HTML, and what they press there."""

from __future__ import annotations

import html as html_text
import re
from urllib.parse import quote, unquote, urlsplit

from tests.interop.device import Device
from tests.servers.application import Visitor
from webmail.mail.ids import MailboxName
from webmail.mail.mailbox import encode_name
from webmail.web.converters import mailbox_from_url, mailbox_to_url


def raw(phone: Device, title: str) -> MailboxName:
    """The name of a folder as the server lists it."""
    return encode_name(phone.folder(title))


def url(phone: Device, title: str = "INBOX", rest: str = "") -> str:
    """The address of a folder, or of something in it."""
    return f"/m/{quote(mailbox_to_url(raw(phone, title)), safe='~&+,')}{rest}"


def value(phone: Device, title: str) -> str:
    """A folder as a choice of "Move to"."""
    return mailbox_to_url(raw(phone, title))


def folders(visitor: Visitor) -> dict[str, str]:
    """Titles of the folder list and the names on the server behind them, in order."""
    nav = re.search(r"<nav[^>]*aria-label=\"Folders\".*?</nav>", visitor.html, re.DOTALL)
    assert nav, "the page has no folder list"
    found = re.findall(r'<a class="f[^"]*" href="([^"]+)".*?<span class="nm"[^>]*>([^<]*)<', nav[0], re.DOTALL)
    paths = {html_text.unescape(title): urlsplit(html_text.unescape(href)).path for href, title in found}
    return {title: mailbox_from_url(unquote(path.removeprefix("/m/"))) for title, path in paths.items()}


def subjects(visitor: Visitor) -> list[str]:
    return [html_text.unescape(text) for text in re.findall(r'class="subj"[^>]*>([^<]*)<', visitor.html)]


def picks(visitor: Visitor) -> list[str]:
    return re.findall(r'name="uid" value="(\d+\.[\d,]+)"', visitor.html)


def row(visitor: Visitor, subject: str) -> str:
    """The HTML of one row; StopIteration when the list has none of that subject."""
    rows = re.findall(r'<li class="row.*?</li>', visitor.html, re.DOTALL)
    return next(each for each in rows if f'dir="auto">{html_text.escape(subject)}</span>' in each)


def unread(visitor: Visitor, subject: str) -> bool:
    return row(visitor, subject).startswith('<li class="row unread')


def starred(visitor: Visitor, subject: str) -> bool:
    return 'aria-pressed="true"' in row(visitor, subject)


def link(visitor: Visitor, pattern: str) -> str:
    """The address in the first match of a pattern with one group."""
    found = re.search(pattern, visitor.html, re.DOTALL)
    assert found, f"the page has no {pattern}"
    return html_text.unescape(found[1])


def open_row(visitor: Visitor, subject: str) -> None:
    """Click on a message of the list."""
    found = re.search(r'class="open" href="([^"]+)"', row(visitor, subject))
    assert found
    visitor.get(html_text.unescape(found[1]))


def pane(visitor: Visitor) -> str:
    """The text of the reading pane alone; the list beside it repeats first words."""
    part = visitor.client.get(visitor.path, headers={"X-Part": "message"}).get_data(as_text=True)
    return " ".join(html_text.unescape(re.sub(r"<[^>]+>", " ", part)).split())


def press(visitor: Visitor, phone: Device, do: str, chosen: list[str], title: str = "INBOX", **more: str) -> None:
    """A button above the list, with these messages ticked."""
    visitor.get(url(phone, title))
    visitor.send(visitor.form(url(phone, title, "/do")), do=do, uid=chosen, **more)
    assert visitor.status == 200, visitor.text[:300]
