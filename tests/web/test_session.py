"""Sign-ins: their edges in time, cookies nobody may plant or bend, many people at once, none in another's mail."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g, session
from flask.sessions import SecureCookieSessionInterface

from tests.servers.application import Visitor
from tests.servers.people import Person, letter
from tests.web.every import OF_OTHER_LETTERS, routes, token_of
from webmail.config import Settings
from webmail.web import door, seal
from webmail.web.converters import Pick
from webmail.web.session import _over, _sign_in
from webmail.web.store import Record, owner

MakeApp = Callable[[Settings], Flask]
COOKIES = ("pennypost", "pennypost-key")
HOUR = 3600


def cookies(visitor: Visitor) -> dict[str, str]:
    found = {name: visitor.client.get_cookie(name) for name in COOKIES}
    return {name: cookie.value for name, cookie in found.items() if cookie is not None}


def with_cookies(app: Flask, values: dict[str, str]) -> Visitor:
    visitor = Visitor(app)
    for name, value in values.items():
        visitor.client.set_cookie(name, value)
    return visitor


def is_in(visitor: Visitor) -> bool:
    return visitor.client.get("/m/INBOX").status_code == 200


def record(settings: Settings) -> Path:
    [path] = Path(settings.state_dir, "sign-ins").glob("*.json")
    return path


# --- time -------------------------------------------------------------------------------------------------------------

NOW = time.time()


@pytest.mark.parametrize(
    ("change", "quiet", "over"),
    [
        ({}, 0, False),
        ({}, 12 * HOUR - 60, False),
        ({}, 12 * HOUR + 60, True),
        ({"shared": True}, 5 * 60 - 30, False),
        ({"shared": True}, 5 * 60 + 30, True),
        ({"created": int(NOW) - 167 * HOUR}, 0, False),
        ({"created": int(NOW) - 169 * HOUR}, 0, True),
        ({"created": "yesterday"}, 0, True),
        ({"created": None}, 0, True),
        ({"kept": True}, 29 * 24 * HOUR, False),
        ({"kept": True, "created": int(NOW) - 29 * 24 * HOUR}, 0, False),
        ({"kept": True, "created": int(NOW) - 30 * 24 * HOUR - 60}, 0, True),
        ({"shared": True, "left": int(NOW) + HOUR}, 0, False),  # far from 15 seconds ago, however slow the tests
        ({"shared": True, "left": int(NOW) - 60}, 0, True),
        ({"shared": True, "left": 0}, 0, False),
        ({"left": int(NOW) - 60}, 0, False),
        ({}, -HOUR, False),  # the clock was set back
    ],
)
@pytest.mark.asvs("7.3.1", "7.3.2")
def test_r12_a_sign_in_ends_when_quiet_or_old_and_not_before(
    settings: Settings, change: dict[str, Any], quiet: float, over: bool
) -> None:
    usual: Record = {"address": "a@b", "created": int(time.time()), "shared": False, "sealed": "x"}
    given: Record = {**usual, **change}
    assert _over(given, time.time() - quiet, settings) is over


@pytest.mark.parametrize(
    "change", [{"address": 1}, {"address": None}, {"sealed": None}, {"sealed": 7}, {"address": "a@gone.example"}]
)
def test_a_record_that_does_not_say_who_or_where_is_no_sign_in(
    settings: Settings, make_app: MakeApp, change: dict[str, Any]
) -> None:
    only = replace(settings, imap_host="", domains={"example.org": settings.server_for("example.org")})  # type: ignore[dict-item]
    given: Record = {"address": "a@example.org", "created": 1, "shared": False, "sealed": "x"}
    app = make_app(only)
    for name in ("address", "gone"):
        whose = str((given | change).get("address")) if name == "gone" else str(given["address"])
        given[name] = seal.seal(whose, "half", app.secret_key, "k address")  # type: ignore[arg-type]
    bent: Record = {**given, **change}
    if isinstance(change.get("address"), str):
        bent["address"] = given["gone"]
    with app.test_request_context(headers={"Cookie": "pennypost-key=half"}):
        assert _sign_in(given, "k") is not None
        assert _sign_in(bent, "k") is None
        assert _sign_in(given | {"address": given["sealed"]}, "k") is None, "no name that is not sealed for it"
    with app.test_request_context(headers={"Cookie": "pennypost-key=other"}):
        assert _sign_in(given, "k") is None


def test_using_a_page_keeps_the_sign_in_alive(visitor: Visitor, alice: Person, settings: Settings) -> None:
    visitor.sign_in(alice)
    path = record(settings)
    quiet = time.time() - HOUR
    os.utime(path, (quiet, quiet))
    assert is_in(visitor)
    assert time.time() - path.stat().st_mtime < 60


def test_a_sign_in_that_ran_out_takes_its_bodies_with_it(
    visitor: Visitor, app: Flask, alice: Person, settings: Settings
) -> None:
    visitor.sign_in(alice)
    path = record(settings)
    bodies = app.extensions["pennypost"].drawn
    bodies.put((path.stem, "x", "False"), "body", 4)
    os.utime(path, (1, 1))
    assert not is_in(visitor)
    assert bodies.get((path.stem, "x", "False")) is None


# --- cookies ----------------------------------------------------------------------------------------------------------


@pytest.mark.asvs("7.2.4")
def test_r12_a_planted_session_is_not_the_one_that_signs_in(app: Flask, alice: Person) -> None:
    """Fixation: the attacker's cookies are in the victim's browser before the sign-in, and worth nothing after it."""
    attacker = Visitor(app)
    attacker.get("/login")
    planted = cookies(attacker) | {"pennypost-key": "k" * 43, "remember_token": "x|y"}
    victim = with_cookies(app, planted)
    victim.sign_in(alice)
    assert is_in(victim)
    assert not set(cookies(victim).values()) & set(planted.values())
    assert not is_in(with_cookies(app, planted))
    assert not is_in(with_cookies(app, planted | {"pennypost-key": cookies(victim)["pennypost-key"]}))


def test_r12_a_session_id_that_the_site_signed_but_never_gave_opens_nothing(app: Flask) -> None:
    interface = SecureCookieSessionInterface()
    signer = interface.get_signing_serializer(app)
    assert signer is not None
    for chosen in ("", "x", "0" * 43, "../../etc/passwd", "é", "a" * 5000):
        value = signer.dumps({"_user_id": chosen, "_fresh": True})
        assert not is_in(with_cookies(app, {"pennypost": str(value), "pennypost-key": "k" * 43}))


@pytest.mark.parametrize("name", COOKIES)
def test_r12_a_bent_cookie_opens_nothing(app: Flask, alice: Person, name: str) -> None:
    visitor = Visitor(app)
    visitor.sign_in(alice)
    kept = cookies(visitor)
    value = kept[name]
    for bent in ("", value[:-1], value[::-1], "A" + value[1:], value + "A", value.swapcase(), "x" * 4000, "\u00e9"):
        other = with_cookies(app, kept | {name: bent})
        answer = other.client.get("/m/INBOX")
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/login")
        visitor = Visitor(app)
        visitor.sign_in(alice)
        kept = cookies(visitor)
    assert is_in(with_cookies(app, kept))


def test_r12_a_cookie_of_another_site_of_ours_opens_nothing(
    app: Flask, settings: Settings, make_app: MakeApp, alice: Person
) -> None:
    visitor = Visitor(app)
    visitor.sign_in(alice)
    other = make_app(replace(settings, secret_key="another secret of thirty-two letters"))
    assert not is_in(with_cookies(other, cookies(visitor)))


def test_two_sign_ins_of_one_person_end_one_by_one(app: Flask, alice: Person) -> None:
    first, second = Visitor(app), Visitor(app)
    first.sign_in(alice)
    second.sign_in(alice)
    assert cookies(first)["pennypost-key"] != cookies(second)["pennypost-key"]
    assert not is_in(with_cookies(app, {**cookies(first), "pennypost-key": cookies(second)["pennypost-key"]})), (
        "no mixing"
    )
    first = Visitor(app)
    first.sign_in(alice)
    first.send(first.form("/logout"))
    assert not is_in(first)
    assert is_in(second)


def test_signing_in_again_in_the_same_browser_ends_the_first(
    app: Flask, alice: Person, charlie: Person, settings: Settings
) -> None:
    visitor = Visitor(app)
    visitor.get("/login")
    form = visitor.form("/login")
    visitor.send(form, user=alice.address, password=alice.password)
    old = cookies(visitor)
    data = {"user": charlie.address, "password": charlie.password, "csrf_token": token_of(visitor.html)}
    assert visitor.client.post("/login", data=data).status_code == 303
    assert charlie.address in visitor.get("/m/INBOX").get_data(as_text=True)
    assert not is_in(with_cookies(app, old))
    assert json.loads(record(settings).read_text())["of"] == owner(charlie.address, str(app.secret_key))


@pytest.mark.parametrize(
    "address",
    ["a b@example.org", "a@b@@", "<a@example.org>", "a@ex ample", 'x" <a@example.org', "a" * 300 + "@b.example"],
)
def test_what_would_be_no_sender_signs_nobody_in(app: Flask, address: str) -> None:
    """The address becomes the From of every letter and the domain of its Message-ID."""
    from webmail.errors import UnknownDomain

    with app.test_request_context(), pytest.raises(UnknownDomain):
        door.server_of(address)


# --- other people -----------------------------------------------------------------------------------------------------


NOTHING_THERE = {"act.do": 303, "compose.answer": 303, "seen.now": 204, "printout.several": 200}
"""What these answer for a number that names no message."""


@pytest.mark.asvs("8.2.2")
def test_r34_charlie_sees_no_word_of_alices_mail_by_any_of_her_addresses(
    app: Flask, alice: Person, charlie: Person
) -> None:
    alice.create("Herfolder")
    uids = alice.append_all(
        [letter("Hersubject", sender="hersender@example.net", text="Herwords\r\n")] * 3, "Herfolder"
    )
    alice.append_all([letter("Hersubject", text="Herwords\r\n")] * 3)
    places = [(box, Pick(alice.uidvalidity(box), uids[0])) for box in ("INBOX", "Herfolder")]  # type: ignore[arg-type]
    hers, his = Visitor(app), Visitor(app)
    hers.sign_in(alice)
    his.sign_in(charlie)
    checked = 0
    for box, pick in places:
        for route in routes(app, pick, box):
            if "/m/" not in route.path or route.path in ("/m/INBOX", "/m/INBOX/conversations", "/m/INBOX/clean-up"):
                continue  # his own
            if route.method == "GET" and route.endpoint not in OF_OTHER_LETTERS:
                assert hers.client.get(route.path).status_code == 200, "hers to see"
            token = token_of(his.get("/m/INBOX").get_data(as_text=True))
            data = {"csrf_token": token, "do": "delete", "uid": f"{pick.uidvalidity}.{pick.uid}"}
            data |= {"by": "sender", "what": "hersender@example.net", "sure": f"{pick.uidvalidity}.{pick.uid}"}
            answer = his.client.open(route.path, method=route.method, data=data if route.method == "POST" else None)
            if route.endpoint == "message.show_images":
                answer = his.client.get(answer.headers["Location"])
            # Two INBOXes born in the same second have the same UIDVALIDITY; then he is told that nothing is there.
            same = box == "INBOX" and charlie.uidvalidity() == pick.uidvalidity
            nothing = NOTHING_THERE.get(route.endpoint) if same else None
            assert answer.status_code in (404, 409, nothing), (route, answer.status_code)
            for word in ("Hersubject", "hersender", "Herwords", "alice"):
                assert word not in answer.get_data(as_text=True)
            checked += 1
    assert checked >= 20
    assert len(alice.messages("Herfolder")) == 3


@pytest.mark.asvs("8.4.1")
def test_r34_a_cleaned_body_is_kept_for_its_own_reader(app: Flask, alice: Person, charlie: Person) -> None:
    """Same folder, same numbers, two people: the cache key begins with the sign-in."""
    html = letter("x").replace(b"text/plain", b"text/html")
    alice.append(html + b"<p>Alices words</p>")
    hers = Visitor(app)
    hers.sign_in(alice)
    address = f"/m/INBOX/{alice.uidvalidity()}.1"
    assert "Alices words" in hers.get(f"{address}/body").get_data(as_text=True)
    his = Visitor(app)
    his.sign_in(charlie)
    assert his.get(f"{address}/body").status_code in (404, 409)


def test_twenty_threads_of_three_people_read_only_their_own(
    app: Flask, alice: Person, bob: Person, charlie: Person
) -> None:
    people = {"alice": alice, "bob": bob, "charlie": charlie}
    paths: dict[str, list[str]] = {}
    signed_in: dict[str, dict[str, str]] = {}
    for name, person in people.items():
        uids = person.append_all([letter(f"Mail of {name} {n}", text=f"For {name} only\r\n") for n in range(5)])
        paths[name] = ["/m/INBOX", *(f"/m/INBOX/{person.uidvalidity()}.{uid}" for uid in uids)]
        visitor = Visitor(app)
        visitor.sign_in(person)
        signed_in[name] = cookies(visitor)
    wrong: list[str] = []

    def read(name: str, offset: int) -> None:
        visitor = with_cookies(app, signed_in[name])
        for path in (paths[name] * 2)[offset % 6 :][:6]:
            answer = visitor.client.get(path)
            text = answer.get_data(as_text=True)
            others = [other for other in people if other != name and f"of {other}" in text]
            if answer.status_code != 200 or f"Mail of {name}" not in text or others:
                wrong.append(f"{name} {path} {answer.status_code} {others}")

    threads = [threading.Thread(target=read, args=(list(people)[n % 3], n)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []


def test_a_browser_that_reads_slowly_keeps_no_connection(app: Flask, settings: Settings, alice: Person) -> None:
    """R33: as many downloads as connections are under way, and the next page comes all the same."""
    uid = alice.append(letter("Big", text="x" * 70 + "\r\n" + "line of text\r\n" * 60_000))
    visitor = Visitor(app)
    visitor.sign_in(alice)
    slow = [
        visitor.client.get(f"/m/INBOX/{alice.uidvalidity()}.{uid}/source.txt")
        for _ in range(settings.connections_per_user + 1)
    ]
    begun = [answer.iter_encoded() for answer in slow]
    assert all(next(chunks) for chunks in begun)
    assert is_in(visitor)
    assert all(b"line of text" in b"".join(chunks) for chunks in begun)


def test_the_state_directory_may_vanish_under_way(visitor: Visitor, alice: Person, settings: Settings) -> None:
    visitor.sign_in(alice)
    for path in Path(settings.state_dir, "sign-ins").iterdir():
        path.unlink()
    Path(settings.state_dir, "sign-ins").rmdir()
    assert visitor.get("/m/INBOX").status_code == 200
    assert visitor.path.startswith("/login")
    visitor.sign_in(alice)
    assert visitor.path == "/m/INBOX"


def test_outside_of_a_sign_in_there_is_nobody(app: Flask) -> None:
    from webmail.web import session as ours

    with app.test_request_context():
        assert not session
        assert "account" not in g
        for ask in (ours.current, ours.account, ours.lender, ours.reader, ours.smtp_context):
            with pytest.raises(ours.SessionEnded):
                ask()
