"""Signing in at a provider: there and back, what is kept, and what nobody else can do with it."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from flask import Flask

from tests.servers import granted
from tests.servers.application import Visitor
from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.granted import LABEL, World, consent, set_out, sign_in
from tests.servers.people import ALICE, BOB
from tests.servers.provider import SECRET, Provider
from tests.servers.submission import Submission
from tests.views.test_compose import write
from webmail.config import Settings
from webmail.web import seal

MakeApp = Callable[[Settings], Flask]
BACK = f"/login/back/{LABEL}"


@pytest.fixture
def world(
    settings: Settings, authority: Authority, provider: Provider, submission: Submission,
    another_dovecot: Callable[..., Dovecot],
) -> World:  # fmt: skip
    return granted.world(settings, authority, provider, submission, another_dovecot)


@pytest.fixture
def visitor(world: World, make_app: MakeApp) -> Visitor:
    return Visitor(make_app(world.settings))


def asked(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def eventually(true: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.05)


def secrets_of(world: World) -> list[str]:
    return [text for one in world.provider.given for text in (one.access, one.refresh)] + [SECRET]


def test_alice_signs_in_reads_sends_and_signs_out(
    visitor: Visitor, world: World, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    visitor.get("/login?next=/m/Sent")
    assert "Password" not in visitor.text
    assert "You sign in with Example Accounts" in visitor.text
    url = set_out(visitor)
    assert visitor.page
    assert visitor.page.headers["Refresh"] == f"0; url={url}"
    given = asked(url)
    assert given["redirect_uri"] == "http://localhost" + BACK
    assert given["login_hint"] == ALICE.login
    assert given["code_challenge_method"] == "S256"
    assert len(given["code_challenge"]) == 43
    assert given["nonce"]
    visitor.get(consent(url, authority))
    assert visitor.path == "/m/Sent"
    assert world.detours() == []
    write(visitor, to="bob@example.org", subject="By token", body="Words")
    assert [one.login for one in world.submission.accepted] == [ALICE.login]
    seen = visitor.html + "".join(path.read_text() for path in world.records())
    visitor.get("/m/INBOX")
    visitor.send(visitor.form("/logout"))
    assert visitor.path == "/bye"
    assert world.records() == []
    eventually(lambda: all(one.revoked for one in world.provider.given))
    assert "revoke" in world.provider.asked
    assert world.provider.asked.count("refresh_token") == 0
    for secret in secrets_of(world):
        assert secret not in caplog.text + seen, "R17: neither in a log, nor a page, nor a record"


def test_r12_a_stolen_record_or_cookie_alone_opens_no_token(
    visitor: Visitor, world: World, authority: Authority, make_app: MakeApp
) -> None:
    sign_in(visitor, authority)
    [record] = world.records()
    kept = json.loads(record.read_text())
    key, server_key = visitor.client.get_cookie("pennypost-key"), visitor.app.config["SECRET_KEY"]
    assert key is not None
    opened = seal.unseal(kept["sealed"], key.value, server_key, record.stem)
    assert world.provider.given[-1].refresh in opened
    for cookie, server in ((seal.new_token(), server_key), (key.value, "x" * 64), ("", "")):
        with pytest.raises(seal.SealBroken):
            seal.unseal(kept["sealed"], cookie, server, record.stem)
    thief = Visitor(visitor.app)
    session = visitor.client.get_cookie("pennypost")
    assert session is not None
    thief.client.set_cookie("pennypost", session.value)
    thief.get("/m/INBOX")
    assert thief.path.startswith("/login"), "the session cookie without the key opens nothing, also while a grant lives"


def test_an_expired_token_is_renewed_once_for_everybody_and_nobody_notices(
    visitor: Visitor, world: World, authority: Authority, make_app: MakeApp
) -> None:
    world.provider.life = 2
    sign_in(visitor, authority)
    [record] = world.records()
    before, touched = record.read_text(), record.stat().st_mtime
    visitor.app.extensions["pennypost"].pool.close()
    world.provider.life = 3600
    time.sleep(2.1)
    assert visitor.get("/m/INBOX").status_code == 200
    assert visitor.path == "/m/INBOX"
    assert world.provider.asked.count("refresh_token") == 1
    assert record.read_text() != before, "the newer refresh token is in the record"
    visitor.app.extensions["pennypost"].pool.close()
    again = Visitor(make_app(world.settings))
    again.client = visitor.client
    assert visitor.get("/m/INBOX").status_code == 200
    assert world.provider.asked.count("refresh_token") == 1
    assert record.stat().st_mtime - touched < 60


def test_a_token_that_the_mail_server_refuses_is_renewed_and_the_letter_goes(
    visitor: Visitor, world: World, authority: Authority
) -> None:
    """Before its time was over: a provider may end tokens early. Also between reading and sending."""
    sign_in(visitor, authority)
    visitor.get("/write")
    restart(visitor, world)
    world.provider.expire()
    visitor.send(visitor.form("/write"), do="send", to="bob@example.org", subject="S", body="B")
    assert len(world.submission.accepted) == 1, visitor.text
    assert world.provider.asked.count("refresh_token") == 1


def restart(visitor: Visitor, world: World) -> None:
    """Connections end, and what is in memory is gone."""
    visitor.app.extensions["pennypost"].pool.close()
    world.dovecot.kick(ALICE)


def test_a_letter_that_waits_is_sent_with_a_newer_token_also_after_the_sign_out(
    world: World, authority: Authority, make_app: MakeApp
) -> None:
    visitor = Visitor(make_app(replace(world.settings, undo_seconds=30)))
    sign_in(visitor, authority)
    write(visitor, to="bob@example.org", subject="Waits", body="Words")
    assert world.submission.accepted == []
    assert "Waits" in visitor.text
    restart(visitor, world)
    world.provider.expire()
    visitor.send(visitor.form("/logout"))
    eventually(lambda: world.submission.accepted)
    eventually(lambda: "revoke" in world.provider.asked)
    assert world.provider.asked.index("refresh_token") < world.provider.asked.index("revoke")


def test_a_grant_that_was_taken_back_ends_the_sign_in_and_carries_the_letter(
    visitor: Visitor, world: World, authority: Authority
) -> None:
    sign_in(visitor, authority)
    visitor.get("/write")
    form = visitor.form("/write")
    world.provider.revoke_all()
    restart(visitor, world)
    visitor.send(form, do="send", to="bob@example.org", subject="Kept", body="My words\nof today")
    assert visitor.status == 401
    assert "lets this site into your mail no longer" in visitor.text
    assert "Your letter is safe" in visitor.text
    assert world.records() == []
    assert world.provider.asked.count("refresh_token") <= 1
    visitor.get(consent(set_out(visitor), authority))
    assert "You are signed in again." in visitor.text
    assert visitor.form("/write").value("body") == "My words\nof today"
    world.provider.revoke_all()
    restart(visitor, world)
    visitor.get("/m/Sent")
    assert visitor.path.startswith("/login")
    assert visitor.form("/login").value("next") == "/m/Sent"
    assert "permission ended or was taken back" in visitor.text


def test_another_account_than_the_address_is_refused_by_the_mail_server(
    visitor: Visitor, world: World, authority: Authority
) -> None:
    sign_in(visitor, authority, account=BOB.login)
    assert visitor.status == 401
    assert "with the account that you chose at the sign-in service" in visitor.text
    assert visitor.form("/login").value("user") == ALICE.login
    assert world.records() == []
    assert world.provider.asked.count("refresh_token") == 0, "a new token is not asked for when a new one is refused"


def test_no_is_taken_for_an_answer(visitor: Visitor, world: World, authority: Authority) -> None:
    visitor.get(consent(set_out(visitor), authority, do="deny"))
    assert visitor.status == 401
    assert "was told not to let this site into your mail" in visitor.text
    assert world.records() == []
    assert world.provider.asked == []


def test_login_csrf_what_was_begun_in_another_browser_ends_in_none(
    visitor: Visitor, world: World, authority: Authority
) -> None:
    """And nothing counts twice, nor for another provider, nor after ten minutes."""
    back = consent(set_out(visitor), authority)
    victim = Visitor(visitor.app)
    victim.get(back)
    assert victim.status == 400
    assert "not, or no longer, one that was begun in this browser" in victim.text
    set_out(victim)
    victim.get(back)
    assert victim.status == 400
    assert world.records() == []
    assert world.provider.asked == []
    state = asked(back)["state"]
    for wrong in (
        back.replace(state, state[:-1] + ("A" if state[-1] != "A" else "B")),
        back.replace(BACK, "/login/back/google"),
        BACK,
        f"{BACK}?state=%F0%9F%98%80&code=1",
    ):
        visitor.get(wrong)
        assert visitor.status == 400, wrong
    assert world.provider.asked == []
    assert world.records() == []
    back = consent(set_out(visitor), authority)
    visitor.get(back)
    assert visitor.path == "/m/INBOX"
    Visitor(visitor.app).get(back)
    visitor.get(back)
    assert visitor.path == "/m/INBOX", "already in"
    assert world.provider.asked.count("authorization_code") == 1, "a code is shown once"


@pytest.mark.parametrize("change", ["iss", "no iss", "code", "nonce", "verifier"])
def test_an_answer_that_is_not_meant_for_this_sign_in_is_refused(
    visitor: Visitor, world: World, authority: Authority, change: str
) -> None:
    """Mix-up (RFC 9207), a code of another sign-in (PKCE), an ID token of another (nonce)."""
    url = set_out(visitor)
    given = asked(url)
    if change in ("nonce", "verifier"):
        # As if somebody had put their own code into Alice's answer.
        given["nonce" if change == "nonce" else "code_challenge"] = "x" * 43
        url = url.partition("?")[0] + "?" + urlencode(given)
    answer = asked(consent(url, authority))
    if change == "iss":
        answer["iss"] = "https://another.example"
    if change == "no iss":
        del answer["iss"]
    if change == "code":
        answer["code"] = "made-up"
    visitor.get(f"{BACK}?{urlencode(answer)}")
    assert visitor.status == 502
    assert "It did not do what this site asked for" in visitor.text
    assert world.records() == []
    if "iss" in change:
        assert world.provider.asked == [], "the code was not shown to anybody"


def test_passwords_and_providers_live_side_by_side(
    world: World, make_app: MakeApp, settings: Settings, authority: Authority
) -> None:
    other = replace(world.settings.domains["example.org"], oauth=None)
    domains = {"example.org": world.settings.domains["example.org"], "example.net": other}
    visitor = Visitor(make_app(replace(world.settings, domains=domains)))
    visitor.get("/login")
    assert "Leave it empty if you sign in with Example Accounts" in visitor.text
    assert not re.search(r'id="password"[^>]* required', visitor.html)
    visitor.send(visitor.form("/login"), user="x@example.net", password="")
    assert visitor.status == 401
    assert "address and password" in visitor.text
    sign_in(visitor, authority)
    assert visitor.path == "/m/INBOX"


def test_who_comes_back_needs_no_script_and_leaves_no_address_behind(
    visitor: Visitor, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """R17: what waits for the way back is sealed, the letter too."""
    caplog.set_level(logging.DEBUG)
    set_out(visitor, letter_body="Canary of a letter", letter_to="dora@example.net")
    [kept] = world.detours()
    assert "anary" not in kept.read_text()
    assert ALICE.login not in kept.read_text()
    assert ALICE.login not in caplog.text
    cookie = visitor.client.get_cookie("pennypost-away")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    assert cookie.path == "/"
    assert Path(kept).stat().st_mode & 0o777 == 0o600
