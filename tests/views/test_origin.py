"""What a letter tells of the one that it comes from: in the language of its writer, and found again in any."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask

from tests.servers.application import Visitor
from tests.servers.people import Person
from tests.words import pseudo
from tests.words.pseudo import LONG
from webmail.mail import quotes
from webmail.mail.headers import Headers
from webmail.views import _origin

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
LETTER = (
    "From: Bob Sharer <bob@pennypost.test>\r\nTo: Alice Owner <alice@pennypost.test>, charlie@elsewhere.test\r\n"
    "Cc: dora@elsewhere.test\r\nSubject: Garden\r\nDate: Mon, 1 Jun 2026 10:00:00 +0200\r\nMessage-ID: <2@x>\r\n\r\n"
    "Shall we?\r\n"
)


def headers(text: str = LETTER) -> Headers:
    return Headers.parse(text.partition("\r\n\r\n")[0].encode())


@pytest.mark.parametrize(
    ("header", "line"),
    [
        (LETTER, "On Mon, 1 Jun 2026 at 08:00, Bob Sharer <bob@pennypost.test> wrote:"),
        ("Date: nonsense\r\nFrom: a@b.test", "a@b.test wrote:"),
        ("Subject: x", "somebody wrote:"),
        ("From: a@b.test\r\nDate: 31 Dec 9999 23:00:00 -1200", "On Fri, 31 Dec 9999 at 23:00, a@b.test wrote:"),
    ],
)
def test_the_line_above_a_quote_says_who_and_when(header: str, line: str) -> None:
    assert _origin.wrote(headers(header), NOON) == line


def test_what_is_passed_on_says_what_it_was() -> None:
    assert _origin.facts(headers(), NOON) == (
        "From: Bob Sharer <bob@pennypost.test>\n"
        "Date: Mon, 1 Jun 2026 at 08:00\n"
        "Subject: Garden\n"
        "To: Alice Owner <alice@pennypost.test>, charlie@elsewhere.test\n"
        "Cc: dora@elsewhere.test"
    )
    assert _origin.facts(headers("Subject: x"), NOON) == "Subject: x"


def test_a_letter_begins_in_the_language_of_its_writer_and_programs_find_what_they_look_for(
    app: Flask, visitor: Visitor, alice: Person
) -> None:
    pseudo.install(app, LONG)
    uid = alice.append(LETTER.encode())
    visitor.sign_in(alice)
    visitor.client.set_cookie("language", LONG.tag)
    place = f"/m/INBOX/{alice.uidvalidity()}.{uid}"
    visitor.get(f"{place}/reply")
    form = visitor.form("/write")
    line = pseudo.said("On %(day)s at %(time)s, %(who)s wrote:")
    who = "Bob Sharer <bob@pennypost.test>"
    assert form.value("subject") == "Re: Garden"
    assert line % {"day": "Mon, Jun 1, 2026", "time": "8:00\u202fAM", "who": who} in form.value("body")
    assert "\n> Shall we?\n" in form.value("body")
    visitor.get(f"{place}/forward")
    form = visitor.form("/write")
    assert form.value("subject") == "Fwd: Garden"
    [rule] = [text for text in form.value("body").split("\n") if quotes.is_forwarded(text)]
    below = form.value("body").partition(f"{rule}\n")[2].split("\n")
    assert below[0] == pseudo.said("From: %(value)s") % {"value": who}
    assert below[2] == pseudo.said("Subject: %(value)s") % {"value": "Garden"}
    assert f'data-start="{place}/forward"' in visitor.html, "and the editor knows it for one that is passed on"
