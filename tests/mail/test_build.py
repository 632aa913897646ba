"""What we send: well formed for every reader, and exactly what its writer meant (R10)."""

from __future__ import annotations

import email.policy
import re
import time
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmail.errors import BadAddress, UnsafeText
from webmail.mail import flowed, mime, parts
from webmail.mail.address import Address
from webmail.mail.build import build, new_message_id, pieces, room
from webmail.mail.draft import Alternative, Attachment, Kept, Piece
from webmail.mail.headers import Headers
from webmail.mail.ids import MailboxName, MessageRef, PartId, Uid, UidValidity
from webmail.mail.names import clean_line

from .people import ALICE, BOB, CHARLIE, letter


def sent(**changed: Any) -> bytes:
    octets = build(letter(**changed))
    assert re.search(rb"\r(?!\n)|(?<!\r)\n|\0", octets) is None
    assert max(map(len, octets.split(b"\r\n"))) <= 998
    return octets


def read(octets: bytes) -> tuple[Headers, parts.Shown]:
    header, root = mime.parse(octets)
    return Headers.parse(header), parts.choose(root)


def read_by_others(octets: bytes) -> EmailMessage:
    found = message_from_bytes(octets, policy=email.policy.default)
    assert not any(part.defects for part in found.walk())
    return found


def test_an_ordinary_letter() -> None:
    octets = sent(cc=(CHARLIE,), in_reply_to="<0@x>", references=("<a@x>", "<0@x>"))
    assert octets == (
        b"From: Alice Owner <alice@pennypost.test>\r\n"
        b"To: Bob Sharer <bob@pennypost.test>\r\n"
        b"Cc: Charlie <charlie@elsewhere.test>\r\n"
        b"Subject: Garden\r\n"
        b"Date: Mon, 01 Jun 2026 12:00:00 +0000\r\n"
        b"Message-ID: <1@pennypost.test>\r\n"
        b"In-Reply-To: <0@x>\r\n"
        b"References: <a@x> <0@x>\r\n"
        b"MIME-Version: 1.0\r\n"
        b"Content-Type: text/plain; charset=utf-8; format=flowed\r\n"
        b"Content-Transfer-Encoding: 7bit\r\n"
        b"\r\n"
        b"The beans are up.\r\n"
    )


def test_bcc_stays_with_its_writer() -> None:
    draft = letter(bcc=(CHARLIE,))
    assert b"charlie" not in build(draft)
    assert Headers.parse(build(draft, keep_bcc=True)).addresses("bcc") == (CHARLIE,)


def test_a_letter_to_nobody_in_sight_says_so() -> None:
    assert b"\r\nTo: undisclosed-recipients:;\r\n" in sent(to=(), bcc=(BOB,))


@pytest.mark.parametrize(
    "subject",
    [
        "=?utf-8?q?a=0D=0ABcc:_x?=",
        "=?utf-8?b?DQpCY2M6IHg=?=",
        "a =?utf-8?q?=0A=0A?= b",
        "=?us-ascii?q?=0D=0AFrom:_evil?=",
    ],
)
def test_a_subject_that_decodes_to_a_line_end_makes_no_field(subject: str) -> None:
    """R10: CPython 3.11 and 3.12 write a real Bcc here. It stays what was typed."""
    octets = sent(subject=subject)
    assert read_by_others(octets)["bcc"] is None
    assert Headers.parse(octets).subject == subject
    # and once more, by way of a reply to a message that came with it
    received = Headers.parse(f"Subject: {subject}\n".encode())
    assert read_by_others(sent(subject=received.subject))["bcc"] is None


@pytest.mark.parametrize("unsafe", ["\r", "\n", "\0", "\r\n", "\ud800"])
@pytest.mark.parametrize(
    "place",
    ["subject", "name", "address", "to", "bcc", "message_id", "in_reply_to", "references", "extra", "extra name"],
)
def test_no_header_takes_a_line_end(place: str, unsafe: str) -> None:
    """R10."""
    bad = f"x{unsafe}Bcc: y"
    changed: dict[str, dict[str, Any]] = {
        "subject": {"subject": bad},
        "name": {"sender": Address(bad, "a@b.test")},
        "address": {"sender": Address("", f"a{unsafe}@b.test")},
        "to": {"to": (Address(bad, "a@b.test"),)},
        "bcc": {"bcc": (Address(bad, "a@b.test"),)},
        "message_id": {"message_id": f"<{bad}@x>"},
        "in_reply_to": {"in_reply_to": f"<{bad}@x>"},
        "references": {"references": (f"<{bad}@x>",)},
        "extra": {"extra": (("X-One", bad),)},
        "extra name": {"extra": ((f"X{unsafe}Y", "z"),)},
    }
    with pytest.raises(UnsafeText):
        build(letter(**changed[place]))


@pytest.mark.parametrize("spec", ["", "alice", "a b@c", "a@b>,<c@d", "a@b,c@d"])
def test_what_is_no_address_is_not_written(spec: str) -> None:
    with pytest.raises(BadAddress):
        build(letter(to=(Address("x", spec),)))


def test_a_message_id_is_needed() -> None:
    with pytest.raises(UnsafeText):
        build(letter(message_id=""))
    assert new_message_id("pennypost.test", b"\x01" * 16) == f"<{'01' * 16}@pennypost.test>"
    assert new_message_id("müller.example", b"\x01").endswith("@xn--mller-kva.example>")
    assert new_message_id("bad domain", b"\x01").endswith("@localhost>")


@pytest.mark.parametrize(
    "name",
    [
        "Bob",
        "Sharer, Bob",
        'Bob "B" Sharer',
        "Bob\\",
        "Bo(b)",
        "Müller",
        "日本太郎",
        "=?utf-8?q?x?=",
        "bob@x.test",
        "B. Sharer",
        "Ärzte-Gemeinschaft für innere und äußere Angelegenheiten der südöstlichen Küstengebiete, Außenstelle Übersee",
        "日本語の非常に長い表示名がここに書かれていて、それは一行に収まりません、そしてさらに続きます",
        "a" * 300,
        "word " * 60 + "end",
        "👩‍🌾 Gärtnerin",
    ],
)
def test_names_arrive_as_they_were_written(name: str) -> None:
    """The standard library loses or adds a space in long foreign names."""
    octets = sent(to=(Address(name, "bob@pennypost.test"), CHARLIE))
    assert Headers.parse(octets).addresses("to") == (Address(name, "bob@pennypost.test"), CHARLIE)
    others = read_by_others(octets)["to"].addresses
    assert [(person.display_name, person.addr_spec) for person in others][1:] == [("Charlie", "charlie@elsewhere.test")]
    assert others[0].addr_spec == "bob@pennypost.test"


TYPED = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=150)


@given(TYPED)
def test_subjects_arrive_as_they_were_written(subject: str) -> None:
    octets = sent(subject=subject)
    assert Headers.parse(octets).subject == clean_line(subject)
    assert message_from_bytes(octets).keys().count("Subject") == 1


@given(TYPED)
def test_any_name_arrives(name: str) -> None:
    octets = sent(sender=Address(name, "alice@pennypost.test"))
    assert Headers.parse(octets).addresses("from") == (Address(clean_line(name), "alice@pennypost.test"),)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400))
def test_text_arrives_as_it_was_written(text: str) -> None:
    shown = read(sent(text=text))[1]
    assert shown.text is not None
    assert shown.text.params["format"] == "flowed"
    plain = text.replace("\0", "").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    arrived = parts.text_of(shown.text, b"").removesuffix("\n")
    assert arrived == flowed.flow(plain).removeprefix("\ufeff")


def test_international_domains() -> None:
    octets = sent(to=(Address("", "bob@müller.example"), Address("", "böb@müller.example")))
    assert Headers.parse(octets).addresses("to")[0].address == "bob@xn--mller-kva.example"
    assert (
        Headers.parse(octets).addresses("to")[1].address == "böb@müller.example"
    )  # submission without SMTPUTF8 refuses it


def test_files_arrive_octet_by_octet() -> None:
    content = bytes(range(256)) * 500
    octets = sent(
        attachments=(Attachment("photo.jpg", "image/jpeg", content), Attachment("b.txt", "text/plain", b"\xff\r"))
    )
    shown = read(octets)[1]
    assert [(part.filename, part.type, part.content) for part in shown.attachments] == [
        ("photo.jpg", "image/jpeg", content),
        ("b.txt", "text/plain", b"\xff\r"),
    ]
    others = list(read_by_others(octets).iter_attachments())
    assert [part.get_payload(decode=True) for part in others] == [content, b"\xff\r"]
    assert shown.text is not None


@pytest.mark.parametrize(
    "name",
    [
        "simple.pdf",
        "two words.pdf",
        'quo"te.pdf',
        "Prostřeno_2014_poslední volné termíny.xls",
        "てすと" * 20 + ".txt",
        "ü.txt",
        "a" * 150 + ".txt",
        "50% off; now.pdf",
        "it's.txt",
        "😀.png",
    ],
)
def test_file_names_arrive(name: str) -> None:
    octets = sent(attachments=(Attachment(name, "application/pdf", b"x"),))
    (part,) = read(octets)[1].attachments
    assert part.filename == name
    (other,) = read_by_others(octets).iter_attachments()
    assert other.get_filename() == name


def test_a_hostile_file_name_becomes_harmless() -> None:
    """R8."""
    (part,) = read(sent(attachments=(Attachment("../x\u202e\r\nBcc: y.txt", "text/plain", b""),)))[1].attachments
    assert part.filename == "_x Bcc_ y.txt"


def test_a_forwarded_message_is_not_encoded() -> None:
    """RFC 2046 5.2.1."""
    inner = b"Subject: inner\n\nbody\n"
    (part,) = read(sent(attachments=(Attachment("inner.eml", "message/rfc822", inner),)))[1].attachments
    assert (part.type, part.content) == ("message/rfc822", inner.replace(b"\n", b"\r\n"))
    inner = b"Subject: inner\r\n\r\nb\xf6dy\r\n"
    octets = sent(attachments=(Attachment("inner.eml", "message/rfc822", inner),))
    (part,) = read(octets)[1].attachments
    assert (part.type, part.content) == ("message/rfc822", inner)
    assert octets.count(b"Content-Transfer-Encoding: 8bit\r\n") == 2
    foreign = b"Subject: \xff\n\nbody\n"
    (part,) = read(sent(attachments=(Attachment("inner.eml", "message/rfc822", foreign),)))[1].attachments
    assert (part.type, part.content, part.filename) == ("application/octet-stream", foreign, "inner.eml")


def test_our_boundary_is_in_no_file() -> None:
    first = sent(attachments=(Attachment("a.eml", "message/rfc822", b"x"),))
    boundary = re.search(rb'boundary="([^"]+)"', first)
    assert boundary
    trap = b"Subject: x\r\n\r\n--" + boundary[1] + b"\r\n\r\nBcc: y\r\n"
    (part,) = read(sent(attachments=(Attachment("a.eml", "message/rfc822", trap),)))[1].attachments
    assert part.content == trap


@pytest.mark.parametrize("type", ["", "x", "multipart/mixed", "text/plain; charset=x", "a/b\r\nBcc: y", "TEXT/HTML"])
def test_the_type_of_a_file_is_not_believed(type: str) -> None:
    (part,) = read(sent(attachments=(Attachment("x", type, b"<p>"),)))[1].attachments
    assert part.type in ("application/octet-stream", "text/html")


def test_a_lone_dot_and_a_from_at_the_beginning_of_a_line_survive() -> None:
    text = ".\n..\nFrom me\n>From you\nä\n."
    shown = read(sent(text=text))[1]
    assert shown.text is not None
    assert flowed.unflow(parts.text_of(shown.text, b"")).rstrip("\n") == ".\n..\nFrom me\nFrom you\nä\n."


def test_a_word_longer_than_a_line_may_be() -> None:
    shown = read(sent(text="x" * 5000))[1]
    assert shown.text is not None
    assert parts.text_of(shown.text, b"").strip() == "x" * 5000


def test_a_large_file_is_built_in_reasonable_time() -> None:
    begun = time.process_time()
    octets = build(letter(attachments=(Attachment("big.bin", "application/octet-stream", b"\x5a" * 25_000_000),)))
    assert time.process_time() - begun < 6
    assert len(octets) < 35_000_000


def test_building_twice_gives_the_same_octets() -> None:
    """The submitted message and the copy in Sent are one."""
    draft = letter(attachments=(Attachment("a", "text/plain", b"b"),))
    assert build(draft) == build(draft)
    assert ALICE.address.encode() in build(draft)


class OnDisk:
    """Octets that are read in awkward pieces."""

    def __init__(self, octets: bytes, step: int) -> None:
        self._octets, self._step, self.size = octets, step, len(octets)

    def chunks(self) -> Iterator[bytes]:
        return (self._octets[start : start + self._step] for start in range(0, self.size, self._step))


@pytest.mark.parametrize("size", [0, 1, 56, 57, 58, 57 * 512 - 1, 57 * 512, 57 * 512 + 1, 70_001])
def test_a_file_that_is_read_piece_by_piece_makes_the_same_message(size: int) -> None:
    octets = bytes(range(256)) * (size // 256 + 1)
    octets = octets[:size]
    whole = build(letter(attachments=(Attachment("a.bin", "text/plain", octets),)))
    for step in (1000, 57, 4096):
        draft = letter(attachments=(Attachment("a.bin", "text/plain", OnDisk(octets, step)),))
        assert build(draft) == whole
        told = sum(
            len(piece) if isinstance(piece, bytes) else piece.size
            for piece in pieces(draft)
            if not isinstance(piece, Piece)
        )
        assert told == len(whole), "its length is known before it is read"


def test_what_fits_is_what_the_server_takes() -> None:
    limit = 1_000_000
    fits = room(limit)
    assert len(build(letter(text="x" * 20_000, attachments=(Attachment("a", "a/b", b"x" * fits),)))) <= limit
    assert fits > limit * 0.6
    assert room(10) == 0


def test_parts_on_the_server_keep_their_place_and_their_header() -> None:
    ref = MessageRef(MailboxName("Drafts"), UidValidity(7), Uid(3))
    kept = Kept(Piece(ref, PartId("2")))
    made = pieces(letter(attachments=(kept, Attachment("a.txt", "text/plain", b"x"))))
    header = next(number for number, piece in enumerate(made) if isinstance(piece, Piece))
    assert made[header : header + 2] == (Piece(ref, PartId("2"), mime=True), Piece(ref, PartId("2")))
    assert isinstance(made[header - 1], bytes)
    assert made[header - 1].endswith(b"\r\n--" + boundary_of(made[0]) + b"\r\n")  # type: ignore[union-attr]
    with pytest.raises(ValueError, match="on the server"):
        build(letter(attachments=(kept,)))


def boundary_of(head: object) -> bytes:
    assert isinstance(head, bytes)
    found = re.search(rb'boundary="([^"]+)"', head)
    assert found
    return found[1]


def test_a_text_for_programs_stands_beside_the_text_for_people() -> None:
    calendar = "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nSUMMARY:Grüße\r\nEND:VCALENDAR\r\n".encode()
    for octets, coded in ((calendar, "base64"), (calendar.replace("üß".encode(), b"ue"), "7bit")):
        other = Alternative("text/calendar", (("method", "REPLY"),), octets)
        for files in ((), (Attachment("a.txt", "text/plain", b"x"),)):
            read = message_from_bytes(sent(alternative=other, attachments=files))
            kinds = [part.get_content_type() for part in read.walk()]
            mixed = ["multipart/mixed"] if files else []
            assert kinds == [
                *mixed,
                "multipart/alternative",
                "text/plain",
                "text/calendar",
                *["text/plain"] * len(mixed),
            ]
            part = next(part for part in read.walk() if part.get_content_type() == "text/calendar")
            assert (part.get_param("method"), part.get_content_charset()) == ("REPLY", "utf-8")
            assert part["Content-Transfer-Encoding"] == coded
            assert part.get_payload(decode=True) == octets


def test_a_formatted_letter_reads_as_text_as_html_and_with_its_pictures() -> None:
    """RFC 2046 5.1.4, RFC 2387: the parts in the order in which readers choose, the picture beside the HTML."""
    html = "<!DOCTYPE html><html><body><p>Gr\u00fc\u00dfe " + "long " * 400 + '</p><img src="cid:p@x"></body></html>\n'
    picture = Attachment("Bild \u00e4.png", "image/png", b"\x89PNG" * 99, content_id="p@x")
    for pictures in ((), (picture,)):
        for files in ((), (Attachment("a.bin", "application/x-thing", b"\0\r\n" * 50),)):
            octets = sent(text="Gr\u00fc\u00dfe", html=html, pictures=pictures, attachments=files)
            others = read_by_others(octets)
            body = others.get_body(("html",))
            assert body is not None
            assert body.get_content().replace("\r\n", "\n") == html
            plain = others.get_body(("plain",))
            assert plain is not None
            assert plain["Content-Type"].params["format"] == "flowed"
            kinds = [part.get_content_type() for part in others.walk()]
            wanted = ["multipart/alternative", "text/plain"]
            wanted += ["multipart/related", "text/html", "image/png"] if pictures else ["text/html"]
            assert kinds == (["multipart/mixed", *wanted, "application/x-thing"] if files else wanted)
            _, shown = read(octets)
            assert shown.html is not None
            assert shown.text is not None
            assert [part.filename for part in shown.attachments] == [file.filename for file in files]
            assert list(shown.inline) == (["p@x"] if pictures else [])
    related = next(part for part in others.walk() if part.get_content_type() == "multipart/related")
    assert related.get_param("type") == "text/html"
    shown_part = related.get_payload()[1]  # type: ignore[index, union-attr]
    assert (shown_part["Content-ID"], shown_part.get_content_disposition()) == ("<p@x>", "inline")  # type: ignore[index, union-attr]
