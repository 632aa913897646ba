"""Two machines of one site: whoever is signed in at one is at the other, and out of both at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from tests.imap.lending import wait_until
from tests.servers.application import Live, Visitor, forms_of
from tests.servers.people import Person, letter
from tests.servers.submission import Submission
from tests.servers.valkey import PASSWORD, Valkey
from tests.test_sessions import command
from tests.views.test_compose import write
from tests.views.test_events import Stream
from webmail import config
from webmail.config import Settings
from webmail.shared import link

MakeApp = Callable[[Settings], Flask]
SECRET = "the same secret on all the machines"


@pytest.fixture
def own() -> Iterator[Valkey]:
    """One that this test may stop."""
    server = Valkey().start()
    yield server
    server.stop()


@pytest.fixture
def node(settings: Settings, make_app: MakeApp, tmp_path: Path) -> Callable[..., Visitor]:
    """Somebody at another machine of the site, with the cookies of a browser that was elsewhere before."""
    made: list[Flask] = []

    def at(shared: Valkey, browser: Visitor | None = None, **more: int) -> Visitor:
        own = replace(
            settings, state_dir=str(tmp_path / str(len(made))), shared=shared.url, secret_key=SECRET, **more
        )  # fmt: skip
        made.append(make_app(own))
        visitor = Visitor(made[-1])
        if browser is not None:
            visitor.client._cookies = browser.client._cookies
        return visitor

    return at


def test_who_signs_in_at_one_is_signed_in_at_all_and_signs_out_of_all(
    node: Callable[..., Visitor], valkey: Valkey, alice: Person
) -> None:
    first = node(valkey)
    second = node(valkey, first)
    first.sign_in(alice)
    assert second.client.get("/m/INBOX").status_code == 200
    second.get("/settings/sessions")
    assert "This" in second.text or "now" in second.text
    second.send(second.form("/logout"))
    assert first.client.get("/m/INBOX").status_code == 303


@pytest.mark.asvs("7.4.1")
def test_a_stream_elsewhere_ends_as_soon_as_somebody_signs_out(
    node: Callable[..., Visitor], valkey: Valkey, alice: Person
) -> None:
    first = node(valkey)
    second = node(valkey, first)
    first.sign_in(alice)
    live = Live(second.app).start()
    stream = Stream(live, first)
    try:
        stream.until(lambda kind, data: kind == "counts")
        time.sleep(0.5)
        began = time.monotonic()
        first.get("/m/INBOX")
        first.send(first.form("/logout"))
        ended = stream.until(lambda kind, data: kind == "ended")[-1]
        assert ended == ("ended", {"why": "signed-out"})
        assert time.monotonic() - began < 2, "without waiting for the next look"
    finally:
        stream.close()
        live.stop()


def test_guesses_are_counted_for_all_machines_together(
    node: Callable[..., Visitor], valkey: Valkey, alice: Person
) -> None:
    visitors = [node(valkey, limit_sign_in=3), node(valkey, limit_sign_in=3)]
    seen = []
    for number in range(4):
        visitor = visitors[number % 2]
        visitor.get("/login")
        visitor.send(visitor.form("/login"), user=alice.address, password="wrong")
        seen.append(visitor.status)
    assert seen == [401, 401, 401, 429]


def test_an_administrator_ends_sign_ins_on_all_machines(
    node: Callable[..., Visitor], own: Valkey, settings: Settings, alice: Person
) -> None:
    first = node(own)
    first.sign_in(alice)
    more = {"PENNYPOST_SHARED": own.url, "PENNYPOST_SECRET_KEY": SECRET}
    assert command(settings, "end", alice.address, **more) == (0, "1 sign-in was ended.\n")
    assert first.client.get("/m/INBOX").status_code == 303
    own.kill()
    code, said = command(settings, "end", "--all", **more)
    assert (code, said.splitlines()[-1].count("PENNYPOST_SHARED")) == (1, 1)
    assert PASSWORD not in said


def test_a_letter_that_waits_at_another_machine_is_shown_and_taken_back(
    node: Callable[..., Visitor], valkey: Valkey, alice: Person, submission: Submission
) -> None:
    first = node(valkey, undo_seconds=3)
    second = node(valkey, first, undo_seconds=3)
    first.sign_in(alice)
    write(first, to="bob@example.org", subject="Held", body="x")
    second.get("/m/INBOX")
    assert "Sending in" in second.text
    [form] = [form for form in forms_of(second.html) if form.action.startswith("/outbox/")]
    [undo] = [action for _, _, action in form.buttons if action.endswith("/undo")]
    second.send(form, action=undo)
    assert "Taken back" in second.text or second.path.endswith("/edit")
    time.sleep(4)
    assert submission.accepted == []
    first.get("/outbox")
    assert "Nothing waits" in first.text
    assert [message.header("Subject") for message in alice.messages("Drafts")] == ["Held"]


def test_while_it_is_away_one_reads_on_and_is_told_what_cannot_be_done(
    node: Callable[..., Visitor], own: Valkey, alice: Person, submission: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "_REST", 0.05)
    alice.append(letter("Hello"))
    first = node(own)
    second = node(own, first)
    first.sign_in(alice)
    assert first.client.get("/healthz/ready").status_code == 200
    form = (first.get("/write"), first.form("/write"))[1]
    own.kill()
    assert first.client.get("/healthz").status_code == 200
    assert first.client.get("/healthz/ready").status_code == 503
    first.get("/m/INBOX")
    assert first.status == 200
    assert "Hello" in first.text
    first.send(form, to="bob@example.org", subject="Now", body="typed", do="send")
    assert first.status == 503
    assert "could not write down that it is about to send" in first.text
    assert "typed" in first.html, "the letter is still there"
    # A machine that has not seen them cannot know who they are, and does not say that they are nobody.
    second.get("/m/INBOX")
    assert second.status == 503
    assert "Part of this site is away" in second.text
    second.get("/login")
    assert second.status == 200
    second.send(second.form("/login"), user=alice.address, password=alice.password)
    assert second.status == 503
    assert "where all machines of this site keep who is signed in does not answer" in second.text
    first.get("/m/INBOX")
    first.send(first.form("/logout"))
    assert first.status == 503, "signing out is not pretended"
    assert submission.accepted == []
    own.start()
    wait_until(lambda: first.client.get("/healthz/ready").status_code == 200)
    assert second.client.get("/m/INBOX").status_code == 200
    form = (first.get("/write"), first.form("/write"))[1]
    first.send(form, to="bob@example.org", subject="Again", body="typed", do="send")
    assert [taken.raw.count(b"Subject: Again") for taken in submission.accepted] == [1]


def test_a_letter_waits_for_it_to_be_back(
    node: Callable[..., Visitor], own: Valkey, alice: Person, submission: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It went away between "Send" and sending."""
    monkeypatch.setattr(link, "_REST", 0.05)
    monkeypatch.setattr("webmail.actions.outbox._AGAIN", (1.0,) * 8)
    first = node(own, undo_seconds=1)
    first.sign_in(alice)
    write(first, to="bob@example.org", subject="Held", body="x")
    own.kill()
    time.sleep(2)
    assert submission.accepted == []
    own.start()
    wait_until(lambda: len(submission.accepted) == 1, 15)
    wait_until(lambda: len(alice.messages("Sent")) == 1, 15)


def test_settings_without_a_common_secret_or_with_another_kind_of_address_are_refused() -> None:
    site = {"PENNYPOST_IMAP_HOST": "localhost", "PENNYPOST_SHARED": f"redis://:{PASSWORD}@localhost"}
    with pytest.raises(config.ConfigError, match="PENNYPOST_SECRET_KEY"):
        config.load(site)
    assert config.load(site | {"PENNYPOST_SECRET_KEY": SECRET}).shared
    for url in (f"http://:{PASSWORD}@localhost", f"{PASSWORD}", "redis://", "unix://"):
        with pytest.raises(config.ConfigError, match="PENNYPOST_SHARED") as told:
            config.load(site | {"PENNYPOST_SECRET_KEY": SECRET, "PENNYPOST_SHARED": url})
        assert PASSWORD not in str(told.value)
