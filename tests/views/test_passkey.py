"""Passkeys: what this site keeps of them, what it gives out for which proof, and what it refuses."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fido2.utils import websafe_decode, websafe_encode
from flask import Flask

from tests.servers.application import Visitor, forms_of
from tests.servers.authenticator import FLAG, Device
from tests.servers.dovecot import Dovecot
from tests.servers.people import Person
from tests.views.test_factor import KEY, Phone, forget_steps, set_up
from tests.web.every import token_of
from webmail.config import Settings
from webmail.web import webauthn
from webmail.web.vault import MOST, TRIES, Vault

MakeApp = Callable[[Settings], Flask]
SEALED = "s" * 200
Told = dict[str, Any]


def post(visitor: Visitor, path: str, **data: str) -> tuple[int, Told]:
    """As the script of a page asks."""
    token = token_of(visitor.get("/login").get_data(as_text=True))
    answer = visitor.client.post(path, data={"csrf_token": token} | data, base_url=visitor.base)
    return answer.status_code, answer.get_json(silent=True) or {}


def add(visitor: Visitor, person: Person, device: Device, sealed: str = SEALED, **more: str) -> str:
    """A passkey for who is signed in; returns what forms call it."""
    status, told = post(visitor, "/passkeys/begin", password=person.password, **more)
    assert status == 200, told
    status, told = post(visitor, "/passkeys/keep", answer=device.make(told), sealed=sealed, name="Laptop")
    assert status == 200, told
    return str(told["id"])


def asked(visitor: Visitor) -> Told:
    status, told = post(visitor, "/login/passkey/challenge")
    assert status == 200
    return told


def touch(visitor: Visitor, device: Device, **lies: Any) -> tuple[int, Told]:
    return post(visitor, "/login/passkey", answer=device.prove(asked(visitor), **lies))


@pytest.fixture
def device(visitor: Visitor, alice: Person) -> Device:
    """Alice's, who is signed in."""
    visitor.sign_in(alice)
    made = Device()
    add(visitor, alice, made)
    return made


def kept(settings: Settings) -> list[Told]:
    return [json.loads(path.read_text()) for path in Path(settings.state_dir, "passkeys").glob("*.json")]


def test_the_ciphertext_is_given_for_a_proof_and_the_ticket_lets_the_password_in(
    app: Flask, device: Device, alice: Person
) -> None:
    stranger = Visitor(app)
    status, told = touch(stranger, device)
    assert (status, told["sealed"]) == (200, SEALED)
    stranger.get("/login")
    stranger.send(stranger.form("/login"), user=alice.address, password=alice.password, ticket=told["ticket"])
    assert stranger.path == "/m/INBOX"
    stranger.get("/passkeys")
    assert "Laptop" in stranger.text
    assert "Last used" in stranger.text


def test_the_question_at_the_door_tells_nothing_about_anybody(app: Flask, device: Device) -> None:
    """R18: it is the same before any address is known, so there is nothing to compare."""
    told = asked(Visitor(app))
    assert told["allowCredentials"] is None if "allowCredentials" in told else True
    assert (told["rpId"], told["userVerification"]) == ("localhost", "required")
    assert set(told) <= {"challenge", "rpId", "userVerification", "extensions", "timeout", "allowCredentials"}


def test_a_new_passkey_lies_in_the_device_and_asks_for_its_owner(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    _, told = post(visitor, "/passkeys/begin", password=alice.password)
    assert told["authenticatorSelection"]["residentKey"] == "required"
    assert told["authenticatorSelection"]["userVerification"] == "required"
    assert told["rp"] == {"id": "localhost", "name": "Pennypost"}
    assert alice.address not in json.dumps(told["user"]["id"])
    assert "prf" in told["extensions"]


def test_r12_nothing_that_is_kept_names_anybody(device: Device, settings: Settings, alice: Person) -> None:
    [path] = Path(settings.state_dir, "passkeys").glob("*.json")
    text = path.read_text()
    for secret in (alice.address, alice.login, alice.password):
        assert secret not in text + path.name
    assert oct(path.stat().st_mode & 0o777) == "0o600"


LIES: dict[str, dict[str, Any]] = {
    "another origin": {"origin": "http://localhost.evil.example"},
    "our name on another port": {"origin": "http://localhost:81"},
    "a name below ours": {"origin": "http://mail.localhost"},
    "another site's passkey": {"rp": "evil.example"},
    "nobody was recognised": {"flags": FLAG.UP},
    "nobody was there": {"flags": FLAG.UV},
    "inside a frame of another site": {"cross": True},
    "the kind of answer that makes a passkey": {"kind": "webauthn.create"},
    "a challenge of its own": {"challenge": "A" * 75},
    "no challenge": {"challenge": ""},
    "a counter that stands still": {"counter": 1},
    "a counter that went back": {"counter": 0},
    "another account": {"user": b"\1" * 32},
    "no account": {"user": b""},
    "half an account": {"user": b"\1" * 7},
    "another passkey": {"id": b"\2" * 32},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_proof_that_is_not_true_gets_one_sentence_and_nothing_else(
    app: Flask, device: Device, lie: str, settings: Settings
) -> None:
    assert touch(Visitor(app), device)[0] == 200
    before = kept(settings)
    status, told = touch(Visitor(app), device, **LIES[lie])
    assert status == 401
    assert set(told) == {"error"}
    assert "was not accepted" in told["error"]
    assert kept(settings) == before


NO_ANSWERS = (
    "", "{", "[]", "null", '{"response":1}', "[" * 5000, '{"rawId":"_","response":{"userHandle":"A"}}', "x" * 20_000,
)  # fmt: skip


@pytest.mark.parametrize("answer", NO_ANSWERS)
def test_what_is_no_answer_at_all_is_refused_alike(visitor: Visitor, answer: str) -> None:
    assert post(visitor, "/login/passkey", answer=answer)[0] == 401


def test_a_forged_signature_and_another_key_are_refused(app: Flask, device: Device) -> None:
    thief = replace(device, key=Device().key)
    assert touch(Visitor(app), thief)[0] == 401
    stranger = Visitor(app)
    answer = json.loads(device.prove(asked(stranger)))
    data = bytearray(websafe_decode(answer["response"]["authenticatorData"]))
    data[-1] ^= 8
    answer["response"]["authenticatorData"] = websafe_encode(bytes(data))
    assert post(stranger, "/login/passkey", answer=json.dumps(answer))[0] == 401


@pytest.mark.asvs("6.5.1")
def test_a_proof_counts_once_also_where_the_device_does_not_count(app: Flask, visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    device = Device()
    add(visitor, alice, device)
    stranger = Visitor(app)
    answer = device.prove(asked(stranger), counter=0)
    assert post(stranger, "/login/passkey", answer=answer)[0] == 200
    assert post(stranger, "/login/passkey", answer=answer)[0] == 401
    assert touch(stranger, device, counter=0)[0] == 200, "a new challenge is another matter"


def test_a_proof_counts_in_the_browser_that_asked_for_it(app: Flask, device: Device) -> None:
    answer = device.prove(asked(Visitor(app)))
    assert post(Visitor(app), "/login/passkey", answer=answer)[0] == 401


def test_an_old_challenge_is_none(app: Flask, device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = Visitor(app)
    answer = device.prove(asked(stranger))
    later = time.time_ns() + (webauthn.CHALLENGE_SECONDS + 1) * 10**9
    monkeypatch.setattr(webauthn.time, "time_ns", lambda: later)
    assert post(stranger, "/login/passkey", answer=answer)[0] == 401


def test_a_ticket_is_taken_once_by_its_own_account_and_not_for_long(
    app: Flask, device: Device, alice: Person, settings: Settings
) -> None:
    vault: Vault = app.extensions["pennypost"].vault
    [account] = [path.stem for path in Path(settings.state_dir, "passkeys").glob("*.json")]
    ticket = touch(Visitor(app), device)[1]["ticket"]
    assert not vault.spend("0" * 64, ticket)
    assert not vault.spend(account, "")
    assert not vault.spend(account, ticket + "x")
    assert vault.spend(account, ticket)
    assert not vault.spend(account, ticket)
    late = touch(Visitor(app), device)[1]["ticket"]
    [one] = vault.of(account)
    vault.change(account, one.id, lambda key: replace(key, used=key.used - 121))
    assert not vault.spend(account, late)


def test_r34_the_passkey_of_another_is_a_404(app: Flask, device: Device, charlie: Person, alice: Person) -> None:
    [alices] = app.extensions["pennypost"].vault.of(device.user.hex())
    theirs = Visitor(app)
    theirs.sign_in(charlie)
    assert "Laptop" not in theirs.get("/passkeys").get_data(as_text=True)
    assert post(theirs, "/passkeys/remove", id=alices.id)[0] == 404
    assert post(theirs, "/passkeys/begin", id=alices.id, password=charlie.password)[0] == 404
    proof = device.prove(asked(theirs))
    assert post(theirs, "/passkeys/keep", id=alices.id, answer=proof, sealed="x" * 99)[0] == 404
    assert app.extensions["pennypost"].vault.of(device.user.hex()) == (alices,)


def test_a_password_changed_elsewhere_is_told_and_update_locks_in_the_new_one(
    app: Flask, visitor: Visitor, charlie: Person, dovecot: Dovecot
) -> None:
    visitor.sign_in(charlie)
    device = Device()
    id = add(visitor, charlie, device)
    dovecot.set_password(charlie.login, "another one")
    try:
        stranger = Visitor(app)
        ticket = touch(stranger, device)[1]["ticket"]
        stranger.get("/login")
        form = stranger.form("/login")
        stranger.send(form, user=charlie.address, password=charlie.password, ticket=ticket)
        assert stranger.status == 401
        assert "no longer accepts the password that your passkey unlocks" in stranger.text
        stranger.send(stranger.form("/login"), user=charlie.address, password="another one")
        assert stranger.path == "/m/INBOX"
        assert post(stranger, "/passkeys/begin", id=id, password=charlie.password)[0] == 403
        _, told = post(stranger, "/passkeys/begin", id=id, password="another one")
        status, _ = post(stranger, "/passkeys/keep", id=id, answer=device.prove(told), sealed="n" * 200)
        assert status == 200
        assert touch(Visitor(app), device)[1]["sealed"] == "n" * 200
    finally:
        dovecot.set_password(charlie.login, charlie.password)


def test_a_device_that_gives_its_secret_for_a_proof_only_is_asked_twice(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    device = Device()
    _, told = post(visitor, "/passkeys/begin", password=alice.password)
    _, made = post(visitor, "/passkeys/keep", answer=device.make(told), sealed="")
    stranger = Visitor(visitor.app)
    status, refused = touch(stranger, device)
    assert (status, "was not finished" in refused["error"]) == (409, True)
    assert "Not finished" in visitor.get("/passkeys").get_data(as_text=True)
    status, _ = post(visitor, "/passkeys/keep", id=made["id"], answer=device.prove(made["ask"]), sealed=SEALED)
    assert status == 401, "a proof of later than this challenge was taken already"
    _, told = post(visitor, "/passkeys/begin", id=made["id"], password=alice.password)
    status, _ = post(visitor, "/passkeys/keep", id=made["id"], answer=device.prove(told), sealed=SEALED)
    assert status == 200
    assert touch(stranger, device)[1]["sealed"] == SEALED


def test_whoever_sits_there_has_to_know_the_password_and_does_not_guess_it(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    said = [post(visitor, "/passkeys/begin", password="wrong")[0] for _ in range(TRIES)]
    assert set(said) == {403}
    assert post(visitor, "/passkeys/begin", password=alice.password)[0] == 429
    assert visitor.get("/m/INBOX").status_code == 200


def test_a_registration_of_another_or_of_another_browser_is_none(
    app: Flask, visitor: Visitor, alice: Person, charlie: Person
) -> None:
    visitor.sign_in(alice)
    other, theirs = Visitor(app), Visitor(app)
    other.sign_in(alice)
    theirs.sign_in(charlie)
    _, told = post(visitor, "/passkeys/begin", password=alice.password)
    for who in (other, theirs):
        assert post(who, "/passkeys/keep", answer=Device().make(told), sealed=SEALED)[0] == 401
    for lie in ({"origin": "http://localhost:81"}, {"flags": FLAG.UP}, {"rp": "evil.example"}, {"cross": True}):
        assert post(visitor, "/passkeys/keep", answer=Device().make(told, **lie), sealed=SEALED)[0] == 401
    device = Device()
    assert post(visitor, "/passkeys/keep", answer=device.make(told), sealed="not base64!" * 9)[0] == 400
    assert post(visitor, "/passkeys/keep", answer=device.make(told), sealed=SEALED)[0] == 200
    assert post(visitor, "/passkeys/keep", answer=device.make(told), sealed=SEALED)[0] == 409
    assert post(visitor, "/passkeys/keep", answer=asked(visitor).get("x", ""), id="0" * 32)[0] == 404


def test_a_passkey_that_is_removed_opens_nothing(
    app: Flask, visitor: Visitor, device: Device, settings: Settings
) -> None:
    visitor.get("/passkeys")
    form = visitor.form("/passkeys/remove")
    [(_, id, _)] = form.buttons
    visitor.send(form, id=id)
    assert "was removed" in visitor.text
    assert kept(settings) == []
    assert touch(Visitor(app), device)[0] == 401
    assert post(visitor, "/passkeys/remove", id=id)[0] == 404


def test_nobody_hoards_passkeys(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    for _ in range(MOST):
        add(visitor, alice, Device())
    assert post(visitor, "/passkeys/begin", password=alice.password)[0] == 409


def test_a_shared_computer_makes_none(visitor: Visitor, alice: Person, app: Flask, settings: Settings) -> None:
    visitor.sign_in(alice, shared="1")
    assert "Sign in with a touch" not in visitor.html
    visitor.get("/passkeys")
    assert "This is a shared computer" in visitor.text
    assert "/passkeys/begin" not in [form.action for form in forms_of(visitor.html)]
    assert post(visitor, "/passkeys/begin", password=alice.password)[0] == 403
    assert kept(settings) == []


def test_without_script_there_are_words_and_a_list(visitor: Visitor, device: Device) -> None:
    visitor.get("/passkeys")
    assert "Making a passkey needs JavaScript" in visitor.text
    assert "Laptop" in visitor.text


@pytest.mark.parametrize(
    ("base", "more", "possible"),
    [
        ("http://localhost", {}, True),
        ("https://mail.example.org", {"trusted_hosts": "mail.example.org"}, True),
        ("https://mail.example.org", {}, False),
        ("http://mail.example.org", {"trusted_hosts": "mail.example.org"}, False),
        ("http://127.0.0.1", {"trusted_hosts": "127.0.0.1"}, False),
        ("https://127.0.0.1", {"trusted_hosts": "127.0.0.1"}, False),
        ("http://localhost", {"passkeys": False}, False),
    ],
)
def test_r30_passkeys_are_for_a_name_that_the_administrator_listed(
    settings: Settings, make_app: MakeApp, base: str, more: dict[str, Any], possible: bool
) -> None:
    visitor = Visitor(make_app(replace(settings, **more)), base=base)
    visitor.get("/login")
    assert ("Sign in with a passkey" in visitor.html) is possible
    assert (post(visitor, "/login/passkey/challenge")[0] == 200) is possible


def test_a_passkey_counts_as_a_second_factor_and_making_one_needs_the_code(
    settings: Settings, make_app: MakeApp, alice: Person
) -> None:
    offered = replace(settings, second_factor="offered", secret_key=KEY)
    visitor = Visitor(make_app(offered))
    visitor.sign_in(alice)
    phone: Phone = set_up(visitor, offered)
    assert post(visitor, "/passkeys/begin", password=alice.password)[0] == 403
    forget_steps(offered)
    device = Device()
    add(visitor, alice, device, code=phone.code())
    for wrong in ("", "x"):
        stranger = Visitor(visitor.app)
        told = touch(stranger, device)[1]
        stranger.get("/login")
        ticket = wrong or told["ticket"]
        stranger.send(stranger.form("/login"), user=alice.address, password=alice.password, ticket=ticket)
        assert (stranger.path == "/m/INBOX") is not bool(wrong)
        assert ("Six digits" in stranger.text) is bool(wrong)


def test_deleting_all_passkeys_costs_typing_the_password(
    app: Flask, visitor: Visitor, device: Device, alice: Person, settings: Settings
) -> None:
    import shutil

    shutil.rmtree(Path(settings.state_dir, "passkeys"))
    assert touch(Visitor(app), device)[0] == 401
    assert visitor.get("/passkeys").status_code == 200
    add(visitor, alice, Device())
    assert len(kept(settings)) == 1


@pytest.mark.parametrize("damage", ["{", "[]", '{"passkeys": 1}', '{"passkeys": [1, {"a": 2}, {"credential": 3}]}'])
def test_a_damaged_record_holds_no_passkeys(
    app: Flask, visitor: Visitor, device: Device, settings: Settings, damage: str
) -> None:
    [path] = Path(settings.state_dir, "passkeys").glob("*.json")
    path.write_text(damage)
    assert touch(Visitor(app), device)[0] == 401
    assert visitor.get("/passkeys").status_code == 200
