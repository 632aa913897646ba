"""What people type, and the keys of IMAP SEARCH that it becomes; a list of letters to search, and a matcher that knows
nothing of either: it looks at octets."""

from __future__ import annotations

import email
import email.policy
import functools
import html
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Final

from webmail.mail import moments
from webmail.mail.conditions import (
    Age,
    And,
    File,
    HasFile,
    Is,
    Label,
    Node,
    Not,
    Or,
    Size,
    When,
    Words,
)
from webmail.mail.program import keyword

NOW: Final = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
"""When the table was asked."""


def anywhere(text: str) -> str:
    """The keys for a word without a field."""
    sent = f'"{text}"' if text.isascii() else f"{{{len(text.encode())}+}}\r\n{text}"
    return f"OR SUBJECT {sent} OR FROM {sent} OR TO {sent} OR CC {sent} BODY {sent}"


_HOLDS = "application/ image/ audio/ video/ message/ name="
FILES: Final = (
    "OR HEADER CONTENT-TYPE multipart/ "
    + "".join(f"OR HEADER CONTENT-TYPE {kind} " for kind in _HOLDS.split())
    + "HEADER CONTENT-DISPOSITION attachment"
)

TABLE: Final[dict[str, str]] = {
    "": "ALL",
    "   ": "ALL",
    "ferry": anywhere("ferry"),
    "Ferry Times": f"{anywhere('Ferry')} {anywhere('Times')}",
    '"ferry times"': anywhere("ferry times"),
    "“ferry times”": anywhere("ferry times"),
    '"ferry times': anywhere("ferry times"),
    "from:dora": 'FROM "dora"',
    "FROM:dora": 'FROM "dora"',
    "from: dora": 'FROM "dora"',
    'from:"Dora Doe"': 'FROM "Dora Doe"',
    "sender:dora": 'FROM "dora"',
    "from:me": 'FROM "alice@example.org"',
    "to:me": 'TO "alice@example.org"',
    "to:bob": 'TO "bob"',
    "cc:carla": 'CC "carla"',
    "bcc:me": 'BCC "alice@example.org"',
    "subject:report": 'SUBJECT "report"',
    'subject:"quarterly report"': 'SUBJECT "quarterly report"',
    "subject:(report march)": 'SUBJECT "report" SUBJECT "march"',
    "subject:(report OR march)": 'OR SUBJECT "report" SUBJECT "march"',
    "title:report": 'SUBJECT "report"',
    "body:island": 'BODY "island"',
    "text:island": 'BODY "island"',
    "list:choir": 'HEADER LIST-ID "choir"',
    "is:unread": "UNSEEN",
    "is:read": "SEEN",
    "is:seen": "SEEN",
    "is:starred": "FLAGGED",
    "is:flagged": "FLAGGED",
    "is:unstarred": "UNFLAGGED",
    "is:answered": "ANSWERED",
    "is:replied": "ANSWERED",
    "is:unanswered": "UNANSWERED",
    "is:draft": "DRAFT",
    "is:forwarded": "KEYWORD $Forwarded",
    "is:muted": "KEYWORD $Muted",
    "is:pinned": "KEYWORD $Pinned",
    "is:(unread starred)": "UNSEEN FLAGGED",
    "-is:read": "NOT SEEN",
    "label:work": "KEYWORD $label2",
    "label:To-Do": "KEYWORD To-Do",
    'label:"to do"': "KEYWORD $label4",
    "label:$label1": "KEYWORD $label1",
    'label:"Summer plans"': "KEYWORD Summer_plans",
    "tag:Ärger": "KEYWORD ~C3~84rger",
    "label:" + "x" * 60: "NOT ALL",
    "larger:5M": "LARGER 5000000",
    "larger:1.5MB": "LARGER 1500000",
    "larger:300k": "LARGER 300000",
    "larger:2000": "LARGER 2000",
    "size:2000": "LARGER 2000",
    "smaller:1k": "SMALLER 1000",
    "larger:99999G": "LARGER 4294967295",
    "before:2026-03-01": "BEFORE 1-Mar-2026",
    "before:2026/03/01": "BEFORE 1-Mar-2026",
    "before:1.3.2026": "BEFORE 1-Mar-2026",
    "before:13/3/2026": "BEFORE 13-Mar-2026",
    "after:2026-03-01": "SINCE 1-Mar-2026",
    "since:2026-03": "SINCE 1-Mar-2026",
    "after:2026": "SINCE 1-Jan-2026",
    'after:"1 March 2026"': "SINCE 1-Mar-2026",
    "on:2026-03-05": "(SINCE 5-Mar-2026 BEFORE 6-Mar-2026)",
    "on:2026-02": "(SINCE 1-Feb-2026 BEFORE 1-Mar-2026)",
    "on:2025": "(SINCE 1-Jan-2025 BEFORE 1-Jan-2026)",
    "on:today": "(SINCE 10-Mar-2026 BEFORE 11-Mar-2026)",
    "on:yesterday": "(SINCE 9-Mar-2026 BEFORE 10-Mar-2026)",
    "-on:yesterday": "NOT (SINCE 9-Mar-2026 BEFORE 10-Mar-2026)",
    "older_than:7d": "BEFORE 3-Mar-2026",
    "older_than:2w": "BEFORE 24-Feb-2026",
    "newer_than:1m": "SINCE 10-Feb-2026",
    "newer_than:1y": "SINCE 10-Mar-2025",
    "newer_than:12h": "SINCE 10-Mar-2026",
    "has:attachment": FILES,
    "filename:pdf": FILES,
    "-has:attachment": "ALL",
    "-ferry": f"NOT {anywhere('ferry')}",
    "NOT from:dora": 'NOT FROM "dora"',
    "-(from:dora subject:report)": 'NOT (FROM "dora" SUBJECT "report")',
    "-(from:dora OR from:bob)": 'NOT OR FROM "dora" FROM "bob"',
    "from:dora OR from:bob": 'OR FROM "dora" FROM "bob"',
    "from:dora | from:bob": 'OR FROM "dora" FROM "bob"',
    "from:dora OR from:bob subject:report": 'OR FROM "dora" FROM "bob" SUBJECT "report"',
    "from:a OR from:b OR from:c": 'OR FROM "a" OR FROM "b" FROM "c"',
    "(from:dora subject:report) OR is:starred": 'OR (FROM "dora" SUBJECT "report") FLAGGED',
    "from:dora AND is:unread": 'FROM "dora" UNSEEN',
    "from:dora from:dora": 'FROM "dora"',
    "OR from:dora OR": 'FROM "dora"',
    ") from:dora (": 'FROM "dora"',
    "from:dora -": 'FROM "dora"',
    "is:banana from:dora": 'FROM "dora"',
    "before:soon from:dora": 'FROM "dora"',
    "before:3/4/2026 from:dora": 'FROM "dora"',
    "older_than:0d from:dora": 'FROM "dora"',
    "larger:huge from:dora": 'FROM "dora"',
    "from:": "ALL",
    "http://example.org": anywhere("http://example.org"),
    "Re: 12:30": f"{anywhere('Re:')} {anywhere('12:30')}",
    "subject:käse": 'CHARSET UTF-8 SUBJECT {5+}\r\nkäse',
    "from:日本": 'CHARSET UTF-8 FROM {6+}\r\n日本',
    "käse ferry": f"CHARSET UTF-8 {anywhere('käse')} {anywhere('ferry')}",
    'subject:back\\slash': 'SUBJECT "back\\\\slash"',
    "subject:a\r\nb": 'SUBJECT "a" ' + anywhere("b"),
    "subject:a\0b": 'SUBJECT "ab"',
    "subject:{5+}": 'SUBJECT "{5+}"',
    "body:)": "ALL",
}  # fmt: skip


# --- letters ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Letter:
    """A message as it is put on the server. when: INTERNALDATE."""

    raw: bytes
    flags: tuple[str, ...]
    when: datetime


_SENDERS = ("Dora Doe <dora@example.net>", "Bob Brown <bob@example.org>", "José Ärger <jose@example.com>")
_SUBJECTS = (
    "Ferry times", "Quarterly report March", "Käse und Brot", "Re: 12:30 at the island", "日本からの手紙",
    "back\\slash {5+}",
)  # fmt: skip
_TEXTS = (
    "The ferry leaves the island at 07:40.\n", "Nothing but figures. Grüße\n", "ferry times are as before\n",
    "Look at http://example.org and answer.\n", "a b c " * 900 + "\n",
)  # fmt: skip
_FLAGS = ((), ("\\Seen",), ("\\Seen", "\\Flagged"), ("\\Answered", "\\Seen"), ("$Forwarded",), ("$label2", "\\Seen"))
_FILES = ("report.pdf", "Käse.pdf", "photo.png", "winmail.dat")


def letters(now: datetime) -> list[Letter]:
    """Sixty, unlike each other; some as old as the table's dates, some as young as its ages."""
    return [_letter(number, now) for number in range(60)]


def _letter(number: int, now: datetime) -> Letter:
    made = EmailMessage(policy=email.policy.SMTP)
    made["From"] = _SENDERS[number % 3]
    made["To"] = ("alice@example.org", "bob@example.org, Carla <carla@example.org>")[number % 2]
    if number % 4 == 0:
        made["Cc"] = "Carla Clark <carla@example.org>"
    made["Subject"] = _SUBJECTS[number % 6]
    if number % 9 == 0:
        made["List-Id"] = "The choir <choir.example.org>"
    text = _TEXTS[number % 5]
    if number % 7 == 3 and number % 5 != 1:
        made.set_content(f"<p>{html.escape(text)}</p>", subtype="html", cte="quoted-printable")
    else:
        made.set_content(text, cte=("8bit", "base64", "quoted-printable")[number % 3])
    if number % 5 == 1:
        made.add_alternative(f"<b>{html.escape(text)}</b>", subtype="html", cte="quoted-printable")
    if number % 4 == 1:
        made.add_attachment(b"%PDF" * 400, "application", "pdf", filename=_FILES[number // 4 % 4])
    ages = (timedelta(hours=3), timedelta(days=3, hours=1), timedelta(days=20), timedelta(days=200))
    fixed = datetime(2026, 3, 1 + number % 9, 11, 30, tzinfo=UTC)
    return Letter(made.as_bytes(), _FLAGS[number % 6], now - ages[number // 2 % 4] if number % 2 else fixed)


# --- the matcher ------------------------------------------------------------------------------------------------------


def fold(text: str) -> str:
    """Without case, and whichever way an accent is written."""
    return unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())


def matches(node: Node, one: Letter, now: datetime) -> bool:
    """Whether this letter meets it, by its octets alone."""
    if isinstance(node, And):
        return all(matches(each, one, now) for each in node.of)
    if isinstance(node, Or):
        return any(matches(each, one, now) for each in node.of)
    if isinstance(node, Not):
        return not matches(node.of, one, now)
    return _leaf(node, one, now)


@dataclass(frozen=True)
class _Told:
    """What a letter says, folded. texts: by field."""

    files: tuple[str, ...]
    texts: dict[str, list[str]]


@functools.cache
def _told(raw: bytes) -> _Told:
    told = email.message_from_bytes(raw, policy=email.policy.default)
    parts = [part for part in told.walk() if isinstance(part, EmailMessage)]
    texts = {name: [fold(str(value)) for value in told.get_all(name, [])] for name in (*_NAMED, "list-id")}
    texts["list"] = texts["list-id"]
    texts["body"] = [
        fold(part.get_content().replace("\r\n", "\n")) for part in parts if part.get_content_maintype() == "text"
    ]
    texts[""] = [text for name in ("subject", "from", "to", "cc", "body") for text in texts[name]]
    names = [part.get_filename() or "" for part in parts if part.get_content_disposition() == "attachment"]
    return _Told(tuple(map(fold, names)), texts)


def _leaf(leaf: Node, one: Letter, now: datetime) -> bool:
    told = _told(one.raw)
    if isinstance(leaf, Words):
        text = "alice@example.org" if leaf.text == "me" and leaf.field in _NAMED else leaf.text
        return any(fold(text) in each for each in told.texts[leaf.field])
    if isinstance(leaf, HasFile):
        return bool(told.files)
    if isinstance(leaf, File):
        return any(fold(leaf.name) in name for name in told.files)
    if isinstance(leaf, Size):
        return len(one.raw) > leaf.octets if leaf.larger else len(one.raw) < leaf.octets
    if isinstance(leaf, Age):
        then = moments.before(now, leaf.count, leaf.unit)
        return one.when < then if leaf.older else one.when >= then
    if isinstance(leaf, When):
        first, end = moments.days(leaf.day, now.date())
        day = one.when.astimezone(now.tzinfo).date()
        return {"before": day < first, "after": day >= first, "on": first <= day < end}[leaf.how]
    if isinstance(leaf, Label):
        return keyword(leaf.name).decode().lower() in {flag.lower() for flag in one.flags}
    assert isinstance(leaf, Is)
    if leaf.state in _SET:
        return _SET[leaf.state] in one.flags
    return _SET[leaf.state.removeprefix("un")] not in one.flags


_NAMED = ("from", "to", "cc", "bcc", "subject")
_SET = {
    "read": "\\Seen", "starred": "\\Flagged", "answered": "\\Answered", "draft": "\\Draft", "forwarded": "$Forwarded",
    "muted": "$Muted", "pinned": "$Pinned",
}  # fmt: skip
