"""Invitations as calendar programs send them, their update and end, an answer to one of ours, and two cards."""

from __future__ import annotations

import base64
import textwrap
from datetime import date, timedelta

from demo.mail.letters import ANSWERED, BEN, NEW, READ, File, Letter

_MAYA = "Maya Lindholm <maya@lindholm-architects.example>"
_ME = 'ATTENDEE;CN="Ana Moreira";ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:ana@pennypost.example'
_REED = "ATTENDEE;CN=Basil Reed;ROLE=OPT-PARTICIPANT;PARTSTAT=ACCEPTED:mailto:basil@reed.example"
_SITE = "site-walk-7@lindholm-architects.example"


def letters(today: date) -> list[Letter]:
    tuesday = today + timedelta(days=(1 - today.weekday()) % 7 + 7)
    return [
        _meeting(0, "08:05", "Invitation: garden planning", "We walk through the beds until the frost.", "REQUEST",
                 "UID:garden-plan@pennypost.example", "SEQUENCE:0", "SUMMARY:Garden planning, spring beds",
                 f"DTSTART;TZID=America/New_York:{tuesday:%Y%m%d}T090000",
                 f"DTEND;TZID=America/New_York:{tuesday:%Y%m%d}T094500",
                 f"RRULE:FREQ=WEEKLY;BYDAY=TU,TH;UNTIL={tuesday + timedelta(days=90):%Y%m%d}T000000Z",
                 f"EXDATE;TZID=America/New_York:{tuesday + timedelta(days=7):%Y%m%d}T090000",
                 "LOCATION:Greenhouse 2, or https://meet.okafor.example/garden",
                 "DESCRIPTION:Bring the seed list.\\n\\n1. What comes out\\n2. What goes in\\n3. Who waters",
                 _ME, _REED, sender=BEN, organizer="ORGANIZER;CN=Ben Okafor:mailto:ben@pennypost.example"),
        _meeting(2, "16:40", "Updated: site walk", "Half an hour later, and at the other gate.", "REQUEST",
                 f"UID:{_SITE}", "SEQUENCE:1", "SUMMARY:Site walk, north wing",
                 f"DTSTART;TZID=W. Europe Standard Time:{tuesday + timedelta(days=1):%Y%m%d}T143000",
                 f"DTEND;TZID=W. Europe Standard Time:{tuesday + timedelta(days=1):%Y%m%d}T160000",
                 "LOCATION:Gate B, Mill Lane", _ME, _REED, flags=(*READ, "Invitation-Accepted")),
        _meeting(1, "09:30", "Cancelled: summer school", "Too few of us; next year again.", "CANCEL",
                 "UID:summer-school@lindholm-architects.example", "SEQUENCE:2", "STATUS:CANCELLED",
                 "SUMMARY:Summer school on the island", f"DTSTART;VALUE=DATE:{tuesday + timedelta(days=4):%Y%m%d}",
                 f"DTEND;VALUE=DATE:{tuesday + timedelta(days=7):%Y%m%d}", _ME),
        _meeting(3, "19:12", "Accepted: tea after the concert", "With pleasure.", "REPLY",
                 "UID:tea@pennypost.example", "SEQUENCE:0", "SUMMARY:Tea after the concert",
                 f"DTSTART:{tuesday + timedelta(days=2):%Y%m%d}T193000Z", "COMMENT:With pleasure. I bring the cake.",
                 "ATTENDEE;CN=Maya Lindholm;PARTSTAT=ACCEPTED:mailto:maya@lindholm-architects.example",
                 organizer="ORGANIZER;CN=Ana Moreira:mailto:ana@pennypost.example"),
        Letter(4, "11:03", "Basil Reed <basil@reed.example>", "My new number, and the piano tuner's", """
            Both as cards, so that nobody has to type.

            Basil
            """, flags=ANSWERED, files=(File("cards.vcf", "text/vcard", _cards()),)),
    ]  # fmt: skip


def _meeting(
    days: int, clock: str, subject: str, text: str, method: str, *lines: str, flags: tuple[str, ...] = NEW,
    sender: str = _MAYA, organizer: str = "ORGANIZER;CN=Maya Lindholm:mailto:maya@lindholm-architects.example",
) -> Letter:  # fmt: skip
    """The same words three times, as the large programs do: as text, as a calendar part, as a file."""
    head = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Lindholm//Diary//EN", f"METHOD:{method}", "BEGIN:VEVENT")
    rows = (*head, "DTSTAMP:20260101T080000Z", organizer, *lines, "END:VEVENT", "END:VCALENDAR")
    coded = base64.encodebytes("".join(f"{row}\r\n" for row in rows).encode()).decode()
    raw = textwrap.dedent("""\
        From: {sender}
        To: Ana Moreira <ana@pennypost.example>
        Subject: {subject}
        Date: {{date}}
        Message-ID: <{id}@mail.pennypost.example>
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary="outer"

        --outer
        Content-Type: multipart/alternative; boundary="inner"

        --inner
        Content-Type: text/plain; charset=utf-8

        {text}

        --inner
        Content-Type: text/calendar; method={method}; charset=utf-8
        Content-Transfer-Encoding: base64

        {coded}
        --inner--

        --outer
        Content-Type: application/ics; name="invite.ics"
        Content-Disposition: attachment; filename="invite.ics"
        Content-Transfer-Encoding: base64

        {coded}
        --outer--
        """)
    name = subject.lower().replace(" ", "-").replace(":", "")
    filled = raw.format(sender=sender, subject=subject, id=name, text=text, method=method, coded=coded)
    return Letter(days, clock, flags=flags, raw=filled.encode())


def _cards() -> bytes:
    rows = (
        "BEGIN:VCARD", "VERSION:3.0", "N:Reed;Basil;;;", "FN:Basil Reed", "ORG:Harbour Choir;Basses", "TITLE:Treasurer",
        "EMAIL;TYPE=INTERNET,HOME:basil@reed.example", "TEL;TYPE=CELL:+44 1632 960123",
        "ADR;TYPE=HOME:;;5 Quay Road;Harbourton;;HB1 4TR;", "URL:https://reed.example/basil", "BDAY:1961-04-02",
        "NOTE:Rings twice before he gives up.", "END:VCARD",
        "BEGIN:VCARD", "VERSION:4.0", "FN:Ōkawa Piano Service", "ORG:Ōkawa Piano Service",
        'TEL;VALUE=uri;TYPE="work,voice":tel:+81-3-5550-0142', "EMAIL;TYPE=work:hello@okawa-piano.example", "END:VCARD",
    )  # fmt: skip
    return "".join(f"{row}\r\n" for row in rows).encode()
