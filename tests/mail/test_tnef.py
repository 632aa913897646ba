"""winmail.dat: what is inside comes out, and hostile ones end soon (R15)."""

from __future__ import annotations

import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.mail.winmail import (
    BINARY,
    LONG,
    STRING,
    attribute,
    file,
    hidden_html,
    message,
    packed,
    properties,
    text,
    winmail,
)
from tests.mail.test_corpus import CORPUS
from webmail.errors import PartMissing, TooLarge
from webmail.mail import lzfu, rtf, tnef
from webmail.mail.ids import PartId
from webmail.mail.message import Part

RTF = rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset204 Arial;}}{\info{\author Nobody}}"
LETTER = winmail(
    "Grüße",
    [packed(RTF + rb"Caf\'e9 \u8364?5\par {\f1 \'cf\'f0\'e8\'e2\'e5\'f2}{\*\unknown gone}\par}")],
    [file("Bericht für Ana.pdf", b"%PDF-1.7 " + bytes(5000)), file("../../evil\u202egpj.exe", b"MZ")],
)


def test_subject_words_and_files_come_out() -> None:
    found = tnef.read(LETTER)
    assert (found.subject, found.whole, found.html) == ("Grüße", True, None)
    assert found.text == "Café €5\nПривет"
    first, second = found.files
    assert (first.name, bytes(first.data)) == ("Bericht für Ana.pdf", b"%PDF-1.7 " + bytes(5000))
    assert second.name == "_.._evilgpj.exe"


def test_html_hidden_in_rtf_comes_out_once() -> None:
    found = tnef.read(winmail("Hi", [packed(hidden_html("<p>Zażółć <b>gęślą</b> 日本</p>"))]))
    assert found.html == "<p>Zażółć <b>gęślą</b> 日本</p>"


def test_html_as_octets_is_read_in_its_own_charset() -> None:
    page = (0x3FDE, LONG, struct.pack("<I", 20866))
    found = tnef.read(winmail("Hi", [(0x1013, BINARY, "<p>Привет</p>".encode("koi8-r")), page]))
    assert found.html == "<p>Привет</p>"


def test_strings_are_read_in_the_code_page_of_the_file() -> None:
    body = [(0x1000, STRING, "Привет, мир".encode("cp1251") + b"\0")]
    assert tnef.read(winmail("x", body, page=1251)).text == "Привет, мир"


def test_a_message_inside_opens_by_its_number() -> None:
    inner = winmail("Deep", [text(0x1000, "inner words")], [file("a.txt", b"abc")])
    outer = winmail("Out", [], [file("b.txt", b"x"), message("other name", winmail("In", [], [message("", inner)]))])
    listed = tnef.read(outer).files[1]
    assert (listed.name, listed.message) == ("In", True)
    found = tnef.inside(outer, (2, 1))
    assert (found.subject, found.text, bytes(found.files[0].data)) == ("Deep", "inner words", b"abc")
    for way in [(1,), (3,), (2, 2), (2, 1, 1), (2,) * 6]:
        with pytest.raises(PartMissing):
            tnef.inside(outer, way)


def test_the_examples_of_the_specification_unpack() -> None:
    first = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert lzfu.unpack(first, 1000) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    second = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")
    assert lzfu.unpack(second, 1000) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"


def test_r15_a_small_file_cannot_become_a_large_text() -> None:
    # References of 16 letters for two octets, to a place that never is the one to be written next.
    body = (b"\xff" + struct.pack(">H", 160 << 4 | 14) * 8) * 10_000
    bomb = struct.pack("<IIII", len(body) + 12, 7, 0x75465A4C, 0) + body
    with pytest.raises(TooLarge):
        lzfu.unpack(bomb, 1 << 20)
    found = tnef.read(winmail("Bomb", [(0x1009, BINARY, bomb)], [file("a", b"x")]))
    assert (found.too_large, found.text, len(found.files)) == (True, "", 1)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(struct.pack("<IH", 0x223E9F78, 1) + attribute(1, 0x69003, b"") * 200_000, id="attributes"),
        pytest.param(winmail("x", [], [attribute(2, 0x69002, b"")] * 100_000), id="files"),
        pytest.param(
            winmail("x", [])
            + attribute(1, 0x69003, struct.pack("<IHHI", 1, 0x101E, 0x37, 0xFFFFFFFF) + bytes(1 << 20)),
            id="values",
        ),
        pytest.param(
            winmail("x", []) + attribute(1, 0x69003, struct.pack("<IHH", 0xFFFFFFFF, 3, 1) + bytes(1 << 20)), id="count"
        ),
        pytest.param(winmail("x", [packed(b"{\\rtf1" + b"{" * 300_000)]), id="groups"),
        pytest.param(winmail("x", [packed(b"{\\rtf1\\bin-9 \\bin99999999999 \\u99999999 \\'zz\\")]), id="words"),
    ],
)
def test_r15_what_never_ends_ends_soon(data: bytes) -> None:
    began = time.process_time()
    assert len(tnef.read(data).files) <= tnef.MOST_FILES
    assert time.process_time() - began < 4


@pytest.mark.asvs("5.2.3")
def test_r15_nested_messages_are_not_opened_by_themselves() -> None:
    nested = winmail("0", [])
    for depth in range(1, 40):
        nested = winmail(str(depth), [], [message("x", nested)])
    assert tnef.read(nested).files[0].name == "38"
    with pytest.raises(PartMissing):
        tnef.inside(nested, (1,) * 6)


def test_what_is_cut_gives_what_is_there() -> None:
    for size in range(0, len(LETTER), 7):
        assert len(tnef.read(LETTER[:size]).files) <= 2
    cut = tnef.read(LETTER[:-9])
    assert (cut.whole, cut.files[0].name) == (False, "Bericht für Ana.pdf")


@given(st.binary(max_size=300), st.integers(0, len(LETTER)))
def test_no_octets_raise(junk: bytes, at: int) -> None:
    tnef.read(junk)
    tnef.read(LETTER[:at] + junk + LETTER[at + len(junk) :])
    rtf.read(b"{\\rtf1" + junk)
    rtf.read(b"{\\rtf1\\fromhtml1 " + junk)
    lzfu.unpack(struct.pack("<IIII", 400, 400, 0x75465A4C, 0) + junk, 1000)


def test_which_part_is_one() -> None:
    def part(type: str, name: str | None = None) -> Part:
        return Part(PartId("1"), type, filename=name)

    assert tnef.is_tnef(part("application/ms-tnef"))
    assert tnef.is_tnef(part("application/octet-stream", "WINMAIL.DAT"))
    assert not tnef.is_tnef(part("text/plain", "winmail.dat"))
    assert not tnef.is_tnef(part("application/octet-stream", "other.dat"))


def test_properties_with_names_and_several_values_are_passed_over() -> None:
    named = struct.pack("<HH", 0x1F, 0x8001) + bytes(16) + struct.pack("<II", 1, 6) + b"a\0b\0\0\0\0\0"
    named += struct.pack("<II", 1, 4) + b"v\0\0\0"
    several = struct.pack("<HHI", 0x1003, 0x1234, 3) + bytes(12)
    block = struct.pack("<I", 3) + named + several + properties(text(0x37, "Found"))[4:]
    head = struct.pack("<IH", 0x223E9F78, 1)
    assert tnef.read(head + attribute(1, 0x69003, block)).subject == "Found"


# What is in the samples of the open corpus: subject, beginning of the words, names and sizes of the files.
SAMPLES = {
    "MAPI_ATTACH_DATA_OBJ": ("Bodø-damer på vei!", "Det er jo en velkjent sak", {"VIA_Nytt_1402.pdf": 213_685}),
    "MAPI_OBJECT": ("OCTOBER DISCOUNTED PRICE LIST", "Attached is the updated", {"Untitled_Attachment": 628_224}),
    "attachments": ("", "Casdasdf", {"zappa_av1.jpg": 2937, "bookmark.htm": 85_805}),
    "body": ("Bill of Rights", "<!DOCTYPE HTML PUBLIC", {}),
    "christmas": ("", "You've made this", {"Build a train table": 6508, "Christmas Celebration!": 385_301}),
    "data-before-name": ("", "asdf", {"boot.ini": 289}),
    "long-filename": ("RE: license file", "I've attached", {"allproductsmar2000.dat": 279}),
    "missing-filenames": ("Y2K problem with Add-DT", "Hi Stephen", {"generpts.src": 61_210}),
    "multi-value-attribute": ("", "<html><head>", {"208225__5_seconds__Voice_Mail.mp3": 10_656}),
    "one-file": ("one-file", "", {"AUTHORS": 244}),
    "panic": ("Fw: VIKTIGT: Vill", "<html>", {"image003.png": 7147}),
    "triples": ("Sample Summary", "Sample description", {}),
    "two-files": ("two files", "", {"AUTHORS": 244, "README": 893}),
    "unicode-mapi-attr-name": ("RE: [ZGLOSZENIE] THU#29044", "<html xmlns", {"spaconsole2.cfg": 8387}),
    "unicode-mapi-attr": ("example", "<html>", {"example.dat": 1024}),
    "winmail": ("", "1111", {}),
}


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus at {CORPUS}; set PENNYPOST_CORPUS to its folder")
@pytest.mark.parametrize("name", SAMPLES)
def test_samples_of_real_programs_open(name: str) -> None:
    subject, words, files = SAMPLES[name]
    found = tnef.read((CORPUS / "mimekit" / "tnef" / f"{name}.tnef").read_bytes())
    assert found.subject.startswith(subject)
    assert (found.html or found.text).strip().startswith(words)
    sizes = {file.name: len(file.data) for file in found.files}
    assert sizes.items() >= files.items()
