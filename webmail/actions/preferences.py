"""Keeping what a reader has chosen in the reader's own mailbox."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from webmail import errors
from webmail.imap import append, mailboxes, metadata, move, notes
from webmail.imap.connection import Connection
from webmail.imap.notes import Stored
from webmail.mail import flags, note, preferences
from webmail.mail.address import Address
from webmail.mail.build import build, new_message_id
from webmail.mail.draft import Attachment, Draft
from webmail.mail.note import Note, Scalar

_SUBJECT: Final = "Settings of Pennypost, your webmail: please keep this message"
_TEXT: Final = """\
This message holds your settings of Pennypost, the webmail: its colours, your
signature, whose images are shown, and the like. They are kept here, in your
own mailbox, so that they are the same on every computer that you use.

Please leave it where it is. Pennypost does not show this folder. If you delete
the message, your settings begin anew; no mail is lost.

The settings themselves are in the attached file.
"""


def keep(conn: Connection, me: Address, changes: Mapping[str, Scalar | None]) -> Note:
    """Make these changes to what is kept; returns all that is kept then. changes: key -> value, None takes it back.

    First a new note is stored that holds everything, then the notes that it was made from are removed. Two devices at
    once leave two notes, and the next reader merges them; nothing is ever written over. Raises QuotaExceeded, TooLarge
    and the errors of the wire; then nothing was changed.
    """
    now = int(time.time() * 1000)
    old = [(each, told) for each in notes.read(conn) if (told := note.parse(each.octets, now)) is not None]
    before = note.merged(told for _, told in old)
    octets = note.dump(note.changed(before, changes, now), preferences.KNOWN)
    after = note.parse(octets, now + 1) or {}
    if len(old) == 1 and old[0][1] == after:
        return after
    if not _beside(conn, octets):
        _into_folder(conn, me, octets)
    # What does not go now is merged again by the next reader.
    with suppress(errors.MailError):
        for each, _ in old:
            _remove(conn, each)
    return after


def _beside(conn: Connection, octets: bytes) -> bool:
    """False where the server keeps no notes, or none of this size, or no more of them."""
    try:
        return metadata.put(conn, f"{notes.ENTRY}/{secrets.token_hex(8)}", octets)
    except (errors.TooLarge, errors.QuotaExceeded):
        return False


def _into_folder(conn: Connection, me: Address, octets: bytes) -> None:
    now = datetime.now(UTC)
    own = new_message_id(me.address.rpartition("@")[2], secrets.token_bytes(16))
    message = Draft(
        sender=me, to=(me,), cc=(), bcc=(), subject=_SUBJECT, text=_TEXT, in_reply_to=None, references=(),
        message_id=own, date=now, attachments=(Attachment("settings.json", "application/json", octets),),
    )  # fmt: skip
    append.append(conn, mailboxes.ensure_drawer(conn), build(message), (flags.SEEN,), now)


def _remove(conn: Connection, each: Stored) -> None:
    if each.entry is not None:
        metadata.put(conn, each.entry, None)
    elif each.ref is not None:
        move.expunge(conn, each.ref.mailbox, each.ref.uidvalidity, (each.ref.uid,))
