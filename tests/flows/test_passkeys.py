"""Passkeys in a real browser with a virtual device: one touch opens the mail, and nothing kept opens it alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import CDPSession, Page, expect

from tests.flows.hands import SAVED, wait_for
from tests.servers.application import Live
from tests.servers.dovecot import Dovecot
from tests.servers.people import Person, letter
from webmail.config import Settings

MakeApp = Callable[[Settings], Flask]


class Keyring:
    """A virtual device of this page (CTAP 2.1 with PRF)."""

    def __init__(self, page: Page, **other: Any) -> None:
        self.session: CDPSession = page.context.new_cdp_session(page)
        self.session.send("WebAuthn.enable")
        usual = {
            "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": True,
            "hasUserVerification": True, "hasPrf": True, "isUserVerified": True, "automaticPresenceSimulation": True,
        }  # fmt: skip
        made = self.session.send("WebAuthn.addVirtualAuthenticator", {"options": usual | other})
        self.id = {"authenticatorId": made["authenticatorId"]}

    def credentials(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.session.send("WebAuthn.getCredentials", self.id)["credentials"]
        return found

    def forget(self) -> None:
        self.session.send("WebAuthn.clearCredentials", self.id)

    def recognise(self, owner: bool) -> None:
        self.session.send("WebAuthn.setUserVerified", self.id | {"isUserVerified": owner})


@pytest.fixture
def here(live: Live) -> str:
    """The site by a name, for numbers have no passkeys."""
    return live.url.replace("127.0.0.1", "localhost")


@pytest.fixture
def keyring(page: Page) -> Keyring:
    return Keyring(page)


def sign_in(page: Page, here: str, person: Person, password: str = "") -> None:
    page.goto(f"{here}/login")
    page.get_by_label("Email address").fill(person.address)
    page.get_by_label("Password").fill(password or person.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/m/INBOX")


def sign_out(page: Page) -> None:
    page.locator("summary.av").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/bye")


def make(page: Page, here: str, person: Person, name: str = "My laptop") -> None:
    """Make a passkey on the page that the account menu offers."""
    page.locator("summary.av").click()
    page.get_by_role("link", name="Sign in with a touch").click()
    page.wait_for_url("**/passkeys")
    page.get_by_label("Your mail password, once more").fill(person.password)
    page.get_by_label("Name of this device").fill(name)
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_text("The passkey is ready.").first).to_be_visible()
    expect(page.locator(".passkeys b", has_text=name)).to_be_visible()


def touch(page: Page, here: str) -> None:
    page.goto(f"{here}/login")
    page.get_by_role("button", name="Sign in with a passkey").click()


def bodies(page: Page) -> list[str]:
    """What the page posts from now on."""
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.post_data or "") if asked.method == "POST" else None)
    return sent


def test_one_touch_opens_the_mail_and_nothing_that_is_kept_opens_it_alone(
    page: Page, here: str, bob: Person, keyring: Keyring, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """R12. Bob's password is an awkward one."""
    bob.append(letter("Read by touch"))
    sign_in(page, here, bob)
    sent = bodies(page)
    make(page, here, bob)
    [kept] = keyring.credentials()
    assert kept["isResidentCredential"]
    assert kept["rpId"] == "localhost"
    # Only the first question of the page holds the password: the answers hold no secret of the device.
    assert len([body for body in sent if "password=" in body]) == 1
    assert not [body for body in sent if "prf" in body or "results" in body]
    sign_out(page)
    whole = b"".join(path.read_bytes() for path in Path(settings.state_dir).rglob("*") if path.is_file())
    for cookie in page.context.cookies():
        whole += cookie.get("value", "").encode()
    assert bob.password.encode() not in whole
    assert bob.address.encode() not in whole
    assert page.evaluate("Object.keys(localStorage).length + Object.keys(sessionStorage).length") == 0
    # Another device of the same make, with nothing on it, gets nothing out of the same store.
    sent = bodies(page)
    touch(page, here)
    page.wait_for_url("**/m/INBOX")
    expect(page.get_by_role("link", name=re.compile("Read by touch"))).to_be_visible()
    assert not [body for body in sent if "prf" in body or "results" in body]
    sign_out(page)
    keyring.forget()
    touch(page, here)
    expect(page.get_by_text("No passkey was used.")).to_be_visible()
    assert bob.password not in caplog.text


def test_where_its_owner_is_not_recognised_it_opens_nothing(
    page: Page, here: str, alice: Person, keyring: Keyring, settings: Settings
) -> None:
    sign_in(page, here, alice)
    make(page, here, alice)
    sign_out(page)
    keyring.recognise(False)
    touch(page, here)
    expect(page.get_by_text("No passkey was used.")).to_be_visible()
    assert not list(Path(settings.state_dir, "sign-ins").glob("*.json"))


def test_r12_one_octet_changed_and_the_box_stays_shut(
    page: Page, here: str, alice: Person, keyring: Keyring, settings: Settings
) -> None:
    sign_in(page, here, alice)
    make(page, here, alice)
    sign_out(page)
    [path] = Path(settings.state_dir, "passkeys").glob("*.json")
    told = json.loads(path.read_text())
    sealed = told["passkeys"][0]["sealed"]
    told["passkeys"][0]["sealed"] = sealed[:80] + ("A" if sealed[80] != "A" else "B") + sealed[81:]
    path.write_text(json.dumps(told))
    touch(page, here)
    expect(page.get_by_text("does not open: it was changed, or is damaged")).to_be_visible()
    assert "/login" in page.url


def test_a_box_of_one_person_does_not_open_with_the_passkey_of_another(
    page: Page, here: str, alice: Person, bob: Person, keyring: Keyring, settings: Settings
) -> None:
    """Somebody who may write into the store gives Alice the box of Bob."""
    for person in (alice, bob):
        sign_in(page, here, person)
        make(page, here, person)
        sign_out(page)
    paths = list(Path(settings.state_dir, "passkeys").glob("*.json"))
    told = [json.loads(path.read_text()) for path in paths]
    boxes = [each["passkeys"][0]["sealed"] for each in told]
    for path, each, box in zip(paths, told, reversed(boxes), strict=True):
        each["passkeys"][0]["sealed"] = box
        path.write_text(json.dumps(each))
    touch(page, here)
    expect(page.get_by_text("does not open: it was changed, or is damaged")).to_be_visible()


def test_after_a_new_password_update_locks_it_in(
    page: Page, here: str, charlie: Person, keyring: Keyring, dovecot: Dovecot
) -> None:
    sign_in(page, here, charlie)
    make(page, here, charlie)
    sign_out(page)
    dovecot.set_password(charlie.login, "quite new: 1")
    try:
        touch(page, here)
        expect(page.get_by_text("no longer accepts the password that your passkey unlocks")).to_be_visible()
        sign_in(page, here, charlie, "quite new: 1")
        page.goto(f"{here}/passkeys")
        page.get_by_label("Your mail password, once more").fill(charlie.password)
        page.get_by_role("button", name="Update").click()
        expect(page.get_by_text("This is not the password that you signed in with.")).to_be_visible()
        page.get_by_label("Your mail password, once more").fill("quite new: 1")
        page.get_by_role("button", name="Update").click()
        expect(page.get_by_text("The passkey is ready.").first).to_be_visible()
        sign_out(page)
        touch(page, here)
        page.wait_for_url("**/m/INBOX")
    finally:
        dovecot.set_password(charlie.login, charlie.password)


def test_a_device_without_the_secret_makes_none(page: Page, here: str, alice: Person, settings: Settings) -> None:
    Keyring(page, hasPrf=False)
    sign_in(page, here, alice)
    page.goto(f"{here}/passkeys")
    page.get_by_label("Your mail password, once more").fill(alice.password)
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_text("none that can unlock a password")).to_be_visible()
    assert not list(Path(settings.state_dir, "passkeys").glob("*.json"))


def test_a_letter_goes_on_after_a_touch(
    page: Page, here: str, alice: Person, keyring: Keyring, settings: Settings
) -> None:
    """The session ends while she writes: the dialog takes the passkey too, and the letter is saved."""
    sign_in(page, here, alice)
    make(page, here, alice)
    page.goto(f"{here}/write")
    page.get_by_label("Subject").fill("Touched")
    for path in Path(settings.state_dir, "sign-ins").glob("*.json"):
        path.unlink()
    page.get_by_label("Subject").press("Control+s")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Sign in with a passkey").click()
    expect(dialog).to_have_count(0)
    page.get_by_label("Subject").fill("Touched twice")
    expect(page.get_by_text(SAVED)).to_be_visible()
    wait_for(lambda: any("Touched twice" in str(each.raw) for each in alice.messages("Drafts")))


def test_who_is_asked_for_a_code_while_writing_types_it_over_the_letter(
    page: Page, settings: Settings, make_app: MakeApp, alice: Person
) -> None:
    from tests.views.test_factor import KEY, Phone, forget_steps

    offered = replace(settings, second_factor="required", secret_key=KEY)
    live = Live(make_app(offered)).start()
    try:
        page.goto(f"{live.url}/login")
        page.get_by_label("Email address").fill(alice.address)
        page.get_by_label("Password").fill(alice.password)
        page.get_by_role("button", name="Sign in", exact=True).click()
        phone = Phone(page.content())
        page.get_by_label("The code that your phone shows now").fill(phone.code())
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url("**/m/INBOX")
        forget_steps(offered)
        page.goto(f"{live.url}/write")
        page.get_by_label("Subject").fill("Coded")
        for path in Path(settings.state_dir, "sign-ins").glob("*.json"):
            path.unlink()
        page.get_by_label("Subject").press("Control+s")
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Password").fill(alice.password)
        dialog.get_by_role("button", name="Sign in", exact=True).click()
        dialog.get_by_label("Six digits from your phone").fill("000000")
        dialog.get_by_role("button", name="Sign in", exact=True).click()
        expect(dialog.get_by_text("This code is not right")).to_be_visible()
        dialog.get_by_label("Six digits from your phone").fill(phone.code())
        dialog.get_by_role("button", name="Sign in", exact=True).click()
        expect(dialog).to_have_count(0)
        page.get_by_label("Subject").fill("Coded twice")
        expect(page.get_by_text(SAVED)).to_be_visible()
    finally:
        live.stop()
