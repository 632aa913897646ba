"""Every file of the open corpus as a letter: messages as they are, and what is no message inside one."""

from __future__ import annotations

import mailbox
import re
from base64 import encodebytes
from collections.abc import Iterator
from pathlib import Path

from tests.mail.test_corpus import CORPUS, of_kind

_HEAD = "From: corpus@example.net\r\nTo: alice@example.org\r\nSubject: {name}\r\nMIME-Version: 1.0\r\n"
_ATTACHED = (
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: text/plain\r\n\r\nThe file is below.\r\n--b\r\n"
    "Content-Type: {type}; name=\"{file}\"\r\nContent-Disposition: attachment; filename=\"{file}\"\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\n"
)  # fmt: skip
WRAPPED = {"ics": ("text/calendar", "invitation.ics"), "tnef": ("application/ms-tnef", "winmail.dat")}
"""Kinds that come as a file: their type, and the name they get."""


def as_mail(raw: bytes) -> bytes:
    """As a server keeps it: no line of an mbox file before it, no NUL (RFC 9051 4.3.1), canonical line ends."""
    if raw.startswith(b"From "):
        raw = raw.partition(b"\n")[2]
    return re.sub(rb"\r?\n", b"\r\n", raw).replace(b"\0", b"")


def everything() -> Iterator[tuple[str, bytes]]:
    """(name, message) of every file; a mailbox file gives each of its messages, with its number behind a #."""
    for name in of_kind("eml"):
        yield name, as_mail((CORPUS / name).read_bytes())
    for name in of_kind("mbox"):
        yield from _of_mailbox(name)
    for name in of_kind("html"):
        yield name, html_letter(name)
    for kind, (type, file) in WRAPPED.items():
        for name in of_kind(kind):
            head = _HEAD.format(name=name) + _ATTACHED.format(type=type, file=file)
            yield name, head.encode() + _lines((CORPUS / name).read_bytes()) + b"\r\n--b--\r\n"


def html_letter(name: str) -> bytes:
    """A template or page as the body of a letter, with its charset told as a sender would."""
    octets = (CORPUS / name).read_bytes()
    charset = "utf-16" if ".utf-16." in name else "utf-8"
    kind = f"Content-Type: text/html; charset={charset}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return (_HEAD.format(name=name) + kind).encode() + _lines(octets)


def _of_mailbox(name: str) -> Iterator[tuple[str, bytes]]:
    box = mailbox.mbox(str(Path(CORPUS / name)), create=False)
    try:
        # Iterating a mailbox gives messages, not keys.
        for number, key in enumerate(list(box.keys()), 1):
            yield f"{name}#{number}", as_mail(box.get_bytes(key)) or b"\r\n"
    finally:
        box.close()


def _lines(octets: bytes) -> bytes:
    return encodebytes(octets).replace(b"\n", b"\r\n")
