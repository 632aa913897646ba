"""One connection: reads commands, finds who answers them, and sees that news is told at the right moments."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from demo.imap.grammar import Arguments
from demo.imap.store import Account
from demo.imap.view import View
from demo.imap.wire import LITERAL_LIMIT, Closed, Malformed, Refused, read_command

Answer = Callable[["Session", Arguments, bool], Awaitable[str]]

CAPABILITY: Final = "IMAP4rev1 SASL-IR ID IDLE LITERAL+ AUTH=PLAIN"
SIGNED_IN: Final = (
    "IMAP4rev1 SASL-IR ID IDLE LITERAL+ UNSELECT CHILDREN NAMESPACE UIDPLUS LIST-EXTENDED LIST-STATUS STATUS=SIZE MOVE "
    "SPECIAL-USE"
)
_log: Final = logging.getLogger("demo.imap")
_TAG: Final = re.compile(rb"[!#$&',-\[\]^-z|}~.0-9A-Z:;<=>?@/]+")
_BAD_LIMIT: Final = 20
_SIGNED_OUT_LIMIT: Final = 64 * 1024  # octets of literals from somebody who has not signed in


@dataclass(frozen=True, slots=True)
class Command:
    """answer(session, arguments, uid) -> the text after the tagged OK. with_uid: UID may stand in front.

    holds_numbers: sequence numbers may not change while it runs.
    """

    answer: Answer
    with_uid: bool = False
    holds_numbers: bool = False


class Session:
    """account: None before sign-in. view: None when no mailbox is selected. news: set when the mailbox changed."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        accounts: Sequence[Account],
        commands: dict[str, Command],
    ) -> None:
        self.reader, self.writer = reader, writer
        self.accounts = accounts
        self.account: Account | None = None
        self.view: View | None = None
        self.news = asyncio.Event()
        self.leaving = False
        self._commands = commands
        self._bad = 0

    def say(self, *lines: bytes) -> None:
        """Untagged lines, or a continuation: written as they are."""
        if lines:
            self.writer.write(b"\r\n".join((*lines, b"")))

    def signed_in(self) -> Account:
        """Raises Malformed: every command that asks for the account needs one."""
        if self.account is None:
            raise Malformed("Please sign in first")
        return self.account

    def selected(self) -> View:
        if self.view is None:
            raise Malformed("No mailbox selected")
        return self.view

    def tell_news(self, expunges: bool = True) -> None:
        if self.view:
            self.say(*self.view.changes(expunges))

    def leave_mailbox(self) -> None:
        if self.view:
            self.view.close()
        self.view = None

    async def run(self) -> None:
        """Until LOGOUT, the end of the stream, or nonsense beyond patience."""
        self.say(f"* OK [CAPABILITY {CAPABILITY}] Pennypost demo ready.".encode())
        try:
            while not self.leaving and self._bad < _BAD_LIMIT:
                await self.writer.drain()
                await self._command()
            await self.writer.drain()
        except (Closed, ConnectionError, TimeoutError):
            pass
        finally:
            self.leave_mailbox()

    async def _command(self) -> None:
        tag = b"*"
        try:
            data = await read_command(self.reader, self.writer, LITERAL_LIMIT if self.account else _SIGNED_OUT_LIMIT)
            args = Arguments(data)
            tag = args.match(_TAG, "a tag")
            args.space()
            self.say(tag + b" OK " + await self._answer(args))
            self._bad = 0
        except Refused as no:
            self.say((no.tag if tag == b"*" else tag) + b" NO " + str(no).encode("ascii", "replace"))
        except (Closed, ConnectionError, TimeoutError):
            raise
        except Malformed as bad:
            self._bad += 1
            self.say(tag + b" BAD " + str(bad).encode("ascii", "replace"))
        except Exception as error:  # a mistake of ours: the session goes on, and the terminal shows what it was
            _log.exception("A command could not be answered")
            self.say(tag + b" NO [SERVERBUG] " + type(error).__name__.encode())

    async def _answer(self, args: Arguments) -> bytes:
        name = args.word()
        uid = name == "UID"
        if uid:
            args.space()
            name = args.word()
        command = self._commands.get(name)
        if command is None or (uid and not command.with_uid):
            raise Malformed(f"Unknown command {name[:20]}")
        if not args.at_end():
            args.space()
        done = await command.answer(self, args, uid)
        # Sequence numbers must not move under FETCH, STORE and SEARCH (RFC 3501 7.4.1); the next command tells.
        self.tell_news(expunges=uid or not command.holds_numbers)
        return done.encode("ascii", "replace")
