"""Two fields are enough: signing in where no map names the servers, reading, writing, and the record of it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from tests.servers.application import Visitor, settings_for
from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.names import IMAP, SMTP, Names
from tests.servers.people import ALICE, Person
from tests.servers.submission import Submission
from tests.servers.zone import Zone, publish
from webmail.config import Settings

MakeApp = Callable[[Settings], Flask]

LOOPBACK = "127.0.0.0/8"


@pytest.fixture
def open_settings(zone: Zone, authority: Authority, names: Names, tmp_path: Path) -> Settings:
    """Any domain, and servers on loopback."""
    given = settings_for(993, 465, authority.ca_file, tmp_path / "state")
    return replace(
        given, imap_host="", smtp_host="", any_domain=True, server_networks=LOOPBACK, nameservers=zone.address
    )


@pytest.fixture
def found_servers(
    zone: Zone, another_dovecot: Callable[..., Dovecot], authority: Authority
) -> Iterator[tuple[Dovecot, Submission]]:
    """Real servers with certificates for the names that the domain publishes."""
    dovecot = another_dovecot(names=("localhost", IMAP))
    submission = Submission(authority, names=("localhost", SMTP)).start()
    publish(zone, dovecot.port, submission.port)
    yield dovecot, submission
    submission.stop()


def sign_in(visitor: Visitor, person: Person) -> Visitor:
    visitor.sign_in(person)
    return visitor


def test_two_fields_are_enough_to_read_and_to_write(
    open_settings: Settings, make_app: MakeApp, found_servers: tuple[Dovecot, Submission], zone: Zone
) -> None:
    dovecot, submission = found_servers
    alice = dovecot.person(ALICE)
    visitor = sign_in(Visitor(make_app(open_settings)), alice)
    assert visitor.path == "/m/INBOX"
    visitor.get("/write")
    visitor.send(visitor.form("/write"), do="send", to="bob@example.org", subject="Found", body="x")
    assert len(submission.accepted) == 1
    # After a restart the record says where, and nobody is asked again.
    asked = len(zone.asked)
    again = Visitor(make_app(open_settings))
    again.client = make_app(open_settings).test_client()
    for name in ("pennypost", "pennypost-key"):
        cookie = visitor.client.get_cookie(name)
        assert cookie is not None
        again.client.set_cookie(name, cookie.value)
    again.get("/m/INBOX")
    assert (again.status, again.path) == (200, "/m/INBOX")
    assert len(zone.asked) == asked


def test_r11_found_servers_with_starttls_are_read_from_and_written_to_after_it(
    open_settings: Settings, make_app: MakeApp, another_dovecot: Callable[..., Dovecot], authority: Authority,
    zone: Zone,
) -> None:  # fmt: skip
    dovecot = another_dovecot(names=("localhost", IMAP))
    smtp = Submission(authority, names=("localhost", SMTP)).start()
    try:
        zone.add("_imap._tcp.example.org", "SRV", f"0 1 {dovecot.starttls_port} {IMAP}.")
        zone.add("_submission._tcp.example.org", "SRV", f"0 1 {smtp.starttls_port} {SMTP}.")
        visitor = sign_in(Visitor(make_app(open_settings)), dovecot.person(ALICE))
        visitor.get("/write")
        visitor.send(visitor.form("/write"), do="send", to="bob@example.org", subject="Found", body="x")
        assert len(smtp.accepted) == 1
    finally:
        smtp.stop()


@pytest.mark.parametrize("what", ["bent", "of another", "the password", "dropped"])
def test_r12_a_record_whose_name_and_server_were_changed_opens_nothing(
    open_settings: Settings, make_app: MakeApp, found_servers: tuple[Dovecot, Submission], what: str
) -> None:
    """Address and server lie sealed in one piece, and the password is sealed together with them."""
    app = make_app(open_settings)
    store = Path(open_settings.state_dir, "sign-ins")
    sign_in(Visitor(app), found_servers[0].person(ALICE))
    [other] = store.glob("*.json")
    visitor = sign_in(Visitor(app), found_servers[0].person(ALICE))
    [path] = set(store.glob("*.json")) - {other}
    record = json.loads(path.read_text())
    name = bytearray(base64.b64decode(record["address"]))
    name[-1] ^= 1
    changed = {
        "bent": base64.b64encode(name).decode(), "of another": json.loads(other.read_text())["address"],
        "the password": record["sealed"],
    }  # fmt: skip
    record["address"] = changed.get(what)
    path.write_text(json.dumps(record))
    visitor.get("/m/INBOX")
    assert visitor.path.startswith("/login")


def test_a_sign_in_at_a_found_server_ends_when_the_administrator_no_longer_wants_that(
    open_settings: Settings, make_app: MakeApp, found_servers: tuple[Dovecot, Submission]
) -> None:
    visitor = sign_in(Visitor(make_app(open_settings)), found_servers[0].person(ALICE))
    closed = Visitor(make_app(replace(open_settings, any_domain=False, domains={})))
    for name in ("pennypost", "pennypost-key"):
        closed.client.set_cookie(name, visitor.client.get_cookie(name).value)  # type: ignore[union-attr]
    closed.get("/m/INBOX")
    assert closed.path.startswith("/login")


def test_r23_without_the_networks_of_the_administrator_the_same_server_is_inside(
    open_settings: Settings, make_app: MakeApp, found_servers: tuple[Dovecot, Submission]
) -> None:
    visitor = Visitor(make_app(replace(open_settings, server_networks="")))
    sign_in(visitor, found_servers[0].person(ALICE))
    assert visitor.status == 502
    assert "names a mail server where this site connects to none" in visitor.text
    assert visitor.form("/login").value("user") == ALICE.address


def test_the_map_of_the_administrator_comes_before_what_a_domain_says(
    open_settings: Settings, make_app: MakeApp, settings: Settings, alice: Person, zone: Zone, names: Names
) -> None:
    names.lead("localhost", "127.0.0.1")
    publish(zone, 1, 1)
    mapped = {"example.org": settings.server_for("example.org")}
    visitor = sign_in(Visitor(make_app(replace(open_settings, domains=mapped))), alice)  # type: ignore[arg-type]
    assert visitor.path == "/m/INBOX"
    assert zone.asked == []


def test_what_is_not_found_is_said_and_what_does_not_answer_too(
    open_settings: Settings, make_app: MakeApp, zone: Zone, names: Names
) -> None:
    visitor = Visitor(make_app(open_settings))
    for address, status, words in (
        ("alice@nothing.example", 401, "No mail server is set up here for this address"),
        ("alice@127.0.0.1", 401, "No mail server is set up here for this address"),
        ("alice@example.org", 502, "It does not answer at its address"),
    ):
        zone.add("_imaps._tcp.example.org", "SRV", f"0 1 1 {IMAP}.")
        zone.add("_submissions._tcp.example.org", "SRV", f"0 1 1 {SMTP}.")
        visitor.get("/login")
        visitor.send(visitor.form("/login"), user=address, password="x")
        assert (visitor.status, words in visitor.text) == (status, True), address
        assert visitor.form("/login").value("user") == address


def test_without_the_setting_nobody_is_asked(
    settings: Settings, make_app: MakeApp, zone: Zone, names: Names, alice: Person
) -> None:
    visitor = Visitor(make_app(replace(settings, imap_host="", domains={}, nameservers=zone.address)))
    visitor.sign_in(alice)
    assert visitor.status == 401
    assert (zone.asked, names.asked) == ([], [])


def test_r15_who_keeps_found_servers_busy_keeps_nobody_of_the_map_out(
    open_settings: Settings, make_app: MakeApp, settings: Settings, alice: Person, names: Names
) -> None:
    names.lead("localhost", "127.0.0.1")
    app = make_app(replace(open_settings, threads=8, domains={"example.org": settings.server_for("example.org")}))  # type: ignore[dict-item]
    finder = app.extensions["pennypost"].finder
    with finder.turn(), finder.turn():
        stranger = Visitor(app)
        stranger.get("/login")
        stranger.send(stranger.form("/login"), user="x@slow.example", password="x")
        assert (stranger.status, "did not answer in time" in stranger.text) == (504, True)
        assert sign_in(Visitor(app), alice).path == "/m/INBOX"
