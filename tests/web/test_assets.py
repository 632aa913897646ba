"""Files of ours: few, small, kept for ever under a name that changes with them."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace

import brotli
import pytest

from tests.servers.application import Visitor
from tests.test_house import ROOT
from tests.web.test_envelope import MakeApp
from webmail.config import Settings
from webmail.web import sheets
from webmail.web.assets import FOLDER, Assets

OURS = Assets(FOLDER, ROOT / "templates")
SHEETS = sorted(sheets.named(ROOT / "templates"))


def url(visitor: Visitor, name: str) -> str:
    [found] = set(re.findall(r"/static/\w{16}/", visitor.get("/login").get_data(as_text=True)))
    return f"{found}{name}"


def test_a_file_goes_out_in_the_coding_that_a_browser_takes(visitor: Visitor) -> None:
    address = url(visitor, "js/main.js")
    plain = visitor.get(address, headers={"Accept-Encoding": "identity"}, buffered=True)
    assert "Content-Encoding" not in plain.headers
    tags = {plain.headers["ETag"]}
    for accepted, coding in (
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("*", "br"),
    ):
        answer = visitor.get(address, headers={"Accept-Encoding": accepted}, buffered=True)
        assert answer.headers["Content-Encoding"] == coding
        assert "Accept-Encoding" in answer.headers["Vary"]
        unpack = brotli.decompress if coding == "br" else gzip.decompress
        assert unpack(answer.data) == plain.data
        assert len(answer.data) < len(plain.data) / 2
        tags.add(answer.headers["ETag"])
    assert len(tags) == 3, "each coding is another body"


def test_a_file_answers_conditions_ranges_and_heads(visitor: Visitor) -> None:
    address = url(visitor, "css/base+gate.css")
    took = {"Accept-Encoding": "br"}
    whole = visitor.get(address, headers=took, buffered=True)
    same = visitor.get(address, headers=took | {"If-None-Match": whole.headers["ETag"]}, buffered=True)
    assert (same.status_code, same.data) == (304, b"")
    assert "immutable" in same.headers["Cache-Control"]
    other = {"Accept-Encoding": "gzip", "If-None-Match": whole.headers["ETag"]}
    assert visitor.get(address, headers=other, buffered=True).status_code == 200
    piece = visitor.get(address, headers=took | {"Range": "bytes=10-19"}, buffered=True)
    assert (piece.status_code, piece.data) == (206, whole.data[10:20])
    assert piece.headers["Content-Range"] == f"bytes 10-19/{len(whole.data)}"
    head = visitor.client.head(address, headers=took)
    assert (head.data, head.headers["Content-Length"]) == (b"", whole.headers["Content-Length"])


def test_an_old_page_gets_the_files_of_today_and_nobody_gets_others(visitor: Visitor) -> None:
    old = "/static/" + "0" * 16
    answer = visitor.get(f"{old}/js/commands.js", buffered=True)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")
    for name in ("css/base+print.css", "css/base+base.css", "js/nothing.js", "../app.py", "css/", "js/../css/base.css"):
        assert visitor.get(f"{old}/{name}", buffered=True).status_code == 404, name


def test_whoever_changes_them_gets_each_as_it_is_written(settings: Settings, make_app: MakeApp) -> None:
    visitor = Visitor(make_app(replace(settings, join_assets=False)))
    answer = visitor.get(url(visitor, "js/mailbox.js"), headers={"Accept-Encoding": "br"}, buffered=True)
    assert answer.data == (FOLDER / "js/mailbox.js").read_bytes()
    assert answer.headers["Cache-Control"] == "no-cache"
    sheet = visitor.get(url(visitor, "css/base+gate.css"), buffered=True)
    assert sheet.data == (FOLDER / "css/base.css").read_bytes() + b"\n" + (FOLDER / "css/gate.css").read_bytes()


def test_a_sheet_loses_only_what_says_nothing() -> None:
    text = (
        '/* a { */\na  >  b , c:hover { content: " ; , x"; width: calc(1rem + 2px); }\n'
        "@media (a: b) {\n  d {\n    e: f;\n    g: h\n      i;\n  }\n}\n"
    )
    lean = 'a>b,c:hover{content:" ; , x";width:calc(1rem + 2px)}@media (a:b){d{e:f;g:h\ni}}'
    assert sheets.lean(text) == lean


@pytest.mark.parametrize("name", SHEETS)
def test_no_sheet_weighs_more_than_its_budget(name: str) -> None:
    content = OURS.plain(f"css/{name}.css")
    assert content
    assert len(brotli.compress(content)) <= 8100, "as browsers get it"
    assert b"@import" not in content
    assert content.count(b"{") == content.count(b"}")


@pytest.mark.parametrize("name", ["mailbox", "message", "search", "compose"])
def test_no_page_needs_more_script_than_its_budget(name: str) -> None:
    content = OURS.plain(f"js/{name}.js")
    assert content
    assert len(gzip.compress(content, 9)) <= 25_000
