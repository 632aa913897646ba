"""Another device of the same person changes the mailbox between two clicks here. No wrong message is ever touched."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from tests.faults.box import PLAIN, Box
from tests.faults.pages import act, address, folder, listed, picks, rows, says, subjects, works, write
from tests.flows.hands import sign_in
from tests.servers.application import Live, Visitor
from tests.servers.dovecot import Dovecot
from tests.servers.people import ALICE, Person, letter
from tests.servers.scripted import Scripted
from tests.servers.submission import Submission
from tests.servers.wire import Command, Wire
from webmail import errors

At = Callable[..., Visitor]


@pytest.fixture
def five(visitor: Visitor, alice: Person) -> Visitor:
    """Alice with five letters, her inbox open."""
    alice.append_all([letter(f"Number {n}", text=f"Words of letter {n}.\r\n") for n in range(1, 6)])
    visitor.sign_in(alice)
    assert len(subjects(visitor.html)) == 5
    return visitor


def test_every_row_opens_its_own_message_or_none_after_others_were_expunged(five: Visitor, alice: Person) -> None:
    """EXPUNGE by another client between list and click: UIDs only; no wrong message opened."""
    shown = rows(five)
    uids = [message.uid for message in alice.messages()]
    for uid in (uids[0], uids[2]):
        alice.expunge(uid)
    alice.append(letter("Number 6", text="Words of letter 6.\r\n"))
    for subject, url in shown.items():
        five.get(url)
        if subject in ("Number 1", "Number 3"):
            says(five, errors.MessageMissing)
        else:
            assert f"Words of letter {subject[-1]}." in five.text
    works(five, "Number 6", "Number 5", "Number 4", "Number 2")


@pytest.mark.parametrize("do", ["archive", "delete", "junk", "star", "read", "unread", "move"])
def test_an_action_meets_the_rows_that_were_ticked_and_no_others(five: Visitor, alice: Person, do: str) -> None:
    """EXPUNGE by another client between list and click: no wrong message moved, deleted or marked."""
    chosen = picks(five.html)[1:4]
    uids = [message.uid for message in alice.messages()]
    alice.mark(uids[0], "\\Seen")
    alice.expunge(uids[2])
    alice.append(letter("Number 6"))
    before = {message.uid: message.flags for message in alice.messages()}
    act(five, do, *chosen, **({"dest": "Archive"} if do == "move" else {}))
    assert "2 messages" in five.text
    assert "1 was no longer here." in five.text
    after = {message.uid: message.flags for message in alice.messages()}
    for uid in (uids[0], uids[4], max(before)):
        assert after[uid] == before[uid]
    gone = {"archive": "Archive", "delete": "Trash", "junk": "Junk", "move": "Archive"}.get(do)
    if gone:
        assert listed(alice, gone) == ["Number 2", "Number 4"]
        assert set(after) == set(before) - {uids[1], uids[3]}


def test_a_real_browser_opens_nothing_in_place_of_a_message_that_is_gone(
    browser: Browser, live: Live, alice: Person
) -> None:
    """EXPUNGE by another client between list and click, in Chromium, where the pane is fetched by script."""
    uids = alice.append_all([letter(f"Number {n}", text=f"Words of letter {n}.\r\n") for n in range(1, 4)])
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    try:
        # The stream would take the row away first.
        page.route("**/events*", lambda route: route.abort())
        sign_in(page, live, alice)
        alice.expunge(uids[1])
        page.get_by_role("link", name=re.compile("Number 2$")).click()
        expect(page.get_by_text("no longer here").first).to_be_visible()
        expect(page.locator("#message").get_by_text("Words of letter")).to_have_count(0)
        page.goto(live.url)
        page.get_by_role("link", name=re.compile("Number 3$")).click()
        expect(page.get_by_text("Words of letter 3.").last).to_be_visible()
    finally:
        page.close()


def test_after_a_message_that_is_gone_the_next_one_is_offered(five: Visitor, alice: Person) -> None:
    """Message gone: "no longer here", list refreshed, next message offered."""
    shown = rows(five)
    alice.expunge([message.uid for message in alice.messages()][2])
    five.get(shown["Number 3"])
    says(five, errors.MessageMissing)
    assert "Number 2" in five.text


@pytest.mark.parametrize(
    "more", ["", "/body", "/source", "/source.txt", "/print", "/eml", "/part/1", "/reply", "/reply-all", "/forward"]
)
def test_every_page_of_a_message_that_is_gone_says_so(five: Visitor, alice: Person, more: str) -> None:
    """Message gone: FETCH of a missing UID is OK with nothing in it."""
    path = address(alice, uid := alice.messages()[2].uid, more=more)
    alice.expunge(uid)
    five.get(path)
    says(five, errors.MessageMissing)
    works(five, "Number 5", "Number 4", "Number 2", "Number 1")


def test_an_expunge_in_the_middle_of_the_list_gives_no_row_of_another_message(
    at: At, scripted: Callable[..., Scripted]
) -> None:
    """EXPUNGE by another client while listing, told inside FETCH against RFC 9051 7.5.1: rows stay with their UIDs."""
    box = Box([11, 12, 13, 14])

    def fetch(wire: Wire, command: Command) -> None:
        if 12 in box.uids:
            box.uids = [11, 13, 14]
            wire.send(b"* 2 EXPUNGE\r\n")
        box.fetch(wire, command)

    server = scripted(box.answers | {"FETCH": fetch, "UID FETCH": fetch}, capabilities=PLAIN)
    visitor = at(server.port)
    visitor.sign_in(_guest())
    assert subjects(visitor.html) == ["Number 14", "Number 13", "Number 11"]
    for subject, url in rows(visitor).items():
        visitor.get(url)
        assert f"Words of letter {subject.removeprefix('Number ')}." in visitor.text


def _guest() -> Person:
    return Person(ALICE, "localhost", 0, None)  # type: ignore[arg-type]


# --- folders ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["deleted", "renamed"])
def test_a_folder_that_went_away_is_told_and_nothing_in_it_is_touched(
    visitor: Visitor, alice: Person, how: str
) -> None:
    """Folder renamed / deleted elsewhere: 404 on list, message and action."""
    alice.create("Work")
    uid = alice.append(letter("Kept"), "Work")
    visitor.sign_in(alice)
    visitor.get(folder("Work"))
    form, chosen, path = visitor.form("/m/Work/do"), picks(visitor.html), address(alice, uid, "Work")
    with alice.imap() as device:
        device.delete_folder("Work") if how == "deleted" else device.rename_folder("Work", "Play")
    visitor.send(form, do="delete", uid=chosen)
    says(visitor, errors.MailboxMissing)
    for gone in (path, folder("Work")):
        visitor.get(gone)
        says(visitor, errors.MailboxMissing)
    if how == "renamed":
        works(visitor, "Kept", mailbox="Play")
    works(visitor)
    assert not re.search(r"/m/Work\b|value=\"Work\"", visitor.html)


def test_a_destination_that_went_away_leaves_the_message_where_it_is(visitor: Visitor, alice: Person) -> None:
    """Folder deleted elsewhere while it is in the Move menu."""
    alice.create("Work")
    alice.append(letter("Kept"))
    visitor.sign_in(alice)
    with alice.imap() as device:
        device.delete_folder("Work")
    act(visitor, "move", *picks(visitor.html), dest="Work")
    says(visitor, errors.MailboxMissing)
    works(visitor, "Kept")


def test_a_missing_folder_shows_those_that_are_there(visitor: Visitor, alice: Person) -> None:
    """Folder renamed / deleted elsewhere: 404 with folder list."""
    alice.create("Choir")
    visitor.sign_in(alice)
    visitor.get(folder("Work"))
    says(visitor, errors.MailboxMissing)
    assert f'href="{folder("Choir")}"' in visitor.html


@pytest.fixture
def movable(another_dovecot: Callable[..., Dovecot], at: At) -> tuple[Person, Visitor]:
    """Somebody on a server where every folder can be deleted for good, signed in."""
    server = another_dovecot(auto=False)
    person = server.person(next(iter(server.people.values())))
    for name in ("Drafts", "Sent", "Work"):
        person.create(name)
    visitor = at(server.port)
    visitor.sign_in(person)
    return person, visitor


def test_a_letter_being_written_is_saved_and_sent_although_its_folders_went(
    movable: tuple[Person, Visitor], submission: Submission
) -> None:
    """Folder deleted elsewhere: the open letter is unaffected; Drafts and Sent that were deleted are made again."""
    person, visitor = movable
    uid = person.append(letter("Question", sender="bob@example.org"), "Work")
    visitor.get(address(person, uid, "Work", "/reply"))
    form = visitor.form("/write")
    _delete(person, "Work", "Drafts", "Sent")
    visitor.send(form, do="save", body="My words")
    assert visitor.status == 200
    assert visitor.form("/write").value("body") == "My words"
    assert listed(person, "Drafts") == ["Re: Question"]
    visitor.send(visitor.form("/write"), do="send", body="My words, and more")
    assert listed(person, "Sent") == ["Re: Question"]
    assert listed(person, "Drafts") == []
    assert len(submission.accepted) == 1


def test_an_answer_to_a_message_of_a_folder_that_went_is_told_to_be_sent(
    movable: tuple[Person, Visitor], submission: Submission
) -> None:
    """Folder deleted elsewhere: the page after sending says that the letter is sent."""
    person, visitor = movable
    uid = person.append(letter("Question", sender="bob@example.org"), "Work")
    visitor.get(address(person, uid, "Work", "/reply"))
    form = visitor.form("/write")
    _delete(person, "Work")
    visitor.send(form, do="send", body="My words")
    assert len(submission.accepted) == 1
    assert "Sent." in visitor.text


def test_drafts_that_are_deleted_under_a_saved_letter_are_made_again(movable: tuple[Person, Visitor]) -> None:
    """Drafts deleted = recreated, also when the connection has just been in it."""
    person, visitor = movable
    write(visitor, do="save", subject="Kept", body="My words")
    form = visitor.form("/write")
    _delete(person, "Drafts")
    visitor.send(form, do="save", body="My words, and more")
    assert visitor.form("/write").value("body") == "My words, and more"
    assert "Saved in Drafts" in visitor.text
    assert listed(person, "Drafts") == ["Kept"]


def test_drafts_that_were_deleted_are_made_again_for_a_blank_letter(movable: tuple[Person, Visitor]) -> None:
    """Drafts deleted = recreated."""
    person, visitor = movable
    visitor.get("/write")
    form = visitor.form("/write")
    _delete(person, "Drafts")
    assert "Drafts" not in person.mailboxes()
    visitor.send(form, do="save", subject="Kept", body="My words")
    assert "Saved in Drafts" in visitor.text
    assert listed(person, "Drafts") == ["Kept"]


def _delete(person: Person, *names: str) -> None:
    with person.imap() as device:
        for name in names:
            device.delete_folder(name)


def test_a_draft_taken_away_by_another_device_keeps_the_words_in_the_form(visitor: Visitor, alice: Person) -> None:
    """Message gone, when it is the draft under the letter."""
    visitor.sign_in(alice)
    write(visitor, do="save", subject="Kept", body="My words")
    alice.expunge(alice.messages("Drafts")[0].uid, "Drafts")
    visitor.send(visitor.form("/write"), do="save", body="My words, and more")
    assert visitor.form("/write").value("body") == "My words, and more"
    assert listed(alice, "Drafts") == ["Kept"]
