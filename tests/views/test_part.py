"""Files of a message: opened where that is safe, else downloaded, under names that can do no harm (R7, R8)."""

from __future__ import annotations

import io
import re
import zipfile
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from tests.servers.application import Visitor
from tests.servers.people import Person, letter
from tests.views.test_message import PNG


def with_file(data: bytes, kind: str, name: str) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "a@example.net", "alice@example.org", "File"
    message.set_content("See the file.")
    main, sub = kind.split("/")
    message.add_attachment(data, main, sub, filename=name)
    return message.as_bytes()


def url(person: Person, uid: int, rest: str) -> str:
    return f"/m/INBOX/{person.uidvalidity()}.{uid}/{rest}"


@pytest.mark.parametrize(
    ("kind", "data", "served", "how"),
    [
        ("image/png", PNG, "image/png", "inline"),
        ("text/plain", b"words", "text/plain; charset=utf-8", "inline"),
        ("text/html", b"<script>alert(1)</script>", "application/octet-stream", "attachment"),
        ("image/svg+xml", b"<svg onload='alert(1)'/>", "application/octet-stream", "attachment"),
        ("application/xml", b"<x/>", "application/octet-stream", "attachment"),
        ("application/pdf", b"%PDF-1.4", "application/pdf", "inline"),
        ("application/pdf", b"<script>alert(1)</script>", "application/octet-stream", "attachment"),
        ("application/pdf", b"x" * 1024 + b"%PDF-1.4", "application/octet-stream", "attachment"),
        ("image/png", b"<svg onload='alert(1)'/>", "application/octet-stream", "attachment"),
        ("image/jpg", PNG, "image/png", "inline"),
        ("application/octet-stream", b"%PDF-1.4", "application/octet-stream", "attachment"),
        ("application/x-shockwave-flash", b"FWS", "application/octet-stream", "attachment"),
    ],
)
@pytest.mark.asvs("3.2.1", "1.3.4")
def test_r7_only_pictures_pdf_and_plain_text_open_and_their_octets_decide(
    visitor: Visitor, alice: Person, kind: str, data: bytes, served: str, how: str
) -> None:
    uid = alice.append(with_file(data, kind, "file.bin"))
    visitor.sign_in(alice)
    answer = visitor.get(url(alice, uid, "part/2"))
    assert answer.data.strip() == data
    assert answer.content_type == served
    assert answer.headers["Content-Disposition"].startswith(how)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    answer = visitor.get(url(alice, uid, "part/2?dl=1"))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.content_type == "application/octet-stream"


@pytest.mark.parametrize(
    ("name", "data", "served"),
    [("scan.PDF", b"%PDF-1.4", "application/pdf"), ("photo.jpg", PNG, "image/png"),
     ("notes.txt", "caf\u00e9".encode(), "text/plain; charset=utf-8"), ("notes.txt", b"MZ\0\0", None),
     ("page.html", b"%PDF-1.4 <script>alert(1)</script>", None)],
)  # fmt: skip
def test_a_file_without_a_type_opens_by_name_and_octets(
    visitor: Visitor, alice: Person, name: str, data: bytes, served: str | None
) -> None:
    uid = alice.append(with_file(data, "application/octet-stream", name))
    visitor.sign_in(alice)
    answer = visitor.get(url(alice, uid, "part/2"))
    assert answer.content_type == (served or "application/octet-stream")
    assert answer.headers["Content-Disposition"].startswith("inline" if served else "attachment")


WORDS = {
    "iso-2022-jp": "日本語の手紙", "shift_jis": "日本語の手紙", "euc-kr": "안녕하세요", "gb2312": "你好，世界",
    "big5": "你好，世界", "windows-1251": "Привет, мир", "koi8-r": "Привет, мир", "iso-8859-2": "Zażółć gęślą",
    "windows-1255": "שלום עולם", "windows-1256": "مرحبا", "iso-8859-7": "Καλημέρα", "utf-16": "Grüße, 世界",
}  # fmt: skip


def test_a_text_in_any_charset_is_readable_in_the_tab_and_untouched_as_a_file(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "a@example.net", "alice@example.org", "Texts"
    message.set_content("See the files.")
    for label, words in WORDS.items():
        message.add_attachment(words.encode(label), "text", "plain", filename=f"{label}.txt")
        message.get_payload()[-1].set_param("charset", label)  # type: ignore[union-attr]
    uid = alice.append(message.as_bytes())
    for number, (label, words) in enumerate(WORDS.items(), 2):
        shown = visitor.get(url(alice, uid, f"part/{number}"))
        assert (shown.content_type, shown.data.decode()) == ("text/plain; charset=utf-8", words), label
        assert visitor.get(url(alice, uid, f"part/{number}?dl=1")).data == words.encode(label), label


def test_a_text_saved_as_unicode_by_windows_needs_no_label(visitor: Visitor, alice: Person) -> None:
    uid = alice.append(with_file("Grüße, 世界".encode("utf-16"), "text/plain", "notes.txt"))
    visitor.sign_in(alice)
    assert visitor.get(url(alice, uid, "part/2")).data.decode() == "Grüße, 世界"


def test_a_text_too_long_to_be_read_whole_downloads(visitor: Visitor, alice: Person) -> None:
    data = b"line\r\n" * 400_000
    uid = alice.append(with_file(data, "text/plain", "long.txt"))
    visitor.sign_in(alice)
    answer = visitor.get(url(alice, uid, "part/2"))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.data == data


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "..\\..\\boot.ini", "a\u202egpj.exe", 'quote".txt', "semi;colon.txt",
     "naïve résumé.pdf", "日本語.txt",
     ".htaccess", "x" * 400 + ".pdf", "CON", "a\tb.txt", "<script>.html", "%0d%0aSet-Cookie: x=1",
     "file.txt ", "'; rm -rf"],
)  # fmt: skip
@pytest.mark.asvs("5.4.1", "5.4.2")
def test_r8_hostile_names_make_one_well_formed_header(visitor: Visitor, alice: Person, name: str) -> None:
    uid = alice.append(with_file(b"x", "application/octet-stream", name))
    visitor.sign_in(alice)
    answer = visitor.get(url(alice, uid, "part/2"))
    header = answer.headers["Content-Disposition"]
    assert answer.status_code == 200
    assert len(answer.headers.getlist("Set-Cookie")) == 0
    assert header.count('"') == 2
    for bad in ("/", "\\", "\u202e", "\r", "\n"):
        assert bad not in header
    shown = header.split('filename="')[1].split('"')[0]
    assert not shown.startswith(".")
    assert len(header) < 1000


def test_a_large_file_arrives_whole(visitor: Visitor, alice: Person) -> None:
    data = bytes(range(256)) * 8000
    uid = alice.append(with_file(data, "application/zip", "big.zip"))
    visitor.sign_in(alice)
    assert visitor.get(url(alice, uid, "part/2")).data == data


def test_a_part_that_is_not_there(visitor: Visitor, alice: Person) -> None:
    uid = alice.append(with_file(b"x", "application/zip", "a.zip"))
    visitor.sign_in(alice)
    visitor.get(url(alice, uid, "part/9"))
    assert visitor.status == 404
    assert "no such part" in visitor.text


def test_source_and_eml_are_the_message_byte_for_byte(visitor: Visitor, alice: Person) -> None:
    raw = b"From: a@example.net\r\nSubject: caf\xe9\r\n\r\n<b>raw</b>\r\n"
    uid = alice.append(raw)
    visitor.sign_in(alice)
    answer = visitor.get(url(alice, uid, "source.txt"))
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.data == raw
    answer = visitor.get(url(alice, uid, "eml"))
    assert answer.data == raw
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="caf')


def test_all_attachments_come_as_one_archive(visitor: Visitor, alice: Person) -> None:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "d@example.net", "alice@example.org", "Plans / 2026"
    message.set_content("See the files.")
    message.add_attachment(b"%PDF-1.7", "application", "pdf", filename="a.pdf")
    message.add_attachment(bytes(range(256)) * 4000, "application", "octet-stream", filename="../../b.bin")
    alice.append(message.as_bytes())
    visitor.sign_in(alice)
    visitor.get(f"/m/INBOX/{alice.uidvalidity()}.1")
    found = re.search(r'href="([^"]+/files.zip)"', visitor.html)
    assert found
    answer = visitor.client.get(found[1])
    assert "attachment" in answer.headers["Content-Disposition"]
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    assert archive.testzip() is None
    names = archive.namelist()
    assert names[0] == "a.pdf"
    assert "/" not in names[1]
    assert "\\" not in names[1]
    assert archive.read(names[1]) == bytes(range(256)) * 4000


def test_a_letter_without_attachments_has_no_archive(visitor: Visitor, alice: Person) -> None:
    alice.append(letter("Bare"))
    visitor.sign_in(alice)
    assert visitor.get(f"/m/INBOX/{alice.uidvalidity()}.1/files.zip").status_code == 404
    assert "files.zip" not in visitor.get(f"/m/INBOX/{alice.uidvalidity()}.1").get_data(as_text=True)
