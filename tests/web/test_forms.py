"""Forms within bounds: text always arrives, files over the limit are read away, and strangers fill no disk (R15)."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from tests.servers.application import Visitor
from tests.servers.people import Person
from tests.servers.submission import Submission
from webmail.config import Settings
from webmail.web import forms
from webmail.web.forms import BoundedFile, addresses, line, text

MakeApp = Callable[[Settings], Flask]


@pytest.mark.parametrize(
    ("typed", "as_text", "as_line"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd", "a b c d"),
        ("  a ", "  a ", "a"),
        ("\r\n", "\n", ""),
        ("", "", ""),
        ("a\0b", "a\0b", "a\0b"),
    ],
)
def test_line_ends_are_ours_and_a_line_is_one_line(typed: str, as_text: str, as_line: str) -> None:
    form = MultiDict({"x": typed})
    assert text(form, "x") == as_text
    assert line(form, "x") == as_line
    assert text(form, "missing", "y") == "y"


@pytest.mark.parametrize(
    ("typed", "joined"),
    [
        ("a@b.example\r\nc@d.example", "a@b.example, c@d.example"),
        ("a@b.example,\n, c@d.example,", "a@b.example, c@d.example"),
        ("\n\n", ""),
    ],
)
def test_a_pasted_column_of_addresses_becomes_a_list(typed: str, joined: str) -> None:
    assert addresses(MultiDict({"to": typed}), "to") == joined


@pytest.mark.asvs("5.2.1")
def test_r15_all_files_of_a_letter_share_one_limit(app: Flask) -> None:
    with app.test_request_context():
        first, second = BoundedFile(100), BoundedFile(100)
        assert first.write(b"x" * 60) == 60
        assert not forms.upload_overflowed()
        assert second.write(b"x" * 60) == 60
        assert second.overflowed
        assert forms.upload_overflowed()
        assert not first.overflowed
        first.seek(0), second.seek(0)
        assert (len(first.read()), len(second.read())) == (60, 0)
        first.close()
        second.close()


@pytest.mark.asvs("2.2.1", "2.2.2", "5.2.1")
def test_r15_a_stranger_fills_no_disk_and_keeps_the_text(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter whose session ended is posted with its files: the text is carried on, the files are dropped."""
    kept: list[int] = []
    write = BoundedFile.write

    def watched(self: BoundedFile, data: Any) -> int:
        done = write(self, data)
        kept.append(self.tell())
        return done

    monkeypatch.setattr(BoundedFile, "write", watched)
    for path in ("/write", "/login"):
        data = {"body": "My words", "att": [(io.BytesIO(b"x" * 2_000_000), "a.bin")], "user": "x"}
        visitor.page = visitor.client.post(path, data=data, content_type="multipart/form-data")
        visitor.page.request.environ["wsgi.input"].close()
        assert visitor.status in (400, 401)
    assert kept
    assert max(kept) == 0
    visitor.page = visitor.client.post("/write", data={"body": "My words"})
    assert visitor.form("/login").value("letter_body") == "My words"


@pytest.mark.parametrize("count", [1900, 2100])
def test_r15_thousands_of_fields_are_an_answer_and_no_fault(visitor: Visitor, alice: Person, count: int) -> None:
    visitor.sign_in(alice)
    visitor.get("/write")
    form = visitor.form("/write")
    visitor.send(form, do="save", subject="Many", keep=[f"d{n}" for n in range(1, count)])
    assert visitor.status == (200 if count < 2000 else 413)
    assert len(alice.messages("Drafts")) == (1 if count < 2000 else 0)


def test_r15_text_over_eight_megabytes_is_refused_whole_and_a_long_letter_is_sent(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    visitor.sign_in(alice)
    for size, status in ((8_500_000, 413), (1_500_000, 200)):
        visitor.get("/write")
        visitor.send(
            visitor.form("/write"), do="send", to="bob@example.org", subject="Long", body="word " * (size // 5)
        )
        assert visitor.status == status
    assert len(submission.accepted) == 1


@pytest.mark.asvs("2.2.1", "2.2.2")
def test_r15_ten_thousand_recipients_are_told_apart_from_a_wrong_one(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    visitor.sign_in(alice)
    visitor.get("/write")
    many = ", ".join(f"p{n}@example.net" for n in range(10_000))
    visitor.send(visitor.form("/write"), do="send", to=many, subject="All", body="x")
    assert visitor.status == 400
    assert "more than 1000 addresses" in visitor.text
    assert visitor.form("/write").value("to") == many
    assert submission.accepted == []


@pytest.mark.parametrize("name", ["before", "after", "only"])
@pytest.mark.parametrize("value", ["9" * 5000, "4294967296", "0", "-1", "1e3", "\u0661", "NaN", "1 OR 1", "\0"])
def test_r9_a_place_in_the_list_that_is_none_is_the_newest_page(
    visitor: Visitor, alice: Person, name: str, value: str
) -> None:
    visitor.sign_in(alice)
    visitor.get("/m/INBOX", query_string={name: value})
    assert visitor.status == 200


@pytest.mark.asvs("15.3.5")
def test_a_repeated_field_is_read_once(visitor: Visitor, alice: Person, submission: Submission) -> None:
    visitor.sign_in(alice)
    visitor.get("/write")
    visitor.send(visitor.form("/write"), do=["send", "discard"], to=["bob@example.org", "x@example.net"], subject="x")
    assert submission.accepted[0].recipients == ("bob@example.org",)


@pytest.mark.parametrize(
    "zone", ["../../etc/passwd", "America", "/etc/localtime", "a\0b", "x" * 70, "Mars/Base", "UTC/", "tzdata.zi"]
)
def test_a_zone_cookie_that_names_no_zone_is_the_sites_own(settings: Settings, make_app: MakeApp, zone: str) -> None:
    from flask import request

    from webmail.web.filters import zone_of

    app = make_app(replace(settings, timezone="Europe/Berlin"))
    with app.test_request_context(headers={"Cookie": f'tz="{zone}"'.replace("\0", "\\000")}):
        assert zone_of(request).key == "Europe/Berlin"
