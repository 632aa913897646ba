"""The second factor: asked for after a right password, kept on this site, changed by its own codes only."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from tests.servers.application import Form, Visitor, forms_of
from tests.servers.dovecot import Dovecot
from tests.servers.people import Person
from tests.web.every import token_of
from webmail.config import Settings
from webmail.web import totp

MakeApp = Callable[[Settings], Flask]
KEY = "k" * 48


class Phone:
    """An authenticator app. Every code is of a step that was not used yet, as if half a minute had passed."""

    def __init__(self, html: str) -> None:
        found = re.search(r'class="secret"[^>]*>([A-Z2-7 ]+)<', html)
        assert found
        import base64

        self.secret = base64.b32decode(found[1].replace(" ", ""))
        self.codes = re.findall(r"<li>([a-z2-9-]{14})</li>", html)

    def code(self, steps: int = 0) -> str:
        return totp.code_at(self.secret, int(time.time()) // 30 + steps)


@pytest.fixture
def offered(settings: Settings) -> Settings:
    return replace(settings, second_factor="offered", secret_key=KEY)


@pytest.fixture
def visitor(make_app: MakeApp, offered: Settings) -> Visitor:
    return Visitor(make_app(offered))


def factor_files(settings: Settings) -> list[Path]:
    found = Path(settings.state_dir, "second-factors").glob("*.json")
    return [path for path in found if path.stem != "0" * 64]


def sign_ins(settings: Settings) -> list[Path]:
    return list(Path(settings.state_dir, "sign-ins").glob("*.json"))


def forget_steps(settings: Settings) -> None:
    """As if half an hour had passed since the last code and the last wrong one."""
    for path in factor_files(settings):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"step": 0, "tries": []}))


def set_up(visitor: Visitor, settings: Settings) -> Phone:
    """Turn it on in the settings; ends at its page."""
    visitor.get("/second-factor")
    visitor.send(visitor.form("/second-factor"), do="begin")
    phone = Phone(visitor.html)
    visitor.send(visitor.form("/second-factor"), do="confirm", code=phone.code())
    assert "It is on." in visitor.text
    forget_steps(settings)
    return phone


def door(visitor: Visitor) -> Form:
    return visitor.form("/login/code")


def sign_out(visitor: Visitor) -> None:
    visitor.get("/m/INBOX")
    visitor.send(visitor.form("/logout"))


def test_without_the_setting_there_is_no_such_page(settings: Settings, make_app: MakeApp, alice: Person) -> None:
    visitor = Visitor(make_app(settings))
    visitor.sign_in(alice)
    assert "second-factor" not in visitor.get("/settings").get_data(as_text=True)
    assert visitor.get("/second-factor").status_code == 404
    assert not Path(settings.state_dir, "second-factors").exists()


@pytest.mark.asvs("6.3.3")
def test_alice_turns_it_on_and_is_asked_for_a_code_after_her_password(
    visitor: Visitor, alice: Person, offered: Settings
) -> None:
    visitor.sign_in(alice)
    assert visitor.path == "/m/INBOX", "nobody is asked before they chose it"
    phone = set_up(visitor, offered)
    assert len(phone.codes) == totp.RECOVERY_CODES
    sign_out(visitor)
    visitor.get("/login", query_string={"next": "/m/Sent"})
    visitor.send(visitor.form("/login"), user=alice.address, password=alice.password)
    assert "Six digits from your phone" in visitor.text
    assert alice.password not in visitor.html
    assert sign_ins(offered) == [], "nobody is signed in before the code is right"
    kept = door(visitor)
    assert visitor.client.get("/m/INBOX").status_code == 303
    visitor.send(kept, code="000000")
    assert visitor.status == 401
    assert "This code is not right" in visitor.text
    assert sign_ins(offered) == []
    code = phone.code()
    visitor.send(door(visitor), code=f"{code[:3]} {code[3:]}")
    assert visitor.path == "/m/Sent", "and goes on where she wanted to go"
    assert len(sign_ins(offered)) == 1
    assert not list(Path(offered.state_dir, "waiting").glob("*.json"))


@pytest.mark.asvs("6.5.1")
def test_a_code_opens_the_door_once(visitor: Visitor, alice: Person, offered: Settings, make_app: MakeApp) -> None:
    visitor.sign_in(alice)
    phone = set_up(visitor, offered)
    code = phone.code()
    for status in (200, 401):
        other = Visitor(visitor.app)
        other.sign_in(alice)
        other.send(door(other), code=code)
        assert other.status == status
    other.send(door(other), code=phone.code(1))
    assert other.path == "/m/INBOX", "the next one does, also from a phone that is half a minute early"


def test_r18_a_wrong_password_is_answered_as_if_there_were_no_second_factor(
    visitor: Visitor, alice: Person, bob: Person, offered: Settings
) -> None:
    visitor.sign_in(alice)
    set_up(visitor, offered)
    said = []
    for address in (alice.address, bob.address, "nobody@example.org"):
        other = Visitor(visitor.app)
        other.get("/login")
        other.send(other.form("/login"), user=address, password="wrong")
        said.append((other.status, other.text.replace(address, "")))
        assert not list(Path(offered.state_dir, "waiting").glob("*.json"))
    assert said[0] == said[1] == said[2]


@pytest.mark.parametrize(
    "spelling", ["ALICE@example.org", "alice@EXAMPLE.ORG", "\uff41lice@example.org", " alice@example.org "]
)
def test_another_spelling_of_the_address_is_no_way_around_it(
    visitor: Visitor, alice: Person, offered: Settings, spelling: str
) -> None:
    visitor.sign_in(alice)
    set_up(visitor, offered)
    other = Visitor(visitor.app)
    other.get("/login")
    other.send(other.form("/login"), user=spelling, password=alice.password)
    assert other.path != "/m/INBOX"


def test_r18_guessing_codes_ends_after_five(visitor: Visitor, alice: Person, offered: Settings) -> None:
    visitor.sign_in(alice)
    phone = set_up(visitor, offered)
    for _ in range(3):  # another browser does not start anew
        other = Visitor(visitor.app)
        other.sign_in(alice)
        for _ in range(2):
            other.send(door(other), code="000000")
    assert other.status == 429
    assert "Wait five minutes" in other.text
    other.send(door(other), code=phone.code())
    assert other.status == 429, "the right one comes too late"
    other.send(door(other), recovery=phone.codes[0])
    assert other.status == 429
    forget_steps(offered)
    other.send(door(other), code=phone.code())
    assert other.path == "/m/INBOX"


@pytest.mark.asvs("6.5.1")
def test_a_recovery_code_opens_it_once_however_it_is_typed(visitor: Visitor, alice: Person, offered: Settings) -> None:
    visitor.sign_in(alice)
    phone = set_up(visitor, offered)
    visitor.get("/second-factor")
    for status in (200, 401):
        other = Visitor(visitor.app)
        other.sign_in(alice)
        other.send(door(other), recovery=phone.codes[3].upper().replace("-", " "))
        assert other.status == status
    visitor.get("/second-factor")
    assert "9 of ten recovery codes are left" in visitor.text


def test_what_is_there_changes_by_its_own_codes_only(visitor: Visitor, alice: Person, offered: Settings) -> None:
    visitor.sign_in(alice)
    phone = set_up(visitor, offered)
    [path] = factor_files(offered)
    before = json.loads(path.read_text())["sealed"]
    for do in ("remove", "codes", "begin"):
        visitor.send(visitor.form("/second-factor"), do=do, code="123456")
        assert visitor.status == 401
        assert json.loads(path.read_text())["sealed"] == before
    forget_steps(offered)
    visitor.send(visitor.form("/second-factor"), do="codes", code=phone.code())
    fresh = re.findall(r"<li>([a-z2-9-]{14})</li>", visitor.html)
    assert len(fresh) == totp.RECOVERY_CODES
    assert not set(fresh) & set(phone.codes)
    visitor.get("/second-factor")
    visitor.send(visitor.form("/second-factor"), do="begin", code=fresh[0])
    second = Phone(visitor.html)
    visitor.send(visitor.form("/second-factor"), do="confirm", code=second.code())
    assert "The second factor is on" in visitor.text
    forget_steps(offered)
    visitor.send(visitor.form("/second-factor"), do="remove", code=phone.code())
    assert visitor.status == 401, "the old phone is worth nothing"
    visitor.send(visitor.form("/second-factor"), do="remove", code=second.code())
    assert factor_files(offered) == []
    sign_out(visitor)
    visitor.sign_in(alice)
    assert visitor.path == "/m/INBOX"


def test_a_form_from_before_takes_the_place_of_nothing(visitor: Visitor, alice: Person, offered: Settings) -> None:
    """Two tabs: one that was begun without a code does not replace what the other has set up."""
    visitor.sign_in(alice)
    visitor.get("/second-factor")
    visitor.send(visitor.form("/second-factor"), do="begin")
    early, phone = visitor.form("/second-factor"), Phone(visitor.html)
    set_up(visitor, offered)
    visitor.send(early, do="confirm", code=phone.code())
    assert visitor.status == 400
    bent = replace(early, fields=[(n, v[:-4] + "AAA=" if n == "making" else v) for n, v in early.fields])
    visitor.send(bent, do="confirm", code=phone.code())
    assert visitor.status == 400


def test_a_letter_that_was_being_written_comes_through_password_and_code(
    visitor: Visitor, alice: Person, offered: Settings
) -> None:
    visitor.sign_in(alice)
    phone = set_up(visitor, offered)
    visitor.get("/write")
    form = visitor.form("/write")
    sign_ins(offered)[0].unlink()
    visitor.send(form, to="bob@example.org", subject="An hour's work", body="Line <one>", do="send")
    visitor.send(visitor.form("/login"), user=alice.address, password=alice.password)
    assert "Your letter is safe" in visitor.text
    visitor.send(door(visitor), code="999999")
    assert "Your letter is safe" in visitor.text
    forget_steps(offered)
    visitor.send(door(visitor), code=phone.code())
    letter = visitor.form("/write")
    assert (letter.value("subject"), letter.value("body")) == ("An hour's work", "Line <one>")


def test_who_waits_too_long_begins_again_and_keeps_the_letter(
    visitor: Visitor, alice: Person, offered: Settings
) -> None:
    visitor.sign_in(alice)
    phone = set_up(visitor, offered)
    sign_out(visitor)
    visitor.sign_in(alice)
    form = door(visitor)
    form.fields.append(("letter_body", "My words"))
    for path in Path(offered.state_dir, "waiting").glob("*.json"):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"created": 1}))
    visitor.send(form, code=phone.code())
    assert visitor.status == 401
    assert "That took too long" in visitor.text
    assert visitor.form("/login").value("letter_body") == "My words"
    visitor.send(form, code=phone.code(), csrf_token="old")
    assert visitor.status == 400
    assert visitor.form("/login").value("letter_body") == "My words"


def test_a_password_changed_between_password_and_code_opens_nothing(
    visitor: Visitor, charlie: Person, offered: Settings, dovecot: Dovecot
) -> None:
    visitor.sign_in(charlie)
    phone = set_up(visitor, offered)
    sign_out(visitor)
    visitor.sign_in(charlie)
    dovecot.set_password(charlie.login, "another one")
    try:
        visitor.send(door(visitor), code=phone.code())
        assert visitor.status == 401
        assert "did not accept this address and password" in visitor.text
        assert sign_ins(offered) == []
    finally:
        dovecot.set_password(charlie.login, charlie.password)


def test_r12_no_password_no_secret_and_no_address_is_readable_while_somebody_waits(
    visitor: Visitor, bob: Person, offered: Settings
) -> None:
    visitor.sign_in(bob)
    phone = set_up(visitor, offered)
    sign_out(visitor)
    visitor.sign_in(bob)
    whole = b"".join(path.read_bytes() for path in Path(offered.state_dir).rglob("*") if path.is_file())
    for secret in (bob.password, phone.secret.hex(), *phone.codes, *(code.replace("-", "") for code in phone.codes)):
        assert secret.encode() not in whole
    waiting = list(Path(offered.state_dir, "waiting").glob("*.json"))
    assert len(waiting) == 1
    assert bob.address.encode() not in b"".join(path.read_bytes() for path in factor_files(offered) + waiting)
    assert {oct(path.stat().st_mode & 0o777) for path in factor_files(offered)} == {"0o600"}


@pytest.mark.asvs("6.3.3")
def test_required_everybody_makes_one_at_the_door(settings: Settings, make_app: MakeApp, alice: Person) -> None:
    required = replace(settings, second_factor="required", secret_key=KEY)
    visitor = Visitor(make_app(required))
    visitor.get("/login", query_string={"next": "/m/Sent"})
    visitor.send(visitor.form("/login"), user=alice.address, password=alice.password)
    assert "Make one now" in visitor.text
    assert 'viewBox="0 0' in visitor.html
    assert "otpauth" not in visitor.html
    phone = Phone(visitor.html)
    visitor.send(door(visitor), code="000000")
    assert visitor.status == 401
    assert Phone(visitor.html).secret == phone.secret, "the phone has scanned it already"
    assert sign_ins(required) == factor_files(required) == []
    visitor.send(door(visitor), code=phone.code())
    assert visitor.path == "/m/Sent"
    visitor.get("/second-factor")
    assert 'value="remove"' not in visitor.html
    forget_steps(required)
    visitor.send(visitor.form("/second-factor"), do="remove", code=phone.code())
    assert visitor.status == 400
    assert len(factor_files(required)) == 1


def test_at_the_door_nobody_makes_one_in_place_of_what_is_there(
    settings: Settings, make_app: MakeApp, alice: Person
) -> None:
    """Two who know the password stand at the door; who comes second has to know the first one's code."""
    visitor = Visitor(make_app(replace(settings, second_factor="required", secret_key=KEY)))
    other = Visitor(visitor.app)
    for each in (visitor, other):
        each.sign_in(alice)
    visitor.send(door(visitor), code=Phone(visitor.html).code())
    assert visitor.path == "/m/INBOX"
    other.send(door(other), code=Phone(other.html).code())
    assert other.status == 401
    assert "Six digits from your phone" in other.text


def test_nobody_reaches_the_code_page_without_a_password(visitor: Visitor, alice: Person, offered: Settings) -> None:
    visitor.sign_in(alice)
    phone = set_up(visitor, offered)
    stranger = Visitor(visitor.app)
    stranger.get("/login")
    data = {"code": phone.code(), "csrf_token": token_of(stranger.html)}
    assert stranger.client.post("/login/code", data=data).status_code == 401
    assert [form.action for form in forms_of(stranger.html)] == ["/login", "/login/language"]


def test_a_shared_computer_stays_one_through_the_code(visitor: Visitor, alice: Person, offered: Settings) -> None:
    visitor.sign_in(alice)
    phone = set_up(visitor, offered)
    sign_out(visitor)
    visitor.sign_in(alice, shared="1")
    visitor.send(door(visitor), code=phone.code())
    [record] = sign_ins(offered)
    assert json.loads(record.read_text())["shared"] is True
