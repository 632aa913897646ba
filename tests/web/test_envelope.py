"""What every answer says about itself (R14), errors and redirects too; which names the site answers to (R30); and that
the mail server's words are only ever text (R28, R29)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask, request
from werkzeug.test import TestResponse

import app as wiring
from tests.servers.application import Visitor
from tests.servers.people import Person, letter
from tests.servers.scripted import Scripted
from tests.web.every import OF_OTHER_LETTERS, Route, routes
from webmail.config import Settings
from webmail.web.converters import Pick

MakeApp = Callable[[Settings], Flask]

MARKUP = "<img src=x onerror=alert(1)> & \"'"
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-DNS-Prefetch-Control": "off",
}


def directives(answer: TestResponse) -> dict[str, str]:
    """The policy, by directive."""
    [policy] = answer.headers.getlist("Content-Security-Policy")
    pairs = (piece.strip().partition(" ") for piece in policy.split(";"))
    return {name: value for name, _, value in pairs}


def check(answer: TestResponse, *, secure: bool) -> None:
    """R14, for any answer whatever its status."""
    for name, value in ALWAYS.items():
        assert answer.headers.getlist(name) == [value], name
    policy = directives(answer)
    assert policy["default-src"] == "'none'"
    scripts = policy.get("script-src", policy["default-src"])
    assert scripts in ("'self'", "'none'"), "no inline script, no foreign script"
    assert "object-src" not in policy or policy["object-src"] == "'none'"
    assert policy["frame-ancestors"] in ("'none'", "'self'")
    if "sandbox" in policy:
        assert "allow-scripts" not in policy["sandbox"]
        assert "allow-forms" not in policy["sandbox"]
    else:
        assert policy["form-action"] == "'self'"
        assert policy["base-uri"] == "'none'"
        assert policy["frame-ancestors"] == "'none'"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert policy["require-trusted-types-for"] == "'script'"
    assert not [name for name, _ in answer.headers if name.lower().startswith("access-control-")]
    hsts = answer.headers.get("Strict-Transport-Security", "")
    assert ("max-age=31536000" in hsts and "includeSubDomains" in hsts) is secure


def check_private(answer: TestResponse) -> None:
    """Nothing behind the sign-in is kept by browser or proxy."""
    assert answer.headers["Cache-Control"] == "no-store, no-cache"
    assert "Cookie" in answer.headers["Vary"]


@pytest.fixture
def pick(alice: Person) -> Pick:
    """A message of Alice's."""
    uid = alice.append(letter("One"))
    return Pick(alice.uidvalidity(), uid)  # type: ignore[arg-type]


def visit(visitor: Visitor, route: Route, base: str) -> TestResponse:
    data: dict[str, str] | None = {} if route.method == "POST" else None
    return visitor.client.open(route.path, method=route.method, base_url=base, data=data, buffered=True)


@pytest.mark.parametrize("secure", [True, False])
@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.asvs("3.4.1", "3.4.2", "3.4.3", "3.4.4", "3.4.5", "3.4.6", "14.3.2")
def test_r14_every_address_says_all_of_it_signed_in_or_not(
    settings: Settings, make_app: MakeApp, alice: Person, pick: Pick, secure: bool, inside: bool
) -> None:
    base = "https://localhost" if secure else "http://localhost"
    visitor = Visitor(make_app(replace(settings, secure_cookies=secure, accent="#14578c")), base)
    if inside:
        visitor.sign_in(alice)
        assert visitor.path == "/m/INBOX"
    for route in routes(visitor.app, pick):
        for method in (route.method, "PATCH", "OPTIONS"):
            answer = visit(visitor, replace(route, method=method), base)
            check(answer, secure=secure)
            if route.endpoint not in ("static", "theme", "words"):
                check_private(answer)
            if method == route.method == "GET" and inside and route.endpoint not in OF_OTHER_LETTERS:
                assert answer.status_code < 400, route
            if not inside and route.private and method != "OPTIONS":
                assert answer.status_code in (303, 400, 401, 405), route
                assert b"One" not in answer.data
    for path in ("/nothing", "/m/INBOX/1.1/part/999", "/static/x", "/static/../app.py", "/m/INBOX/" + "9" * 30 + ".1"):
        answer = visitor.client.get(path, base_url=base)
        check(answer, secure=secure)
        check_private(answer)


@pytest.mark.asvs("16.5.1", "16.5.3")
def test_r14_the_fault_nobody_thought_of_says_all_of_it_and_nothing_of_its_cause(app: Flask, alice: Person) -> None:
    class Odd(Exception):
        pass

    def fail() -> str:
        raise (Odd if "twice" in request.args else RuntimeError)("the secret of the house")

    def fail_again(_: Odd) -> str:
        raise RuntimeError("the secret of the house")

    app.add_url_rule("/fail", "fail", fail)
    app.register_error_handler(Odd, fail_again)
    visitor = Visitor(app)
    visitor.sign_in(alice)
    for path in ("/fail", "/fail?twice"):
        answer = visitor.get(path)
        assert answer.status_code == 500
        check(answer, secure=False)
        check_private(answer)
        assert "Something on this site is broken" in visitor.text
        assert "secret" not in visitor.html
        assert "Traceback" not in visitor.html


def test_r14_a_file_of_ours_is_kept_under_its_hash_only_and_sets_no_cookie(visitor: Visitor) -> None:
    html = visitor.get("/login").get_data(as_text=True)
    [style] = re.findall(r'href="(/static/[^"]+base[^"]*\.css)"', html)
    answer = visitor.get(style, buffered=True)
    assert "immutable" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers
    answer = visitor.get(re.sub(r"/static/[^/]+/", "/static/" + "0" * 16 + "/", style), buffered=True)
    assert answer.headers["Cache-Control"] == "no-cache"
    again = visitor.get(style, headers={"If-None-Match": answer.headers["ETag"]}, buffered=True)
    assert again.status_code == 304
    assert "no-store" not in again.headers["Cache-Control"]


@pytest.mark.asvs("1.2.3")
def test_r14_pages_hold_no_inline_script_or_style(visitor: Visitor, alice: Person, pick: Pick) -> None:
    visitor.sign_in(alice)
    for route in routes(visitor.app, pick):
        if route.method == "GET" and route.endpoint not in ("static", "message.body"):
            html = visitor.get(route.path).get_data(as_text=True)
            assert not re.search(
                r"<script(?![^>]* src=)|<style|<[a-z]+ [^>]*\s(?:on[a-z]+|style)=|javascript:", html
            ), route


# --- R30: names and proxies -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["evil.example", "mail.example.org.evil.example", "localhost:8025", "", "a b", "[::1]"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_r30_the_site_answers_to_its_own_names_only(
    settings: Settings, make_app: MakeApp, host: str, method: str
) -> None:
    visitor = Visitor(make_app(replace(settings, trusted_hosts="mail.example.org, post.example.org")))
    for path in ("/login", "/", "/nothing"):
        answer = visitor.client.open(path, method=method, headers={"Host": host})
        assert answer.status_code == 400
        assert host not in answer.get_data(as_text=True) or not host
        check(answer, secure=False)
    answer = visitor.client.get("/login", headers={"Host": "post.example.org"})
    assert answer.status_code == 200


FORGED = {"X-Forwarded-For": "9.9.9.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}


@pytest.mark.parametrize(
    ("hops", "seen"),
    [
        (0, "http://localhost/seen 127.0.0.1"),
        (1, "https://evil.example/seen 9.9.9.9"),
        (2, "http://localhost/seen 127.0.0.1"),
    ],
)
@pytest.mark.asvs("15.3.4")
def test_r30_forwarded_headers_count_exactly_as_many_proxies_as_there_are(
    settings: Settings, make_app: MakeApp, hops: int, seen: str
) -> None:
    app = make_app(replace(settings, proxy_hops=hops))
    app.add_url_rule("/seen", "login.show2", lambda: f"{request.url} {request.remote_addr}")
    app.before_request_funcs[None] = []
    answer = app.test_client().get("/seen", base_url="http://localhost", headers=FORGED)
    assert answer.get_data(as_text=True) == seen


def test_r30_gunicorn_believes_no_header_by_itself_and_hangs_up_at_the_end(app: Flask, settings: Settings) -> None:
    server = wiring.Server(app, settings)
    assert server.cfg.forwarded_allow_ips == []
    pool = app.extensions["pennypost"].pool
    server.cfg.worker_exit(None, None)
    assert pool._stop.is_set()


def test_two_processes_that_start_at_once_have_one_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret-key"
    link = os.link

    def other_was_first(source: str, target: str) -> None:
        Path(target).write_text("the other's", "ascii")
        link(source, target)

    monkeypatch.setattr(os, "link", other_was_first)
    assert wiring._kept_secret(path) == "the other's"
    assert [p.name for p in tmp_path.iterdir()] == ["secret-key"]


@pytest.mark.asvs("13.3.1")
def test_the_secret_is_the_owners_alone_and_stays(tmp_path: Path) -> None:
    made = wiring._kept_secret(tmp_path / "secret-key")
    assert len(made) >= 64
    assert wiring._kept_secret(tmp_path / "secret-key") == made
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


# --- R28, R29: words of the server ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answers",
    [
        {"AUTHENTICATE": "{tag} NO " + MARKUP},
        {"AUTHENTICATE": "{tag} NO [UNAVAILABLE] " + MARKUP},
        {"AUTHENTICATE": "{tag} BAD " + MARKUP},
        {"SELECT": "{tag} NO " + MARKUP},
        {"SELECT": "{tag} NO [SERVERBUG] " + MARKUP},
        {"SELECT": f"* BYE {MARKUP}"},
        {"LIST": f'* LIST () "/" "{MARKUP[:28]}"\n{{tag}} OK done'},
        {"LIST": "{tag} NO " + MARKUP},
        {"SELECT": f"* {MARKUP}\n{{tag}} OK {MARKUP}"},
    ],
)
@pytest.mark.asvs("1.2.1", "3.2.2")
def test_r28_r29_what_a_hostile_server_says_is_text(
    settings: Settings, make_app: MakeApp, scripted: Callable[..., Scripted], alice: Person, answers: dict[str, str]
) -> None:
    server = scripted(answers, greeting="* OK " + MARKUP)
    visitor = Visitor(make_app(replace(settings, imap_port=server.port, command_timeout=2)))
    visitor.sign_in(alice)
    assert "<img src=x" not in visitor.html
    visitor.get("/write")
    assert "<img src=x" not in visitor.html
    assert visitor.status < 500


def test_r28_the_words_are_shown_escaped_cut_and_marked(
    settings: Settings, make_app: MakeApp, scripted: Callable[..., Scripted], alice: Person
) -> None:
    server = scripted({"SELECT": "{tag} NO [CONTACTADMIN] " + MARKUP + "x" * 5000})
    visitor = Visitor(make_app(replace(settings, imap_port=server.port)))
    visitor.sign_in(alice)
    assert visitor.status >= 400
    assert "What the mail server said" in visitor.text
    assert "&lt;img src=x onerror=alert(1)&gt;" in visitor.html
    assert "x" * 301 not in visitor.html


@pytest.mark.parametrize("greeting", ["* BYE " + MARKUP, MARKUP, "* PREAUTH " + MARKUP])
def test_r28_a_hostile_greeting_is_an_error_page_without_markup(
    settings: Settings, make_app: MakeApp, scripted: Callable[..., Scripted], alice: Person, greeting: str
) -> None:
    server = scripted({}, greeting=greeting)
    visitor = Visitor(make_app(replace(settings, imap_port=server.port, command_timeout=2)))
    visitor.sign_in(alice)
    assert visitor.status in (502, 503)
    assert "<img src=x" not in visitor.html
    assert visitor.form("/login").value("user") == alice.address
