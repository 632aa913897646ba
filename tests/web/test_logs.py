"""R17: what is in no log. Every logger at DEBUG while a session reads, sends, fails, and meets a fault of ours."""

from __future__ import annotations

import http.cookiejar
import io
import json
import logging
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from tests.servers.application import Live, Visitor
from tests.servers.people import Person, letter
from tests.servers.submission import Submission
from tests.views.test_factor import MakeApp
from tests.web.every import token_of
from webmail.config import Settings
from webmail.web import logs as lines

SUBJECT, BODY, NAME, FOLDER, WRONG = "canarysubject", "canarybody", "canaryname", "Canaryfolder", "canarywrongpassword"
NOBODY = "canaryaddress@example.org"
SECRETS = (SUBJECT, BODY, NAME, WRONG, NOBODY, "canaryaddress", "canarysender", "canaryfault", "canarybcc")
THEIRS = ("mail.", "mail", "asyncio", "aiosmtpd")
"""Loggers of the test servers, which run in the same process."""


class Everything(logging.Handler):
    """Keeps each record as it would be written, traceback and all."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[tuple[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append((record.name, f"{self.format(record)} {record.args!r} {record.__dict__.get('exc_text')}"))

    def holding(self, word: str, *besides: str) -> list[tuple[str, str]]:
        quiet = (*THEIRS, *besides)
        return [line for line in self.lines if word.lower() in line[1].lower() and not line[0].startswith(quiet)]


@pytest.fixture
def logs() -> Iterator[Everything]:
    """All loggers that exist, opened wide."""
    handler, root = Everything(), logging.getLogger()
    known = [root, *(one for one in root.manager.loggerDict.values() if isinstance(one, logging.Logger))]
    before = [(one, one.level, one.disabled) for one in known]
    for one in known:
        one.setLevel(logging.DEBUG)
        one.disabled = False
    root.addHandler(handler)
    yield handler
    root.removeHandler(handler)
    for one, level, disabled in before:
        one.setLevel(level)
        one.disabled = disabled


@pytest.mark.asvs("16.2.5", "16.4.1")
def test_r17_nothing_that_is_somebodys_reaches_a_log(
    app: Flask, logs: Everything, alice: Person, submission: Submission
) -> None:
    def fault() -> str:
        raise RuntimeError("canaryfault of canarysender@example.net")

    app.add_url_rule("/fault", "fault", fault)
    alice.create(FOLDER)
    extra = f'Content-Disposition: inline; filename="{NAME}.txt"\r\n'
    uid = alice.append(letter(SUBJECT, sender="canarysender@example.net", text=BODY + "\r\n", extra=extra), FOLDER)
    where = f"/m/{FOLDER}/{alice.uidvalidity(FOLDER)}.{uid}"
    logs.lines.clear()  # the client of the test writes down what it does
    visitor = Visitor(app)
    for user, password in ((NOBODY, WRONG), (alice.address, WRONG), ("canaryaddress", WRONG), (NOBODY + "\r\n", WRONG)):
        visitor.get("/login")
        visitor.send(visitor.form("/login"), user=user, password=password)
        assert visitor.status == 401
    visitor.sign_in(alice)
    for path in (f"/m/{FOLDER}", where, f"{where}/body", f"{where}/part/1", f"{where}/part/9", f"{where}/source",
                 f"{where}/eml", f"{where}/reply", "/m/INBOX/1.1", "/nothing", "/fault"):  # fmt: skip
        visitor.get(path)
    assert visitor.status == 500
    for to in ("bob@example.org", "reject@example.net", "datafail@example.net", f"{NAME} at {NOBODY} broken"):
        visitor.get("/write")
        visitor.send(visitor.form("/write"), do="send", to=to, bcc="canarybcc@example.net", subject=SUBJECT, body=BODY,
            att=(io.BytesIO(BODY.encode()), f"{NAME}.bin"))  # fmt: skip
    visitor.get("/m/Drafts")
    visitor.send(visitor.form("/logout"))
    assert submission.accepted
    assert logs.holding("incident"), "the fault itself is recorded"
    assert logs.holding("PartMissing"), "and what was refused, by its name"
    for secret in (*SECRETS, alice.password, alice.address, "example.net", FOLDER):
        assert logs.holding(secret) == [], secret


@pytest.mark.asvs("14.2.1", "16.2.5")
def test_r17_access_lines_hold_folder_names_and_numbers_only(live: Live, logs: Everything, alice: Person) -> None:
    alice.create(FOLDER)
    uid = alice.append(letter(SUBJECT, sender="canarysender@example.net", text=BODY + "\r\n"), FOLDER)
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def ask(path: str, **data: str) -> str:
        body = urllib.parse.urlencode(data).encode() if data else None
        try:
            with opener.open(urllib.parse.urljoin(live.url, path), body, timeout=20) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return str(error.read().decode())

    where = f"/m/{FOLDER}/{alice.uidvalidity(FOLDER)}.{uid}"
    logs.lines.clear()
    page = ask(where)
    ask("/login", csrf_token=token_of(page), user=NOBODY, password=WRONG)
    page = ask("/login", csrf_token=token_of(page), user=alice.address, password=alice.password, next=where)
    assert SUBJECT in page
    page = ask(f"/m/{FOLDER}?only=unread")
    form = {"csrf_token": token_of(page), "do": "send", "to": "bob@example.org", "subject": SUBJECT, "body": BODY}
    assert "Sent." in ask("/write", **form)
    ask(f"{where}/source")
    lines = [text for name, text in logs.lines if name == "werkzeug" and "HTTP/1.1" in text]
    assert len(lines) >= 8
    assert logs.holding(FOLDER, "werkzeug") == []
    for secret in (*SECRETS, alice.password, alice.address, urllib.parse.quote(alice.address)):
        assert logs.holding(secret) == [], secret
    for line in lines:
        asked = re.search(r"[A-Z]+ (/\S*) HTTP", line)
        assert asked
        plain = re.sub(
            r"/static/\S+|csrf|login|next|write|logout|body|source|only|unread|INBOX|Sent|Drafts", "", asked[1]
        )
        assert re.fullmatch(rf"(?:{FOLDER}|[/?=&.0-9m%F])*", plain.replace("%2F", "/")), asked[1]


@pytest.mark.asvs("16.2.1")
def test_a_fault_has_one_number_on_the_page_in_the_log_and_in_the_answer(
    app: Flask, logs: Everything, alice: Person
) -> None:
    app.add_url_rule("/fault", "fault", lambda: 1 // 0)
    visitor = Visitor(app)
    visitor.sign_in(alice)
    logs.lines.clear()
    answer = visitor.client.get("/fault")
    found = re.search(r'class="request-number">([0-9a-f]{16})<', answer.get_data(as_text=True))
    assert found
    assert answer.headers["X-Request-ID"] == found[1]
    assert logs.holding(f"incident {found[1]}: ZeroDivisionError")
    assert visitor.client.get("/fault").headers["X-Request-ID"] != found[1]


@pytest.mark.parametrize(
    ("hops", "given", "taken"),
    [
        (1, "a1b2c3d4-from-nginx", True),
        (0, "a1b2c3d4-from-nginx", False),
        (1, "x" * 65, False),
        (1, "a b\tc d e", False),
    ],
)
def test_r30_a_number_is_taken_from_a_proxy_of_ours_alone(
    settings: Settings, make_app: MakeApp, hops: int, given: str, taken: bool
) -> None:
    app = make_app(replace(settings, proxy_hops=hops))
    answer = app.test_client().get("/nothing", headers={"X-Request-ID": given})
    assert (answer.headers["X-Request-ID"] == given) is taken


@pytest.mark.parametrize("kind", ["text", "json"])
def test_r17_lines_of_requests_are_pages_and_numbers(
    app: Flask, alice: Person, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As they are written to standard error, with the settings that say the most."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        lines.start(kind, requests=True)
        visitor = Visitor(app)
        alice.create(FOLDER)
        visitor.sign_in(alice)
        visitor.get(f"/m/{FOLDER}")
        visitor.get("/m/Canarynothing")
        logging.getLogger("library").error("%s", "two\nlines", exc_info=ValueError("canarybody"))
    finally:
        root.handlers[:] = before
        root.setLevel(level)
        lines.log.setLevel(logging.NOTSET)
    written = capsys.readouterr().err.splitlines()
    if kind == "json":
        told = [json.loads(line) for line in written]
        [shown] = [one for one in told if one.get("page") == "mailbox.show" and one["status"] == 200][-1:]
        assert (shown["method"], shown["level"]) == ("GET", "INFO")
        assert re.fullmatch("[0-9a-f]{16}", shown["request"])
        assert shown["ms"] > 0
    else:
        line = r"\S+ (INFO|WARNING|ERROR) [\w.]+ \[([0-9a-f]{16}|-)\] .*"
        assert [one for one in written if not re.fullmatch(line, one)] == []
        assert [one for one in written if re.search(r"method=GET page=mailbox.show status=200 ms=[\d.]+$", one)]
    assert [one for one in written if "two lines (ValueError)" in one]
    for secret in ("canary", alice.address, alice.password, FOLDER):
        assert [one for one in written if secret.lower() in one.lower()] == [], secret
