"""The letters of an ordinary month: neighbours, school, water works, tickets."""

from __future__ import annotations

from datetime import date, timedelta

from demo.mail.files import beans, invitation, lighthouse, pdf, tone
from demo.mail.letters import ANSWERED, NEW, READ, STAR, File, Letter

PAVEL = "Pavel Novák <pavel@novak.example>"
LIBRARY = "Library desk <desk@riverside-library.example>"
SCHOOL = "School office <office@hillschool.example>"
HANNE = "Hanne Grøn <hanne@harbourchoir.example>"


def letters(today: date) -> list[Letter]:
    return [*_this_week(today), *_last_week(), *_before()]


def _this_week(today: date) -> list[Letter]:
    rehearsal = today + timedelta(days=3)
    return [
        Letter(0, "08:55", LIBRARY, "Your reservation is ready to collect", """
            "The Summer Book" is being held for you at the front desk for seven
            days. Please bring your card.

            Opening hours: Monday to Friday 10-18, Saturday 10-14.
            """, flags=READ),
        Letter(0, "07:58", PAVEL, "Photos from the allotment", """
            The beans have finally reached the top of the canes. Two pictures
            attached; the second one is from the excursion and has no beans.

            Pavel
            """, flags=NEW, files=(
                File("beans.png", "image/png", beans()), File("fazole na výletě.png", "image/png", lighthouse()))),
        Letter(0, "07:15", "Hill Street Dental <desk@hillstreet-dental.example>", "Reminder: check-up next Tuesday", """
            Dear Ana Moreira,

            we look forward to seeing you next Tuesday at 8:20. If you cannot
            come, please call us one day before.

            This message was sent by a machine, but a person reads the answers.
            """, flags=NEW),
        Letter(0, "06:30", HANNE, "Invitation: extra rehearsal", """
            Dear altos and tenors,

            we need one more evening for the second half. Same place, same
            stairs. The invitation for your calendar is attached.

            Hanne
            """, flags=NEW, zone=1, files=(File("rehearsal.ics", "text/calendar",
                invitation("extra-rehearsal@harbourchoir.example", f"{rehearsal:%Y%m%d}", "190000", "210000",
                           "Extra rehearsal, second half", "Harbour Hall, upper room")),)),
        Letter(1, "13:45", "City Water Services <notices@citywater.example>", "Planned work on Harbour Street", """
            Supply may be interrupted between 09:00 and 12:00 on Thursday. No
            action is needed. Water may look cloudy afterwards; let it run.
            """),
        Letter(1, "12:20", "Railway tickets <tickets@coastrail.example>", "Booking confirmed: 2 adults, 1 bicycle", """
            Carriage 7, seats 41 and 42. Please arrive ten minutes early if you
            are bringing a bicycle. Your ticket is attached as one page to print.

            Booking code: KESTREL-4192
            """, flags=STAR, files=(File("ticket.pdf", "application/pdf", pdf(
                "Coast Rail - ticket", "2 adults, 1 bicycle", "Carriage 7, seats 41 and 42", "KESTREL-4192")),)),
        Letter(1, "09:05", "Ben Okafor <ben@pennypost.example>", "Ladder", """
            Do you still have our ladder, or did we lend it to somebody who
            lent it to somebody?

            Ben
            """, flags=NEW, id="ladder-1"),
        Letter(2, "17:55", "Post office <parcels@parcelpost.example>", "Your parcel is at the corner shop", """
            We rang, nobody heard us. Your parcel is waiting at the corner shop,
            12 Harbour Street, for seven days. Bring the code 7719.
            """, flags=READ),
        Letter(2, "16:00", "Clara Benedetti <clara@benedetti.example>", "Recipe, as promised", """
            Lentils for four:

              300 g small brown lentils
              2 carrots, 1 onion, 2 sticks of celery
              1 spoon of tomato paste, 1 bay leaf
              vinegar at the end, more than you think

            Everything small, slowly, with the lid on. 40 minutes.
            """, flags=ANSWERED),
        Letter(2, "08:10", "Mr Dev Patel <d.patel@hillschool.example>", "Saturday's walk: who brings what", """
            Dear parents,

            we meet at 9 at the gate. Please give the children something to
            drink, a hat, and shoes that may get wet. I have the first-aid kit,
            a map and a whistle.

            Dev Patel, class 4b
            """, flags=READ),
    ]  # fmt: skip


def _last_week() -> list[Letter]:
    return [
        Letter(6, "11:40", SCHOOL, "Autumn term dates and the summer reading list", """
            Attached as one page to print. Term starts on the first Tuesday.
            The reading list is a suggestion and not a test.
            """, flags=READ, files=(File("term-dates.pdf", "application/pdf", pdf(
                "Autumn term", "First day: Tuesday", "Half term: last week of October", "Last day: 18 December")),)),
        Letter(6, "21:30", HANNE, "Sheet music for the second half", """
            Altos, please note bar 48: it is a whole tone lower than what we
            sang. I recorded the chord for you, so that nobody has to guess.

            Hanne
            """, flags=STAR, zone=1, files=(
                File("bar-48.wav", "audio/x-wav", tone(3, 196, 246.94, 293.66, 392)),
                File("second-half.pdf", "application/pdf", pdf("Second half", "Bar 48: B flat, not B")))),
        Letter(7, "10:25", "Bicycle workshop <hello@spokeandchain.example>", "Your bicycle is ready", """
            New brake pads, new rear light, and we took a small nest out of the
            basket. 48.50 altogether. We close at six.
            """, flags=READ),
        Letter(7, "09:00", PAVEL, "Trailer", """
            Yes, I have a trailer. Yes, you may. No, it has no lights, so only
            by day, and slowly.

            Pavel
            """, flags=READ),
        Letter(8, "19:45", "Sofia Marchetti <sofia@marchetti.example>", "The cello", """
            Dear Ana,

            I heard that you look for a case. Mine has been in the cellar since
            I changed to the piano. You can have it for a cake.

            Sofia
            """, flags=ANSWERED),
        Letter(8, "07:30", "Weather desk <bulletin@coastweather.example>", "Wind warning for the coast", """
            Gusts up to 85 km/h from the west between 14:00 and 21:00. Secure
            what can fly. The next bulletin comes at 18:00.
            """, flags=READ),
        Letter(9, "14:14", "Greta Holm <greta@holm.example>", "Lost: one grey cat, answers to Sputnik", """
            Has anybody seen her near the sheds? She is small, loud and has a
            white left foot. She comes when somebody opens a tin.

            Greta, number 9
            """, flags=READ),
        Letter(10, "08:00", "Harbour Hall <bookings@harbourhall.example>", "Room booking 3 October: confirmed", """
            Upper room, 18:00 to 22:00, 40 chairs, piano tuned. Please lock the
            side door and turn the heating down to two.
            """, flags=READ),
    ]  # fmt: skip


def _before() -> list[Letter]:
    return [
        Letter(13, "12:00", "Riverside Bank <post@riversidebank.example>", "Your statement is in your online box", """
            We never send links. Please sign in as you always do.
            """, flags=READ),
        Letter(15, "18:18", "Samuel Adeyemi <sam@adeyemi.example>", "Old radio, free to a good home", """
            It plays one station, but plays it beautifully. Collect it from the
            third floor; bring somebody strong.
            """, flags=READ),
        Letter(17, "09:50", "Registry <registry@citycouncil.example>", "Your application no. 2026/1184", """
            We have received your application for a beehive on plot 14. The
            neighbours have been asked and have four weeks to answer.
            """, flags=STAR),
        Letter(20, "20:02", "Lars Eklund <lars@eklund.example>", "Chess by post, move 14", """
            Knight takes f6, check. Your turn, no hurry. It is raining here.
            """, flags=ANSWERED),
        Letter(24, "07:07", "Museum of Small Things <friends@smallthings.example>", "Members' evening: buttons", """
            Two thousand buttons, one evening, cheese. Doors at seven.
            """, flags=READ),
        Letter(29, "16:40", "Eva Lindholm <eva@lindholm.example>", "Thank you", """
            The plant has stopped dying. Whatever you told it, it listened.

            Eva
            """, flags=READ),
        Letter(41, "11:11", "Lars Eklund <lars@eklund.example>", "Chess by post, move 13", """
            Queen to e2. I think I see what you are doing.
            """, flags=ANSWERED),
        Letter(75, "10:30", "City Council <roads@citycouncil.example>", "Survey: the crossing at Mill Lane", """
            Should there be a zebra? Answer on paper or at the town hall.
            """, flags=READ),
        Letter(190, "13:00", "Tax office <no-reply@taxoffice.example>", "We have received your return", """
            Thank you. You will hear from us within three months.
            """, flags=READ),
        Letter(400, "08:45", "Sofia Marchetti <sofia@marchetti.example>", "Photographs from last summer", """
            I found the lighthouse again, between two recipes.

            Sofia
            """, flags=READ, files=(File("lighthouse.png", "image/png", lighthouse()),)),
    ]  # fmt: skip
