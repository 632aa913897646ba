"""R13: no foreign page changes anything, looking changes nothing, and our own forms work in every browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.servers.application import Visitor
from tests.servers.people import Person, letter
from tests.servers.submission import Submission
from tests.web.every import Route, everything, routes, token_of
from webmail.config import Settings
from webmail.mail.flags import SEEN
from webmail.web.converters import Pick, pick_to_text

Attack = tuple[dict[str, str], bool]
"""Headers, and whether the token is right."""

ATTACKS: dict[str, Attack] = {
    "no token": ({}, False),
    "a foreign origin": ({"Origin": "https://evil.example"}, True),
    "an origin that only begins like ours": ({"Origin": "http://localhost.evil.example"}, True),
    "our name on another port": ({"Origin": "http://localhost:81"}, True),
    "an origin that is none": ({"Origin": "http://["}, True),
    "a sandboxed foreign page": ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, True),
    "a page of a neighbour domain": ({"Sec-Fetch-Site": "same-site"}, True),
    "another site": ({"Sec-Fetch-Site": "cross-site"}, True),
}


@pytest.fixture
def pick(alice: Person) -> Pick:
    """A message of Alice's in INBOX; another lies in Drafts."""
    alice.append(letter("A draft"), "Drafts", ["\\Draft", "\\Seen"])
    uid = alice.append(letter("One", extra="Disposition-Notification-To: dora@example.net\r\n"))
    return Pick(alice.uidvalidity(), uid)  # type: ignore[arg-type]


def harm(route: Route, pick: Pick, alice: Person) -> list[dict[str, Any]]:
    """What a foreign page would like to post there."""
    harmful: dict[str, list[dict[str, Any]]] = {
        "act.do": [
            {"do": do, "uid": pick_to_text(pick), "dest": "Trash", "sure": "1", "name": "x"}
            for do in ("delete", "move", "copy", "read", "star", "junk", "erase", "label", "mute", "pin")
        ]
        + [{"do": "delete", "whole": pick_to_text(pick)}]
        + [{"do": "snooze", "until": "2030-01-01T08:00", "uid": pick_to_text(pick)}, {"unsnooze": pick_to_text(pick)}],
        "cleanup.do": [
            {"by": "age", "what": "2030-01-01", "do": do, "sure": f"{pick.uidvalidity}.99"}
            for do in ("delete", "archive", "read", "")
        ],
        "act.stop": [{}],
        "act.on": [{}],
        "act.undo": [{}],
        "message.show_images": [{}],
        "people.do": [{"write": "bob@example.org"}, {"q": "bob"}],
        "people.press": [{"u": "mailto:bob@example.org"}],
        "share.take": [{"title": "x", "text": "x", "url": "https://evil.example"}],
        "redirect.do": [{"to": "bob@example.org"}],
        "seen.now": [{}],
        "trust.leave_now": [{}],
        "trust.answer_receipt": [{"do": "send"}, {"do": "never"}],
        "invitation.answer": [{"do": "ACCEPTED"}, {"do": "DECLINED", "comment": "x"}],
        "compose.post": [
            {"do": "send", "to": "bob@example.org", "subject": "x", "body": "x"},
            {"do": "save", "to": "bob@example.org"},
            {"do": "discard", "draft": f"Drafts/{alice.uidvalidity('Drafts')}.1"},
        ],
        "draft.upload": [{"keep": "x"}],
        "draft.convert": [{"body": "x"}],
        "outbox.do": [{}],
        "settings.change": [{"theme": "dark"}, {"signature": "x", "remove": "image_senders/a@example.org"}],
        "settings.folder": [{"on": "0"}],
        "act.found": [{"uid": f"INBOX/{pick.uidvalidity}.{pick.uid}", "do": "archive"}],
        "search.ask": [{"q": "ferry"}],
        "search.keep": [{"name": "x", "token": "x"}],
        "folders.do": [{"do": "make", "title": "x"}, {"q": "x"}],
        "folder.change": [
            {"do": "empty", "sure": f"{pick.uidvalidity}.99"},
            {"do": "delete", "sure": "ever"},
            {"do": "favourite"},
            {"do": "rename", "title": "x"},
            {"do": "unsubscribe"},
        ],
        "passkey.begin": [{"password": "x"}],
        "passkey.keep": [{"answer": "{}", "sealed": "x" * 99}],
        "passkey.remove": [{"id": "0" * 32}],
        "passkey.challenge": [{}],
        "passkey.unlock": [{"answer": "{}"}],
        "factor.enter": [{"code": "123456"}],
        "factor.change": [{"do": "begin"}, {"do": "confirm", "code": "123456"}],
        "login.enter": [{"user": "charlie@example.org", "password": "charlie%s&x=1+2"}],
        "login.sign_out": [{}, {"everywhere": "1"}],
        "login.everywhere": [{}],
        "login.choose": [{"language": "en"}],
        "sessions.end": [{"do": "others"}, {"end": "0" * 32}],
        "sessions.here": [{"page": "0" * 32}],
        "sessions.left": [{"page": "0" * 32}],
    }
    return harmful[route.endpoint]


@pytest.mark.parametrize("attack", [*ATTACKS, "a wrong token"])
@pytest.mark.asvs("3.5.1")
def test_r13_no_foreign_page_changes_anything(
    visitor: Visitor, app: Flask, alice: Person, pick: Pick, submission: Submission, settings: Settings, attack: str
) -> None:
    visitor.sign_in(alice)
    before, signed_in = everything(alice), sorted(Path(settings.state_dir, "sign-ins").iterdir())
    headers, honest = ATTACKS.get(attack, ({}, False))
    token = {"csrf_token": token_of(visitor.html)} if honest else {"csrf_token": "x"} if "wrong" in attack else {}
    unsafe = [route for route in routes(app, pick) if route.method != "GET"]
    assert len(unsafe) >= 5
    for route in unsafe:
        for data in harm(route, pick, alice):
            answer = visitor.client.post(route.path, data=data | token, base_url=visitor.base, headers=headers)
            assert answer.status_code in ((403,) if headers else (400,)), (route, answer.status_code)
            assert not headers or "Set-Cookie" not in answer.headers, "no cookie of theirs takes the place of ours"
    assert everything(alice) == before
    assert submission.accepted == []
    assert sorted(Path(settings.state_dir, "sign-ins").iterdir()) == signed_in
    assert visitor.get("/m/INBOX").status_code == 200, "and Alice is still signed in"
    assert alice.address in visitor.text


def test_r13_a_foreign_post_without_cookies_leaves_no_cookie(app: Flask, pick: Pick, alice: Person) -> None:
    """SameSite keeps our cookies at home, but a cookie in the answer would replace them: a sign-out by any web site."""
    for route in routes(app, pick):
        if route.method != "GET":
            answer = app.test_client().post(route.path, headers={"Sec-Fetch-Site": "cross-site"}, data={"body": "x"})
            assert answer.status_code == 403
            assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "http://localhost"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "none"},
        {},
    ],
)
def test_r13_our_own_form_works_with_what_browsers_send_along(
    visitor: Visitor, alice: Person, pick: Pick, headers: dict[str, str]
) -> None:
    """Under Referrer-Policy: no-referrer the Origin of a form post is "null"."""
    visitor.sign_in(alice)
    data = {"star": pick_to_text(pick), "csrf_token": token_of(visitor.html)}
    answer = visitor.client.post("/m/INBOX/do", data=data, headers=headers)
    assert answer.status_code == 303
    assert "\\Flagged" in alice.flags(pick.uid)


def test_r13_the_token_of_another_sign_in_is_no_token(app: Flask, alice: Person, charlie: Person, pick: Pick) -> None:
    theirs = Visitor(app)
    theirs.sign_in(charlie)
    visitor = Visitor(app)
    visitor.sign_in(alice)
    data = {"do": "delete", "uid": pick_to_text(pick), "csrf_token": token_of(theirs.html)}
    assert visitor.client.post("/m/INBOX/do", data=data).status_code == 400
    assert alice.flags(pick.uid) is not None


def test_r13_a_token_from_before_the_sign_in_is_no_token_after_it(visitor: Visitor, alice: Person, pick: Pick) -> None:
    visitor.get("/login")
    early = token_of(visitor.html)
    visitor.sign_in(alice)
    assert token_of(visitor.html) != early
    answer = visitor.client.post("/m/INBOX/do", data={"star": pick_to_text(pick), "csrf_token": early})
    assert answer.status_code == 400


Ask = Callable[[Visitor, Route], TestResponse]


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "GET"])
@pytest.mark.asvs("3.5.3")
def test_r13_looking_changes_nothing_but_that_opened_is_read(
    visitor: Visitor, app: Flask, alice: Person, pick: Pick, submission: Submission, method: str
) -> None:
    visitor.sign_in(alice)
    before = everything(alice)
    for route in routes(app, pick):
        if route.method == "GET" and route.endpoint not in ("message.show", "talk.letter"):
            visitor.client.open(f"{route.path}?do=delete&uid={pick_to_text(pick)}", method=method, buffered=True)
    assert everything(alice) == before
    visitor.client.open(f"/m/INBOX/{pick_to_text(pick)}?do=delete&uid={pick_to_text(pick)}&star=1", method=method)
    after = everything(alice)
    if method == "GET":
        [(uid, flags, raw)] = before.pop("INBOX")
        assert after.pop("INBOX") == [(uid, flags | {SEEN}, raw)]
    assert after == before
    assert submission.accepted == []


def test_an_old_form_without_its_key_cookie_keeps_the_letter(visitor: Visitor, alice: Person) -> None:
    """The page is too old and the password cannot be opened: the letter goes on to the sign-in page."""
    visitor.sign_in(alice)
    visitor.get("/write")
    form = visitor.form("/write")
    visitor.client.delete_cookie("pennypost-key")
    visitor.send(form, do="send", to="bob@example.org", body="My words", csrf_token="old")
    assert visitor.status == 401
    assert visitor.form("/login").value("letter_body") == "My words"
