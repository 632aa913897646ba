"""Who lives in the demo, and what lies in their mailboxes when it starts."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from demo.imap.store import Account
from demo.mail import ben, everyday, folders, hostile, meetings, newsletters, odd, threads, tongues
from demo.mail.letters import Letter, build, moment

ROLES: Final = (
    ("Drafts", "\\Drafts"),
    ("Sent", "\\Sent"),
    ("Archive", "\\Archive"),
    ("Junk", "\\Junk"),
    ("Trash", "\\Trash"),
)
PEOPLE: Final = (("ana@pennypost.example", "demo-ana"), ("ben@pennypost.example", "demo-ben"))


def empty_accounts() -> list[Account]:
    """Ana and Ben with their usual mailboxes and no mail."""
    accounts = []
    for address, password in PEOPLE:
        account = Account(address, password, int(time.time()))
        for name, role in ROLES:
            account.create(name, role)
        accounts.append(account)
    return accounts


def make_accounts(now: datetime | None = None) -> list[Account]:
    """Ana and Ben with all the sample mail. now: aware; the letters are dated back from it."""
    now = now or datetime.now().astimezone()
    ana, second = accounts = empty_accounts()
    today = now.date()
    rooms = (threads, everyday, meetings, tongues, newsletters, odd, hostile, folders)
    fill(ana, folders.FOLDERS, [letter for room in rooms for letter in room.letters(today)], now)
    fill(second, ("Receipts",), ben.letters(today), now)
    return accounts


def fill(account: Account, names: Sequence[str], letters: Sequence[Letter], now: datetime) -> None:
    """Puts letters where they belong, oldest first, so that UIDs rise with the dates."""
    for name in names:
        account.create(raw_name(name))
    dated = [(moment(letter, now), place, letter) for place, letter in enumerate(letters)]
    for when, place, letter in sorted(dated, key=lambda one: one[:2]):
        account.find(raw_name(letter.folder)).append(build(letter, when, place), letter.flags, when)


def raw_name(name: str) -> str:
    """A mailbox name in modified UTF-7 (RFC 3501 5.1.3), as the store keeps it."""
    words = re.split(r"([^ -~]+|&)", name)
    for place in range(1, len(words), 2):
        plain = base64.b64encode(words[place].encode("utf-16-be"), b"+,").rstrip(b"=")
        words[place] = "&-" if words[place] == "&" else f"&{plain.decode()}-"
    return "".join(words)
