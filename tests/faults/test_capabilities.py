"""A server without this or that extension: a real one, with the word for it taken out of what it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import pytest

from tests.faults.pages import act, everything, listed, picks, rows, subjects, works, write
from tests.servers.application import Visitor
from tests.servers.dovecot import Dovecot
from tests.servers.people import Person, letter
from tests.servers.proxy import Rewriter
from tests.servers.submission import Submission

At = Callable[..., Visitor]


class Lack(NamedTuple):
    """words: taken out of every CAPABILITY. unsaid: what a client that believes it never says (a pattern of a line)."""

    words: tuple[str, ...]
    unsaid: str


LACKS = {
    "AUTH=PLAIN": Lack(("AUTH=PLAIN",), r"^\S+ AUTHENTICATE"),
    "BINARY": Lack(("BINARY", "CATENATE", "MULTIAPPEND"), r"BINARY|CATENATE|^\S+ APPEND .*\{\d+\+?\}.*\{\d+\+?\}$"),
    "CONDSTORE": Lack(("CONDSTORE", "QRESYNC"), r"CONDSTORE|QRESYNC|CHANGEDSINCE|UNCHANGEDSINCE|MODSEQ"),
    "ENABLE": Lack(("ENABLE", "CONDSTORE", "QRESYNC"), r"^\S+ ENABLE"),
    "ESEARCH": Lack(("ESEARCH", "ESORT", "SEARCHRES", "CONTEXT=SEARCH"), r"(SEARCH|SORT) RETURN"),
    "ID": Lack(("ID",), r"^\S+ ID "),
    "IDLE": Lack(("IDLE",), r"^\S+ IDLE"),
    "LIST-EXTENDED": Lack(("LIST-EXTENDED", "LIST-STATUS"), r"^\S+ LIST .*RETURN|^\S+ LIST \("),
    "LIST-STATUS": Lack(("LIST-STATUS", "STATUS=SIZE"), r"^\S+ LIST .*RETURN .*STATUS|STATUS .*\(.*\bSIZE\b"),
    "LITERAL+": Lack(("LITERAL+", "LITERAL-"), r"\{\d+[+-]\}$"),
    "MOVE": Lack(("MOVE",), r"^\S+ (UID )?MOVE"),
    "NAMESPACE": Lack(("NAMESPACE",), r"^\S+ NAMESPACE"),
    "NOTIFY": Lack(("NOTIFY",), r"^\S+ NOTIFY"),
    "NOTIFY, IDLE": Lack(("NOTIFY", "IDLE"), r"^\S+ (NOTIFY|IDLE)"),
    "PREVIEW": Lack(("PREVIEW", "PREVIEW=FUZZY", "SNIPPET=FUZZY"), r"FETCH .*(PREVIEW|SNIPPET)"),
    "QRESYNC": Lack(("QRESYNC",), r"QRESYNC|VANISHED"),
    "SASL-IR": Lack(("SASL-IR",), r"^\S+ AUTHENTICATE \S+ \S"),
    "SORT": Lack(
        ("SORT", "SORT=DISPLAY", "ESORT", "THREAD=REFERENCES", "THREAD=REFS", "THREAD=ORDEREDSUBJECT"),
        r"^\S+ (UID )?(SORT|THREAD)",
    ),
    "SPECIAL-USE": Lack(("SPECIAL-USE",), r"SPECIAL-USE"),
    "UIDPLUS": Lack(("UIDPLUS",), r"^\S+ UID EXPUNGE"),
    "MOVE, UIDPLUS": Lack(("MOVE", "UIDPLUS"), r"^\S+ (UID )?MOVE|^\S+ UID EXPUNGE"),
    "UNSELECT": Lack(("UNSELECT",), r"^\S+ UNSELECT"),
}  # fmt: skip

OF_1996 = Lack(
    (
        *(word for lack in LACKS.values() for word in lack.words if word != "AUTH=PLAIN"),
        *("CHILDREN", "WITHIN", "URL-PARTIAL", "I18NLEVEL=1", "SAVEDATE", "LOGIN-REFERRALS"),
    ),
    "|".join(lack.unsaid for name, lack in LACKS.items() if name != "AUTH=PLAIN"),
)

_ROLE = re.compile(rb" ?\\(?:Drafts|Sent|Junk|Trash|Archive|All|Flagged)\b")
_CODE = re.compile(rb"\[(?:APPENDUID|COPYUID)[^\]]*\] ?")


class Without:
    """What comes from the server, with everything taken out that only comes with these words."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self.words = words
        told = "|".join(re.escape(word) for word in words)
        self._told = re.compile(rf" (?:{told})(?=[ \]\r])".encode())

    def server(self, line: bytes) -> bytes:
        if b"CAPABILITY" in line:
            # Two words side by side share a space.
            return self._told.sub(b"", self._told.sub(b"", line))
        if "SPECIAL-USE" in self.words and line.startswith(b"* LIST ("):
            return _ROLE.sub(b"", line)
        if "UIDPLUS" in self.words:
            return _CODE.sub(b"", line)
        return line


@pytest.mark.parametrize("lack", [*LACKS.values(), OF_1996], ids=[*LACKS, "all of them"])
def test_the_whole_way_goes_without(
    lack: Lack, at: At, rewriter: Callable[..., Rewriter], dovecot: Dovecot, alice: Person, submission: Submission
) -> None:
    """No UIDPLUS / MOVE / SPECIAL-USE / ESEARCH / SORT / CONDSTORE / NAMESPACE / LITERAL+: each feature still works.

    List, open, star, move, archive, delete, save a draft twice, send it; and never a word of what is not offered, nor
    ENABLE UTF8=ACCEPT, which makes some servers wait for ever at APPEND.
    """
    way = rewriter(dovecot.port, server=Without(lack.words).server)
    visitor = at(way.port)
    alice.create("Projects")
    alice.append_all([letter(f"Number {n}", text=f"Words of letter {n}.\r\n") for n in range(1, 6)])
    visitor.sign_in(alice)
    assert subjects(visitor.html) == [f"Number {n}" for n in (5, 4, 3, 2, 1)]
    assert visitor.text.count("Words of letter") == 5
    chosen = dict(zip(subjects(visitor.html), picks(visitor.html), strict=True))
    _read_and_file(visitor, alice, chosen)
    _write_and_send(visitor, alice, submission)
    said = way.heard["client"].decode("utf-8", "replace")
    assert len(said.splitlines()) > 10
    assert re.findall(f"{lack.unsaid}|UTF8=ACCEPT", said.replace("\r\n", "\n"), re.M | re.I) == []


def _read_and_file(visitor: Visitor, alice: Person, chosen: dict[str, str]) -> None:
    visitor.get(rows(visitor)["Number 5"])
    assert visitor.status == 200
    assert "Words of letter 5." in visitor.text
    for do, number in (("star", 5), ("move", 4), ("archive", 3), ("delete", 2)):
        visitor.get("/m/INBOX")
        act(visitor, do, chosen[f"Number {number}"], **({"dest": "Projects"} if do == "move" else {}))
        assert re.search(r"Message (starred|moved to \w+)\.", visitor.text), visitor.text
    works(visitor, "Number 5", "Number 1")
    there = everything(alice)
    assert there.pop("INBOX") == [("Number 1", frozenset()), ("Number 5", {"\\Seen", "\\Flagged"})]
    assert {name: [subject for subject, _ in found] for name, found in there.items() if found} == {
        "Projects": ["Number 4"], "Archive": ["Number 3"], "Trash": ["Number 2"],
    }  # fmt: skip


def _write_and_send(visitor: Visitor, alice: Person, submission: Submission) -> None:
    write(visitor, do="save", to="bob@example.org", subject="Draft", body="My words")
    visitor.send(visitor.form("/write"), do="save", body="My words, and more")
    assert "Saved in Drafts" in visitor.text
    assert listed(alice, "Drafts") == ["Draft"]
    visitor.send(visitor.form("/write"), do="send")
    assert "Sent." in visitor.text
    there = everything(alice)
    assert ([subject for subject, _ in there["Sent"]], there["Drafts"]) == (["Draft"], [])
    assert len(submission.accepted) == 1


@pytest.fixture
def marked(at: At, rewriter: Callable[..., Rewriter], dovecot: Dovecot, alice: Person) -> Visitor:
    """Alice on a server without MOVE and UIDPLUS, after she archived a letter while another device had marked one."""
    uids = alice.append_all([letter("Marked elsewhere"), letter("Mine"), letter("Third")])
    visitor = at(rewriter(dovecot.port, server=Without(LACKS["MOVE, UIDPLUS"].words).server).port)
    visitor.sign_in(alice)
    chosen = dict(zip(subjects(visitor.html), picks(visitor.html), strict=True))
    alice.mark(uids[0], "\\Deleted")
    act(visitor, "archive", chosen["Mine"])
    assert "Message moved to Archive." in visitor.text
    return visitor


def test_what_another_device_has_only_marked_survives_a_move(marked: Visitor, alice: Person) -> None:
    """No MOVE, no UIDPLUS: copy, flag, and a plain EXPUNGE while nothing else is \\Deleted."""
    assert listed(alice, "Archive") == ["Mine"]
    assert everything(alice)["INBOX"] == [("Marked elsewhere", {"\\Deleted"}), ("Third", frozenset())]


def test_what_was_moved_is_not_in_the_list_any_more(marked: Visitor) -> None:
    """No MOVE, no UIDPLUS: what the page called moved does not stay in front of the reader."""
    assert "Mine" not in subjects(marked.html)
