"""How a sample letter is written down, and how it becomes a message."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, timezone
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

ANA: Final = "Ana Moreira <ana@pennypost.example>"
BEN: Final = "Ben Okafor <ben@pennypost.example>"

NEW: Final[tuple[str, ...]] = ()
READ: Final = ("\\Seen",)
STAR: Final = ("\\Seen", "\\Flagged")
ANSWERED: Final = ("\\Seen", "\\Answered")
FORWARDED: Final = ("\\Seen", "$Forwarded")

_TODAY_IS_TOLD_AT: Final = 10 * 60  # minutes: letters of today are written as if it were ten o'clock


@dataclass(frozen=True, slots=True)
class File:
    """type: "application/pdf". content_id: given when the HTML shows it inside the text."""

    name: str
    type: str
    content: bytes
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """One sample message.

    days, clock: how many days ago, and when ("09:41"); days may be 0. zone: hours the sender's clock is off UTC; None
    is the reader's own. id: what other letters name in answers, oldest first. raw: the whole message by hand, where
    {date} is filled in; then only days, clock, folder and flags count besides.
    """

    days: int
    clock: str
    sender: str = ""
    subject: str = ""
    text: str = ""
    html: str = ""
    to: str = ANA
    cc: str = ""
    folder: str = "INBOX"
    flags: tuple[str, ...] = READ
    files: tuple[File, ...] = ()
    id: str = ""
    answers: tuple[str, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    zone: float | None = None
    raw: bytes = b""


def moment(letter: Letter, now: datetime) -> datetime:
    """When it arrived, aware, in the reader's zone, never after now.

    Today's letters keep their distance to ten o'clock, closer together when the day is still young.
    """
    clock = time.fromisoformat(letter.clock)
    if letter.days:
        day = (now - timedelta(days=letter.days)).date()
        return datetime.combine(day, clock).astimezone()
    ago = _TODAY_IS_TOLD_AT - (clock.hour * 60 + clock.minute)
    elapsed = (now - now.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds() / 60
    return now - timedelta(minutes=ago * min(1.0, elapsed / _TODAY_IS_TOLD_AT))


def build(letter: Letter, when: datetime, number: int) -> bytes:
    """The message with CRLF line ends. number makes its Message-ID when the letter has no id of its own."""
    zone = when.tzinfo if letter.zone is None else timezone(timedelta(hours=letter.zone))
    date = format_datetime(when.astimezone(zone))
    if letter.raw:
        return letter.raw.replace(b"{date}", date.encode()).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    message = EmailMessage(policy=SMTP)
    message["From"] = letter.sender
    message["To"] = letter.to
    if letter.cc:
        message["Cc"] = letter.cc
    message["Subject"] = letter.subject
    message["Date"] = date
    message["Message-ID"] = message_id(letter.id or f"{number}.letter")
    if letter.answers:
        message["In-Reply-To"] = message_id(letter.answers[-1])
        message["References"] = " ".join(map(message_id, letter.answers))
    for name, value in letter.headers.items():
        message[name] = value
    _fill(message, letter)
    return message.as_bytes()


def message_id(word: str) -> str:
    return f"<{word}@mail.pennypost.example>"


def _fill(message: EmailMessage, letter: Letter) -> None:
    text = textwrap.dedent(letter.text).strip() + "\n"
    message.set_content(text, cte=_encoding(text))
    if letter.html:
        html = textwrap.dedent(letter.html).strip() + "\n"
        message.add_alternative(html, subtype="html", cte="quoted-printable")
    for file in (file for file in letter.files if file.content_id):
        kind, _, subtype = file.type.partition("/")
        html_part = message.get_payload()[1]  # type: ignore[index]
        html_part.add_related(  # type: ignore[union-attr]
            file.content, kind, subtype, cid=f"<{file.content_id}>", filename=file.name, disposition="inline"
        )
    for file in (file for file in letter.files if not file.content_id):
        _attach(message, file)


def _attach(message: EmailMessage, file: File) -> None:
    kind, _, subtype = file.type.partition("/")
    if kind == "text":
        message.add_attachment(file.content.decode("utf-8"), subtype=subtype, filename=file.name, cte="base64")
    else:
        message.add_attachment(file.content, kind, subtype, filename=file.name)


def _encoding(text: str) -> str:
    """As programs choose it: nothing for ASCII, quoted-printable for a few accents, base64 for other scripts."""
    others = sum(char > "\x7f" for char in text)
    if not others:
        return "7bit"
    return "quoted-printable" if others < len(text) / 4 else "base64"
