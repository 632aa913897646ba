"""SEARCH (RFC 3501 6.4.4): keys become predicates, which are asked of one message after the other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from email.utils import parsedate_to_datetime
from typing import Final

from demo.imap.grammar import Arguments
from demo.imap.session import Session
from demo.imap.view import Entry, View
from demo.imap.wire import Malformed, Refused
from demo.imap.words import all_text, body_text, field_text

Key = Callable[[int, Entry], bool]

_FLAGS: Final = {
    "ANSWERED": "\\Answered",
    "DELETED": "\\Deleted",
    "DRAFT": "\\Draft",
    "FLAGGED": "\\Flagged",
    "SEEN": "\\Seen",
}
_FIELDS: Final = ("BCC", "CC", "FROM", "SUBJECT", "TO")
_DATES: Final = ("BEFORE", "ON", "SINCE", "SENTBEFORE", "SENTON", "SENTSINCE")
_CHARSETS: Final = {"UTF-8": "utf-8", "US-ASCII": "ascii", "ISO-8859-1": "latin-1", "LATIN1": "latin-1"}


async def search(session: Session, args: Arguments, uid: bool) -> str:
    view = session.selected()
    charset = "utf-8"
    if args.skip(b"CHARSET ") or args.skip(b"charset "):
        name = args.astring().decode("ascii", "replace").upper()
        if name not in _CHARSETS:
            raise Refused("[BADCHARSET (UTF-8 US-ASCII)] Unknown charset")
        charset = _CHARSETS[name]
        args.space()
    wanted = _Keys(args, view, charset).read_all()
    found = [
        entry.message.uid if uid else number for number, entry in enumerate(view.entries, 1) if wanted(number, entry)
    ]
    session.say(b" ".join([b"* SEARCH", *(b"%d" % number for number in found)]))
    return "Search completed."


class _Keys:
    """Reads search keys and makes one predicate of them."""

    def __init__(self, args: Arguments, view: View, charset: str) -> None:
        self.args = args
        self.view = view
        self.charset = charset
        self.depth = 0

    def read_all(self) -> Key:
        keys = [self.one()]
        while self.args.skip(b" "):
            keys.append(self.one())
        self.args.end()
        return lambda number, entry: all(key(number, entry) for key in keys)

    def one(self) -> Key:
        self.depth += 1
        if self.depth > 200:
            raise Malformed("Too many search keys")
        args = self.args
        if args.peek(b"("):
            keys = args.group(self.one)
            return lambda number, entry: all(key(number, entry) for key in keys)
        if args.data[args.at : args.at + 1] in b"0123456789*" and not args.at_end():
            return self._numbers(uid=False)
        return self._named(args.word())

    def _numbers(self, uid: bool) -> Key:
        wanted = self.args.number_set()
        chosen = {id(entry) for _, entry in self.view.chosen(wanted, uid)}
        return lambda number, entry: id(entry) in chosen

    def _flag(self, name: str, expected: bool) -> Key:
        low = name.lower()
        return lambda number, entry: any(flag.lower() == low for flag in entry.message.flags) is expected

    def _text(self) -> str:
        self.args.space()
        try:
            return self.args.astring().decode(self.charset).casefold()
        except UnicodeDecodeError:
            raise Refused("[BADCHARSET (UTF-8 US-ASCII)] Words do not fit the charset") from None

    def _named(self, name: str) -> Key:
        args = self.args
        if name in ("ALL", "OLD"):
            return lambda number, entry: True
        if name in ("NEW", "RECENT"):
            return lambda number, entry: False
        if name in _FLAGS:
            return self._flag(_FLAGS[name], True)
        if name.removeprefix("UN") in _FLAGS:
            return self._flag(_FLAGS[name.removeprefix("UN")], False)
        if name in ("KEYWORD", "UNKEYWORD"):
            args.space()
            return self._flag(args.atom(), name == "KEYWORD")
        if name == "NOT":
            args.space()
            inner = self.one()
            return lambda number, entry: not inner(number, entry)
        if name == "OR":
            args.space()
            left = self.one()
            args.space()
            right = self.one()
            return lambda number, entry: left(number, entry) or right(number, entry)
        if name == "UID":
            args.space()
            return self._numbers(uid=True)
        if name in ("LARGER", "SMALLER"):
            args.space()
            size = args.number()
            if name == "LARGER":
                return lambda number, entry: len(entry.message.source) > size
            return lambda number, entry: len(entry.message.source) < size
        return self._dates(name) if name in _DATES else self._words(name)

    def _words(self, name: str) -> Key:
        if name in _FIELDS:
            text = self._text()
            field = name.lower().encode()
            return lambda number, entry: any(text in value for value in field_text(entry.message, field))
        if name == "HEADER":
            self.args.space()
            field = self.args.astring().lower()
            text = self._text()
            return lambda number, entry: any(text in value for value in field_text(entry.message, field))
        if name == "BODY":
            text = self._text()
            return lambda number, entry: text in body_text(entry.message)
        if name == "TEXT":
            text = self._text()
            return lambda number, entry: text in all_text(entry.message)
        raise Malformed(f"Unknown search key {name[:20]}")

    def _dates(self, name: str) -> Key:
        self.args.space()
        day = self.args.date()
        moment = _sent if name.startswith("SENT") else _arrived
        compare = {"BEFORE": date.__lt__, "ON": date.__eq__, "SINCE": date.__ge__}[name.removeprefix("SENT")]

        def matches(number: int, entry: Entry) -> bool:
            when = moment(entry)
            return when is not None and compare(when, day)

        return matches


def _arrived(entry: Entry) -> date:
    return entry.message.arrived.date()


def _sent(entry: Entry) -> date | None:
    value = entry.message.structure.get(b"date")
    try:
        return parsedate_to_datetime(value.decode("latin-1")).date() if value else None
    except (ValueError, TypeError, OverflowError):
        return None
