"""R18: how often somebody may try, and who is not in the way of whom."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from tests.servers.application import Visitor
from tests.servers.dovecot import Dovecot
from tests.servers.people import Person
from tests.servers.submission import Submission
from webmail.config import Settings
from webmail.web import limits

MakeApp = Callable[[Settings], Flask]

HOME, ATTACKER, ELSEWHERE = "192.0.2.7", "198.51.100.9", "203.0.113.4"


def at(app: Flask, address: str) -> Visitor:
    """Somebody who comes from that address."""
    visitor = Visitor(app)
    visitor.client.environ_base["REMOTE_ADDR"] = address
    return visitor


@pytest.mark.asvs("6.3.1")
def tries(visitor: Visitor, user: str, password: str = "wrong", times: int = 1) -> list[int]:
    visitor.get("/login")
    form, statuses = visitor.form("/login"), []
    for _ in range(times):
        visitor.send(form, user=user, password=password)
        statuses.append(visitor.status)
    return statuses


def test_r18_a_thousand_wrong_passwords_are_slowed_and_the_right_one_from_elsewhere_is_not(
    app: Flask, alice: Person, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool, asked = app.extensions["pennypost"].pool, []
    dialled = pool.sign_in
    monkeypatch.setattr(pool, "sign_in", lambda account: (asked.append(account.login), dialled(account))[1])
    attacker = at(app, ATTACKER)
    began = time.monotonic()
    statuses = tries(attacker, alice.address, times=1000)
    # Ten at once, then one every 90 seconds, however slow this machine is.
    most = 10 + int((time.monotonic() - began) / 90) + 1
    assert statuses[:10] == [401] * 10
    assert 10 <= statuses.count(401) == len(asked) <= most
    assert statuses.count(429) == 1000 - len(asked)
    assert attacker.page is not None
    assert 0 < int(attacker.page.headers["Retry-After"]) <= 90
    assert "Too many tries" not in attacker.text  # the card, not an error page
    assert re.search(r"Try again in \d+ seconds?\.", attacker.text)
    assert attacker.form("/login").value("user") == alice.address
    owner = at(app, HOME)
    owner.sign_in(alice)
    assert owner.path == "/m/INBOX"
    # The right password from the attacker's own address is not even tried: nothing can be found out so.
    assert tries(attacker, alice.address, alice.password) == [429]


@pytest.mark.asvs("6.3.1")
def test_r18_who_signs_in_rightly_is_never_counted(app: Flask, alice: Person) -> None:
    visitor = at(app, HOME)
    for _ in range(15):
        visitor.sign_in(alice)
        assert visitor.path == "/m/INBOX"
        visitor.send(visitor.form("/logout"))


def test_r18_an_account_under_attack_from_everywhere_still_lets_its_owner_in(
    settings: Settings, make_app: MakeApp, alice: Person
) -> None:
    app = make_app(replace(settings, limit_sign_in_account=5))
    for number in range(5):
        assert tries(at(app, f"198.51.100.{number}"), alice.address) == [401]
    # Now every address has two tries: the owner, from a new one, may even mistype once.
    assert tries(at(app, ELSEWHERE), alice.address, times=4) == [401, 401, 429, 429]
    owner = at(app, HOME)
    assert tries(owner, alice.address) == [401]
    owner.sign_in(alice)
    assert owner.path == "/m/INBOX"


def test_r18_one_address_cannot_try_one_password_on_everybody(
    settings: Settings, make_app: MakeApp, alice: Person
) -> None:
    app = make_app(replace(settings, limit_sign_in_address=4))
    spraying = at(app, ATTACKER)
    statuses = [tries(spraying, f"user{number}@example.org")[0] for number in range(7)]
    assert statuses == [401] * 4 + [429] * 3
    assert tries(spraying, "user0@unknown.invalid") == [429]
    owner = at(app, HOME)
    owner.sign_in(alice)
    assert owner.path == "/m/INBOX"


def test_r18_all_together_have_a_limit_too(settings: Settings, make_app: MakeApp, alice: Person) -> None:
    app = make_app(replace(settings, limit_sign_in_all=5))
    statuses = [tries(at(app, f"198.51.100.{number}"), f"user{number}@example.org")[0] for number in range(8)]
    assert statuses[:5] == [401] * 5
    assert 429 in statuses[5:]


def test_r18_one_mailbox_is_one_account_however_its_domain_is_spelt(
    settings: Settings, make_app: MakeApp, alice: Person
) -> None:
    """With login = local every domain leads to the same login: a new domain for each try gains nothing."""
    app = make_app(replace(settings, login="local", limit_sign_in=3))
    attacker = at(app, ATTACKER)
    local = alice.address.partition("@")[0]
    spelt = [f"{local if n % 2 else local.upper()}@d{n}.example" for n in range(5)]
    assert [tries(attacker, user)[0] for user in spelt] == [401] * 3 + [429] * 2


def test_r18_zero_turns_a_limit_off(settings: Settings, make_app: MakeApp, alice: Person) -> None:
    off = replace(settings, limit_sign_in=0, limit_sign_in_address=0, limit_sign_in_account=0, limit_sign_in_all=0)
    assert tries(at(make_app(off), ATTACKER), alice.address, times=12) == [401] * 12


@pytest.mark.asvs("6.3.8")
def test_r18_a_server_that_cannot_be_reached_costs_its_users_no_tries(
    settings: Settings, make_app: MakeApp, alice: Person
) -> None:
    assert tries(at(make_app(replace(settings, imap_port=1)), HOME), alice.address, times=15) == [502] * 15


def test_r18_unknown_users_and_wrong_passwords_hear_the_same_also_over_the_limit(
    settings: Settings, make_app: MakeApp, alice: Person
) -> None:
    app, said = make_app(replace(settings, limit_sign_in=3)), []
    for address, user in ((HOME, alice.address), (ELSEWHERE, "nobody@example.org")):
        visitor = at(app, address)
        statuses = tries(visitor, user, times=5)
        said.append((statuses, re.sub(r"\d+ seconds", "", visitor.text.replace(user, ""))))
    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("remote", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("unix:", "unknown"),
    ],
)
def test_r18_an_ipv6_customer_is_one_client(app: Flask, remote: str, counted: str) -> None:
    with app.test_request_context(environ_base={"REMOTE_ADDR": remote}):
        assert limits.client() == counted


@pytest.mark.asvs("15.3.4")
@pytest.mark.parametrize(
    ("hops", "header", "counted"),
    [
        (0, "203.0.113.4", ATTACKER),
        (1, "203.0.113.4", "203.0.113.4"),
        (1, "1.1.1.1, 2.2.2.2, 203.0.113.4", "203.0.113.4"),
        (2, "1.1.1.1, 203.0.113.4, 10.0.0.1", "203.0.113.4"),
        (2, "203.0.113.4", ATTACKER),
        (1, "nonsense", "unknown"),
    ],
)
def test_r30_a_forged_forwarding_header_is_not_believed(
    settings: Settings, make_app: MakeApp, hops: int, header: str, counted: str
) -> None:
    app, seen = make_app(replace(settings, proxy_hops=hops)), []
    app.before_request_funcs[None].insert(0, lambda: seen.append(limits.client()))
    at(app, ATTACKER).get("/login", headers={"X-Forwarded-For": header})
    assert seen == [counted]


def test_r30_a_new_forged_address_for_each_try_gains_nothing(
    settings: Settings, make_app: MakeApp, alice: Person
) -> None:
    for hops, forged in ((0, "203.0.113.{n}"), (1, "203.0.113.{n}, " + ATTACKER)):
        visitor = at(
            make_app(replace(settings, proxy_hops=hops, limit_sign_in=3)), ATTACKER if not hops else "127.0.0.1"
        )
        visitor.get("/login")
        data: dict[str, Any] = visitor.form("/login").filled(user=alice.address, password="wrong")
        statuses = [
            visitor.client.post(
                "/login", data=data, headers={"X-Forwarded-For": forged.format(n=n)}, base_url=visitor.base
            ).status_code
            for n in range(6)
        ]
        assert statuses == [401] * 3 + [429] * 3


@pytest.mark.asvs("2.4.1")
@pytest.mark.asvs("2.4.1")
@pytest.mark.asvs("2.4.1")
def test_r18_a_server_that_trusts_us_is_told_where_the_user_is(
    settings: Settings, make_app: MakeApp, another_dovecot: Callable[..., Dovecot], alice: Person
) -> None:
    server = another_dovecot(trusting=True)
    for trusts, seen in ((False, "rip=127.0.0.1"), (True, f"rip={HOME}")):
        visitor = at(make_app(replace(settings, imap_port=server.port, trusts_us=trusts)), HOME)
        visitor.sign_in(server.person(alice.identity))
        assert visitor.path == "/m/INBOX"
        logins = [line for line in server.log.read_text().splitlines() if "imap-login: Info: Login" in line]
        assert seen in logins[-1]


def test_r18_letters_over_the_limit_come_back_in_the_form_and_are_in_drafts(
    settings: Settings, make_app: MakeApp, alice: Person, submission: Submission
) -> None:
    visitor = at(make_app(replace(settings, limit_send=3)), HOME)
    visitor.sign_in(alice)
    visitor.get("/write")
    visitor.send(
        visitor.form("/write"), do="send", to="bob@example.org, c@example.org", cc="d@example.org", subject="1"
    )
    assert len(submission.accepted) == 1
    visitor.get("/write")
    visitor.send(visitor.form("/write"), do="send", to="bob@example.org", subject="An hour's work", body="My words")
    assert visitor.status == 429
    assert visitor.page is not None
    assert 0 < int(visitor.page.headers["Retry-After"]) <= 1200
    assert "Try again in 20 minutes" in visitor.text
    assert "Your letter is in Drafts" in visitor.text
    form = visitor.form("/write")
    assert (form.value("to"), form.value("subject"), form.value("body")) == (
        "bob@example.org", "An hour's work", "My words",
    )  # fmt: skip
    assert len(submission.accepted) == 1


def test_r18_a_search_over_the_limit_keeps_its_words_in_the_field(
    settings: Settings, make_app: MakeApp, alice: Person
) -> None:
    visitor = at(make_app(replace(settings, limit_search=2)), HOME)
    visitor.sign_in(alice)
    for status in (200, 200, 429):
        visitor.get("/search")
        visitor.send(visitor.form("/search"), q="apples and pears")
        assert visitor.status == status
    assert visitor.page is not None
    assert 0 < int(visitor.page.headers["Retry-After"]) <= 30
    assert "Try again in" in visitor.text
    assert visitor.form("/search").value("q") == "apples and pears"


def test_r18_uploads_over_the_limit_leave_the_text_of_the_letter(
    settings: Settings, make_app: MakeApp, alice: Person
) -> None:
    visitor = at(make_app(replace(settings, limit_upload_mb=3)), HOME)
    visitor.sign_in(alice)
    visitor.get("/write")
    visitor.send(
        visitor.form("/write"), do="save", subject="First", att=(io.BytesIO(b"a" * 2_900_000), "a.bin"), body="x"
    )
    assert visitor.status == 200
    visitor.get("/write")
    visitor.send(
        visitor.form("/write"), do="save", subject="Second", att=(io.BytesIO(b"a" * 2_000_000), "b.bin"), body="Words"
    )
    assert visitor.status == 429
    assert "Try again in" in visitor.text
    form = visitor.form("/write")
    assert (form.value("subject"), form.value("body")) == ("Second", "Words")
    # One file by itself is refused before it is read; what comes without a file is not.
    visitor.get("/write")
    token = visitor.form("/write").value("csrf_token")
    answer = visitor.client.post("/write/file", data=b"a" * 2_000_000, headers={"X-CSRFToken": token, "X-Name": "c"})
    assert (answer.status_code, answer.headers["Connection"]) == (429, "close")
    assert int(answer.headers["Retry-After"]) > 0
    visitor.send(visitor.form("/write"), do="save", subject="Third", att=(io.BytesIO(b""), ""), body="No file")
    assert visitor.status == 200
