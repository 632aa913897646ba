"""Signing in and out: who gets in, what is kept of it, what is gone afterwards."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from tests.servers.application import Visitor
from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.people import Person
from tests.servers.scripted import Scripted
from webmail.config import Settings

MakeApp = Callable[[Settings], Flask]


def records(settings: Settings) -> list[Path]:
    return list(Path(settings.state_dir, "sign-ins").glob("*.json"))


def test_alice_signs_in_and_sees_her_inbox(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    assert visitor.path == "/m/INBOX"
    assert "Inbox" in visitor.text
    assert alice.address in visitor.text


@pytest.mark.asvs("6.2.8")
def test_bobs_awkward_password_works_like_any_other(visitor: Visitor, bob: Person) -> None:
    visitor.sign_in(bob)
    assert visitor.path == "/m/INBOX"


def test_a_stranger_is_sent_to_sign_in_and_then_where_they_wanted_to_go(visitor: Visitor, alice: Person) -> None:
    visitor.get("/m/Sent?only=unread")
    assert visitor.path.startswith("/login?next=")
    visitor.send(visitor.form("/login"), user=alice.address, password=alice.password)
    assert visitor.path == "/m/Sent?only=unread"


@pytest.mark.parametrize(
    "path", ["//evil.example/", "https://evil.example/", "/\\evil.example", "/m/..//x", "javascript:x"]
)
def test_r24_the_way_back_is_never_another_site(visitor: Visitor, alice: Person, path: str) -> None:
    visitor.get("/login", query_string={"next": path})
    visitor.send(visitor.form("/login"), user=alice.address, password=alice.password)
    assert visitor.path == "/m/INBOX"


def test_a_wrong_password_says_so_and_keeps_the_address(visitor: Visitor, alice: Person) -> None:
    visitor.get("/login")
    visitor.send(visitor.form("/login"), user=alice.address, password="wrong")
    assert visitor.status == 401
    assert "did not accept this address and password" in visitor.text
    assert visitor.form("/login").value("user") == alice.address
    assert "wrong" not in visitor.html


def test_an_unknown_user_hears_the_same_as_one_with_a_wrong_password(visitor: Visitor, alice: Person) -> None:
    visitor.get("/login")
    visitor.send(visitor.form("/login"), user=alice.address, password="wrong")
    known = visitor.text.replace(alice.address, "")
    visitor.send(visitor.form("/login"), user="nobody@example.org", password="wrong")
    assert visitor.text.replace("nobody@example.org", "") == known


@pytest.mark.parametrize("address", ["", "alice", "@example.org", "alice@"])
def test_what_is_no_address_is_refused_without_asking_anybody(visitor: Visitor, address: str) -> None:
    visitor.get("/login")
    visitor.send(visitor.form("/login"), user=address, password="x")
    assert visitor.status == 401


@pytest.mark.parametrize("piece", ["\r\nA1 LOGOUT", "\n", "\0", "\r"])
def test_r9_line_breaks_in_address_or_password_open_nothing(visitor: Visitor, alice: Person, piece: str) -> None:
    for user, password in ((alice.address + piece, alice.password + "x"), (alice.address, alice.password + piece)):
        visitor.get("/login")
        visitor.send(visitor.form("/login"), user=user, password=password)
        assert visitor.status in (400, 401)
        assert "Inbox" not in visitor.text


def test_an_unknown_domain_has_no_server(settings: Settings, make_app: MakeApp) -> None:
    visitor = Visitor(make_app(replace(settings, imap_host="", domains={})))
    visitor.get("/login")
    visitor.send(visitor.form("/login"), user="alice@example.com", password="x")
    assert visitor.status == 401
    assert "No mail server is set up here" in visitor.text


@pytest.mark.asvs("16.5.2")
def test_a_dead_server_is_told_in_plain_words(settings: Settings, make_app: MakeApp, alice: Person) -> None:
    visitor = Visitor(make_app(replace(settings, imap_port=1)))
    visitor.sign_in(alice)
    assert visitor.status == 502
    assert "cannot be reached" in visitor.text or "does not answer" in visitor.text
    assert visitor.form("/login").value("user") == alice.address


@pytest.mark.parametrize("kind", ["expired", "wrong_host", "self_signed"])
@pytest.mark.asvs("12.3.2", "16.5.2")
def test_r11_a_server_with_a_bad_certificate_gets_no_password(
    kind: str,
    settings: Settings,
    make_app: MakeApp,
    scripted: Callable[..., Scripted],
    authority: Authority,
    alice: Person,
) -> None:
    server = scripted({}, context=getattr(authority, kind)().server_context())
    visitor = Visitor(make_app(replace(settings, imap_port=server.port)))
    visitor.sign_in(alice)
    assert visitor.status == 502
    assert "certificate" in visitor.text
    assert server.received == b""


@pytest.mark.asvs("7.4.1", "14.3.1")
def test_signing_out_ends_it_on_the_server_in_the_browser_and_at_the_mail_server(
    visitor: Visitor, alice: Person, settings: Settings, dovecot: Dovecot
) -> None:
    visitor.sign_in(alice)
    assert dovecot.sessions(alice) == 1
    answer = visitor.send(visitor.form("/logout"), follow=False)
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert records(settings) == []
    for _ in range(50):
        if dovecot.sessions(alice) == 0:
            break
        time.sleep(0.05)
    assert dovecot.sessions(alice) == 0
    visitor.get("/m/INBOX")
    assert visitor.path.startswith("/login")


@pytest.mark.asvs("7.4.1")
def test_r12_a_cookie_from_before_signing_out_opens_nothing(visitor: Visitor, alice: Person, app: Flask) -> None:
    visitor.sign_in(alice)
    kept = {name: visitor.client.get_cookie(name).value for name in ("pennypost", "pennypost-key")}  # type: ignore[union-attr]
    visitor.send(visitor.form("/logout"))
    thief = Visitor(app)
    for name, value in kept.items():
        thief.client.set_cookie(name, value)
    thief.get("/m/INBOX")
    assert thief.path.startswith("/login")


@pytest.mark.asvs("7.2.4")
def test_r12_the_session_id_is_new_at_every_sign_in(visitor: Visitor, alice: Person, settings: Settings) -> None:
    visitor.sign_in(alice)
    [first] = records(settings)
    visitor.send(visitor.form("/logout"))
    visitor.sign_in(alice)
    [second] = records(settings)
    assert first.name != second.name


def test_r12_the_record_holds_no_readable_password_and_no_session_id(
    visitor: Visitor, bob: Person, settings: Settings
) -> None:
    visitor.sign_in(bob)
    [record] = records(settings)
    content = json.loads(record.read_text("utf-8"))
    assert set(content) == {"address", "created", "shared", "sealed"}
    assert bob.password not in record.read_text("utf-8")
    cookie = visitor.client.get_cookie("pennypost")
    assert cookie is not None
    assert record.stem not in cookie.value


def test_r12_a_record_without_its_cookie_half_opens_nothing(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    visitor.client.set_cookie("pennypost-key", "x" * 43)
    visitor.get("/m/INBOX")
    assert visitor.path.startswith("/login")


def test_deleting_the_record_ends_the_session_everywhere(visitor: Visitor, alice: Person, settings: Settings) -> None:
    visitor.sign_in(alice)
    records(settings)[0].unlink()
    visitor.get("/m/INBOX")
    assert visitor.path.startswith("/login")


@pytest.mark.asvs("7.3.1")
def test_a_quiet_session_ends(visitor: Visitor, alice: Person, settings: Settings) -> None:
    visitor.sign_in(alice)
    [record] = records(settings)
    quiet = time.time() - settings.session_idle_minutes * 60 - 5
    os.utime(record, (quiet, quiet))
    visitor.get("/m/INBOX")
    assert visitor.path.startswith("/login")
    assert records(settings) == []


def test_a_shared_computer_is_signed_out_sooner(visitor: Visitor, alice: Person, settings: Settings) -> None:
    visitor.sign_in(alice, shared="1")
    [record] = records(settings)
    assert json.loads(record.read_text())["shared"] is True
    quiet = time.time() - settings.shared_idle_minutes * 60 - 5
    os.utime(record, (quiet, quiet))
    visitor.get("/m/INBOX")
    assert visitor.path.startswith("/login")


@pytest.mark.asvs("7.3.2")
def test_every_session_ends_one_day(visitor: Visitor, alice: Person, settings: Settings) -> None:
    visitor.sign_in(alice)
    [record] = records(settings)
    content = json.loads(record.read_text())
    content["created"] -= settings.session_max_hours * 3600 + 5
    record.write_text(json.dumps(content))
    visitor.get("/m/INBOX")
    assert visitor.path.startswith("/login")


def test_a_password_changed_elsewhere_ends_the_session_politely(
    visitor: Visitor, charlie: Person, dovecot: Dovecot
) -> None:
    visitor.sign_in(charlie)
    dovecot.set_password(charlie.login, "another one")
    try:
        dovecot.kick(charlie)
        visitor.get("/m/INBOX")
        assert visitor.path.startswith("/login")
    finally:
        dovecot.set_password(charlie.login, charlie.password)


def test_a_letter_posted_after_the_session_ended_is_carried_through_sign_in(
    visitor: Visitor, alice: Person, settings: Settings
) -> None:
    visitor.sign_in(alice)
    visitor.get("/write")
    form = visitor.form("/write")
    records(settings)[0].unlink()
    visitor.send(
        form, to="bob@example.org", subject="An hour's work", body='Line one\n\nline <two> & "three"', do="send"
    )
    assert visitor.status == 401
    assert "An hour's work" in visitor.form("/login").value("letter_subject")
    visitor.send(visitor.form("/login"), user=alice.address, password=alice.password)
    letter = visitor.form("/write")
    assert letter.value("to") == "bob@example.org"
    assert letter.value("subject") == "An hour's work"
    assert letter.value("body") == 'Line one\n\nline <two> & "three"'


def test_r13_signing_in_and_out_need_the_token(visitor: Visitor, alice: Person, settings: Settings) -> None:
    visitor.page = visitor.client.post("/login", data={"user": alice.address, "password": alice.password})
    assert visitor.status == 400
    assert records(settings) == []
    visitor.sign_in(alice)
    visitor.client.post("/logout")
    assert len(records(settings)) == 1


@pytest.mark.asvs("3.3.1", "3.3.2", "3.3.3", "3.3.4")
def test_r13_cookies_are_out_of_reach_of_script_and_other_sites(
    settings: Settings, make_app: MakeApp, alice: Person
) -> None:
    visitor = Visitor(make_app(replace(settings, secure_cookies=True)), base="https://localhost")
    visitor.get("/login")
    answer = visitor.send(visitor.form("/login"), follow=False, user=alice.address, password=alice.password)
    cookies = answer.headers.getlist("Set-Cookie")
    assert {c.split("=")[0] for c in cookies} == {"__Host-pennypost", "__Host-pennypost-key"}
    for cookie in cookies:
        for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
            assert word in cookie
        assert "Domain" not in cookie
