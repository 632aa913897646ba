"""Every key, on a page without script. With script, `?` shows those of the page that is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, render_template

from webmail.languages import N_
from webmail.web.words import _

blueprint = Blueprint("keys", __name__)

TABLE: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    N_("Everywhere"): (
        ("?", N_("all keys")),
        # Translators: what is between backticks is a key and stays. So below.
        ("/", N_("into the search field; `Esc` leaves it")),
        ("c", N_("write")),
        ("d", N_("write in a new tab")),
        ("Ctrl+k", N_("command menu (also `Cmd`)")),
        ("z", N_("undo what was done last")),
        ("Ctrl+z", N_("the same, outside fields")),
        ("g i", N_("Inbox")),
        ("g s", N_("Starred: the folder that the server has for it, else what is starred in this folder")),
        ("g d", N_("Drafts")),
        ("g t", N_("Sent")),
        ("g a", N_("Archive")),
        ("g j", N_("Junk")),
        ("g r", N_("Trash")),
        ("g z", N_("Snoozed")),
        ("g f", N_("a folder by typing its name: the command menu, begun")),
        (",", N_("settings")),
        ("F6", N_("next pane")),
        ("Shift+F6", N_("previous pane")),
    ),
    N_("In the list"): (
        ("j", N_("next, older row")),
        ("k", N_("row before")),
        ("ArrowDown", N_("as `j`, once a row has the focus")),
        ("ArrowUp", N_("as `k`")),
        ("Home", N_("first row")),
        ("End", N_("last row")),
        ("PageDown", N_("a screen of rows on")),
        ("PageUp", N_("a screen of rows back")),
        ("g n", N_("older page")),
        ("g p", N_("newer page")),
        ("Enter", N_("open")),
        ("o", N_("open; on a folded letter of a conversation: unfold")),
        ("x", N_("choose the row, or no longer")),
        ("Space", N_("the same")),
        ("J", N_("next row too")),
        ("K", N_("row before too")),
        ("Shift+ArrowDown", N_("as `J`")),
        ("Shift+ArrowUp", N_("as `K`")),
        ("* a", N_("choose all on the page")),
        ("* n", N_("none")),
        ("* r", N_("read ones")),
        ("* u", N_("unread ones")),
        ("* s", N_("starred ones")),
        ("* t", N_("those without a star")),
        ("Ctrl+a", N_("all on the page, while the list has the focus")),
        ("N", N_("check for mail")),
    ),
    N_("On rows, and on the open message"): (
        ("e", N_("archive")),
        ("#", N_("delete; in Trash for ever, after a question")),
        ("Delete", N_("as `#`")),
        ("Shift+Delete", N_("as `#`")),
        ("!", N_("junk; in Junk: not junk")),
        ("s", N_("star, or take it away")),
        ("I", N_("read")),
        ("U", N_("unread")),
        ("b", N_("snooze: opens its menu")),
        ("v", N_("move or copy: type to find the folder, Enter")),
        ("l", N_("label: type to find it, Enter")),
        ("m", N_("mute the conversation")),
    ),
    N_("In a message"): (
        ("u", N_("back to the list")),
        ("Escape", N_("close a menu, else back to the list")),
        ("r", N_("reply")),
        ("a", N_("reply to all")),
        ("f", N_("forward")),
        ("R", N_("reply in a new tab")),
        ("A", N_("reply to all in a new tab")),
        ("F", N_("forward in a new tab")),
        ("L", N_("reply to the list")),
        ("[", N_("archive and open the newer message")),
        ("]", N_("archive and open the older message")),
        ("n", N_("next letter of the conversation")),
        ("p", N_("letter before")),
        (";", N_("unfold all letters")),
        (":", N_("fold all letters")),
        ("Space", N_("a page down; at the end the next unread message")),
        ("Shift+Space", N_("a page up")),
        ("q", N_("show or hide quoted text")),
        ("i", N_("show remote images once")),
        ("w", N_("dark or original paper")),
        ("h", N_("search this sender")),
        ("t", N_("conversations, or letters one by one")),
        ("\\", N_("details of the header")),
        ("P", N_("print")),
        ("D", N_("download all files")),
        ("V", N_("source")),
    ),
    N_("While writing"): (
        ("Ctrl+Enter", N_("send")),
        ("Ctrl+Shift+Enter", N_("send, and archive what is answered")),
        ("Ctrl+s", N_("save now")),
        ("Ctrl+Shift+c", N_("Cc")),
        ("Ctrl+Shift+b", N_("Bcc")),
        ("Ctrl+Shift+f", N_("From")),
        ("Ctrl+Shift+a", N_("attach files")),
        ("Ctrl+.", N_("save, and open the next draft")),
        ("Escape", N_("close; the letter is in Drafts")),
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
    sections = ((_(title), tuple(_row(*each) for each in rows)) for title, rows in TABLE.items())
    return render_template("keys/show.html", page=KeysPage(tuple(sections)))


def _row(keys: str, words: str) -> Row:
    return Row(tuple(keys.split(" ")), tuple(_(words).split("`")))
