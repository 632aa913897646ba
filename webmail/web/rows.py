"""The message list as page values: the folder page shows it, the message page keeps it beside the letter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, cast

from flask import current_app

from webmail.languages import N_
from webmail.mail import flags
from webmail.mail.address import Address
from webmail.mail.ids import MailboxName, MessageRef, Uid, UidValidity
from webmail.mail.labels import Label
from webmail.mail.message import Summary
from webmail.web import converters, filters
from webmail.web.labels import labels
from webmail.web.services import services
from webmail.web.words import _, ngettext, pgettext

NO_SUBJECT: Final = N_("(no subject)")
# What windows show of a snippet in its one line: some 50 in three panes, 80 on a tablet.
_SNIPPET: Final = 100
_HELD: Final = 1700
"""Octets that the key of a drawn row takes: what it was drawn from, which soon nobody else keeps (CPython 3.11)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One message in the list, or one conversation. colour: 0..7. iso: for <time datetime>.

    pick: value of its checkbox, "validity.uid"; of a conversation every letter that lies here, "validity.uid,uid,uid",
    so that whoever acts on the row acts on those that the reader saw, and on none that came since. star: value of its
    button: the newest letter, or all that have a star. letters, fresh, stars: of a conversation the UIDs, of all, of
    the unread, of those with a star; separated by spaces, for script. count: letters; letters_word: what so many are
    called.
    """

    pick: str
    url: str
    who: str
    initials: str
    colour: int
    unread: bool
    starred: bool
    attached: bool
    time: str
    iso: str
    subject: str
    snippet: str
    star: str
    count: int = 1
    letters_word: str = ""
    letters: str = ""
    fresh: str = ""
    stars: str = ""
    current: bool = False
    labels: tuple[Label, ...] = ()
    pinned: bool = False
    woken: bool = False
    muted: bool = False

    @property
    def marked(self) -> bool:
        """Something stands before its snippet."""
        return bool(self.pinned or self.woken or self.muted or self.labels)


@dataclass(frozen=True, slots=True)
class Said:
    """What every row of a page says, looked up once. select, star: with the subject in them."""

    select: str
    star: str
    starred: str
    unread: str
    attached: str
    pinned: str
    woken: str
    muted: str


def _said() -> Said:
    # Translators: these are read out with a row of the list: before the sender, before the time, before the text.
    unread, attached, woken = _("Unread, "), _("has attachment,"), _("Back from Snoozed.")
    return Said(
        # Translators: the name of a checkbox, and of a button that gives a star or takes it away.
        select=_("Select: %(subject)s"), star=_("Star: %(subject)s"),
        starred=pgettext("a message", "Starred"), unread=unread, attached=attached,
        pinned=pgettext("a message", "Pinned."), woken=woken, muted=pgettext("a conversation", "Muted."),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Day:
    """Rows under one heading: Today, Yesterday, Last week, June 2026; "" for none. rows: as their template wrote
    them. pinned: they come first, whatever their dates."""

    title: str
    rows: tuple[str, ...]
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A link of a small set (filter), or an option of a select (value = url). keys: that press it, or ""."""

    label: str
    url: str
    current: bool = False
    keys: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """When a message could come back. date: for people; iso: with the offset."""

    label: str
    date: str
    iso: str


@dataclass(frozen=True, slots=True)
class ListPane:
    """The list of one folder. name: as addresses and the stream of events spell it.

    do_url takes POST do=read|unread|star|unstar|archive|delete|erase|junk|notjunk|move|copy|label|unlabel|pin|unpin|
    mute|unmute|snooze|unsnooze with uid=pick (repeated) or whole=pick, and dest=name, label=keyword, name=text,
    until=moment; or the single buttons star=pick, unstar=pick, snooze=pick, unsnooze=pick; a pick may name several
    messages (Row). sorts: the orders; sorted: the label of the one that is on, "" for the usual one. together:
    conversations are on; together_url: POST on=0 or 1 switches that, None where it cannot be. can_change: False in a
    read-only folder: no buttons. can_archive and so on: False where the button would do nothing (in that very folder).
    can_keep: the folder keeps new keywords. labels: those that it has, or may have; empty where it keeps none. snoozes:
    moments to put messages off to, empty where that is not offered. is_asleep: what is here comes back by itself.
    whole: all of this list, "" where all of it is shown; whole_count: so many. more_targets: there are folders that are
    not among the targets, and are typed.
    position: "1-50 of 1,204" with a proper dash. empty: None or the heading of an empty folder. notice: what the last
    action did. remark: what this list leaves undone. moves: "order" where rows are not in that of arrival, "filter"
    where marks take them away, else "". at: the state that the list was read at, for the stream of events that follows.
    tidy_url: the page that counts what could go.
    """

    name: str
    title: str
    url: str
    do_url: str
    unread: int
    total: int
    summary: str
    filters: tuple[Choice, ...]
    sorts: tuple[Choice, ...]
    sorted: str
    together: bool
    together_url: str | None
    days: tuple[Day, ...]
    position: str
    older_url: str | None
    newer_url: str | None
    empty: str | None
    targets: tuple[Choice, ...]
    more_targets: bool = False
    can_change: bool = True
    can_archive: bool = True
    can_delete: bool = True
    can_junk: bool = True
    is_junk: bool = False
    is_trash: bool = False
    can_print: bool = True
    can_keep: bool = False
    labels: tuple[Label, ...] = ()
    snoozes: tuple[Moment, ...] = ()
    is_asleep: bool = False
    whole: str = ""
    whole_count: str = ""
    notice: str | None = None
    remark: str | None = None
    moves: str = ""
    at: str = ""
    tidy_url: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """How the rows of one list are drawn; equal looks draw the same message the same way.

    owner: the sign-in. language: of words and dates in the rows. to_instead: Sent and Drafts show who it went to. url:
    of a row, with PICK where the message stands in it. within: the folder, where the list has rows of several: each
    pick then says its own.
    """

    owner: str
    language: str
    today: date
    zone: str
    to_instead: bool
    can_change: bool
    me: str
    url: str
    within: MailboxName | None = None


_NOBODY: Final = {True: N_("(no recipient)"), False: N_("(no sender)")}
_LONGEST: Final = 300
"""Letters of a subject, or of the people, in a row."""

PICK: Final = MessageRef(MailboxName("0"), UidValidity(0), Uid(0))
_STANDIN: Final = converters.pick_to_text(PICK)


Heading = Callable[[Summary], str]


def days(
    rows: Sequence[Summary],
    look: Look,
    *,
    now: datetime,
    zone: tzinfo,
    current: MessageRef | None,
    heading: Heading | None = None,
) -> tuple[Day, ...]:
    """Rows under their headings: those of days where none are given."""
    by_day: Heading = lambda row: filters.day_title(filters.in_zone(row.arrived, zone), now)  # noqa: E731
    titles = map(heading or by_day, rows)
    said = _said()
    drawn = zip(titles, (_drawn(row, look, said, now, zone, current) for row in rows), strict=True)
    return tuple(Day(title, tuple(row for _, row in group)) for title, group in groupby(drawn, key=itemgetter(0)))


def _drawn(summary: Summary, look: Look, said: Said, now: datetime, zone: tzinfo, current: MessageRef | None) -> str:
    """Drawing costs more than all the rest of a page; most rows were drawn a moment ago."""
    key = (look.owner, look, summary)
    found = services().drawn.get(key) if not holds(summary, current) else None
    if found is None:
        row = _row(summary, look, now, zone, current)
        template: Any = current_app.jinja_env.get_template("mailbox/_row.html").module
        found = template.draw(row, said, look.can_change)
        if not row.current:
            services().drawn.put(key, found, 2 * len(found) + _HELD)
    return cast(str, found)


def _row(summary: Summary, look: Look, now: datetime, zone: tzinfo, current: MessageRef | None) -> Row:
    people = summary.recipients if look.to_instead else summary.senders
    talk = None if look.to_instead else summary.talk
    uids = [uid for uid, _ in summary.letters]
    fresh = [uid for uid, told in summary.letters if flags.SEEN not in told]
    stars = [uid for uid, told in summary.letters if flags.FLAGGED in told]
    several = len(uids) > 1
    when = filters.in_zone(summary.arrived, zone)
    who = (company(talk.people, look.me) if talk else names(people, look.me)) or _(_NOBODY[look.to_instead])
    pick = converters.pick_to_text(summary.ref)
    # Translators: a row of Sent, or of Drafts.
    whom = _("To: %(people)s", people=who) if look.to_instead else who
    return Row(
        pick=_picked(summary, uids, look),
        url=pick.join(look.url.rsplit(_STANDIN, 1)),
        who=_short(whom),
        initials=filters.initials((names(people, "") or who).strip("(")),
        colour=filters.colour(people[0].address if people else ""),
        unread=bool(fresh),
        starred=bool(stars),
        attached=summary.attached,
        time=filters.list_time(when, now),
        iso=when.isoformat(timespec="minutes"),
        subject=_short(summary.subject or _(NO_SUBJECT)),
        snippet=_beginning(summary.snippet or ""),
        star=_picked(summary, stars or uids[:1], look),
        count=len(uids),
        # Translators: read out behind the number of letters in a conversation.
        letters_word=ngettext("message", "messages", len(uids)) if several else "",
        letters=_words(uids) if several else "",
        fresh=_words(fresh) if several else "",
        stars=_words(stars) if several else "",
        current=holds(summary, current),
        labels=labels(summary.flags),
        pinned=summary.pinned,
        woken=summary.woken,
        muted=flags.MUTED in summary.flags,
    )


def _picked(summary: Summary, uids: Iterable[Uid], look: Look) -> str:
    picks = converters.picks_to_text(summary.ref.uidvalidity, uids)
    return picks if look.within is None else f"{converters.mailbox_to_url(look.within)}/{picks}"


def _words(uids: Iterable[Uid]) -> str:
    return " ".join(map(str, uids))


def holds(row: Summary, ref: MessageRef | None) -> bool:
    """Whether the row stands for this message."""
    return ref is not None and (row.ref == ref or (row.talk is not None and _has(row, ref)))


def _has(row: Summary, ref: MessageRef) -> bool:
    same = (row.ref.mailbox, row.ref.uidvalidity) == (ref.mailbox, ref.uidvalidity)
    return same and any(uid == ref.uid for uid, _ in row.letters)


def _short(text: str) -> str:
    """What fits in a row: a subject of 80,000 letters is in the message."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def company(people: Sequence[Address], me: str) -> str:
    """Several people in one line: each by the first name alone."""
    if len(people) < 2:
        return names(people, me)
    return ", ".join(_me() if p.address.lower() == me.lower() else _first(p.label) for p in people)


def _first(label: str) -> str:
    """Of "Dora Doe" the first word; "Doe, Dora" and addresses stay what they are."""
    word = label.split(" ", 1)[0]
    return label if word.endswith((",", ".")) or "@" in label else word


def names(people: Iterable[Address], me: str) -> str:
    """Who, in one line: names where there are some, "me" for the reader's own address."""
    return ", ".join(_me() if p.address.lower() == me.lower() else p.label for p in people)


def _me() -> str:
    # Translators: the reader, among the people of a message.
    return pgettext("a sender", "me")


def _beginning(text: str) -> str:
    return text if len(text) <= _SNIPPET else f"{text[: _SNIPPET - 1].rstrip()}…"
