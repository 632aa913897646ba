"""What a scripted server can answer. Combine them in a tuple; say what happens the next time with Turns."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from tests.servers.wire import Command, Gone, Wire


class Act(Protocol):
    """Anything that can be done in answer to a command. Raises Gone to end the connection."""

    def __call__(self, wire: Wire, command: Command) -> None: ...


Answer = str | bytes | Act | tuple["Answer", ...]


def do(answer: Answer, wire: Wire, command: Command) -> None:
    """Text is sent with {tag} filled in and a line end added; a tuple is done in order; the rest is called."""
    if isinstance(answer, tuple):
        for each in answer:
            do(each, wire, command)
    elif isinstance(answer, str | bytes):
        Say(answer)(wire, command)
    else:
        answer(wire, command)


@dataclass(frozen=True)
class Say:
    """Send text. str: LF becomes CRLF and a last line end is added; bytes: only {tag} is filled in."""

    text: str | bytes

    def __call__(self, wire: Wire, command: Command) -> None:
        if isinstance(self.text, bytes):
            wire.send(self.text.replace(b"{tag}", command.tag))
            return
        lines = self.text.rstrip("\n").replace("{tag}", command.tag.decode("ascii", "replace")).split("\n")
        wire.send("".join(line.rstrip("\r") + "\r\n" for line in lines).encode())


@dataclass(frozen=True)
class Wait:
    """Answer late, in seconds; ends early when the server is stopped."""

    seconds: float

    def __call__(self, wire: Wire, command: Command) -> None:
        wire.ended.wait(self.seconds)


@dataclass(frozen=True)
class Stall:
    """Never answer again, and keep the connection open."""

    def __call__(self, wire: Wire, command: Command) -> None:
        wire.ended.wait()
        raise Gone


@dataclass(frozen=True)
class Close:
    """Say this much, then end the connection without a goodbye."""

    after: str | bytes = b""

    def __call__(self, wire: Wire, command: Command) -> None:
        if self.after:
            Say(self.after)(wire, command)
        wire.close()
        raise Gone


@dataclass(frozen=True)
class Bye:
    """An orderly goodbye, for instance because the server restarts (RFC 9051 7.1.5)."""

    text: str = "Server shutting down."

    def __call__(self, wire: Wire, command: Command) -> None:
        Close(f"* BYE {self.text}")(wire, command)


@dataclass(frozen=True)
class Reset:
    """End the connection with a TCP reset."""

    def __call__(self, wire: Wire, command: Command) -> None:
        wire.reset()


@dataclass(frozen=True)
class Drip:
    """Send text a few octets at a time: every read of the client gets a fragment."""

    text: str | bytes
    step: int = 1
    pause: float = 0.001

    def __call__(self, wire: Wire, command: Command) -> None:
        whole = self.text if isinstance(self.text, bytes) else self.text.replace("\n", "\r\n").encode() + b"\r\n"
        whole = whole.replace(b"{tag}", command.tag)
        for at in range(0, len(whole), self.step):
            wire.send(whole[at : at + self.step])
            time.sleep(self.pause)


@dataclass(frozen=True)
class Flood:
    """Send the same octets for ever, or `times` times."""

    text: bytes
    times: int | None = None

    def __call__(self, wire: Wire, command: Command) -> None:
        sent = 0
        while (self.times is None or sent < self.times) and not wire.ended.is_set():
            wire.send(self.text)
            sent += 1


@dataclass(frozen=True)
class Upgrade:
    """OK to STARTTLS, then TLS. early: octets slipped in before TLS, as someone on the line would (R1)."""

    early: bytes = b""

    def __call__(self, wire: Wire, command: Command) -> None:
        wire.send(command.tag + b" OK begin TLS\r\n" + self.early)
        wire.upgrade()


@dataclass
class Turns:
    """A different answer every time; the last one stays."""

    answers: tuple[Answer, ...]
    at: int = field(default=0, compare=False)

    def __init__(self, *answers: Answer) -> None:
        self.answers, self.at = answers, 0

    def __call__(self, wire: Wire, command: Command) -> None:
        answer = self.answers[min(self.at, len(self.answers) - 1)]
        self.at += 1
        do(answer, wire, command)


def idle(wire: Wire, command: Command) -> None:
    """IDLE (RFC 2177) that never has news."""
    wire.send(b"+ idling\r\n")
    wire.line()
    wire.send(command.tag + b" OK IDLE done\r\n")


def authenticate(wire: Wire, command: Command) -> None:
    """Takes any SASL PLAIN answer, with or without an initial response (RFC 4959)."""
    words = command.words
    if len(words) < 2:
        wire.send(b"+ \r\n")
        words.append(wire.line().strip().decode("ascii", "replace"))
    base64.b64decode(words[1])
    wire.send(command.tag + b" OK signed in\r\n")


def logout(wire: Wire, command: Command) -> None:
    Close("* BYE until next time\n{tag} OK LOGOUT done")(wire, command)


EMPTY_MAILBOX = """* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] flags
* 0 EXISTS
* 0 RECENT
* OK [UIDVALIDITY 7] valid
* OK [UIDNEXT 1] next
{tag} OK [READ-WRITE] selected"""

Handler = Callable[[Wire, Command], None]
