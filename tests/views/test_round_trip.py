"""Letters of every shape, from the form to their reader: other parsers find what was meant, byte for byte."""

from __future__ import annotations

import base64
import io
import quopri
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import collapse_rfc2231_value, decode_params
from pathlib import Path
from typing import Any

import pytest

from tests.servers import mutt
from tests.servers.application import Visitor
from tests.servers.people import Person, letter
from tests.servers.submission import Submission
from tests.servers.witness import Witness
from tests.views.saves import Tab
from tests.views.test_foreign_drafts import apple
from tests.views.test_message import PNG

FLOWED = (
    "Dear Bob,\n\n" + "a paragraph that is longer than a line of mail may be " * 30 + "\nFrom here on\n.\n..dots\n.\n"
    "  indented\ntrailing spaces   \n> quoted\n> > twice, and long: " + "word " * 40 + "\n" + "x" * 1500 + "\n"
    "--\nno signature\n\n-- \nAlice\nin two lines"
)
FOREIGN = "Grüße, Übermaß\n" + "ü = 100 % größer " * 20 + "\nend="
EMOJI = "😀👩‍👩‍👧‍👦 🏳️‍🌈\nمرحبا بالعالم\nשלום עולם\n日本語の手紙です。" + "漢字" * 700
NAMES = (
    "日本語のとても長いファイル名で何行にもなるもの.pdf",
    "تقرير سنوي.txt",
    "naïve; quo'te.bin",
    "plain name.tar.gz",
)


@dataclass
class Meant:
    """What a letter of this subject is to be. words: its text, None for what is not typed here. shape: see outline."""

    shape: str
    words: str | None = None
    files: dict[str, bytes] = field(default_factory=dict)


def plain(shape: str = "text/plain", **more: Any) -> Meant:
    return Meant(shape, **more)


class Desk:
    """Alice at the form. meant: subject to what was sent."""

    def __init__(self, visitor: Visitor, alice: Person) -> None:
        self.visitor, self.alice = visitor, alice
        self.meant: dict[str, Meant] = {}

    def send(self, subject: str, meant: Meant, page: str = "/write", **values: Any) -> None:
        self.visitor.get(page)
        if meant.words is not None:
            values["body"] = meant.words
        self.visitor.send(self.visitor.form("/write"), do="send", to="bob@example.org", subject=subject, **values)
        assert self.visitor.path != "/write", self.visitor.text
        self.meant[subject] = meant

    def at(self, uid: int, mode: str, mailbox: str = "INBOX") -> str:
        return f"/m/{mailbox}/{self.alice.uidvalidity(mailbox)}.{uid}/{mode}"


def write_everything(desk: Desk) -> None:
    """One letter of every shape that can be built."""
    desk.send("Plain", plain(words="Dear Bob,\n\nshort."))
    desk.send("Empty", plain(words=""))
    desk.send("Flowed", plain(words=FLOWED))
    desk.send("Foreign", plain(words=FOREIGN))
    desk.send("Emoji", plain(words=EMOJI))
    kinds = ("application/pdf", "text/plain", "application/x-odd+thing", "no type at all")
    contents = (bytes(range(256)) * 9, "zwei Zeilen\r\nhé\r\n".encode(), b"", b".\r\n..\r\n\n\r\0")
    desk.send(
        "Files",
        Meant("mixed(text/plain, application/pdf, text/plain, application/x-odd+thing, application/octet-stream)",
              "See the files.", dict(zip(NAMES, contents, strict=True))),
        att=[(io.BytesIO(octets), name, kind) for octets, name, kind in zip(contents, NAMES, kinds, strict=True)],
    )  # fmt: skip
    eight = letter("Inside", sender="bob@example.org", text="öffentlich, in 8bit\r\n.\r\nFrom me\r\n")
    desk.send("Passed on", Meant("mixed(text/plain, message/rfc822)", "A letter:", {"Inside.eml": eight}),
              desk.at(desk.alice.append(eight), "forward-eml"))  # fmt: skip
    formatted(desk)
    uid = desk.alice.append(apple(), "Drafts", ["\\Draft"])
    desk.send("Kept looks", Meant("mixed(alternative(text/plain, text/html), image/png)", files={"a.png": PNG}),
              desk.at(uid, "edit", "Drafts"), att=(io.BytesIO(PNG), "a.png", "image/png"))  # fmt: skip


def formatted(desk: Desk) -> None:
    """Two with looks: one that was saved in between, so that its parts are the server's; and one that passes it on."""
    tab = Tab(desk.visitor)
    assert tab.attach("pic.png", PNG, "image/png") == 200
    token = tab.fields.pop("keep")[0].removeprefix("u")
    assert tab.attach("plan%20b.bin", b"\xff" * 5000) == 200
    html = f'<p>Dear <b>Bób</b> 😀</p><p dir="rtl">مرحبا</p><img src="cid:{token}@picture.invalid" alt="A pic">'
    for number in range(3):
        assert tab.save(html=f"{html}<p>{number}</p>", format="html", subject="Formatted") == 200
    files = {"pic.png": PNG, "plan b.bin": b"\xff" * 5000}
    shape = "mixed(alternative(text/plain, related(text/html, image/png)), application/octet-stream)"
    [draft] = desk.alice.messages("Drafts")
    assert outline(message_from_bytes(draft.raw, policy=default)) == shape  # type: ignore[arg-type]
    assert by_dovecot(desk.alice, "Drafts")["Formatted"] == (shape, files)
    desk.send("Formatted", Meant(shape, files=files), tab.url)
    again = f"<p>Look:</p>{html}"
    [sent] = [one.uid for one in desk.alice.messages("Sent") if b"Subject: Formatted\r\n" in one.raw]
    desk.send("Formatted and passed on", Meant(shape, files=files), desk.at(sent, "forward", "Sent"),
              html=again, format="html")  # fmt: skip


# --- three ways to read -----------------------------------------------------------------------------------------------


def outline(message: EmailMessage) -> str:
    """mixed(text/plain, …); what is inside a message that is a file is not told."""
    if message.get_content_maintype() != "multipart":
        return message.get_content_type()
    inside = ", ".join(outline(part) for part in message.iter_parts())  # type: ignore[arg-type]
    return f"{message.get_content_subtype()}({inside})"


def by_python(raw: bytes) -> tuple[str, dict[str, bytes]]:
    """Outline and files, and no defect anywhere."""
    message = message_from_bytes(raw, policy=default)
    assert not any(part.defects for part in message.walk())
    files: dict[str, bytes] = {}
    for part in message.walk():
        if name := part.get_filename():
            inner = part.get_content_type() == "message/rfc822"
            content = part.get_content()
            files[name] = content.as_bytes() if inner else part.get_payload(decode=True)
    return outline(message), files  # type: ignore[arg-type]


def by_dovecot(person: Person, mailbox: str) -> dict[str, tuple[str, dict[str, bytes]]]:
    """Subject to outline and files, as the server found and cut them."""
    found = {}
    with person.imap() as client:
        client.select_folder(mailbox, readonly=True)
        for uid, data in client.fetch(client.search("ALL"), ["BODYSTRUCTURE", "ENVELOPE"]).items():
            files: dict[str, bytes] = {}

            def leaf(node: Any, number: str, uid: int = uid, files: dict[str, bytes] = files) -> str:
                kind = f"{node[0].decode()}/{node[1].decode()}".lower()
                if name := _name(node, kind):
                    octets = client.fetch([uid], [f"BODY.PEEK[{number}]"])[uid][f"BODY[{number}]".encode()]
                    files[name] = _plain(octets, node[5].decode().lower())
                return kind

            shape = _walk(data[b"BODYSTRUCTURE"], "", leaf)
            found[data[b"ENVELOPE"].subject.decode()] = (shape, files)
    return found


def _walk(node: Any, number: str, leaf: Callable[[Any, str], str]) -> str:
    if not isinstance(node[0], list):
        return leaf(node, number or "1")
    inside = (_walk(each, f"{number}.{place}".lstrip("."), leaf) for place, each in enumerate(node[0], 1))
    return f"{node[1].decode().lower()}({', '.join(inside)})"


def _name(node: Any, kind: str) -> str:
    """The file name of BODYSTRUCTURE, which has its parameters as they stand in the header (RFC 2231)."""
    at = 9 if kind.startswith("text/") else 11 if kind == "message/rfc822" else 8
    told = node[at] if len(node) > at else None
    if not told or not told[1]:
        return ""
    given = [(told[1][place].decode(), told[1][place + 1].decode()) for place in range(0, len(told[1]), 2)]
    named = dict(decode_params([("", ""), *given]))
    return collapse_rfc2231_value(named.get("filename", "")).strip('"')


def _plain(octets: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        return base64.b64decode(octets)
    return quopri.decodestring(octets) if encoding == "quoted-printable" else octets


def as_read(text: str) -> str:
    """Text without what flowing may change: spaces at line ends, and those between marks of quoting."""
    lines = [line.rstrip(" ") for line in text.replace("\r\n", "\n").rstrip("\n").split("\n")]
    return "\n".join(re.sub(r"^(?:> ?)+", lambda mark: ">" * mark[0].count(">") + " ", line) for line in lines)


def test_every_shape_is_found_by_other_parsers_and_reaches_other_programs_byte_for_byte(
    visitor: Visitor, alice: Person, bob: Person, submission: Submission, witness: Callable[[Person], Witness],
    tmp_path: Path,
) -> None:  # fmt: skip
    visitor.sign_in(alice)
    desk = Desk(visitor, alice)
    write_everything(desk)
    meant = desk.meant
    taken = {str(message_from_bytes(one.raw, policy=default)["subject"]): one.raw for one in submission.accepted}
    assert list(taken) == list(meant)
    for subject, raw in taken.items():
        assert not re.search(rb"\r(?!\n)|(?<!\r)\n|\0", raw), subject
        assert max(map(len, raw.split(b"\r\n"))) <= 998, subject
        shape, files = by_python(raw)
        assert shape == meant[subject].shape, subject
        assert {name: _lines(octets) for name, octets in files.items()} == {
            name: _lines(octets) for name, octets in meant[subject].files.items()
        }, subject
    assert by_dovecot(bob, "INBOX") == {subject: (one.shape, one.files) for subject, one in meant.items()}

    device = witness(bob)
    copies = {seen.subject: seen.raw for seen in device.sync()}
    assert copies.keys() == taken.keys()
    for subject, raw in taken.items():
        # A Maildir has the line ends of its machine. Who delivers writes trace fields above (RFC 5321 4.4), and mbsync
        # a mark of its own below the header; nothing else is different.
        whole = re.sub(rb"\r\nX-TUID: \S+(?=\r\n)", b"", copies[subject].replace(b"\n", b"\r\n"), count=1)
        above, copy = whole[: -len(raw)], whole[-len(raw) :]
        assert copy == raw, subject
        assert re.fullmatch(rb"((Return-Path|Received): [^\r]*\r\n([ \t][^\r]*\r\n)*)*", above), subject
    if mutt.missing():
        pytest.skip("mutt is not installed (package mutt): all but what it shows was looked at")
    (home := tmp_path / "mutt").mkdir()
    shown_by_mutt(mutt.shown(device.mail / "INBOX", home), meant)


def shown_by_mutt(pages: dict[str, str], meant: dict[str, Meant]) -> None:
    """Every text as it was typed."""
    assert pages.keys() == meant.keys()
    for subject, one in meant.items():
        if one.words is not None:
            page = as_read(pages[subject])
            assert page.startswith(as_read(one.words)), f"{subject}: {page[:2000]}"
    assert "Dear Bób 😀\n\nمرحبا" in pages["Formatted"]
    assert "öffentlich, in 8bit\n.\nFrom me" in pages["Passed on"]
    assert "words" in pages["Kept looks"]


def _lines(octets: bytes) -> bytes:
    """The parser of Python writes a message that is a file anew, with line ends of its own."""
    return octets.replace(b"\r\n", b"\n")
