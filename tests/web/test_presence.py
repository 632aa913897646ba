"""Shared computers: a question before files stay, and an end when the last page is closed."""

from __future__ import annotations

import json
import re
import time

import pytest
from flask import Flask

from tests.servers.people import Person, letter
from tests.views.browsers import is_in, record_of, visitor_with
from tests.web.every import token_of


def test_r14_a_file_is_saved_on_a_shared_computer_only_after_a_question(app: Flask, alice: Person) -> None:
    raw = letter("Two files", extra='MIME-Version: 1.0\r\nContent-Type: application/x-thing; name="canary.bin"\r\n')
    uid = alice.append(raw.replace(b"Content-Type: text/plain; charset=utf-8\r\n", b""))
    place = f"/m/INBOX/{alice.uidvalidity()}.{uid}"
    private, kiosk = visitor_with(app, alice), visitor_with(app, alice, shared="1")
    for path in (f"{place}/part/1", f"{place}/part/1?dl=1", f"{place}/eml"):
        assert private.get(path).headers["Content-Disposition"].startswith("attachment")
        answer = kiosk.get(path)
        assert "Content-Disposition" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store, no-cache"
        assert "This file stays on this computer" in kiosk.text
        [title] = re.findall("<title>(.*)</title>", kiosk.html)
        assert title == "Save a file – Pennypost"
        form = kiosk.form(place)
        answer = kiosk.get(form.action, query_string=form.filled())
        assert answer.headers["Content-Disposition"].startswith("attachment")
    assert kiosk.get(f"{place}/source.txt").headers["Content-Disposition"].startswith("inline")


def test_a_shared_computer_is_signed_out_when_the_last_page_closes_and_not_before(
    app: Flask, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    kiosk = visitor_with(app, alice, shared="1")
    token = token_of(kiosk.html)
    store, key = app.extensions["pennypost"].store, record_of(app, kiosk).stem
    now = time.time()

    def say(what: str, page: str) -> None:
        answer = kiosk.client.post(f"/{what}", data={"csrf_token": token, "page": page * 8})
        assert answer.status_code == 204

    def open_page(**headers: str) -> None:
        kiosk.client.get("/m/INBOX", headers=headers)

    def later(seconds: float) -> None:
        monkeypatch.setattr("webmail.web.session.time.time", lambda: now + seconds)

    def closing() -> bool:
        return bool(store.get(key)[0].get("left"))

    say("here", "a")
    open_page()
    say("left", "a")
    assert not closing(), "a page without script took its place"
    say("here", "b")
    say("left", "a")
    assert not closing(), "the word of a page that went came late"
    say("left", "b")
    assert closing()
    say("here", "c")
    assert not closing(), "another tab is still there"
    say("left", "c")
    open_page(**{"Sec-Fetch-Dest": "document"})
    assert not closing(), "a link, a reload, Back"
    say("here", "d")
    open_page(**{"Sec-Fetch-Dest": "iframe"})
    open_page(**{"X-Part": "list"})
    say("left", "d")
    assert closing(), "frames and parts are no pages"
    say("left", "nobody's")
    later(14)
    assert is_in(kiosk)
    say("here", "e")
    say("left", "e")
    later(40)
    assert not is_in(kiosk)
    assert store.get(key) is None


def test_a_private_computer_stays_signed_in_when_its_pages_close(app: Flask, alice: Person) -> None:
    visitor = visitor_with(app, alice)
    data = {"csrf_token": token_of(visitor.html), "page": "a" * 8}
    for what in ("here", "left"):
        assert visitor.client.post(f"/{what}", data=data).status_code == 204
    assert "left" not in json.loads(record_of(app, visitor).read_text())
