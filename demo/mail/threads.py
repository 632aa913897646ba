"""Conversations with answers of Ana's own, which lie in Sent."""

from __future__ import annotations

from datetime import date

from demo.mail.files import pdf, spreadsheet
from demo.mail.letters import ANA, ANSWERED, BEN, FORWARDED, NEW, READ, STAR, File, Letter

NORA = "Nora Lindqvist <nora@allotments.example>"
IVY = "Ivy Chen <ivy.chen@harbourhall.example>"
TOMAS = "Tomás Arriaga <tomas@arriaga.example>"
JONAS = "Jonas Weber <jonas@zaunbau-weber.example>"
MIRA = "Mira Osei <mira.osei@riverside-library.example>"

_FIRST = spreadsheet([("Roof", 4200), ("Heating", 1850), ("Chairs", 640), ("Insurance", 910)])
_SECOND = spreadsheet([("Roof (next year)", 0), ("Heating", 1850), ("Chairs", 640), ("Insurance", 910)])
_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_MINUTES = pdf("Minutes, Tuesday", "Present: Nora, Ivy, Ana, Ben", "1. The tap is repaired.", "2. Open: key, compost.")


def letters(today: date) -> list[Letter]:
    return [*_minutes(), *_budget(), *_ferry(), *_fence(), *_page_four()]


def _minutes() -> list[Letter]:
    both = f"{ANA}, {IVY}, {BEN}"
    return [
        Letter(1, "18:20", NORA, "Minutes from Tuesday, and the two open questions", """
            Thanks all for staying late. I have put the decisions at the top and
            the two questions we did not settle at the bottom:

              1. Who keeps the second key to the tool shed?
              2. Do we buy compost together this autumn, or each for themselves?

            Please answer to everybody. The full minutes are attached, one page.

            --\x20
            Nora Lindqvist
            Plot 14, and the minutes
            """, to=both, id="minutes-1", flags=ANSWERED,
            files=(File("minutes-tuesday.pdf", "application/pdf", _MINUTES),)),
        Letter(1, "19:02", IVY, "Re: Minutes from Tuesday, and the two open questions", """
            On Tue, Nora Lindqvist wrote:
            > 1. Who keeps the second key to the tool shed?

            Not me, please. I lost the first one.

            > 2. Do we buy compost together this autumn, or each for themselves?

            Together. The price drops by a third above two tonnes.

            Ivy
            """, to=NORA, cc=f"{ANA}, {BEN}", id="minutes-2", answers=("minutes-1",)),
        Letter(1, "20:45", ANA, "Re: Minutes from Tuesday, and the two open questions", """
            I can take the key: I pass the shed every morning anyway.
            And together for the compost, if somebody has a trailer.

            Ana

            Nora Lindqvist wrote:
            > Thanks all for staying late. I have put the decisions at the top and
            > the two questions we did not settle at the bottom:
            """, to=NORA, cc=f"{IVY}, {BEN}", folder="Sent", id="minutes-3", answers=("minutes-1", "minutes-2")),
        Letter(0, "09:41", NORA, "Re: Minutes from Tuesday, and the two open questions", """
            Then it is settled: Ana keeps the key, and Pavel has a trailer.

            I shall order two and a half tonnes for the last Saturday of the
            month. Bring gloves and a wheelbarrow if you own one.

            Nora

            Ana Moreira wrote:
            > I can take the key: I pass the shed every morning anyway.
            > And together for the compost, if somebody has a trailer.
            >
            > Nora Lindqvist wrote:
            > > Thanks all for staying late.
            """, to=both, flags=NEW, id="minutes-4", answers=("minutes-1", "minutes-2", "minutes-3")),
    ]  # fmt: skip


def _budget() -> list[Letter]:
    return [
        Letter(3, "11:15", IVY, "Draft budget", """
            Ana,

            here is the first draft for next year. The roof is the elephant in
            the room: with it we are 3,000 over, without it 1,200 under.

            Could you look at the heating line? I took last winter's figure.

            Ivy
            """, id="budget-1", flags=ANSWERED, files=(File("budget.ods", _ODS, _FIRST),)),
        Letter(3, "14:02", ANA, "Re: Draft budget", """
            The heating figure is fine, the winter was an ordinary one.

            Can the roof wait a year? The surveyor only wrote "soon".

            Ana

            Ivy Chen wrote:
            > here is the first draft for next year. The roof is the elephant in
            > the room: with it we are 3,000 over, without it 1,200 under.
            """, to=IVY, folder="Sent", id="budget-2", answers=("budget-1",)),
        Letter(2, "09:30", IVY, "Re: Draft budget", """
            I asked him. "Soon" means before the winter after next. So: yes.

            > Can the roof wait a year? The surveyor only wrote "soon".
            """, id="budget-3", answers=("budget-1", "budget-2"), flags=ANSWERED),
        Letter(2, "10:10", ANA, "Re: Draft budget", """
            Good. Then please move it, and let us show the others on Friday.

            Ana
            """, to=IVY, folder="Sent", id="budget-4", answers=("budget-1", "budget-2", "budget-3")),
        Letter(0, "08:30", IVY, "Re: Draft budget, second pass", """
            I moved the roof into next year. That leaves us 1,200 under, before
            the chairs. Fresh sheet attached.

            Should we say something about the chairs, or let them find it?

            Ivy
            """, id="budget-5", answers=("budget-1", "budget-2", "budget-3", "budget-4"), flags=STAR,
            files=(File("budget-2.ods", _ODS, _SECOND),)),
    ]  # fmt: skip


def _ferry() -> list[Letter]:
    return [
        Letter(2, "21:05", TOMAS, "Ferry times", """
            Hola Ana! When do you all want to cross? I have to book the places
            for the bicycles, and they go first.

            Tomás
            """, id="ferry-1", flags=ANSWERED, zone=1),
        Letter(1, "07:40", ANA, "Re: Ferry times", """
            On the 24th, as early as possible. Two adults, one bicycle, one
            cello. The cello counts as a person, I fear.

            Ana
            """, to=TOMAS, folder="Sent", id="ferry-2", answers=("ferry-1",)),
        Letter(0, "09:12", TOMAS, "Ferry times for the 24th", """
            The 07:40 is full, but there are four places left on the 09:15 if we
            book today. The cello travels free when it wears its case.

            Shall I take them? https://ferries.example/book/0915?places=4

            Tomás
            """, flags=NEW, id="ferry-3", answers=("ferry-1", "ferry-2"), zone=1),
    ]  # fmt: skip


def _fence() -> list[Letter]:
    offer = pdf("Angebot 2217", "12 Pfosten, Laerche", "3 Felder zu 2,40 m", "Summe: 1.180,00 EUR")
    return [
        Letter(9, "10:00", JONAS, "Garden fence quote", """
            Dear Ana,

            thank you for showing me the place. The quote is attached, larch as
            you wished. The old gate can stay if I put it on new hinges.

            Mit freundlichen Grüßen
            Jonas Weber
            """, id="fence-1", flags=ANSWERED, files=(File("Angebot-2217.pdf", "application/pdf", offer),), zone=1),
        Letter(9, "16:30", ANA, "Re: Garden fence quote", """
            Dear Jonas,

            agreed, and yes, please keep the gate. It knows everybody.

            Ana
            """, to=JONAS, folder="Sent", id="fence-2", answers=("fence-1",)),
        Letter(8, "08:15", JONAS, "Re: Garden fence quote", """
            We can start on the 3rd if the posts arrive. I would keep the old
            gate, too. Please have the beds next to the fence free by then.

            Jonas
            """, id="fence-3", answers=("fence-1", "fence-2"), flags=FORWARDED, zone=1),
        Letter(8, "12:00", ANA, "Fwd: Garden fence quote", """
            Ben, could you lend me two hands on the 2nd? The beds have to go.

            ---------- Forwarded message ----------
            From: Jonas Weber <jonas@zaunbau-weber.example>
            Subject: Re: Garden fence quote

            We can start on the 3rd if the posts arrive. I would keep the old
            gate, too. Please have the beds next to the fence free by then.
            """, to=BEN, folder="Sent", id="fence-4"),
    ]  # fmt: skip


def _page_four() -> list[Letter]:
    return [
        Letter(1, "15:10", MIRA, "Could you look over page four?", """
            Only the paragraph about the grant, I think the numbers moved when
            we changed the table. The rest has been read by three people, which
            means by nobody.

            Mira
            """, flags=("\\Seen", "\\Flagged", "$Label1"), id="page-1"),
        Letter(1, "15:32", MIRA, "Re: Could you look over page four?", """
            PS: page four of the PDF, which is page six if you count the covers.

            > Only the paragraph about the grant
            """, flags=READ, id="page-2", answers=("page-1",)),
    ]  # fmt: skip
