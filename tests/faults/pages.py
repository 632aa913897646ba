"""What a person does and reads while something is wrong."""

from __future__ import annotations

import re
from email.message import EmailMessage
from email.policy import SMTP

from tests.servers.application import Visitor
from tests.servers.people import Person
from tests.views.test_mailbox import picks, subjects
from webmail.mail.mailbox import encode_name
from webmail.web.converters import mailbox_to_url
from webmail.web.errors import TABLE

__all__ = [
    "act",
    "address",
    "everything",
    "folder",
    "html_letter",
    "listed",
    "picks",
    "rows",
    "says",
    "subjects",
    "works",
    "write",
]


def says(visitor: Visitor, error: type[Exception]) -> None:
    """The page is the one for this error: its status, what happened, why, and what is safe."""
    sentence = TABLE[error]
    assert sentence.title in visitor.text, visitor.text
    assert visitor.status == sentence.status
    assert sentence.text in visitor.text
    assert sentence.safe in visitor.text


def works(visitor: Visitor, *expected: str, mailbox: str = "INBOX") -> None:
    """The folder opens as if nothing had ever been wrong, and these are the rows, newest first."""
    visitor.get(folder(mailbox))
    assert visitor.status == 200, visitor.text
    assert subjects(visitor.html) == list(expected)


def folder(name: str = "INBOX") -> str:
    """The address of a folder by its readable name."""
    return "/m/" + mailbox_to_url(encode_name(name))


def address(person: Person, uid: int, mailbox: str = "INBOX", more: str = "") -> str:
    """The address of a message, or of something below it."""
    return f"{folder(mailbox)}/{person.uidvalidity(mailbox)}.{uid}{more}"


def act(visitor: Visitor, do: str, *chosen: str, mailbox: str = "INBOX", **more: str) -> None:
    """Press a button of the list that is open, with these rows ticked."""
    visitor.send(visitor.form(f"{folder(mailbox)}/do"), do=do, uid=list(chosen), **more)


def write(visitor: Visitor, **values: object) -> None:
    """Open a blank letter, fill it in and press a button (do=send unless said otherwise)."""
    visitor.get("/write")
    visitor.send(visitor.form("/write"), **({"do": "send"} | values))


def listed(person: Person, mailbox: str = "INBOX") -> list[str | None]:
    """The subjects that the server really has there, oldest first."""
    return [message.header("Subject") for message in person.messages(mailbox)]


def everything(person: Person) -> dict[str, list[tuple[str, frozenset[str]]]]:
    """Subject and flags of every message in every folder, over one connection: folder -> oldest first."""
    found: dict[str, list[tuple[str, frozenset[str]]]] = {}
    with person.imap() as client:
        for _, _, name in client.list_folders():
            client.select_folder(name, readonly=True)
            told = client.fetch(client.search("ALL"), ["FLAGS", "ENVELOPE"])
            found[name] = [
                (
                    facts[b"ENVELOPE"].subject.decode(),
                    frozenset(flag.decode() for flag in facts[b"FLAGS"]) - {"\\Recent"},
                )
                for _, facts in sorted(told.items())
            ]
    return found


def html_letter(html: str, subject: str = "Designed", data: bytes = b"") -> bytes:
    """A letter with an HTML body, and a file when there is data."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "dora@example.net", "alice@example.org", subject
    message.set_content(html, subtype="html", cte="8bit")
    if data:
        message.add_attachment(data, "application", "octet-stream", filename="data.bin")
    return message.as_bytes()


def rows(visitor: Visitor) -> dict[str, str]:
    """Subject -> address, as the list that is open has it."""
    found = re.findall(r'<a class="open" href="([^"]+)".*?class="subj"[^>]*>([^<]*)<', visitor.html, re.DOTALL)
    return {subject: url.replace("&amp;", "&") for url, subject in found}
