"""Where somebody is signed in: seen, and ended one by one or together, by nobody but its owner."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.servers.application import Live, Visitor, forms_of
from tests.servers.dovecot import Dovecot
from tests.servers.people import Person
from tests.views.browsers import FIREFOX, SAFARI, cookies_of, is_in, record_of, visitor_with
from tests.views.test_events import Stream
from tests.web.every import token_of
from webmail.config import Settings
from webmail.web import browsers
from webmail.web.store import DirectoryStore, owner

MakeApp = Callable[[Settings], Flask]


def handles(visitor: Visitor) -> list[str]:
    visitor.get("/settings/sessions")
    return [value for name, value, _ in visitor.form("/settings/sessions").buttons if name == "end"]


# --- the page ---------------------------------------------------------------------------------------------------------


@pytest.mark.asvs("7.5.2")
def test_alice_sees_where_she_is_signed_in_and_ends_one(app: Flask, alice: Person, bob: Person) -> None:
    kiosk = visitor_with(app, alice, shared="1")
    phone = visitor_with(app, alice, SAFARI)
    other = visitor_with(app, bob)
    phone.get("/settings/sessions")
    assert "Safari on iPhone This browser" in phone.text
    assert "Firefox on Linux Shared" in phone.text
    assert "Shared computer: ends after 5 quiet minutes" in phone.text
    [handle] = handles(phone)
    for secret in (record_of(app, kiosk).stem, *(cookie.value for cookie in cookies_of(kiosk))):
        assert secret not in phone.html, "what the page says opens nothing"
    phone.send(phone.form("/settings/sessions"), end=handle)
    assert "The sign-in in Firefox on Linux was ended." in phone.text
    assert not is_in(kiosk)
    assert is_in(phone)
    assert is_in(other)
    assert handles(phone) == []


@pytest.mark.asvs("7.4.3")
def test_all_others_end_together_and_this_one_stays(app: Flask, alice: Person, bob: Person) -> None:
    others = [visitor_with(app, alice) for _ in range(3)]
    bobs, mine = visitor_with(app, bob), visitor_with(app, alice)
    mine.get("/settings/sessions")
    mine.send(mine.form("/settings/sessions"), do="others")
    assert "3 sign-ins were ended." in mine.text
    assert [is_in(each) for each in (*others, mine, bobs)] == [False, False, False, True, True]


def test_r34_nobody_ends_what_is_not_theirs(app: Flask, alice: Person, charlie: Person) -> None:
    first, second, his = visitor_with(app, alice), visitor_with(app, alice), visitor_with(app, charlie)
    [handle] = handles(second)
    his.get("/settings/sessions")
    page, key = his.html, record_of(app, first).stem
    for wrong in (handle, key, key[:32], "", "x", "ü"):
        answer = his.client.post("/settings/sessions", data={"csrf_token": token_of(page), "end": wrong})
        assert answer.status_code == 404
    assert is_in(first)
    assert is_in(second)
    assert alice.address not in page


def test_an_address_in_other_letters_is_the_same_account(app: Flask, alice: Person) -> None:
    first = Visitor(app)
    first.get("/login")
    first.send(first.form("/login"), user=alice.address.upper(), password=alice.password)
    assert first.path == "/m/INBOX"
    assert len(handles(visitor_with(app, alice))) == 1


def test_ending_reaches_an_open_page_at_once_and_from_another_process_within_five_seconds(
    live: Live, app: Flask, alice: Person, settings: Settings
) -> None:
    left, away, mine = (visitor_with(app, alice) for _ in range(3))
    path = record_of(app, away)
    streams = [Stream(live, each) for each in (left, away)]
    for stream in streams:
        stream.counts("INBOX", 0, 0)
    began = time.monotonic()
    path.unlink()  # another machine, or the command
    assert streams[1].until(lambda kind, _: kind == "ended", 6)[-1] == ("ended", {"why": "signed-out"})
    assert time.monotonic() - began < 5
    mine.get("/settings/sessions")
    began = time.monotonic()
    mine.send(mine.form("/settings/sessions"), do="others")
    assert streams[0].until(lambda kind, _: kind == "ended", 6)[-1] == ("ended", {"why": "signed-out"})
    assert time.monotonic() - began < 4
    for stream in streams:
        stream.close()


def test_who_signs_out_can_sign_out_elsewhere_too_for_five_minutes(
    app: Flask, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere, mine = visitor_with(app, alice), visitor_with(app, alice)
    mine.send(mine.form("/logout"))
    assert "You are still signed in elsewhere." in mine.text
    assert is_in(elsewhere)
    form = mine.form("/bye")
    mine.send(form)
    assert "All other browsers are signed out, too." in mine.text
    assert not is_in(elsewhere)
    elsewhere, mine = visitor_with(app, alice), visitor_with(app, alice)
    mine.send(mine.form("/logout"))
    form, now = mine.form("/bye"), time.time()
    monkeypatch.setattr("webmail.views.login.time.time", lambda: now + 301)
    mine.send(form)
    assert "All other" not in mine.text
    monkeypatch.undo()
    assert is_in(elsewhere)


def test_two_tabs_that_sign_out_at_once_both_say_so(app: Flask, alice: Person) -> None:
    visitor = visitor_with(app, alice)
    form = visitor.form("/logout")
    for _ in range(2):
        visitor.send(form, quiet="1")
        assert visitor.path == "/bye?why=quiet"
        assert "Nothing was done here for a while" in visitor.text


def test_the_next_person_at_a_shared_computer_is_offered_nothing(app: Flask, alice: Person) -> None:
    elsewhere, kiosk = visitor_with(app, alice), visitor_with(app, alice, shared="1")
    kiosk.send(kiosk.form("/logout"))
    assert "elsewhere" not in kiosk.text
    kiosk.client.post("/bye", data={"csrf_token": "x"})
    assert is_in(elsewhere)


def test_signing_out_everywhere_is_one_press(app: Flask, alice: Person) -> None:
    elsewhere, mine = visitor_with(app, alice), visitor_with(app, alice)
    mine.get("/settings/sessions")
    mine.send(next(form for form in forms_of(mine.html) if ("everywhere", "1", "") in form.buttons), everywhere="1")
    assert "Signed out" in mine.text
    assert not is_in(elsewhere)
    assert not is_in(mine)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        (SAFARI, "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Lynx/2.9.0", "Lynx"),
        ("", "A browser"),
        ("<script>alert(1)</script>", "A browser"),
    ],
)
def test_a_browser_is_known_by_two_words_of_ours(agent: str, words: str) -> None:
    assert browsers.family(agent) == words


# --- the record -------------------------------------------------------------------------------------------------------


def test_r12_a_stolen_store_tells_no_name_and_opens_nothing_also_of_who_is_kept_signed_in(
    app: Flask, alice: Person, settings: Settings
) -> None:
    visitor = visitor_with(app, alice, keep="1")
    [path] = Path(settings.state_dir, "sign-ins").glob("*.json")
    record = json.loads(path.read_text())
    assert record["kept"] is True
    assert alice.login not in path.read_text()
    content = path.read_text()
    for cookie in cookies_of(visitor):
        thief = Visitor(app)
        thief.client.set_cookie(cookie.key, cookie.value)
        assert not is_in(thief), f"{cookie.key} alone"
        path.write_text(content)
    assert is_in(visitor)
    path.unlink()
    assert not is_in(visitor), "cookies alone"
    path.write_text(content.replace('"kept": true', '"kept": false'))
    assert is_in(visitor)
    for name in ("address", "sealed"):
        bent = {**record, name: ("B" if record[name][0] != "B" else "C") + record[name][1:]}
        path.write_text(json.dumps(bent))
        assert not is_in(visitor), f"one letter of {name} is another"


def test_the_owner_of_a_record_is_a_keyed_digest() -> None:
    assert owner("Alice@Example.org", "key") == owner("alice@example.org", "key")
    assert owner("alice@example.org", "key") != owner("alice@example.org", "other")
    assert re.fullmatch("[0-9a-f]{64}", owner("ä@b", "k"))


def test_a_change_never_brings_back_a_record_that_was_deleted(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path / "sign-ins")
    store.put("ab" * 32, {"page": "x"})
    os.utime(tmp_path / "sign-ins" / f"{'ab' * 32}.json", (5, 5))
    store.change("ab" * 32, {"page": "y"})
    assert store.get("ab" * 32) == ({"page": "y"}, 5), "and is no use of it"
    store.delete("ab" * 32)
    store.change("ab" * 32, {"page": "z"})
    assert store.get("ab" * 32) is None


# --- kept signed in ---------------------------------------------------------------------------------------------------


def cookies_after(app: Flask, person: Person, **more: Any) -> list[str]:
    visitor = Visitor(app)
    visitor.get("/login")
    answer = visitor.send(visitor.form("/login"), False, user=person.address, password=person.password, **more)
    return [one for one in answer.headers.getlist("Set-Cookie") if "=;" not in one]


def test_cookies_outlive_the_browser_only_where_somebody_chose_that(
    settings: Settings, make_app: MakeApp, app: Flask, alice: Person
) -> None:
    kept = cookies_after(app, alice, keep="1")
    assert len(kept) == 2
    assert all("Expires=" in one for one in kept)
    never = make_app(replace(settings, keep_days=0))
    always = make_app(replace(settings, shared_computers="always"))
    near = make_app(replace(settings, shared_networks="10.0.0.0/8, 127.0.0.0/8"))
    session_only = [
        cookies_after(app, alice), cookies_after(app, alice, keep="1", shared="1"),
        cookies_after(never, alice, keep="1"),
        cookies_after(always, alice, keep="1"), cookies_after(near, alice, keep="1"),
    ]  # fmt: skip
    assert [one for found in session_only for one in found if "Expires=" in one or "Max-Age" in one] == []


def test_who_is_kept_signed_in_may_be_quiet_for_days_but_not_for_a_day_more(
    settings: Settings, make_app: MakeApp, app: Flask, alice: Person
) -> None:
    visitor = visitor_with(app, alice, keep="1")
    path = record_of(app, visitor)
    old = time.time() - 29 * 86400
    path.write_text(json.dumps({**json.loads(path.read_text()), "created": int(old)}))
    os.utime(path, (old, old))
    visitor_with(app, alice)  # a sign-in sweeps what is over
    visitor.get("/settings/sessions")
    assert "Kept signed in: ends in 1 days" in visitor.text
    assert "data-idle" not in visitor.html
    off = Visitor(make_app(replace(settings, keep_days=0)))
    for cookie in cookies_of(visitor):
        off.client.set_cookie(cookie.key, cookie.value)
    copy = path.read_text()
    assert not is_in(off), "the administrator switched it off"
    path.write_text(copy)
    assert is_in(visitor)
    path.write_text(json.dumps({**json.loads(copy), "created": int(time.time() - 30 * 86400 - 5)}))
    assert not is_in(visitor)


def test_the_sign_in_page_offers_what_the_administrator_allows(settings: Settings, make_app: MakeApp) -> None:
    visitor = Visitor(make_app(settings))
    visitor.get("/login")
    assert "For 30 days, on a computer that is yours alone." in visitor.text
    visitor = Visitor(make_app(replace(settings, keep_days=0)))
    visitor.get("/login")
    assert "Keep me signed in" not in visitor.text
    visitor = Visitor(make_app(replace(settings, shared_computers="always")))
    visitor.get("/login")
    assert "This computer is shared." in visitor.text
    assert 'name="shared"' not in visitor.html
    assert 'name="keep"' not in visitor.html
    assert 'autocomplete="current-password"' not in visitor.html


@pytest.mark.parametrize(
    ("address", "shared"),
    [("10.7.3.4", True), ("10.8.0.1", False), ("::ffff:10.7.3.4", True), ("2001:db8::1", True), (None, True)],
)
def test_a_network_of_shared_computers_is_known_by_the_browsers_address(
    settings: Settings, address: str | None, shared: bool
) -> None:
    there = replace(settings, shared_networks="10.7.0.0/16, 2001:db8::/48")
    assert there.always_shared(address) is shared
    assert settings.always_shared(address) is False


# --- the password was changed elsewhere -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [{}, {"keep": "1"}])
def test_a_changed_password_is_said_and_a_letter_comes_through_it(
    app: Flask, charlie: Person, dovecot: Dovecot, settings: Settings, kind: dict[str, str]
) -> None:
    reading, writing = visitor_with(app, charlie, **kind), visitor_with(app, charlie, **kind)
    writing.get("/write")
    form = writing.form("/write")
    dovecot.set_password(charlie.login, "another one")
    try:
        dovecot.kick(charlie)
        reading.get("/m/Drafts")
        assert reading.path.startswith("/login?next=/m/Drafts")
        assert "no longer takes the password that you signed in with" in reading.text
        writing.send(form, to="bob@example.org", subject="An hour's work", body="words", do="save")
        assert writing.status == 401
        assert "no longer takes the password" in writing.text
        writing.send(writing.form("/login"), user=charlie.address, password="another one")
        assert writing.form("/write").value("subject") == "An hour's work"
        assert len(list(Path(settings.state_dir, "sign-ins").glob("*.json"))) == 1, "the new one"
    finally:
        dovecot.set_password(charlie.login, charlie.password)
