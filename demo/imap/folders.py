"""Commands about mailboxes (RFC 3501 6.3; LIST-EXTENDED RFC 5258, LIST-STATUS RFC 5819, SPECIAL-USE RFC 6154)."""

from __future__ import annotations

import re
from typing import Final

from demo.imap.grammar import Arguments
from demo.imap.session import Session
from demo.imap.store import DELIMITER, Account, Mailbox
from demo.imap.view import View
from demo.imap.wire import Malformed, mailbox

_COUNTS: Final = ("MESSAGES", "RECENT", "UIDNEXT", "UIDVALIDITY", "UNSEEN", "SIZE")
_SELECTIONS: Final = ("SPECIAL-USE", "SUBSCRIBED", "REMOTE", "RECURSIVEMATCH")


async def namespace(session: Session, args: Arguments, uid: bool) -> str:
    session.signed_in()
    args.end()
    session.say(f'* NAMESPACE (("" "{DELIMITER}")) NIL NIL'.encode())
    return "Namespace completed."


def _matcher(reference: str, patterns: list[str]) -> re.Pattern[str]:
    words = []
    for pattern in patterns:
        text = reference + pattern
        text = "INBOX" if text.upper() == "INBOX" else text
        wild = {"*": ".*", "%": f"[^{re.escape(DELIMITER)}]*"}
        words.append("".join(wild.get(char, re.escape(char)) for char in text))
    return re.compile("|".join(words) or "(?!)")


def _attributes(account: Account, name: str, found: Mailbox | None) -> list[str]:
    below = any(other.startswith(name + DELIMITER) for other in account.mailboxes)
    words = [] if found else ["\\Noselect"]
    words.append("\\HasChildren" if below else "\\HasNoChildren")
    return [*words, found.role] if found and found.role else words


def _read_returns(args: Arguments) -> tuple[set[str], list[str]]:
    """The RETURN options of LIST, and the counts that STATUS among them asks for."""
    options: set[str] = set()
    counts: list[str] = []

    def option() -> None:
        word = args.word()
        options.add(word)
        if word == "STATUS":
            args.space()
            counts.extend(args.group(lambda: _count(args)))

    args.group(option)
    return options, counts


async def list_mailboxes(session: Session, args: Arguments, uid: bool) -> str:
    account = session.signed_in()
    selection: set[str] = set()
    if args.peek(b"("):
        selection = set(args.group(args.word))
        args.space()
    if not selection <= set(_SELECTIONS):
        raise Malformed("Unknown selection option")
    reference = args.astring().decode("ascii", "replace")
    args.space()
    patterns = args.group(args.pattern) if args.peek(b"(") else [args.pattern()]
    options: set[str] = set()
    counts: list[str] = []
    if args.skip(b" "):
        if args.word() != "RETURN":
            raise Malformed("Expected RETURN")
        args.space()
        options, counts = _read_returns(args)
    args.end()
    if patterns == [""]:  # only the delimiter is asked for (RFC 3501 6.3.8)
        session.say(f'* LIST (\\Noselect) "{DELIMITER}" ""'.encode())
        return "List completed."
    wanted = _matcher(reference, patterns)
    for name, found in account.names().items():
        if not wanted.fullmatch(name) or not _is_selected(found, selection):
            continue
        words = _attributes(account, name, found)
        if found and found.subscribed and ("SUBSCRIBED" in options or "SUBSCRIBED" in selection):
            words.append("\\Subscribed")
        session.say(f'* LIST ({" ".join(words)}) "{DELIMITER}" '.encode() + mailbox(name))
        if counts and found:
            session.say(_status(name, found, counts))
    return "List completed."


def _is_selected(found: Mailbox | None, selection: set[str]) -> bool:
    if "SPECIAL-USE" in selection and not (found and found.role):
        return False
    return "SUBSCRIBED" not in selection or bool(found and found.subscribed)


async def list_subscribed(session: Session, args: Arguments, uid: bool) -> str:
    account = session.signed_in()
    reference = args.astring().decode("ascii", "replace")
    args.space()
    wanted = _matcher(reference, [args.pattern()])
    args.end()
    for name, found in account.names().items():
        if found and found.subscribed and wanted.fullmatch(name):
            session.say(
                f'* LSUB ({" ".join(_attributes(account, name, found))}) "{DELIMITER}" '.encode() + mailbox(name)
            )
    return "Lsub completed."


def _count(args: Arguments) -> str:
    word = args.word()
    if word not in _COUNTS:
        raise Malformed(f"Unknown status item {word}")
    return word


def _status(name: str, found: Mailbox, counts: list[str]) -> bytes:
    values = {
        "MESSAGES": len(found.messages),
        "RECENT": 0,
        "UIDNEXT": found.uidnext,
        "UIDVALIDITY": found.uidvalidity,
        "UNSEEN": found.unseen,
        "SIZE": sum(len(message.source) for message in found.messages),
    }
    told = " ".join(f"{count} {values[count]}" for count in counts)
    return b"* STATUS " + mailbox(name) + f" ({told})".encode()


async def status(session: Session, args: Arguments, uid: bool) -> str:
    name = args.mailbox()
    args.space()
    counts = args.group(lambda: _count(args))
    args.end()
    session.say(_status(name, session.signed_in().find(name), counts))
    return "Status completed."


async def create(session: Session, args: Arguments, uid: bool) -> str:
    name = args.mailbox()
    args.end()
    session.signed_in().create(name)
    return "Create completed."


async def delete(session: Session, args: Arguments, uid: bool) -> str:
    name = args.mailbox()
    args.end()
    session.signed_in().delete(name)
    return "Delete completed."


async def rename(session: Session, args: Arguments, uid: bool) -> str:
    old = args.mailbox()
    args.space()
    new = args.mailbox()
    args.end()
    session.signed_in().rename(old, new)
    return "Rename completed."


async def _subscribing(session: Session, args: Arguments, wanted: bool) -> None:
    name = args.mailbox()
    args.end()
    session.signed_in().find(name).subscribed = wanted


async def subscribe(session: Session, args: Arguments, uid: bool) -> str:
    await _subscribing(session, args, True)
    return "Subscribe completed."


async def unsubscribe(session: Session, args: Arguments, uid: bool) -> str:
    await _subscribing(session, args, False)
    return "Unsubscribe completed."


def _open(session: Session, args: Arguments, read_only: bool) -> None:
    account = session.signed_in()
    name = args.mailbox()
    args.end()
    if session.view:
        session.say(b"* OK [CLOSED] Previous mailbox closed.")
    session.leave_mailbox()  # even when the next one cannot be opened (RFC 3501 6.3.1)
    found = account.find(name)
    session.view = view = View(found, read_only, session.news.set)
    session.say(*view.flags_lines(), b"* %d EXISTS" % len(view.entries), b"* 0 RECENT")
    unseen = (number for number, entry in enumerate(view.entries, 1) if "\\Seen" not in entry.told)
    if first := next(unseen, 0):
        session.say(b"* OK [UNSEEN %d] First unseen." % first)
    session.say(b"* OK [UIDVALIDITY %d] UIDs valid" % found.uidvalidity)
    session.say(b"* OK [UIDNEXT %d] Predicted next UID" % found.uidnext)


async def select(session: Session, args: Arguments, uid: bool) -> str:
    _open(session, args, read_only=False)
    return "[READ-WRITE] Select completed."


async def examine(session: Session, args: Arguments, uid: bool) -> str:
    _open(session, args, read_only=True)
    return "[READ-ONLY] Examine completed."


async def close(session: Session, args: Arguments, uid: bool) -> str:
    """Removes what is marked \\Deleted without saying so (RFC 3501 6.4.2)."""
    args.end()
    view = session.selected()
    if not view.read_only:
        view.mailbox.expunge([message for message in view.mailbox.messages if "\\Deleted" in message.flags])
    session.leave_mailbox()
    return "Close completed."


async def unselect(session: Session, args: Arguments, uid: bool) -> str:
    args.end()
    session.selected()
    session.leave_mailbox()
    return "Unselect completed."
