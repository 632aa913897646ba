"""One message: the page and its HTML frame."""

from __future__ import annotations

from dataclasses import dataclass

from webmail.mail.text import Block
from webmail.web.nav import Nav
from webmail.web.rows import ListPane


@dataclass(frozen=True, slots=True)
class File:
    """A tile. kind: up to four letters ("PDF"). colour: 0..7. url: opens in a tab where that is safe, else downloads."""

    name: str
    kind: str
    colour: int
    size: str
    url: str
    download_url: str


@dataclass(frozen=True, slots=True)
class Images:
    """The bar about remote images. text: how many and why. show_url: POST shows them; None when they are shown."""

    text: str
    show_url: str | None


@dataclass(frozen=True, slots=True)
class MessagePage:
    """The message beside its list.

    who: display name or address; address: always visible beside it (R19). to_line: "to you and 3 others".
    details: (label, value) pairs for the fold. frame_url: HTML body, or None; alone_url: the same on its own page.
    texts: plain bodies as blocks, shown when there is no frame. notes: honest remarks ("too large to show").
    other_view: (label, url) switching plain and HTML, or None. do_url takes the same POST as the list, uid=pick.
    """

    nav: Nav
    list: ListPane
    pick: str
    url: str
    do_url: str
    subject: str
    who: str
    address: str
    initials: str
    colour: int
    time: str
    iso: str
    to_line: str
    details: tuple[tuple[str, str], ...]
    starred: bool
    images: Images | None
    frame_url: str | None
    texts: tuple[tuple[Block, ...], ...]
    notes: tuple[str, ...]
    files: tuple[File, ...]
    other_view: tuple[str, str] | None
    reply_url: str
    reply_all_url: str
    forward_url: str
    source_url: str
    eml_url: str
    edit_url: str | None
    position: str
    newer_url: str | None
    older_url: str | None
