"""Every key, on a page without script. With script, `?` shows those of the page that is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, render_template

blueprint = Blueprint("keys", __name__)

TABLE: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "Everywhere": (
        ("?", "all keys"),
        ("/", "into the search field; `Esc` leaves it"),
        ("c", "write"),
        ("d", "write in a new tab"),
        ("Ctrl+k", "command menu (also `Cmd`)"),
        ("z", "undo what was done last"),
        ("Ctrl+z", "the same, outside fields"),
        ("g i", "Inbox"),
        ("g s", "Starred: the folder that the server has for it, else what is starred in this folder"),
        ("g d", "Drafts"),
        ("g t", "Sent"),
        ("g a", "Archive"),
        ("g j", "Junk"),
        ("g r", "Trash"),
        ("g z", "Snoozed"),
        ("g f", "a folder by typing its name: the command menu, begun"),
        (",", "settings"),
        ("F6", "next pane"),
        ("Shift+F6", "previous pane"),
    ),
    "In the list": (
        ("j", "next, older row"),
        ("k", "row before"),
        ("ArrowDown", "as `j`, once a row has the focus"),
        ("ArrowUp", "as `k`"),
        ("Home", "first row"),
        ("End", "last row"),
        ("PageDown", "a screen of rows on"),
        ("PageUp", "a screen of rows back"),
        ("g n", "older page"),
        ("g p", "newer page"),
        ("Enter", "open"),
        ("o", "open; on a folded letter of a conversation: unfold"),
        ("x", "choose the row, or no longer"),
        ("Space", "the same"),
        ("J", "next row too"),
        ("K", "row before too"),
        ("Shift+ArrowDown", "as `J`"),
        ("Shift+ArrowUp", "as `K`"),
        ("* a", "choose all on the page"),
        ("* n", "none"),
        ("* r", "read ones"),
        ("* u", "unread ones"),
        ("* s", "starred ones"),
        ("* t", "those without a star"),
        ("Ctrl+a", "all on the page, while the list has the focus"),
        ("N", "check for mail"),
    ),
    "On rows, and on the open message": (
        ("e", "archive"),
        ("#", "delete; in Trash for ever, after a question"),
        ("Delete", "as `#`"),
        ("Shift+Delete", "as `#`"),
        ("!", "junk; in Junk: not junk"),
        ("s", "star, or take it away"),
        ("I", "read"),
        ("U", "unread"),
        ("b", "snooze: opens its menu"),
        ("v", "move or copy: type to find the folder, Enter"),
        ("l", "label: type to find it, Enter"),
        ("m", "mute the conversation"),
    ),
    "In a message": (
        ("u", "back to the list"),
        ("Escape", "close a menu, else back to the list"),
        ("r", "reply"),
        ("a", "reply to all"),
        ("f", "forward"),
        ("R", "reply in a new tab"),
        ("A", "reply to all in a new tab"),
        ("F", "forward in a new tab"),
        ("L", "reply to the list"),
        ("[", "archive and open the newer message"),
        ("]", "archive and open the older message"),
        ("n", "next letter of the conversation"),
        ("p", "letter before"),
        (";", "unfold all letters"),
        (":", "fold all letters"),
        ("Space", "a page down; at the end the next unread message"),
        ("Shift+Space", "a page up"),
        ("q", "show or hide quoted text"),
        ("i", "show remote images once"),
        ("w", "dark or original paper"),
        ("h", "search this sender"),
        ("t", "conversations, or letters one by one"),
        ("\\", "details of the header"),
        ("P", "print"),
        ("D", "download all files"),
        ("V", "source"),
    ),
    "While writing": (
        ("Ctrl+Enter", "send"),
        ("Ctrl+Shift+Enter", "send, and archive what is answered"),
        ("Ctrl+s", "save now"),
        ("Ctrl+Shift+c", "Cc"),
        ("Ctrl+Shift+b", "Bcc"),
        ("Ctrl+Shift+f", "From"),
        ("Ctrl+Shift+a", "attach files"),
        ("Ctrl+.", "save, and open the next draft"),
        ("Escape", "close; the letter is in Drafts"),
    ),
}
"""By where they work: the keys, and what they do. Between backticks is a key. The same as in docs/keys.md."""


@dataclass(frozen=True, slots=True)
class Row:
    """keys: pressed one after the other. words: what they do, every second piece a key again."""

    keys: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeysPage:
    """sections: where they work, and the keys that do."""

    sections: tuple[tuple[str, tuple[Row, ...]], ...]


@blueprint.get("/keys")
def show() -> str:
    """The page; for everybody, as it says nothing of anybody."""
    sections = ((title, tuple(_row(*each) for each in rows)) for title, rows in TABLE.items())
    return render_template("keys/show.html", page=KeysPage(tuple(sections)))


def _row(keys: str, words: str) -> Row:
    return Row(tuple(keys.split(" ")), tuple(words.split("`")))
