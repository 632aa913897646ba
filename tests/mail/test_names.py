"""File names and lines that strangers chose (R8)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmail.mail.names import LONGEST, clean_line, safe_filename

HOSTILE = [
    ("report.pdf", "report.pdf"),
    ("../../etc/passwd", "_.._etc_passwd"),
    ("..\\..\\boot.ini", "_.._boot.ini"),
    ("/etc/passwd", "_etc_passwd"),
    ("C:\\Users\\bob\\x.doc", "C__Users_bob_x.doc"),
    (".htaccess", "htaccess"),
    ("...", "fallback.txt"),
    ("", "fallback.txt"),
    (" ", "fallback.txt"),
    ("\u202e\u2066", "fallback.txt"),
    ("photo\u202egpj.exe", "photogpj.exe"),
    ("a\r\nSet-Cookie: x", "a Set-Cookie_ x"),
    ("a\0b.txt", "ab.txt"),
    ("invoice.pdf                .exe", "invoice.pdf .exe"),
    ("name.", "name"),
    ("con", "_con"),
    ("NUL.txt", "_NUL.txt"),
    ("console.log", "console.log"),
    ("\ud800.txt", "\ufffd.txt"),
    ("／etc／x", "_etc_x"),
    ("nyan cat ✔.gif", "nyan cat ✔.gif"),
]


@pytest.mark.parametrize(("name", "safe"), HOSTILE)
def test_hostile_file_names(name: str, safe: str) -> None:
    """R8."""
    assert safe_filename(name, "fallback", "text/plain") == safe


def test_a_long_name_keeps_its_extension_and_whole_characters() -> None:
    """R8: at most 200 octets."""
    safe = safe_filename("ü" * 300 + ".tar.gz", "x")
    assert safe.endswith(".gz")
    assert len(safe.encode()) <= LONGEST
    assert set(safe.removesuffix(".gz")) <= set("ü.tar")
    assert len(safe_filename("x." + "y" * 400, "x").encode()) == LONGEST


def test_a_part_without_a_name_gets_one_of_its_type() -> None:
    assert safe_filename(None, "part 2", "image/png") == "part 2.png"
    assert safe_filename(None, "part 2", "application/x-strange") == "part 2"
    assert safe_filename(None, "...") == "attachment"


@given(st.text(max_size=400), st.text(max_size=10))
def test_whatever_the_name_the_file_is_harmless(name: str, fallback: str) -> None:
    """R8."""
    safe = safe_filename(name, fallback, "text/plain")
    assert safe
    assert len(safe.encode()) <= LONGEST
    assert not safe.startswith(".")
    assert not set(safe) & set("/\\:\0\r\n\t\u202e\u200f\u2066")
    assert safe_filename(safe, fallback, "text/plain") == safe


@given(st.text(max_size=200))
def test_a_clean_line_is_one_line_and_stays_clean(text: str) -> None:
    line = clean_line(text)
    line.encode()
    assert len(line.splitlines()) <= 1
    assert clean_line(line) == line
    assert line == line.strip()


def test_words_never_grow_together_over_a_line_end() -> None:
    assert clean_line("one\r\ntwo\u2028three") == "one two three"


def test_joiners_that_letters_need_are_kept() -> None:
    assert clean_line("می\u200cخواهم 👩\u200d🌾") == "می\u200cخواهم 👩\u200d🌾"
