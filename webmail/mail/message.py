"""Messages as values: a row of the list, a part, a whole message before its bodies are fetched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from webmail.mail.address import Address
from webmail.mail.flags import PINNED, SEEN, WOKEN, Flags
from webmail.mail.ids import MessageRef, PartId, Uid


@dataclass(frozen=True, slots=True)
class Talk:
    """The letters of one mailbox that belong together. letters: UID and flags, the newest first. people: who wrote
    them, each once, in the order in which they joined in; of a long talk those of its first and its latest letters."""

    letters: tuple[tuple[Uid, Flags], ...]
    people: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """What one row of a message list needs.

    arrived: INTERNALDATE, aware. date: the Date header, aware, None when missing or broken. size: RFC822.SIZE, octets.
    type: the top-level Content-Type. attached: a guess from it, good enough for a paper clip. snippet: first words.
    talk: where the row stands for several letters, this being the newest of them.
    """

    ref: MessageRef
    flags: Flags
    arrived: datetime
    size: int
    subject: str
    senders: tuple[Address, ...]
    recipients: tuple[Address, ...]
    date: datetime | None
    message_id: str | None
    attached: bool
    snippet: str | None = None
    type: str = ""
    talk: Talk | None = None

    @property
    def letters(self) -> tuple[tuple[Uid, Flags], ...]:
        """What the row stands for, the newest first."""
        return self.talk.letters if self.talk else ((self.ref.uid, self.flags),)

    @property
    def pinned(self) -> bool:
        """Whether one of its letters is."""
        return any(PINNED in told for _, told in self.letters)

    @property
    def woken(self) -> bool:
        """Whether one of them was snoozed, is back in the inbox and waits to be read."""
        back = any(WOKEN in told and SEEN not in told for _, told in self.letters)
        return back and self.ref.mailbox == "INBOX"

    def flagged(self, flags: Mapping[Uid, Flags]) -> Summary:
        """The same with these flags, as far as they are about it."""
        if not any(uid in flags for uid, _ in self.letters):
            return self
        talk = self.talk and replace(
            self.talk, letters=tuple((uid, flags.get(uid, told)) for uid, told in self.talk.letters)
        )
        return replace(self, flags=flags.get(self.ref.uid, self.flags), talk=talk)


@dataclass(frozen=True, slots=True)
class Part:
    """One MIME part as BODYSTRUCTURE tells it (RFC 9051 7.5.2), or as our own parser does when the server's is no use.

    type: "text/plain", lower case. params: Content-Type parameters, lower-case names, decoded values.
    encoding: Content-Transfer-Encoding, lower case. size: octets as transferred (encoded).
    filename: decoded and already made safe for display (no controls, no bidi marks, no separators), or None.
    content_id: without angle brackets. children: parts of a multipart; of a message/rfc822, its one root part.
    content: decoded octets, only when our own parser made the part (encoding is then "binary" and size their number);
    otherwise they are fetched by id.
    """

    id: PartId
    type: str
    params: Mapping[str, str] = field(default_factory=dict)
    encoding: str = "7bit"
    size: int = 0
    disposition: str | None = None
    filename: str | None = None
    content_id: str | None = None
    children: tuple[Part, ...] = ()
    content: bytes | None = None

    def walk(self) -> Iterator[Part]:
        """This part and everything below it, in order, without recursion."""
        waiting = [self]
        while waiting:
            part = waiting.pop()
            yield part
            waiting.extend(reversed(part.children))

    @property
    def charset(self) -> str | None:
        """The charset label as given, or None."""
        return self.params.get("charset")


@dataclass(frozen=True, slots=True)
class Message:
    """A message with its header and its structure; bodies are fetched by part.

    header: the raw header octets (BODY[HEADER]), cut at the budget of R15. repaired: the server's structure was of no
    use and the whole message was parsed here (mail/mime.py); its parts carry their content. early: parts that came
    along, whole, in their transfer encoding.
    """

    ref: MessageRef
    flags: Flags
    arrived: datetime
    size: int
    header: bytes
    root: Part
    repaired: bool = False
    early: Mapping[PartId, bytes] = field(default_factory=dict)
