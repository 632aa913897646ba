"""Snoozed letters leave untouched and come back unread, once, whoever brings them back."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from tests.servers.application import Visitor, settings_for
from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.people import ALICE, Person, letter
from tests.servers.submission import Submission
from tests.views.asleep import dated, look, pass_time
from tests.views.deeds import picks, press_undo, state, subjects, whole
from tests.views.test_act import SERVERS, lessen
from tests.views.test_mailbox import subjects as shown
from webmail.config import Settings
from webmail.imap import mailboxes

ODD = b"From: dora@example.net\r\nSubject: Odd\r\nX-Odd: \xff\r\n\r\nA line\r\n.\r\n\tand \xfe one\r\n\r\n"


@pytest.fixture(autouse=True)
def names_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are believed for some seconds; here another device changes them to let time pass."""
    monkeypatch.setattr(mailboxes, "_BELIEVED", 0.0)


def snooze(visitor: Visitor, until: str = "", do: str = "snooze", mailbox: str = "INBOX", **more: object) -> None:
    """Choose every row and press a button."""
    visitor.get(f"/m/{mailbox}")
    visitor.send(visitor.form(f"/m/{mailbox}/do"), do=do, until=until, **({"uid": picks(visitor.html)} | more))


def moments(html: str) -> list[str]:
    """The buttons of the menu."""
    return re.findall(r'value="(snooze \d{4}-\d\d-\d\dT\d\d:\d\d[+-]\d\d:\d\d)"', html)


def in_days(days: int) -> str:
    return f"{datetime.now() + timedelta(days=days):%Y-%m-%dT07:00}"


def test_a_letter_goes_and_comes_back_unread_with_the_same_octets(visitor: Visitor, alice: Person) -> None:
    alice.append(ODD, flags=["\\Seen", "\\Flagged", "$label1"])
    visitor.client.set_cookie("tz", "Europe/Berlin")
    visitor.sign_in(alice)
    before = state(alice)
    [button] = set(moments(visitor.html)[1:2])
    snooze(visitor, do=button)
    when = datetime.fromisoformat(button.split()[1])
    assert f"Message snoozed until {when:%a} {when.day} {when:%b %Y, %H:%M}." in visitor.text
    assert dated(alice) == [f"Snoozed.{when:%Y-%m-%d %H-%M %z}"], "what any other program shows"
    assert alice.messages() == []
    [asleep] = alice.messages(dated(alice)[0])
    assert asleep.raw == ODD
    assert asleep.flags == {"\\Seen", "\\Flagged", "$label1"}
    press_undo(visitor)
    assert state(alice) == before
    snooze(visitor, do=button)
    pass_time(alice)
    look(visitor, alice, "/m/INBOX")
    [back] = alice.messages()
    assert back.raw == ODD
    assert back.flags == {"\\Flagged", "$label1", "$Woken"}
    assert dated(alice) == [], "the folder of the moment is gone"
    assert picks(visitor.html), "and it is in the list that was asked for"


def test_the_folder_list_has_one_entry_and_nothing_moves_into_a_moment(visitor: Visitor, alice: Person) -> None:
    alice.append_all([letter("One"), letter("Two")])
    visitor.sign_in(alice)
    assert ">Snoozed<" not in visitor.html
    for days in (2, 3):
        snooze(visitor, in_days(days), uid=picks(visitor.get("/m/INBOX").get_data(as_text=True))[:1])
    visitor.get("/m/Drafts")
    assert visitor.html.count('href="/snoozed"') == 1
    assert "Snoozed.20" not in visitor.html
    assert "07-00" not in visitor.html
    assert not moments(visitor.html), "a draft is not put off"
    visitor.get("/snoozed")
    assert re.findall(r"<b dir=\"auto\">([^<]*)</b> <span dir=\"auto\">([^<]*)", visitor.html) == [
        ("Dora Doe", "Two"), ("Dora Doe", "One"),
    ]  # fmt: skip
    assert "07:00 in 2 days" in visitor.text or "07:00 in 1 day" in visitor.text or "in 3 days" in visitor.text
    assert "when you or another device of yours is signed in here" in visitor.text


def test_from_its_page_a_letter_is_brought_back_or_given_another_moment(visitor: Visitor, alice: Person) -> None:
    alice.append_all([letter("One"), letter("Two"), letter("Three")], flags=["\\Seen"])
    visitor.sign_in(alice)
    snooze(visitor, in_days(2))
    first = dated(alice)[0]
    visitor.get("/snoozed")
    form = visitor.form("/m/Snoozed")
    chosen = {
        re.sub(".*: ", "", text): pick
        for pick, text in re.findall(r'name="snooze" value="([\d.]+)">Change<span class="vh"> (\w+)', visitor.html)
    }
    visitor.send(form, snooze=chosen["One"])
    assert "Snooze until when?" in visitor.text
    assert "This message leaves" in visitor.text
    visitor.send(visitor.form("/m/Snoozed"), do="snooze", until=in_days(9))
    assert visitor.path == "/snoozed"
    assert len(dated(alice)) == 2
    assert subjects(alice, dated(alice)[1]) == ["One"]
    assert len(subjects(alice, first)) == 2
    visitor.send(visitor.form("/m/Snoozed"), unsnooze=chosen["Two"])
    assert "Message back in Inbox." in visitor.text
    assert subjects(alice) == ["Two"]
    assert "\\Seen" not in alice.messages()[0].flags
    press_undo(visitor)
    assert subjects(alice) == []
    assert len(subjects(alice, first)) == 2
    visitor.get("/snoozed")
    visitor.send(visitor.form("/m/Snoozed"), do="unsnooze")
    assert subjects(alice) == ["Three", "Two"]
    assert subjects(alice, first) == []
    visitor.get("/snoozed")
    assert first in dated(alice), "kept until its time: another device may be filling it now"
    assert "Three" not in visitor.text
    assert "One" in visitor.text


@pytest.mark.parametrize("text", ["", "nonsense", "2001-01-01T07:00", "9999-12-31T23:59"])
def test_no_moment_or_a_wrong_one_is_asked_again_and_nothing_is_lost(
    visitor: Visitor, alice: Person, text: str
) -> None:
    alice.append_all([letter("One"), letter("Two")])
    visitor.sign_in(alice)
    before = state(alice)
    snooze(visitor, text)
    assert visitor.status == (400 if text else 200)
    assert "Snooze until when?" in visitor.text
    assert "These 2 messages leave" in visitor.text
    assert ("nothing was snoozed" in visitor.text) == bool(text)
    assert state(alice) == before
    visitor.send(visitor.form("/m/INBOX/do"), do=moments(visitor.html)[-1])
    assert "2 messages snoozed until" in visitor.text


def test_a_whole_list_is_snoozed_and_all_of_it_comes_back(visitor: Visitor, alice: Person) -> None:
    alice.append_all([letter(f"Number {n}") for n in range(55)])
    visitor.sign_in(alice)
    snooze(visitor, in_days(2), whole=whole(visitor.html))
    assert len(alice.messages(dated(alice)[0])) == 55
    visitor.get("/snoozed")
    assert "30 more at this moment" in visitor.text
    pass_time(alice)
    look(visitor, alice, "/snoozed")
    assert "Nothing is snoozed." in visitor.text
    assert len(alice.messages()) == 55


def test_what_is_back_stands_first_in_the_inbox_until_it_is_read_and_on_no_other_page(
    visitor: Visitor, alice: Person
) -> None:
    """Whatever its date; told in the row; where the server takes no keywords it stands by its date, unread."""
    many = 60
    old = alice.append(letter("Number 0"), when=datetime.now() - timedelta(days=400))
    alice.append_all([letter(f"Number {n}") for n in range(1, many)])
    pick = f"{alice.uidvalidity()}.{old}"
    visitor.sign_in(alice)
    visitor.get("/m/INBOX")
    visitor.send(visitor.form("/m/INBOX/do"), do="snooze", uid=[pick], until=in_days(2))
    pass_time(alice)
    look(visitor, alice, "/m/INBOX")
    assert "Back from Snoozed" in re.findall(r'<h2 class="day">([^<]*)', visitor.html)[0]
    assert shown(visitor.html)[0] == "Number 0"
    assert visitor.html.count("Back from Snoozed. ") == 1, "said in the row"
    first = shown(visitor.html)
    visitor.get(re.findall(r'href="([^"]+)" rel="next"', visitor.html)[0].replace("&amp;", "&"))
    assert sorted(first + shown(visitor.html)) == sorted(f"Number {n}" for n in range(many)), "each row once"
    [back] = [one for one in alice.messages() if "$Woken" in one.flags]
    visitor.get(f"/m/INBOX/{alice.uidvalidity()}.{back.uid}")
    visitor.get("/m/INBOX")
    assert "Back from Snoozed" not in visitor.html
    assert shown(visitor.html)[0] == f"Number {many - 1}"
    assert shown(visitor.html)[-1] == "Number 0", "by its date among the newest, by its UID on the first page"
    visitor.send(visitor.form("/m/INBOX/do"), do="snooze", uid=[f"{alice.uidvalidity()}.{back.uid}"], until=in_days(2))
    [again] = alice.messages(dated(alice)[0])
    assert "$Woken" not in again.flags


@pytest.mark.parametrize("missing", SERVERS.values(), ids=SERVERS)
def test_every_server_gives_it_back(
    visitor: Visitor, alice: Person, monkeypatch: pytest.MonkeyPatch, missing: set[str]
) -> None:
    lessen(monkeypatch, missing)
    alice.append(ODD, flags=["\\Seen"])
    visitor.sign_in(alice)
    snooze(visitor, in_days(2))
    pass_time(alice)
    look(visitor, alice, "/m/INBOX")
    assert [(m.raw, m.flags) for m in alice.messages()] == [(ODD, {"$Woken"})]
    assert dated(alice) == []


def test_what_is_due_is_there_after_sign_in(visitor: Visitor, app: Flask, alice: Person) -> None:
    alice.append(ODD)
    visitor.sign_in(alice)
    snooze(visitor, in_days(2))
    pass_time(alice)
    later = Visitor(app)
    later.get("/login?next=/write")
    later.send(later.form("/login"), user=alice.address, password=alice.password)
    assert later.path.startswith("/write")
    assert subjects(alice) == ["Odd"]


def test_what_others_put_into_snoozed_is_left_alone(visitor: Visitor, alice: Person) -> None:
    for name in ("Snoozed", "Snoozed.Later", "Snoozed.2020-01-01", "Snoozed.2020-01-01 08-00 +0000"):
        alice.create(name)
        alice.append(letter(name), name)
    visitor.sign_in(alice)
    assert subjects(alice) == ["Snoozed.2020-01-01 08-00 +0000"], "only what is called as we call it"
    for name in ("Snoozed", "Snoozed.Later", "Snoozed.2020-01-01"):
        assert subjects(alice, name) == [name]
    visitor.get("/snoozed")
    assert "1 message lies in the folder itself" in visitor.text
    assert ">Later<" in visitor.html, "a folder as any other in the list"


def test_two_sessions_wake_one_letter_once(
    settings: Settings, make_app: Callable[[Settings], Flask], alice: Person
) -> None:
    """Two processes, that know nothing of each other, and two sessions in each."""
    apps = [make_app(settings), make_app(settings)]
    visitors = [Visitor(app) for app in (*apps, *apps)]
    for visitor in visitors:
        visitor.sign_in(alice)
    for turn in range(8):
        name = f"Snoozed.2020-07-20 07-{turn:02} +0200"
        alice.create(name)
        alice.append_all([letter(f"{turn}.{n}") for n in range(3)], name, ["\\Seen"])
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda visitor: visitor.get("/m/INBOX"), visitors))
        assert [visitor.status for visitor in visitors] == [200] * 4
    look(visitors[0], alice, "/m/INBOX")
    assert subjects(alice) == sorted(f"{turn}.{n}" for turn in range(8) for n in range(3))
    assert all("\\Seen" not in message.flags for message in alice.messages())
    assert dated(alice) == []


@pytest.mark.parametrize(
    "options", [{"layout": "fs"}, {"prefix": "INBOX."}, {"layout": "fs", "prefix": "INBOX."}], ids=str
)
def test_folders_lie_where_the_server_wants_them(
    another_dovecot: Callable[..., Dovecot], submission: Submission, authority: Authority, tmp_path: object,
    make_app: Callable[[Settings], Flask], options: dict[str, str],
) -> None:  # fmt: skip
    server = another_dovecot(**options)
    alice = server.person(ALICE)
    alice.append(ODD, flags=["\\Seen"])
    visitor = Visitor(make_app(settings_for(server.port, submission.port, authority.ca_file, tmp_path)))  # type: ignore[arg-type]
    visitor.sign_in(alice)
    snooze(visitor, in_days(2))
    mark = server.separator
    root = f"INBOX{mark}Snoozed" if "prefix" in options else "Snoozed"
    zone = ZoneInfo("UTC")
    day = (datetime.now(zone) + timedelta(days=2)).date()
    assert dated(alice) == [f"{root}{mark}{day} 07{'-' if mark == '.' else '.'}00 +0000"]
    visitor.get("/snoozed")
    assert "Odd" in visitor.text
    assert visitor.html.count('href="/snoozed"') == 1
    pass_time(alice)
    look(visitor, alice, "/snoozed")
    assert [(m.raw, m.flags) for m in alice.messages()] == [(ODD, {"$Woken"})]
    assert dated(alice) == []


def test_the_page_of_all_folders_has_one_line_for_all_moments(visitor: Visitor, alice: Person) -> None:
    uids = alice.append_all([letter("One"), letter("Two"), letter("Three")])
    visitor.sign_in(alice)
    for uid, when in zip(uids, ("2035-01-01T08:00", "2036-01-01T08:00", "2036-01-01T08:00"), strict=True):
        visitor.get("/m/INBOX")
        visitor.send(visitor.form("/m/INBOX/do"), do="snooze", uid=[f"{alice.uidvalidity()}.{uid}"], until=when)
    assert len(dated(alice)) == 2
    visitor.get("/folders")
    lines = re.findall(r'<li class="f.*?</li>', visitor.html.partition('<ul class="tree"')[2], re.DOTALL)
    [line] = [one for one in lines if "Snoozed" in one]
    assert 'href="/snoozed"' in line
    assert ">3<" in line
    assert "203" not in "".join(lines), "no moment among the folders"
