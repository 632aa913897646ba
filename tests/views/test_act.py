"""What is done to messages reaches the server, as a second device sees it; and all of it can be taken back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from tests.servers.application import Visitor
from tests.servers.dovecot import Dovecot
from tests.servers.people import ALICE, Person, letter
from tests.servers.proxy import Proxy
from tests.views.deeds import picks, press_undo, state, subjects, undo_path, whole
from tests.views.test_saving import take_away
from webmail.config import Settings
from webmail.imap import decode, move

LETTERS = (("One", []), ("Two", ["\\Seen"]), ("Three", ["\\Flagged", "$Forwarded"]), ("Four", ["Choir"]))

FLAGS: dict[str, Callable[[frozenset[str]], frozenset[str]]] = {
    "read": lambda had: had | {"\\Seen"},
    "unread": lambda had: had - {"\\Seen"},
    "star": lambda had: had | {"\\Flagged"},
    "unstar": lambda had: had - {"\\Flagged"},
    "pin": lambda had: had | {"$Pinned"},
    "mute": lambda had: had | {"$Muted"},
    "label": lambda had: had | {"$label1"},
    "unlabel": lambda had: had - {"$label1"},
}

SERVERS = {"as Dovecot is": set(), "without MOVE": {"MOVE"}, "without UIDPLUS": {"MOVE", "UIDPLUS"}}


@pytest.fixture(params=SERVERS)
def lesser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the server can do."""
    lessen(monkeypatch, SERVERS[request.param])
    return str(request.param)


def lessen(monkeypatch: pytest.MonkeyPatch, missing: set[str]) -> None:
    """The server no longer offers this, and does not tell what belongs to it."""
    take_away(monkeypatch, missing)
    if "UIDPLUS" in missing:
        monkeypatch.setattr(decode, "copyuid", lambda data: None)


def fill(person: Person, mailbox: str = "INBOX") -> None:
    for subject, flags in LETTERS:
        person.append(letter(subject, message_id=f"<{subject}@example.net>"), mailbox, flags)


def act(visitor: Visitor, do: str, mailbox: str = "INBOX", **more: Any) -> None:
    """Press a button of the list with every row chosen."""
    visitor.get(f"/m/{mailbox}")
    visitor.send(visitor.form(f"/m/{mailbox}/do"), do=do, **({"uid": picks(visitor.html)} | more))


def test_every_mark_is_set_and_taken_back_for_each_message_as_it_was(visitor: Visitor, alice: Person) -> None:
    fill(alice)
    alice.append(letter("Five"), flags=["$label1"])
    visitor.sign_in(alice)
    before, had = state(alice), {m.header("Subject"): m.flags for m in alice.messages()}
    for do, change in FLAGS.items():
        act(visitor, do, label="$label1")
        assert "5 messages" in visitor.text
        assert {m.header("Subject"): m.flags for m in alice.messages()} == {s: change(f) for s, f in had.items()}, do
        press_undo(visitor)
        assert "Undone." in visitor.text
        assert state(alice) == before, do


WAYS = (("archive", "Archive"), ("delete", "Trash"), ("junk", "Junk"), ("move", "Work"), ("copy", "Work"))


def test_every_way_out_of_a_folder_leads_back(visitor: Visitor, alice: Person, lesser: str) -> None:
    alice.create("Work")
    fill(alice)
    visitor.sign_in(alice)
    before = state(alice)
    for do, folder in WAYS:
        act(visitor, do, dest="Work")
        assert f"4 messages {'copied' if do == 'copy' else 'moved'} to {folder}." in visitor.text
        assert subjects(alice, folder) == ["Four", "One", "Three", "Two"]
        assert subjects(alice) == (subjects(alice, folder) if do == "copy" else [])
        if do == "junk":
            assert all("$Junk" in message.flags for message in alice.messages("Junk"))
        if do == "copy" and lesser == "without UIDPLUS":
            assert "/undo" not in visitor.html, "nobody can tell which the copies are"
            continue
        press_undo(visitor)
        assert "Undone." in visitor.text
        assert state(alice) == before, do


def test_not_junk_leads_back_to_junk(visitor: Visitor, alice: Person) -> None:
    alice.append(letter("Prize"), "Junk", ["$Junk", "\\Seen"])
    visitor.sign_in(alice)
    before = state(alice)
    act(visitor, "notjunk", "Junk")
    assert alice.messages()[0].flags == {"\\Seen", "$NotJunk"}
    press_undo(visitor)
    assert state(alice) == before


def test_moving_to_junk_by_name_says_that_it_is_junk(visitor: Visitor, alice: Person) -> None:
    fill(alice)
    visitor.sign_in(alice)
    act(visitor, "move", dest="Junk")
    assert all("$Junk" in message.flags for message in alice.messages("Junk"))


def test_deleting_for_ever_is_asked_once_with_the_number_and_cannot_be_undone(visitor: Visitor, alice: Person) -> None:
    fill(alice, "Trash")
    visitor.sign_in(alice)
    act(visitor, "erase", "Trash")
    assert "These 4 messages will be gone" in visitor.text
    assert len(alice.messages("Trash")) == 4
    visitor.send(visitor.form("/m/Trash/do"), sure="1")
    assert alice.messages("Trash") == []
    assert "4 messages deleted for ever." in visitor.text
    assert "/undo" not in visitor.html


def test_a_new_label_is_a_keyword_that_every_program_can_read(visitor: Visitor, alice: Person) -> None:
    fill(alice)
    visitor.sign_in(alice)
    act(visitor, "label", name="Reise Köln & mehr")
    assert all("Reise_K~C3~B6ln_~26_mehr" in message.flags for message in alice.messages())
    assert visitor.html.count(">Reise Köln &amp; mehr</span>") == 4, "in the rows"
    assert ">Choir</span>" in visitor.html, "and what another program set"
    act(visitor, "unlabel", label="Reise_K~C3~B6ln_~26_mehr")
    assert not any("Reise_K~C3~B6ln_~26_mehr" in message.flags for message in alice.messages())
    for name, words in (("", "Choose a label first"), ("x" * 51, "too long"), ("Junk", "their own marks")):
        act(visitor, "label", name=name)
        assert words in visitor.text
    act(visitor, "label", name="work")
    assert all("$label2" in message.flags for message in alice.messages()), "Thunderbird's own keeps its keyword"


def test_r9_what_is_no_label_is_refused(visitor: Visitor, alice: Person) -> None:
    fill(alice)
    visitor.sign_in(alice)
    before = state(alice)
    for label in ("\\Deleted", "$Junk", "a b", "a)", "x\r\ny", "Seen", "é"):
        act(visitor, "label", label=label)
        assert visitor.status == 400
    assert state(alice) == before


def test_mute_is_for_the_whole_conversation(visitor: Visitor, alice: Person) -> None:
    alice.append(letter("Plan", message_id="<a@x>"))
    alice.append(letter("Re: Plan", message_id="<b@x>", extra="References: <a@x>\r\nIn-Reply-To: <a@x>\r\n"))
    alice.append(letter("Other", message_id="<c@x>"))
    visitor.sign_in(alice)
    act(visitor, "mute", uid=[picks(visitor.html)[1].partition(",")[0]])
    muted = {m.header("Subject") for m in alice.messages() if "$Muted" in m.flags}
    assert muted == {"Plan", "Re: Plan"}
    press_undo(visitor)
    assert not any("$Muted" in m.flags for m in alice.messages())


# --- undo after the world went on -------------------------------------------------------------------------------------


def test_a_second_action_closes_the_first_and_an_undo_is_done_once(visitor: Visitor, alice: Person) -> None:
    fill(alice)
    visitor.sign_in(alice)
    act(visitor, "star")
    first = undo_path(visitor.html)
    act(visitor, "archive")
    assert undo_path(visitor.html) != first
    visitor.get("/m/INBOX")
    assert re.search(r'id="toast" hidden', visitor.html), "read, but its key still works"
    form = visitor.form("/jobs/")
    press_undo(visitor)
    assert len(alice.messages()) == 4
    assert "/undo" not in visitor.html
    visitor.send(form, action=form.action)
    assert len(alice.messages()) == 4
    assert visitor.status == 200


def test_undo_brings_back_what_is_still_there_and_says_so(visitor: Visitor, alice: Person) -> None:
    fill(alice)
    visitor.sign_in(alice)
    act(visitor, "archive")
    alice.expunge(alice.messages("Archive")[0].uid, "Archive")
    press_undo(visitor)
    assert len(alice.messages()) == 3
    assert "Undone. 1 was moved or deleted meanwhile" in visitor.text


def test_undo_when_the_folder_was_deleted_meanwhile_leaves_them_where_they_are(visitor: Visitor, alice: Person) -> None:
    alice.create("Work")
    fill(alice, "Work")
    visitor.sign_in(alice)
    act(visitor, "archive", "Work")
    form, path = visitor.form("/jobs/"), undo_path(visitor.html)
    with alice.imap() as client:
        client.delete_folder("Work")
    visitor.send(form, action=path)
    assert visitor.status == 404
    assert "This folder is not there" in visitor.text
    assert len(alice.messages("Archive")) == 4
    alice.create("Work")
    visitor.send(form, action=path)
    assert len(alice.messages("Work")) == 4, "and it can be tried again"


def test_undo_does_not_touch_a_folder_that_was_rebuilt(visitor: Visitor, alice: Person) -> None:
    alice.create("Work")
    fill(alice)
    visitor.sign_in(alice)
    act(visitor, "move", dest="Work")
    form, path = visitor.form("/jobs/"), undo_path(visitor.html)
    validity = alice.uidvalidity("Work")
    while alice.uidvalidity("Work") == validity:
        alice.rebuild("Work")
    alice.append(letter("New"), "Work")
    visitor.send(form, action=path)
    assert "It could not be undone." in visitor.text
    assert subjects(alice, "Work") == ["New"]


def test_without_uidplus_two_of_one_name_are_not_guessed(
    visitor: Visitor, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    lessen(monkeypatch, {"MOVE", "UIDPLUS"})
    alice.append(letter("Twin", message_id="<t@x>"))
    alice.append(letter("Twin", message_id="<t@x>"))
    alice.append(letter("Single", message_id="<s@x>"))
    alice.append(letter("Nameless"))
    visitor.sign_in(alice)
    act(visitor, "archive")
    press_undo(visitor)
    assert subjects(alice) == ["Single"]
    assert "3 were moved or deleted meanwhile, or the server does not tell where they are" in visitor.text


@pytest.mark.parametrize("keeps", [False, True], ids=["marks are taken away meanwhile", "marks cannot be taken away"])
def test_without_uidplus_beside_what_another_device_has_marked_all_comes_back(
    visitor: Visitor, alice: Person, monkeypatch: pytest.MonkeyPatch, keeps: bool
) -> None:
    """A bare EXPUNGE would remove theirs as well. So their marks go meanwhile; else ours are left marked, too."""
    lessen(monkeypatch, {"MOVE", "UIDPLUS"})
    if keeps:
        monkeypatch.setattr(move, "_mark", lambda *_: False)
    fill(alice)
    alice.append(letter("Theirs"), flags=["\\Deleted"])
    visitor.sign_in(alice)
    mine = picks(visitor.html)[1:]
    act(visitor, "archive", uid=mine)
    assert len(alice.messages("Archive")) == 4
    assert len(alice.messages()) == (5 if keeps else 1)
    press_undo(visitor)
    there = {m.header("Subject"): "\\Deleted" in m.flags for m in alice.messages()}
    assert there == {"One": False, "Two": False, "Three": False, "Four": False, "Theirs": True}


def test_r34_a_deed_of_alice_is_nothing_to_charlie(visitor: Visitor, alice: Person, charlie: Person) -> None:
    fill(alice)
    visitor.sign_in(alice)
    act(visitor, "archive")
    path = undo_path(visitor.html)
    other = Visitor(visitor.app)
    other.sign_in(charlie)
    token = other.form("/logout").value("csrf_token")
    for place in (path, path.replace("/undo", "/stop"), path.replace("/undo", "/on")):
        assert other.client.post(place, base_url=other.base, data={"csrf_token": token}).status_code == 404
    other.get(path.removesuffix("/undo"))
    assert other.status == 404
    assert alice.messages() == []
    again = Visitor(visitor.app)
    again.sign_in(alice)
    again.get(path.removesuffix("/undo"))
    assert again.status == 404, "not to another sign-in of hers either"


# --- what cannot be done ----------------------------------------------------------------------------------------------


def test_a_full_mailbox_refuses_a_copy_and_nothing_is_changed(
    another_dovecot: Callable[..., Dovecot], settings: Settings, make_app: Callable[[Settings], Flask],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    take_away(monkeypatch, {"MOVE"})
    server = another_dovecot(quota=20_000)
    alice = server.person(ALICE)
    alice.append(letter("Large", text="x" * 12_000), flags=["$NotJunk"])
    visitor = Visitor(make_app(replace(settings, imap_port=server.port)))
    visitor.sign_in(alice)
    before = state(alice)
    for do in ("copy", "move", "junk"):
        act(visitor, do, dest="Archive")
        assert visitor.status == 507
        assert "Your mailbox is full" in visitor.text
        assert state(alice) == before, "flags, too, are as they were"


def test_a_folder_that_may_only_be_read_refuses_every_deed_but_copy(
    another_dovecot: Callable[..., Dovecot], settings: Settings, make_app: Callable[[Settings], Flask]
) -> None:
    server = another_dovecot(acl=True)
    alice = server.person(ALICE)
    alice.create("Records")
    fill(alice, "Records")
    server.grant(alice, "Records", "lr")
    visitor = Visitor(make_app(replace(settings, imap_port=server.port)))
    visitor.sign_in(alice)
    before = state(alice)
    form, uids = visitor.form("/logout"), [f"{alice.uidvalidity('Records')}.{m.uid}" for m in alice.messages("Records")]
    for do in ("star", "archive", "label", "erase", "junk"):
        visitor.send(form, action="/m/Records/do", do=do, uid=uids, label="$label1", sure="1")
        assert (visitor.status, "This folder cannot be changed" in visitor.text) == (403, True), do
    assert state(alice) == before
    visitor.send(form, action="/m/Records/do", do="copy", uid=uids, dest="INBOX")
    assert subjects(alice) == subjects(alice, "Records")


def test_where_no_keywords_are_kept_none_are_offered(
    visitor: Visitor, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = decode.selected

    def poorer(*given: Any) -> Any:
        found = real(*given)
        return replace(found, keywords=False, permanent_flags=found.permanent_flags & {"\\Seen", "\\Flagged"})

    fill(alice)
    monkeypatch.setattr(decode, "selected", poorer)
    visitor.sign_in(alice)
    assert 'value="label"' not in visitor.html
    assert 'value="pin"' not in visitor.html
    act(visitor, "label", label="$label1")
    assert visitor.status == 403
    assert "This folder keeps no such marks" in visitor.text
    assert not any("$label1" in message.flags for message in alice.messages())


# --- everything that is listed ----------------------------------------------------------------------------------------


def test_all_of_a_filter_and_nothing_that_came_after_the_page(visitor: Visitor, alice: Person) -> None:
    alice.append_all([letter(f"Unread {n}") for n in range(60)])
    alice.append_all([letter(f"Read {n}") for n in range(5)], flags=["\\Seen"])
    visitor.sign_in(alice)
    before = state(alice)
    visitor.get("/m/INBOX?only=unread")
    form, everything = visitor.form("/m/INBOX/do"), whole(visitor.html)
    alice.append(letter("Late"))
    visitor.send(form, do="archive", whole=everything)
    assert "60 messages moved to Archive." in visitor.text
    assert subjects(alice) == ["Late", *sorted(f"Read {n}" for n in range(5))]
    press_undo(visitor)
    alice.expunge(next(m.uid for m in alice.messages() if m.header("Subject") == "Late"))
    assert state(alice) == before


def test_a_short_list_needs_no_box_for_all(visitor: Visitor, alice: Person) -> None:
    fill(alice)
    visitor.sign_in(alice)
    assert 'name="whole"' not in visitor.html


def test_a_connection_that_is_cut_leaves_words_and_can_go_on(
    dovecot: Dovecot, alice: Person, proxy: Callable[[int], Proxy], settings: Settings,
    make_app: Callable[[Settings], Flask],
) -> None:  # fmt: skip
    between = proxy(dovecot.port)
    visitor = Visitor(make_app(replace(settings, imap_port=between.port)))
    alice.append_all([letter(f"Number {n}") for n in range(60)])
    visitor.sign_in(alice)
    before = state(alice)
    form, everything = visitor.form("/m/INBOX/do"), whole(visitor.html)
    between.cut(after=400)
    visitor.send(form, do="star", whole=everything)
    assert "Not finished" in visitor.text
    assert "The connection to the mail server was lost" in visitor.text
    between.pass_on()
    visitor.send(visitor.form("/jobs/"), action=visitor.form("/jobs/").buttons[0][2])
    assert all("\\Flagged" in message.flags for message in alice.messages())
    press_undo(visitor)
    assert state(alice) == before
