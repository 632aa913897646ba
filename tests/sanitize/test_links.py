"""Plain text becomes HTML: everything escaped, addresses made into links."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webmail.sanitize.links import link_text

REST = ' target="_blank" rel="noopener noreferrer nofollow">'


class Read(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[str] = []
        self.hrefs: list[str] = []
        self.feed(html)
        self.close()

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.hrefs += [value or "" for name, value in attrs if name == "href"]


def read(text: str) -> Read:
    return Read(str(link_text(text)))


@pytest.mark.parametrize(("text", "href"), [
    ("see http://a.example/?x=1&y=2&copy=3, ok", "http://a.example/?x=1&y=2&copy=3"),
    ("<https://a.example/x>", "https://a.example/x"),
    ("(https://en.wiki.example/A_(b)).", "https://en.wiki.example/A_(b)"),
    ("Go to www.a.example/x.", "http://www.a.example/x"),
    ("https://a.example/a;b;", "https://a.example/a;b"),
    ("write to alice@a.example!", "mailto:alice@a.example"),
    ("Bob <bob+x@b.example>", "mailto:bob+x@b.example"),
    ("HTTP://A.example", "http://a.example"),
    ('"https://a.example/"', "https://a.example/"),
    ("https://b\u00fccher.example/", "https://xn--bcher-kva.example/"),
])  # fmt: skip
def test_an_address_in_a_text_is_a_link(text: str, href: str) -> None:
    found = read(text)
    assert found.hrefs == [href]
    assert found.text == text


@pytest.mark.parametrize("text", [
    "javascript:alert(1)", "data:text/html,x", "ftp://a.example/", "file:///etc/passwd", "foo@bar", "a.b", "readme.md",
    "<script>alert(1)</script>", "&lt;a href=http://x", "http://", "www.", "@", "//a.example/x", "https:// a",
])  # fmt: skip
def test_anything_else_is_text(text: str) -> None:
    found = read(text)
    assert [href for href in found.hrefs if not href.startswith(("http://", "https://", "mailto:"))] == []
    assert "script" not in found.tags
    assert found.text == text


@pytest.mark.parametrize(
    "text", ['http://a.example/"onmouseover="x', "http://a.example/'><img src=x>", 'x@a.example"<script>']
)
def test_an_address_cannot_grow_an_attribute(text: str) -> None:
    found = read(text)
    assert set(found.tags) <= {"a"}
    assert found.text == text


def test_links_say_nothing_about_the_reader() -> None:
    assert str(link_text("http://a.example/")) == f'<a href="http://a.example/"{REST}http://a.example/</a>'


def test_line_ends_and_blanks_stay() -> None:
    assert str(link_text("\n a\n\n  b\r\nc\n")) == "\n a\n\n  b\nc\n"


def test_what_follows_200_kib_is_shown_without_links() -> None:
    found = read("x " * 110_000 + "http://a.example/")
    assert found.hrefs == []
    assert found.text.endswith("http://a.example/")


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ahtp:/.w@<>&;\"'() \n\\{}#?=%\u00e9", max_size=120))
def test_no_letter_is_lost_or_added(text: str) -> None:
    found = read(text)
    assert found.text == text
    assert set(found.tags) <= {"a"}


def test_readers_on_many_threads_each_get_their_own_text() -> None:
    """A linker shared between threads has been seen to mix the texts of two readers."""
    texts = [f"reader {n} http://host{n}.example/ and a{n}@b.example" * 20 for n in range(200)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda text: str(link_text(text)), texts))
    assert found == [str(link_text(text)) for text in texts]


def test_r6_an_address_that_poses_as_another_host_is_no_link() -> None:
    assert "<a" not in str(link_text("https://bank.example@evil.example/login"))
    assert 'href="https://a.example/@name"' in str(link_text("https://a.example/@name"))
