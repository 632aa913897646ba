"""What a second device sees of a mailbox, for tests of doing and undoing."""

from __future__ import annotations

import re
from collections import Counter

from tests.servers.application import Visitor
from tests.servers.people import Person

State = Counter[tuple[str, str, frozenset[str], bytes]]


def state(person: Person) -> State:
    """Folder, subject, flags and octets of everything; UIDs differ after a move back, so they are not in it."""
    found: State = Counter()
    with person.imap() as client:
        for marks, _, name in client.list_folders():
            if b"\\Noselect" in marks:
                continue
            client.select_folder(name, readonly=True)
            for _, data in client.fetch(client.search("ALL"), ["FLAGS", "BODY.PEEK[]"]).items():
                flags = frozenset(flag.decode() for flag in data[b"FLAGS"]) - {"\\Recent"}
                octets = data[b"BODY[]"] or b""  # NIL of one that was moved away meanwhile
                subject = re.search(rb"Subject: (.*)\r\n", octets)
                found[name, subject[1].decode() if subject else "", flags, octets] += 1
    return found


def subjects(person: Person, mailbox: str = "INBOX") -> list[str]:
    """What lies in a folder."""
    return sorted(str(message.header("Subject")) for message in person.messages(mailbox))


def picks(html: str) -> list[str]:
    """Values of the boxes of all rows."""
    return re.findall(r'name="uid" value="(\d+\.[\d,]+)"', html)


def whole(html: str) -> str:
    """Value of the box for everything that is listed."""
    found = re.search(r'name="whole" value="(\d+\.\d+)"', html)
    assert found
    return found[1]


def undo_path(html: str) -> str:
    """Where the Undo of this page goes."""
    found = re.search(r'formaction="(/jobs/[0-9a-f]{32}/undo(?:\?found=[^"]*)?)"', html)
    assert found, "no Undo"
    return found[1]


def press_undo(visitor: Visitor) -> None:
    """The button in the line at the foot of the page."""
    path = undo_path(visitor.html)
    visitor.send(visitor.form("/jobs/"), action=path)
