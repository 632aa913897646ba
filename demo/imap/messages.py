"""Commands about messages (RFC 3501 6.4; UIDPLUS RFC 4315, MOVE RFC 6851, IDLE RFC 2177)."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Final

from demo.imap.describe import envelope, octets, structure
from demo.imap.grammar import Arguments
from demo.imap.items import Item, Section, read_items
from demo.imap.session import Session
from demo.imap.view import Entry, View, told_flags
from demo.imap.wire import Malformed, Refused, date_time, literal, number_set, read_line

_UID: Final = Item("UID")
_FLAGS: Final = Item("FLAGS")


async def fetch(session: Session, args: Arguments, uid: bool) -> str:
    view = session.selected()
    wanted = args.number_set()
    args.space()
    items = read_items(args)
    args.end()
    if uid and _UID not in items:
        items = [_UID, *items]
    marks = not view.read_only and any(item.section and not item.peek for item in items)
    for number, entry in view.chosen(wanted, uid):
        asked = items
        if marks and "\\Seen" not in entry.message.flags:
            view.mailbox.set_flags(entry.message, entry.message.flags | {"\\Seen"})
            asked = items if _FLAGS in items else [*items, _FLAGS]
        words = b" ".join(_value(item, entry) for item in asked)
        session.say(b"* %d FETCH (%b)" % (number, words))
        await session.writer.drain()
    return "Fetch completed."


def _value(item: Item, entry: Entry) -> bytes:
    """One item and its value."""
    message = entry.message
    if item.section is not None:
        return _section(item, item.section, entry)
    match item.label:
        case "UID":
            value = b"%d" % message.uid
        case "FLAGS":
            value = told_flags(entry)
        case "INTERNALDATE":
            value = date_time(message.arrived)
        case "RFC822.SIZE":
            value = b"%d" % len(message.source)
        case "ENVELOPE":
            value = envelope(message.structure)
        case _:
            value = structure(message.structure, extended=item.label == "BODYSTRUCTURE")
    return item.label.encode() + b" " + value


def _section(item: Item, section: Section, entry: Entry) -> bytes:
    data = octets(entry.message.structure, section)
    label = item.label.encode()
    if item.label == "BODY":
        label += b"[" + section.written() + b"]"
    if item.partial:
        start, length = item.partial
        label += b"<%d>" % start
        data = data[start : start + length]
    return label + b" " + literal(data)


async def store(session: Session, args: Arguments, uid: bool) -> str:
    view = session.selected()
    wanted = args.number_set()
    args.space()
    sign = "+" if args.skip(b"+") else "-" if args.skip(b"-") else ""
    word = args.word()
    if word not in ("FLAGS", "FLAGS.SILENT"):
        raise Malformed("Unknown STORE item")
    args.space()
    given = args.group(args.flag) if args.peek(b"(") else [args.flag()]
    while args.skip(b" "):
        given.append(args.flag())
    args.end()
    if view.read_only:
        return "Store ignored with read-only mailbox."
    flags = view.mailbox.spelled(given)
    for number, entry in view.chosen(wanted, uid):
        old = entry.message.flags
        view.mailbox.set_flags(entry.message, old | flags if sign == "+" else old - flags if sign == "-" else flags)
        if word == "FLAGS":
            _tell_flags(session, view, number, entry, uid)
        else:
            entry.told = entry.message.flags
    return "Store completed."


def _tell_flags(session: Session, view: View, number: int, entry: Entry, uid: bool) -> None:
    session.say(*view.changes_of_keywords())
    name = b"UID %d " % entry.message.uid if uid else b""
    session.say(b"* %d FETCH (%bFLAGS %b)" % (number, name, told_flags(entry)))


async def append(session: Session, args: Arguments, uid: bool) -> str:
    account = session.signed_in()
    name = args.mailbox()
    args.space()
    flags: list[str] = []
    if args.peek(b"("):
        flags = args.group(args.flag)
        args.space()
    when = datetime.now().astimezone()
    if args.peek(b'"'):
        when = args.date_time()
        args.space()
    source = args.string()
    args.end()
    if not source:
        raise Refused("Message is empty")
    target = account.find(name, "[TRYCREATE] ")
    message = target.append(source, flags, when)
    return f"[APPENDUID {target.uidvalidity} {message.uid}] Append completed."


async def _transfer(session: Session, args: Arguments, uid: bool) -> tuple[View, list[Entry], str]:
    """Copies; (view, the entries copied, the COPYUID code with a space, or nothing when none was)."""
    view = session.selected()
    wanted = args.number_set()
    args.space()
    name = args.mailbox()
    args.end()
    target = session.signed_in().find(name, "[TRYCREATE] ")
    there = {id(message) for message in view.mailbox.messages}
    entries = [entry for _, entry in view.chosen(wanted, uid) if id(entry.message) in there]
    if not entries:
        return view, [], ""
    old = number_set([entry.message.uid for entry in entries]).decode()
    new = number_set([target.copy(entry.message).uid for entry in entries]).decode()
    return view, entries, f"[COPYUID {target.uidvalidity} {old} {new}] "


async def copy(session: Session, args: Arguments, uid: bool) -> str:
    _, _, code = await _transfer(session, args, uid)
    return f"{code}Copy completed."


async def move(session: Session, args: Arguments, uid: bool) -> str:
    if session.selected().read_only:
        raise Refused("[READ-ONLY] Mailbox is read-only")
    view, entries, code = await _transfer(session, args, uid)
    if code:
        session.say(f"* OK {code}Moved UIDs.".encode())
    view.mailbox.expunge([entry.message for entry in entries])
    return "Move completed."


async def expunge(session: Session, args: Arguments, uid: bool) -> str:
    view = session.selected()
    if view.read_only:
        raise Refused("[READ-ONLY] Mailbox is read-only")
    chosen = view.entries
    if uid:
        chosen = [entry for _, entry in view.chosen(args.number_set(), uid)]
    args.end()
    view.mailbox.expunge([entry.message for entry in chosen if "\\Deleted" in entry.message.flags])
    return "Expunge completed."


async def idle(session: Session, args: Arguments, uid: bool) -> str:
    session.signed_in()
    args.end()
    session.say(b"+ idling")
    done = asyncio.ensure_future(read_line(session.reader))
    try:
        while not done.done():
            session.news.clear()
            session.tell_news()
            await session.writer.drain()
            news = asyncio.ensure_future(session.news.wait())
            await asyncio.wait((done, news), return_when=asyncio.FIRST_COMPLETED)
            news.cancel()
    finally:
        done.cancel()
    if (await done).strip().upper() != b"DONE":
        raise Malformed("Expected DONE.")
    return "Idle completed."
