"""The second account: fewer letters, and the other side of some of Ana's."""

from __future__ import annotations

from datetime import date

from demo.mail.files import pdf
from demo.mail.letters import ANA, BEN, NEW, READ, STAR, File, Letter

NORA = "Nora Lindqvist <nora@allotments.example>"


def letters(today: date) -> list[Letter]:
    return [*_inbox(), *_others()]


def _inbox() -> list[Letter]:
    minutes = pdf(
        "Minutes, Tuesday", "Present: Nora, Ivy, Ana, Ben", "1. The tap is repaired.", "2. Open: key, compost."
    )
    return [
        Letter(1, "18:20", NORA, "Minutes from Tuesday, and the two open questions", """
            Thanks all for staying late. The full minutes are attached.

            Nora
            """, to=f"{ANA}, {BEN}", id="minutes-1", files=(File("minutes-tuesday.pdf", "application/pdf", minutes),)),
        Letter(1, "20:45", ANA, "Re: Minutes from Tuesday, and the two open questions", """
            I can take the key: I pass the shed every morning anyway.

            Ana
            """, to=NORA, cc=BEN, id="minutes-3", answers=("minutes-1",), flags=NEW),
        Letter(8, "12:00", ANA, "Fwd: Garden fence quote", """
            Ben, could you lend me two hands on the 2nd? The beds have to go.
            """, to=BEN, id="fence-4", flags=STAR),
        Letter(0, "08:05", "Bakery on the corner <bread@cornerbakery.example>", "Your order for Saturday", """
            Two rye, one white, twelve rolls. Ready from 7:30.
            """, to=BEN, flags=NEW),
        Letter(3, "19:00", "Okafor family <mum@okafor.example>", "Sunday", """
            Lunch at one. Bring the good knife back.
            """, to=BEN),
        Letter(6, "10:00", "Marta Kowalczyk <marta@kowalczyk.example>", "Kajak w sobotę?", """
            Cześć! Woda jest wysoka, a pogoda ma być dobra. Jedziesz?
            """, to=BEN, zone=1),
    ]  # fmt: skip


def _others() -> list[Letter]:
    return [
        Letter(1, "09:05", BEN, "Ladder", """
            Do you still have our ladder, or did we lend it to somebody who
            lent it to somebody?

            Ben
            """, to=ANA, folder="Sent", id="ladder-1"),
        Letter(2, "22:00", BEN, "Kayak list", """
            Paddle, vest, dry socks,
            """, to="", folder="Drafts", flags=("\\Seen", "\\Draft")),
        Letter(5, "03:00", "Casino <play@chips.invalid>", "250 free spins", """
            Spin now.
            """, to=BEN, folder="Junk", flags=NEW),
        Letter(14, "12:30", "Boat club <office@boatclub.example>", "Receipt: yearly fee", """
            Received with thanks: 60.00
            """, to=BEN, folder="Receipts", flags=READ),
    ]  # fmt: skip
