"""The folder page: folders with their counts, rows by day, pages by UID, and acting on rows."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.servers.application import Visitor
from tests.servers.people import Person, letter


def picks(html: str) -> list[str]:
    return re.findall(r'name="uid" value="(\d+\.[\d,]+)"', html)


def subjects(html: str) -> list[str]:
    return re.findall(r'class="subj"[^>]*>([^<]*)<', html)


def test_rows_say_who_what_when_and_whether_it_was_read(visitor: Visitor, alice: Person) -> None:
    alice.append(letter("Ferry times", sender="Tomás <tomas@example.net>", text="The 07:40 is full.\r\n"))
    alice.append(letter("Already read"), flags=["\\Seen", "\\Flagged"])
    visitor.sign_in(alice)
    assert subjects(visitor.html) == ["Already read", "Ferry times"]
    assert "Tomás" in visitor.text
    assert "The 07:40 is full." in visitor.text
    assert visitor.html.count("row unread") == 1
    assert visitor.html.count('aria-pressed="true"') == 1
    assert "1 unread of 2" in visitor.text


def test_folders_show_their_unread_counts(visitor: Visitor, alice: Person) -> None:
    alice.create("Choir")
    alice.append(letter("One"), "Choir")
    alice.append(letter("Two"), "Choir")
    visitor.sign_in(alice)
    assert re.search(r"Choir.*?2<span class=\"vh\"> unread", visitor.html, re.DOTALL)


@pytest.mark.parametrize(
    "name", ["Ärger", "日本語", "A & B", "100% *", 'say "hi"', "a~b", "&AMQ", "Räksmörgås och kaffe"]
)
def test_a_folder_of_any_name_opens(visitor: Visitor, alice: Person, name: str) -> None:
    alice.create(name)
    alice.append(letter(f"Inside {len(name)}"), name)
    visitor.sign_in(alice)
    from webmail.mail.mailbox import encode_name
    from webmail.web.converters import mailbox_to_url

    visitor.get("/m/" + mailbox_to_url(encode_name(name)).replace("%", "%25"))
    assert visitor.status == 200
    assert subjects(visitor.html) == [f"Inside {len(name)}"]


def test_rows_stand_under_the_heading_of_their_day(visitor: Visitor, alice: Person) -> None:
    now = datetime.now(UTC)
    for age, subject in ((0, "Now"), (1, "Then"), (400, "Long ago")):
        alice.append(letter(subject), when=now - timedelta(days=age))
    visitor.sign_in(alice)
    assert re.findall(r'class="day"[^>]*>([^<]+)<', visitor.html)[:2] == ["Today", "Yesterday"]
    assert subjects(visitor.html) == ["Now", "Then", "Long ago"]


def test_older_and_newer_walk_every_message_once_while_mail_comes_and_goes(visitor: Visitor, alice: Person) -> None:
    uids = alice.append_all([letter(f"Number {n}") for n in range(130)])
    visitor.sign_in(alice)
    seen = subjects(visitor.html)
    assert "1–50 of 130" in visitor.text
    alice.expunge(uids[100])
    alice.append(letter("Number 999"))
    while 'rel="next"' in visitor.html:
        older = re.search(r'href="([^"]+)"[^>]*rel="next"', visitor.html)
        assert older
        visitor.get(older[1].replace("&amp;", "&"))
        seen += subjects(visitor.html)
    assert sorted(seen) == sorted(f"Number {n}" for n in range(130))
    newer = re.search(r'href="([^"]+)"[^>]*rel="prev"', visitor.html)
    assert newer
    visitor.get(newer[1].replace("&amp;", "&"))
    assert len(subjects(visitor.html)) == 50


def test_unread_and_starred_are_filters(visitor: Visitor, alice: Person) -> None:
    alice.append(letter("Read"), flags=["\\Seen"])
    alice.append(letter("Unread"))
    alice.append(letter("Star"), flags=["\\Seen", "\\Flagged"])
    visitor.sign_in(alice)
    visitor.get("/m/INBOX?only=unread")
    assert subjects(visitor.html) == ["Unread"]
    visitor.get("/m/INBOX?only=starred")
    assert subjects(visitor.html) == ["Star"]


@pytest.mark.parametrize(
    ("do", "flag", "there"), [("read", "\\Seen", True), ("unread", "\\Seen", False), ("star", "\\Flagged", True)]
)
def test_marking_rows_reaches_the_server(visitor: Visitor, alice: Person, do: str, flag: str, there: bool) -> None:
    uid = alice.append(letter("One"), flags=[] if there else ["\\Seen"])
    other = alice.append(letter("Two"))
    visitor.sign_in(alice)
    pick = next(p for p in picks(visitor.html) if p.endswith(f".{uid}"))
    visitor.send(visitor.form("/m/INBOX/do"), do=do, uid=[pick])
    assert (flag in alice.flags(uid)) is there
    assert flag not in alice.flags(other)


@pytest.mark.parametrize(("do", "folder"), [("archive", "Archive"), ("delete", "Trash"), ("junk", "Junk")])
def test_moving_rows_by_button(visitor: Visitor, alice: Person, do: str, folder: str) -> None:
    alice.append(letter("One"))
    alice.append(letter("Two"))
    visitor.sign_in(alice)
    visitor.send(visitor.form("/m/INBOX/do"), do=do, uid=picks(visitor.html))
    assert alice.messages() == []
    assert {m.header("Subject") for m in alice.messages(folder)} == {"One", "Two"}
    assert f"2 messages moved to {folder}." in visitor.text


def test_junk_and_back_tells_the_servers_filter(visitor: Visitor, alice: Person) -> None:
    alice.append(letter("Prize"))
    visitor.sign_in(alice)
    visitor.send(visitor.form("/m/INBOX/do"), do="junk", uid=picks(visitor.html))
    assert "$Junk" in alice.messages("Junk")[0].flags
    visitor.get("/m/Junk")
    visitor.send(visitor.form("/m/Junk/do"), do="notjunk", uid=picks(visitor.html))
    assert alice.messages()[0].flags & {"$Junk", "$NotJunk"} == {"$NotJunk"}


def test_moving_rows_to_a_folder_of_choice(visitor: Visitor, alice: Person) -> None:
    alice.create("Ärger")
    alice.append(letter("One"))
    visitor.sign_in(alice)
    visitor.send(
        visitor.form("/m/INBOX/do"), do="move", dest="~26AMQ-rger".replace("~26", "&"), uid=picks(visitor.html)
    )
    assert [m.header("Subject") for m in alice.messages("Ärger")] == ["One"]


def test_a_missing_folder_is_told_and_the_way_back_shown(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    visitor.get("/m/Nowhere")
    assert visitor.status == 404
    assert "This folder is not there" in visitor.text


@pytest.mark.parametrize(
    "path", ["/m/a~0D~0Ab", "/m/%0d%0a", "/m/" + "x" * 5000, "/m/~", "/m/INBOX/0.0", "/m/INBOX/1.x"]
)
def test_r9_odd_addresses_are_nothing_here(visitor: Visitor, alice: Person, path: str) -> None:
    visitor.sign_in(alice)
    visitor.get(path)
    assert visitor.status in (400, 404)
    assert "nothing here" in visitor.text or "did not understand" in visitor.text


def test_acting_on_a_rebuilt_folder_touches_nothing(visitor: Visitor, alice: Person) -> None:
    alice.create("Work")
    alice.append(letter("Old"), "Work")
    visitor.sign_in(alice)
    visitor.get("/m/Work")
    form, chosen = visitor.form("/m/Work/do"), picks(visitor.html)
    while alice.uidvalidity("Work") == int(chosen[0].split(".")[0]):
        alice.rebuild("Work")
    alice.append(letter("New"), "Work")
    visitor.send(form, do="delete", uid=chosen)
    assert visitor.status == 409
    assert "rebuilt" in visitor.text
    assert [m.header("Subject") for m in alice.messages("Work")] == ["New"]


@pytest.mark.parametrize("data", [{"do": "explode"}, {"do": "read", "uid": ["1"]}, {"do": "move", "dest": "a\r\nb"}])
def test_forms_we_did_not_make_are_refused(visitor: Visitor, alice: Person, data: dict[str, object]) -> None:
    alice.append(letter("One"))
    visitor.sign_in(alice)
    visitor.send(visitor.form("/m/INBOX/do"), **({"uid": picks(visitor.html)} | data))
    assert visitor.status == 400


def test_nothing_chosen_changes_nothing_and_says_so(visitor: Visitor, alice: Person) -> None:
    alice.append(letter("One"))
    visitor.sign_in(alice)
    visitor.send(visitor.form("/m/INBOX/do"), do="delete")
    assert "Choose a message first" in visitor.text
    assert len(alice.messages()) == 1


def test_r34_charlie_cannot_reach_alices_mail_by_her_links(
    visitor: Visitor, app: object, alice: Person, charlie: Person
) -> None:
    alice.append(letter("Secret"))
    visitor.sign_in(alice)
    pick = picks(visitor.html)[0]
    other = Visitor(visitor.app)
    other.sign_in(charlie)
    for path in ("", "/body", "/part/1", "/source", "/eml", "/reply"):
        other.get(f"/m/INBOX/{pick}{path}")
        assert other.status in (404, 409)
        assert "Secret" not in other.text


def test_acting_on_an_older_page_stays_on_that_page(visitor: Visitor, alice: Person) -> None:
    alice.append_all([letter(f"Number {n}") for n in range(60)])
    visitor.sign_in(alice)
    older = re.search(r'href="([^"]+)"[^>]*rel="next"', visitor.html)
    assert older
    visitor.get(older[1].replace("&amp;", "&"))
    assert "Number 9" in subjects(visitor.html)
    visitor.send(visitor.form("/m/INBOX/do"), do="star", uid=picks(visitor.html)[:1])
    assert "Number 9" in subjects(visitor.html)
    assert 'aria-pressed="true"' in visitor.html


@pytest.mark.parametrize("do", ["archive", "star", "read", "delete"])
def test_what_another_device_took_away_is_not_called_done(visitor: Visitor, alice: Person, do: str) -> None:
    uid, other = alice.append(letter("One")), alice.append(letter("Two"))
    visitor.sign_in(alice)
    form, chosen = visitor.form("/m/INBOX/do"), picks(visitor.html)
    alice.expunge(uid)
    visitor.send(form, do=do, uid=chosen)
    assert "1 was no longer here" in visitor.text
    alice.append(letter("Three"))
    visitor.send(form, do=do, uid=[pick for pick in chosen if pick.endswith(f".{uid}")])
    assert "the message is no longer here" in visitor.text
    assert other


def test_no_folder_chosen_moves_nothing(visitor: Visitor, alice: Person) -> None:
    alice.append(letter("One"))
    visitor.sign_in(alice)
    visitor.send(visitor.form("/m/INBOX/do"), do="move", uid=picks(visitor.html), dest="")
    assert "Choose a folder first" in visitor.text
    assert len(alice.messages()) == 1


def test_an_older_page_that_became_empty_gives_way_to_the_newest(visitor: Visitor, alice: Person) -> None:
    uids = alice.append_all([letter(f"Number {n}") for n in range(55)])
    visitor.sign_in(alice)
    visitor.get(f"/m/INBOX?before={uids[5]}")
    visitor.send(visitor.form("/m/INBOX/do"), do="archive", uid=picks(visitor.html))
    assert len(subjects(visitor.html)) == 50
    assert "5 messages moved to Archive" in visitor.text
