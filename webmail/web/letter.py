"""A letter as form fields: what the compose page posts, and what it needs to show the same again."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, unquote

from werkzeug.datastructures import FileStorage, MultiDict

from webmail import errors
from webmail.mail import addresslist, build
from webmail.mail.address import MOST, Address, parse_typed
from webmail.mail.draft import Attachment, Draft
from webmail.mail.ids import WHOLE, MessageRef, PartId
from webmail.mail.outgoing import ORIGIN
from webmail.web import converters, forms

MODES: Final = ("new", "reply", "reply-all", "reply-list", "forward")
_ID: Final = re.compile(r"<[!-;=?-~]{3,250}>")
_KEEP: Final = re.compile(r"(?!d0)([do])(0|[1-9][0-9]{0,3}(?:\.[1-9][0-9]{0,3}){0,50})")
_TYPE: Final = re.compile(r"[a-z]+/[a-z0-9.+-]{1,80}")


@dataclass(frozen=True, slots=True)
class Letter:
    """The fields as typed. draft: where it is kept in Drafts. origin: the message it answers or passes on.

    keep: files that are in the draft ("d2") or in the original ("o2.1"; "o0" is all of it) and stay, and other
    messages, whole ("w" and which). message_id is born with the form and never changes, so that the same letter is the
    same message however often it is posted.
    """

    to: str = ""
    cc: str = ""
    bcc: str = ""
    subject: str = ""
    body: str = ""
    message_id: str = ""
    mode: str = "new"
    draft: MessageRef | None = None
    origin: MessageRef | None = None
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()

    def hidden(self) -> dict[str, str]:
        """What travels with the form unseen."""
        return {
            "message_id": self.message_id,
            "mode": self.mode,
            "draft": converters.ref_to_text(self.draft) if self.draft else "",
            "origin": converters.ref_to_text(self.origin) if self.origin else "",
            "in_reply_to": self.in_reply_to,
            "references": " ".join(self.references),
        }

    def kept(self) -> list[tuple[MessageRef, PartId, str]]:
        """Every kept file: the message it is in, its part, and its value in the form."""
        found = []
        for value in self.keep:
            if value.startswith("w"):
                other = _ref(unquote(value[1:]))
                found += [(other, WHOLE, value)] if other else []
                continue
            match = _KEEP.fullmatch(value)
            home = None if match is None else self.draft if match[1] == "d" else self.origin
            if match and home:
                found.append((home, PartId(match[2]), value))
        return found


def signed(text: str, signature: str) -> str:
    """A text with the signature below it, behind the line that mail programs know (RFC 3676 4.3)."""
    return f"{text.rstrip() or chr(10)}\n\n-- \n{signature}\n" if signature else text


def new_message_id(address: str) -> str:
    """A Message-ID of 128 random bits under the writer's own domain (RFC 5322 3.6.4)."""
    return build.new_message_id(address.rpartition("@")[2], secrets.token_bytes(16))


def message_id_of(form: MultiDict[str, str], address: str) -> str:
    """The Message-ID that was born with the form, or a new one for what is none of ours."""
    given = form.get("message_id", "")
    return given if _ID.fullmatch(given) else new_message_id(address)


def from_form(form: MultiDict[str, str], address: str) -> Letter:
    """Read the posted fields; hidden ones that are not what we wrote fall back to nothing."""
    mode = form.get("mode", "new")
    return Letter(
        to=forms.addresses(form, "to"),
        cc=forms.addresses(form, "cc"),
        bcc=forms.addresses(form, "bcc"),
        subject=forms.line(form, "subject"),
        body=forms.text(form, "body"),
        message_id=message_id_of(form, address),
        mode=mode if mode in MODES else "new",
        draft=_ref(form.get("draft", "")),
        origin=_ref(form.get("origin", "")),
        in_reply_to=next(iter(_ids(form.get("in_reply_to", ""))), ""),
        references=_ids(form.get("references", "")),
        keep=tuple(value for field in form.getlist("keep") for value in field.split() if _keeps(value)),
    )


def from_fields(fields: Mapping[str, str], address: str) -> Letter:
    """A letter that was carried across a sign-in."""
    return from_form(MultiDict(fields), address)


def origin_of(value: str) -> tuple[str, MessageRef | None]:
    """Mode and original of a draft, from its ORIGIN header; "new" and None when it has none."""
    mode, _, text = value.partition(" ")
    origin = _ref(text)
    return (mode, origin) if origin and mode in MODES else ("new", None)


def whole(ref: MessageRef) -> str:
    """The value of a message that goes along whole; no white space in it, which parts such values."""
    return "w" + quote(converters.ref_to_text(ref), safe="/~&+,")


def _keeps(value: str) -> bool:
    return _KEEP.fullmatch(value) is not None or (value.startswith("w") and _ref(unquote(value[1:])) is not None)


def _ref(text: str) -> MessageRef | None:
    with suppress(ValueError):
        return converters.ref_from_text(text)
    return None


def _ids(text: str) -> tuple[str, ...]:
    return tuple(token for token in text.split() if _ID.fullmatch(token))[:100]


def field_errors(letter: Letter) -> dict[str, str]:
    """Field name -> sentence, for address fields that cannot be right."""
    found = {}
    for name in ("to", "cc", "bcc"):
        try:
            parse_typed(getattr(letter, name))
        except errors.BadAddress as error:
            found[name] = refused(error)
    return found


def refused(error: errors.BadAddress) -> str:
    """The sentence for an address field that cannot be right, naming what was typed."""
    named = ", ".join(error.refused)[:200]
    if not named:
        return f"These are more than {MOST} addresses."
    return f"These are not addresses: {named}" if len(error.refused) > 1 else f"This is not an address: {named}"


def to_draft(letter: Letter, sender: Address, files: Sequence[Attachment], *, strict: bool) -> Draft:
    """The letter as a message to build. strict: BadAddress for addresses that cannot be right, else they are left out
    (a draft keeps what it can; the form still shows what was typed)."""
    read = parse_typed if strict else _lenient
    written_for = converters.ref_to_text(letter.origin) if letter.origin else None
    return Draft(
        sender=sender,
        to=read(letter.to),
        cc=read(letter.cc),
        bcc=read(letter.bcc),
        subject=letter.subject,
        text=letter.body,
        in_reply_to=letter.in_reply_to or None,
        references=letter.references,
        message_id=letter.message_id,
        date=datetime.now(UTC).astimezone(),
        attachments=tuple(files),
        extra=() if written_for is None else ((ORIGIN, f"{letter.mode} {written_for}"),),
    )


def _lenient(text: str) -> tuple[Address, ...]:
    """Entry by entry: cutting refused pieces out of the text would cut the same letters out of good addresses."""
    found: list[Address] = []
    for entry in addresslist.read(text.replace("\n", ","), most=MOST):
        with suppress(errors.BadAddress):
            found += parse_typed(entry.raw)
    return tuple(found)


def uploads(files: Sequence[FileStorage]) -> list[Attachment]:
    """Files of this post that arrived whole."""
    found = []
    for file in files:
        if not file.filename or getattr(file.stream, "overflowed", False):
            continue
        kind = file.mimetype if _TYPE.fullmatch(file.mimetype) else "application/octet-stream"
        # A letter that was not sent is saved with the same files: they are read a second time.
        file.stream.seek(0)
        found.append(Attachment(filename=file.filename, type=kind, content=file.stream.read()))
    return found


def without(letter: Letter, value: str) -> Letter:
    """The letter with one kept file less."""
    return replace(letter, keep=tuple(keep for keep in letter.keep if keep != value))
