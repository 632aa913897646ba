"""Alice's mailbox for these tests: the sample mail of the demo, addressed to her, on the real server."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from email import message_from_bytes
from email.policy import default

from demo.mail import everyday, folders, hostile, meetings, newsletters, odd, threads, tongues
from demo.mail.letters import Letter, build, moment
from tests.servers.people import Person, letter
from webmail.mail.ids import MailboxName
from webmail.web.converters import mailbox_to_url

ROOMS = (threads, everyday, meetings, tongues, newsletters, odd, hostile, folders)


def fill(person: Person) -> dict[str, str]:
    """Puts all of it there. Returns the path of each message by its subject; of several alike the newest."""
    now = datetime.now().astimezone()
    every = [one for room in ROOMS for one in room.letters(now.date())]
    by_folder: dict[tuple[str, tuple[str, ...]], list[tuple[bytes, datetime]]] = defaultdict(list)
    for number, one in sorted(enumerate(every), key=lambda pair: moment(pair[1], now)):
        by_folder[_place(one), one.flags].append((_raw(one, now, number), moment(one, now)))
    by_folder["Trash", ()].append((letter("Thrown away"), now))
    for name in sorted({name for name, _ in by_folder} - set(person.mailboxes())):
        person.create(name)
    with person.imap() as client:
        for (name, flags), raws in by_folder.items():
            for raw, when in raws:
                client.append(name, raw, [flag.encode() for flag in flags], when)
    return {subject: path for name in {name for name, _ in by_folder} for subject, path in _paths(person, name)}


def _place(one: Letter) -> str:
    plain = one.folder.replace(".", "").replace("/", ".")
    return plain if plain.isascii() else "Elsewhere"


def _raw(one: Letter, now: datetime, number: int) -> bytes:
    raw = build(one, moment(one, now), number)
    return raw.replace(b"ana@pennypost.example", b"alice@example.org").replace(b"Ana Moreira", b"Alice Ahlgren")


def _paths(person: Person, name: str) -> list[tuple[str, str]]:
    validity = person.uidvalidity(name)
    where = mailbox_to_url(MailboxName(name))
    return [
        (str(message_from_bytes(one.raw, policy=default)["Subject"]), f"/m/{where}/{validity}.{one.uid}")
        for one in person.messages(name)
    ]
