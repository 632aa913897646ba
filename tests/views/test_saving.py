"""Saving by itself: one draft at every moment, nothing older over something newer, nothing of other programs lost."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from tests.servers.application import Visitor
from tests.servers.dovecot import Dovecot
from tests.servers.people import Person
from tests.servers.proxy import Proxy
from tests.servers.submission import Submission
from tests.views.saves import Tab
from tests.views.test_compose import DATA, files, parsed
from webmail.config import Settings
from webmail.imap import connection

MakeApp = Callable[[Settings], Flask]

LARGE = int(os.environ.get("SOAK_KILOBYTES", "3000"))
EDITS = int(os.environ.get("SOAK_EDITS", "20"))
SECONDS = int(os.environ.get("SOAK_SECONDS", "30"))


def words(raw: bytes) -> str:
    body = parsed(raw).get_body(("plain",))
    assert body is not None
    return str(body.get_content()).strip()


def drafts(person: Person) -> list[str]:
    """What a second device sees. One that is replaced while it looks has no octets any more."""
    return [words(draft.raw) for draft in person.messages("Drafts") if draft.raw]


@pytest.fixture(params=["as Dovecot is", "without CATENATE", "without UIDPLUS"])
def lesser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the server can do."""
    missing = {"without CATENATE": {"CATENATE"}, "without UIDPLUS": {"UIDPLUS", "CATENATE"}}.get(request.param, set())
    take_away(monkeypatch, missing)
    return str(request.param)


def take_away(monkeypatch: pytest.MonkeyPatch, missing: set[str]) -> None:
    """The server no longer offers this."""
    make = connection.Connection.__init__

    def lacking(self: connection.Connection, client: object, capabilities: frozenset[str], *rest: object) -> None:
        make(self, client, capabilities - missing, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(connection.Connection, "__init__", lacking)


def test_twenty_minutes_of_typing_leave_one_draft_and_no_moment_without_it(
    visitor: Visitor, alice: Person, lesser: str
) -> None:
    visitor.sign_in(alice)
    tab, text = Tab(visitor), ""
    tab.attach("a.bin", DATA)
    for number in range(EDITS):
        text += f"sentence {number}. "
        assert tab.save(body=text, subject=f"Draft {number}") == 200, tab.text
        [draft] = alice.messages("Drafts")
        assert " ".join(words(draft.raw).split()) == text.strip()
        assert draft.flags == {"\\Draft", "\\Seen"}
        assert files(parsed(draft.raw)) == {"a.bin": DATA}
    assert "Saved in Drafts" in tab.answer
    visitor.get(tab.url)
    assert visitor.form("/write").value("body") == text.strip()
    assert "a.bin" in visitor.text


def test_half_an_address_is_kept_too_and_never_sent(visitor: Visitor, alice: Person, submission: Submission) -> None:
    visitor.sign_in(alice)
    tab = Tab(visitor)
    assert tab.save(to="Bob <bob@example.org>, dana@exa", cc="Grüße <x", body="words") == 200
    again = Tab(visitor, tab.url)
    assert (again.form.value("to"), again.form.value("cc")) == ("Bob <bob@example.org>, dana@exa", "Grüße <x")
    assert again.save(to="bob@example.org", cc="", subject="Half") == 200
    [draft] = alice.messages("Drafts")
    assert b"X-Pennypost-Typed" not in draft.raw
    visitor.send(again.form, **(again.fields | {"do": ["send"]}))
    assert b"X-Pennypost" not in submission.accepted[0].raw


def test_a_reload_finds_the_draft_that_was_saved_again_meanwhile(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    tab = Tab(visitor)
    tab.save(subject="One", body="first state")
    before = tab.url
    tab.save(body="second state")
    assert tab.url != before
    page, _, letter = before.partition("?letter=")
    visitor.get(before)
    assert visitor.form("/write").value("body") == "second state"
    for unknown in (page, f"{page}?letter={'0' * 32}", f"{page}?letter=%22%0d%0a{letter}"):
        visitor.get(unknown)
        assert "no longer here" in visitor.text


def test_two_tabs_on_one_draft_are_told_and_nothing_is_overwritten(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    first = Tab(visitor)
    first.attach("a.bin", DATA)
    first.save(subject="One letter", body="begun")
    second = Tab(visitor, first.url)
    assert second.save(body="begun, and goes on here") == 200
    assert first.save(body="begun, and goes on there") == 409
    assert first.state == "unsaved"
    assert "there is a newer draft" in first.text
    assert drafts(alice) == ["begun, and goes on here"]
    assert first.save(body="still there") == 409, "it does not heal by insisting"
    other = first.answer.partition('name="other" value="')[2].partition('"')[0]
    visitor.send(first.form, **(first.fields | {"do": ["both"], "other": [other]}))
    assert visitor.form("/write").value("body") == "still there"
    assert sorted(drafts(alice)) == ["begun, and goes on here", "still there"]
    assert len({draft.header("Message-ID") for draft in alice.messages("Drafts")}) == 2
    assert [files(parsed(draft.raw)) for draft in alice.messages("Drafts")] == [{"a.bin": DATA}] * 2, "with its file"
    assert second.save(body="and on") == 200, "the other one is not disturbed"


def test_a_form_without_script_is_told_the_same(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    visitor.get("/write")
    visitor.send(visitor.form("/write"), do="save", body="one")
    first = visitor.form("/write")
    visitor.send(first, do="save", body="two")
    visitor.send(first, do="save", body="three")
    assert visitor.status == 409
    assert "there is a newer draft" in visitor.text
    assert visitor.form("/write").value("body") == "three"
    assert drafts(alice) == ["two"]
    visitor.send(visitor.form("/write"), do="both")
    assert sorted(drafts(alice)) == ["three", "two"]
    twice = visitor.form("/write")
    for _ in range(2):
        visitor.send(twice, do="save", body="a double click")
        assert "Saved in Drafts" in visitor.text, "the same form, twice, is no conflict"
    assert sorted(drafts(alice)) == ["a double click", "two"]


def test_a_save_that_comes_late_changes_nothing(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    tab = Tab(visitor)
    tab.save(body="one")
    late = dict(tab.fields) | {"body": ["two"]}
    tab.save(body="three")
    assert tab.save(late) == 409
    assert drafts(alice) == ["three"]
    assert tab.save(body="four") == 200


def test_a_save_whose_answer_was_lost_is_no_conflict(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    tab = Tab(visitor)
    tab.save(body="one")
    before = dict(tab.fields)
    tab.save(body="two")  # nobody hears of it
    writer, _, number = before["revision"][0].partition(" ")
    assert tab.save(before | {"body": ["three"], "revision": [f"{writer} {int(number) + 1}"]}) == 200
    assert drafts(alice) == ["three"]


def test_the_first_save_of_all_may_be_lost_too(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    tab = Tab(visitor)
    before = dict(tab.fields)
    tab.save(before | {"body": ["one"]})
    writer = before["revision"][0].partition(" ")[0]
    assert tab.save(before | {"body": ["two"], "revision": [f"{writer} 2"]}) == 200
    assert drafts(alice) == ["two"]


@pytest.mark.parametrize("saved_before", [True, False])
def test_a_letter_that_was_sent_gets_no_draft_again(
    visitor: Visitor, alice: Person, submission: Submission, saved_before: bool
) -> None:
    visitor.sign_in(alice)
    tab = Tab(visitor)
    if saved_before:
        tab.save(to="bob@example.org", body="words")
    visitor.send(
        tab.form, **(tab.fields | {"to": ["bob@example.org"], "subject": ["Once"], "body": ["words"], "do": ["send"]})
    )
    assert len(submission.accepted) == 1
    assert tab.save(body="words") == 409
    assert "this letter was sent" in tab.text
    assert alice.messages("Drafts") == []
    visitor.send(tab.form, **(tab.fields | {"do": ["both"]}))
    assert drafts(alice) == ["words"]


def test_a_draft_that_was_discarded_elsewhere_does_not_come_back_by_itself(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    tab = Tab(visitor)
    tab.save(body="words")
    alice.expunge(alice.messages("Drafts")[0].uid, "Drafts")
    assert tab.save(body="more words") == 409
    assert "this draft is gone" in tab.text
    assert alice.messages("Drafts") == []


def test_two_people_at_one_browser_do_not_write_into_each_others_mailbox(
    visitor: Visitor, alice: Person, charlie: Person
) -> None:
    visitor.sign_in(alice)
    tab = Tab(visitor)
    tab.save(body="Alice's words")
    visitor.get("/m/INBOX")
    visitor.send(visitor.form("/logout"))
    visitor.sign_in(charlie)
    tab.fields["csrf_token"] = Tab(visitor).fields["csrf_token"]
    assert tab.save(body="Alice's words go on") == 409
    assert "you are signed in as" in tab.text
    visitor.send(tab.form, **(tab.fields | {"do": ["send"], "to": ["bob@example.org"]}))
    assert visitor.status == 409
    form = visitor.form("/write")
    assert (form.value("body"), form.value("draft")) == ("Alice's words go on", "")
    assert charlie.messages("Drafts") == []
    assert drafts(alice) == ["Alice's words"]


def test_a_session_that_ended_is_told_to_script_by_its_status(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    tab = Tab(visitor)
    visitor.client.delete_cookie("pennypost")
    assert tab.save(body="words") == 401
    assert 'name="password"' in tab.answer
    assert alice.messages("Drafts") == []


@pytest.mark.parametrize("catenate", [True, False], ids=["with CATENATE", "without"])
def test_a_large_file_does_not_travel_again_where_the_server_can_refer_to_it(
    settings: Settings, make_app: MakeApp, alice: Person, dovecot: Dovecot, proxy: Callable[[int], Proxy],
    monkeypatch: pytest.MonkeyPatch, submission: Submission, catenate: bool,
) -> None:  # fmt: skip
    """Octets between us and the IMAP server for each save, and for sending; where they are many, the page is asked for
    patience."""
    if not catenate:
        take_away(monkeypatch, {"CATENATE"})
    between = proxy(dovecot.port)
    visitor = Visitor(make_app(replace(settings, imap_port=between.port, command_timeout=30)))
    visitor.sign_in(alice)
    tab = Tab(visitor)
    tab.attach("large.bin", os.urandom(1000) * LARGE)
    tab.save(body="words")
    began, clock, saves, text = dict(between.carried), 0, 0, ""
    while clock < SECONDS:
        text += f"Sentence {saves} that somebody types. "
        up, down = between.carried["client"], between.carried["server"]
        tab.save(body=text)
        up, down = between.carried["client"] - up, between.carried["server"] - down
        if not saves:
            print(f"{LARGE / 1000} MB attached, CATENATE {catenate}: {up} octets sent, {down} received")
        assert (up < 20_000 and down < 20_000) if catenate else (up > 1000 * LARGE and down > 1000 * LARGE)
        # The script saves every ten seconds, or as seldom as it was asked to.
        saves, clock = saves + 1, clock + max(10, int(tab.answer.partition('data-rest="')[2].partition('"')[0]))
    up, down = between.carried["client"] - began["client"], between.carried["server"] - began["server"]
    print(f"{SECONDS} s of typing: {saves} saves, {up} octets sent, {down} received")
    assert (int(tab.answer.partition('data-rest="')[2].partition('"')[0]) > 0) is not catenate
    [draft] = alice.messages("Drafts")
    large = files(parsed(draft.raw))
    assert len(large["large.bin"]) == 1000 * LARGE
    visitor.get(tab.url)
    up, down = between.carried["client"], between.carried["server"]
    visitor.send(visitor.form("/write"), do="send", to="x@example.net", subject="Large")
    up, down = between.carried["client"] - up, between.carried["server"] - down
    print(f"sending it: {up} octets sent, {down} received")
    encoded = 1000 * LARGE * 78 // 57
    assert (up < 40_000 and down < 1.1 * encoded) if catenate else (up > 2 * encoded and down < 2.2 * encoded)
    [taken], [copy] = submission.accepted, alice.messages("Sent")
    assert taken.raw == copy.raw
    assert files(parsed(copy.raw)) == large
    assert alice.messages("Drafts") == []


def test_a_letter_with_a_file_in_drafts_goes_out_the_same_whatever_the_server_can(
    visitor: Visitor, alice: Person, submission: Submission, lesser: str
) -> None:
    visitor.sign_in(alice)
    tab = Tab(visitor)
    tab.attach("St%C3%BChle.bin", DATA)
    tab.attach("letter.eml", b"Subject: in it\r\n\r\nFrom here\r\n.\r\n", "message/rfc822")
    assert tab.save(subject="Files", body="Words", bcc="dana@example.net", to="x@example.net") == 200
    visitor.get(tab.url)
    visitor.send(visitor.form("/write"), do="send")
    assert "Sent." in visitor.text
    [taken], [copy] = submission.accepted, alice.messages("Sent")
    assert taken.raw == copy.raw.replace(b"Bcc: dana@example.net\r\n", b"")
    assert b"X-Pennypost" not in copy.raw
    assert files(parsed(taken.raw))["Stühle.bin"] == DATA
    assert b"\r\nFrom here\r\n.\r\n" in taken.raw
    assert alice.messages("Drafts") == []


# --- servers that refuse ----------------------------------------------------------------------------------------------


def test_a_full_mailbox_is_told_and_the_draft_before_stays(
    another_dovecot: Callable[..., Dovecot], settings: Settings, make_app: MakeApp
) -> None:
    server = another_dovecot(quota=30_000)
    alice = server.person(next(iter(server.people.values())))
    visitor = Visitor(make_app(replace(settings, imap_port=server.port)))
    visitor.sign_in(alice)
    tab = Tab(visitor)
    tab.save(body="short")
    assert tab.save(body="long words " * 4000) == 507
    assert "mailbox is full" in tab.text.lower() or "no room" in tab.text
    assert drafts(alice) == ["short"]
    assert tab.save(body="short again") == 200, "it heals"


def test_drafts_that_are_missing_are_made_and_a_deleted_one_is_made_again(visitor: Visitor, alice: Person) -> None:
    with alice.imap() as client:
        client.delete_folder("Drafts")
    visitor.sign_in(alice)
    tab = Tab(visitor)
    assert tab.save(body="one") == 200
    with alice.imap() as client:
        client.delete_folder("Drafts")
        assert tab.save(body="two") in (200, 409)
    if tab.status == 409:
        visitor.send(tab.form, **(tab.fields | {"do": ["both"]}))
    assert drafts(alice) == ["two"]


def test_drafts_that_may_only_be_read_are_told(
    another_dovecot: Callable[..., Dovecot], settings: Settings, make_app: MakeApp
) -> None:
    server = another_dovecot(acl=True)
    alice = server.person(next(iter(server.people.values())))
    visitor = Visitor(make_app(replace(settings, imap_port=server.port)))
    visitor.sign_in(alice)
    tab = Tab(visitor)
    server.grant(alice, "Drafts", "lr")
    assert tab.save(body="words") in (403, 502)
    assert tab.state == "unsaved"
    assert "not in Drafts" in tab.text


def test_a_network_that_fails_is_told_and_heals(
    settings: Settings, make_app: MakeApp, alice: Person, dovecot: Dovecot, proxy: Callable[[int], Proxy]
) -> None:
    between = proxy(dovecot.port)
    visitor = Visitor(make_app(replace(settings, imap_port=between.port, command_timeout=2, connect_timeout=2)))
    visitor.sign_in(alice)
    tab = Tab(visitor)
    tab.save(body="one")
    between.refuse()
    between.reset()
    assert tab.save(body="two") in (502, 504)
    assert tab.state == "unsaved"
    between.pass_on()
    assert tab.save(body="three") == 200
    assert drafts(alice) == ["three"]


@pytest.mark.parametrize("piece", ["\r\nBcc: evil@example.net", "\0", "\u202e\u2066", "\ud7ff\uffff", "\x1b[2J"])
def test_r10_nothing_in_any_field_breaks_a_draft(visitor: Visitor, alice: Person, piece: str) -> None:
    visitor.sign_in(alice)
    tab = Tab(visitor)
    for name in ("to", "cc", "bcc", "subject", "body", "message_id", "in_reply_to", "references", "mode", "draft",
                 "origin", "revision", "rich", "keep", "other"):  # fmt: skip
        mine = Tab(visitor)
        mine.fields[name] = [*(mine.fields.get(name) or [""])[:1]]
        mine.fields[name][0] += piece
        assert mine.save(None, **({} if name == "body" else {"body": "text"})) < 500, f"{name}: {mine.text}"
    for draft in alice.messages("Drafts"):
        assert b"\r\nBcc: evil@example.net" not in draft.raw.partition(b"\r\n\r\n")[0] or draft.header("To") is None
    assert tab.save(body="ok") == 200
