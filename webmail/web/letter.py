"""A letter as form fields: what the compose page posts, and what it needs to show the same again."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final
from urllib.parse import quote, unquote

from werkzeug.datastructures import MultiDict

from webmail import errors
from webmail.mail import addresslist, build
from webmail.mail.address import MOST, Address, parse_typed, wire
from webmail.mail.draft import Attachment, Draft, Kept, Revision, revision_of
from webmail.mail.ids import WHOLE, MessageRef, PartId
from webmail.mail.message import Part
from webmail.mail.outgoing import ORIGIN, RECEIPT, REPORT
from webmail.web import converters, forms
from webmail.web.words import _

TYPED: Final = "X-Pennypost-Typed-"
"""Header of our drafts alone, with To, Cc or Bcc behind it: that field as it was typed, while not all of it is an
address."""

TEMPLATE: Final = "template"
MODES: Final = ("new", "reply", "reply-all", "reply-list", "forward", TEMPLATE)
_ID: Final = re.compile(r"<[!-;=?-~]{3,250}>")
_KEEP: Final = re.compile(
    r"(?:(?!d0)([do])(0|[1-9][0-9]{0,3}(?:\.[1-9][0-9]{0,3}){0,50})(?:-([0-9a-f]{12}))?|u([0-9a-f]{32}))"
)
FORMAT: Final = "X-Pennypost-Format"
"""Header of our drafts alone: the formatting was made here."""

TEMPLATE_OF: Final = "X-Pennypost-Template"
"""Header of our drafts alone: Letter.template."""

OURS: Final = PartId("=")
"""Letter.rich of a draft that was formatted here."""

_FORMATS: Final = ("", "kept", "html")
_RICH: Final = re.compile(r"([-=]|TEXT|[1-9][0-9]{0,3}(?:\.[1-9][0-9]{0,3}){0,50}) ([0-9a-f]{32})")
_CONTROL: Final = re.compile("[\0-\x1f\x7f\ud800-\udfff]")
_LONGEST_TYPED: Final = 4000


@dataclass(frozen=True, slots=True)
class Letter:
    """The fields as typed. draft: where it is kept in Drafts. origin: the message it answers or passes on.

    keep: files that are in the draft ("d2") or in the original ("o2.1"; "o0" is all of it) and stay, other messages,
    whole ("w" and which), and those that were uploaded by themselves ("u" and their token). message_id is born with the
    form and never changes, so that the same letter is the same message however often it is posted. revision: which save
    this is to become. rich: where in the draft its formatted body is and a digest of the words as they were taken up,
    "" for a letter in plain text. owner: whose. other: a draft of this letter that another window saved; its files
    serve where those of ours are gone. rest: seconds that saves of themselves should be apart. sender: addr-spec of the
    From that was chosen, "" for the usual one. receipt: its readers are asked to confirm (RFC 8098). report: the mail
    server is asked to tell what became of it (RFC 3461). html: the words with their looks; as it was posted, anybody's.
    format: "html" when it was made in the editor, "kept" when it came with the draft and holds as long as nobody
    changes a word beside it, "" for plain text. signed: the sender whose signature the words have. template:
    Message-ID of the template that this letter began from, or was kept as; "" for none.
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
    revision: Revision = field(default_factory=lambda: Revision(secrets.token_hex(8), 1))
    rich: str = ""
    owner: str = ""
    other: MessageRef | None = None
    rest: int = 0
    sender: str = ""
    receipt: bool = False
    report: bool = False
    html: str = ""
    format: str = ""
    signed: str = ""
    template: str = ""

    @property
    def marks(self) -> MessageRef | None:
        """The message that is marked as answered or forwarded when this is sent: none where it only lends its files."""
        return None if self.mode == TEMPLATE else self.origin

    def hidden(self) -> dict[str, str]:
        """What travels with the form unseen."""
        return {
            "message_id": self.message_id,
            "mode": self.mode,
            "draft": converters.ref_to_text(self.draft) if self.draft else "",
            "origin": converters.ref_to_text(self.origin) if self.origin else "",
            "in_reply_to": self.in_reply_to,
            "references": " ".join(self.references),
            "revision": self.revision.text(),
            "rich": self.rich,
            "owner": self.owner,
            "signed": self.signed,
            "template": self.template,
        }

    def kept(self) -> list[tuple[MessageRef, PartId, str]]:
        """Every kept file that is on the server: the message it is in, its part, and its value in the form."""
        found = []
        for value in self.keep:
            if value.startswith("w"):
                other = _ref(unquote(value[1:]))
                found += [(other, WHOLE, value)] if other else []
                continue
            match = _KEEP.fullmatch(value)
            home = None if match is None or match[4] else self.draft if match[1] == "d" else self.origin
            if match and home:
                found.append((home, PartId(match[2]), value))
        return found

    def uploaded(self) -> tuple[str, ...]:
        """Tokens of the files that were uploaded by themselves."""
        return tuple(value[1:] for value in self.keep if value.startswith("u"))

    def files(self) -> int:
        """How many files the form shows."""
        return len({value for *_, value in self.kept()}) + len(set(self.uploaded()))

    def formatted(self) -> PartId | None:
        """The body in the draft that another program formatted, as long as nobody changed a word of it here."""
        match = _RICH.fullmatch(self.rich)
        return PartId(match[1]) if match and match[1] not in "-=" and self.untouched() and self.draft else None

    def untouched(self) -> bool:
        """Whether the words are those of the formatted draft that was taken up."""
        match = _RICH.fullmatch(self.rich)
        return match is not None and match[2] == _digest(self.body)

    def fading(self) -> bool:
        """Whether another program formatted its draft in a way that cannot be kept."""
        return self.rich.startswith("- ")

    def own(self) -> bool:
        """Whether its draft was formatted here."""
        return self.rich.startswith(f"{OURS} ")

    def digest(self) -> str:
        """Of all that its writer typed and chose."""
        wishes, looks = f"{self.receipt:d}{self.report:d}", filter(None, [self.html])
        words = (self.to, self.cc, self.bcc, self.subject, self.body, self.sender, wishes)
        typed = "\0".join((*words, *looks, *self.keep))
        return sha256(typed.encode("utf-8", "replace")).hexdigest()[:16]

    def mine(self, address: str) -> bool:
        """Whether it was begun by whoever is signed in. A form that does not say is taken for theirs."""
        return self.owner in ("", address)


def alone(letter: Letter) -> Letter:
    """The words alone: what it points at lies in somebody else's mailbox."""
    looks = "html" if letter.format else ""  # there is no draft any more whose text they could be compared with
    return replace(letter, draft=None, origin=None, other=None, keep=(), rich="", mode="new", format=looks, template="")


def anew(letter: Letter, address: str) -> Letter:
    """The same letter as another one, beside the one that it was."""
    fresh = Revision(secrets.token_hex(8), 1)
    return replace(letter, message_id=new_message_id(address), revision=fresh)


def after(letter: Letter, error: errors.MailError) -> Letter:
    """The same letter once a save of it failed: the next is a later one, for this one may be there all the same."""
    if isinstance(error, errors.DraftConflict):
        return letter
    return replace(letter, revision=Revision(letter.revision.writer, letter.revision.number + 1))


def rich_of(part: PartId | None, text: str) -> str:
    """Letter.rich for a formatted body; part: None when it cannot be kept."""
    return f"{part or '-'} {_digest(text)}"


def keep_of(place: str, part: Part) -> str:
    """Value of a kept file. place: "d" or "o". It tells the file from another one that comes to stand there."""
    return f"{place}{part.id}-{_print(part)}"


def find(root: Part, part_id: PartId, value: str) -> Part:
    """The part of a kept file, wherever in this message it is now. Raises PartMissing."""
    mark = value.partition("-")[2]
    there = next((part for part in root.walk() if part.id == part_id), None)
    if there is not None and mark in ("", _print(there)):
        return there
    found = next((part for part in root.walk() if mark == _print(part)), None)
    if found is None:
        raise errors.PartMissing
    return found


def _print(part: Part) -> str:
    return sha256(f"{part.filename}\0{part.type}\0{part.size}".encode("utf-8", "replace")).hexdigest()[:12]


def _digest(text: str) -> str:
    return sha256(text.rstrip("\n").encode("utf-8", "replace")).hexdigest()[:32]


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
        in_reply_to=next(iter(ids(form.get("in_reply_to", ""))), ""),
        references=ids(form.get("references", "")),
        keep=tuple(value for each in form.getlist("keep") for value in each.split() if _keeps(value)),
        revision=revision_of(form.get("revision", "")) or Revision(secrets.token_hex(8), 1),
        rich=form.get("rich", "") if _RICH.fullmatch(form.get("rich", "")) else "",
        owner=forms.line(form, "owner"),
        other=_ref(form.get("other", "")),
        sender=forms.line(form, "from")[:254],
        receipt=form.get("receipt") == "1",
        report=form.get("report") == "1",
        html=forms.text(form, "html"),
        format=form.get("format", "") if form.get("format", "") in _FORMATS else "",
        signed=forms.line(form, "signed")[:254],
        template=next(iter(ids(form.get("template", ""))), ""),
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


def ids(text: str) -> tuple[str, ...]:
    """Message-IDs in a text, at most 100; what is none is left out."""
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
        # Translators: most: 1000.
        return _("These are more than %(most)s addresses.", most=MOST)
    if len(error.refused) > 1:
        return _("These are not addresses: %(typed)s", typed=named)
    return _("This is not an address: %(typed)s", typed=named)


def to_draft(letter: Letter, sender: Address, files: Sequence[Attachment | Kept], *, strict: bool) -> Draft:
    """The letter as a message to build. strict: BadAddress for addresses that cannot be right, else they are left out
    (a draft keeps what it can; the form still shows what was typed)."""
    read = parse_typed if strict else _lenient
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
        extra=(
            *_origin(letter),
            *_wishes(letter, sender),
            *_format(letter),
            *([(TEMPLATE_OF, letter.template)] if letter.template else []),
            *(() if strict else _unfinished(letter)),
        ),
    )


def _origin(letter: Letter) -> Iterator[tuple[str, str]]:
    if letter.marks is not None:
        yield ORIGIN, f"{letter.mode} {converters.ref_to_text(letter.marks)}"


def as_template(draft: Draft) -> Draft:
    """The same, in no thread and about no other message."""
    extra = tuple(field for field in draft.extra if field[0] not in (ORIGIN, TEMPLATE_OF))
    return replace(draft, in_reply_to=None, references=(), extra=extra)


def _wishes(letter: Letter, sender: Address) -> Iterator[tuple[str, str]]:
    """A receipt goes to whom the letter is from; RFC 8098 has no form for an address outside ASCII."""
    home = wire(sender.address)
    if letter.receipt and home.isascii():
        yield RECEIPT, f"<{home}>"
    if letter.report:
        yield REPORT, "success, failure"


def _format(letter: Letter) -> Iterator[tuple[str, str]]:
    if letter.format:
        yield FORMAT, "html"


def _unfinished(letter: Letter) -> Iterator[tuple[str, str]]:
    """Half an address is typed too, and not lost because a draft was saved in the middle of it."""
    for name in field_errors(letter):
        text = str(getattr(letter, name))
        if len(text) <= _LONGEST_TYPED:
            yield TYPED + name.title(), _CONTROL.sub(" ", text)


def _lenient(text: str) -> tuple[Address, ...]:
    """Entry by entry: cutting refused pieces out of the text would cut the same letters out of good addresses."""
    found: list[Address] = []
    for entry in addresslist.read(text.replace("\n", ","), most=MOST):
        with suppress(errors.BadAddress):
            found += parse_typed(entry.raw)
    return tuple(found)


def without(letter: Letter, value: str) -> Letter:
    """The letter with one kept file less."""
    return replace(letter, keep=tuple(keep for keep in letter.keep if keep != value))
