"""Letters that other programs made, some of them badly: lists, bounces, missing subjects, broken headers."""

from __future__ import annotations

import base64
from datetime import date

from demo.mail.files import pdf
from demo.mail.letters import NEW, READ, File, Letter
from demo.mail.winmail import file, hidden_html, message, packed, text, winmail


def letters(today: date) -> list[Letter]:
    return [
        Letter(0, "09:30", raw=_FLOWED, flags=NEW),
        Letter(3, "10:01", raw=_BOUNCE, flags=NEW),
        Letter(4, "16:16", raw=_NO_SUBJECT),
        Letter(5, "05:05", raw=_EIGHT_BIT.encode("latin-1")),
        Letter(7, "23:59", raw=_FORWARDED_WHOLE, flags=NEW),
        Letter(10, "12:34", raw=_RECEIPT_ASKED),
        Letter(12, "17:17", raw=_DEEP_QUOTES),
        Letter(21, "02:02", raw=_BARE, flags=READ),
        Letter(22, "11:30", raw=_UUENCODED),
        Letter(
            2,
            "14:45",
            "Otto Brand <otto@brand-und-soehne.example>",
            "Die Rechnung",
            flags=NEW,
            files=(File("winmail.dat", "application/ms-tnef", _packed()),),
        ),
    ]


def _packed() -> bytes:
    """What Outlook makes of a letter in its own format when it does not know better."""
    letter = hidden_html(
        "<p>Liebe Ana,</p><p>anbei die <b>Rechnung</b> f\u00fcr die Pfosten. Meine Tochter sagt, bei ihr komme immer "
        "nur eine Datei an, die niemand \u00f6ffnen kann. Ich sehe hier alles ganz normal.</p><p>Gru\u00df, Otto</p>"
    )
    bill = pdf("Rechnung 2217", "12 Pfosten, Laerche", "Summe: 1.180,00 EUR", "Zahlbar in 14 Tagen")
    older = winmail("Angebot", [text(0x1000, "Liebe Ana, hier das Angebot.")], [file("Angebot.pdf", bill)])
    return winmail("Die Rechnung", [packed(letter)], [file("Rechnung 2217.pdf", bill), message("Angebot", older)])


_FLOWED = b"""From: Rosa Lind <rosa@lind.example>
To: ana@pennypost.example
Subject: Re: How long is a line?
Date: {date}
Message-ID: <flowed-2@lind.example>
In-Reply-To: <flowed-1@pennypost.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8; format=flowed
Content-Transfer-Encoding: 8bit

Dear Ana,

this letter is written as one long line for each paragraph, and it has\x20
been folded for the journey in a way that lets your window choose its\x20
own width again. Make the window narrow, and the lines follow; make it\x20
wide, and they stretch.

> How long may a line be? I was taught seventy-two characters, and I\x20
> have kept to it since, like others keep to the right.
>
> > Seventy-two is what a typewriter ring remembers.

Verses, on the other hand, stay as they are:

    The post came late,
    the dog came first,
    the letter had been
    gently bursed.

 From the harbour, with wind,
Rosa
--\x20
Rosa Lind
Writes longhand. Answers slowly.
"""

_BOUNCE = b"""Return-Path: <>
From: Mail Delivery System <mailer-daemon@mx.pennypost.example>
To: ana@pennypost.example
Subject: Undelivered Mail Returned to Sender
Date: {date}
Message-ID: <bounce-5512@mx.pennypost.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="==bounce-5512"

This is a multi-part message in MIME format.

--==bounce-5512
Content-Type: text/plain; charset=us-ascii
Content-Description: Notification

This is the mail system at mx.pennypost.example.

I'm sorry to say that your message could not be delivered to one
recipient. Nothing was lost; it is attached below.

<tomas@arriaga.exmaple>: the name of the host does not exist

--==bounce-5512
Content-Type: message/delivery-status
Content-Description: Delivery report

Reporting-MTA: dns; mx.pennypost.example
Arrival-Date: {date}

Final-Recipient: rfc822; tomas@arriaga.exmaple
Action: failed
Status: 5.1.2
Diagnostic-Code: X-Postmaster; the name of the host does not exist

--==bounce-5512
Content-Type: message/rfc822
Content-Description: Undelivered message

From: Ana Moreira <ana@pennypost.example>
To: tomas@arriaga.exmaple
Subject: Re: Ferry times
Date: {date}
Message-ID: <lost-letter@mail.pennypost.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=us-ascii

On the 24th, as early as possible.

Ana

--==bounce-5512--
"""

_NO_SUBJECT = b"""From: Pavel =?utf-8?q?Nov=C3=A1k?= <pavel@novak.example>
To: Ana Moreira <ana@pennypost.example>
Date: {date}
Message-ID: <no-subject@novak.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

gate is open. cat is in. do not close gate before cat is out.
"""

# Octets outside ASCII stand bare in the header, which no standard of that time allows; some programs still do it.
_EIGHT_BIT = """From: Büro für Fundsachen <fundbuero@stadtwerke.example>
To: ana@pennypost.example
Subject: Ihr Schlüsselbund wurde gefunden (grünes Band)
Date: {date}
Message-ID: <fund-881@stadtwerke.example>
Content-Type: text/plain

Guten Tag, ein Schlüsselbund mit grünem Band liegt bei uns.
Öffnungszeiten: Mo-Fr 8 bis 12 Uhr.
"""

_FORWARDED_WHOLE = b"""From: Nora Lindqvist <nora@allotments.example>
To: ana@pennypost.example
Subject: Fwd: The tap on plot 9
Date: {date}
Message-ID: <fwd-tap@allotments.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=tap

--tap
Content-Type: text/plain; charset=us-ascii

See the plumber's letter below, whole, with what was attached to it.

--tap
Content-Type: message/rfc822
Content-Disposition: attachment; filename="The tap on plot 9.eml"

From: "Quick & Dry, plumbers" <office@quickanddry.example>
To: nora@allotments.example
Subject: The tap on plot 9
Date: {date}
Message-ID: <tap-1@quickanddry.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=inner

--inner
Content-Type: text/plain; charset=us-ascii

It is not the tap. It is the pipe behind the tap, and the stone behind
the pipe. Sketch attached.

--inner
Content-Type: text/plain; charset=us-ascii; name="sketch.txt"
Content-Disposition: attachment; filename="sketch.txt"

   tap ---o
          |
   #######|####### stone
          |
--inner--

--tap--
"""

_RECEIPT_ASKED = b"""From: Registry <registry@citycouncil.example>
To: ana@pennypost.example
Subject: Beehive on plot 14: one question
Date: {date}
Message-ID: <registry-1184@citycouncil.example>
Disposition-Notification-To: registry@citycouncil.example
X-Priority: 1 (Highest)
Importance: high
MIME-Version: 1.0
Content-Type: text/plain; charset=us-ascii

How far is the hive from the path? Please answer in whole paces.
"""

_DEEP_QUOTES = b"""From: Lars Eklund <lars@eklund.example>
To: ana@pennypost.example
Subject: Re: Re: SV: AW: Chess by post, the rules
Date: {date}
Message-ID: <rules-9@eklund.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=us-ascii

Agreed.

On a rainy day, Ana Moreira wrote:
> Then a move counts when the letter is stamped.
>
> On another rainy day, Lars Eklund wrote:
>> And if the post is on strike?
>>
>> On a third one, Ana Moreira wrote:
>>> A move counts when it is read.
>>>
>>> On the first one, Lars Eklund wrote:
>>>> When does a move count?
"""

_BARE = b"""From: lighthouse-bot
Subject: lamp on

lamp on at dusk. lamp off at dawn. all well.
"""

_UUENCODED = (
    b"From: Uwe =?iso-8859-1?q?K=F6hler?= <uwe@koehler.example>\nTo: ana@pennypost.example\n"
    b"Subject: A very old way to attach a file\nDate: {date}\nMessage-ID: <uu@koehler.example>\n"
    b'MIME-Version: 1.0\nContent-Type: application/octet-stream; name="note.txt"\n'
    b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(b"Found on a floppy disk: hello from 1994.\n")
)
