"""What an operator sees: whether the site is well, figures of it for whoever knows the token, and nobody's name."""

from __future__ import annotations

import io
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import TestResponse

from tests.servers.application import Visitor
from tests.servers.dovecot import Dovecot
from tests.servers.people import Person, letter
from tests.servers.submission import Submission
from tests.views.test_factor import MakeApp
from webmail.config import ConfigError, Settings, load

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "0123456789abcdef01234567"
Sample = tuple[str, dict[str, str], float]


@pytest.fixture
def measured(settings: Settings, make_app: MakeApp) -> Flask:
    return make_app(replace(settings, metrics_token=TOKEN))


def scrape(app: Flask, token: str = TOKEN) -> TestResponse:
    return app.test_client().get("/metrics", headers={"Authorization": f"Bearer {token}"})


def samples(app: Flask) -> list[Sample]:
    text = scrape(app).get_data(as_text=True)
    families = text_string_to_metric_families(text)
    return [(one.name, dict(one.labels), one.value) for family in families for one in family.samples]


def value(found: list[Sample], name: str, **labels: str) -> float:
    return sum(number for called, told, number in found if called == name and labels.items() <= told.items())


def use(app: Flask, person: Person) -> Visitor:
    """Somebody signs in, reads, searches, sends, and fails at all of it, too."""
    uid = person.append(
        letter("Canary subject", sender="canary@example.net", text="<p>Canary</p>", extra="Content-Type: text/html\r\n")
    )
    person.create("Canaryfolder")
    visitor = Visitor(app)
    visitor.get("/login")
    visitor.send(visitor.form("/login"), user="canary@example.org", password="wrong")
    visitor.sign_in(person)
    where = f"/m/INBOX/{person.uidvalidity('INBOX')}.{uid}"
    for path in (where, f"{where}/body", "/m/Canaryfolder", "/m/Canarynothing", "/canary"):
        visitor.get(path)
    visitor.get("/write")
    visitor.send(visitor.form("/write"), do="send", to="bob@example.org", subject="Canary", body="Canary")
    return visitor


@pytest.mark.asvs("13.4.5")
def test_r17_figures_name_nobody_and_nothing_of_anybodys(
    measured: Flask, alice: Person, submission: Submission
) -> None:
    use(measured, alice)
    assert submission.accepted
    text = scrape(measured).get_data(as_text=True)
    for word in ("canary", "alice", "example", "INBOX", "127.0.0.1"):
        assert word.lower() not in text.lower(), word
    told = {label: number for _, labels, number in samples(measured) for label in labels}
    assert set(told) <= {"endpoint", "status", "command", "outcome", "state", "limit", "le", "version"}


def test_everything_that_an_operator_asks_for_is_counted(
    measured: Flask, alice: Person, submission: Submission
) -> None:
    use(measured, alice)
    found = samples(measured)
    assert value(found, "pennypost_requests_total", endpoint="message.show", status="200") == 1
    assert value(found, "pennypost_requests_total", endpoint="none", status="404") == 1
    assert value(found, "pennypost_request_seconds_count", endpoint="message.show") == 1
    assert value(found, "pennypost_requests_in_progress") == 0
    assert value(found, "pennypost_imap_command_seconds_count", command="SIGN-IN", outcome="OK") >= 1
    assert value(found, "pennypost_imap_command_seconds_count", command="SIGN-IN", outcome="NO") == 1
    assert value(found, "pennypost_imap_command_seconds_count", command="UID FETCH", outcome="OK") >= 2
    assert value(found, "pennypost_imap_command_seconds_count", command="SELECT", outcome="NO") >= 1
    assert value(found, "pennypost_imap_connections") >= 1
    assert value(found, "pennypost_imap_connections") == value(found, "pennypost_imap_connections_idle")
    assert value(found, "pennypost_clean_seconds_count") >= 1
    assert [value(found, "pennypost_letters_total", state=state) for state in ("held", "sending", "done")] == [1, 1, 1]
    assert value(found, "process_resident_memory_bytes") > 1e6
    assert value(found, "pennypost_threads") >= 1


def test_a_limit_that_was_hit_is_counted(settings: Settings, make_app: MakeApp, alice: Person) -> None:
    app = make_app(replace(settings, metrics_token=TOKEN, limit_sign_in=1, limit_search=1))
    visitor = Visitor(app)
    for _ in range(3):
        visitor.get("/login")
        visitor.send(visitor.form("/login"), user="nobody@example.org", password="wrong")
    visitor.sign_in(alice)
    for _ in range(3):
        visitor.get("/search")
        visitor.send(visitor.form("/search"), q="apples")
    found = samples(app)
    assert value(found, "pennypost_limits_hit_total", limit="sign-in") == 2
    assert value(found, "pennypost_limits_hit_total", limit="search") == 2


def test_a_lost_answer_is_counted_as_lost(measured: Flask, dovecot: Dovecot, alice: Person) -> None:
    visitor = Visitor(measured)
    visitor.sign_in(alice)
    dovecot.halt()
    try:
        visitor.get("/m/INBOX")
        assert visitor.status == 502
    finally:
        dovecot.resume()
    found = samples(measured)
    assert value(found, "pennypost_imap_command_seconds_count", command="SIGN-IN", outcome="LOST") >= 1


@pytest.mark.asvs("13.4.5")
def test_without_a_token_there_are_no_figures_and_with_another_none_are_shown(app: Flask, measured: Flask) -> None:
    assert scrape(app).status_code == 404
    assert scrape(app, "").status_code == 404
    for token in ("", "another", TOKEN[:-1], TOKEN + "0", "\u00e4"):
        answer = scrape(measured, token)
        assert (answer.status_code, answer.get_data()) == (401, b"a token is needed\n")
    assert scrape(measured).headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert scrape(measured).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("token", ["short", "x" * 23, "with space" * 4, "ümlaut" * 6])
def test_a_token_that_can_be_guessed_stops_the_start(token: str) -> None:
    with pytest.raises(ConfigError, match="METRICS_TOKEN"):
        load({"PENNYPOST_IMAP_HOST": "mail.example.org", "PENNYPOST_METRICS_TOKEN": token})


def test_a_balancer_is_told_whether_the_process_lives_and_can_serve(settings: Settings, make_app: MakeApp) -> None:
    app = make_app(replace(settings, trusted_hosts="mail.example.org"))
    client = app.test_client()

    def ask(path: str) -> tuple[int, str]:
        answer = client.get(path, base_url="http://10.0.0.7:8025")
        return answer.status_code, answer.get_data(as_text=True)

    assert ask("/healthz") == (200, "ok\n")
    assert ask("/healthz/ready") == (200, "ready\n")
    assert client.head("/healthz").status_code == 200
    assert client.post("/healthz").status_code == 405
    assert "Set-Cookie" not in client.get("/healthz").headers
    state = Path(settings.state_dir)
    shutil.rmtree(state)
    assert ask("/healthz/ready") == (200, "ready\n"), "it may be deleted at any time"
    assert state.stat().st_mode & 0o777 == 0o700
    state.rmdir()
    state.write_text("no directory")
    assert ask("/healthz/ready") == (503, "the state directory cannot be written\n")
    state.unlink()
    app.extensions["pennypost"].watcher.close()
    assert ask("/healthz/ready") == (503, "ending\n")
    assert ask("/healthz") == (200, "ok\n")


def test_whoever_deletes_the_state_costs_people_a_sign_in_and_no_restart(
    app: Flask, settings: Settings, alice: Person, submission: Submission
) -> None:
    visitor = Visitor(app)
    visitor.sign_in(alice)
    shutil.rmtree(settings.state_dir)
    visitor.get("/m/INBOX")
    assert visitor.path.startswith("/login")
    visitor.sign_in(alice)
    visitor.get("/write")
    upload = (io.BytesIO(b"plans"), "plans.txt")
    visitor.send(visitor.form("/write"), do="send", to="bob@example.org", subject="Plans", body="Here.", att=upload)
    assert [b"plans.txt" in one.raw for one in submission.accepted] == [True]


def test_the_dashboard_shows_every_figure_of_ours_and_no_other(measured: Flask) -> None:
    told = scrape(measured).get_data(as_text=True)
    there = set(re.findall(r"^# TYPE (\w+)", told, re.M))
    board = json.loads((ROOT / "deploy" / "grafana.json").read_text("utf-8"))
    asked = "\n".join(target["expr"] for panel in board["panels"] for target in panel["targets"])
    names = {re.sub(r"_(bucket|count)$", "", name) for name in re.findall(r"\b(?:pennypost|process)_\w+", asked)}
    ours = {name for name in there if name.startswith("pennypost_") and not name.endswith("_created")}
    assert names - there == set()
    assert ours - names == set()
