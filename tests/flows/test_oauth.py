"""Signing in at a provider in a real browser: there and back, a short-lived token, a grant that is taken back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.conftest import PATIENCE
from tests.flows.hands import wait_for
from tests.servers import granted
from tests.servers.application import Live
from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.granted import LABEL, World
from tests.servers.people import letter
from tests.servers.provider import Provider
from tests.servers.submission import Submission
from webmail.config import Settings


@pytest.fixture
def world(
    settings: Settings, authority: Authority, provider: Provider, submission: Submission,
    another_dovecot: Callable[..., Dovecot],
) -> World:  # fmt: skip
    return granted.world(settings, authority, provider, submission, another_dovecot)


@pytest.fixture
def live(world: World, make_app: Callable[[Settings], Flask]) -> Iterator[Live]:
    server = Live(make_app(replace(world.settings, undo_seconds=3))).start()
    world.provider.redirect_uris = [f"{server.url}/login/back/{LABEL}"]
    yield server
    server.stop()


@pytest.fixture
def page(browser: Browser, scripts: bool) -> Iterator[Page]:
    """The browser trusts the provider of the test, and reports what a policy of ours forbids."""
    context = browser.new_context(
        service_workers="block",
        ignore_https_errors=True,
        java_script_enabled=scripts,
        viewport={"width": 1440, "height": 900},
    )
    context.set_default_timeout(PATIENCE)
    complaints: list[str] = []
    context.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    yield context.new_page()
    context.close()
    assert [text for text in complaints if not text.startswith("Failed to load resource")] == []


def go_there_and_back(page: Page, world: World) -> None:
    """From the sign-in form to wherever the site leads."""
    page.get_by_label("Email address").fill(world.alice.address)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Who are you?").wait_for()
    assert page.url.startswith(world.provider.issuer)
    expect(page.get_by_label("Account")).to_have_value(world.alice.address)
    page.get_by_role("button", name="Allow").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
def test_a_day_with_a_provider(page: Page, live: Live, world: World, scripts: bool) -> None:
    world.alice.append(letter("The ferry"))
    world.provider.life = 8
    page.goto(f"{live.url}/")
    expect(page.get_by_label("Password")).to_have_count(0)
    go_there_and_back(page, world)
    page.wait_for_url("**/m/INBOX")
    page.get_by_role("link", name="The ferry").first.click()
    expect(page.get_by_role("heading", name="The ferry")).to_be_visible()
    # The token is over while a letter is written, and again while it waits to be sent.
    page.goto(f"{live.url}/write")
    page.get_by_label("To", exact=True).fill("bob@example.org")
    page.get_by_label("Subject").fill("On my way")
    ended = world.provider.given[-1].expires
    wait_for(lambda: time.time() > ended)
    world.dovecot.kick(world.alice)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("On my way").first).to_be_visible()
    wait_for(lambda: world.submission.accepted)
    assert world.submission.accepted[0].login == world.alice.login
    assert "refresh_token" in world.provider.asked
    assert page.url.startswith(live.url)
    assert "login" not in page.url

    page.goto(f"{live.url}/write")
    page.get_by_label("To", exact=True).fill("dora@example.net")
    page.get_by_label("Subject").fill("Carried")
    world.provider.revoke_all()
    live.app.extensions["pennypost"].pool.close()
    world.dovecot.kick(world.alice)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Your letter is safe.")).to_be_visible()
    if not scripts:
        # A script may have saved a moment before, and then it was that request which heard why.
        expect(page.get_by_role("alert")).to_contain_text("lets this site into your mail no longer")
    go_there_and_back(page, world)
    expect(page.get_by_label("Subject")).to_have_value("Carried")
    expect(page.get_by_text("You are signed in again.")).to_be_visible()

    page.goto(f"{live.url}/m/INBOX")
    page.locator(".account > summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/bye")
    wait_for(lambda: "revoke" in world.provider.asked)
    assert page.context.cookies(live.url) == []
