"""Receipts: who asks for one, and the notification as bytes (RFC 8098)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256
from typing import Final

from webmail.mail import address, build, fields
from webmail.mail.address import Address
from webmail.mail.headers import Headers

_MACHINES: Final = {"auto-generated", "auto-replied", "auto-notified"}


@dataclass(frozen=True, slots=True)
class Asked:
    """to: who would get the receipt. elsewhere: that is not where the message came from (RFC 8098 2.1)."""

    to: Address
    elsewhere: bool


def asked(header: Headers, me: str) -> Asked | None:
    """The wish for a receipt; None when there is none that a person should be asked about."""
    wanted = [person for person in header.addresses("disposition-notification-to") if address.valid(person.address)]
    automatic = (header.value("auto-submitted") or "").partition(";")[0].strip().lower() in _MACHINES
    if not wanted or automatic or header.content_type == "multipart/report":
        return None
    to, mine = wanted[0], me.lower()
    writers = {person.address.lower() for person in header.addresses("from")}
    if mine in writers or to.address.lower() == mine:
        return None
    # The return path is where the message came from; without one (the server keeps none) the writer has to do.
    came = {person.address.lower() for person in header.addresses("return-path") if person.address} or writers
    return Asked(to, len(wanted) > 1 or to.address.lower() not in came | writers)


def notification(
    header: Headers, to: Address, me: Address, *, subject: str, text: str, message_id: str, date: datetime
) -> bytes:
    """The notification that this message was shown, because a person said so (RFC 8098 3). text: for human readers.

    Raises UnsafeText, BadAddress.
    """
    original = fields.ids([header.message_id or ""])
    boundary = "=_" + sha256(message_id.encode()).hexdigest()[:32]
    head: list[build.Field] = [
        ("From", fields.addresses([me])),
        ("To", fields.addresses([Address("", to.address)])),
        ("Subject", fields.text(subject)),
        ("Date", [format_datetime(date)]),
        ("Message-ID", fields.ids([message_id])),
        *([("In-Reply-To", original), ("References", original)] if original else []),
        ("Auto-Submitted", ["auto-replied"]),
        ("MIME-Version", ["1.0"]),
        ("Content-Type", [
            "multipart/report;", "report-type=disposition-notification;", *fields.parameter("boundary", boundary),
        ]),
    ]  # fmt: skip
    report: list[build.Field] = [
        ("Final-Recipient", ["rfc822;", address.wire(me.address)]),
        *([("Original-Message-ID", original)] if original else []),
        ("Disposition", ["manual-action/MDN-sent-manually;", "displayed"]),
    ]
    words = fields.safe(text.replace("\n", " ")).encode()
    plain: list[build.Field] = [
        ("Content-Type", ["text/plain;", "charset=utf-8"]),
        ("Content-Transfer-Encoding", ["8bit"]),
    ]
    kind: list[build.Field] = [("Content-Type", ["message/disposition-notification"])]
    line = f"--{boundary}\r\n".encode()
    return b"".join((
        build.checked_header(head), b"\r\n",
        line, build.checked_header(plain), b"\r\n", words, b"\r\n",
        line, build.checked_header(kind), b"\r\n", build.checked_header(report), b"\r\n",
        f"--{boundary}--\r\n".encode(),
    ))  # fmt: skip
