"""What a letter tells of the one that it answers or passes on: written into it, in the language of its writer's pages.

What programs look for is no matter of language and stays with mail/: "Re:", "Fwd:", the marks of a quote and the
line above what is passed on.
"""

from __future__ import annotations

from datetime import datetime

from webmail.mail.headers import Headers
from webmail.mail.reply import named
from webmail.web import filters
from webmail.web.words import _, pgettext


def wrote(headers: Headers, now: datetime) -> str:
    """On Mon, 1 Jun 2026 at 08:00, Bob <bob@example.org> wrote: the line above a quote. now: in the writer's zone, in
    which the date is told."""
    who = named(headers.addresses("from")) or pgettext("who wrote a letter", "somebody")
    when = _here(headers.date, now)
    if when is None:
        # Translators: the line above a quote, in a letter to others. See the next one.
        return _("%(who)s wrote:", who=who)
    # Translators: the line above a quote, in a letter to others. Mail programs know a quote by it: write it as they do
    # in your language, with the usual verb, and a colon as the last sign. day: "Mon, 1 Jun 2026". who: name, address.
    return _("On %(day)s at %(time)s, %(who)s wrote:", day=filters.dated(when), time=filters.clock(when), who=who)


def facts(headers: Headers, now: datetime) -> str:
    """From, Date, Subject, To and Cc of a letter that is passed on, one a line; what it has not is left out."""
    when = _here(headers.date, now)
    # Translators: the date in a letter that is passed on. day: "Mon, 1 Jun 2026".
    date = _("%(day)s at %(time)s", day=filters.dated(when), time=filters.clock(when)) if when else ""
    lines = (
        # Translators: this and the next four stand in a letter that is passed on, before its sender, date and so on.
        (pgettext("a letter passed on", "From: %(value)s"), named(headers.addresses("from"))),
        (pgettext("a letter passed on", "Date: %(value)s"), date),
        (pgettext("a letter passed on", "Subject: %(value)s"), headers.subject),
        (pgettext("a letter passed on", "To: %(value)s"), named(headers.addresses("to"))),
        (pgettext("a letter passed on", "Cc: %(value)s"), named(headers.addresses("cc"))),
    )
    return "\n".join(line % {"value": value} for line, value in lines if value)


def _here(when: datetime | None, now: datetime) -> datetime | None:
    return filters.in_zone(when, now.tzinfo) if when and now.tzinfo else when
