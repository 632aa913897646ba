"""What other apps hand over becomes the beginning of a letter: of whoever is signed in, or signs in then."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from tests.servers.application import Visitor
from tests.servers.people import Person
from tests.servers.submission import Submission
from webmail.config import Settings

HAND = {"Sec-Fetch-Site": "none"}
"""What a browser says when nobody's page made it ask."""

SHARED = {"title": "Ferry times", "text": "Look at this: https://ferry.example/", "url": "https://ferry.example/"}


def share(visitor: Visitor, headers: dict[str, str], **more: Any) -> int:
    visitor.page = visitor.client.post(
        "/share", data=SHARED | more, headers=headers, base_url=visitor.base, follow_redirects=True,
        content_type="multipart/form-data",
    )  # fmt: skip
    return visitor.status


def test_a_shared_text_and_file_begin_a_letter_and_nothing_is_saved_or_sent(
    visitor: Visitor, alice: Person, submission: Submission
) -> None:
    visitor.sign_in(alice)
    assert share(visitor, HAND, att=(io.BytesIO(b"Timetable"), "times.txt")) == 200
    assert visitor.path.startswith("/write?start=")
    assert "ferry" not in visitor.path.lower()
    form = visitor.form("/write")
    assert form.value("subject") == "Ferry times"
    assert form.value("body").strip() == "Look at this: https://ferry.example/"
    assert "times.txt" in visitor.text
    assert (alice.messages("Drafts"), submission.accepted) == ([], [])
    visitor.send(form, do="send", to="bob@example.org")
    assert b"Timetable" in submission.accepted[0].raw or b"VGltZXRhYmxl" in submission.accepted[0].raw


def test_what_is_shared_when_signed_out_waits_at_the_door(visitor: Visitor, alice: Person) -> None:
    assert share(visitor, HAND, att=(io.BytesIO(b"x"), "times.txt")) == 401
    visitor.send(visitor.form("/login"), user=alice.address, password=alice.password)
    assert visitor.form("/write").value("subject") == "Ferry times"
    assert "Files have to be chosen again" in visitor.text


@pytest.mark.parametrize("site", ["cross-site", "same-site", "same-origin", None])
@pytest.mark.asvs("3.5.1")
def test_r13_no_page_can_share_in_somebodys_name(visitor: Visitor, alice: Person, site: str | None) -> None:
    """R13: the token is asked for wherever the browser does not say that no page made the request."""
    visitor.sign_in(alice)
    headers = {"Sec-Fetch-Site": site} if site else {}
    assert share(visitor, headers) in (400, 403)
    stranger = Visitor(visitor.app)
    assert share(stranger, headers) in (401, 403)
    assert "Ferry" not in stranger.html


def test_too_much_is_left_out_and_said(
    settings: Settings, make_app: Callable[[Settings], Flask], alice: Person
) -> None:
    visitor = Visitor(make_app(replace(settings, upload_limit_mb=1)))
    visitor.sign_in(alice)
    files = [(io.BytesIO(b"x"), "small.txt"), (io.BytesIO(b"x" * 1_100_000), "large.bin")]
    assert share(visitor, HAND, att=files) == 200
    assert "small.txt" in visitor.text
    assert "A file is missing." in visitor.text
