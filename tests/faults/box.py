"""A scripted INBOX with letters in it: a plain RFC 3501 server without extensions, into which a test puts its fault."""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from tests.servers.answers import EMPTY_MAILBOX, Answer, do
from tests.servers.people import letter
from tests.servers.wire import Command, Wire

PLAIN = "IMAP4rev1 AUTH=PLAIN SASL-IR"
FOLDERS = (("INBOX", ""), ("Drafts", "\\Drafts"), ("Sent", "\\Sent"), ("Archive", "\\Archive"), ("Trash", "\\Trash"))
_SECTION = re.compile(rb"BODY(?:\.PEEK)?(\[[^\]]*\])(?:<(\d+)\.(\d+)>)?")


def numbered(uid: int) -> bytes:
    """Letter number so and so."""
    return letter(f"Number {uid}", text=f"Words of letter {uid}.\r\n", message_id=f"<{uid}@example.net>")


class Box:
    """answers: for Scripted; put others over some of them. flags: UID -> flags.

    raw: the octets of a letter by its UID. size_of, body_size: what RFC822.SIZE and BODYSTRUCTURE claim of one.
    structures: BODYSTRUCTURE of some UIDs, whole.
    lying: of sections with this in their name the literal claims to have five octets, and then all of them come.
    noise: untagged lines in front of the end of every answer. list_lines: what LIST tells.
    """

    def __init__(self, uids: Iterable[int] = (), raw: Callable[[int], bytes] = numbered, validity: int = 7) -> None:
        self.uids: Sequence[int] = uids if isinstance(uids, range) else sorted(uids)
        self.raw, self.validity = raw, validity
        self.flags: dict[int, set[str]] = {}
        self.structures: dict[int, bytes] = {}
        self.noise = b""
        self.lying = b""
        self.list_lines = [f'* LIST ({use}) "/" {name}' for name, use in FOLDERS]
        self.size_of: Callable[[int], int] = lambda uid: len(self.raw(uid))
        self.body_size: Callable[[int], int] = lambda uid: len(self.raw(uid).partition(b"\r\n\r\n")[2])

    @property
    def answers(self) -> dict[str, Answer]:
        """Everything a plain server answers, by command."""
        return {
            "LIST": lambda wire, command: do("\n".join([*self.list_lines, "{tag} OK done"]), wire, command),
            "STATUS": self.status,
            "SELECT": self.select,
            "EXAMINE": self.select,
            "NOOP": lambda wire, command: self._end(wire, command),
            "FETCH": self.fetch,
            "UID FETCH": self.fetch,
            "SEARCH": self.search,
            "UID SEARCH": self.search,
            "UID STORE": self.store,
            "UID COPY": "{tag} OK done",
            "UID MOVE": "{tag} OK done",
            "EXPUNGE": "{tag} OK done",
            "CREATE": "{tag} OK done",
            "SUBSCRIBE": "{tag} OK done",
            "APPEND": "{tag} OK [APPENDUID 7 1] done",
        }

    # --- answers ------------------------------------------------------------------------------------------------------

    def select(self, wire: Wire, command: Command) -> None:
        """Only INBOX has anything in it."""
        inbox = command.words[0].strip('"').upper() == "INBOX"
        count, after = (len(self.uids), self.uids[-1] + 1) if inbox and self.uids else (0, 1)
        told = EMPTY_MAILBOX.replace("* 0 EXISTS", f"* {count} EXISTS").replace("UIDNEXT 1", f"UIDNEXT {after}")
        told = told.replace("UIDVALIDITY 7", f"UIDVALIDITY {self.validity}")
        do(told if command.name == "SELECT" else told.replace("READ-WRITE", "READ-ONLY"), wire, command)

    def status(self, wire: Wire, command: Command) -> None:
        name = command.arguments.rpartition(b" (")[0]
        count = len(self.uids) if name.strip(b'"').upper() == b"INBOX" else 0
        facts = f"MESSAGES {count} UNSEEN {count} RECENT 0 UIDNEXT {count + 1} UIDVALIDITY {self.validity}"
        wire.send(b"* STATUS %b (%b)\r\n" % (name, facts.encode()))
        self._end(wire, command)

    def fetch(self, wire: Wire, command: Command) -> None:
        """Flags, date, size, structure and any section, whole or in pieces."""
        which, _, items = command.arguments.partition(b" ")
        for sequence, uid in self._chosen(which, by_uid=command.name.startswith("UID")):
            wire.send(b"* %d FETCH (%b)\r\n" % (sequence, b" ".join(self._items(uid, items))))
        self._end(wire, command)

    def search(self, wire: Wire, command: Command) -> None:
        """ALL, UNSEEN, FLAGGED, DELETED, KEYWORD, a set of UIDs, or of positions in front; OR of two that ask for a
        keyword. Letters have no other property."""
        by_uid, words = command.name.startswith("UID"), command.arguments.upper().split()
        among: Iterable[tuple[int, int]] = enumerate(self.uids, 1)
        if words and words[0][:1].isdigit():
            among, words = self._chosen(words[0], by_uid=False), words[1:]
        elif words[:1] == [b"UID"]:
            among = self._chosen(words[1], by_uid=True)
        elif words[:1] == [b"KEYWORD"]:
            among = ((bisect.bisect_left(self.uids, uid) + 1, uid) for uid in sorted(self.flags))
        elif words[:2] == [b"OR", b"KEYWORD"]:
            either = words[1:3], b" ".join(words[3:]).strip(b"()").split()
            among = ((bisect.bisect_left(self.uids, uid) + 1, uid) for uid in sorted(self.flags))
            among, words = [one for one in among if any(self._meets(one[1], way) for way in either)], []
        found = [(sequence, uid) for sequence, uid in among if self._meets(uid, words)]
        numbers = " ".join(str(uid if by_uid else sequence) for sequence, uid in found)
        do(f"* SEARCH {numbers}".rstrip() + "\n{tag} OK done", wire, command)

    def store(self, wire: Wire, command: Command) -> None:
        which, how, flags = command.arguments.split(b" ", 2)
        for _, uid in self._chosen(which, by_uid=True):
            kept, named = self.flags.setdefault(uid, set()), set(flags.decode().strip("()").split())
            kept.update(named) if how.startswith(b"+") else kept.difference_update(named)
        self._end(wire, command)

    # --- inside -------------------------------------------------------------------------------------------------------

    def _end(self, wire: Wire, command: Command) -> None:
        wire.send(self.noise + command.tag + b" OK done\r\n")

    def _items(self, uid: int, wanted: bytes) -> Iterator[bytes]:
        raw = self.raw(uid)
        header, _, body = raw.partition(b"\r\n\r\n")
        yield b"UID %d FLAGS (%b)" % (uid, " ".join(sorted(self.flags.get(uid, ()))).encode())
        yield b'INTERNALDATE "03-Mar-2026 10:00:00 +0000" RFC822.SIZE %d' % self.size_of(uid)
        if b"BODYSTRUCTURE" in wanted:
            shape = b'BODYSTRUCTURE ("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "8BIT" %d %d NIL NIL NIL NIL)'
            usual = shape % (self.body_size(uid), body.count(b"\n"))
            yield b"BODYSTRUCTURE " + self.structures[uid] if uid in self.structures else usual
        for section, start, most in _SECTION.findall(wanted):
            whole = header + b"\r\n\r\n" if b"HEADER" in section else raw if section == b"[]" else body
            part = whole[int(start or 0) :][: int(most or len(whole))]
            size = 5 if self.lying and self.lying in section else len(part)
            yield b"BODY%b%b {%d}\r\n%b" % (section, b"<%b>" % start if start else b"", size, part)

    def _meets(self, uid: int, words: list[bytes]) -> bool:
        flags = self.flags.get(uid, set())
        for at, word in enumerate(words):
            if word == b"UID" and not any(uid in span for span in self._spans(words[at + 1], self.uids[-1])):
                return False
            if word == b"HEADER" or (word == b"UNSEEN" and "\\Seen" in flags):
                return False
            if word == b"KEYWORD" and not any(flag.upper().encode() == words[at + 1] for flag in flags):
                return False
            if word in (b"FLAGGED", b"DELETED") and not any(flag.upper() == f"\\{word.decode()}" for flag in flags):
                return False
        return True

    def _chosen(self, which: bytes, *, by_uid: bool) -> Iterator[tuple[int, int]]:
        if not self.uids:
            return
        spans = self._spans(which, self.uids[-1] if by_uid else len(self.uids))
        # A range counts from 1, so that its positions are its UIDs; a million need not be looked through.
        if by_uid and not isinstance(self.uids, range):
            pairs = enumerate(self.uids, 1)
            yield from ((sequence, uid) for sequence, uid in pairs if any(uid in span for span in spans))
            return
        for span in spans:
            yield from ((at, self.uids[at - 1]) for at in span if 1 <= at <= len(self.uids))

    def _spans(self, which: bytes, last: int) -> list[range]:
        spans = []
        for piece in which.split(b","):
            low, _, high = piece.partition(b":")
            ends = sorted(last if end == b"*" else int(end) for end in (low, high or low))
            spans.append(range(ends[0], ends[1] + 1))
        return spans
