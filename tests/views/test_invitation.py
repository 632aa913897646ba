"""Invitations and cards on the message page, and the answer that goes out when a button is pressed."""

from __future__ import annotations

import base64
import re
import threading
from email import message_from_bytes
from email.message import Message
from email.policy import default
from typing import Any

import icalendar
import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.flows.hands import sign_in
from tests.mail.test_calendar import DEFINED, REQUEST, file
from tests.servers.application import Form, Live, Visitor, forms_of
from tests.servers.people import Person, letter
from tests.servers.submission import Submission
from tests.views.test_message import open_first, pane
from tests.words import pseudo

ATTACHED = "Content-Disposition: attachment; filename=invite.ics\r\n"


def invitation(*lines: str, method: str = "REQUEST", twice: bool = True, sender: str = "Dora Doe <dora@example.net>",
               before: tuple[str, ...] = (), extra: str = "") -> bytes:  # fmt: skip
    """Text, calendar part, and the same as a file, as the large programs send it."""
    octets = base64.encodebytes(file(*lines, method=method, before=before)).decode().replace("\n", "\r\n")
    coded = f"Content-Transfer-Encoding: base64\r\n\r\n{octets}\r\n"
    attached = f"--o\r\nContent-Type: application/ics\r\n{ATTACHED}{coded}" if twice else ""
    return (
        f"From: {sender}\r\nTo: alice@example.org\r\nSubject: Planning\r\nMessage-ID: <invite@example.net>\r\n{extra}"
        "Date: Wed, 01 Jul 2026 10:00:00 +0200\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=o\r\n\r\n"
        "--o\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n"
        "--i\r\nContent-Type: text/plain\r\n\r\nPlease come.\r\n"
        f"--i\r\nContent-Type: text/calendar; charset=utf-8; method={method}\r\n{coded}--i--\r\n{attached}--o--\r\n"
    ).encode()


def opened(visitor: Visitor, person: Person, raw: bytes, zone: str = "Europe%2FBerlin") -> str:
    person.append(raw)
    visitor.client.set_cookie("tz", zone)
    return open_first(visitor, person)


def rsvp(visitor: Visitor) -> Form:
    return next(form for form in forms_of(visitor.html) if form.action.endswith("/answer"))


def reply_in(raw: bytes) -> tuple[Message, Any]:
    """The letter and its event, as two independent parsers read them."""
    message = message_from_bytes(raw, policy=default)
    part = next(part for part in message.walk() if part.get_content_type() == "text/calendar")
    assert part.get_param("method") == "REPLY"
    calendar = icalendar.Calendar.from_ical(part.get_payload(decode=True))
    assert str(calendar["METHOD"]) == "REPLY"
    [event] = calendar.walk("VEVENT")
    return message, event


def test_an_invitation_is_one_card_in_the_readers_zone(visitor: Visitor, alice: Person) -> None:
    repeated = ("RRULE:FREQ=WEEKLY;BYDAY=SU;COUNT=4", "EXDATE:20260712T170000Z", "LOCATION:Quay 5", "URL:https://e.example/x",
                "DESCRIPTION:<b>Bring</b> tea<br>and <script>x</script>cake")  # fmt: skip
    html = opened(visitor, alice, invitation(*REQUEST[:3], *REQUEST[4:], *repeated), "America%2FNew_York")
    text = pane(visitor)
    for words in (
        "Invitation", "Planning, part 2", "Sunday 5 July 2026, 13:00\u201315:00", "19:00\u201321:00 in Europe/Berlin",
        "Every week on Sunday, 4 times, except on 1 date", "Quay 5", "Dora Doe <dora@example.net>", "2 invited",
        "Bob <bob@example.org> accepted, need not come", "Your answer goes to Dora Doe <dora@example.net>",
    ):  # fmt: skip
        assert words in text, words
    assert html.count('class="event') == 1
    assert 'class="file"' not in html
    assert 'href="https://e.example/x"' in html
    assert "Bring tea" in text
    assert "&lt;b&gt;" not in html
    assert "Please come." in text
    found = re.search(r'href="([^"]+/part/1\.2\?dl=1)"', html)
    assert found
    saved = visitor.client.get(found[1])
    assert b"BEGIN:VCALENDAR" in saved.data
    assert "attachment" in saved.headers["Content-Disposition"]


def test_an_invitation_speaks_the_language_of_its_reader(app: Flask, visitor: Visitor, alice: Person) -> None:
    pseudo.install(app, pseudo.LONG)
    visitor.client.set_cookie("language", pseudo.LONG.tag)
    opened(visitor, alice, invitation(*REQUEST, "LOCATION:Quay 5"))
    shown = pane(visitor)
    for words in (
        "Changed invitation",
        "When",
        "Where",
        "Organizer",
        "Accept",
        "Tentative",
        "Decline",
        "has not answered",
    ):
        assert pseudo.said(words) in shown, words
    assert "Sunday, July 5, 2026" in shown  # as the data of that language writes it


def test_opening_an_invitation_answers_nothing(visitor: Visitor, alice: Person, submission: Submission) -> None:
    """R20."""
    opened(visitor, alice, invitation(*REQUEST))
    visitor.client.get(rsvp(visitor).action)
    visitor.client.post(rsvp(visitor).action, data={"do": "ACCEPTED"})
    assert submission.accepted == []


def test_accepting_sends_one_letter_to_the_organizer_and_every_device_knows(
    visitor: Visitor, alice: Person, submission: Submission, app: Flask
) -> None:
    uid = alice.append(invitation(*REQUEST, extra="References: <a@x>\r\n"))
    open_first(visitor, alice)
    form = rsvp(visitor)
    visitor.send(form, do="ACCEPTED", comment="With cake; see you\r\nthere")
    assert "You accepted. Your answer was sent to the organizer." in visitor.text
    assert "You accepted this." in pane(visitor)
    [sent] = submission.accepted
    assert (sent.sender, list(sent.recipients)) == ("alice@example.org", ["dora@example.net"])
    message, event = reply_in(sent.raw)
    assert message["Subject"] == "Accepted: Planning, part 2"
    assert message["In-Reply-To"] == "<invite@example.net>"
    assert message["References"] == "<a@x> <invite@example.net>"
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative", "text/plain", "text/calendar",
    ]  # fmt: skip
    words = next(part for part in message.walk() if part.get_content_type() == "text/plain").get_payload(decode=True)
    assert isinstance(words, bytes)
    assert words.startswith(b"Ahlgren, Alice accepts: Planning, part 2\r\n")
    assert str(event["ATTENDEE"]) == "mailto:Alice@Example.org"
    assert event["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
    assert (str(event["UID"]), event["SEQUENCE"]) == ("42@example.net", 3)
    assert event["COMMENT"] == "With cake; see you\nthere"
    assert {"Invitation-Accepted", "\\Answered"} <= alice.flags(uid)
    assert [copy.raw for copy in alice.messages("Sent")] == [sent.raw]
    # Pressed again, and on another device.
    visitor.send(form, do="ACCEPTED", comment="With cake; see you\r\nthere")
    assert "it was not sent twice" in visitor.text
    assert len(submission.accepted) == 1
    other = Visitor(app)
    open_first(other, alice)
    assert "You accepted this." in pane(other)


def test_a_mind_can_be_changed(visitor: Visitor, alice: Person, submission: Submission) -> None:
    uid = alice.append(invitation(*REQUEST))
    open_first(visitor, alice)
    old = rsvp(visitor)
    visitor.send(old, do="ACCEPTED")
    visitor.send(rsvp(visitor), do="DECLINED")
    assert "You declined this." in pane(visitor)
    assert [reply_in(sent.raw)[1]["ATTENDEE"].params["PARTSTAT"] for sent in submission.accepted] == [
        "ACCEPTED", "DECLINED",
    ]  # fmt: skip
    assert {flag for flag in alice.flags(uid) if flag.startswith("Invitation")} == {"Invitation-Declined"}
    # The first page again: what it says was sent already, and what came later stands.
    visitor.send(old, do="ACCEPTED")
    assert len(submission.accepted) == 2
    assert "Invitation-Declined" in alice.flags(uid)


def test_two_clicks_at_once_send_one(app: Flask, visitor: Visitor, alice: Person, submission: Submission) -> None:
    opened(visitor, alice, invitation(*REQUEST))
    form = rsvp(visitor)
    cookies = [app.test_client() for _ in range(3)]
    for client in cookies:
        client._cookies = visitor.client._cookies  # type: ignore[attr-defined]
    posts = [
        threading.Thread(target=client.post, args=(form.action,), kwargs={"data": form.filled(do="TENTATIVE")})
        for client in cookies
    ]
    for post in posts:
        post.start()
    for post in posts:
        post.join()
    assert len(submission.accepted) == 1


def test_what_a_reader_should_know_first_is_said_first(visitor: Visitor, alice: Person, submission: Submission) -> None:
    stranger = [line for line in REQUEST if "Alice" not in line]
    opened(visitor, alice, invitation(*stranger, sender="List <list@lists.example>"))
    text = pane(visitor)
    assert "goes to dora@example.net, which is not where this message came from" in text
    assert "Your address is not among the invited" in text
    form = rsvp(visitor)
    visitor.send(form, **{"do": "TENTATIVE", "as": "bob@example.org"})
    visitor.send(rsvp(visitor), **{"do": "TENTATIVE", "as": "mallory@evil.example"})
    first, second = (reply_in(sent.raw)[1]["ATTENDEE"] for sent in submission.accepted)
    assert (str(first), first.params["SENT-BY"]) == ("mailto:bob@example.org", "mailto:alice@example.org")
    assert str(second) == "mailto:alice@example.org"
    assert [sent.sender for sent in submission.accepted] == ["alice@example.org"] * 2


def test_what_was_typed_survives_a_server_that_refuses(visitor: Visitor, alice: Person, submission: Submission) -> None:
    opened(visitor, alice, invitation("UID:1", "SUMMARY:x", "ORGANIZER:mailto:datafail@example.net"))
    visitor.send(rsvp(visitor), do="DECLINED", comment="I am away, sorry.")
    assert "Not sent" in visitor.text
    assert rsvp(visitor).value("comment").strip() == "I am away, sorry."
    assert submission.accepted == []
    assert all(not flag.startswith("Invitation") for each in alice.messages() for flag in each.flags)


METHODS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("CANCEL", ("STATUS:CANCELLED",), "This event was called off."),
    ("REQUEST", (), "This updates an earlier invitation."),
    ("REQUEST", ("RECURRENCE-ID:20260705T170000Z",), "This is about one date of a repeating event."),
    ("COUNTER", (), "proposes another time or place."),
    ("DECLINECOUNTER", (), "does not take the change"),
    ("REFRESH", (), "asks for the newest version"),
    ("ADD", (), "This adds dates"),
    ("PUBLISH", (), "Event"),
)


def test_each_method_is_named(visitor: Visitor, alice: Person) -> None:
    uids = alice.append_all([invitation(*REQUEST, *lines, method=method) for method, lines, _ in METHODS])
    visitor.sign_in(alice)
    for uid, (method, _, words) in zip(uids, METHODS, strict=True):
        visitor.get(f"/m/INBOX/{alice.uidvalidity()}.{uid}")
        assert words in pane(visitor), method
        asks = any(form.action.endswith("/answer") for form in forms_of(visitor.html))
        assert asks == (method == "REQUEST"), method


def test_an_answer_names_who_gave_it_and_warns_when_somebody_else_sent_it(visitor: Visitor, alice: Person) -> None:
    bob = ("UID:1", "SUMMARY:Tea", "ORGANIZER:mailto:alice@example.org", "COMMENT:Too far",
           "ATTENDEE;CN=Bob;PARTSTAT=DECLINED:mailto:bob@example.org")  # fmt: skip
    opened(visitor, alice, invitation(*bob, method="REPLY", sender="Bob <bob@example.org>"))
    assert "Bob <bob@example.org> declined." in pane(visitor)
    assert "Too far" in pane(visitor)
    assert "Be careful" not in pane(visitor)
    uid = alice.append(invitation(*bob, method="REPLY", sender="Eve <eve@evil.example>"))
    visitor.get(f"/m/INBOX/{alice.uidvalidity()}.{uid}")
    assert "this answer was sent from another address" in pane(visitor)


TIMES: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("DTSTART;VALUE=DATE:20260705", "DTEND;VALUE=DATE:20260708"), "Pacific/Auckland",
     "Sunday 5 July 2026 \u2013 Tuesday 7 July 2026, all day"),
    (("DTSTART;VALUE=DATE:20260705",), "Pacific/Auckland", "Sunday 5 July 2026, all day"),
    (("DTSTART:20260705T190000", "DTEND:20260705T200000"), "Asia/Tokyo",
     "Sunday 5 July 2026, 19:00\u201320:00 On the clock of wherever you are then."),
    (("DTSTART:20261025T003000Z", "DTEND:20261025T013000Z"), "Europe/Berlin",
     "Sunday 25 October 2026, 02:30"),
    (("DTSTART:20260329T003000Z", "DTEND:20260329T013000Z"), "Europe/Berlin",
     "Sunday 29 March 2026, 01:30\u201303:30"),
    (("DTSTART;TZID=W. Europe Standard Time:20260705T233000", "DTEND:20260705T233000Z"), "Europe/Berlin",
     "Sunday 5 July 2026, 23:30 \u2013 Monday 6 July 2026, 01:30"),
    (("DTSTART;TZID=Middle Earth:20260705T190000",), "Europe/Berlin",
     "a zone that is not known here: Middle Earth"),
    (("DTSTART;TZID=America/New_York:20260706T230000", "RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20270803T035959Z"),
     "Europe/Berlin",
     "Every week on Monday until 2 August 2027 (the days are those in America/New York)"),
    (("DTSTART:99991231T235959Z",), "Pacific/Auckland", "31 December 9999"),
)  # fmt: skip


def test_times_are_told_in_the_zone_of_the_reader(visitor: Visitor, alice: Person) -> None:
    uids = alice.append_all([invitation("SUMMARY:x", *lines, method="PUBLISH") for lines, _, _ in TIMES])
    visitor.sign_in(alice)
    for uid, (_, zone, words) in zip(uids, TIMES, strict=True):
        visitor.client.set_cookie("tz", zone.replace("/", "%2F"))
        visitor.get(f"/m/INBOX/{alice.uidvalidity()}.{uid}")
        assert words in " ".join(pane(visitor).split())


def test_r20_hostile_words_stay_words_and_a_large_file_stays_a_file(visitor: Visitor, alice: Person) -> None:
    evil = ("UID:1", "SUMMARY:<img src=x onerror=alert(1)>", "LOCATION:javascript:alert(1)", "URL:javascript:alert(2)",
            "ORGANIZER;CN=\"<b>x</b>\":mailto:dora@example.net", "ATTACH:https://tracker.example/p.png",
            "DESCRIPTION:<svg onload=alert(3)>", "X-ALT-DESC;FMTTYPE=text/html:<script>alert(4)</script>")  # fmt: skip
    html = opened(visitor, alice, invitation(*evil, method="PUBLISH"))
    assert "&lt;img src=x onerror=alert(1)&gt;" in html
    for words in ("<img src=x", "<svg onload", "<script>alert", 'href="javascript:', "tracker.example"):
        assert words not in html
    uid = alice.append(invitation("UID:2", "SUMMARY:Big", "DESCRIPTION:" + "x" * 300_000, twice=False))
    visitor.get(f"/m/INBOX/{alice.uidvalidity()}.{uid}")
    assert 'class="event' not in visitor.html
    assert "invitation.ics" in visitor.text


def test_a_message_without_cards_costs_no_command_more(
    visitor: Visitor, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from webmail.imap import fetch

    asked: list[object] = []
    told = fetch.body
    monkeypatch.setattr(fetch, "body", lambda *given: (asked.append(given[2]), told(*given))[1])
    opened(visitor, alice, letter())
    assert len(asked) == 1
    opened(visitor, alice, invitation(*REQUEST))
    assert len(asked) == 1 + 3


def test_a_vcard_shows_who_it_is_and_links_only_what_is_safe(visitor: Visitor, alice: Person) -> None:
    card = "\r\n".join((
        "BEGIN:VCARD", "VERSION:3.0", "FN:Basil <b>Reed</b>", "ORG:Choir", "EMAIL:basil@reed.example",
        "TEL;TYPE=CELL:+44 1632 960123", "TEL:javascript:alert(1)", "URL:javascript:alert(2)",
        "URL:https://reed.example/", "BDAY:1961-04-02", "PHOTO;VALUE=URI:https://tracker.example/p.png", "END:VCARD",
    ))  # fmt: skip
    kind = "Content-Type: text/vcard; charset=utf-8\r\nContent-Disposition: attachment; filename=basil.vcf\r\n"
    raw = (
        "From: Basil <basil@reed.example>\r\nTo: alice@example.org\r\nSubject: Card\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n\r\nHello\r\n--o\r\n{kind}\r\n{card}\r\n--o--\r\n"
    ).encode()
    html = opened(visitor, alice, raw)
    for words in ("Basil <b>Reed</b>", "Phone (mobile) +44 1632 960123", "Birthday 2 April 1961", "It has a picture"):
        assert words in " ".join(pane(visitor).split())
    for link in ("mailto:basil@reed.example", "tel:+44%201632%20960123", "https://reed.example/"):
        assert f'href="{link}"' in html, link
    assert 'href="javascript:' not in html
    assert "tracker.example" not in html
    printed = visitor.client.get(f"{visitor.path}/print").get_data(as_text=True)
    assert "Basil &lt;b&gt;Reed&lt;/b&gt;" in printed
    assert "2 April 1961" in printed


def test_an_invitation_prints_in_words(visitor: Visitor, alice: Person) -> None:
    opened(visitor, alice, invitation(*REQUEST, before=DEFINED))
    printed = visitor.client.get(f"{visitor.path}/print").get_data(as_text=True)
    assert "Sunday 5 July 2026, 19:00\u201321:00" in printed
    assert "<form" not in printed


def test_charlie_cannot_answer_for_alice(
    visitor: Visitor, alice: Person, charlie: Person, app: Flask, submission: Submission
) -> None:
    opened(visitor, alice, invitation(*REQUEST))
    form = rsvp(visitor)
    other = Visitor(app)
    other.sign_in(charlie)
    token = next(each for each in forms_of(other.html)).value("csrf_token")
    answer = other.client.post(form.action, data={**form.filled(do="ACCEPTED"), "csrf_token": token})
    assert answer.status_code in (404, 409)
    assert submission.accepted == []


def test_in_a_browser_the_card_fits_and_answers_with_script_and_without(
    browser: Browser, live: Live, alice: Person, submission: Submission
) -> None:
    alice.append(invitation(*REQUEST))
    for number, script in enumerate((True, False), 1):
        context = browser.new_context(
            service_workers="block",
            viewport={"width": 390, "height": 800},
            java_script_enabled=script,
            timezone_id="America/New_York",
        )
        page = context.new_page()
        sign_in(page, live, alice)
        page.locator("a.open").first.click()
        page.wait_for_selector(".event")
        if script:
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            # The zone that the browser told, in a cookie, when the page before this one was there.
            assert "13:00\u201315:00" in page.locator(".event dl").inner_text()
            page.get_by_role("button", name="Accept").click()
            page.get_by_text("You accepted this.").wait_for()
        else:
            page.get_by_text("Change your answer").click()
            page.get_by_role("button", name="Decline").click()
            page.get_by_text("You declined this.").wait_for()
        assert len(submission.accepted) == number
        context.close()


def test_an_invitation_inside_a_message_is_shown_and_answered_where_it_was_sent_to(
    visitor: Visitor, alice: Person
) -> None:
    several = "\r\n".join(("END:VEVENT", "BEGIN:VEVENT", "UID:2", "SUMMARY:Tea", "DTSTART:20260706T140000Z"))
    inner = invitation(*REQUEST, several).decode()
    outer = (
        "From: Bob <bob@example.org>\r\nTo: alice@example.org\r\nSubject: Fwd\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nSee below.\r\n"
        f"--x\r\nContent-Type: message/rfc822\r\n\r\n{inner}\r\n--x--\r\n"
    ).encode()
    html = opened(visitor, alice, outer)
    assert 'class="event' not in html
    visitor.get(f"{visitor.path.partition('?')[0]}/part/2/message")
    assert "Planning, part 2" in visitor.text
    assert "Tea: Monday 6 July 2026, 16:00" in visitor.text
    assert not any(form.action.endswith("/answer") for form in forms_of(visitor.html))
